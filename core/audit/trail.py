"""The audit trail: it only grows, and each row carries the hash of the one before (rule 9)."""

import datetime as dt
import hashlib
import json
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, insert, or_, select

from core import rights
from core.audit.actions import Action
from core.audit.redact import known_as
from core.clock import now, uptime
from core.reasons import Reason
from core.rights import Right, door
from core.store import db, desk
from core.store.raw import raw
from core.store.statements import bulk
from core.store.statements.distinct import values_of
from core.store.tables import audit, orders
from core.store.types import storable, storable_json

FIRST = "0" * 64


@dataclass(frozen=True)
class Entry:
    """One row of the trail."""

    id: int
    at: dt.datetime
    actor: str
    person_id: int | None
    session_id: int | None
    way: str
    address: str
    action: str
    subject: str
    order_id: int | None
    detail: dict[str, object]
    previous_hash: str
    hash: str


@dataclass(frozen=True)
class ChainVerdict:
    """Whether the chain holds; `broken_at` is the first row that does not fit."""

    rows: int
    broken_at: int | None = None

    @property
    def ok(self) -> bool:
        """True when every row carries the hash of the one before."""
        return self.broken_at is None


def record(
    connection: Connection,
    action: str,
    subject: str,
    detail: Mapping[str, object],
    order_id: int | None = None,
    *,
    name: str | None = None,
    customer: Sequence[str] | None = None,
) -> None:
    """Append one row to the trail, inside the caller's transaction (`db.writing`).

    The row names the person, session, way in and address of the actor that is bound. `name`: whom
    a program works for, or which part of it; whoever signed in goes by their own.
    Names of customers are left out (`core.audit.names`): a row is never changed again. So are the
    words that the order's customer is known by, in whatever a service or a person wrote;
    `customer`: these words, where the caller has them at hand.
    The change it tells of and the row stand or fall together. The row is written right before
    the commit: the trail is one chain, and whoever holds its end makes all others wait.
    """
    who = rights.actor()
    if customer is None:
        customer = known_by(connection, [] if order_id is None else [order_id])
    words = known_as(tuple(customer))
    row = {
        "at": now(),
        "actor": storable(who.name if who.person_id is not None or name is None else name)[:80],
        "person_id": who.person_id,
        "session_id": who.session_id,
        "way": str(who.way),
        "address": storable(who.address)[:60],
        "action": action,
        "subject": words.of(storable(subject)),
        "order_id": order_id,
        "detail": words.of_detail(_as_stored(detail)),
    }
    db.before_commit(connection, _append, row)


CUSTOMER = ("customer_name", "phone", "email", "street", "billed_to")


def known_by(connection: Connection, order_ids: Sequence[int]) -> list[str]:
    """The words that the customers of these orders are known by."""
    if not order_ids:
        return []
    query = select(*(orders.c[name] for name in CUSTOMER)).where(orders.c.id.in_(order_ids))
    return [word for row in connection.execute(query) for word in words_of(row)]


def words_of(row: Any) -> list[str]:
    """The same of a row that has the columns `CUSTOMER`; `billed_to` holds a name a line."""
    return [*(getattr(row, name) for name in CUSTOMER[:-1]), *row.billed_to.splitlines()]


def _as_stored(detail: Mapping[str, object]) -> dict[str, object]:
    """A detail as it is read back from the database."""
    text = json.dumps(detail, default=_plain)
    read: dict[str, object] = json.loads(text)
    return storable_json(read, text)


def _plain(value: object) -> object:
    return value.as_json() if isinstance(value, Reason) else str(value)


_LAST_HASH = "SELECT hash FROM audit ORDER BY id DESC LIMIT 1"
_INSERT = insert(audit).inline()


def _append(connection: Connection, rows: list[dict[str, Any]]) -> None:
    if bulk.on_server(connection):
        entries = [
            {**row, "at": row["at"].isoformat(), "canonical": _canonical(row)} for row in rows
        ]
        db.call_and_commit(connection, "audit_append", json.dumps(entries))
        return
    known = db.memory(connection)
    previous = known.get(_LAST_HASH) or _end_of_chain(connection)
    chained = []
    for row in rows:
        digest = _digest(previous, row)
        chained.append({**row, "previous_hash": previous, "hash": digest})
        previous = digest
    connection.execute(_INSERT, chained)
    known[_LAST_HASH] = previous


def _end_of_chain(connection: Connection) -> str:
    """By the driver: every transaction asks, and SQLAlchemy takes twenty times as long."""
    last = raw(connection, _LAST_HASH).fetchone()
    return FIRST if last is None else str(last[0])


