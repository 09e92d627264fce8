"""Why a reversal, an effect or a run stands where it does; the sentences: `core.i18n.sentences`."""

from core.reasons import Code, Reason, of_service


class ReversalCode(Code):
    """Of a reversal and of its run. Parameters stand behind each."""

    BY_HAND = "by_hand"  # note: a person's words
    RUN_STOPPED = "stopped_with_run"
    BACKUP_RESTORED = "paused_by_restore"
    DISK_FULL = "disk_full"
    KEY_LOST = "key_lost"  # file
    NOT_WRITABLE = "not_writable"
    WRITTEN_AT_ONCE = "written_at_once"
    OWN_ERROR = "own_error"  # kind and text of the exception
    LATE_INVOICE = "late_invoice"
    NOT_CANCELLED_ANY_MORE = "not_cancelled_any_more"
    ORDER_UNREADABLE = "order_unreadable"  # why
    INVOICES_UNREADABLE = "invoices_unreadable"  # why
    SERVICE_NOT_CONNECTED = "service_not_connected"  # invoice, service


class EffectCode(Code):
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


def of_refusal(why: str, code: str) -> Reason | None:
    """A refusal's words; one without words is known by its code, where that is ours."""
    known = code in EffectCode.__members__.values()
    return of_service(why) or (Reason(code) if known else None)
