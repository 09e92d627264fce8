"""Analytics: what gets refused, by whom, where, at what cost; a view's filters are its URL."""

from collections.abc import Callable

import streamlit as st

from core.clock import now
from core.i18n.language import CURRENCY_WORDS
from core.insight import figures, queries, view
from core.insight.charts import plots
from core.insight.charts.style import Style
from core.insight.filters import SLICES, Filters
from core.labels import courier_titles
from pages.analytics.chart import Chart, draw, span_choice
from pages.analytics.filters import filter_row, put_in_address
from pages.analytics.first import headline, standing_out, sure
from pages.analytics.papers import papers
from pages.common.plain import plain
from pages.common.session import chosen, moment, number, percent, t, today, tongue, window
from pages.common.tabs import folded

LOOKS = """<style>
.st-key-filters-on-paper { display: none; }
/* A finger has no hover: the buttons would lie on the title for good. */
@media (pointer: coarse) { .modebar-container { display: none !important; } }
@media print {
  .st-key-not-on-paper, .st-key-not-on-paper-format, .modebar, .stPopover, .stDateInput {
    display: none !important; }
  .st-key-filters-on-paper { display: block; }
  .stApp *:not(svg *) { background-color: transparent !important; }
  .xtick text, .ytick text, .xtitle, .ytitle, .gtitle, .legendtext, .annotation-text,
  .bartext-outside, .colorbar text { fill: #1f1f1f !important; }
}
</style>"""


def show() -> None:
    """The page."""
    st.html(LOOKS)
    day = today()
    head = st.container(horizontal=True, vertical_alignment="bottom", key="analytics-head")
    head.subheader(t("Analytics"), width="stretch")
    if queries.last_day(queries.engine()) is None:
        st.info(t("No parcels yet. Import orders or connect the shop, then come back."))
        return
    with head:
        span = span_choice()
    filters = filter_row(day)
    wanted = chosen()
    look = view.load(queries.engine(), filters, day, wanted.missing_after_days)
    if look.cells.empty:
        st.info(t("No parcel was shipped in this choice. Choose a longer time or fewer filters."))
        return
    costs = figures.Costs.of(wanted)
    _chosen_on_paper(filters)
    dark = st.context.theme.type == "dark"
    style = Style(dark=dark, t=t, language=tongue())
    headline(look, costs, span)
    standing_out(look, costs)
    _first_charts(look, costs, style, span)
    st.caption(plain(f"{_age(look)} {_left_out(look)} {_notes()}"))
    _rest(look, style, span)
    with st.container(key="not-on-paper"):
        papers(filters, look.as_of, wanted, costs)


def _chosen_on_paper(filters: Filters) -> None:
    """What was chosen, for paper alone: there the filters themselves are not drawn."""
    days = f"{filters.since:%d.%m.%Y} – {filters.until:%d.%m.%Y}"
    parts = [t("Shipped") + f": {days}"]
    for name, values in filters.chosen().items():
        parts.append(f"{t(name)}: " + ", ".join(t(courier_titles(one)) for one in values))
    with st.container(key="filters-on-paper"):
        st.markdown(plain(" · ".join(parts)))


def _age(look: view.View) -> str:
    counted = moment(now())
    words = t("{n} parcels, data up to {day}, counted {now}.")
    shipped = number(look.cells["shipped"].sum())
    return words.format(n=shipped, day=f"{look.as_of:%d.%m.%Y}", now=counted)


def _left_out(look: view.View) -> str:
    words = t(
        "Left out of rates: weeks after {day}, too young to judge ({most} have an outcome in "
        "{days} days); where they are drawn they are hollow."
    )
    most = percent(figures.MATURE_SHARE, 0)
    return words.format(day=f"{look.until:%d.%m.%Y}", days=look.maturity_days, most=most)


def _notes() -> str:
    words = t("Under 20 parcels: no rate. Lines beside a mark: {sure} interval.")
    return words.format(sure=sure())


# ---------------------------------------------------------------- the charts


def _first_charts(look: view.View, costs: figures.Costs, style: Style, span: str) -> None:
    judged = look.judged_filters
    left, right = st.columns(2)
    with left:
        rates = look.cohorts(span)
        figure = plots.over_time(rates, style)
        draw(Chart("rate", figure, rates, "outcome", look.filters, look.as_of, span))
    with right:
        money = figures.money_lost(look.mature, costs)
        words = CURRENCY_WORDS.get(costs.currency, costs.currency)
        figure = plots.lost(money, words, style, narrow=window() == "phone")
        draw(Chart("lost", figure, money, "courier", judged, look.as_of))


