"""Where plug-ins of couriers and invoicing services write on an order, and what is made of it."""

import datetime as dt
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from woocommerce_orders import meta, order

from core.orders.documents.references import references
from core.services.ports import ShopOrder
from core.services.shops.woocommerce.meta import invoices_of, keys_of, meta_of, tracking_of
from core.services.shops.woocommerce.orders import OrderForm, order_of


def read(**changes: Any) -> ShopOrder:
    return order_of(order(**changes), OrderForm())


def numbers(*rows: tuple[str, Any], own: str = "") -> list[tuple[str, str]]:
    found = tracking_of(list(rows), keys_of(own, ""))
    return [(one.number, one.courier) for one in found]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("AB12345678", ["AB12345678"]),
        (70001234567, ["70001234567"]),
        (["11111111", "22222222"], ["11111111", "22222222"]),
        ("33333333, 44444444;55555555", ["33333333", "44444444", "55555555"]),
        ([{"tracking_number": "66666666"}, {"tracking_number": "77777777"}],
         ["66666666", "77777777"]),
        ({"awb": "88888888"}, ["88888888"]),
        ({"awb": ["88888888"]}, ["88888888"]),
        ('["41000777", "41000778"]', ["41000777", "41000778"]),
        ('{"awb": "41000779", "cost": 18}', ["41000779"]),
        (41000780.0, ["41000780"]),
        ("4100 0781 9012", ["410007819012"]),
        ("AWB: 41000782 / Sameday", ["41000782"]),
        ("https://courier.example/track?awb=41000783&lang=ro", ["41000783"]),
        ("<a href='/t'>41000784</a>", ["41000784"]),
        ("2026-11-03 41000785", ["41000785"]),
        ("[41000786", ["41000786"]),
        ("generat la 03.11.2026", []),
        ("Inregistrat", []),
        ("", []),
        (None, []),
        (True, []),
    ],
)  # fmt: skip
def test_a_tracking_number_may_be_text_list_or_object(value: Any, expected: list[str]) -> None:
    assert numbers(("awb_sameday", value)) == [(one, "sameday") for one in expected]


def test_a_key_that_comes_twice_is_read_twice_and_one_number_counts_once() -> None:
    rows = [("awb_fan", "7000111"), ("awb_fan", "7000222"), ("_fc_awb_number", "7000111")]
    assert numbers(*rows) == [("7000111", "fan"), ("7000222", "fan")]


def test_the_form_adds_keys_and_gives_a_known_one_another_courier() -> None:
    rows = [("_my_awb", "MY123456"), ("_tracking_number", "TN999999")]
    assert numbers(*rows, own="_my_awb=dpd, _tracking_number=gls") == [
        ("MY123456", "dpd"), ("TN999999", "gls"),
    ]  # fmt: skip


def test_the_day_of_shipping_comes_with_a_tracking_plug_in() -> None:
    row = {"tracking_number": "ZZ123456", "tracking_provider": "fan", "date_shipped": "1763942400"}
    ours = read(meta_data=meta(_wc_shipment_tracking_items=[row]))
    assert ours.parcels is not None
    assert [(one.company, one.shipped_at) for one in ours.parcels] == [
        ("fan", dt.datetime(2025, 11, 24, tzinfo=dt.UTC))
    ]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ({"oblio_invoice_series_name": "OB", "oblio_invoice_number": "0008"}, "oblio:OB:0008"),
        ({"smartbill_series_name": "SB", "smartbill_document_number": 12}, "smartbill:SB:12"),
        (
            {
                "smartbill_series_name": "SB", "smartbill_document_number": "0012",
                "smartbill_private_link": "https://cloud.smartbill.ro/documente/PROFORMA/1",
            },
            "",
        ),
        ({"smartbill_invoice_log": {"smartbill_series": "L", "smartbill_invoice_id": "3"}},
         "smartbill:L:3"),
        (
            {
                "smartbill_invoice_log": {
                    "smartbill_series": "L", "smartbill_invoice_id": "3",
                    "smartbill_document_url": "https://cloud.smartbill.ro/proforma/3",
                }
            },
            "",
        ),
        ({"oblio_invoice_series_name": "OB"}, ""),
        ({"_fgo_invoice_link": "https://api.fgo.ro/publicws/factura/1"}, ""),
        ({"my_series": "FG", "my_number": "0099"}, "fgo:FG:0099"),
    ],
)  # fmt: skip
def test_an_invoice_is_joined_of_its_keys_and_a_proforma_is_none(
    rows: dict[str, Any], expected: str
) -> None:
    keys = keys_of("", "fgo=my_series:my_number")
    assert invoices_of(meta_of({"meta_data": meta(**rows)}), keys) == expected


