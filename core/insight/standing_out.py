"""What stands out: the one value of a slice that is refused more than the others, and how surely.

Each courier, county and product is held against all the others at the same mix of payments, since
what is paid on delivery is refused more wherever it goes.  Looking at many finds something by
chance, so a chance is told after Bonferroni's correction: multiplied by how many were looked at.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.insight.figures import Z95

SLICES = ("courier", "county", "product")
SURE = 0.01  # the most that chance may explain of what is told
FEWEST = 50  # parcels on each side
WINDOW = 15  # standard deviations; what lies beyond is nothing to a float


@dataclass(frozen=True)
class StandOut:
    """`more` than the others, as a share of what is shipped, with its 95 % interval.

    `chance`: how likely so much would be found among `looked` values that do not differ, at most
    1. `parcels`: refusals more than at the others' rate.
    """

    slice: str
    value: str
    more: float
    low: float
    high: float
    parcels: float
    chance: float
    looked: int


def against_the_rest(counts: pd.DataFrame) -> pd.DataFrame:
    """Every value of `slice` against all others, at the same mix of `payment`.

    `counts` has a row a slice and payment with `shipped` and `refused`.  The columns: `slice`,
    `shipped`, `more`, `low`, `high` (risk difference of Mantel and Haenszel with the variance of
    Greenland and Robins 1985), and `chance`: of so many refusals or more where all are alike, exact
    (the sum of a hypergeometric count for each payment). A value without a payment that others
    have too is left out.
    """
    table = counts.groupby(["slice", "payment"], as_index=False, observed=True)[
        ["shipped", "refused"]
    ].sum()
    whole = table.groupby("payment", observed=True)[["shipped", "refused"]].transform("sum")
    usable = (table["shipped"] > 0) & (whole["shipped"] > table["shipped"])
    table, whole = table[usable], whole[usable]
    own, hit = table["shipped"].to_numpy(float), table["refused"].to_numpy(float)
    both, all_hit = whole["shipped"].to_numpy(float), whole["refused"].to_numpy(float)
    rest, rest_hit = both - own, all_hit - hit
    spread = hit * (own - hit) * rest**3 + rest_hit * (rest - rest_hit) * own**3
    parts = pd.DataFrame(
        {
            "slice": table["slice"].astype(object),
            "shipped": own,
            "rest": rest,
            "weight": own * rest / both,
            "differs": (hit * rest - rest_hit * own) / both,
            "spread": spread / (own * rest * both**2),
        }
    )
    sums = parts.groupby("slice", as_index=False).sum()
    more = sums["differs"] / sums["weight"]
    half = Z95 * np.sqrt(sums["spread"]) / sums["weight"]
    logs = np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, both.max(initial=1) + 1)))])
    strata = pd.DataFrame({"own": own, "both": both, "all_hit": all_hit, "hit": hit}).astype(int)
    by_slice = strata.groupby(parts["slice"].to_numpy())
    chance = {value: _chance(group.to_numpy(), logs) for value, group in by_slice}
    columns = {"more": more, "low": more - half, "high": more + half}
    return sums[["slice", "shipped", "rest"]].assign(
        **columns, chance=sums["slice"].map(chance).astype(float)
    )


def _chance(strata: NDArray[np.int64], logs: NDArray[np.float64]) -> float:
    """How likely all its refusals or more are, where each payment's are dealt out blindly.

    `strata`: own parcels, all parcels, all refusals, own refusals of each payment; `logs`: of the
    factorials.
    """
    spread, first, seen = np.ones(1), 0, 0
    for own, both, all_hit, hit in strata:
        mean = own * all_hit / both
        width = 1 + WINDOW * math.sqrt(mean * (1 - all_hit / both) + 1)
        low = int(max(0, own + all_hit - both, mean - width))
        k = np.arange(low, int(min(own, all_hit, mean + width)) + 1)
        spread = np.convolve(
            spread, np.exp(_choose(all_hit, k, logs) + _choose(both - all_hit, own - k, logs)
                           - _choose(both, own, logs)),
        )  # fmt: skip
        first, seen = first + low, seen + hit
    return float(min(1.0, spread[max(0, seen - first) :].sum()))


def _choose(n: Any, k: Any, logs: NDArray[np.float64]) -> Any:
    return logs[n] - logs[k] - logs[n - k]


def standing_out(counts: dict[str, pd.DataFrame]) -> StandOut | None:
    """The value with the most refusals above the others' rate, of those that chance does not
    explain; None where there is none.

    `counts` has a frame as `against_the_rest` takes it by the slice's name.
    """
    tried: list[tuple[str, pd.DataFrame]] = [
        (name, _enough(against_the_rest(frame))) for name, frame in counts.items()
    ]
    looked = sum(len(frame) for _, frame in tried)
    found = [one for name, frame in tried for one in _sure(name, frame, looked)]
    return max(found, key=lambda one: one.parcels, default=None)


def _enough(frame: pd.DataFrame) -> pd.DataFrame:
    known = frame["slice"].astype(str).str.strip() != ""
    enough = (frame["shipped"] >= FEWEST) & (frame["rest"] >= FEWEST)
    return frame[known & enough & frame["more"].notna() & frame["chance"].notna()]


def _sure(name: str, frame: pd.DataFrame, looked: int) -> Sequence[StandOut]:
    sure = frame.assign(chance=np.minimum(1.0, frame["chance"] * looked))
    sure = sure[(sure["chance"] <= SURE) & (sure["low"] > 0)]
    return [
        StandOut(
            name, str(row["slice"]), row["more"], row["low"], row["high"],
            row["more"] * row["shipped"], row["chance"], looked,
        )
        for row in sure.to_dict("records")
    ]  # fmt: skip
