"""One courier's month on two pages, to send to its account manager: as HTML and as PDF."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd
from sqlalchemy import Engine

from core.errors import UserError
from core.insight import counting, figures, queries
from core.insight.filters import Filters
from core.insight.reports.codes import ReportCode
from core.insight.store import snapshot
from core.labels import courier_titles
from core.rights import Right, door

COUNTS = ("shipped", "delivered", "refused", "lost", "open")


@dataclass(frozen=True)
class Scorecard:
    """One courier, one ship month.  `others` names no competitor, only A, B, C …

    `days` is how many refused parcels (`n`) took how many `days` to our desk; `steps` its median
    and 90th percentile.
    """

    courier: str
    month: date
    as_of: date
    missing_days: int
    own: pd.DataFrame
    others: pd.DataFrame
    missing: pd.DataFrame
    days: pd.DataFrame
    steps: pd.DataFrame

    @property
    def title(self) -> str:
        """What stands at the top."""
        return f"{courier_titles(self.courier)}: parcels shipped in {self.month:%B %Y}"

    @property
    def note(self) -> str:
        """How to read the figures."""
        return (
            f"Data up to {self.as_of:%d %b %Y}. Refused ÷ shipped, with the 95% Wilson interval; "
            "no rate under 20 parcels. Parcels still under way may yet be refused. Other couriers "
            "are anonymous."
        )

    @property
    def compared(self) -> pd.DataFrame:
        """The courier's own row, then the others'."""
        return pd.concat([self.own, self.others], ignore_index=True)

    @property
    def brought_back(self) -> str:
        """How long the way back took, in a sentence."""
        if self.steps.empty:
            return "No refused parcel of this month has been scanned yet."
        row = self.steps.iloc[0]
        return (
            f"Half of the {int(row['n'])} refused parcels were back at our desk within "
            f"{row['median']:.0f} days of the refusal, nine in ten within {row['p90']:.0f}."
        )

    @property
    def missed(self) -> str:
        """What never came back, in a sentence."""
        if self.missing.empty:
            return "None."
        total = self.missing.groupby("currency")["value_minor"].sum()
        sums = ", ".join(f"{value / 100:,.2f} {currency}" for currency, value in total.items())
        count = f"{len(self.missing)} parcel{'' if len(self.missing) == 1 else 's'}"
        return (
            f"{count}, together {sums}: refused by your word more than {self.missing_days} days "
            "ago and never handed back."
        )


@door(Right.FIGURES)
def scorecard(
    engine: Engine, courier: str, month: date, as_of: date, missing_days: int = 14
) -> Scorecard:
    """The scorecard of what `courier` was given in the month of `month`, as known on `as_of`.

    `UserError` when the courier was given nothing in that month.
    """
    last = monthrange(month.year, month.month)[1]
    whole = Filters(month.replace(day=1), month.replace(day=last))
    own = whole.narrowed(courier=courier)
    known = snapshot.current(engine)
    rates = figures.rates(counting.by_slice(known.choose(whole), "courier"), ["slice"])
    rates = rates.rename(columns={"slice": "courier"})
    if courier not in set(rates["courier"]):
        raise UserError(
            ReportCode.NONE_GIVEN, courier=courier_titles(courier), month=f"{month:%m.%Y}"
        )
    others = rates[rates["courier"] != courier].sort_values("shipped", ascending=False)
    others = others.assign(courier=[f"courier {chr(65 + i)}" for i in range(len(others))])
    days = counting.process_days(known.choose(own))
    days = days[days["step"] == counting.STEP_NAMES[0]]
    return Scorecard(
        courier=courier,
        month=whole.since,
        as_of=as_of,
        missing_days=missing_days,
        own=rates[rates["courier"] == courier],
        others=others,
        missing=queries.missing(engine, own, as_of, missing_days),
        days=days,
        steps=figures.time_to_process(days),
    )


def interval_text(row: dict[Any, Any]) -> tuple[str, str]:
    """Rate and interval as people read them; dashes where too few were shipped."""
    if pd.isna(row["rate"]):
        return "–", "–"
    return f"{row['rate']:.1%}", f"{row['low']:.1%} to {row['high']:.1%}"
