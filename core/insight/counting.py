"""Frames counted from the parcels in memory: one row a cell, never one row a parcel.

Money is in minor units and never added across currencies: `currency` is a column of every frame
that has money in it.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from core.insight.facts import (
    OUTCOMES,
    REFUSED,
    STEPS,
    UNKNOWN,
    Array,
    cohort_days,
    cohort_of,
    monday_of,
    week_of,
)
from core.insight.store.snapshot import Rows

# Codes, and the words they stand for; no words: the codes speak for themselves.
Key = tuple[Array, Sequence[str] | None]

COUNTED = ("delivered", "refused", "lost", "open")
STEP_NAMES = ("refused to scanned", "scanned to cancelled", "cancelled to reversed")
MOST_BINS = 500_000  # above, and above the number of rows, cells are found by sorting instead


def cells(rows: Rows) -> pd.DataFrame:
    """Counts by week, courier, payment, county and currency: the columns of `figures.SUMS`.

    `week` is the Monday (datetime64); `value_refused_minor` adds up what was refused.  `open` is
    what has no outcome yet, so delivered + refused + lost + open = shipped in every row.
    """
    weeks = week_of(rows["day"])
    first = int(weeks.min()) if len(weeks) else 0
    keys: dict[str, Key] = {"week": (weeks - first, None)}
    keys |= {name: rows.codes(name) for name in ("courier", "payment", "county", "currency")}
    frame = tally(rows, keys)
    frame["week"] = pd.to_datetime(monday_of(frame["week"].to_numpy(np.int64) + first))
    return frame


def cohorts(rows: Rows, span: str, by: Sequence[str] = ()) -> pd.DataFrame:
    """Counts by ship cohort (`cohort`: its first day, `last`: its last) and by slices.

    `span` is one of `facts.SPANS`.
    """
    numbers = cohort_of(rows["day"].astype(np.int64), span)
    first = int(numbers.min()) if len(numbers) else 0
    keys: dict[str, Key] = {"cohort": (numbers - first, None)}
    frame = tally(rows, keys | {name: rows.codes(name) for name in by})
    begin, end = cohort_days(frame["cohort"].to_numpy(np.int64) + first, span)
    return frame.assign(cohort=pd.to_datetime(begin), last=pd.to_datetime(end))


def by_slice(rows: Rows, name: str, and_by: Sequence[str] = ()) -> pd.DataFrame:
    """Counts by one of `filters.SLICES`, in the column `slice`, and by others under their names.

    `KeyError` for another name.
    """
    keys: dict[str, Key] = {"slice": rows.codes(name)}
    frame = tally(rows, keys | {one: rows.codes(one) for one in and_by})
    return frame.assign(slice=frame["slice"].astype(object))


def delays(rows: Rows) -> pd.DataFrame:
    """How many parcels (`n`) of each courier had which outcome after how many `days`."""
    known = rows.ended != UNKNOWN
    days = rows.ended[known].astype(np.int64)
    shift = min(0, int(days.min())) if len(days) else 0
    courier, couriers = rows.codes("courier")
    group = _Groups(
        {
            "courier": (courier[known], couriers),
            "outcome": (rows["outcome"][known], OUTCOMES),
            "days": (days - shift, None),
        }
    )
    frame = group.frame({"n": group.count()})
    return frame.assign(days=frame["days"] + shift, outcome=frame["outcome"].astype(object))


def process_days(rows: Rows) -> pd.DataFrame:
    """How many refused parcels (`n`) took how many `days` for each `step` on the way back."""
    refused, frames = rows.refused, []
    for name, first, second in zip(STEP_NAMES, STEPS, STEPS[1:], strict=False):
        begin, end = refused[first].astype(np.int64), refused[second].astype(np.int64)
        known = (begin != UNKNOWN) & (end != UNKNOWN)
        days, counts = np.unique((end - begin)[known], return_counts=True)
        frames.append(pd.DataFrame({"days": days, "n": counts}).assign(step=name))
    return pd.concat(frames, ignore_index=True)


def missing(rows: Rows, refused_before: int) -> pd.DataFrame:
    """`n` and `value_minor` by currency: refused by the courier before a day, never scanned.

    The day counts from 1970-01-01.
    """
    gone = _gone(rows, refused_before)
    group = _Groups({"currency": gone.codes("currency")})
    value = group.count(weights=gone["value_minor"])
    return group.frame({"n": group.count(), "value_minor": value})


def _gone(rows: Rows, refused_before: int) -> Rows:
    refused = rows.refused
    has_outcome = refused["outcome_after"] != UNKNOWN
    early = refused["day"] + refused["outcome_after"] < refused_before
    return refused.where(has_outcome & early & (refused["scanned_after"] == UNKNOWN))


def way_back(rows: Rows, span: str) -> pd.DataFrame:
    """How many refused parcels (`n`) took how many `days` from the courier's word to the scan.

    By ship cohort (`cohort`: its first day).
    """
    refused = rows.refused
    begin, end = (refused[name].astype(np.int64) for name in STEPS[:2])
    known = (begin != UNKNOWN) & (end != UNKNOWN)
    numbers = cohort_of(refused["day"].astype(np.int64)[known], span)
    pairs, counts = np.unique(np.stack([numbers, (end - begin)[known]]), axis=1, return_counts=True)
    first, _ = cohort_days(pairs[0], span)
    return pd.DataFrame({"cohort": pd.to_datetime(first), "days": pairs[1], "n": counts})


def missing_by(rows: Rows, refused_before: int, span: str) -> pd.DataFrame:
    """`n` of `missing` by ship cohort (`cohort`: its first day), none left out but empty ones."""
    gone = _gone(rows, refused_before)
    numbers, counts = np.unique(cohort_of(gone["day"].astype(np.int64), span), return_counts=True)
    first, _ = cohort_days(numbers, span)
    return pd.DataFrame({"cohort": pd.to_datetime(first), "n": counts})


def happened(rows: Rows, first: int, last: int) -> dict[str, int]:
    """How many were shipped, told refused, scanned back, cancelled and reversed in some days.

    Both days count from 1970-01-01 and are included; `rows` must reach back far enough.
    """
    shipped = (rows["day"] >= first) & (rows["day"] <= last)
    counts = {"shipped": int(shipped.sum())}
    refused = rows.refused
    for name, step in zip(("refused", "back", "cancelled", "reversed"), STEPS, strict=True):
        after = refused[step].astype(np.int64)
        on = refused["day"] + after
        counts[name] = int(((after != UNKNOWN) & (on >= first) & (on <= last)).sum())
    return counts


def tally(rows: Rows, keys: dict[str, Key]) -> pd.DataFrame:
    """The counts of `figures.SUMS` for each group of the keys that has a parcel."""
    group = _Groups(keys)
    by_outcome = group.count_by(rows["outcome"], len(OUTCOMES))
    sums = {"shipped": by_outcome.sum(axis=1)}
    sums |= {name: by_outcome[:, OUTCOMES.index(name)] for name in COUNTED}
    places = np.flatnonzero(rows["outcome"] == REFUSED)
    sums["value_refused_minor"] = group.count(places, weights=rows["value_minor"][places])
    for name, step in zip(("back", "cancelled", "reversed"), STEPS[1:], strict=True):
        places = places[rows[step][places] != UNKNOWN]  # of those that got as far as before
        sums[name] = group.count(places)
    return group.frame(sums)


class _Groups:
    """Rows grouped by some keys; counts come for the groups that have a row, in key order."""

    def __init__(self, keys: dict[str, Key]) -> None:
        self._keys = keys
        self._sizes = [
            len(words) if words is not None else int(codes.max(initial=-1)) + 1
            for codes, words in keys.values()
        ]
        bins = int(np.prod([max(size, 1) for size in self._sizes], dtype=object))
        rows = len(next(iter(keys.values()))[0])
        place = np.zeros(rows, np.int64)
        for (codes, _), size in zip(keys.values(), self._sizes, strict=True):
            place = place * size + codes
        if bins <= max(MOST_BINS, rows):
            self._of, self._bins = place, bins
            self._cells = np.flatnonzero(np.bincount(place, minlength=bins))
            self._pick: Any = self._cells
        else:
            self._cells, self._of = np.unique(place, return_inverse=True)
            self._bins, self._pick = len(self._cells), slice(None)

    def count(self, which: Array | None = None, weights: Array | None = None) -> Array:
        """Rows of each group, or the sum of their weights; `which` is a mask or places."""
        of = self._of if which is None else self._of[which]
        # Sums of money stay exact in a float up to 2**53 bani.
        counted: Array = np.bincount(of, weights, minlength=self._bins)[self._pick]
        return counted.astype(np.int64)

    def count_by(self, codes: Array, kinds: int) -> Array:
        """Rows of each group by a further code; a row a group, a column a code."""
        counted = np.bincount(self._of * kinds + codes, minlength=self._bins * kinds)
        table: Array = counted.reshape(-1, kinds)[self._pick]
        return table

    def frame(self, columns: dict[str, Array]) -> pd.DataFrame:
        """A frame of the keys' values and these columns."""
        rest, values = self._cells, {}
        for (name, (_, words)), size in zip(
            reversed(self._keys.items()), reversed(self._sizes), strict=True
        ):
            rest, code = np.divmod(rest, max(size, 1))
            values[name] = (
                code if words is None else pd.Categorical.from_codes(code, pd.Index(list(words)))
            )
        return pd.DataFrame({**dict(reversed(values.items())), **columns})
