"""One courier's month on paper, to send to its account manager: an HTML page that prints on A4."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from html import escape
from typing import Any

import pandas as pd
from sqlalchemy import Engine

from core.insight import counting, figures, queries, snapshot
from core.insight.filters import Filters

STYLE = (
    "body{font:14px/1.45 system-ui,sans-serif;color:#1f1f1f;max-width:46rem;margin:2rem auto}"
    "table{border-collapse:collapse;width:100%;margin:.6rem 0 1.4rem}"
    "th,td{text-align:left;padding:.25rem .5rem;border-bottom:1px solid #ccc}"
    "td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}"
    "tr.own td{font-weight:600}.note{color:#555}h2{break-after:avoid}"
    "@media print{body{margin:0}section+section{break-before:page}}"
)


@dataclass(frozen=True)
class Scorecard:
    """One courier, one ship month.  `others` names no competitor, only A, B, C …"""

    courier: str
    month: date
    as_of: date
    own: pd.DataFrame
    others: pd.DataFrame
    missing: pd.DataFrame
    back: pd.DataFrame

    def html(self) -> str:
        """The whole page, with nothing from outside; every text in it escaped."""
        title = f"{self.courier}: parcels shipped in {self.month:%B %Y}"
        return (
            f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(title)}</title>'
            f"<style>{STYLE}</style><body><section><h1>{escape(title)}</h1>"
            f'<p class="note">Data up to {self.as_of:%d %b %Y}. Refused ÷ shipped, with the 95 % '
            "Wilson interval; no rate under 20 parcels. Parcels still under way may yet be "
            "refused.</p>"
            f"<h2>Against the others</h2>{self._compared()}<h2>Days to bring back</h2>"
            f"{self._days()}</section><section><h2>Refused and never brought back "
            f"({len(self.missing)})</h2>{self._missing()}</section></body></html>"
        )

    def _compared(self) -> str:
        rows = pd.concat([self.own, self.others], ignore_index=True)
        body = "".join(
            f"<tr{' class=own' if index < len(self.own) else ''}><td>{escape(str(row['courier']))}"
            f"</td>{_cells(row)}</tr>"
            for index, row in rows.iterrows()
            if isinstance(index, int)
        )
        names = ("shipped", "delivered", "refused", "lost", "open", "rate")
        heads = "".join(f'<th class="n">{name}</th>' for name in names)
        return f"<table><tr><th></th>{heads}<th>95 %</th></tr>{body}</table>"

    def _days(self) -> str:
        if self.back.empty:
            return "<p>No refused parcel of this month has been scanned yet.</p>"
        row = self.back.iloc[0]
        return (
            f"<p>Half of the {int(row['n'])} refused parcels were back at our desk within "
            f"{row['median']:.0f} days of the refusal, nine in ten within {row['p90']:.0f}.</p>"
        )

    def _missing(self) -> str:
        if self.missing.empty:
            return "<p>None.</p>"
        body = "".join(
            f"<tr><td>{escape(str(row['tracking']))}</td><td>{row['outcome_on']}</td>"
            f'<td class="n">{int(row["days"])}</td><td class="n">{row["value_minor"] / 100:,.2f} '
            f"{escape(str(row['currency']))}</td></tr>"
            for row in self.missing.to_dict("records")
        )
        total = self.missing.groupby("currency")["value_minor"].sum()
        sums = ", ".join(f"{value / 100:,.2f} {escape(str(c))}" for c, value in total.items())
        return (
            '<table><tr><th>tracking number</th><th>refused on</th><th class="n">days</th>'
            f'<th class="n">value</th></tr>{body}</table><p>Together {sums}.</p>'
        )


def scorecard(
    source: Engine, courier: str, month: date, as_of: date, missing_days: int = 21
) -> Scorecard:
    """The scorecard of what `courier` was given in the month of `month`, as known on `as_of`.

    `ValueError` when the courier was given nothing in that month.
    """
    last = monthrange(month.year, month.month)[1]
    whole = Filters(month.replace(day=1), month.replace(day=last))
    own = Filters(whole.since, whole.until, (courier,))
    known = snapshot.current(source)
    rates = figures.rates(counting.cells(known.choose(whole)), ["courier"])
    if courier not in set(rates["courier"]):
        raise ValueError(f"{courier} was given no parcel in {month:%B %Y}.")
    others = rates[rates["courier"] != courier].sort_values("shipped", ascending=False)
    others = others.assign(courier=[f"courier {chr(65 + i)}" for i in range(len(others))])
    back = figures.time_to_process(counting.process_days(known.choose(own)))
    return Scorecard(
        courier=courier,
        month=whole.since,
        as_of=as_of,
        own=rates[rates["courier"] == courier],
        others=others,
        missing=queries.missing(source, own, as_of, missing_days),
        back=back[back["step"] == "refused to scanned"],
    )


def _cells(row: "pd.Series[Any]") -> str:
    counts = "".join(
        f'<td class="n">{int(row[name]):,}</td>'
        for name in ("shipped", "delivered", "refused", "lost", "open")
    )
    if pd.isna(row["rate"]):
        return f'{counts}<td class="n">–</td><td>–</td>'
    interval = f"{row['low']:.1%} to {row['high']:.1%}"
    return f'{counts}<td class="n">{row["rate"]:.1%}</td><td>{interval}</td>'
