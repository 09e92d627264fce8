"""Everything one look at Analytics needs, counted once for a choice of filters."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

import numpy as np
import pandas as pd
from sqlalchemy import Engine

from core.insight import counting, figures, standing_out
from core.insight.filters import Filters
from core.insight.standing_out import StandOut
from core.insight.store import snapshot
from core.insight.store.snapshot import EPOCH, Rows
from core.rights import Right, door

MISSING_DAYS = 14


@dataclass(frozen=True)
class View:
    """Counted frames of one choice; `until` is the last day of the last week old enough to judge.

    `judged` is how many parcels each courier shipped by then, `delays` what became of those.
    """

    filters: Filters
    as_of: date
    maturity_days: int
    until: date
    cells: pd.DataFrame
    before: pd.DataFrame
    delays: pd.DataFrame
    judged: "pd.Series[int]"
    process: pd.DataFrame
    missing: pd.DataFrame
    missing_days: int
    rows: Rows

    @property
    def judged_filters(self) -> Filters:
        """The filters up to the last day old enough to be judged: what rates are made of."""
        return replace(self.filters, until=min(self.filters.until, self.until))

    @cached_property
    def mature(self) -> pd.DataFrame:
        """The cells old enough to be judged."""
        return figures.mature(self.cells, self.until)

    def headline(self) -> figures.Headline:
        """The mature rate against the period before."""
        return figures.headline(self.cells, self.before, self.until)

    def rates(self, by: Sequence[str]) -> pd.DataFrame:
        """Mature rates by columns of the cells."""
        return figures.rates(self.mature, by)

    def cohorts(self, span: str, by: Sequence[str] = ()) -> pd.DataFrame:
        """Rates by ship cohort (day, week or month), `mature` False where too young to judge."""
        return figures.by_cohort(counting.cohorts(self.rows, span, by), self.until, by)

    def incidence(self) -> pd.DataFrame:
        """Share refused by days since shipping, per courier, of parcels shipped by `until`."""
        return figures.cumulative_incidence(self.delays, self.judged)

    def standing_out(self) -> StandOut | None:
        """What is refused more than the others, if anything surely is."""
        old = self.rows.until(self.until)
        return standing_out.standing_out(
            {name: counting.by_slice(old, name, ["payment"]) for name in standing_out.SLICES}
        )

    def cost_of_each(self, costs: figures.Costs) -> float | None:
        """What one refusal costs on the average, in minor units; None where none is known."""
        lost = figures.value_lost(self.mature, costs)
        own = lost[(lost["currency"] == costs.currency) & (lost["refused"] > 0)]
        return None if own.empty else float(own["cost_minor"].iloc[0] / own["refused"].iloc[0])

    def line_of_rates(self, span: str) -> "pd.Series[float]":
        """The rate of each judged cohort that has one, in order."""
        cohorts = self.cohorts(span)
        return cohorts[cohorts["mature"]].set_index("cohort")["rate"].dropna()

    def line_of_costs(self, span: str, costs: figures.Costs) -> "pd.Series[float]":
        """What the refusals of each judged cohort cost, in minor units of the costs' currency."""
        counts = counting.cohorts(self.rows.until(self.until), span, ["payment", "currency"])
        lost = figures.value_lost(counts, costs, ["cohort"])
        return lost[lost["currency"] == costs.currency].set_index("cohort")["cost_minor"]

    def line_of_missing(self, span: str) -> "pd.Series[int]":
        """How many of each cohort never came back."""
        before = (self.as_of - EPOCH).days - self.missing_days
        return counting.missing_by(self.rows, before, span).set_index("cohort")["n"]

    def line_of_days(self, span: str) -> "pd.Series[float]":
        """The median days from refused to scanned of each judged cohort."""
        days = counting.way_back(self.rows.until(self.until), span)
        return figures.median_by_cohort(days).set_index("cohort")["median"]

    def sliced(self, name: str) -> pd.DataFrame:
        """Mature rates by any slice, in the column `slice`; of products also the title."""
        rates = figures.rates(counting.by_slice(self.rows.until(self.until), name), ["slice"])
        if name == "product":
            rates["product"] = rates["slice"].map(self.rows.snapshot.titles)
        return rates


@door(Right.FIGURES)
def load(engine: Engine, filters: Filters, today: date, missing_days: int = MISSING_DAYS) -> View:
    """Count what the filters choose.  Maturity is told from all the data, so it does not jump."""
    known = snapshot.current(engine)
    as_of = min(known.last_day or today, today)
    days = figures.days_to_maturity(
        pd.DataFrame({"days": np.arange(len(known.maturing)), "n": known.maturing})
    )
    until = figures.mature_until(as_of, days)
    rows = known.choose(filters)
    old = rows.until(until)
    codes, couriers = old.codes("courier")
    shipped = np.bincount(codes, minlength=len(couriers))
    judged = pd.Series(shipped, index=pd.Index(couriers, name="courier"), name="shipped")
    return View(
        filters=filters,
        as_of=as_of,
        maturity_days=days,
        until=until,
        cells=counting.cells(rows),
        before=counting.cells(known.choose(filters.before())),
        delays=counting.delays(old),
        judged=judged[judged > 0],
        process=counting.process_days(rows),
        missing=counting.missing(rows, (as_of - EPOCH).days - missing_days),
        missing_days=missing_days,
        rows=rows,
    )
