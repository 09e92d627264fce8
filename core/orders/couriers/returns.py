"""Looks again at scans that found no order: numbers become known after the parcel was scanned.

An alias may have been learnt since, or the order may have come in. What is unknown still is put
to the couriers that can tell a parcel by the number on its return label (DPD's
barcode-information), here and never while somebody waits for the answer to a scan.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection as DbConnection
from sqlalchemy import Row, select, update

from core.audit import trail
from core.audit.actions import Action
from core.audit.redact import code_for_record
from core.errors import RefuzError
from core.matching.match import Match, match
from core.orders.aliases import learn
from core.orders.couriers.tracking import holders
from core.orders.piles import labels
from core.orders.piles import scans as taking
from core.reasons import Reason
from core.rights import named
from core.services import registry
from core.services.outcome import Confirmed, Refusal, Refused
from core.settings.connections import Connection, all_connections
from core.store import db
from core.store.statements import cursors
from core.store.states import MatchOutcome, ScanVerdict
from core.store.tables import orders, piles, scans

ACTOR = "Refuz"
CURSOR = "returns:scans"
MOST = 500  # unmatched scans looked at in one round, the newest first
ASKED_AT_ONCE = 50
TRIES = 20  # rounds after which a code is passed over that a courier does not answer about


@dataclass(frozen=True)
class Resolved:
    """What one round brought. `failed`: why a courier could not be asked, None otherwise."""

    matched: int = 0  # scans that found their order now
    asked: int = 0
    learnt: int = 0
    failed: Reason | None = None


class CourierSilent(RefuzError):
    """A courier did not answer; `why` says why."""

    def __init__(self, why: Reason) -> None:
        """Keep the reason."""
        super().__init__(str(why))
        self.why = why


def resolve_scans() -> Resolved:
    """Match unmatched scans of open piles again, ask the couriers about the rest, learn.

    A code that a courier could not be asked about is asked again in the next round.
    """
    matched = sum(_look_again(scan.id) for scan in _unmatched())
    asked = learnt = 0
    for scan in _not_asked():
        try:
            known = resolve_return(scan.code)
        except CourierSilent as silent:
            _failed(scan.id)
            return Resolved(matched, asked, learnt, silent.why)
        _go_on_after(scan.id)
        asked += 1
        if known is not None:
            learnt += 1
            matched += _look_again(scan.id)
    return Resolved(matched, asked, learnt)


def resolve_return(code: str) -> int | None:
    """Ask the couriers which parcel a number on a return label belongs to; learn and give it.

    None where no courier knows, or where the number it names is not exactly one parcel of ours.
    Raises CourierSilent when one of them could not be asked and no other knew.
    """
    with db.reading() as db_connection:
        found = all_connections(db_connection, "courier")
    silent: Reason | None = None
    for connection in found:
        try:
            answer = registry.courier(connection).resolve(code)
        except (registry.UnknownService, registry.WrongSetting) as error:
            silent = error.reason
            continue
        if isinstance(answer, Confirmed):
            parcel = None if answer.value is None else answer.value.tracking
            known = _learn(connection, code, parcel) if parcel else None
            if known is not None:
                return known
        elif not isinstance(answer, Refused) or answer.code == Refusal.NO_PERMISSION:
            silent = answer.why
    if silent:
        raise CourierSilent(silent)
    return None


def _learn(connection: Connection, code: str, tracking: str) -> int | None:
    with db.writing() as db_connection:
        ours = holders(db_connection, tracking, tuple(registry.info(connection.service).tracks))
        if len(ours) != 1:
            return None
        with named(connection.name):
            learn(db_connection, code, ours[0].id, source="courier")
        return int(ours[0].id)


def _unmatched() -> list[Row[Any]]:
    """Scans without an order in piles that are open, the newest first."""
    query = (
        select(scans.c.id, scans.c.code)
        .where(
            scans.c.outcome == MatchOutcome.UNMATCHED,
            scans.c.outcome != MatchOutcome.MATCHED,  # said as the index of few rows has it
            scans.c.undone_at.is_(None),
            scans.c.pile_id.in_(select(piles.c.id).where(piles.c.closed_at.is_(None))),
        )
        .order_by(scans.c.id.desc())
        .limit(MOST)
    )
    with db.reading() as db_connection:
        return list(db_connection.execute(query))


def _look_again(scan_id: int) -> bool:
    """Match a stored scan once more; True when it has found its one order. Audited."""
    with db.reading() as db_connection:
        before = db_connection.execute(select(scans).where(scans.c.id == scan_id)).one()
        if not _certain(match(db_connection, before.code, before.format)):
            return False
    with db.writing() as db_connection:
        scan = db_connection.execute(select(scans).where(scans.c.id == scan_id)).one()
        found = match(db_connection, scan.code, scan.format)
        if (
            scan.outcome != MatchOutcome.UNMATCHED
            or scan.undone_at is not None
            or not _certain(found)
        ):
            return False
        _write(db_connection, scan, found)
    return True


def _certain(found: Match) -> bool:
    """A shortened or prefix match of a scan that nobody looks at any more is left to a person."""
    return found.order_id is not None and found.matched_by in ("exact", "alias")


def _write(db_connection: DbConnection, scan: Row[Any], found: Match) -> None:
    """Write a scan anew as matched, with all that a match at once would have brought about."""
    verdict, why = taking.verdict_on(db_connection, scan.pile_id, found)
    db_connection.execute(
        update(scans)
        .where(scans.c.id == scan.id)
        .values(
            outcome=found.outcome,
            verdict=verdict,
            why=why,
            matched_by=found.matched_by,
            order_id=found.order_id,
            parcel_id=found.parcel_id,
            candidates=None,
        )
    )
    labels.settle(db_connection, scan.pile_id, scan.sha256, scan.sight)
    assert found.order_id is not None
    taking.take_order(db_connection, scan.pile_id, found.order_id)
    taking.parcel_is_back(db_connection, found.parcel_id, scan.at)
    name = db_connection.scalar(select(orders.c.name).where(orders.c.id == found.order_id))
    code = code_for_record(scan.code)
    detail = {"code": code, "order": name, "by": found.matched_by}
    trail.record(
        db_connection, Action.SCAN_MATCHED_LATER, f"code {code}", detail, found.order_id, name=ACTOR
    )


# ---------------------------------------------------------------- what was asked about


def _not_asked() -> list[Row[Any]]:
    """The unknown codes behind the last one that the couriers were asked about."""
    query = (
        select(scans.c.id, scans.c.code)
        .where(
            scans.c.id > _place().get("after", 0),
            scans.c.outcome == MatchOutcome.UNMATCHED,
            scans.c.verdict
            == ScanVerdict.UNKNOWN,  # neither a misread nor something else on the label
            scans.c.undone_at.is_(None),
        )
        .order_by(scans.c.id)
        .limit(ASKED_AT_ONCE)
    )
    with db.reading() as db_connection:
        return list(db_connection.execute(query))


def _place() -> dict[str, int]:
    with db.reading() as db_connection:
        value = cursors.load(db_connection, CURSOR)
    return value if isinstance(value, dict) else {}


def _go_on_after(scan_id: int) -> None:
    _save({"after": scan_id})


def _failed(scan_id: int) -> None:
    """Come back to this code, but not for ever: one bad answer must not keep the others waiting."""
    place = _place()
    tries = place.get("tries", 0) + 1
    _save({"after": scan_id} if tries >= TRIES else {**place, "tries": tries})


def _save(value: dict[str, int]) -> None:
    with db.writing() as db_connection:
        cursors.save(db_connection, CURSOR, value)
