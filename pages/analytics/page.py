"""Analytics: what gets refused, by whom, where, at what cost; a view's filters are its URL."""

import datetime as dt
from typing import Any

import streamlit as st

from core.insight import figures, queries, view
from core.insight.charts import plots
from core.insight.charts.style import Style
from core.insight.filters import SLICES, Filters
from pages.analytics.chart import Chart, draw, span_and_format
from pages.analytics.filters import filter_row, put_in_address
from pages.analytics.papers import papers
from pages.common.plain import plain
from pages.common.session import chosen, moment, t

PRINT = """<style>
@media print {
  @page { size: A4; margin: 10mm; }
  [data-testid=stSidebar], [data-testid=stHeader], [data-testid=stToolbar], .stDownloadButton,
  .stButton, .st-key-not-on-paper, .st-key-not-on-paper-format, [data-testid=stToast], .modebar {
    display: none !important; }
  html, body, #root, .stApp, [data-testid=stAppViewContainer], [data-testid=stMain] {
    position: static !important; overflow: visible !important; height: auto !important;
    background: #fff !important; color: #1f1f1f !important; }
  [data-testid=stMainBlockContainer] { padding: 0 !important; zoom: .62; }
  .stApp *:not(svg *) { color: #1f1f1f !important; background-color: transparent !important; }
  [data-testid=stHorizontalBlock] { flex-wrap: nowrap !important; }
  [data-testid=stColumn] { min-width: 0 !important; }
  [data-testid=stPlotlyChart], [data-testid=stMetric] { break-inside: avoid; }
  .xtick text, .ytick text, .xtitle, .ytitle, .gtitle, .legendtext, .annotation-text,
  .bartext-outside, .colorbar text { fill: #1f1f1f !important; }
}
</style>"""


def show() -> None:
    """The page."""
    st.html(PRINT)
    st.subheader(t("Analytics"))
    today = dt.date.today()
    if queries.last_day(queries.engine()) is None:
        st.info(t("No parcels yet. Import orders or connect the shop, then come back."))
        return
    filters = filter_row(today)
    wanted = chosen()
    look = view.load(queries.engine(), filters, today, wanted.missing_after_days)
    if look.cells.empty:
        st.info(t("No parcel was shipped in this choice. Choose a longer time or fewer filters."))
        return
    costs = _costs(wanted)
    _headline(look, costs)
    _charts(look)
    with st.container(key="not-on-paper"):
        papers(filters, look.as_of, wanted, costs)


def _costs(wanted: Any) -> figures.Costs:
    return figures.Costs(
        wanted.shipping_out_minor,
        wanted.shipping_back_minor,
        wanted.cod_fee_minor,
        wanted.handling_minor,
    )


# ---------------------------------------------------------------- the first row


def _headline(look: view.View, costs: figures.Costs) -> None:
    rate, lost, absent, speed = st.columns(4)
    with rate:
        _rate(look)
    with lost:
        _value_lost(look, costs)
    with absent:
        _absent(look)
    with speed:
        _speed(look)
    st.caption(plain(f"{_age(look)} {_left_out(look)}"))


def _rate(look: view.View) -> None:
    head = look.headline()
    if head.rate is None or head.low is None or head.high is None:
        counted = t("{refused} of {shipped}").format(
            refused=f"{head.refused:,}", shipped=f"{head.shipped:,}"
        )
        st.metric(t("Refused"), counted, border=True)
        st.caption(t("Under 20 parcels shipped: no rate."))
        return
    change = head.change
    told = None if change is None else t("{points} points").format(points=f"{change * 100:+.1f}")
    st.metric(t("Refused"), f"{head.rate:.1%}", told, delta_color="inverse", border=True)
    words = t("{low} to {high} (95 % interval), n {shipped}. Change: to the period before.")
    st.caption(words.format(low=f"{head.low:.1%}", high=f"{head.high:.1%}",
                            shipped=f"{head.shipped:,}"))  # fmt: skip


def _value_lost(look: view.View, costs: figures.Costs) -> None:
    lost = figures.value_lost(look.cells, costs).set_index("currency")
    value = lost["value_refused_minor"][lambda column: column > 0]
    value = value.sort_values(ascending=False)
    main, others = value[:1], value[1:]
    # The currency's name fits the label better than the figure; the other currencies stand below.
    for currency in main.index:
        words = t("Value refused, {currency}").format(currency=currency)
        st.metric(plain(words), plain(_money(main).removesuffix(f" {currency}")), border=True)
    if main.empty:
        st.metric(t("Value refused"), "0", border=True)
    if not others.empty:
        st.caption(plain(t("Also {value}.").format(value=_money(others))))
    words = t("Estimate of what refusing cost: {cost} (postage both ways, fee, handling).")
    st.caption(plain(words.format(cost=_money(lost["cost_minor"].dropna()))))


def _absent(look: view.View) -> None:
    value = look.missing.set_index("currency")["value_minor"]
    st.metric(t("Never came back"), f"{look.missing['n'].sum():,}", border=True)
    words = t("Worth {value}. Refused over {days} days ago by the courier's word, never scanned.")
    st.caption(plain(words.format(value=_money(value), days=look.missing_days)))


