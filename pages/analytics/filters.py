"""The filter row of Analytics, kept in the address, so that a view can be sent."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

import streamlit as st

from core.insight import queries
from core.insight.facts import BAND_NAMES, CUSTOMERS, WEEKDAYS
from core.insight.filters import PAYMENTS, Filters, from_query
from core.labels import courier_titles
from pages.common.plain import plain
from pages.common.session import t, window

MORE = ("product", "value band", "customer", "weekday")


def filter_row(today: dt.date) -> Filters:
    """What the owner chose, from the widgets; they begin with what the address says."""
    asked = from_query({name: st.query_params.get_all(name) for name in st.query_params}, today)
    days, (courier, county, payment), more = _places(sum(map(len, asked.chosen().values())))
    st.session_state.setdefault("filter-days", (asked.since, asked.until))
    span = days.date_input(t("Shipped"), max_value=today, format="DD.MM.YYYY", key="filter-days")
    if not isinstance(span, tuple) or len(span) != 2:
        st.stop()  # the second day is not picked yet
    choices = queries.choices(queries.engine())
    had = asked.chosen()
    chosen = {
        "courier": _many(courier, "courier", t("Courier"), choices["courier"], had),
        "county": _many(county, "county", t("County"), choices["county"], had),
        "payment": _many(payment, "payment", t("Payment"), list(PAYMENTS), had),
    }
    with more:
        options = {
            "product": (t("Product"), choices["product"]),
            "value band": (t("Value"), list(BAND_NAMES)),
            "customer": (t("Customer"), list(CUSTOMERS)),
            "weekday": (t("Weekday of shipping"), list(WEEKDAYS)),
        }
        for name, (label, values) in options.items():
            chosen[name] = _many(st, name, label, values, had)
    return _kept(Filters(span[0], span[1]), chosen, asked)


def _places(chosen: int) -> tuple[Any, Sequence[Any], Any]:
    """Where the days, the three first filters and the others lie; on a phone all but the days are
    folded, with how many are `chosen`, so that the figures stand on the first screen."""
    if window() != "phone":
        days, *three, more = st.columns([1.5, 1.1, 1.1, 1, 0.8], vertical_alignment="bottom")
        return days, three, more.popover(t("More"))
    days = st.container()
    label = t("Filters") + (f" · {chosen}" if chosen else "")
    more = st.popover(plain(label), icon=":material/filter_alt:", width="stretch")
    return days, (more, more, more), more


def put_in_address(name: str, values: list[str]) -> None:
    """Write one parameter of the address, or take it away; the others stay as they are."""
    if values:
        st.query_params[name] = values
    elif name in st.query_params:
        del st.query_params[name]


def _many(
    place: Any, name: str, label: str, options: list[str], had: dict[str, tuple[str, ...]]
) -> tuple[str, ...]:
    before = [value for value in had.get(name, ()) if value in options]
    st.session_state.setdefault(f"filter-{name}", before)
    picked = place.multiselect(
        plain(label), options, format_func=_option_label, placeholder=t("all"), key=f"filter-{name}"
    )
    return tuple(picked)


def _option_label(value: str) -> str:
    return t(courier_titles(value))


def _kept(days: Filters, chosen: dict[str, tuple[str, ...]], asked: Filters) -> Filters:
    """The filters as chosen; the address is brought to say the same."""
    filters = Filters(
        days.since,
        days.until,
        couriers=chosen["courier"],
        counties=chosen["county"],
        payments=chosen["payment"],
        products=chosen["product"],
        bands=chosen["value band"],
        customers=chosen["customer"],
        weekdays=chosen["weekday"],
        reasons=asked.reasons,
    )
    if filters != asked:
        query = filters.to_query()
        for name in asked.to_query() | query:
            values = query.get(name, [])
            put_in_address(name, [values] if isinstance(values, str) else values)
    return filters
