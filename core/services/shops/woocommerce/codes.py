"""Why something at a WooCommerce shop is as it is."""

from core.reasons import N_, ReasonCode


class WooCode(ReasonCode):
    """Why a call ended as it did, or cannot be made."""

    NAMES_NO_KEY = "woo_names_no_key", N_("In the keys of its fields, “{text}” names no key.")
    NO_PAIR = "woo_no_pair", N_("In the keys of its fields, “{text}” is not written as key=value.")
    NO_ENTRY = (
        "woo_no_entry",
        N_(
            "The shop did not let us in: check the consumer key and secret, that the key may read "
            "and write, and that the address begins with https://."
        ),
    )
    NO_RIGHT = (
        "woo_no_right",
        N_("The user of this key may not do it: it takes a shop manager."),
    )
    NO_ROUTE = (
        "woo_no_route",
        N_(
            "There is no WooCommerce at this address: check it, and that the plug-in is switched "
            "on."
        ),
    )
    NO_JSON = (
        "woo_no_json",
        N_(
            "The shop answered with a page instead of data: look whether Settings, Permalinks is "
            "“Plain”, or something before the shop keeps us out."
        ),
    )
    NOT_TAKEN = "woo_not_taken", N_("WooCommerce does not take the request ({code}).")
    NOT_CANCELLED = (
        "woo_not_cancelled",
        N_("The shop's answer does not show this order cancelled."),
    )
    NO_CALL = "woo_no_call", N_("WooCommerce has no call for it.")
    SET_BACK = "woo_set_back", N_("Somebody has set the order back since.")
    NO_ORDER = "woo_no_order", N_("This is no order of WooCommerce.")
    NO_MARK = "woo_no_mark", N_("The shop's answer does not carry our mark.")
    HTTPS_ONLY = "woo_https_only", N_("Give an address that begins with https://.")
    SECRET_FIRST = "woo_secret_first", N_("Type in the webhook secret first, and save.")
    MESSAGE_SECRET_FIRST = (
        "woo_message_secret_first",
        N_(
            "Type in the webhook secret and save first: without it nobody can tell whether a "
            "message is really the shop's."
        ),
    )


class WooTest(ReasonCode):
    """What "Test connection" tries and finds."""

    SIGN_IN = "test_woo_sign_in", N_("Sign in to {name}{version}")
    PLAIN = (
        "test_woo_plain",
        N_("WooCommerce is not switched on there, or its addresses are plain: see Permalinks."),
    )
    READ_ORDERS = "test_woo_read_orders", N_("Read orders")
    CANCEL = "test_woo_cancel", N_("Cancel orders")
    NEEDS_MANAGER = (
        "test_woo_needs_manager",
        N_("{why} The key must be of a shop manager, with “Read/Write”."),
    )
    TRACKING = "test_woo_tracking", N_("See tracking numbers")
    TRACKING_HIDDEN = (
        "test_woo_tracking_hidden",
        N_("The plug-in of {names} keeps its numbers where they cannot be read. {advice}"),
    )
    IMPORT_REPORT = (
        "test_woo_import_report",
        N_("Import the courier's report instead, or write the number into a field of the order."),
    )
    HAVE_ONE = "test_woo_have_one", N_("{shown} of the last {rows} orders have one.")
    NONE_HAS_ONE = (
        "test_woo_none_has_one",
        N_(
            "None of the last {rows} orders has one in a field that is known. Name the field of "
            "your courier's plug-in in “Fields with tracking numbers”; a plug-in may also keep its "
            "numbers where they cannot be read. {advice}"
        ),
    )
    STORAGE = "test_woo_storage", N_("Order storage")
    STORAGE_NOT_TOLD = (
        "test_woo_storage_not_told",
        N_("The shop does not tell how it keeps its orders."),
    )
    STORAGE_BOTH = (
        "test_woo_storage_both",
        N_(
            "Compatibility mode is on: fields that old plug-ins write into the old storage are not "
            "seen here, and are lost whenever the order is saved through the interface. Update "
            "these plug-ins and switch the mode off."
        ),
    )
    STORAGE_NEW = (
        "test_woo_storage_new",
        N_("Fields that old plug-ins write into the old storage are not seen here."),
    )
    MAIL = "test_woo_mail", N_("Mail to the customer")
    MAIL_GOES = (
        "test_woo_mail_goes",
        N_("The shop mails the customer of a cancelled order; it cannot be chosen per order."),
    )
    WEBHOOKS = "test_woo_webhooks", N_("Webhooks")
    WEBHOOKS_OFF = (
        "test_woo_webhooks_off",
        N_(
            "The shop has switched off {off} after failures. Subscribe again; until then changes "
            "are seen by asking only."
        ),
    )