def _rest(look: view.View, style: Style, span: str) -> None:
    """All other charts: beside and below each other, on a phone folded, each drawn when opened."""
    charts: dict[str, Callable[[], None]] = {
        "couriers": lambda: _couriers(look, style),
        "bands": lambda: _bands(look, style, span),
        "county": lambda: _ranked(look, "county", style),
        "incidence": lambda: _incidence(look, style),
        "funnel": lambda: _funnel(look, style),
        "product": lambda: _ranked(look, "product", style),
        "picked": lambda: _picked(look, style),
        "cohorts": lambda: _cohorts(look, style, span),
        "heat": lambda: _heat(look, style),
    }
    if window() == "phone":
        folded(
            {
                t("Couriers"): [charts[one] for one in ("couriers", "cohorts", "incidence")],
                t("Counties"): [charts[one] for one in ("county", "heat")],
                t("Products and customers"): [charts[one] for one in ("product", "picked")],
                t("What became of the parcels"): [charts[one] for one in ("bands", "funnel")],
            },
            "analytics-part",
        )
        return
    left, right = st.columns(2)
    with left:
        for one in ("couriers", "bands", "county"):
            charts[one]()
    with right:
        for one in ("incidence", "funnel", "product", "picked"):
            charts[one]()
    charts["cohorts"]()
    charts["heat"]()


def _bands(look: view.View, style: Style, span: str) -> None:
    bands = look.cohorts(span)
    figure = plots.stacked(bands, style)
    draw(Chart("bands", figure, bands, "outcome", look.filters, look.as_of, span))


def _incidence(look: view.View, style: Style) -> None:
    curve = look.incidence()
    figure = plots.incidence(curve, style)
    draw(Chart("incidence", figure, curve, "courier", look.judged_filters, look.as_of))


def _funnel(look: view.View, style: Style) -> None:
    steps = figures.funnel(look.cells)
    draw(Chart("funnel", plots.funnel(steps, style), steps, "step", look.filters, look.as_of))


def _heat(look: view.View, style: Style) -> None:
    grid = look.rates(["county", "courier"])
    draw(Chart("heat", plots.heat(grid, style), grid, "cell", look.judged_filters, look.as_of))


def _couriers(look: view.View, style: Style) -> None:
    rates = figures.mix_adjusted(look.mature)
    note = t("Ring: as if all had the same share of cash on delivery.")
    figure = plots.dots(rates, style)
    draw(Chart("couriers", figure, rates, "courier", look.judged_filters, look.as_of, note=note))


def _cohorts(look: view.View, style: Style, span: str) -> None:
    rates = look.cohorts(span, ["courier"])
    trend = figures.trend(rates)
    verdicts = dict(zip(trend["courier"], trend["verdict"], strict=True))
    note = t("Better or worse: the newest quarter of the time against the rest, beyond chance.")
    figure = plots.cohorts(rates, style, verdicts, narrow=window() == "phone")
    draw(Chart("weeks", figure, rates, "courier", look.filters, look.as_of, span, note))


def _ranked(look: view.View, name: str, style: Style, key: str = "") -> None:
    rates = look.sliced(name)
    rated = int(rates["rate"].notna().sum())
    note = ""
    if rated > plots.TOP:
        note = t("{n} of {all} shown, by the interval's lower end.").format(
            n=plots.TOP, all=number(rated)
        )
    figure = plots.ranked(rates, name, style)
    judged = look.judged_filters
    draw(Chart(key or name, figure, rates, name, judged, look.as_of, note=note))


def _picked(look: view.View, style: Style) -> None:
    """The chart of the slice that the owner picks; the choice is part of the address."""
    words = {name: t(name) for name in SLICES}
    asked = st.query_params.get("slice", "value band")
    st.session_state.setdefault("slice", asked if asked in SLICES else "value band")
    name = st.selectbox(t("Refused by"), SLICES, format_func=words.__getitem__, key="slice")
    if name != asked:
        put_in_address("slice", [name])
    if name != "reason":
        _ranked(look, name, style, "picked")
        return
    counts = look.sliced("reason")
    figure = plots.reasons(counts, style)
    draw(Chart("picked", figure, counts, "reason", look.judged_filters, look.as_of))


show()
