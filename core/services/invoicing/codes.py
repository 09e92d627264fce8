"""Why an invoicing service's document is as it is. `title`: the service's own name."""

from core.reasons import N_, ReasonCode


class InvoicingCode(ReasonCode):
    """What several services say in different words, and what only one does."""

    NO_NUMBER = (
        "invoicing_no_number",
        N_("It answered well, but without the storno's series and number."),
    )
    OWN_NUMBER = (
        "invoicing_own_number",
        N_("It answered with the invoice's own number instead of a storno's."),
    )
    REFUSED_AND_NAMED = (
        "invoicing_refused_and_named",
        N_("It refused, and named {series} {number} as the storno all the same."),
    )
    NOT_BY_ORDER = "invoicing_not_by_order", N_("{title} cannot be searched by order.")
    CANNOT_BE_ASKED = (
        "invoicing_cannot_be_asked",
        N_("{title} cannot be asked whether an invoice is reversed. Look at the invoice there."),
    )
    IS_STORNO = "invoicing_is_storno", N_("{series} {number} is itself a storno.")
    IS_ANNULLED = "invoicing_is_annulled", N_("{title}: {series} {number} is annulled.")
    MAYBE_STORNO = (
        "invoicing_maybe_storno",
        N_("{title} has a storno that may be of {series} {number}."),
    )
    REVERSED_NOT_TOLD = (
        "invoicing_reversed_not_told",
        N_("{title}'s list does not tell whether the invoice is reversed."),
    )
    FILING_NOT_TOLD = (
        "invoicing_filing_not_told",
        N_("{title}'s list does not tell whether the document was sent to e-Factura."),
    )
    ANNULLED_NOT_TOLD = (
        "invoicing_annulled_not_told",
        N_("{title}'s list does not tell whether the invoice is annulled."),
    )
    REST_NOT_TOLD = (
        "invoicing_rest_not_told",
        N_("{title}'s answer does not tell what is left of the invoice."),
    )
    UNKNOWN_STATUS = "invoicing_unknown_status", N_("{title} tells an unknown status: {value}.")
    HAS_STATUS = "invoicing_has_status", N_("{title}: the invoice is {status}.")
    NOT_OF_LAST_YEAR = (
        "invoicing_not_of_last_year",
        N_("{title} lists no invoice {series} {number} of the last year."),
    )
    NONE = "invoicing_none", N_("{title} has no invoice {series} {number}.")
    SEVERAL = "invoicing_several", N_("{title} has several {series} {number}.")
    TOO_MANY = "invoicing_too_many", N_("{title} has too many invoices to look through.")
    TOKEN_EXPIRES = "invoicing_token_expires", N_("{title}'s token is just expiring.")
    AT_WORK = "invoicing_at_work", N_("{title}: another call is still at work")
    NOT_VOID = "invoicing_not_void", N_("{title} answered well, but not that it is void.")
    NO_CREDIT_NOTE = (
        "invoicing_no_credit_note",
        N_("{title} answered well, but with no credit note over what was left."),
    )
    PARTLY_CREDITED = (
        "invoicing_partly_credited",
        N_("A part of this invoice is credited already. Look at it in {title}."),
    )
    NOTHING_LEFT = (
        "invoicing_nothing_left",
        N_("There is nothing left to credit, and no credit note."),
    )


class InvoicingTest(ReasonCode):
    """What "Test connection" finds at invoicing services."""

    EFACTURA = "test_efactura", N_("File stornos with e-Factura")
    EFACTURA_NOT_TOLD = (
        "test_efactura_not_told",
        N_(
            "{title} does not tell Refuz whether a storno was sent to e-Factura, which has to "
            "happen within five working days. Switch on automatic sending there: {where}."
        ),
    )
    EFACTURA_ASKED = (
        "test_efactura_asked",
        N_(
            "A storno has to be sent to e-Factura within five working days. Refuz asks {title} "
            "each night whether it was. Switch on automatic sending there: {where}."
        ),
    )
    READ_INVOICES = "test_read_invoices", N_("Read invoices at {title}")
    CREDIT_NOTES = "test_credit_notes", N_("Read credit notes")
    NO_CREDIT_NOTES = (
        "test_no_credit_notes",
        N_("The key may not see credit notes. Give it Credit notes, write."),
    )
    RIGHT_SHOWS_LATER = (
        "test_right_shows_later",
        N_("Whether the key may reverse (right facturi:anulare) shows when it does."),
    )
    COMPANY = "test_company", N_("Find the company {vat_code}")
    NO_COMPANY = "test_no_company", N_("The account has no company {vat_code}; it has: {codes}.")
    SERIES = "test_series", N_("Find the series {series}")
    NO_SUCH_SERIES = "test_no_such_series", N_("There is no series {series}; there are: {names}.")
    ANY_SERIES = "test_any_series", N_("Find an invoice series")
    MAKE_SERIES = "test_make_series", N_("Make an invoice series in {title}.")
    NOT_FOR_COMPANY = (
        "test_not_for_company",
        N_("The account does not issue for {vat_code}. Check the VAT code."),
    )
    NEEDS_PLATINUM = "test_needs_platinum", N_("The API needs the plan Facturare Platinum.")
    SMARTBILL_SIGN_IN = (
        "test_smartbill_sign_in",
        N_(
            "SmartBill does not take this e-mail and token for {vat_code}: it answers so to a "
            "wrong VAT code as well. Check the VAT code, then copy the token again."
        ),
    )
    OBLIO_SIGN_IN = (
        "test_oblio_sign_in",
        N_("Oblio does not know this e-mail and API secret. Copy the secret again."),
    )
    FGO_KEY = (
        "test_fgo_key",
        N_("FGO does not know this API key. Make a new one under Settings, Users."),
    )
    FGO_COMPANY = (
        "test_fgo_company",
        N_("The API key is not of the company with this tax code. Check the tax code."),
    )
    FGO_RIGHT = (
        "test_fgo_right",
        N_("The API key lacks the right facturi:citire, or the plan lacks the API."),
    )
    STRIPE_KEY = (
        "test_stripe_key",
        N_("Stripe does not know this key. Copy the secret key again; it begins with sk_."),
    )
