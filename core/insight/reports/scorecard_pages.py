"""The scorecard drawn, in one language: as two A4 pages in PDF, and as one HTML page."""

from datetime import date
from typing import Any

import pandas as pd
from babel.dates import format_skeleton
from matplotlib.figure import Figure

from core.i18n.language import Words, money
from core.i18n.letters import escaped
from core.insight.reports import paper
from core.insight.reports.scorecard import Scorecard
from core.labels import courier_titles
from core.reasons import N_

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


HEADS = {
    "shipped": N_("Shipped"),
    "delivered": N_("Delivered"),
    "refused": N_("Refused"),
    "lost": N_("Lost"),
    "open": N_("Under way"),
}
AGAINST = N_("Against the others")
BROUGHT_BACK = N_("Days to bring back")
MISSED = N_("Refused and never brought back")


def html(card: Scorecard, language: str = "en") -> str:
    """The whole page, with nothing from outside; every text in it escaped."""
    words = Words(language)
    title, drawn = _title(card, words), _charts(card, words)
    return (
        f'<!doctype html><html lang="{language}"><meta charset="utf-8"><title>{escaped(title)}'
        f"</title><style>{STYLE}</style><body><section><h1>{escaped(title)}</h1>"
        f'<p class="note">{escaped(_note(card, words))}</p>'
        f"<h2>{escaped(words(AGAINST))}</h2>{drawn['others']}{_compared(card, words)}"
        f"<h2>{escaped(words(BROUGHT_BACK))}</h2><p>{escaped(_brought_back(card, words))}</p>"
        f"{drawn['days']}</section><section><h2>{escaped(words(MISSED))}</h2>"
        f"<p>{escaped(_missed(card, words))}</p>{_missing(card, words)}</section></body></html>"
    )


def pdf(card: Scorecard, language: str = "en") -> bytes:
    """Page one: volumes, rates, days.  Page two: what never came back."""
    words = Words(language)
    with paper.drawing():
        return paper.to_pdf([_first(card, words), _second(card, words)], _title(card, words))


def _title(card: Scorecard, words: Words) -> str:
    month = format_skeleton("yMMMM", card.month, locale=words.language)
    return words(
        N_("{courier}: parcels shipped in {month}"),
        courier=courier_titles(card.courier), month=month,
    )  # fmt: skip


def _note(card: Scorecard, words: Words) -> str:
    """How to read the figures."""
    return words(
        N_(
            "Data up to {day}. Refused ÷ shipped, with the 95% Wilson interval; no rate under 20 "
            "parcels. Parcels still under way may yet be refused. Other couriers are anonymous."
        ),
        day=_day(card.as_of),
    )


def _brought_back(card: Scorecard, words: Words) -> str:
    """How long the way back took, in a sentence."""
    if card.steps.empty:
        return words(N_("No refused parcel of this month has been scanned yet."))
    row = card.steps.iloc[0]
    return words(
        N_(
            "Parcels refused and scanned: {count}. Half of them were back at our desk within "
            "{half} days of the refusal, nine in ten within {most} days."
        ),
        count=words.count(row["n"]), half=words.count(row["median"]),
        most=words.count(row["p90"]),
    )  # fmt: skip


def _missed(card: Scorecard, words: Words) -> str:
    """What never came back, in a sentence."""
    if card.missing.empty:
        return words(N_("None."))
    total = card.missing.groupby("currency")["value_minor"].sum()
    return words(
        N_(
            "Parcels: {count}, together {sums}. Refused by your word more than {days} days ago "
            "and never handed back."
        ),
        count=words.count(len(card.missing)), days=card.missing_days,
        sums=", ".join(money(sum_, str(currency), words.language)
                       for currency, sum_ in total.items()),
    )  # fmt: skip


def _charts(card: Scorecard, words: Words) -> dict[str, str]:
    """The rates against the others, and the days to bring back, as SVG."""
    rates = _named(card, words)
    with paper.drawing():
        others = Figure(figsize=(6.6, 0.8 + 0.32 * len(rates)))
        own = courier_titles(card.courier)
        paper.dots(others.add_subplot(), rates, "courier", own=own, language=words.language)
        drawings = {"others": paper.to_svg(others), "days": ""}
        if len(card.days):
            days = Figure(figsize=(6.6, 2.2))
            paper.steps(days.add_subplot(), card.days, language=words.language)
            drawings["days"] = paper.to_svg(days)
        return drawings


def _named(card: Scorecard, words: Words) -> pd.DataFrame:
    """The courier's own row, then the others', each by the name that is shown."""
    own = card.own.assign(courier=card.own["courier"].map(courier_titles))
    names = [words(N_("courier {letter}"), letter=letter) for letter in card.others["courier"]]
    return pd.concat([own, card.others.assign(courier=names)], ignore_index=True)


