"""The scorecard drawn: as two A4 pages in PDF, and as one HTML page."""

from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from core.i18n.letters import escaped
from core.insight.reports import paper
from core.insight.reports.scorecard import COUNTS, Scorecard, interval_text
from core.labels import courier_titles

STYLE = (
    "body{font:14px/1.45 system-ui,sans-serif;color:#1f1f1f;max-width:46rem;margin:2rem auto;"
    "padding:0 1rem}"
    "table{border-collapse:collapse;width:100%;margin:.6rem 0 1.4rem}"
    "th,td{text-align:left;padding:.25rem .5rem;border-bottom:1px solid #ccc}"
    "td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}svg{max-width:100%;height:auto}"
    "tr.own td{font-weight:600}.note{color:#555}h2{break-after:avoid}"
    "@media print{body{margin:0;padding:0}section+section{break-before:page}}"
)
ROWS = 42  # of missing parcels on the second page


def charts(card: Scorecard) -> dict[str, str]:
    """The rates against the others, and the days to bring back, as SVG."""
    with paper.drawing():
        others = Figure(figsize=(6.6, 0.8 + 0.32 * len(card.compared)))
        paper.dots(others.add_subplot(), card.compared, "courier", own=card.courier)
        drawings = {"others": paper.to_svg(others), "days": ""}
        if len(card.days):
            days = Figure(figsize=(6.6, 2.2))
            paper.steps(days.add_subplot(), card.days)
            drawings["days"] = paper.to_svg(days)
        return drawings


def html(card: Scorecard) -> str:
    """The whole page, with nothing from outside; every text in it escaped."""
    drawn = charts(card)
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escaped(card.title)}'
        f"</title><style>{STYLE}</style><body><section><h1>{escaped(card.title)}</h1>"
        f'<p class="note">{escaped(card.note)}</p>'
        f"<h2>Against the others</h2>{drawn['others']}{_compared(card)}"
        f"<h2>Days to bring back</h2><p>{escaped(card.brought_back)}</p>{drawn['days']}"
        f"</section><section><h2>Refused and never brought back</h2>"
        f"<p>{escaped(card.missed)}</p>{_missing(card)}</section></body></html>"
    )


def pdf(card: Scorecard) -> bytes:
    """Page one: volumes, rates, days.  Page two: what never came back."""
    with paper.drawing():
        return paper.to_pdf([_first(card), _second(card)], card.title)


def _first(card: Scorecard) -> Figure:
    """Page one: this courier's refusal rate beside the others', and its days to bring back."""
    page = paper.page(card.title, card.note)
    _heading(page, 0.885, "Against the others")
    height = min(0.30, 0.035 * len(card.compared) + 0.04)
    rates = page.add_axes((0.26, 0.86 - height, 0.66, height))
    paper.dots(rates, card.compared, "courier", own=card.courier)
    below = 0.86 - height - 0.07
    rows = []
    for row in card.compared.to_dict("records"):
        rate, interval = interval_text(row)
        counts = {name: f"{int(row[name]):,}" for name in COUNTS}
        name = courier_titles(row["courier"])
        rows.append({"courier": name, **counts, "rate": rate, "95%": interval})
    paper.table(
        page.add_axes((0.08, below - 0.25, 0.84, 0.25)),
        pd.DataFrame(rows),
        (0.18, 0.11, 0.11, 0.11, 0.09, 0.09, 0.09, 0.22),
    )
    _heading(page, 0.29, "Days to bring back")
    page.text(0.08, 0.27, card.brought_back, size=9)
    if len(card.days):
        paper.steps(page.add_axes((0.12, 0.07, 0.80, 0.17)), card.days)
    return page


def _second(card: Scorecard) -> Figure:
    """Page two: the refused parcels it never brought back, the dearest first."""
    page = paper.page("Refused and never brought back", card.missed)
    shown = card.missing.sort_values("value_minor", ascending=False).head(ROWS)
    if len(shown):
        table = pd.DataFrame(
            {
                "tracking number": shown["tracking"],
                "refused on": shown["outcome_on"].astype(str),
                "days": shown["days"].astype(str),
                "value": [f"{value / 100:,.2f}" for value in shown["value_minor"]],
                "currency": shown["currency"],
            }
        )
        axes = page.add_axes((0.08, 0.07, 0.84, 0.83))
        paper.table(axes, table, (0.34, 0.18, 0.12, 0.20, 0.16))
    rest = len(card.missing) - len(shown)
    if rest:
        page.text(0.08, 0.04, f"And {rest} more of smaller value: see the claim file.", size=9)
    return page


def _heading(page: Figure, height: float, text: str) -> None:
    page.text(0.08, height, text, size=11, weight="bold", color=paper.INK)


def _compared(card: Scorecard) -> str:
    body = "".join(
        f"<tr{' class=own' if place < len(card.own) else ''}>"
        f"<td>{escaped(courier_titles(str(row['courier'])))}</td>{_cells(row)}</tr>"
        for place, row in enumerate(card.compared.to_dict("records"))
    )
    heads = "".join(f'<th class="n">{name}</th>' for name in (*COUNTS, "rate"))
    return f"<table><tr><th></th>{heads}<th>95%</th></tr>{body}</table>"


def _missing(card: Scorecard) -> str:
    if card.missing.empty:
        return ""
    body = "".join(
        f"<tr><td>{escaped(str(row['tracking']))}</td><td>{row['outcome_on']}</td>"
        f'<td class="n">{int(row["days"])}</td><td class="n">{row["value_minor"] / 100:,.2f} '
        f"{escaped(str(row['currency']))}</td></tr>"
        for row in card.missing.to_dict("records")
    )
    return (
        '<table><tr><th>tracking number</th><th>refused on</th><th class="n">days</th>'
        f'<th class="n">value</th></tr>{body}</table>'
    )


def _cells(row: dict[Any, Any]) -> str:
    counts = "".join(f'<td class="n">{int(row[name]):,}</td>' for name in COUNTS)
    rate, interval = interval_text(row)
    return f'{counts}<td class="n">{rate}</td><td>{interval}</td>'
