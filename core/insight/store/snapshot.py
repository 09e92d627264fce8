"""Every parcel's facts in memory, a column an array, kept as fresh as the database.

About 42 bytes a parcel.  One snapshot per database and process; asking for it costs one small
question to the database, and reads only the days that changed.
"""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Any

import numpy as np
from sqlalchemy import Connection, Engine

from core.insight.facts import (
    BAND_NAMES,
    BANDS,
    CUSTOMERS,
    REFUSED,
    UNKNOWN,
    WEEKDAYS,
    Array,
    unpack,
    weekday_of,
)
from core.insight.filters import Filters
from core.insight.store import packing
from core.store import db, desk

EPOCH = date(1970, 1, 1)
FEW_DAYS = 500


@dataclass(frozen=True)
class Snapshot:
    """All parcels that have a ship date, ordered by it; `columns` as in `facts.RECORD` and `day`.

    `day` is days since 1970-01-01.  `words` are the values that codes stand for, by kind.
    """

    columns: dict[str, Array]
    words: dict[str, list[str]]
    titles: dict[str, str]

    def __len__(self) -> int:
        """How many parcels there are."""
        return len(self.columns["day"])

    @cached_property
    def last_day(self) -> date | None:
        """The youngest day the data speaks of, shipping or outcome; None without parcels."""
        if not len(self):
            return None
        after = self.columns["outcome_after"]
        known = np.where(after == UNKNOWN, 0, after)
        return EPOCH + timedelta(days=int((self.columns["day"] + known).max()))

    @cached_property
    def maturing(self) -> Array:
        """How many parcels had their outcome after 0, 1, 2 … days."""
        counts = np.bincount(self.rows(slice(None)).ended.astype(np.int64) - UNKNOWN, minlength=1)
        before, after = counts[1:-UNKNOWN], counts[-UNKNOWN:]
        after = after if len(after) else np.zeros(1, np.int64)
        after[0] += before.sum()  # an outcome from before the parcel was shipped came at once
        return after

    def rows(self, where: Any) -> "Rows":
        """Some of the parcels, by a slice or an array of places."""
        return Rows(self, where)

    def choose(self, filters: Filters) -> "Rows":
        """The parcels that the filters choose."""
        first, last = ((day - EPOCH).days for day in (filters.since, filters.until))
        begin, end = np.searchsorted(self.columns["day"], [first, last + 1])
        within = self.rows(slice(int(begin), int(end)))
        mask: Array | None = None
        for name, values in filters.chosen().items():
            fits = within.fits(name, values)
            mask = fits if mask is None else mask & fits
        return within if mask is None else self.rows(np.flatnonzero(mask) + begin)


class Rows:
    """Some parcels of a snapshot; a column is cut out when it is first asked for."""

    def __init__(self, snapshot: Snapshot, where: Any) -> None:
        """Hold the places, a slice or an array; nothing is copied yet."""
        self.snapshot = snapshot
        self._where = where
        self._cut: dict[str, Array] = {}

    def __len__(self) -> int:
        """How many parcels these are."""
        return len(self["day"])

    def __getitem__(self, name: str) -> Array:
        """One column."""
        if name not in self._cut:
            self._cut[name] = self.snapshot.columns[name][self._where]
        return self._cut[name]

    def where(self, mask: Array) -> "Rows":
        """Those of these parcels that the mask keeps."""
        if isinstance(self._where, slice):
            return self.snapshot.rows(np.flatnonzero(mask) + (self._where.start or 0))
        return self.snapshot.rows(self._where[mask])

    def until(self, last: date) -> "Rows":
        """Those shipped on or before a day."""
        end = int(np.searchsorted(self["day"], (last - EPOCH).days, side="right"))
        if isinstance(self._where, slice):
            begin = self._where.start or 0
            return self.snapshot.rows(slice(begin, begin + end))
        return self.snapshot.rows(self._where[:end])

    @cached_property
    def refused(self) -> "Rows":
        """The refused ones among them."""
        return self.where(self["outcome"] == REFUSED)

    @cached_property
    def ended(self) -> Array:
        """Days from shipping to the outcome; a refusal only our desk knows of counts its scan."""
        after = self["outcome_after"]
        silent = (after == UNKNOWN) & (self["outcome"] == REFUSED)
        return np.where(silent, self["scanned_after"], after)

    def codes(self, name: str) -> tuple[Array, Sequence[str]]:
        """One of the slices as codes, and the values that the codes stand for."""
        if name == "value band":
            return np.searchsorted(BANDS, self["value_minor"], side="right"), BAND_NAMES
        if name == "weekday":
            return weekday_of(self["day"]), WEEKDAYS
        if name == "customer":
            return self["repeat_customer"], CUSTOMERS
        return self[name], self.snapshot.words[name]

    def fits(self, name: str, values: Sequence[str]) -> Array:
        """Which of these parcels have one of the values of a slice."""
        codes, known = self.codes(name)
        if not len(known):
            return np.zeros(len(codes), bool)
        wanted = set(values)
        allowed = np.fromiter((word in wanted for word in known), bool, len(known))
        return np.asarray(allowed[codes])


class _Holder:
    """The snapshot of one database, and what it was made of."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._version: packing.Version | None = None
        self._days: dict[date, int] = {}
        self._facts: dict[date, bytes] = {}
        self._snapshot: Snapshot | None = None

    def current(self, engine: Engine) -> Snapshot:
        with self._lock:
            packing.refresh(engine)
            with db.reading(engine) as connection:
                version = packing.version(connection)
                if self._snapshot is None or version != self._version:
                    self._snapshot = self._read(connection)
                    self._version = version
            return self._snapshot

    def _read(self, connection: Connection) -> Snapshot:
        """Read the days whose version is another than the one that is kept."""
        days = packing.days(connection)
        changed = [day for day, version in days.items() if self._days.get(day) != version]
        # Thousands of days by name are more than a statement may carry; all of them is one word.
        fresh = packing.facts(connection, changed if len(changed) < FEW_DAYS else None)
        self._facts = {day: fresh.get(day, self._facts.get(day, b"")) for day in days}
        self._days = days
        return _assemble(self._facts, packing.words(connection))


class _Holders:
    """The snapshots of this process, by database: a part of the desk."""

    def __init__(self, _desk: desk.Desk) -> None:
        self._lock = threading.Lock()
        self._of: dict[str, _Holder] = {}

    def of(self, engine: Engine) -> _Holder:
        with self._lock:
            return self._of.setdefault(str(engine.url), _Holder())

    def clear(self) -> None:
        with self._lock:
            self._of.clear()


def current(engine: Engine) -> Snapshot:
    """The parcels as the database has them now."""
    return desk.current().part(_Holders).of(engine).current(engine)


def forget() -> None:
    """Let go of every snapshot, as a new process would begin."""
    desk.current().part(_Holders).clear()


def _assemble(facts: dict[date, bytes], words: dict[str, tuple[list[str], list[str]]]) -> Snapshot:
    order = sorted(facts)
    columns, counts = unpack([facts[day] for day in order])
    numbers = np.array([(day - EPOCH).days for day in order], np.int32)
    columns["day"] = np.repeat(numbers, counts)
    titles = dict(zip(*words["product"], strict=True))
    return Snapshot(columns, {kind: texts for kind, (texts, _) in words.items()}, titles)
