"""The weekly digest: one HTML page that any mail program shows, kept as a file and sent."""

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
from matplotlib.figure import Figure
from sqlalchemy import Engine

from core.errors import UserError
from core.i18n.letters import escaped
from core.insight import counting, figures, queries, view
from core.insight.filters import Filters
from core.insight.reports import paper
from core.insight.reports.codes import ReportCode
from core.insight.reports.scorecard_pages import STYLE
from core.insight.store import snapshot
from core.insight.store.snapshot import EPOCH
from core.labels import courier_titles
from core.rights import Right, door
from core.store import disk

KEPT = 104  # weeks whose pages are kept as files
WEEKS = 12  # that rates look back over
LONGEST_WAY = 200  # days; older parcels are not looked for in the week's events
WORST = 5
EVENTS = {
    "shipped": "parcels shipped",
    "refused": "refusals the couriers told of",
    "back": "refused parcels back at the desk",
    "cancelled": "refused orders cancelled",
    "reversed": "their invoices reversed",
}


@dataclass(frozen=True)
class Digest:
    """One week, from its Monday; `html` is whole, with nothing from outside."""

    monday: date
    subject: str
    html: str

    def save(self, folder: Path) -> Path:
        """Write the page as a file named by its week; gives where it is. The oldest weeks go."""
        folder.mkdir(parents=True, exist_ok=True)
        year, week, _ = self.monday.isocalendar()
        file = folder / f"digest-{year}-W{week:02}.html"
        part = file.with_suffix(".part")
        disk.check_free_space(folder)
        part.write_text(self.html, encoding="utf-8")
        part.replace(file)
        for old in sorted(folder.glob("digest-????-W??.html"))[:-KEPT]:
            old.unlink(missing_ok=True)
        return file


@door(Right.FIGURES)
def digest(engine: Engine, today: date, costs: figures.Costs, missing_days: int) -> Digest:
    """The digest of the last whole week before `today`.  `UserError` when there are no parcels."""
    if queries.last_day(engine) is None:
        raise UserError(ReportCode.NO_PARCELS)
    monday = today - timedelta(days=today.weekday() + 7)
    look = view.load(engine, _lately(engine, today), today, missing_days)
    head = look.headline()
    rate = "too few to judge" if head.rate is None else f"{head.rate:.1%} refused"
    subject = f"Refuz, week of {monday:%d.%m.%Y}: {rate}"
    parts = [
        f"<h1>{escaped(subject)}</h1>",
        _events(engine, monday),
        _rate(look, costs),
        _couriers(look),
        _weeks(look),
        _missing(look, engine),
        _worst(look, "county", "Counties"),
        _worst(look, "product", "Products"),
    ]
    html = (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escaped(subject)}</title>'
        f"<style>{STYLE}</style><body>{''.join(parts)}</body></html>"
    )
    return Digest(monday, subject, html)


def _lately(engine: Engine, today: date) -> Filters:
    """The last weeks that are old enough to be judged, and the young ones after them."""
    until = view.load(engine, Filters(today, today), today).until
    return Filters(until - timedelta(days=7 * WEEKS - 1), today)


def _events(engine: Engine, monday: date) -> str:
    known = snapshot.current(engine)
    rows = known.choose(Filters(monday - timedelta(days=LONGEST_WAY), monday + timedelta(days=6)))
    first = (monday - EPOCH).days
    now, before = (counting.happened(rows, begin, begin + 6) for begin in (first, first - 7))
    body = "".join(
        f'<tr><td>{words}</td><td class="n">{now[name]:,}</td><td class="n">{before[name]:,}</td>'
        "</tr>"
        for name, words in EVENTS.items()
    )
    heads = '<tr><th></th><th class="n">last week</th><th class="n">the week before</th></tr>'
    return f"<table>{heads}{body}</table>"


