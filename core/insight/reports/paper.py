"""Charts and pages on paper, drawn by Matplotlib: as SVG inside an HTML page, or as a PDF."""

import io
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.backends.backend_pdf import PdfPages
from matplotlib.dates import DateFormatter
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from core.i18n.language import number, translate
from core.insight.charts.style import BLUE, GRAY, OUTCOMES
from core.labels import courier_titles
from core.reasons import N_

A4 = (8.27, 11.69)  # inches
ROW_INCHES = 0.21
INK = "#1F1F1F"
LOOK: dict[Any, Any] = {
    "font.family": "DejaVu Sans",
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "hatch.linewidth": 0.5,
    "pdf.fonttype": 42,  # text stays text, with the letters of every language
    "svg.fonttype": "path",  # a mail program has none of our fonts
    "svg.hashsalt": "refuz",  # the same chart, the same bytes
}

_one_at_a_time = threading.RLock()


@contextmanager
def drawing() -> Iterator[None]:
    """Draw in our look; one thread at a time, for Matplotlib's settings are the process's."""
    with _one_at_a_time, mpl.rc_context(LOOK):
        yield


def font_file() -> Path:
    """A font with the letters of every language we meet; it comes with Matplotlib."""
    return Path(mpl.get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf"


def dots(axes: Any, rates: pd.DataFrame, name: str, *, own: str = "", language: str = "en") -> None:
    """Rates with their intervals, worst at the top; `own` is drawn in colour, others in gray."""
    known = rates.dropna(subset=["rate"]).sort_values("low")
    for place, row in enumerate(known.to_dict("records")):
        colour = BLUE if own in ("", row[name]) else GRAY
        axes.plot([row["low"] * 100, row["high"] * 100], [place, place], color=colour, lw=2)
        axes.plot([row["rate"] * 100], [place], "o", color=colour, ms=6)
    pairs = zip(known[name], known["shipped"], strict=True)
    titles = [f"{courier_titles(value)} (n {number(n, language)})" for value, n in pairs]
    axes.set_yticks(range(len(known)), titles)
    axes.set_xlim(left=0)
    axes.set_ylim(-0.6, max(len(known), 1) - 0.4)
    axes.set_xlabel(translate(N_("refused, % of shipped (line: 95% interval)"), language))
    axes.grid(axis="x", alpha=0.3)


def bands(axes: Any, weekly: pd.DataFrame, *, language: str = "en") -> None:
    """What became of the parcels of each ship week, stacked up to what was shipped."""
    bottom = np.zeros(len(weekly))
    for name, (colour, pattern) in OUTCOMES.items():
        count = weekly[name].to_numpy(float)
        axes.bar(
            weekly["cohort"], count, width=6, bottom=bottom, color=colour,
            label=translate(name, language), hatch=pattern * 2, edgecolor="white", linewidth=0.3,
        )  # fmt: skip
        bottom += count
    axes.set_ylabel(translate(N_("parcels shipped in the week"), language))
    axes.legend(ncols=4, frameon=False, fontsize=8, loc="upper left", bbox_to_anchor=(0, 1.18))
    axes.xaxis.set_major_formatter(DateFormatter("%d.%m.%Y"))  # type: ignore[no-untyped-call]
    axes.tick_params(axis="x", rotation=30)


def steps(axes: Any, days: pd.DataFrame, *, language: str = "en") -> None:
    """How many parcels took how many days, as bars."""
    axes.bar(days["days"], days["n"], color=BLUE, width=0.85)
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(MaxNLocator(integer=True))
    axes.set_xlabel(translate(N_("days from the refusal to our desk"), language))
    axes.set_ylabel(translate(N_("parcels"), language))


def table(axes: Any, frame: pd.DataFrame, widths: Sequence[float]) -> None:
    """A plain table with thin lines; numbers to the right."""
    axes.axis("off")
    texts = [[str(value) for value in row] for row in frame.itertuples(index=False)]
    drawn = axes.table(
        texts, colLabels=list(frame.columns), colWidths=list(widths), loc="upper left",
        edges="horizontal", cellLoc="right",
    )  # fmt: skip
    drawn.auto_set_font_size(False)
    drawn.set_fontsize(8)
    height = ROW_INCHES / (axes.get_position().height * A4[1])
    for (row, column), cell in drawn.get_celld().items():
        cell.set_linewidth(0.4)
        cell.set_height(height)
        if column == 0:
            cell.get_text().set_ha("left")
        if row == 0:
            cell.get_text().set_weight("bold")


def page(title: str, note: str) -> Figure:
    """An empty A4 page with its title and a note below it."""
    figure = Figure(figsize=A4)
    figure.text(0.08, 0.955, title, size=15, weight="bold", color=INK)
    figure.text(0.08, 0.945, note, size=8, color="#555555", va="top", wrap=True)
    return figure


def to_pdf(pages: Sequence[Figure], title: str) -> bytes:
    """The pages as one PDF; no clock in it, so the same pages give the same bytes."""
    out = io.BytesIO()
    metadata = {"Title": title, "Creator": "Refuz", "CreationDate": None}
    with PdfPages(out, metadata=metadata) as pdf:
        for figure in pages:
            pdf.savefig(figure)
    return out.getvalue()


def to_svg(figure: Figure) -> str:
    """The figure as an `<svg>` element for an HTML page."""
    out = io.StringIO()
    figure.savefig(out, format="svg", bbox_inches="tight", metadata={"Date": None})
    text = out.getvalue()
    return text[text.index("<svg") :]
