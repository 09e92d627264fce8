"""The values of state columns, in one place for tables, queries and rooms."""

from enum import StrEnum


class FilingState(StrEnum):
    """Of a storno on its way to RO e-Factura, as a service or a person tells it."""

    WAITING = "waiting"
    REFUSED = "refused"
    FILED = "filed"
    SEEN_TO = "seen_to"  # by a person


class RunState(StrEnum):
    """Of one press of the button."""

    RUNNING = "running"
    PAUSED = "paused"
    STOPPED = "stopped"
    FINISHED = "finished"


UNDER_WAY = (RunState.RUNNING, RunState.PAUSED)


class ReversalState(StrEnum):
    """Of everything done about one order."""

    QUEUED = "queued"
    WORKING = "working"
    WAITING = "waiting"
    NEEDS_PERSON = "needs_person"
    DONE = "done"
    STOPPED = "stopped"


OPEN_REVERSALS = (ReversalState.QUEUED, ReversalState.WORKING, ReversalState.WAITING)


class EffectState(StrEnum):
    """Of one irreversible call; the changes are drawn in `core.reversal.effects.ledger`."""

    PLANNED = "planned"
    SENT = "sent"
    UNKNOWN = "unknown"
    CONFIRMED = "confirmed"
    REFUSED = "refused"
    HELD = "held"


class EffectOutcome(StrEnum):
    """What the newest sending of an effect, or question about it, came to.

    Of a refusal the column holds its `core.services.outcome.Refusal`, where it has one.
    """

    CONFIRMED = "confirmed"
    DONE_BEFORE = "done_before"  # asked, or told by the service: it existed, nothing was sent
    FOUND = "found_by_asking"
    ACCEPTED = "accepted"  # begun at the service, not seen done yet
    ASKING = "asking"
    ABSENT = "absent"  # asked: it does not exist
    CANNOT_TELL = "cannot_tell"
    NOT_SENT = "not_sent"
    REFUSED = "refused"
    REFUSED_FOR_NOW = "refused_for_now"
    FAILED = "failed"
    UNKNOWN = "unknown"
    PAUSED = "paused"
    # what people did
    TRIED_AGAIN = "tried_again"
    ASKED_AGAIN = "asked_again"
    SEEN = "seen_by_a_person"
    SEEN_ABSENT = "seen_not_to_exist"
    FULFILLMENTS_CANCELLED = "fulfillments_cancelled"  # what stood in the way of a cancel


class EffectKind(StrEnum):
    """What the call does."""

    CANCEL = "cancel"
    STORNO = "storno"
    ANNUL = "annul"
    FULFILLMENT_CANCEL = "fulfillment_cancel"
    TAG = "tag"
    RESTOCK = "restock"  # what a cancel has left of the stock, put back afterwards


class EffectSlot(StrEnum):
    """Of a target only one effect in a slot ever exists: a storno or an annulment, never both."""

    CANCEL = "cancel"
    DOCUMENT = "document"
    FULFILLMENT = "fulfillment"
    TAG = "tag"
    STOCK = "stock"


class Document(StrEnum):
    """What becomes of an order's invoices."""

    STORNO = "storno"
    ANNUL = "annul"
    NONE = "none"


class BoxState(StrEnum):
    """Of a box that no code led to an order."""

    WAITING = "waiting"  # its print is still to be read
    OPEN = "open"  # a person looks, and each sync looks again
    FOUND = "found"
    DISMISSED = "dismissed"  # a person said that it is no parcel of the shop


class MatchOutcome(StrEnum):
    """Whether a code found its order."""

    MATCHED = "matched"
    AMBIGUOUS = "ambiguous"
    UNMATCHED = "unmatched"


class ScanVerdict(StrEnum):
    """What a scan is in its pile."""

    MATCHED = "matched"
    SEEN = "seen"
    DONE = "done"
    CANCELLED = "cancelled"
    DELIVERED = "delivered"
    NOT_SHIPPED = "not_shipped"
    OTHER_PILE = "other_pile"
    AMBIGUOUS = "ambiguous"
    UNKNOWN = "unknown"
    NOT_TRACKING = "not_tracking"
    UNSURE = "unsure"
