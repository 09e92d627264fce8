"""The figures: rates, intervals, maturity and money, worked out from counted cells.

Every function takes frames as `core.insight.queries` makes them and gives a new frame; none
touches a database.  Definitions: `docs/insight.md`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import NormalDist
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from core.settings.preferences import Preferences

SMALLEST = 20
Z95 = 1.959963984540054
INTERVAL_SHARE = 0.95  # of Z95
MATURE_SHARE = 0.95
ENOUGH = 50  # parcels on each side of a comparison of two rates
NEWEST_SHARE = 4  # a trend holds the newest quarter against the rest
SUMS = [
    "shipped", "delivered", "refused", "lost", "open", "back", "cancelled", "reversed",
    "value_refused_minor",
]  # fmt: skip


@dataclass(frozen=True)
class Costs:
    """What one refused parcel costs besides its value, in minor units of `currency`; estimates."""

    shipping_out_minor: int
    shipping_back_minor: int
    cod_fee_minor: int
    handling_minor: int
    currency: str = "RON"

    @classmethod
    def of(cls, wanted: Preferences) -> Self:
        """The desk's own estimates."""
        return cls(
            wanted.shipping_out_minor,
            wanted.shipping_back_minor,
            wanted.cod_fee_minor,
            wanted.handling_minor,
        )


@dataclass(frozen=True)
class Headline:
    """The first row of the page.  Rates are shares, None where fewer than 20 were shipped."""

    shipped: int
    refused: int
    rate: float | None
    low: float | None
    high: float | None
    change: float | None


def wilson(successes: ArrayLike, trials: ArrayLike) -> tuple[NDArray[Any], NDArray[Any]]:
    """Bounds of the Wilson score interval at 95 % (Wilson 1927); NaN where nothing was tried."""
    k, n = np.asarray(successes, float), np.asarray(trials, float)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = k / n
        centre = (share + Z95**2 / (2 * n)) / (1 + Z95**2 / n)
        half = Z95 / (1 + Z95**2 / n) * np.sqrt(share * (1 - share) / n + Z95**2 / (4 * n**2))
    # At none and at all the bound is 0 and 1 exactly; rounding would leave 1e-17 over.
    return np.where(k == 0, 0.0 * centre, centre - half), np.where(k == n, 1.0, centre + half)


def rates(cells: pd.DataFrame, by: Sequence[str] = ()) -> pd.DataFrame:
    """Sums, `rate`, `low` and `high` for each group of `by` (or one row for all).

    Rate = refused ÷ shipped.  Under 20 shipped the rate and its bounds are NaN: counts only.
    """
    present = [name for name in SUMS if name in cells.columns]
    if by:
        frame = cells.groupby(list(by), as_index=False, observed=True)[present].sum()
        for name in by:  # a frame as small as this one is handled more easily without categories
            if isinstance(frame[name].dtype, pd.CategoricalDtype):
                frame[name] = frame[name].astype(object)
    else:
        frame = cells[present].sum().to_frame().T
    low, high = wilson(frame["refused"], frame["shipped"])
    enough = frame["shipped"].to_numpy() >= SMALLEST
    share = frame["refused"].to_numpy(float) / np.maximum(frame["shipped"].to_numpy(float), 1)
    for name, value in (("rate", share), ("low", low), ("high", high)):
        frame[name] = np.where(enough, value, np.nan)
    return frame


def days_to_maturity(delays: pd.DataFrame) -> int:
    """The 95th percentile of days from shipping to outcome; 0 when nothing has an outcome."""
    return int(percentile(delays["days"], delays["n"], MATURE_SHARE) or 0)


def percentile(values: ArrayLike, counts: ArrayLike, share: float) -> float | None:
    """The smallest value that at least `share` of the counted ones do not exceed."""
    value, count = np.asarray(values, float), np.asarray(counts, float)
    if count.sum() == 0:
        return None
    order = np.argsort(value)
    reached = np.cumsum(count[order]) >= share * count.sum() - 1e-9
    return float(value[order][np.argmax(reached)])


