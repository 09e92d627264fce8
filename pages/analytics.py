"""Analytics: what gets refused, by whom, where, at what cost; a view's filters are its URL."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pandas as pd
import streamlit as st

from core.insight import charts, export, figures, queries, view
from core.insight.filters import PAYMENTS, Filters, from_query
from pages._shared import t

CACHE_SECONDS = 60
OUTCOMES = ("refused", "delivered", "lost", "open")


def show() -> None:
    """The page."""
    st.subheader(t("Analytics"))
    today = date.today()
    if queries.last_day(queries.engine()) is None:
        st.info(t("No parcels yet. Import orders or connect the shop, then come back."))
        return
    filters = _filters(from_query(_query(), today), today)
    look = _look(filters, today)
    if look.cells.empty:
        st.info(t("No parcel was shipped in this choice. Choose a longer time or fewer filters."))
        return
    _headline(look)
    _charts(look)
    _missing(look)


def _query() -> dict[str, list[str]]:
    return {name: st.query_params.get_all(name) for name in st.query_params}


@st.cache_data(ttl=CACHE_SECONDS, show_spinner=False)
def _look(filters: Filters, today: date) -> view.View:
    return view.load(queries.engine(), filters, today)


@st.cache_data(ttl=CACHE_SECONDS, show_spinner=False)
def _choices() -> dict[str, list[str]]:
    return queries.choices(queries.engine())


def _filters(now: Filters, today: date) -> Filters:
    """The filter row; what is chosen is written to the address."""
    known = _choices()
    days, courier, county, payment = st.columns([1.4, 1.2, 1.2, 1])
    span = days.date_input(t("Shipped"), (now.since, now.until), max_value=today)
    if not isinstance(span, tuple) or len(span) != 2:
        st.stop()  # the second day is not picked yet
    couriers = courier.multiselect(
        t("Courier"), known["courier"], [c for c in now.couriers if c in known["courier"]]
    )
    counties = county.multiselect(
        t("County"), known["county"], [c for c in now.counties if c in known["county"]]
    )
    payments = payment.multiselect(t("Payment"), PAYMENTS, list(now.payments))
    chosen = Filters(span[0], span[1], tuple(couriers), tuple(counties), tuple(payments))
    if chosen != now:
        st.query_params.from_dict(chosen.to_query())
    return chosen


def _headline(look: view.View) -> None:
    head = look.headline()
    rate, lost, absent, speed = st.columns(4)
    if head.rate is None or head.low is None or head.high is None:
        rate.metric(t("Refused"), f"{head.refused:,} of {head.shipped:,}", border=True)
    else:
        change = None if head.change is None else f"{head.change * 100:+.1f} points"
        rate.metric(t("Refused"), f"{head.rate:.1%}", change, delta_color="inverse", border=True)
        rate.caption(
            f"{head.low:.1%} to {head.high:.1%} (95 %), n {head.shipped:,}. {look.left_out}"
        )
    _value_lost(look, lost)
    value = look.missing.groupby("currency")["value_minor"].sum()
    absent.metric(t("Never came back"), f"{len(look.missing):,}", border=True)
    absent.caption(
        f"{_money(value)}. Refused over {view.MISSING_DAYS} days ago by the courier's word."
    )
    steps = figures.time_to_process(look.process)
    scanned = steps[steps["step"] == "refused to scanned"]
    if len(scanned):
        row = scanned.iloc[0]
        speed.metric(t("Refused to scanned"), f"{row['median']:.0f} days", border=True)
        speed.caption(f"Median; nine in ten within {row['p90']:.0f} days, n {row['n']:,}.")


def _value_lost(look: view.View, place: Any) -> None:
    lost = figures.value_lost(look.cells, figures.Costs()).set_index("currency")
    place.metric(t("Value refused"), _money(lost["value_refused_minor"]), border=True)
    cost = _money(lost["cost_minor"].dropna())
    place.caption(f"Estimate of what refusing cost: {cost} (postage both ways, fee, handling).")


def _money(by_currency: "pd.Series[Any]") -> str:
    return ", ".join(f"{v / 100:,.0f} {c}" for c, v in by_currency.items() if v) or "0"


def _charts(look: view.View) -> None:
    style: dict[str, Any] = {
        "left_out": look.left_out,
        "as_of": look.as_of,
        "dark": st.context.theme.type == "dark",
    }
    whole = {**style, "left_out": ""}
    adjusted = figures.mix_adjusted(look.mature)
    weeks = figures.weekly(look.cells, look.until, ["courier"])
    hollow = {**style, "left_out": f"Hollow: after {look.until:%d %b %Y}, too young to judge."}
    left, right = st.columns(2)
    with left:
        _draw(look, "couriers", charts.dots(adjusted, **style), adjusted, "courier")
        bands = figures.weekly(look.cells, look.until)
        _draw(look, "bands", charts.stacked(bands, **whole), bands, "outcome")
        counties = look.rates(["county"])
        _draw(look, "counties", charts.ranked(counties, "county", **style), counties, "county")
    with right:
        curve = look.incidence()
        _draw(look, "incidence", charts.incidence(curve, **style), curve, "courier")
        steps = figures.funnel(look.cells)
        _draw(look, "funnel", charts.funnel(steps, **whole), steps, "")
        goods = figures.rates(look.products, ["sku", "product"])
        _draw(look, "products", charts.ranked(goods, "sku", **style), goods, "sku")
    _draw(look, "weeks", charts.weeks(weeks, **hollow), weeks, "courier")
    grid = look.rates(["county", "courier"])
    _draw(look, "heat", charts.heat(grid, **style), grid, "cell")


def _draw(look: view.View, name: str, figure: Any, data: pd.DataFrame, mark: str) -> None:
    """A chart, its data as CSV, and under it the parcels of the mark that was clicked."""
    chosen = st.plotly_chart(
        figure, key=f"chart-{name}", on_select="rerun", selection_mode="points",
        config={"toImageButtonOptions": {"format": "svg", "filename": f"storno-{name}"}},
    )  # fmt: skip
    st.download_button(
        "CSV", lambda: export.to_csv(data), f"storno-{name}.csv", "text/csv",
        key=f"csv-{name}", type="tertiary", icon=":material/download:",
    )  # fmt: skip
    points = chosen["selection"]["points"] if mark else []
    if points:
        _behind(look, points[0], mark, name)


def _behind(look: view.View, point: dict[str, Any], mark: str, name: str) -> None:
    """The parcels behind one mark."""
    filters, outcome, sku = _meaning(look.filters, point, mark)
    frame = queries.parcel_list(queries.engine(), filters, outcome, sku)
    st.dataframe(_readable(frame), hide_index=True, key=f"behind-{name}")


def _meaning(filters: Filters, point: dict[str, Any], mark: str) -> tuple[Filters, str | None, str]:
    said = point.get("customdata")
    value = str(said[0] if isinstance(said, list) else said)
    week = str(point.get("x", ""))
    readers: dict[str, Callable[[], tuple[Filters, str | None, str]]] = {
        "courier": lambda: (view.narrowed(filters, courier=value, week=_week(week)), "refused", ""),
        "county": lambda: (view.narrowed(filters, county=value), "refused", ""),
        "cell": lambda: (
            view.narrowed(filters, courier=str(point.get("x")), county=str(point.get("y"))),
            "refused",
            "",
        ),
        "outcome": lambda: (
            view.narrowed(filters, week=_week(week)),
            value if value in OUTCOMES else None,
            "",
        ),
        "sku": lambda: (filters, "refused", value),
    }
    return readers[mark]()


def _week(text: str) -> str:
    """A ship week's Monday, when the mark's place is a day; other axes carry numbers."""
    try:
        monday = date.fromisoformat(text[:10])
    except ValueError:
        return ""
    return (monday - timedelta(days=monday.weekday())).isoformat()


def _missing(look: view.View) -> None:
    st.subheader(t("Never came back"))
    if look.missing.empty:
        st.caption(t("Every refused parcel of this choice was scanned in time."))
        return
    shown = _readable(look.missing.drop(columns="customer_key"))
    st.dataframe(shown, hide_index=True)
    st.download_button("XLSX", lambda: export.to_xlsx(shown), "storno-missing.xlsx")


def _readable(frame: pd.DataFrame) -> pd.DataFrame:
    value = (frame["value_minor"] / 100).round(2)
    return frame.drop(columns="value_minor").assign(value=value)


show()
