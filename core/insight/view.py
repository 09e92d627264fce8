"""Everything one look at Analytics needs, counted once for a choice of filters."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import pandas as pd
from sqlalchemy import Engine

from core.insight import figures, queries
from core.insight.filters import Filters

MISSING_DAYS = 21


@dataclass(frozen=True)
class View:
    """Counted frames of one choice; `until` is the last ship date old enough to be judged.

    `judged` is how many parcels each courier shipped by then, `delays` what became of those.
    """

    filters: Filters
    as_of: date
    maturity_days: int
    until: date
    cells: pd.DataFrame
    before: pd.DataFrame
    products: pd.DataFrame
    delays: pd.DataFrame
    judged: "pd.Series[int]"
    process: pd.DataFrame
    missing: pd.DataFrame

    @property
    def left_out(self) -> str:
        """What headline figures and rankings leave out, in a sentence."""
        return (
            f"Left out: parcels of weeks after {self.until:%d %b %Y}, too young to judge "
            f"(95 % have an outcome within {self.maturity_days} days)."
        )

    @property
    def mature(self) -> pd.DataFrame:
        """The cells old enough to be judged."""
        return figures.mature(self.cells, self.until)

    def headline(self) -> figures.Headline:
        """The mature rate against the period before."""
        return figures.headline(self.cells, self.before, self.until)

    def rates(self, by: Sequence[str]) -> pd.DataFrame:
        """Mature rates by columns of the cells."""
        return figures.rates(self.mature, by)

    def incidence(self) -> pd.DataFrame:
        """Share refused by days since shipping, per courier, of parcels shipped by `until`."""
        return figures.cumulative_incidence(self.delays, self.judged)


def load(source: Engine, filters: Filters, today: date, missing_days: int = MISSING_DAYS) -> View:
    """Count what the filters choose.  Maturity is told from all the data, so it does not jump."""
    as_of = min(queries.last_day(source) or today, today)
    everything = Filters(date.min, today)
    days = figures.days_to_maturity(queries.delays(source, everything))
    until = figures.mature_until(as_of, days)
    judged = replace(filters, until=min(filters.until, until))
    delays = queries.delays(source, judged)
    shipped = queries.by_slice(source, judged, "courier").set_index("slice")["shipped"]
    return View(
        filters=filters,
        as_of=as_of,
        maturity_days=days,
        until=until,
        cells=queries.cells(source, filters),
        before=queries.cells(source, filters.before()),
        products=queries.by_product(source, filters, until),
        delays=delays,
        judged=shipped.rename_axis("courier"),
        process=queries.process_days(source, filters),
        missing=queries.missing(source, filters, as_of, missing_days),
    )


def narrowed(filters: Filters, *, courier: str = "", county: str = "", week: str = "") -> Filters:
    """The filters of one mark of a chart: one courier, one county or one ship week."""
    if courier:
        filters = replace(filters, couriers=(courier,))
    if county:
        filters = replace(filters, counties=(county,))
    if week:
        monday = date.fromisoformat(week[:10])
        since, until = max(monday, filters.since), min(monday + timedelta(6), filters.until)
        filters = replace(filters, since=since, until=until)
    return filters
