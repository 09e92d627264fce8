"""What a station can be told without a mouse: by one key, or by a barcode of the printed sheet.

A command is about the scan it was read behind, named by that scan's own key, else about the order
whose verdict the station shows; never about "the newest": between a command's reading and its
arrival another parcel may have been scanned by somebody else. A station sends a command again when
its answer is lost, so each does the same twice as once.
"""

from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import select

from core.audit import approvals
from core.audit.approvals import WaitsForAnother
from core.clock import now
from core.errors import UserError
from core.orders.piles import edits, piles
from core.reasons import Reason, ReasonCode
from core.reversal.runs import runs
from core.reversal.runs.asking import HeldByJudge
from core.rights import actor
from core.settings import preferences
from core.store import db
from core.store.states import OPEN_REVERSALS, ReversalState
from core.store.tables import orders, pile_orders, reversals, scans
from core.store.tables import piles as pile_table


class Command(StrEnum):
    """Each command; its value is what routes take."""

    RESTOCK = "restock"
    NO_RESTOCK = "no_restock"
    OPENED = "opened"
    DAMAGED = "damaged"
    MISSING_ITEMS = "missing_items"
    UNDO = "undo"
    NEW_PILE = "new_pile"
    PRINT_LABEL = "print_label"  # the station prints; nothing is stored


CONDITIONS = {
    Command.OPENED: "opened",
    Command.DAMAGED: "damaged",
    Command.MISSING_ITEMS: "missing items",
}

# Letters that stand in the same place on QWERTY, QWERTZ and AZERTY, then as many digits: what a
# scanner set for another keyboard types is put right by the same rule as a tracking number.
BARCODES = {
    Command.RESTOCK: "DESK9001",
    Command.NO_RESTOCK: "DESK9002",
    Command.OPENED: "DESK9011",
    Command.DAMAGED: "DESK9012",
    Command.MISSING_ITEMS: "DESK9013",
    Command.UNDO: "DESK9021",
    Command.NEW_PILE: "DESK9022",
    Command.PRINT_LABEL: "DESK9023",
}


class CommandCode(ReasonCode):
    """What came of a command."""

    CANCELLING = "command_cancelling"  # order
    CANCELLING_RESTOCKED = "command_cancelling_restocked"  # order
    CONDITION_KEPT = "command_condition_kept"  # order, condition
    TAKEN_BACK = "command_taken_back"  # number
    NOTHING_TO_UNDO = "command_nothing_to_undo"
    PILE_BEGUN = "command_pile_begun"  # pile
    NO_PARCEL = "command_no_parcel"


class ConditionCode(ReasonCode):
    """How a parcel came back, in a word."""

    OPENED = "condition_opened"
    DAMAGED = "condition_damaged"
    MISSING_ITEMS = "condition_missing_items"


@dataclass(frozen=True)
class CommandResult:
    """What to say of it, whether it was done, and the pile to go on with."""

    why: Reason
    done: bool
    pile_id: int


def obey(
    command: Command, pile_id: int, order_id: int | None, *, scan_key: str = "", key: str = ""
) -> CommandResult:
    """Do one command about one order of a pile. A refusal is an Outcome too, with its reason.

    `scan_key`: the scan whose order is meant, instead of `order_id`; `key`: the command's own.
    """
    try:
        if command is Command.UNDO:
            return _undo(pile_id, key)
        if command is Command.NEW_PILE:
            return _new_pile()
        if scan_key:
            order_id = _order_of(pile_id, scan_key)
        name = _name_in_pile(pile_id, order_id)
        if order_id is None or name is None:
            return CommandResult(Reason.of(CommandCode.NO_PARCEL), False, pile_id)
        if command in CONDITIONS:
            return _condition(command, pile_id, order_id, name)
        return _cancel(command, pile_id, order_id, name)
    except HeldByJudge as held:  # the reason itself, so that it is told in the reader's language
        return CommandResult(held.reason, False, pile_id)
    except WaitsForAnother as waits:
        approvals.ask(waits)
        return CommandResult(waits.reason, False, pile_id)
    except UserError as refused:
        return CommandResult(refused.reason, False, pile_id)


def _order_of(pile_id: int, scan_key: str) -> int | None:
    """The order of this scan of the pile; None where it has none, or was taken back."""
    query = select(scans.c.order_id).where(
        scans.c.pile_id == pile_id, scans.c.key == scan_key[:80], scans.c.undone_at.is_(None)
    )
    with db.reading() as connection:
        return connection.scalar(query)


def _name_in_pile(pile_id: int, order_id: int | None) -> str | None:
    """The order's name where it is in the pile now."""
    query = (
        select(orders.c.name)
        .join(pile_orders, pile_orders.c.order_id == orders.c.id)
        .where(pile_orders.c.pile_id == pile_id, orders.c.id == order_id)
        .where(pile_orders.c.removed_at.is_(None))
    )
    with db.reading() as connection:
        return connection.scalar(query)


def _cancel(command: Command, pile_id: int, order_id: int, name: str) -> CommandResult:
    restock = command is Command.RESTOCK
    try:
        runs.reverse_order(order_id, restock=restock, pile_id=pile_id)
    except runs.NothingToRun:
        if not _asked_before(order_id, restock=restock):
            raise
    code = CommandCode.CANCELLING_RESTOCKED if restock else CommandCode.CANCELLING
    return CommandResult(Reason.of(code, order=name), True, pile_id)


def _asked_before(order_id: int, *, restock: bool) -> bool:
    """Whether this person asked for just this already, and it goes on or is done."""
    query = select(reversals.c.requested_by, reversals.c.options).where(
        reversals.c.order_id == order_id,
        reversals.c.state.in_((*OPEN_REVERSALS, ReversalState.DONE)),
    )
    with db.reading() as connection:
        row = connection.execute(query).one_or_none()
    return (
        row is not None
        and row.requested_by == actor().name
        and row.options.get("restock") is restock
    )


def _condition(command: Command, pile_id: int, order_id: int, name: str) -> CommandResult:
    edits.set_options(pile_id, [order_id], condition=CONDITIONS[command])
    kept = ConditionCode[command.name]
    return CommandResult(
        Reason.of(CommandCode.CONDITION_KEPT, order=name, condition=kept), True, pile_id
    )


def _undo(pile_id: int, key: str) -> CommandResult:
    code = edits.undo_last_scan(pile_id, key=key)
    if code is None:
        return CommandResult(Reason.of(CommandCode.NOTHING_TO_UNDO), False, pile_id)
    return CommandResult(Reason.of(CommandCode.TAKEN_BACK, number=code), True, pile_id)


def _new_pile() -> CommandResult:
    """A pile of its own for what comes next, named by its minute where the seller is: nobody types
    a name here."""
    with db.reading() as connection:
        name = f"{now().astimezone(preferences.load(connection).zone):%d.%m.%Y %H:%M}"
        same = select(pile_table.c.id).where(
            pile_table.c.name == name,
            pile_table.c.created_by == actor().name,
            pile_table.c.closed_at.is_(None),
        )
        made = connection.scalar(same)
    made = made or piles.create(name)
    return CommandResult(Reason.of(CommandCode.PILE_BEGUN, pile=name), True, made)
