"""The figures drawn: Plotly charts that ask their question in the title and carry n with them.

Colours are Okabe and Ito's, told apart by colour-blind people and in print; backgrounds are
transparent, so a chart lies on a light page, a dark one or paper.  Rates are drawn in percent.
"""

import textwrap
from datetime import date
from typing import Any

import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

BLUE, ORANGE, GREEN, RED = "#0072B2", "#E69F00", "#009E73", "#D55E00"
GRAY = "#8C8C8C"
OUTCOMES = {"delivered": GREEN, "refused": RED, "open": GRAY, "lost": ORANGE}
NOTE_WIDTH = 58  # Plotly does not wrap; this much fits on a phone
NUMBER = "{:,.0f}".format


def dots(rates: pd.DataFrame, *, left_out: str, as_of: date, dark: bool = False) -> go.Figure:
    """Couriers' rates with their intervals, sorted by the lower bound; adjusted rates as rings."""
    known = rates.dropna(subset=["rate"]).sort_values("low")
    pairs = zip(known["courier"].tolist(), known["shipped"].tolist(), strict=True)
    names = [f"{courier} (n {NUMBER(shipped)})" for courier, shipped in pairs]
    figure = go.Figure(
        go.Scatter(
            x=known["rate"] * 100,
            y=names,
            mode="markers",
            name="as shipped",
            marker={"color": BLUE, "size": 11},
            error_x={
                "type": "data",
                "array": (known["high"] - known["rate"]) * 100,
                "arrayminus": (known["rate"] - known["low"]) * 100,
                "thickness": 2,
            },
            customdata=known["courier"],
            hovertemplate="%{y}: %{x:.1f} %<extra>as shipped</extra>",
        )
    )
    if "adjusted" in known:
        figure.add_scatter(
            x=known["adjusted"] * 100,
            y=names,
            mode="markers",
            name="at one mix of payments",
            marker={"color": ORANGE, "size": 13, "symbol": "circle-open", "line": {"width": 2}},
            customdata=known["courier"],
            hovertemplate="%{y}: %{x:.1f} %<extra>at one mix of payments</extra>",
        )
    figure.update_xaxes(title="refused, % of shipped (bar: 95 % interval)", rangemode="tozero")
    return _dress(figure, "Which courier's parcels are refused most?", left_out, as_of, dark)


