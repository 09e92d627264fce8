"""Keeps what couriers tell of parcels: asks them on a schedule, and learns return numbers.

A courier's status is a hint: it fills columns that people and insight read, and cancels nothing.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Row, and_, or_, select, update
from sqlalchemy import Connection as DbConnection

from core.audit import alarms, trail
from core.audit.actions import Action
from core.clock import day, today
from core.labels import normalise, number_variants
from core.labels.reading import couriers as label_rules
from core.orders.aliases import learn
from core.orders.shop.parcels import SEEN
from core.reasons import Reason, ReasonCode
from core.rights import named
from core.services import registry
from core.services.outcome import Confirmed, RefusedForNow
from core.services.ports import CourierEvent, ParcelStatus
from core.settings import preferences
from core.settings.connections import ALARMS, Connection
from core.store import db
from core.store.statements import cursors
from core.store.tables import parcels

ALARM = ALARMS["courier"]
BATCH = 50  # parcels asked about between two writes
ASK_FOR_DAYS = 120  # a parcel shipped longer ago is not asked about any more

OUTCOMES: dict[ParcelStatus, str] = {
    "delivered": "delivered",
    "refused": "refused",
    "returning": "refused",
    "returned": "refused",
    "lost": "lost",
}
# What may still change after its outcome is known: a refused parcel may be delivered after all.
STILL_MOVING = ("refused", "returning")
SHORTEST = 8  # characters of a number that is looked for inside longer ones
MOST_ADDED = 16  # what a label's code has more than its number: DPD's service and country


class CourierCode(ReasonCode):
    """Why a courier is not followed well."""

    COURIER_UNREADABLE = "courier_unreadable"  # courier, why


@dataclass(frozen=True)
class PollReport:
    """What one round of asking a courier brought; `failed` is None when every answer came."""

    asked: int = 0
    changed: int = 0
    learnt: int = 0
    failed: Reason | None = None


@dataclass(frozen=True)
class EventsTaken:
    """What became of some events once they were written down."""

    changes: list[dict[str, object]] = field(default_factory=list)
    learnt: int = 0
    unknown: list[str] = field(default_factory=list)  # numbers that no parcel has


def poll_parcels(connection: Connection, limit: int = 200) -> PollReport:
    """Ask a courier about up to `limit` parcels that are under way; the next call goes on after.

    No transaction is open while the courier answers. Audited as one row a batch that changed
    anything, with the actor being the courier. A courier that cannot be read raises an alarm,
    which the next round that comes to its end clears; one that asks us to wait does not.
    """
    try:
        courier = registry.courier(connection)
    except (registry.UnknownService, registry.WrongSetting) as error:
        return _report(connection, PollReport(failed=error.reason))
    couriers = tuple(registry.info(connection.service).tracks)
    due = _due(connection, couriers, limit)
    asked = changed = learnt = 0
    for start in range(0, len(due), BATCH):
        batch = due[start : start + BATCH]
        with db.reading() as db_connection:
            asked_as = _variants(db_connection, batch)
        answer = courier.events(list(dict.fromkeys(one for ways in asked_as for one in ways)))
        if isinstance(answer, RefusedForNow):
            return PollReport(asked, changed, learnt, answer.why)
        if not isinstance(answer, Confirmed):
            return _report(connection, PollReport(asked, changed, learnt, answer.why))
        with db.writing() as db_connection:
            events = _by_our_numbers(answer.value, asked_as)
            with named(connection.name):
                taken = write_events(db_connection, events, couriers, source="courier")
            _go_on_after(db_connection, connection, batch[-1].id)
        asked += len(batch)
        changed += len(taken.changes)
        learnt += taken.learnt
    return _report(connection, PollReport(asked, changed, learnt))


def subject(connection: Connection) -> str:
    """How the alarm about this courier is named."""
    return f"courier {connection.name}"


def _report(connection: Connection, report: PollReport) -> PollReport:
    with named(connection.name), db.writing() as db_connection:
        if report.failed:
            why = report.failed
            reason = Reason.of(CourierCode.COURIER_UNREADABLE, courier=connection.name, why=why)
            alarms.ring(db_connection, ALARM, subject(connection), reason)
        elif report.asked:
            alarms.settle(db_connection, ALARM, subject(connection))
    return report


def _due(connection: Connection, couriers: Sequence[str], limit: int) -> list[Row[Any]]:
    """The next parcels under way after the last one asked about; after the last, the first."""
    with db.reading() as db_connection:
        after = cursors.load(db_connection, cursors.tracking(connection.id))
        last = int(after["after"]) if isinstance(after, dict) else 0
        found = _under_way(db_connection, couriers, limit, parcels.c.id > last)
        if len(found) < limit:
            found += _under_way(db_connection, couriers, limit - len(found), parcels.c.id <= last)
    return found


def _under_way(
    db_connection: DbConnection, couriers: Sequence[str], limit: int, where: Any
) -> list[Row[Any]]:
    oldest = today(dt.UTC) - dt.timedelta(days=ASK_FOR_DAYS)
    query = (
        select(parcels.c.id, parcels.c.order_id, parcels.c.tracking_key, parcels.c.courier)
        .where(
            where,
            parcels.c.courier.in_(couriers),
            parcels.c.scanned_on.is_(None),
            or_(parcels.c.shipped_on.is_(None), parcels.c.shipped_on >= oldest),
            or_(parcels.c.outcome.is_(None), parcels.c.status.in_(STILL_MOVING)),
        )
        .order_by(parcels.c.id)
        .limit(limit)
    )
    return list(db_connection.execute(query))


def _variants(db_connection: DbConnection, batch: Iterable[Row[Any]]) -> list[list[str]]:
    """For each parcel the numbers to ask for: ours first, then as its courier counts.

    A shorter number that is another order's own is not asked about for this one.
    """
    ways = [(row, number_variants(row.tracking_key, row.courier)) for row in batch]
    shorter = sorted({one for _, found in ways for one in found[1:]})
    query = select(parcels.c.tracking_key, parcels.c.order_id)
    owners: dict[str, set[int]] = {}
    for key, order_id in db_connection.execute(query.where(parcels.c.tracking_key.in_(shorter))):
        owners.setdefault(key, set()).add(order_id)
    return [
        [one for one in found if one == found[0] or owners.get(one, set()) <= {row.order_id}]
        for row, found in ways
    ]


def _by_our_numbers(
    events: Iterable[CourierEvent], asked_as: Iterable[Sequence[str]]
) -> list[CourierEvent]:
    """The events by the numbers that our parcels have, whichever of their variants was known."""
    by_key: dict[str, list[CourierEvent]] = {}
    for event in events:
        by_key.setdefault(normalise(event.tracking), []).append(event)
    found = []
    for ways in asked_as:
        answered = next((way for way in ways if way in by_key), None)
        if answered is not None:
            found += [replace(event, tracking=ways[0]) for event in by_key[answered]]
    return found


def _go_on_after(db_connection: DbConnection, connection: Connection, parcel_id: int) -> None:
    cursors.save(db_connection, cursors.tracking(connection.id), {"after": parcel_id})


def write_events(
    db_connection: DbConnection,
    events: Iterable[CourierEvent],
    couriers: Sequence[str],
    *,
    source: str,
) -> EventsTaken:
    """Write the newest event of each number on the parcels that have it, in the caller's
    transaction.

    `couriers` are the slugs whose parcels are meant; empty means any. A status older than the one
    written already changes nothing. `source` (courier, csv) marks the return numbers learnt. One
    row of the trail tells of all changes.
    """
    zone = preferences.load(db_connection).zone
    changes: list[dict[str, object]] = []
    numbers: list[tuple[str, int]] = []  # a return number, and the parcel's id
    unknown: list[str] = []
    order_ids: set[int] = set()
    for tracking, its_events in _by_number(events).items():
        found = holders(db_connection, tracking, couriers)
        if not found:
            unknown.append(tracking)
        for parcel in found:
            change = _tell_parcel(db_connection, parcel, its_events, zone)
            if change:
                changes.append(change)
                order_ids.add(parcel.order_id)
            named = {event.return_number for event in its_events if event.return_number}
            numbers += [(number, parcel.id) for number in named]
    learnt = sum(learn(db_connection, number, id_, source=source) for number, id_ in numbers)
    if changes:
        trail.record(
            db_connection,
            Action.PARCEL_STATUS,
            f"{len(changes)} parcels",
            {"changes": changes},
            customer=trail.known_by(db_connection, sorted(order_ids)),
        )
    return EventsTaken(changes, learnt, unknown)


def _by_number(events: Iterable[CourierEvent]) -> dict[str, list[CourierEvent]]:
    """The events of each normalised tracking number, oldest first."""
    grouped: dict[str, list[CourierEvent]] = {}
    for event in sorted(events, key=lambda event: event.at):
        grouped.setdefault(normalise(event.tracking), []).append(event)
    return grouped


def holders(db_connection: DbConnection, tracking: str, couriers: Sequence[str]) -> list[Row[Any]]:
    """The parcels with this number: a number on two orders is normal.

    Where none has it, those that have it as the label's longer code, by their courier's rule, or
    whose number is what the rule leaves of this one.
    """
    key = normalise(tracking)
    exact = _holding(db_connection, parcels.c.tracking_key == key, couriers)
    if exact or len(key) < SHORTEST:
        return exact
    # "Z" ends the range of letters and digits in every collation, so that the index serves it.
    longer = parcels.c.tracking_key.between(key, key + "Z" * MOST_ADDED)
    found = _holding(db_connection, longer, couriers)
    fitting = [row for row in found if key in number_variants(row.tracking_key, row.courier)]
    slugs = couriers or tuple(label_rules())
    shorter = {way for slug in slugs for way in number_variants(key, slug)[1:]}
    found = _holding(db_connection, parcels.c.tracking_key.in_(sorted(shorter)), couriers)
    return fitting + [row for row in found if row.tracking_key in number_variants(key, row.courier)]


def _holding(
    db_connection: DbConnection, where: ColumnElement[bool], couriers: Sequence[str]
) -> list[Row[Any]]:
    """The parcels for which `where` holds, of these couriers; empty means of any."""
    query = select(parcels).where(
        and_(where, parcels.c.courier.in_(couriers)) if couriers else where
    )
    return list(db_connection.execute(query.order_by(parcels.c.id)))


def _tell_parcel(
    db_connection: DbConnection, parcel: Row[Any], events: Sequence[CourierEvent], zone: ZoneInfo
) -> dict[str, object] | None:
    """Write the newest of one parcel's events; what changed, or None."""
    newest = events[-1]
    # What a courier had once it had, also where that is told late or it says less afterwards.
    seen = any(event.status in SEEN for event in events)
    values: dict[str, object] = {"courier_saw": True, "void": False} if seen else {}
    if parcel.status_at is not None and newest.at < parcel.status_at:
        _change_parcel(db_connection, parcel, values)
        return None
    values |= {
        "status": newest.status,
        "status_text": newest.text[:300],
        "status_at": newest.at,
    }
    reason = next((event.reason for event in reversed(events) if event.reason), "")
    if reason and not parcel.reason:
        values["reason"] = reason[:120]
    # A parcel that was scanned here came back, whatever the courier says of it later.
    if parcel.scanned_on is None:
        values |= _outcome(events, zone)
    if not _change_parcel(db_connection, parcel, values):
        return None
    return {
        "tracking": parcel.tracking,
        "from": parcel.status,
        "to": newest.status,
        "text": newest.text[:300],
    }


def _change_parcel(
    db_connection: DbConnection, parcel: Row[Any], values: Mapping[str, object]
) -> bool:
    """Whether any of these values is another than the parcel's."""
    changed = {name: value for name, value in values.items() if getattr(parcel, name) != value}
    if changed:
        db_connection.execute(update(parcels).where(parcels.c.id == parcel.id).values(**changed))
    return bool(changed)


def _outcome(events: Sequence[CourierEvent], zone: ZoneInfo) -> dict[str, object]:
    """The outcome that the newest event with one tells; nothing where none does."""
    final = next((event for event in reversed(events) if event.status in OUTCOMES), None)
    if final is None:
        return {}
    return {
        "outcome": OUTCOMES[final.status],
        "outcome_on": day(final.at, zone),
    }
