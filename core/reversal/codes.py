"""Why a reversal, an effect or a run stands where it does; the sentences: `core.i18n.sentences`."""

from core.reasons import N_, ReasonCode


class ReversalCode(ReasonCode):
    """Of a reversal and of its run. Parameters stand behind each."""

    BY_HAND = "by_hand"  # note: a person's words
    RUN_STOPPED = "stopped_with_run"
    BACKUP_RESTORED = "paused_by_restore"
    DISK_FULL = "disk_full"
    KEY_LOST = "key_lost"  # file
    NOT_WRITABLE = "not_writable"
    WRITTEN_AT_ONCE = "written_at_once"
    OWN_ERROR = "own_error"  # reference: of the log line
    LATE_INVOICE = "late_invoice"
    NOT_CANCELLED_ANY_MORE = "not_cancelled_any_more"
    ORDER_UNREADABLE = "order_unreadable"  # why
    INVOICES_UNREADABLE = "invoices_unreadable"  # why
    NOT_CONNECTED = "service_is_not_connected", N_("It is not connected.")
    SWITCHED_OFF = "service_is_switched_off", N_("It is switched off.")
    ANSWER_UNREADABLE = "shop_answer_unreadable", N_("The shop's answer could not be read.")
    STOCK_NOT_SHOWN = (
        "shop_stock_not_shown",
        N_("The shop does not show the stock as put back."),
    )
    TOO_LONG = (
        "took_too_long",
        N_("This took too long to get ready, so it was not sent."),
    )
    SERVICE_NOT_CONNECTED = "service_not_connected"  # invoice, service


class EffectCode(ReasonCode):
    """Of one effect."""

    DONE_BEFORE = "effect_done_before"
    TAKES_LONG = "takes_long"
    SHOP_CANCELLING = "shop_cancelling"
    SHOP_ACCEPTED = "shop_accepted"
    PROGRAM_STOPPED = "program_stopped"
    SENT_AGAIN = "sent_again"
    CANNOT_BE_ASKED = "cannot_be_asked_whether"
    IN_DOUBT = "in_doubt"  # why
    CANNOT_TELL = "cannot_tell"  # why
    ASKED_IN_VAIN = "asked_in_vain"  # why, count
    SET_BACK = "set_back"
    CONTRADICTS_ITSELF = "contradicts_itself"
    NO_EVIDENCE = (
        "effect_without_evidence",
        N_("The service says that it is done, but its answer shows nothing."),
    )


class RunCode(ReasonCode):
    """Why a run, an answer or a pass does not go on."""

    ORDER_GONE = "run_order_gone", N_("This order is gone.")
    BEGUN = "run_begun", N_("These orders are being processed already, or are done.")
    CHANGED = (
        "run_changed",
        N_("What would be done has changed since it was shown: look at the orders again."),
    )
    NOTHING = (
        "run_nothing",
        N_(
            "No parcel in this pile can be processed. Scan parcels, or look at the reasons "
            "beside the ones that are held."
        ),
    )
    NO_STORNO_NUMBER = (
        "run_no_storno_number",
        N_("Type the number of the storno as it stands on the document."),
    )
    SETTLED = "run_settled", N_("This has been settled in the meantime; look at the list again.")
    SAY_FIRST = "run_say_first", N_("First say whether it exists: nothing may be sent twice.")
    WHY_BY_HAND = "run_why_by_hand", N_("Write in a few words why this is done by hand.")
