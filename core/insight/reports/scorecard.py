"""One courier's month on two pages, to send to its account manager: as HTML and as PDF."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date

import pandas as pd
from sqlalchemy import Engine

from core.errors import UserError
from core.insight import counting, figures, queries
from core.insight.filters import Filters
from core.insight.reports.codes import ReportCode
from core.insight.store import snapshot
from core.labels import courier_titles
from core.rights import Right, door


@dataclass(frozen=True)
class Scorecard:
    """One courier, one ship month.  `others` names no competitor: its `courier` is A, B, C …

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
    others = others.assign(courier=[chr(ord("A") + place) for place in range(len(others))])
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