def _rate(look: view.View, costs: figures.Costs) -> str:
    head = look.headline()
    lost = figures.value_lost(look.cells, costs)
    money = "; ".join(_lost(row) for row in lost.to_dict("records") if row["refused"])
    if head.rate is None or head.low is None or head.high is None:
        sentence = f"{head.refused} of {head.shipped} parcels refused: too few for a rate."
    else:
        sentence = (
            f"{head.rate:.1%} of {head.shipped:,} parcels refused "
            f"({head.low:.1%} to {head.high:.1%}, 95% interval)"
        )
        if head.change is not None:
            sentence += f", {round(head.change * 100, 1) + 0.0:+.1f} points to the period before"
        sentence += "."
    note = (
        f"Parcels shipped since {look.filters.since:%d.%m.%Y}, data up to "
        f"{look.as_of:%d.%m.%Y}. Rates leave out weeks after {look.until:%d.%m.%Y}, too young to "
        f"judge: 95% have an outcome within {look.maturity_days} days."
    )
    return (
        f"<h2>What gets refused</h2><p><b>{escaped(sentence)}</b> {escaped(money)}</p>"
        f'<p class="note">{escaped(note)}</p>'
    )


def _lost(row: dict[Any, Any]) -> str:
    value = f"Value refused {row['value_refused_minor'] / 100:,.0f} {row['currency']}"
    if pd.isna(row["cost_minor"]):
        return value
    return f"{value}; estimated cost {row['cost_minor'] / 100:,.0f} {row['currency']}"


def _couriers(look: view.View) -> str:
    rates = look.rates(["courier"])
    with paper.drawing():
        figure = Figure(figsize=(6.6, 0.8 + 0.32 * max(len(rates), 1)))
        paper.dots(figure.add_subplot(), rates, "courier")
        return f"<h2>Which courier is refused most?</h2>{paper.to_svg(figure)}"


def _weeks(look: view.View) -> str:
    weekly = look.cohorts("week")
    with paper.drawing():
        figure = Figure(figsize=(6.6, 2.6))
        paper.bands(figure.add_subplot(), weekly)
        return f"<h2>What became of the parcels shipped?</h2>{paper.to_svg(figure)}"


def _missing(look: view.View, engine: Engine) -> str:
    whole = Filters(date.min, look.as_of)
    gone = queries.missing(engine, whole, look.as_of, look.missing_days)
    heading = f"<h2>Refused and never brought back: {len(gone):,}</h2>"
    if gone.empty:
        return heading
    table = gone.groupby(["courier", "currency"], as_index=False).agg(
        n=("tracking", "size"), value_minor=("value_minor", "sum"), longest=("days", "max")
    )
    body = "".join(
        f"<tr><td>{escaped(courier_titles(str(row['courier'])))}</td>"
        f'<td class="n">{row["n"]:,}</td>'
        f'<td class="n">{row["value_minor"] / 100:,.0f} {escaped(str(row["currency"]))}</td>'
        f'<td class="n">{row["longest"]}</td></tr>'
        for row in table.to_dict("records")
    )
    heads = "".join(f'<th class="n">{name}</th>' for name in ("parcels", "value", "longest, days"))
    return f"{heading}<table><tr><th></th>{heads}</tr>{body}</table>"


def _worst(look: view.View, name: str, title: str) -> str:
    rates = look.sliced(name).dropna(subset=["rate"]).sort_values("low", ascending=False)
    body = "".join(
        f"<tr><td>{escaped(str(row.get('product') or row['slice']))}</td>"
        f'<td class="n">{row["shipped"]:,}</td><td class="n">{row["rate"]:.1%}</td>'
        f"<td>{row['low']:.1%} to {row['high']:.1%}</td></tr>"
        for row in rates.head(WORST).to_dict("records")
    )
    heads = '<th class="n">shipped</th><th class="n">refused</th><th>95%</th>'
    return f"<h2>{title} refused most</h2><table><tr><th></th>{heads}</tr>{body}</table>"
