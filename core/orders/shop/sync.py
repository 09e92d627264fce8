"""Follows a shop: everything at first, then what changed, from a saved place with overlap."""

import datetime as dt
import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import structlog
from sqlalchemy import Connection as DbConnection
from sqlalchemy import select

from core import logs
from core.audit import alarms
from core.clock import now
from core.orders.shop import ways_of_paying
from core.orders.shop.change_filter import known_orders
from core.orders.shop.upsert import BATCH, upsert_orders
from core.reasons import N_, Reason, ReasonCode
from core.rights import Right, door, named
from core.services import registry
from core.services.http.failures import CannotRead
from core.services.ports import Changes, Shop, ShopOrder
from core.settings.connections import ALARMS, Connection
from core.store import db
from core.store.statements import cursors
from core.store.tables import connections, orders, reversals

log = structlog.get_logger(__name__)

OVERLAP = dt.timedelta(minutes=5)  # orders that were being written while we read
# The first load starts by our clock, the changes are told by the shop's: room for a wrong one.
CLOCKS_APART = dt.timedelta(hours=1)
ALARM, ACTOR = ALARMS["shop"], "sync"
BEGINNING = dt.datetime(2004, 1, 1, tzinfo=dt.UTC)
Take = Callable[[Sequence[int]], object]  # orders that somebody cancelled at the shop


class ShopCode(ReasonCode):
    """Why a shop is not followed well."""

    SHOP_UNREADABLE = "shop_unreadable"  # shop, why
    SHOP_SHOWS_NO_PARCELS = "shop_shows_no_parcels"  # shop
    NO_MESSAGES = "shop_sends_no_messages", N_("This shop sends no messages.")


@dataclass(frozen=True)
class SyncResult:
    """What one round brought: orders taken in, and those cancelled at the shop by somebody.

    `external_cancellations` are ids of our orders that are cancelled without a reversal of ours.
    `blind` counts shipped orders whose parcels the shop does not show. `failed` is None when the
    round came to its end; otherwise what was read so far is kept, and the next goes on from there.
    """

    orders: int = 0
    external_cancellations: list[int] = field(default_factory=list)
    failed: Reason | None = None
    blind: int = 0


def _leave(_order_ids: Sequence[int]) -> None:
    """Whoever asked looks at the result."""


@door(Right.IMPORT)
def sync_shop(connection: Connection, take: Take = _leave) -> SyncResult:
    """Take in everything at first, later what changed since the last round.

    `take` gets the orders cancelled by somebody at the shop, part by part, before the place moves
    on behind them: a round that ends there hands them on again. What it raises comes out here. A
    round that failed raises an alarm, which the next one that comes to its end clears.
    """
    result = _sync(connection, take)
    trouble = _trouble(connection, result)
    with named(ACTOR), db.writing() as db_connection:
        ways_of_paying.look(db_connection, connection, fresh=bool(result.orders))
        if trouble:
            alarms.ring(db_connection, ALARM, subject(connection), trouble)
        elif not _is_blind(db_connection, connection):
            alarms.settle(db_connection, ALARM, subject(connection))
        elif result.orders:  # a quiet round would say nothing about it
            alarms.settle(db_connection, ALARM, subject(connection))
            # Everything is read again: what came in before has no parcels.
            _save(db_connection, connection.id, BEGINNING)
    return result


def _trouble(connection: Connection, result: SyncResult) -> Reason | None:
    """What must not stay unseen about a round; None when all is well."""
    if result.failed:
        why = result.failed
        return Reason.of(ShopCode.SHOP_UNREADABLE, shop=connection.id, why=why)
    if result.blind:
        return Reason.of(ShopCode.SHOP_SHOWS_NO_PARCELS, shop=connection.id)
    return None


def _is_blind(db_connection: DbConnection, connection: Connection) -> bool:
    open_now = alarms.reason_of(db_connection, ALARM, subject(connection))
    return open_now is not None and open_now.code == ShopCode.SHOP_SHOWS_NO_PARCELS


