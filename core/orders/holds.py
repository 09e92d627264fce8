"""Why a person must decide before an order is cancelled, as its shop shows it."""

from core.reasons import ReasonCode
from core.services.ports import Hold


class HoldCode(ReasonCode):
    """Sentences: `core.i18n.sentences.holds`."""

    IN_TRASH = "held_in_trash"
    DRAFT = "held_draft"
    PARTLY_REFUNDED = "held_partly_refunded"
    PREPAID = "held_prepaid"


HELD: dict[Hold, HoldCode] = {
    "in_trash": HoldCode.IN_TRASH,
    "draft": HoldCode.DRAFT,
    "partly_refunded": HoldCode.PARTLY_REFUNDED,
    "prepaid": HoldCode.PREPAID,
}
