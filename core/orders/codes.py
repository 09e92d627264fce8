"""Why something about a pile is not done."""

from core.reasons import N_, NN_, ReasonCode


class PileCode(ReasonCode):
    """Why something about a pile is not done."""

    NO_CHOICE = "pile_no_choice", N_("There is no choice named {names}.")
    NO_REASON = "pile_no_reason", N_("Choose one of the shop's reasons.")
    NO_DOCUMENT = (
        "pile_no_document",
        N_("An invoice is reversed by storno, annulled, or left alone."),
    )
    NOTE_TOO_LONG = "pile_note_too_long", N_("The staff note is too long: 255 characters at most.")
    NO_CONDITION = "pile_no_condition", N_("Choose one of the conditions.")
    WHY_ALL_THE_SAME = (
        "pile_why_all_the_same",
        N_("Write in a few words why this goes on all the same."),
    )
    CANNOT_WAIVE = "pile_cannot_waive", N_("This cannot be gone against: see what helps beside it.")
    SCAN_GONE = "pile_scan_gone", N_("This scan or this parcel does not exist any more.")
    SCAN_LINKED = (
        "pile_scan_linked",
        N_("Somebody else gave this label another order meanwhile. Look again."),
    )
    NO_NAME = "pile_no_name", N_("Give the pile a name, for example the day or the courier.")
    NOT_MADE = "pile_not_made", N_("The pile could not be made.")
    EMPTY_CODE = "pile_empty_code", N_("This code is empty. Scan the parcel again.")
    GONE = "pile_gone", N_("This pile does not exist any more. Choose another one.")


class PlanCode(ReasonCode):
    """What a run will do about an order; `count`: invoices."""

    STEPS = "plan_steps", "{steps}"
    CANCEL = "plan_cancel", N_("Cancel")
    RESTOCK = "plan_restock", N_("restock")
    LEAVE_INVOICE = "plan_leave_invoice", N_("leave the invoice")
    NO_INVOICE = "plan_no_invoice", N_("no invoice known")
    REVERSE = "plan_reverse", NN_("reverse the invoice", "reverse {count} invoices")
    ANNUL = "plan_annul", NN_("annul the invoice", "annul {count} invoices")