def _first(card: Scorecard, words: Words) -> Figure:
    """Page one: this courier's refusal rate beside the others', and its days to bring back."""
    page = paper.page(_title(card, words), _note(card, words))
    _heading(page, 0.885, words(AGAINST))
    compared = _named(card, words)
    height = min(0.30, 0.035 * len(compared) + 0.04)
    rates = page.add_axes((0.26, 0.86 - height, 0.66, height))
    own = courier_titles(card.courier)
    paper.dots(rates, compared, "courier", own=own, language=words.language)
    below = 0.86 - height - 0.07
    rows = []
    for row in compared.to_dict("records"):
        rate, interval = _rate(row, words)
        counts = {words(HEADS[name]): words.count(row[name]) for name in HEADS}
        name = {words(N_("Courier")): row["courier"]}
        rows.append({**name, **counts, words(N_("Rate")): rate, "95%": interval})
    paper.table(
        page.add_axes((0.08, below - 0.25, 0.84, 0.25)),
        pd.DataFrame(rows),
        (0.18, 0.11, 0.11, 0.11, 0.09, 0.09, 0.09, 0.22),
    )
    _heading(page, 0.29, words(BROUGHT_BACK))
    page.text(0.08, 0.27, _brought_back(card, words), size=9)
    if len(card.days):
        days = page.add_axes((0.12, 0.07, 0.80, 0.17))
        paper.steps(days, card.days, language=words.language)
    return page


def _second(card: Scorecard, words: Words) -> Figure:
    """Page two: the refused parcels it never brought back, the dearest first."""
    page = paper.page(words(MISSED), _missed(card, words))
    shown = card.missing.sort_values("value_minor", ascending=False).head(ROWS)
    if len(shown):
        axes = page.add_axes((0.08, 0.07, 0.84, 0.83))
        rows = [_row(row, words) for row in shown.to_dict("records")]
        table = pd.DataFrame(rows, columns=_columns(words))
        paper.table(axes, table, (0.40, 0.20, 0.14, 0.26))
    rest = len(card.missing) - len(shown)
    if rest:
        further = N_("Further parcels of smaller value: {count}, see the claim file.")
        page.text(0.08, 0.04, words(further, count=words.count(rest)), size=9)
    return page


def _heading(page: Figure, height: float, text: str) -> None:
    page.text(0.08, height, text, size=11, weight="bold", color=paper.INK)


def _columns(words: Words) -> list[str]:
    heads = (N_("Tracking number"), N_("Refused on"), N_("Days"), N_("Value"))
    return [words(head) for head in heads]


def _row(row: dict[Any, Any], words: Words) -> tuple[str, str, str, str]:
    """A parcel that never came back, as its columns show it."""
    value = money(row["value_minor"], str(row["currency"]), words.language)
    return str(row["tracking"]), _day(row["outcome_on"]), words.count(row["days"]), value


def _compared(card: Scorecard, words: Words) -> str:
    body = "".join(
        f"<tr{' class=own' if place < len(card.own) else ''}>"
        f"<td>{escaped(str(row['courier']))}</td>{_cells(row, words)}</tr>"
        for place, row in enumerate(_named(card, words).to_dict("records"))
    )
    heads = "".join(
        f'<th class="n">{escaped(words(head))}</th>' for head in (*HEADS.values(), N_("Rate"))
    )
    return f"<table><tr><th></th>{heads}<th>95%</th></tr>{body}</table>"


def _missing(card: Scorecard, words: Words) -> str:
    if card.missing.empty:
        return ""
    kinds = ("", "", ' class="n"', ' class="n"')
    heads = "".join(
        f"<th{kind}>{escaped(head)}</th>" for kind, head in zip(kinds, _columns(words), strict=True)
    )
    body = "".join(
        "<tr>"
        + "".join(
            f"<td{kind}>{escaped(text)}</td>"
            for kind, text in zip(kinds, _row(row, words), strict=True)
        )
        + "</tr>"
        for row in card.missing.to_dict("records")
    )
    return f"<table><tr>{heads}</tr>{body}</table>"


def _cells(row: dict[Any, Any], words: Words) -> str:
    counts = "".join(f'<td class="n">{words.count(row[name])}</td>' for name in HEADS)
    rate, interval = _rate(row, words)
    return f'{counts}<td class="n">{rate}</td><td>{interval}</td>'


def _rate(row: dict[Any, Any], words: Words) -> tuple[str, str]:
    """Rate and interval as people read them; dashes where too few were shipped."""
    if pd.isna(row["rate"]):
        return "–", "–"
    between = words(
        N_("{low} to {high}"), low=words.share(row["low"]), high=words.share(row["high"])
    )
    return words.share(row["rate"]), between


def _day(day: date) -> str:
    return f"{day:%d.%m.%Y}"