def _speed(look: view.View) -> None:
    steps = figures.time_to_process(look.process)
    names = {
        "refused to scanned": t("Refused to scanned"),
        "scanned to cancelled": t("scanned to cancelled"),
        "cancelled to reversed": t("cancelled to reversed"),
    }
    told = [
        t("{step}: {median} days, nine in ten within {p90} (n {n})").format(
            step=names[row["step"]], median=f"{row['median']:.0f}", p90=f"{row['p90']:.0f}",
            n=f"{row['n']:,}",
        )
        for row in steps.to_dict("records") if row["n"]
    ]  # fmt: skip
    first = steps[(steps["step"] == "refused to scanned") & (steps["n"] > 0)]
    shown = t("{days} days").format(days=f"{first['median'].iloc[0]:.0f}") if len(first) else "–"
    st.metric(t("Median way back"), shown, border=True)
    st.caption(". ".join(told))


def _money(by_currency: Any) -> str:
    """Amounts in minor units, rounded for a headline: "298k RON"."""
    told = [
        f"{v / 100:,.0f} {c}" if v < 10_000_000 else f"{v / 100_000:,.0f}k {c}"
        for c, v in by_currency.items()
        if v
    ]
    return ", ".join(told) or "0"


def _age(look: view.View) -> str:
    now = moment(dt.datetime.now(dt.UTC))
    return t("Data up to {day}, counted {now}.").format(day=f"{look.as_of:%d.%m.%Y}", now=now)


def _left_out(look: view.View) -> str:
    words = t(
        "Left out: weeks after {day}, too young to judge (95 % have an outcome in {days} days)."
    )
    return words.format(day=f"{look.until:%d.%m.%Y}", days=look.maturity_days)


# ---------------------------------------------------------------- the charts


def _charts(look: view.View) -> None:
    dark = st.context.theme.type == "dark"
    style = Style(look.as_of, _left_out(look), dark=dark, t=t)
    whole = style.but(t("Nothing is left out."))
    judged = look.judged_filters
    span, form = span_and_format()
    left, right = st.columns(2)
    with left:
        _couriers(look, style, judged, form)
        _bands(look, whole, span, form)
        _ranked(look, "county", style, judged, form)
    with right:
        curve = look.incidence()
        draw(Chart("incidence", plots.incidence(curve, style), curve, "courier", judged), form)
        steps = figures.funnel(look.cells)
        draw(Chart("funnel", plots.funnel(steps, whole), steps, "step", look.filters), form)
        _ranked(look, "product", style, judged, form)
        _picked(look, style, judged, form)
    _cohorts(look, style, span, form)
    grid = look.rates(["county", "courier"])
    draw(Chart("heat", plots.heat(grid, style), grid, "cell", judged), form)


def _couriers(look: view.View, style: Style, judged: Filters, form: str) -> None:
    rates = figures.mix_adjusted(look.mature)
    note = t("At one mix: as if all had the same share of cash on delivery.")
    figure = plots.dots(rates, style.but(f"{style.left_out} {note}"))
    draw(Chart("couriers", figure, rates, "courier", judged), form)


def _bands(look: view.View, style: Style, span: str, form: str) -> None:
    bands = look.cohorts(span)
    chart = Chart("bands", plots.stacked(bands, style), bands, "outcome", look.filters, span)
    draw(chart, form)


def _cohorts(look: view.View, style: Style, span: str, form: str) -> None:
    rates = look.cohorts(span, ["courier"])
    note = t("Hollow: after {day}, too young to judge. Under 20 parcels: no mark.")
    figure = plots.cohorts(rates, style.but(note.format(day=f"{look.until:%d.%m.%Y}")))
    draw(Chart("weeks", figure, rates, "courier", look.filters, span), form)


def _ranked(
    look: view.View, name: str, style: Style, judged: Filters, form: str, key: str = ""
) -> None:
    rates = look.sliced(name)
    note = t("Under 20 parcels: no bar. Sorted by the interval's lower bound, {n} of {all} shown.")
    counted = note.format(n=min(plots.TOP, int(rates["rate"].notna().sum())), all=len(rates))
    figure = plots.ranked(rates, name, style.but(f"{style.left_out} {counted}"))
    draw(Chart(key or name, figure, rates, name, judged), form)


def _picked(look: view.View, style: Style, judged: Filters, form: str) -> None:
    """The chart of the slice that the owner picks; the choice is part of the address."""
    words = {name: t(name) for name in SLICES}
    asked = st.query_params.get("slice", "value band")
    st.session_state.setdefault("slice", asked if asked in SLICES else "value band")
    name = st.selectbox(t("Refused by"), SLICES, format_func=words.__getitem__, key="slice")
    if name != asked:
        put_in_address("slice", [name])
    if name != "reason":
        _ranked(look, name, style, judged, form, "picked")
        return
    counts = look.sliced("reason")
    draw(Chart("picked", plots.reasons(counts, style), counts, "reason", judged), form)


show()