@pytest.mark.parametrize(
    ("rows", "found", "unclear"),
    [
        # a key that comes twice
        ([("XS", "0071"), ("XS", "0072")], [("XS", "0071"), ("XS", "0072")], 0),
        ([("XS", "0071"), ("YS", "0009")], [("XS", "0071"), ("YS", "0009")], 0),
        ([("XS", "0071"), (None, "0072")], [("XS", "0071"), ("XS", "0072")], 0),
        ([("XS", "0071"), ("YS", None)], [], 1),
        # what is not one number
        ([("XS", "0071, 0072")], [("XS", "0071")], 1),
        ([("XS", "0071 (anulata)")], [], 1),
        ([("XS", {"nr": 71})], [], 1),
        ([("XS", 71.0)], [("XS", "71")], 0),
        ([("XS", 0)], [], 0),
        ([("XS", False)], [], 0),
    ],
)  # fmt: skip
def test_what_a_plug_in_writes_of_invoices_is_read_whole_or_asked_about(
    rows: list[tuple[str | None, Any]], found: list[tuple[str, str]], unclear: int
) -> None:
    """Of two rows the first was lost, and a number with a comma was no invoice at all."""
    written = [
        row
        for series, number in rows
        for row in (("oblio_invoice_series_name", series), ("oblio_invoice_number", number))
        if row[1] is not None
    ]
    named = references({}, field=invoices_of(written, keys_of("", "")))
    assert [(one.series, one.number) for one in named.found] == found
    assert len(named.unclear) == unclear


def test_an_invoice_made_after_a_proforma_is_read_though_the_proformas_link_is_still_there() -> (
    None
):
    log = {
        "smartbill_series": "FV", "smartbill_invoice_id": "0310",
        "smartbill_document_url": "https://cloud.smartbill.ro/factura/0310",
    }  # fmt: skip
    rows = [
        ("smartbill_series_name", "PF"), ("smartbill_document_number", "0009"),
        ("smartbill_private_link", "https://cloud.smartbill.ro/proforma/0009"),
        ("smartbill_invoice_log", log),
    ]  # fmt: skip
    assert invoices_of(rows, keys_of("", "")) == "smartbill:FV:0310"


def test_a_field_that_comes_twice_keeps_both_its_values() -> None:
    twice = meta(invoice="fgo:XS:0071") + meta(invoice=["fgo:XS:0072", "fgo:XS:0071"])
    named = references(read(meta_data=twice).attributes)
    assert [one.number for one in named.found] == ["0071", "0072"]


def test_lists_within_lists_without_end_are_no_error() -> None:
    deep: Any = "41000787"
    for _ in range(400):
        deep = [deep]
    assert numbers(("awb_fan", deep)) == numbers(("awb_fan", json.dumps(deep))) == []


def test_an_order_whose_number_has_its_own_sign_is_named_once() -> None:
    assert order_of({**order(), "number": "#MB-77"}, OrderForm()).name == "#MB-77"


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(),
                    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)))  # fmt: skip
def test_no_value_of_a_plug_in_stops_the_reading(value: Any) -> None:
    ours = read(
        meta_data=meta(awb_fan=value, smartbill_invoice_log=value, oblio_invoice_number=value)
    )
    assert ours.gid == "501"
