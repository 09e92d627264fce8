"""What all charts share: colours, the question as title, how numbers are written."""

import functools
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from core.i18n import language
from core.i18n.letters import visible

# Okabe and Ito 2008, "Color Universal Design".
BLUE, ORANGE, GREEN, RED = "#0072B2", "#E69F00", "#009E73", "#D55E00"
SKY, PINK, GRAY = "#56B4E9", "#CC79A7", "#8C8C8C"
# Colour and pattern, so that bands are told apart in black and white too.
OUTCOMES = {
    "delivered": (GREEN, ""),
    "refused": (RED, "/"),
    "open": (GRAY, "."),
    "lost": (ORANGE, "x"),
}
LINES = (
    (BLUE, "solid"), (ORANGE, "dash"), (GREEN, "dot"), (RED, "dashdot"), (SKY, "solid"),
    (PINK, "dash"), (GRAY, "dot"),
)  # fmt: skip
TITLE_WIDTH = 44  # Plotly does not wrap; this much fits on a phone
FONT = "Source Sans, Source Sans Pro, DejaVu Sans, sans-serif"
SEPARATORS = {"ro": ",."}  # decimal, thousands; else the English ones
MONTHS = [
    {"dtickrange": [None, "M1"], "value": "%d.%m.%Y"},
    {"dtickrange": ["M1", None], "value": "%m.%Y"},
]


@dataclass(frozen=True)
class Style:
    """How a chart is dressed, and the reader's language.

    The age of the data and what charts leave out stand on the page.
    """

    dark: bool = False
    t: Callable[[str], str] = str
    language: str = "en"

    def number(self, value: float, digits: int = 0) -> str:
        """A number as the reader writes it."""
        return language.number(value, self.language, digits)

    def percent(self, share: float, digits: int = 1) -> str:
        """A share in percent, as the reader writes it."""
        return language.percent(share, self.language, digits)

    @property
    def sign(self) -> str:
        """What Plotly puts behind a number that is in percent."""
        return language.percent_sign(self.language)


def interval(rates: pd.DataFrame) -> dict[str, object]:
    """Error bars from a frame's `rate`, `low` and `high`, in percent."""
    return {
        "type": "data",
        "array": (rates["high"] - rates["rate"]) * 100,
        "arrayminus": (rates["rate"] - rates["low"]) * 100,
        "thickness": 2,
    }


def letters(text: str) -> str:
    """A text that Plotly draws letter for letter: it takes `<a href>` and `<b>` for markup."""
    return visible(text).replace("&", "&amp;").replace("<", "&lt;")


def _spell(figure: Any) -> None:
    """What strangers wrote (products, towns, couriers) is no markup, in labels and on hover."""
    for trace in figure.data:
        for name in ("name", "x", "y", "text", "hovertext"):
            value = getattr(trace, name, None)
            if isinstance(value, str):
                trace[name] = letters(value)
            elif value is not None and any(isinstance(one, str) for one in value):
                trace[name] = [letters(one) if isinstance(one, str) else one for one in value]
    for note in figure.layout.annotations:
        note.text = letters(note.text or "")


def dress(figure: Any, question: str, style: Style, n: float) -> go.Figure:
    """Give a chart its title, how many parcels it is made of, and colours.

    A chart's own note is the page's to write: there it is as wide as it has room.
    """
    counted = style.t("{n} parcels.").format(n=style.number(n))
    titles = textwrap.wrap(question, TITLE_WIDTH)
    text = "<br>".join(f"<b>{letters(line)}</b>" for line in titles)
    text += f"<br><span style='font-size:11px'>{letters(counted)}</span>"
    _spell(figure)
    figure.update_layout(
        title={
            "text": text,
            "font": {"size": 15},
            "x": 0,
            "xanchor": "left",
            "y": 1,
            "yref": "container",
            "yanchor": "top",
            "pad": {"t": 10, "l": 6},
        },
        template=_template(dark=style.dark),
        separators=SEPARATORS.get(style.language),
        margin={"l": 10, "r": 16, "t": 37 + 20 * len(titles), "b": 10},
        legend={"orientation": "h", "yref": "container", "yanchor": "bottom", "y": 0.01, "x": 0},
    )
    return figure


@functools.cache
def _template(*, dark: bool) -> go.layout.Template:
    """What no chart says for itself, for light, dark and (from light or dark) paper."""
    ink = "#F2F2F2" if dark else "#1F1F1F"
    line = "rgba(200,200,200,0.25)" if dark else "rgba(60,60,60,0.15)"
    axes = {
        "gridcolor": line, "zerolinecolor": line, "linecolor": line, "automargin": True,
        # 5,000 and 5.000, by `separators`: "5k" is English.
        "exponentformat": "none", "separatethousands": True,
    }  # fmt: skip
    return go.layout.Template(
        layout={
            "xaxis": axes,
            "yaxis": axes,
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "font": {"color": ink, "size": 12, "family": FONT},
            "hoverlabel": {"font": {"family": FONT}},
            "dragmode": False,  # a finger that drags moves the page
            "modebar": {"bgcolor": "rgba(0,0,0,0)", "color": GRAY, "activecolor": ink},
            "clickmode": "event+select",
        }
    )
