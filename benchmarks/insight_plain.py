"""The yardstick: the figures of Analytics by plain pandas groupby over a frame in memory."""

import itertools
from datetime import date, timedelta
from typing import Any, cast

import pandas as pd

from core.insight.facts import BANDS
from core.insight.filters import Filters

KEYS = ["week", "courier", "payment", "county", "currency"]
SUMS = [
    "shipped", "delivered", "refused", "lost", "open", "back", "cancelled", "reversed", "value",
]  # fmt: skip
WORDS = ["courier", "payment", "county", "currency", "sku", "outcome"]
SLICES = ("county", "product", "value band")  # what the page shows at first
COLUMNS = {"county": "county", "product": "sku", "value band": "band"}
STEPS = ["outcome_on", "scanned_on", "cancelled_on", "reversed_on"]


def in_memory(frame: pd.DataFrame) -> pd.DataFrame:
    """The history as somebody who knows pandas would keep it: words as categories, flags ready."""
    monday = frame["shipped_on"] - pd.to_timedelta(frame["shipped_on"].dt.day_of_week, "D")
    refused = frame["outcome"] == "refused"
    kept = frame[[*WORDS, "shipped_on", "outcome_on", "value_minor"]].assign(
        week=monday,
        shipped=1,
        refused=refused,
        delivered=frame["outcome"] == "delivered",
        lost=frame["outcome"] == "lost",
        open=frame["outcome"] == "",
        back=refused & frame["scanned_on"].notna(),
        cancelled=refused & frame["cancelled_on"].notna(),
        reversed=refused & frame["reversed_on"].notna(),
        value=frame["value_minor"].where(refused, 0),
        band=pd.cut(frame["value_minor"], [-1, *(end - 1 for end in BANDS), 10**12]),
        days=(frame["outcome_on"] - frame["shipped_on"]).dt.days,
        **{
            f"step{n}": (frame[second] - frame[first]).dt.days
            for n, (first, second) in enumerate(itertools.pairwise(STEPS))
        },
    )
    return kept.astype(dict.fromkeys(WORDS, "category"))


def chosen(frame: pd.DataFrame, filters: Filters) -> pd.DataFrame:
    """The rows that the filters choose, by plain comparisons."""
    mask = frame["shipped_on"].between(pd.Timestamp(filters.since), pd.Timestamp(filters.until))
    for name, values in (
        ("courier", filters.couriers), ("county", filters.counties), ("payment", filters.payments)
    ):  # fmt: skip
        if values:
            mask &= frame[name].isin(values)
    return frame[mask]


def one(frame: pd.DataFrame, filters: Filters) -> pd.DataFrame:
    """A single groupby: the cells that most charts are made of."""
    return cast("pd.DataFrame", _by(chosen(frame, filters), KEYS)[SUMS].sum())


def page(frame: pd.DataFrame, filters: Filters, today: date, missing_days: int) -> Any:
    """Every question that one look at the page asks."""
    maturing = frame.groupby("days").size().cumsum()
    days = int(maturing.index[int(maturing.searchsorted(maturing.iloc[-1] * 0.95))])
    rows = chosen(frame, filters)
    old = rows[rows["shipped_on"] <= pd.Timestamp(today - timedelta(days=days + 1))]
    refused = rows[rows["refused"]]
    gone = refused[~refused["back"]]
    gone = gone[gone["outcome_on"] < pd.Timestamp(today - timedelta(days=missing_days))]
    return (
        _by(rows, KEYS)[SUMS].sum(),
        one(frame, filters.before()),
        *(_by(old, [COLUMNS[name]])[SUMS].sum() for name in SLICES),
        _by(old, ["courier", "outcome", "days"]).size(),
        _by(old, ["courier"]).size(),
        *(refused.groupby(f"step{n}").size() for n in range(len(STEPS) - 1)),
        _by(gone, ["currency"])["value"].agg(["size", "sum"]),
    )


def _by(rows: pd.DataFrame, keys: list[str]) -> Any:
    return rows.groupby(keys, observed=True)
