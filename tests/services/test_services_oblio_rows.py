"""What a row of Oblio's list says, each word as its API documents it (api.oblio.eu, docs/list)."""

from typing import Any

import pytest

from core.services.invoicing import oblio_rows
from core.services.ports import InvoiceRef

ROW = {
    "id": "812", "seriesName": "CVZ", "number": "0042", "total": "149.90", "currency": "RON",
    "issueDate": "2026-11-03", "link": "https://oblio.example/812", "mentions": "Comanda #1042",
    "client": {"cif": "RO 123", "name": "Ana Pop", "email": "Ana@x.ro", "phone": ""},
    "storno": "0", "canceled": "0", "stornoed": "0", "collected": "1",
}  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "storno", "stands"),
    [
        ({}, False, True),
        ({"storno": "1"}, True, False),
        ({"total": "-149.90"}, True, False),  # a storno made by hand has no flag
        ({"total": -149.9}, True, False),
        ({"canceled": "1"}, False, False),
    ],
)
def test_a_row_stands_unless_it_is_a_storno_or_annulled(
    changes: dict[str, Any], storno: bool, stands: bool
) -> None:
    row = ROW | changes
    assert (oblio_rows.is_storno(row), oblio_rows.stands(row)) == (storno, stands)


@pytest.mark.parametrize(("flag", "meaning"), [("0", False), ("1", True), ("", None), ("2", None)])
def test_a_flag_that_is_neither_yes_nor_no_is_not_known(flag: str, meaning: bool | None) -> None:
    facts = oblio_rows.facts(ROW | {"stornoed": flag}, "mentions")
    assert facts.reversed is meaning
    assert (facts.total_minor, facts.order_text, facts.paid) == (14990, "Comanda #1042", True)


def test_no_field_is_taken_for_the_order_where_none_was_chosen() -> None:
    assert oblio_rows.facts(ROW, "").order_text == ""


@pytest.mark.parametrize(
    ("einvoice", "state"),
    [
        ({"code": -1, "text": "t"}, "waiting"),
        ({"code": "0", "text": "t"}, "waiting"),
        ({"code": "1", "text": "t", "sent": True}, "filed"),
        ({"code": "1", "text": "t", "sent": False}, None),  # filed and not sent: it contradicts
        ({"code": "2", "text": "t"}, "refused"),
        ({"code": "7", "text": "t"}, None),
        ({}, None),
    ],
)
def test_only_documented_states_of_e_factura_are_believed(
    einvoice: dict[str, Any], state: str | None
) -> None:
    filing = oblio_rows.filing(ROW | {"einvoiceStatus": einvoice})
    assert (filing and filing.state) == state


@pytest.mark.parametrize(
    ("changes", "alike"),
    [
        ({"total": "-149.90", "number": "7"}, True),
        ({"total": 149.9}, True),
        ({"total": "149.91"}, False),
        ({"client": {"cif": "RO 124", "name": "Ana Pop", "email": "Ana@x.ro"}}, False),
    ],
)
def test_a_storno_is_alike_by_client_and_amount_whatever_the_sign(
    changes: dict[str, Any], alike: bool
) -> None:
    assert oblio_rows.is_alike(ROW | changes, ROW) is alike


@pytest.mark.parametrize(
    ("series", "number", "same"),
    [("CVZ", "42", True), ("CVZ", "00042", True), ("CVZ", "420", False), ("cvz2", "42", False)],
)
def test_leading_zeros_of_a_number_do_not_count(series: str, number: str, same: bool) -> None:
    assert oblio_rows.is_row_of(ROW, InvoiceRef(series, number)) is same
