"""Keeps each ship day's parcels packed, and says what changed since somebody looked.

Triggers mark a ship day stale in the transaction that writes one of its parcels.  `refresh` packs
stale days anew; a mark is taken away before its day is read, so that a parcel written meanwhile
leaves a mark of its own behind and is packed by the next refresh.
"""

import time
from collections.abc import Collection, Sequence
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import Connection, Engine, delete, func, insert, select, update

from core.insight.facts import LAYOUT, OUTCOMES, RECORD, STEPS, UNKNOWN, WORDS, pack
from core.insight.store.expressions import OUTCOME, PRODUCT
from core.rights import Right, door
from core.store import db
from core.store.statements import bulk
from core.store.statements.dates import DaysBetween
from core.store.tables import fact_words, packed_days, parcels, stale_days

DAYS_AT_ONCE = 30  # packed in one transaction, so that a scan never waits for a whole history
PACKING_LOCK = 783512
EARLIEST_AFTER, LATEST_AFTER = -32_767, 32_767

Version = tuple[int, int]


@door(Right.HOST)
def refresh(engine: Engine) -> int:
    """Pack every stale day anew; gives how many there were."""
    packed = 0
    while True:
        with db.reading(engine) as connection:
            if not _stale(connection, 1):
                return packed
        with db.writing(engine) as connection:
            packed += _pack_some(connection)


def version(connection: Connection) -> Version:
    """Changes whenever a packed day does."""
    query = select(func.count(), func.coalesce(func.max(packed_days.c.version), 0))
    count, newest = connection.execute(query).one()
    return int(count), int(newest)


def days(connection: Connection) -> dict[date, int]:
    """The version of every packed day."""
    query = select(packed_days.c.day, packed_days.c.version)
    return {row.day: row.version for row in connection.execute(query)}


def facts(connection: Connection, wanted: Collection[date] | None = None) -> dict[date, bytes]:
    """The packed facts of some days, or of all."""
    if wanted is None:
        return bulk.all_bytes(connection, packed_days, "day", "facts")
    query = select(packed_days.c.day, packed_days.c.facts).where(packed_days.c.day.in_(wanted))
    return {row.day: bytes(row.facts) for row in connection.execute(query)}


def words(connection: Connection) -> dict[str, tuple[list[str], list[str]]]:
    """Words and titles of each kind, in the order of their codes."""
    found: dict[str, tuple[list[str], list[str]]] = {kind: ([], []) for kind in WORDS}
    for row in connection.execute(
        select(fact_words).order_by(fact_words.c.kind, fact_words.c.code)
    ):
        found[row.kind][0].append(row.word)
        found[row.kind][1].append(row.title)
    return found


def _stale(connection: Connection, limit: int) -> list[date]:
    marked = select(stale_days.c.day).distinct().order_by(stale_days.c.day).limit(limit)
    found = list(connection.scalars(marked))
    if len(found) < limit:  # days packed by another release of Refuz
        other = select(packed_days.c.day).where(packed_days.c.layout != LAYOUT).limit(limit)
        found += [day for day in connection.scalars(other) if day not in found]
    return found[:limit]


def _pack_some(connection: Connection) -> int:
    bulk.lock(connection, PACKING_LOCK)  # one at a time
    stale = _stale(connection, DAYS_AT_ONCE)
    connection.execute(delete(stale_days).where(stale_days.c.day.in_(stale)))
    frame = _with_codes(connection, _parcels_of(connection, stale))
    records, of = _records(frame), frame["shipped_on"].to_numpy()
    newest = connection.scalar(select(func.max(packed_days.c.version))) or 0
    stamp = max(newest + 1, time.time_ns())
    rows = [_packed(day, records[of == day], stamp + place) for place, day in enumerate(stale)]
    connection.execute(delete(packed_days).where(packed_days.c.day.in_(stale)))
    if rows:
        connection.execute(insert(packed_days), rows)
    return len(stale)


def _packed(day: date, records: Any, stamp: int) -> dict[str, object]:
    fields = {"layout": LAYOUT, "version": stamp, "parcels": len(records)}
    return {"day": day, **fields, "facts": pack(records)}


def _parcels_of(connection: Connection, ship_days: Sequence[date]) -> pd.DataFrame:
    shipped = parcels.c.shipped_on
    after = [
        DaysBetween(shipped, parcels.c[step.replace("_after", "_on")]).label(step) for step in STEPS
    ]
    plain = ("courier", "payment", "county", "currency", "reason", "value_minor")
    query = (
        select(
            shipped, OUTCOME.label("outcome"), parcels.c.repeat_customer,
            PRODUCT.label("product"), parcels.c.product.label("title"),
            *(parcels.c[name] for name in plain), *after,
        )
        .where(shipped.in_(ship_days), ~parcels.c.void)
        .order_by(shipped, parcels.c.id)
    )  # fmt: skip
    answer = connection.execute(query)
    return pd.DataFrame(list(map(tuple, answer)), columns=list(answer.keys()), dtype=object)


def _with_codes(connection: Connection, frame: pd.DataFrame) -> pd.DataFrame:
    """Words replaced by their codes; new words and new titles are written down."""
    known: dict[str, dict[str, int]] = {kind: {} for kind in WORDS}
    titles: dict[str, str] = {}
    for row in connection.execute(select(fact_words)):
        known[row.kind][row.word] = row.code
        if row.kind == "product":
            titles[row.word] = row.title
    fresh_titles = dict(zip(frame["product"], frame["title"], strict=True))
    coded = {}
    for kind in WORDS:
        codes = known[kind]
        new = [word for word in frame[kind].unique() if word not in codes]
        rows = [
            {"kind": kind, "code": len(codes) + n, "word": word,
             "title": fresh_titles[word] if kind == "product" else ""}
            for n, word in enumerate(new)
        ]  # fmt: skip
        if rows:
            connection.execute(insert(fact_words), rows)
        codes |= {row["word"]: row["code"] for row in rows}
        coded[kind] = frame[kind].map(codes)
    _retitle(connection, titles, fresh_titles)
    return frame.assign(**coded)


def _retitle(connection: Connection, known: dict[str, str], fresh: dict[str, str]) -> None:
    for word, title in fresh.items():
        if title and known.get(word, title) != title:
            same = (fact_words.c.kind == "product") & (fact_words.c.word == word)
            connection.execute(update(fact_words).where(same).values(title=title))


def _records(frame: pd.DataFrame) -> Any:
    records = np.zeros(len(frame), RECORD)
    places = {name: place for place, name in enumerate(OUTCOMES)} | {None: 0}
    records["outcome"] = [places[name] for name in frame["outcome"]]
    records["repeat_customer"] = frame["repeat_customer"].astype(bool)
    for name in ("value_minor", *WORDS):
        records[name] = frame[name].astype("int64")
    for name in STEPS:
        days = pd.to_numeric(frame[name]).to_numpy(float)
        known = np.clip(days, EARLIEST_AFTER, LATEST_AFTER)
        records[name] = np.where(np.isnan(days), UNKNOWN, known)
    return records