def subject(connection: Connection) -> str:
    """How the alarm about this shop is named."""
    return f"shop {connection.name}"


def _sync(connection: Connection, take: Take) -> SyncResult:
    try:
        shop = registry.shop(connection)
    except (registry.UnknownService, registry.WrongSetting) as error:
        log.warning("a shop cannot be followed", shop=connection.id, why=logs.what(error))
        return SyncResult(failed=error.reason)
    place = _place(connection.id)
    if place is None:
        return _first_load(connection, shop, take)
    changes = shop.changed_orders(
        place - OVERLAP, lambda stamps: known_orders(connection.id, stamps)
    )
    return _take_in(connection, changes, place, take)


def _first_load(connection: Connection, shop: Shop, take: Take) -> SyncResult:
    """In bulk. When it breaks off the next round reads page by page, and can be interrupted."""
    began = now()
    with db.writing() as db_connection:
        _save(db_connection, connection.id, BEGINNING)
    result = _take_in(connection, _batches(shop.all_orders()), None, take)
    if not result.failed:
        with db.writing() as db_connection:
            _save(db_connection, connection.id, began - CLOCKS_APART)
    return result


def _batches(found: Iterator[ShopOrder]) -> Iterator[Changes]:
    """Everything, in parts that fit one transaction; what could be read comes before an error."""
    failed: CannotRead | None = None
    while failed is None:
        batch: list[ShopOrder] = []
        try:
            for order in itertools.islice(found, BATCH):
                batch.append(order)  # noqa: PERF402 (what came before an error is kept)
        except CannotRead as error:
            failed = error
        if not batch:
            break
        yield Changes(tuple(order.gid for order in batch), tuple(batch), BEGINNING)
    if failed is not None:
        raise failed


def _take_in(
    connection: Connection,
    found: Iterator[Changes],
    place: dt.datetime | None,
    take: Take,
) -> SyncResult:
    """Write what comes, part by part; `place` (None: not in order) moves on with each."""
    failed: Reason | None = None
    count, blind, cancelled = 0, 0, set[int]()
    try:
        for part in found:
            with db.writing() as db_connection:
                upsert_orders(db_connection, connection.id, part.orders)
                by_hand = _by_hand(db_connection, connection.id, part.gids)
            if by_hand:
                cancelled.update(by_hand)
                take(by_hand)
            if place is not None:
                place = max(place, part.until)
                with db.writing() as db_connection:
                    _save(db_connection, connection.id, place)
            count += len(part.orders)
            blind += sum(order.parcels is None for order in part.orders)
    except CannotRead as error:
        failed = error.outcome.why
        log.warning("sync ended early", shop=connection.id, why=failed)
    return SyncResult(count, sorted(cancelled), failed, blind)


def _by_hand(db_connection: DbConnection, shop_id: int, gids: Sequence[str]) -> list[int]:
    """Of these orders, those cancelled since the shop was connected, without a reversal."""
    query = (
        select(orders.c.id)
        .join(connections, connections.c.id == orders.c.shop_id)
        .outerjoin(reversals, reversals.c.order_id == orders.c.id)
        .where(
            orders.c.shop_id == shop_id,
            orders.c.gid.in_(gids),
            orders.c.cancelled_at >= connections.c.created_at,
            reversals.c.id.is_(None),
        )
    )
    return list(db_connection.scalars(query))


# ---------------------------------------------------------------- the saved place


def _place(shop_id: int) -> dt.datetime | None:
    with db.reading() as db_connection:
        saved = cursors.load(db_connection, cursors.shop_changes(shop_id))
    return dt.datetime.fromisoformat(saved["since"]) if saved else None


def _save(db_connection: DbConnection, shop_id: int, place: dt.datetime) -> None:
    cursors.save(db_connection, cursors.shop_changes(shop_id), {"since": place.isoformat()})