def _canonical(row: Mapping[str, Any]) -> str:
    values = [
        row["at"].isoformat(),
        row["actor"],
        row["person_id"],
        row["session_id"],
        row["way"],
        row["address"],
        row["action"],
        row["subject"],
        row["order_id"],
        row["detail"],
    ]
    return json.dumps(values, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def _digest(previous: str, row: Mapping[str, object]) -> str:
    # The same on PostgreSQL: `audit_append`, migration 0001.
    return hashlib.sha256(f"{previous}\n{_canonical(row)}".encode()).hexdigest()


@door(Right.RECORD)
def verify(connection: Connection) -> ChainVerdict:
    """Recompute the whole chain, row by row."""
    previous, rows = FIRST, 0
    for row in db.in_parts(connection, select(audit), audit.c.id):
        rows += 1
        if row.previous_hash != previous or row.hash != _digest(previous, dict(row._mapping)):
            return ChainVerdict(rows, row.id)
        previous = row.hash
    return ChainVerdict(rows)


@door(Right.RECORD)
def search(
    connection: Connection,
    words: str = "",
    *,
    actions: Sequence[str] = (),
    or_actions: Sequence[str] = (),
    order_id: int | None = None,
    since: dt.datetime | None = None,
    before: dt.datetime | None = None,
    actor: str = "",
    limit: int = 200,
    offset: int = 0,
) -> list[Entry]:
    """The newest rows that fit: `words` are looked for in actor and subject.

    `since` is within, `before` is not; `actor` is a whole name, as `actors` tells them.
    `or_actions` are the actions whose words the reader may have meant; they fit as well.
    """
    query = _filtered(words, actions, or_actions, order_id)
    if since is not None:
        query = query.where(audit.c.at >= since)
    if before is not None:
        query = query.where(audit.c.at < before)
    if actor:
        query = query.where(audit.c.actor == actor)
    query = query.order_by(audit.c.id.desc()).limit(limit).offset(offset)
    return [_entry(row) for row in connection.execute(query)]


@door(Right.RECORD)
def actors(connection: Connection) -> list[str]:
    """Everybody whom the record names, programs too, by name."""
    return list(connection.scalars(values_of(audit.c.actor)))


def file_exported(name: str, rows: int) -> None:
    """Write down that the one who acts took out a file of so many rows."""
    with db.writing() as connection:
        record(connection, Action.FILE_EXPORTED, name, {"rows": rows})


def record_names_seen(what: str, customers: int) -> None:
    """Write down that the one who acts looked at a list of so many customers by name."""
    with db.writing() as connection:
        record(connection, Action.NAMES_SEEN, what, {"customers": customers})


SHOWN_EVERY = 3600.0  # seconds: a page draws itself again and again


class _Shown:
    """When whom was shown what last, in this process."""

    def __init__(self, _desk: desk.Desk) -> None:
        self._lock = threading.Lock()
        self._at: dict[tuple[int | None, str, str], float] = {}

    def is_new(self, what: tuple[int | None, str, str]) -> bool:
        now_ = uptime()
        with self._lock:
            self._at = {one: at for one, at in self._at.items() if now_ - at < SHOWN_EVERY}
            return self._at.setdefault(what, now_) == now_


def names_shown(what: str, customers: int, words: str = "") -> None:
    """As `names_seen`, where somebody who signed in sees names; the same one once an hour.

    `words`: what was searched for, which tells two searches apart and is kept nowhere.
    """
    who = rights.actor()
    if who.person_id is None or not customers or not who.may(Right.NAMES):
        return
    if desk.current().part(_Shown).is_new((who.session_id, what, words.strip().lower())):
        record_names_seen(what, customers)


@door(Right.RECORD)
def export(connection: Connection) -> Iterator[Entry]:
    """Every row, oldest first, streamed."""
    for row in db.in_parts(connection, select(audit), audit.c.id):
        yield _entry(row)


def as_line(entry: Entry) -> str:
    """A row as JSON for a checker that has no code of ours: `at` as it is hashed."""
    fields = {name: getattr(entry, name) for name in Entry.__dataclass_fields__}
    return json.dumps({**fields, "at": entry.at.isoformat()}, sort_keys=True, ensure_ascii=False)


def _filtered(
    words: str,
    actions: Sequence[str],
    or_actions: Sequence[str],
    order_id: int | None,
) -> Select[Any]:
    query = select(audit)
    if words.strip():
        like = f"%{words.strip()}%"
        fits = [column.ilike(like) for column in (audit.c.subject, audit.c.actor)]
        query = query.where(or_(*fits, audit.c.action.in_(or_actions)))
    if actions:
        query = query.where(audit.c.action.in_(actions))
    if order_id is not None:
        query = query.where(audit.c.order_id == order_id)
    return query


def _entry(row: Any) -> Entry:
    return Entry(**{name: getattr(row, name) for name in Entry.__dataclass_fields__})
