"""Analytics' first screen: four figures with their line, what stands out, two charts."""

from collections.abc import Iterable
from typing import Any

import streamlit as st

from core.insight import figures, view
from core.insight.standing_out import StandOut
from core.labels import courier_titles
from pages.common.plain import plain
from pages.common.session import number, percent, short_money, t

RARE = 0.001
TALL = 190  # pixels of a figure with its change and its line; all four are equally tall


def sure() -> str:
    """How sure the intervals are, as the reader writes it: "95%"."""
    return percent(figures.INTERVAL_SHARE, 0)


def headline(look: view.View, costs: figures.Costs, span: str) -> None:
    """How much is refused, what that costs, what never came back, how long the way back takes."""
    rate, lost, absent, speed = st.columns(4)
    with rate:
        _rate(look, span)
    with lost:
        _lost(look, costs, span)
    with absent:
        _absent(look, span)
    with speed:
        _speed(look, span)


def _metric(label: str, value: str, line: Iterable[Any], caption: str, **more: Any) -> None:
    drawn = [float(one) for one in line]
    if len(drawn) > 1:
        more["chart_data"] = drawn
    st.metric(plain(label), plain(value), border=True, height=TALL, **more)
    st.caption(plain(caption))


def _rate(look: view.View, span: str) -> None:
    head = look.headline()
    if head.rate is None or head.low is None or head.high is None:
        counted = t("{refused} of {shipped}").format(
            refused=number(head.refused), shipped=number(head.shipped)
        )
        _metric(t("Refused"), counted, [], t("Under 20 parcels shipped: no rate."))
        return
    more: dict[str, object] = {}
    if head.change is not None:
        more = {**_change(round(head.change * 100, 1)),
                "delta_description": plain(t("to the period before"))}  # fmt: skip
    words = t("{low} to {high} ({sure} interval), of {shipped} parcels.")
    note = words.format(
        low=number(head.low * 100, 1),
        high=percent(head.high),
        sure=sure(),
        shipped=number(head.shipped),
    )
    line = look.line_of_rates(span) * 100
    _metric(t("Refused"), percent(head.rate), line.round(2), note, **more)


def _change(points: float) -> dict[str, object]:
    """The change in points as it is shown; what is nothing when rounded is neither up nor down."""
    if not points:
        return {"delta": plain(t("no change")), "delta_color": "off", "delta_arrow": "off"}
    up = points > 0
    label = t("{points} points").format(points=("+" if up else "") + number(points, 1))
    return {"delta": plain(label), "delta_color": "red" if up else "green",
            "delta_arrow": "up" if up else "down"}  # fmt: skip


def _lost(look: view.View, costs: figures.Costs, span: str) -> None:
    lost = figures.value_lost(look.cells, costs).set_index("currency")
    cost = float(lost["cost_minor"].dropna().sum())
    value = lost["value_refused_minor"].sort_values(ascending=False)
    goods = ", ".join(short_money(minor, str(code)) for code, minor in value.items() if minor)
    words = t("Estimate: postage both ways, fee, handling. Goods refused: {value}.")
    line = look.line_of_costs(span, costs) / 100
    note = words.format(value=goods or 0)
    _metric(t("Lost to refusals"), short_money(cost, costs.currency), line, note)


def _absent(look: view.View, span: str) -> None:
    value = look.missing.set_index("currency")["value_minor"]
    worth = ", ".join(short_money(minor, str(code)) for code, minor in value.items() if minor)
    words = t("Worth {value}. Called refused over {days} days ago, never scanned.")
    note = words.format(value=worth or 0, days=look.missing_days)
    line = look.line_of_missing(span)
    _metric(t("Never came back"), number(look.missing["n"].sum()), line, note)


def _speed(look: view.View, span: str) -> None:
    steps = figures.time_to_process(look.process)
    first = steps[(steps["step"] == "refused to scanned") & (steps["n"] > 0)]
    if first.empty:
        _metric(t("Median way back"), "–", [], t("No refused parcel was scanned yet."))
        return
    row = first.iloc[0]
    shown = t("{days} days").format(days=number(row["median"]))
    words = t("Nine in ten within {p90} days, of {n} parcels.")
    note = words.format(p90=number(row["p90"]), n=number(row["n"]))
    _metric(t("Median way back"), shown, look.line_of_days(span), note)


# ---------------------------------------------------------------- what stands out


def standing_out(look: view.View, costs: figures.Costs) -> None:
    """One sentence: what is refused more than the others, by how much, and how sure that is."""
    found = look.standing_out()
    if found is None:
        st.info(
            t("Nothing stands out: what couriers, counties and products differ by may be chance."),
            icon=":material/insights:",
        )
        return
    each = look.cost_of_each(costs)
    st.info(_sentence(found, each, costs.currency), icon=":material/insights:")


def _sentence(found: StandOut, each: float | None, currency: str) -> str:
    """What stands out, as Markdown; `each`: what a refusal costs, in minor units, where known."""
    others = {
        "courier": t("**{value}** is refused {more} points more than the other couriers"),
        "county": t("**{value}** refuses {more} points more than the other counties"),
        "product": t("**{value}** is refused {more} points more than the other products"),
    }
    first = others[found.slice].format(
        value=plain(courier_titles(found.value)), more=plain(number(found.more * 100, 1))
    )
    words = t(
        "at the same mix of payments ({sure} interval {low} to {high}): about {parcels} refusals"
    )
    second = words.format(
        low=number(found.low * 100, 1), high=number(found.high * 100, 1),
        parcels=number(found.parcels), sure=sure(),
    )  # fmt: skip
    if each is not None:
        amount = short_money(found.parcels * each, currency)
        second += " " + t("and {amount} that the others would not have cost").format(amount=amount)
    return f"{first} {plain(second)}. {plain(_sure(found))}"


def _sure(found: StandOut) -> str:
    """How often chance alone would show as much among so many that were looked at."""
    if found.chance < RARE:
        words = t("Sure: among {looked} looked at, chance alone does so less than once in {times}.")
        return words.format(looked=number(found.looked), times=number(1 / RARE))
    words = t("Rather sure: among {looked} looked at, chance alone does so once in {times}.")
    return words.format(looked=number(found.looked), times=number(1 / found.chance))
