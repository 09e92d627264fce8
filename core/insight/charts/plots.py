"""The figures drawn: Plotly charts that ask their question in the title and carry n with them.

Colours are Okabe and Ito's, told apart by colour-blind people and in print; backgrounds are
transparent, so a chart lies on a light page, a dark one or paper.  Rates are drawn in percent.
Each mark carries in `customdata` what it stands for, so that a click can list its parcels.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from numpy.typing import NDArray
from plotly.subplots import make_subplots

from core.i18n import language
from core.insight.charts.style import (
    BLUE,
    GRAY,
    LINES,
    MONTHS,
    ORANGE,
    OUTCOMES,
    Style,
    dress,
    interval,
)
from core.labels import courier_titles

TOP = 20
PATTERN = {"size": 5, "fillmode": "overlay"}
ENOUGH_SHOWN = 0.25  # of a courier's cohorts; below, its line says nothing
FIRST_HEIGHT = 340  # of the two charts that fit the first screen
NARROW_BAR = 10  # pixels more for a bar with two lines
STEPS = ("shipped", "refused", "back", "cancelled", "reversed")


def over_time(counts: pd.DataFrame, style: Style) -> go.Figure:
    """The rate of each cohort with its 95 % interval as a band; a gap where too few were shipped.

    Cohorts too young to judge are hollow.
    """
    t, counts = style.t, _broken(counts)
    old, young = counts[counts["mature"]], counts[~counts["mature"]].dropna(subset=["rate"])
    figure = go.Figure()
    for bound, fill in (("low", None), ("high", "tonexty")):
        figure.add_scatter(
            x=old["cohort"], y=old[bound] * 100, mode="lines", line={"width": 0}, fill=fill,
            fillcolor="rgba(0,114,178,0.18)", hoverinfo="skip", showlegend=False,
        )  # fmt: skip
    hover = "%{x|%d.%m.%Y}: %{y:.1f}" + style.sign + "<extra></extra>"
    marker = {"size": 8, "symbol": "circle-open", "color": BLUE, "line": {"width": 1.5}}
    for one, how in (
        (
            old,
            {"mode": "lines+markers", "line": {"color": BLUE, "width": 2}, "marker": {"size": 4}},
        ),
        (young, {"mode": "markers", "marker": marker}),
    ):
        figure.add_scatter(
            x=one["cohort"], y=one["rate"] * 100, customdata=["refused"] * len(one),
            hovertemplate=hover, showlegend=False, cliponaxis=False, **how,
        )  # fmt: skip
    figure.update_yaxes(rangemode="tozero", ticksuffix=style.sign)
    figure.update_xaxes(tickformatstops=MONTHS)
    figure.update_layout(height=FIRST_HEIGHT)
    return dress(figure, t("What share is refused?"), style, counts["shipped"].sum())


def lost(money: pd.DataFrame, currency: str, style: Style, *, narrow: bool = False) -> go.Figure:
    """Couriers by what their refusals cost, the dearest on top, with the rate and its interval.

    `narrow`: in two lines each, for a window in which one line would be cut.
    """
    t, shown = style.t, money.iloc[::-1]
    names = [courier_titles(courier) for courier in shown["courier"]]
    labels = [_lost_words(row, currency, style) for row in shown.to_dict("records")]
    figure = go.Figure(
        go.Bar(
            x=shown["lost_minor"] / 100, y=names, orientation="h", marker_color=BLUE, text=labels,
            textposition="auto", insidetextanchor="start", cliponaxis=False,
            customdata=shown["courier"], hovertemplate="%{y}: %{text}<extra></extra>",
        )
    )  # fmt: skip
    figure.update_xaxes(title=t("estimate, {currency}").format(currency=currency))
    figure.update_layout(height=FIRST_HEIGHT + narrow * NARROW_BAR * len(shown))
    question = t("Which courier costs most by refusals?")
    dressed = dress(figure, question, style, money["shipped"].sum())
    if narrow:  # after what escapes the texts
        two_lines = [one.replace(" · ", "<br>", 1) for one in dressed.data[0].text]
        dressed.update_traces(text=two_lines)
    return dressed


def _lost_words(row: Mapping[Any, Any], currency: str, style: Style) -> str:
    amount = language.short_money(int(row["lost_minor"]), currency, style.language)
    if pd.isna(row["rate"]):
        return amount
    words = style.t("{amount} · {rate} ({low} to {high})")
    return words.format(
        amount=amount, rate=style.percent(row["rate"]), low=style.number(row["low"] * 100, 1),
        high=style.number(row["high"] * 100, 1),
    )  # fmt: skip


def dots(rates: pd.DataFrame, style: Style) -> go.Figure:
    """Couriers' rates with their intervals, sorted by the lower bound; adjusted rates as rings."""
    t, known = style.t, rates.dropna(subset=["rate"]).sort_values("low")
    pairs = zip(known["courier"].tolist(), known["shipped"].tolist(), strict=True)
    names = [f"{courier_titles(courier)} (n {style.number(shipped)})" for courier, shipped in pairs]
    figure = go.Figure()
    for column, name, marker in (
        ("rate", t("as shipped"), {"color": BLUE, "size": 11}),
        ("adjusted", t("at one mix of payments"),
         {"color": ORANGE, "size": 14, "symbol": "circle-open", "line": {"width": 2}}),
    ):  # fmt: skip
        if column in known:
            figure.add_scatter(
                x=known[column] * 100, y=names, mode="markers", name=name, marker=marker,
                error_x=interval(known) if column == "rate" else None,
                customdata=known["courier"], hovertemplate="%{y}: %{x:.1f}" + style.sign,
            )  # fmt: skip
    figure.update_xaxes(title=t("refused, % of shipped"), rangemode="tozero")
    figure.update_layout(height=190 + 34 * max(len(known), 4))
    return dress(
        figure, t("Which courier's parcels are refused most?"), style, known["shipped"].sum()
    )


