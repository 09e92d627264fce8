"""The weekly digest: one HTML page that any mail program shows, kept as a file and sent."""

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
from matplotlib.figure import Figure
from sqlalchemy import Engine

from core.errors import UserError
from core.i18n.language import Words, number
from core.i18n.letters import escaped
from core.insight import counting, figures, queries, view
from core.insight.filters import Filters
from core.insight.reports import paper
from core.insight.reports.codes import ReportCode
from core.insight.reports.scorecard_pages import STYLE
from core.insight.store import snapshot
from core.insight.store.snapshot import EPOCH
from core.labels import courier_titles
from core.reasons import N_
from core.rights import Right, door
from core.store import disk

KEPT = 104  # weeks whose pages are kept as files
WEEKS = 12  # that rates look back over
LONGEST_WAY = 200  # days; older parcels are not looked for in the week's events
WORST = 5
EVENTS = {
    "shipped": N_("parcels shipped"),
    "refused": N_("refusals the couriers told of"),
    "back": N_("refused parcels back at the desk"),
    "cancelled": N_("refused orders cancelled"),
    "reversed": N_("their invoices reversed"),
}


@dataclass(frozen=True)
class Digest:
    """One week, from its Monday; `html` is whole, with nothing from outside."""

    monday: date
    subject: str
    html: str
    language: str = "en"

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
def digest(
    engine: Engine, today: date, costs: figures.Costs, missing_days: int, language: str = "en"
) -> Digest:
    """The digest of the last whole week before `today`.  `UserError` when there are no parcels."""
    if queries.last_day(engine) is None:
        raise UserError(ReportCode.NO_PARCELS)
    words = Words(language)
    monday = today - timedelta(days=today.weekday() + 7)
    look = view.load(engine, _lately(engine, today), today, missing_days)
    head = look.headline()
    rate = (
        words(N_("too few to judge"))
        if head.rate is None
        else words(N_("{rate} refused"), rate=words.share(head.rate))
    )
    subject = words(N_("Refuz, week of {monday}: {rate}"), monday=f"{monday:%d.%m.%Y}", rate=rate)
    parts = [
        f"<h1>{escaped(subject)}</h1>",
        _events(engine, monday, words),
        _rate(look, costs, words),
        _couriers(look, words),
        _weeks(look, words),
        _missing(look, engine, words),
        _worst(look, "county", N_("Counties refused most"), words),
        _worst(look, "product", N_("Products refused most"), words),
    ]
    html = (
        f'<!doctype html><html lang="{language}"><meta charset="utf-8">'
        f"<title>{escaped(subject)}</title>"
        f"<style>{STYLE}</style><body>{''.join(parts)}</body></html>"
    )
    return Digest(monday, subject, html, language)


def _lately(engine: Engine, today: date) -> Filters:
    """The last weeks that are old enough to be judged, and the young ones after them."""
    until = view.load(engine, Filters(today, today), today).until
    return Filters(until - timedelta(days=7 * WEEKS - 1), today)


def _events(engine: Engine, monday: date, words: Words) -> str:
    """A table of what happened in the week of that Monday and in the week before, as HTML."""
    known = snapshot.current(engine)
    rows = known.choose(Filters(monday - timedelta(days=LONGEST_WAY), monday + timedelta(days=6)))
    first = (monday - EPOCH).days
    now, before = (counting.happened(rows, begin, begin + 6) for begin in (first, first - 7))
    body = "".join(
        f'<tr><td>{escaped(words(text))}</td><td class="n">{words.count(now[name])}</td>'
        f'<td class="n">{words.count(before[name])}</td></tr>'
        for name, text in EVENTS.items()
    )
    heads = _heads(words, N_("last week"), N_("the week before"))
    return f"<table><tr><th></th>{heads}</tr>{body}</table>"


def _heads(words: Words, *titles: str) -> str:
    return "".join(f'<th class="n">{escaped(words(title))}</th>' for title in titles)


