"""What a row of Oblio's list says, each word as its API documents it (api.oblio.eu, docs/list)."""

from typing import Any

import pytest

from core.services.invoicing import oblio_rows
from core.services.ports import InvoiceRef, Storno

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
        ({"canceled": True}, False, False),
        ({"draft": "1"}, False, False),
        ({"draft": 1, "number": ""}, False, False),
        ({"draft": "0"}, False, True),
    ],
)
def test_a_row_stands_unless_it_is_a_storno_annulled_or_a_draft(
    changes: dict[str, Any], storno: bool, stands: bool
) -> None:
    row = ROW | changes
    assert (oblio_rows.is_storno(row), oblio_rows.stands(row)) == (storno, stands)


@pytest.mark.parametrize(
    ("flag", "meaning"),
    [("0", False), ("1", True), (1, True), (False, False), ("", None), ("2", None), (None, None)],
)
def test_a_flag_that_is_neither_yes_nor_no_is_not_known(flag: Any, meaning: bool | None) -> None:
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


REVERSED = ROW | {"stornoed": "1"}
STORNO = ROW | {"number": "77", "storno": "1", "total": "-149.90", "link": ""}
PART = STORNO | {"number": "78", "total": "-49.90"}


@pytest.mark.parametrize(
    ("invoice", "rows", "whole", "found"),
    [
        (REVERSED, [REVERSED, STORNO], True, Storno("CVZ", "77")),
        (REVERSED, [REVERSED, STORNO | {"total": -149.9}], True, Storno("CVZ", "77")),
        (REVERSED, [REVERSED, STORNO, STORNO | {"number": "79"}], True, Storno()),
        (REVERSED, [REVERSED], True, Storno()),  # its storno is made out to another
        (REVERSED, [REVERSED, PART], True, "partly"),
        (REVERSED, [REVERSED, PART | {"total": "-149.88"}], True, Storno()),  # rounded anew
        (REVERSED, [REVERSED, PART], False, Storno()),  # the whole may be on another page
        (REVERSED, [REVERSED, PART, PART | {"number": "79", "total": "-100.00"}], True, Storno()),
        (ROW, [ROW], True, "none"),
        (ROW, [ROW, PART], True, "none"),
        (ROW, [ROW, STORNO], True, "maybe"),
        (ROW, [ROW, STORNO], False, "none"),
        (ROW, [ROW, STORNO, REVERSED | {"number": "41"}], True, "none"),  # it is the other's
    ],
)
def test_a_reversal_is_told_by_the_stornos_of_the_client_and_their_amounts(
    invoice: dict[str, Any], rows: list[dict[str, Any]], whole: bool, found: object
) -> None:
    beside = oblio_rows.issued(rows, whole=whole).beside(invoice)
    assert oblio_rows.reversal(invoice, beside, whole=whole) == found


@pytest.mark.parametrize(
    ("row", "unclear"),
    [
        ({"collected": "2"}, "collected: 2"),
        ({"collected": "partial", "canceled": "0"}, "collected: partial"),
        ({"stornoed": "-1"}, "stornoed: -1"),
        ({"collected": True, "canceled": 0, "stornoed": ""}, ""),
    ],
)
def test_a_flag_of_another_value_is_told(row: dict[str, Any], unclear: str) -> None:
    assert oblio_rows.facts(ROW | row, "").unclear == unclear


@pytest.mark.parametrize(
    ("client", "same"),
    [
        ({"cif": "RO 123", "name": "ANA POP", "email": "ana@x.ro", "phone": ""}, True),
        ({"cif": "RO 124", "name": "Ana Pop", "email": "Ana@x.ro"}, False),
    ],
)
def test_a_client_is_one_by_number_name_mail_and_phone(client: dict[str, str], same: bool) -> None:
    issued = oblio_rows.issued([STORNO | {"client": client}], whole=True)
    assert bool(issued.beside(ROW).stornos) is same


def test_of_a_document_that_two_pages_tell_the_last_word_counts() -> None:
    twice = [ROW | {"stornoed": "0"}, ROW | {"stornoed": "1"}]
    beside = oblio_rows.issued(twice, whole=True).beside(ROW)
    assert list(beside.reversed.values()) == [1]


@pytest.mark.parametrize(
    ("series", "number", "same"),
    [("CVZ", "42", True), ("CVZ", "00042", True), ("CVZ", "420", False), ("cvz2", "42", False)],
)
def test_leading_zeros_of_a_number_do_not_count(series: str, number: str, same: bool) -> None:
    assert oblio_rows.is_row_of(ROW, InvoiceRef(series, number)) is same


def test_a_draft_is_no_invoice_whatever_number_it_shows() -> None:
    assert not oblio_rows.is_row_of(ROW | {"draft": "1"}, InvoiceRef("CVZ", "0042"))