def cohorts(
    counts: pd.DataFrame,
    style: Style,
    verdicts: Mapping[str, str] | None = None,
    *,
    narrow: bool = False,
) -> go.Figure:
    """One small chart a courier on one common scale; cohorts too young to judge are hollow.

    A line has a gap where too few were shipped. `verdicts`: "worse" or "better" by courier.
    `narrow`: below each other, for a window in which their titles would lie on one another.
    """
    couriers = sorted(counts["courier"].unique())
    columns = 1 if narrow else 2
    rows = max(1, -(-len(couriers) // columns))
    figure = make_subplots(
        rows=rows,
        cols=columns,
        shared_xaxes=True,
        shared_yaxes="all",
        subplot_titles=[_counted(counts, name, style, verdicts) for name in couriers],
        vertical_spacing=0.10 if rows < 4 else 0.28 / rows,
    )
    for index, name in enumerate(couriers):
        one = _with_gaps(counts[counts["courier"] == name], counts["cohort"])
        place = {"row": index // columns + 1, "col": index % columns + 1, "showlegend": False}
        old, young = one[one["mature"]], one[~one["mature"]].dropna(subset=["rate"])
        hover = "%{x|%d.%m.%Y}: %{y:.1f}" + style.sign + "<extra></extra>"
        figure.add_scatter(
            x=old["cohort"], y=old["rate"] * 100, mode="lines+markers", name=name,
            customdata=[name] * len(old), line={"color": BLUE, "width": 1.5},
            marker={"size": 4}, hovertemplate=hover, **place,
        )  # fmt: skip
        figure.add_scatter(
            x=young["cohort"], y=young["rate"] * 100, mode="markers", name=name,
            customdata=[name] * len(young), hovertemplate=hover, cliponaxis=False,
            marker={"size": 8, "symbol": "circle-open", "color": BLUE, "line": {"width": 1.5}},
            **place,
        )  # fmt: skip
    figure.update_yaxes(rangemode="tozero", ticksuffix=style.sign)
    figure.update_xaxes(tickformatstops=MONTHS)
    if len(couriers) % columns:  # what is last in the right column has none below it
        figure.update_xaxes(showticklabels=True, row=max(1, rows - 1), col=2)
    figure.update_layout(height=150 + (120 if narrow else 150) * rows)
    question = style.t(
        "Is any courier getting better or worse? (refused, % of those shipped together)"
    )
    return dress(figure, question, style, counts["shipped"].sum())


def stacked(counts: pd.DataFrame, style: Style) -> go.Figure:
    """What became of every parcel shipped, by ship cohort; the bands add up to what was shipped."""
    t = style.t
    figure = go.Figure(
        [
            go.Bar(
                x=counts["cohort"], y=counts[name], name=t(name), customdata=[name] * len(counts),
                marker={"color": colour, "pattern": PATTERN | {"shape": pattern}},
                hovertemplate="%{x|%d.%m.%Y}: %{y:,}",
            )
            for name, (colour, pattern) in OUTCOMES.items()
        ]
    )  # fmt: skip
    figure.update_layout(barmode="stack", bargap=0.05)
    figure.update_yaxes(title=t("parcels"))
    figure.update_xaxes(tickformatstops=MONTHS)
    question = t("What became of the parcels shipped?")
    return dress(figure, question, style, counts["shipped"].sum())


def incidence(frame: pd.DataFrame, style: Style) -> go.Figure:
    """Share refused by days since shipping, a line a courier, named with its n."""
    figure = go.Figure()
    for index, (name, one) in enumerate(frame.groupby("courier")):
        colour, dash = LINES[index % len(LINES)]
        figure.add_scatter(
            x=one["days"], y=one["share"] * 100, customdata=[name] * len(one),
            mode="lines+markers", marker={"size": 8, "opacity": 0},  # unseen, to be clicked
            line={"color": colour, "dash": dash, "shape": "hv"},
            name=f"{courier_titles(str(name))} (n {style.number(one['shipped'].iloc[0])})",
            hovertemplate="%{x}: %{y:.1f}" + style.sign,
        )  # fmt: skip
    judged = frame.drop_duplicates("courier")["shipped"].sum()
    figure.update_xaxes(title=style.t("days since shipping"))
    figure.update_yaxes(title=style.t("refused, % of shipped"), rangemode="tozero")
    figure.update_layout(height=460)
    return dress(figure, style.t("How soon is a refusal known?"), style, judged)


def ranked(rates: pd.DataFrame, name: str, style: Style) -> go.Figure:
    """Bars of the worst values of a slice, by the interval's lower bound, n beside each."""
    t = style.t
    worst = rates.dropna(subset=["rate"]).sort_values("low").tail(TOP)
    shown = worst["product"] if name == "product" and "product" in worst else worst["slice"]
    figure = go.Figure(
        go.Bar(
            x=worst["rate"] * 100,
            y=[_short(t(courier_titles(str(value)))) for value in shown],
            orientation="h",
            marker_color=BLUE,
            text=[f"n {style.number(n)}" for n in worst["shipped"]],
            error_x=interval(worst) | {"color": GRAY},
            customdata=worst["slice"],
            hovertemplate="%{y}: %{x:.1f}" + style.sign + "<extra></extra>",
            textposition="inside",
            insidetextanchor="start",
        )
    )
    figure.update_xaxes(title=t("refused, % of shipped"), rangemode="tozero")
    figure.update_layout(height=170 + 24 * max(len(worst), 4))
    questions = {
        "county": t("Where are parcels refused most?"),
        "product": t("What is refused most?"),
    }
    asked = t("Refused most, by {slice}: which?").format(slice=t(name))
    return dress(figure, questions.get(name, asked), style, rates["shipped"].sum())


def reasons(counts: pd.DataFrame, style: Style) -> go.Figure:
    """Bars of how many were refused for each reason; a rate would say nothing here."""
    t = style.t
    shown = counts[counts["refused"] > 0].sort_values("refused").tail(TOP)
    whole = int(counts["refused"].sum())
    names = [_short(t(str(one))) if one else t("no reason told") for one in shown["slice"]]
    figure = go.Figure(
        go.Bar(
            x=shown["refused"], y=names, orientation="h", marker_color=BLUE,
            text=[f"{style.number(n)} ({style.percent(n / whole, 0)})" for n in shown["refused"]],
            customdata=shown["slice"], textposition="inside", insidetextanchor="start",
            hovertemplate="%{y}: %{x:,}<extra></extra>",
        )
    )  # fmt: skip
    figure.update_xaxes(title=t("refused parcels"))
    figure.update_layout(height=170 + 24 * max(len(shown), 4))
    question = t("Why are parcels refused, by the courier's word?")
    return dress(figure, question, style, whole)


def heat(rates: pd.DataFrame, style: Style) -> go.Figure:
    """County by courier: the rate as a number and as a colour; too few parcels stay blank."""
    order = rates.groupby("county")["shipped"].sum().sort_values().tail(TOP).index
    grid = {"index": "county", "columns": "courier"}
    share = rates.pivot(**grid, values="rate").reindex(order) * 100
    count = rates.pivot(**grid, values="shipped").reindex(order).fillna(0)
    figure = go.Figure(
        go.Heatmap(
            z=share.to_numpy(),
            x=[courier_titles(courier) for courier in share.columns],
            y=list(share.index),
            colorscale="Cividis",
            showscale=False,  # the rates stand in the cells
            hoverinfo="skip",
        )
    )
    cells = [(courier, county) for county in share.index for courier in share.columns]
    rates_ = share.to_numpy().ravel()
    # A heat map itself cannot be clicked through Streamlit; unseen points over it can.
    figure.add_scatter(
        x=[courier_titles(courier) for courier, _ in cells], y=[county for _, county in cells],
        mode="markers+text",
        text=["" if pd.isna(rate) else style.number(rate) for rate in rates_],
        textfont={"color": _readable_on(rates_, style), "size": 11},
        marker={"size": 20, "symbol": "square", "opacity": 0}, showlegend=False,
        customdata=[f"{courier}|{county}" for courier, county in cells],
        hovertext=[
            f"n {style.number(n)}"
            if pd.isna(rate)
            else f"{style.percent(rate / 100)} (n {style.number(n)})"
            for rate, n in zip(rates_, count.to_numpy().ravel(), strict=True)
        ],
        hovertemplate="%{y}, %{x}: %{hovertext}<extra></extra>",
    )  # fmt: skip
    figure.update_layout(height=170 + 26 * max(len(order), 4))
    figure.update_xaxes(showgrid=False)
    figure.update_yaxes(showgrid=False)
    question = style.t("Which courier where? (refused, %; the 20 counties with most parcels)")
    return dress(figure, question, style, rates["shipped"].sum())


def funnel(steps: pd.DataFrame, style: Style) -> go.Figure:
    """Shipped → refused → back → cancelled → reversed, with what is left of the step before."""
    t = style.t
    labels = [
        style.number(n)
        if pd.isna(share)
        else t("{n} ({share} of the step before)").format(
            n=style.number(n), share=style.percent(share)
        )
        for n, share in zip(steps["n"].tolist(), steps["share"].tolist(), strict=True)
    ]
    figure = go.Figure(
        go.Bar(
            x=steps["n"], y=[t(one) for one in steps["step"]], orientation="h", text=labels,
            marker_color=[GRAY, *[BLUE] * (len(steps) - 1)], customdata=steps["step"],
            textposition="auto", insidetextanchor="start", hoverinfo="none", cliponaxis=False,
        )
    )  # fmt: skip
    figure.update_yaxes(autorange="reversed")
    figure.update_xaxes(title=t("parcels"))
    figure.update_layout(height=360)
    return dress(figure, t("Are the refused dealt with?"), style, steps["n"].max())


def _readable_on(rates: "NDArray[Any]", style: Style) -> list[str]:
    """A colour for the text on each cell: Cividis goes from dark blue to bright yellow."""
    known = rates[~np.isnan(rates)]
    bright = known.min() + 0.55 * (known.max() - known.min()) if len(known) else 0.0
    blank = "#F2F2F2" if style.dark else "#1F1F1F"
    return [blank if np.isnan(r) else "#1F1F1F" if r > bright else "#FFFFFF" for r in rates]


def _counted(
    counts: pd.DataFrame, name: str, style: Style, verdicts: Mapping[str, str] | None
) -> str:
    own = counts[counts["courier"] == name]
    shipped = own["shipped"].sum()
    verdict = (verdicts or {}).get(name, "")
    if own["rate"].notna().mean() < ENOUGH_SHOWN:
        verdict = "too few at a time"
    said = f": {style.t(verdict)}" if verdict else ""
    return f"{courier_titles(name)}{said} (n {style.number(shipped)})"


def _broken(one: pd.DataFrame) -> pd.DataFrame:
    """The same, with an empty cohort where one or more have no parcel at all."""
    after = one["cohort"].shift(-1) - one["cohort"]
    apart = one[after > after.min() * 1.6]
    empty = pd.DataFrame({"cohort": apart["cohort"] + after.min(), "mature": apart["mature"]})
    return pd.concat([one, empty]).sort_values("cohort", ignore_index=True)


def _with_gaps(one: pd.DataFrame, cohorts: "pd.Series[Any]") -> pd.DataFrame:
    """Every cohort of the chart, those of which one has none without a rate."""
    every = pd.DataFrame({"cohort": cohorts.drop_duplicates().sort_values()})
    filled = every.merge(one, on="cohort", how="left")
    filled["mature"] = filled["mature"].astype("boolean").fillna(True).astype(bool)
    return filled


def _short(text: Any) -> str:
    label = str(text)
    return label if len(label) <= 36 else label[:35] + "…"