def mature_until(today: date, days: int) -> date:
    """The Sunday of the last ship week whose every parcel is old enough to be judged."""
    last = today - timedelta(days=days + 1)
    return last - timedelta(days=(last.weekday() + 1) % 7)


def mature(cells: pd.DataFrame, until: date) -> pd.DataFrame:
    """The cells of weeks whose every parcel was shipped by `until`."""
    return cells[is_mature(cells["week"], until)]


def is_mature(weeks: "pd.Series[Any]", until: date) -> "pd.Series[bool]":
    """Whether each week (its Monday) ended on or before `until`."""
    return weeks + pd.Timedelta(days=6) <= pd.Timestamp(until)


def by_cohort(counts: pd.DataFrame, until: date, by: Sequence[str] = ()) -> pd.DataFrame:
    """`rates` by ship cohort (and `by`), with `mature` False for those to be drawn hollow."""
    frame = rates(counts, ["cohort", "last", *by])
    frame["mature"] = frame["last"] <= pd.Timestamp(until)
    return frame.drop(columns="last")


def headline(now: pd.DataFrame, before: pd.DataFrame, until: date) -> Headline:
    """The mature rate with its interval, and its change against the period before, in shares."""
    this, last = (rates(mature(cells, until)).iloc[0] for cells in (now, before))
    change = _or_none(this["rate"] - last["rate"])
    return Headline(
        int(this["shipped"]),
        int(this["refused"]),
        _or_none(this["rate"]),
        _or_none(this["low"]),
        _or_none(this["high"]),
        change,
    )


