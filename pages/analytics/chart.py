"""One chart of Analytics: drawn, handed out as data or picture, and opened up by a click."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

import pandas as pd
import streamlit as st

from core.insight import queries
from core.insight.facts import SPANS
from core.insight.filters import Filters
from core.labels import courier_titles
from pages.common.plain import plain, show_grid
from pages.common.session import downloads, guarded, t

FIRST = ("order_name", "tracking", "courier", "parcels", "days", "value", "currency")
OUTCOMES = ("refused", "delivered", "lost", "open")


@dataclass(frozen=True)
class Chart:
    """A chart, its data, what its marks stand for (`mark`), and the parcels it is made of.

    `span` is how long a mark lasts whose place is a ship date, `note` how it is read or what it
    leaves out, where other charts do not.
    """

    name: str
    figure: Any
    data: pd.DataFrame
    mark: str
    filters: Filters
    as_of: dt.date
    span: str = "week"
    note: str = ""


def span_choice() -> str:
    """What is counted together (ship day, week or month), as the address says it.

    Beside it: what the camera buttons save.
    """
    asked = st.query_params.get("span", "week")
    st.session_state.setdefault("span", asked if asked in SPANS else "week")
    with st.container(key="not-on-paper-format", horizontal=True, width="content"):
        span = st.segmented_control(
            t("Shipped together"),
            SPANS,
            key="span",
            format_func=lambda one: plain(t(one)),
            required=True,
            label_visibility="collapsed",
        )
        with st.popover(t("Pictures"), icon=":material/photo_camera:"):
            st.segmented_control(
                t("The camera button saves"), ["PNG", "SVG"], default="PNG", key="picture-format",
                help=t("It appears above a chart. A click on a mark lists the parcels behind it."),
            )  # fmt: skip
    if (span or "week") != asked:
        st.query_params["span"] = span or "week"
    return span or "week"


@st.fragment
@guarded
def draw(chart: Chart) -> None:
    """The chart with its downloads; under it the parcels of the mark that was clicked."""
    form = str(st.session_state.get("picture-format") or "PNG").lower()
    named = f"refuz-{chart.name}-{chart.as_of}"
    options = {"format": form, "filename": named, "scale": 2}
    with st.container(border=True):
        chosen = st.plotly_chart(
            chart.figure, key=f"chart-{chart.name}", on_select="rerun", selection_mode="points",
            theme=None,
            config={"toImageButtonOptions": options, "displaylogo": False},
        )  # fmt: skip
        if chart.note:
            st.caption(plain(chart.note))
        downloads(chart.data, f"refuz-{chart.name}", f"data-{chart.name}")
        points = chosen["selection"]["points"]
        if points:
            _behind(chart, points[0])


def _behind(chart: Chart, point: dict[str, object]) -> None:
    """The parcels behind one mark."""
    custom = point.get("customdata")
    value = str(custom[0] if isinstance(custom, list) else custom)
    frame, words = _parcels(chart, value, str(point.get("x", "")))
    shown = readable(frame)
    more = t("the newest {n}").format(n=len(frame)) if len(frame) >= queries.LISTED else len(frame)
    st.markdown(f"**{plain(words)}** · " + t("parcels") + f": {plain(more)}")
    table(shown, f"behind-{chart.name}")
    downloads(shown, f"refuz-{chart.name}-parcels", f"behind-data-{chart.name}")


def _parcels(chart: Chart, value: str, place: str) -> tuple[pd.DataFrame, str]:
    """The parcels behind a mark that was pressed, and what they are called above their list."""
    source, filters = queries.engine(), chart.filters
    if chart.mark == "step":
        return queries.parcel_steps(source, filters, value), t(value)
    if chart.mark == "outcome":
        within = _in_cohort(filters, place, chart.span)
        outcome = value if value in OUTCOMES else None
        return queries.parcel_list(source, within, outcome), f"{t(value)}, {place[:10]}"
    if chart.mark == "cell":
        courier, _, county = value.partition("|")
        both = filters.narrowed(courier=courier, county=county)
        words = t("refused") + f": {courier_titles(courier)}, {county}"
        return queries.parcel_list(source, both, "refused"), words
    within = _in_cohort(filters, place, chart.span) if chart.mark == "courier" else filters
    one = within.narrowed(**{chart.mark.replace(" ", "_"): value})
    words = t("refused") + f": {t(courier_titles(value))}"
    return queries.parcel_list(source, one, "refused"), words


def _in_cohort(filters: Filters, place: str, span: str) -> Filters:
    """Within the ship cohort of a mark whose place is a day; other axes carry numbers."""
    try:
        day = dt.date.fromisoformat(place[:10])
    except ValueError:
        return filters
    return filters.in_cohort(day, span)


def readable(frame: pd.DataFrame) -> pd.DataFrame:
    """A list of parcels with its value in whole currency and nothing of ours in it.

    What is asked for first stands first: which parcel, how long, how much.
    """
    value = (frame["value_minor"] / 100).round(2)
    ours = [name for name in ("value_minor", "order_id", "customer_key") if name in frame]
    shown = frame.drop(columns=ours).assign(value=value)
    first = [name for name in FIRST if name in shown]
    return shown[first + [name for name in shown.columns if name not in first]]


def table(frame: pd.DataFrame, key: str) -> None:
    """A list on the screen, its columns named in the reader's language."""
    names = {name: t(name.replace("_", " ")) for name in frame.columns}
    show_grid(frame.rename(columns=names), key=key)
