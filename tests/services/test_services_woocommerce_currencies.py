"""WooCommerce: an order that was paid in another currency than the shop's own."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from woocommerce_orders import meta, order

from core.services.ports import ShopOrder
from core.services.shops.woocommerce.orders import OrderForm, order_of


def read(currency: str = "EUR", total: str = "36.20", **written: Any) -> ShopOrder:
    return order_of(order(currency=currency, total=total, meta_data=meta(**written)), OrderForm())


WOOCS = {"_woocs_order_rate": "0.2", "_woocs_order_base_currency": "RON"}
WOOPAYMENTS = {
    "_wcpay_multi_currency_order_exchange_rate": 0.2,
    "_wcpay_multi_currency_order_default_currency": "RON",
}
CURCY = {"wmc_order_info": {"RON": {"rate": "1", "is_main": 1}, "EUR": {"rate": "0.2"}}}


@pytest.mark.parametrize("written", [WOOCS, WOOPAYMENTS, CURCY, {**WOOCS, **CURCY}])
def test_the_shops_own_total_is_told_beside_what_was_paid(written: dict[str, Any]) -> None:
    found = read(**written)
    assert (found.total_minor, found.currency) == (3_620, "EUR")
    assert found.second_total == (18_100, "RON")


@pytest.mark.parametrize(
    ("total", "rate", "second"),
    [
        ("36.20", "0.2009", 18_019),
        ("12990", "79.35", 16_371),
        ("0.01", "3", 0),
        ("7", "0.14", 5_000),
    ],
)
def test_it_is_rounded_once(total: str, rate: str, second: int) -> None:
    found = read(total=total, _woocs_order_rate=rate, _woocs_order_base_currency="RON")
    assert found.second_total == (second, "RON")


@pytest.mark.parametrize(
    "written",
    [
        {}, {"_woocs_order_rate": "0.2"}, {"_woocs_order_base_currency": "RON"},
        {**WOOCS, "_woocs_order_base_currency": "EUR"}, {**WOOCS, "_woocs_order_rate": "0"},
        {**WOOCS, "_woocs_order_rate": "-1"}, {**WOOCS, "_woocs_order_rate": "NaN"},
        {**WOOCS, "_woocs_order_rate": "azi"}, {**WOOCS, "_woocs_order_rate": None},
        {**WOOCS, "_woocs_order_rate": "1e-12"}, {**WOOCS, "_woocs_order_base_currency": "lei"[:2]},
        {"wmc_order_info": []}, {"wmc_order_info": {"EUR": {"rate": "0.2"}}},
        {"wmc_order_info": {"RON": {"rate": 1, "is_main": 1}}},
        {"wmc_order_info": {"RON": {"rate": 1, "is_main": 0}, "EUR": {"rate": "0.2"}}},
        {"_wcml_converted_total": "181.00"},
    ],
)  # fmt: skip
def test_what_no_plug_in_says_is_no_second_total(written: dict[str, Any]) -> None:
    assert read(**written).second_total is None


def test_plug_ins_that_contradict_each_other_say_nothing() -> None:
    other = {**WOOPAYMENTS, "_wcpay_multi_currency_order_exchange_rate": 0.25}
    assert read(**WOOCS, **other).second_total is None


def test_an_order_in_the_shops_own_currency_has_one_total() -> None:
    found = read(currency="RON", total="181.00", **CURCY)
    assert (found.total_minor, found.second_total) == (18_100, None)


leaves = st.none() | st.booleans() | st.floats() | st.text(max_size=6)


@given(st.recursive(leaves, lambda one: st.dictionaries(st.text(max_size=3), one, max_size=3)))
def test_no_value_of_such_a_plug_in_stops_the_reading(value: Any) -> None:
    keys = {**WOOCS, **WOOPAYMENTS, **CURCY}
    assert read(**dict.fromkeys(keys, value)).total_minor == 3_620


def test_names_have_their_signs_and_not_their_markup() -> None:
    said = {"first_name": "D&#039;Anna", "last_name": "Rus", "company": "Rus &amp; Fii SRL"}
    found = order_of(order(billing=said, shipping={}), OrderForm())
    assert found.customer_name == "D'Anna Rus"
    assert found.billed_to == ("Rus & Fii SRL", "D'Anna Rus")