def _or_none(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def mix_adjusted(cells: pd.DataFrame) -> pd.DataFrame:
    """Couriers at one common mix of payments: `rate` beside `adjusted` (direct standardisation).

    The common mix is that of all the cells together.  A courier with fewer than 20 parcels of a
    payment the mix contains gets no adjusted rate: there is nothing to weigh.
    """
    overall = cells.groupby("payment")["shipped"].sum()
    mix = overall / overall.sum()
    strata = rates(cells, ["courier", "payment"]).pivot(
        index="courier", columns="payment", values="rate"
    )
    weighted = strata.mul(mix, axis="columns").sum(axis=1, skipna=False)
    adjusted = pd.DataFrame({"courier": strata.index, "adjusted": weighted.to_numpy()})
    return rates(cells, ["courier"]).merge(adjusted, on="courier", how="left")


def cumulative_incidence(delays: pd.DataFrame, shipped: "pd.Series[int]") -> pd.DataFrame:
    """Share refused by days since shipping: `courier`, `days`, `share`, `shipped`.

    `delays` and `shipped` (indexed by courier) must be of the same mature parcels, so that every
    one of them had the time to be refused.
    """
    refused = delays[delays["outcome"] == "refused"]
    last = int(refused["days"].max()) if len(refused) else 0
    table = (
        refused.pivot_table(index="courier", columns="days", values="n", aggfunc="sum")
        .reindex(index=shipped.index, columns=range(last + 1))
        .fillna(0)
        .cumsum(axis=1)
        .div(shipped, axis="index")
    )
    table = table.rename_axis(index="courier", columns="days")
    long = table.reset_index().melt("courier", var_name="days", value_name="share")
    return long.merge(shipped.rename("shipped").reset_index(), on="courier")


def value_lost(cells: pd.DataFrame, costs: Costs, by: Sequence[str] = ()) -> pd.DataFrame:
    """By currency (and `by`): `refused`, `value_refused_minor`, and `cost_minor`, an estimate.

    Cost = shipping out and back + handling a parcel, and the cash-on-delivery fee on those.  It is
    given for the currency of the settings only; other currencies have NaN.
    """
    cash = cells["refused"].where(cells["payment"] == "cod", 0)
    frame = (
        cells.assign(cod_refused=cash)
        .groupby([*by, "currency"], as_index=False, observed=True)[
            ["refused", "cod_refused", "value_refused_minor"]
        ]
        .sum()
    )
    each = costs.shipping_out_minor + costs.shipping_back_minor + costs.handling_minor
    cost = frame["refused"] * each + frame["cod_refused"] * costs.cod_fee_minor
    frame["cost_minor"] = cost.where(frame["currency"] == costs.currency)
    return frame.drop(columns="cod_refused")


def money_lost(cells: pd.DataFrame, costs: Costs) -> pd.DataFrame:
    """Couriers by what their refusals cost, the dearest first: `lost_minor` beside the rate.

    `lost_minor` is the estimate of `value_lost`, in the currency of the costs, as
    `value_refused_minor` is.
    """
    lost = value_lost(cells, costs, ["courier"])
    own = lost[lost["currency"] == costs.currency][["courier", "value_refused_minor", "cost_minor"]]
    with_rates = rates(cells, ["courier"]).drop(columns="value_refused_minor")
    frame = with_rates.merge(own.rename(columns={"cost_minor": "lost_minor"}), on="courier")
    return frame.sort_values("lost_minor", ascending=False, ignore_index=True)


def median_by_cohort(days: pd.DataFrame) -> pd.DataFrame:
    """The median of `days` in each `cohort`, weighed by `n`."""
    rows = [
        {"cohort": cohort, "median": percentile(group["days"], group["n"], 0.5)}
        for cohort, group in days.groupby("cohort")
    ]
    return pd.DataFrame(rows, columns=["cohort", "median"])


def trend(weeks: pd.DataFrame) -> pd.DataFrame:
    """Whether each courier's newest judged cohorts are refused more or less than those before.

    `weeks` is what `by_cohort` gives by courier.  The columns: `courier`, `change` (of the newest
    quarter of the cohorts against the others, in shares), `verdict`: "worse", "better", or "" where
    it may be chance (95 %, after Bonferroni's correction) or too few were shipped.
    """
    judged = weeks[weeks["mature"]]
    cohorts = np.sort(judged["cohort"].unique())
    if len(cohorts) < NEWEST_SHARE:
        return pd.DataFrame({"courier": [], "change": [], "verdict": []})
    newest = judged["cohort"] >= cohorts[-(len(cohorts) // NEWEST_SHARE)]
    sides = [
        judged[side].groupby("courier")[["shipped", "refused"]].sum() for side in (~newest, newest)
    ]
    before, now = (side.reindex(sorted(judged["courier"].unique())).fillna(0) for side in sides)
    with np.errstate(divide="ignore", invalid="ignore"):
        change = now["refused"] / now["shipped"] - before["refused"] / before["shipped"]
        whole = now["shipped"] + before["shipped"]
        share = (now["refused"] + before["refused"]) / whole
        spread = np.sqrt(share * (1 - share) * (1 / now["shipped"] + 1 / before["shipped"]))
        z = change / spread
    enough = (now["shipped"] >= ENOUGH) & (before["shipped"] >= ENOUGH)
    limit = NormalDist().inv_cdf(1 - 0.025 / max(1, int(enough.sum())))
    verdict = np.select([enough & (z > limit), enough & (z < -limit)], ["worse", "better"], "")
    return pd.DataFrame(
        {"courier": change.index, "change": change.where(enough).to_numpy(), "verdict": verdict}
    )


def time_to_process(days: pd.DataFrame) -> pd.DataFrame:
    """Median and 90th percentile of the days each `step` took, with its `n`."""
    rows = [
        {
            "step": step,
            "n": int(group["n"].sum()),
            "median": percentile(group["days"], group["n"], 0.5),
            "p90": percentile(group["days"], group["n"], 0.9),
        }
        for step, group in days.groupby("step", sort=False)
    ]
    return pd.DataFrame(rows, columns=["step", "n", "median", "p90"])


def funnel(cells: pd.DataFrame) -> pd.DataFrame:
    """Counts from shipped to reversed: `step`, `n`, and `share` of the step before."""
    names = ["shipped", "refused", "back", "cancelled", "reversed"]
    counts = cells[names].sum()
    before = counts.shift().where(lambda values: values > 0)
    return pd.DataFrame(
        {"step": names, "n": counts.to_numpy(), "share": (counts / before).to_numpy()}
    )