def _rate(look: view.View, costs: figures.Costs, words: Words) -> str:
    """The refusal rate of the last weeks with its interval, its cost, and what it leaves out."""
    head = look.headline()
    lost = figures.value_lost(look.cells, costs)
    money = " ".join(_lost(row, words) for row in lost.to_dict("records") if row["refused"])
    if head.rate is None or head.low is None or head.high is None:
        sentence = words(
            N_("{refused} of {shipped} parcels refused: too few for a rate."),
            refused=head.refused, shipped=head.shipped,
        )  # fmt: skip
    else:
        sentence = words(
            N_("{rate} of {shipped} parcels refused ({low} to {high}, 95% interval)"),
            rate=words.share(head.rate), shipped=words.count(head.shipped),
            low=words.share(head.low), high=words.share(head.high),
        )  # fmt: skip
        if head.change is not None:
            change = round(head.change * 100, 1) + 0.0
            points = ("+" if change >= 0 else "") + number(change, words.language, 1)
            sentence += words(N_(", {points} points to the period before"), points=points)
        sentence += "."
    note = words(
        N_(
            "Parcels shipped since {since}, data up to {as_of}. Rates leave out weeks after "
            "{until}, too young to judge: 95% have an outcome within {days} days."
        ),
        since=f"{look.filters.since:%d.%m.%Y}", as_of=f"{look.as_of:%d.%m.%Y}",
        until=f"{look.until:%d.%m.%Y}", days=look.maturity_days,
    )  # fmt: skip
    title = words(N_("What gets refused"))
    return (
        f"<h2>{escaped(title)}</h2>"
        f"<p><b>{escaped(sentence)}</b> {escaped(money)}</p>"
        f'<p class="note">{escaped(note)}</p>'
    )


def _lost(row: dict[Any, Any], words: Words) -> str:
    currency = str(row["currency"])
    value = words(
        N_("Value refused {value}"), value=words.money(row["value_refused_minor"], currency)
    )
    if pd.isna(row["cost_minor"]):
        return f"{value}."
    cost = words(N_("estimated cost {cost}"), cost=words.money(row["cost_minor"], currency))
    return f"{value}; {cost}."


def _couriers(look: view.View, words: Words) -> str:
    rates = look.rates(["courier"])
    with paper.drawing():
        figure = Figure(figsize=(6.6, 0.8 + 0.32 * max(len(rates), 1)))
        paper.dots(figure.add_subplot(), rates, "courier", language=words.language)
        title = escaped(words(N_("Which courier is refused most?")))
        return f"<h2>{title}</h2>{paper.to_svg(figure)}"


def _weeks(look: view.View, words: Words) -> str:
    weekly = look.cohorts("week")
    with paper.drawing():
        figure = Figure(figsize=(6.6, 2.6))
        paper.bands(figure.add_subplot(), weekly, language=words.language)
        title = escaped(words(N_("What became of the parcels shipped?")))
        return f"<h2>{title}</h2>{paper.to_svg(figure)}"


def _missing(look: view.View, engine: Engine, words: Words) -> str:
    """What couriers called refused and never brought back, by courier and currency, as HTML."""
    whole = Filters(date.min, look.as_of)
    gone = queries.missing(engine, whole, look.as_of, look.missing_days)
    title = words(N_("Refused and never brought back: {count}"), count=words.count(len(gone)))
    heading = f"<h2>{escaped(title)}</h2>"
    if gone.empty:
        return heading
    table = gone.groupby(["courier", "currency"], as_index=False).agg(
        n=("tracking", "size"), value_minor=("value_minor", "sum"), longest=("days", "max")
    )
    body = "".join(
        f"<tr><td>{escaped(courier_titles(str(row['courier'])))}</td>"
        f'<td class="n">{words.count(row["n"])}</td>'
        f'<td class="n">{escaped(words.money(row["value_minor"], str(row["currency"])))}</td>'
        f'<td class="n">{row["longest"]}</td></tr>'
        for row in table.to_dict("records")
    )
    heads = _heads(words, N_("parcels"), N_("value"), N_("longest, days"))
    return f"{heading}<table><tr><th></th>{heads}</tr>{body}</table>"


def _worst(look: view.View, name: str, title: str, words: Words) -> str:
    rates = look.sliced(name).dropna(subset=["rate"]).sort_values("low", ascending=False)
    between = N_("{low} to {high}")
    body = "".join(
        f"<tr><td>{escaped(str(row.get('product') or row['slice']))}</td>"
        f'<td class="n">{words.count(row["shipped"])}</td>'
        f'<td class="n">{words.share(row["rate"])}</td>'
        f"<td>{words(between, low=words.share(row['low']), high=words.share(row['high']))}</td>"
        "</tr>"
        for row in rates.head(WORST).to_dict("records")
    )
    heads = _heads(words, N_("shipped"), N_("refused"))
    interval = escaped(words(N_("95% interval")))
    return (
        f"<h2>{escaped(words(title))}</h2>"
        f"<table><tr><th></th>{heads}<th>{interval}</th></tr>{body}</table>"
    )