def weeks(weekly: pd.DataFrame, *, left_out: str, as_of: date, dark: bool = False) -> go.Figure:
    """One small chart a courier on one common scale; weeks too young to judge are hollow."""
    couriers = sorted(weekly["courier"].unique())
    rows = max(1, -(-len(couriers) // 2))
    figure = make_subplots(
        rows=rows,
        cols=2,
        shared_xaxes=True,
        shared_yaxes="all",
        subplot_titles=[_counted(weekly, name) for name in couriers],
        vertical_spacing=0.10 if rows < 4 else 0.07,
    )
    for index, name in enumerate(couriers):
        one = weekly[(weekly["courier"] == name) & weekly["rate"].notna()]
        place = {"row": index // 2 + 1, "col": index % 2 + 1}
        old, young = one[one["mature"]], one[~one["mature"]]
        figure.add_scatter(x=old["week"], y=old["rate"] * 100, mode="lines+markers", name=name,
                           customdata=[name] * len(old), line={"color": BLUE, "width": 1.5},
                           marker={"size": 4}, showlegend=False, **place)  # fmt: skip
        figure.add_scatter(x=young["week"], y=young["rate"] * 100, mode="markers", name=name,
                           customdata=[name] * len(young), showlegend=False,
                           marker={"size": 8, "symbol": "circle-open", "color": BLUE},
                           hovertemplate="%{x}: %{y:.1f} %, too young to judge<extra></extra>",
                           **place)  # fmt: skip
    figure.update_yaxes(rangemode="tozero", ticksuffix=" %")
    figure.update_layout(height=130 + 150 * rows)
    return _dress(
        figure,
        "Is any courier getting better or worse? (refused, % of the week's parcels)",
        left_out,
        as_of,
        dark,
    )


def stacked(weekly: pd.DataFrame, *, left_out: str, as_of: date, dark: bool = False) -> go.Figure:
    """What became of every parcel shipped, by ship week; the bands add up to what was shipped."""
    figure = go.Figure(
        [
            go.Bar(x=weekly["week"], y=weekly[name], name=name, marker_color=colour,
                   customdata=[name] * len(weekly))
            for name, colour in OUTCOMES.items()
        ]
    )  # fmt: skip
    figure.update_layout(barmode="stack", bargap=0.05)
    figure.update_yaxes(title="parcels")
    title = f"What became of the {NUMBER(weekly['shipped'].sum())} parcels shipped?"
    return _dress(figure, title, left_out, as_of, dark)


def incidence(frame: pd.DataFrame, *, left_out: str, as_of: date, dark: bool = False) -> go.Figure:
    """Share refused by days since shipping, a line a courier, named at its end."""
    figure = go.Figure()
    colours = [BLUE, ORANGE, GREEN, RED, "#56B4E9", "#CC79A7", GRAY]
    dashes = ["solid", "dash", "dot", "dashdot"]
    for index, (name, one) in enumerate(frame.groupby("courier")):
        line = {"color": colours[index % 7], "dash": dashes[index % 4], "shape": "hv"}
        label = f"{name} (n {NUMBER(one['shipped'].iloc[0])})"
        figure.add_scatter(x=one["days"], y=one["share"] * 100, name=label, mode="lines",
                           line=line, customdata=[name] * len(one))  # fmt: skip
    figure.update_xaxes(title="days since shipping")
    figure.update_yaxes(title="refused, % of shipped", rangemode="tozero")
    return _dress(figure, "How soon is a refusal known?", left_out, as_of, dark)


def ranked(
    rates: pd.DataFrame, name: str, *, left_out: str, as_of: date, dark: bool = False, top: int = 20
) -> go.Figure:
    """Bars of the worst `top` values of a column, by the interval's lower bound, n beside each."""
    worst = rates.dropna(subset=["rate"]).sort_values("low").tail(top)
    shown = worst["product"] if name == "sku" else worst[name]
    figure = go.Figure(
        go.Bar(
            x=worst["rate"] * 100,
            y=shown,
            orientation="h",
            marker_color=BLUE,
            text=[f"n {NUMBER(n)}" for n in worst["shipped"]],
            error_x={
                "type": "data",
                "array": (worst["high"] - worst["rate"]) * 100,
                "arrayminus": (worst["rate"] - worst["low"]) * 100,
                "color": GRAY,
            },
            customdata=worst[name],
            textposition="inside",
            insidetextanchor="start",
        )
    )
    figure.update_xaxes(title="refused, % of shipped (line: 95 % interval)", rangemode="tozero")
    figure.update_layout(height=130 + 24 * max(len(worst), 4))
    title = {"county": "Where are parcels refused most?", "sku": "What is refused most?"}
    return _dress(figure, title.get(name, f"Refused most, by {name}"), left_out, as_of, dark)


def heat(rates: pd.DataFrame, *, left_out: str, as_of: date, dark: bool = False) -> go.Figure:
    """County by courier: colour is the rate, the number written in is n; too few stay blank."""
    order = rates.groupby("county")["shipped"].sum().sort_values().tail(20).index
    grid = {"index": "county", "columns": "courier"}
    share = rates.pivot(**grid, values="rate").reindex(order) * 100
    count = rates.pivot(**grid, values="shipped").reindex(order).fillna(0)
    figure = go.Figure(
        go.Heatmap(
            z=share.to_numpy(),
            x=list(share.columns),
            y=list(share.index),
            text=[[NUMBER(n) for n in row] for row in count.to_numpy()],
            texttemplate="%{text}",
            colorscale="Cividis",
            colorbar={"title": "refused, %"},
            hovertemplate="%{y}, %{x}: %{z:.1f} % of %{text}<extra></extra>",
        )
    )
    figure.update_layout(height=130 + 24 * max(len(order), 4))
    title = "Which courier where? (the number is n; the 20 counties with most parcels)"
    return _dress(figure, title, left_out, as_of, dark)


def funnel(steps: pd.DataFrame, *, left_out: str, as_of: date, dark: bool = False) -> go.Figure:
    """Refused → back → cancelled → reversed, with what is left of the step before."""
    after = steps[steps["step"] != "shipped"]
    labels = [
        NUMBER(n) if pd.isna(share) else f"{NUMBER(n)} ({share:.1%} of the step before)"
        for n, share in zip(after["n"].tolist(), after["share"].tolist(), strict=True)
    ]
    figure = go.Figure(
        go.Bar(x=after["n"], y=after["step"], orientation="h", marker_color=BLUE, text=labels,
               customdata=after["step"], textposition="inside", insidetextanchor="start")
    )  # fmt: skip
    figure.update_yaxes(autorange="reversed")
    figure.update_xaxes(title="parcels")
    shipped = NUMBER(steps.loc[steps["step"] == "shipped", "n"].sum())
    title = f"Are the refused of {shipped} parcels dealt with?"
    return _dress(figure, title, left_out, as_of, dark)


def _counted(weekly: pd.DataFrame, name: str) -> str:
    return f"{name} (n {NUMBER(weekly.loc[weekly['courier'] == name, 'shipped'].sum())})"


def _dress(figure: Any, title: str, left_out: str, as_of: date, dark: bool) -> go.Figure:
    ink = "#F2F2F2" if dark else "#1F1F1F"
    line = "rgba(200,200,200,0.25)" if dark else "rgba(60,60,60,0.15)"
    lines = textwrap.wrap(f"Data up to {as_of:%d %b %Y}. {left_out}", NOTE_WIDTH)
    note = "".join(f"<br><sup>{line}</sup>" for line in lines)
    figure.update_layout(
        title={"text": f"{title}{note}", "x": 0, "xanchor": "left"},
        template="plotly_dark" if dark else "plotly_white",
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font={"color": ink, "size": 13},
        margin={"l": 10, "r": 10, "t": 62 + 20 * len(lines), "b": 40},
        legend={"orientation": "h", "yanchor": "top", "y": -0.18, "x": 0},
        clickmode="event+select",
    )
    figure.update_xaxes(gridcolor=line, automargin=True)
    figure.update_yaxes(gridcolor=line, automargin=True)
    return figure
