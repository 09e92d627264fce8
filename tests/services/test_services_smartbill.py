"""SmartBill's answers, as others recorded them, and what each of them means to us."""

import base64
import datetime as dt
import json
from pathlib import Path
from typing import cast

import pytest
from services_answering import Answering, connected

from core.services import registry
from core.services.invoicing.smartbill import SmartBill
from core.services.outcome import Confirmed, Refused, RefusedForNow, Unknown
from core.services.ports import InvoiceRef, Storno

INVOICE = InvoiceRef("XC", "0042")
TODAY = dt.date(2026, 11, 22)


@pytest.fixture
def smartbill(server: Answering, quick: None) -> SmartBill:
    connection = connected(
        "smartbill",
        "invoicing",
        server.base_url,
        email="me@example.com",
        token="a-secret-token",
        vat_code="RO00000000",
        series="XC",
    )
    return cast("SmartBill", registry.adapter(connection))


def test_a_storno_is_asked_for_exactly_as_smartbill_wants_it(
    smartbill: SmartBill, server: Answering, shared: Path
) -> None:
    sample = json.loads((shared / "invoicing" / "smartbill.json").read_text())
    server.will_say(sample["reverse_ok"]["json"])
    outcome = smartbill.reverse(INVOICE, "key-1", TODAY)
    assert isinstance(outcome, Confirmed)
    assert outcome.value == Storno("XC", "0043", "https://example.invalid/factura")
    assert not outcome.before
    [asked] = server.asked
    assert (asked.method, asked.path) == ("POST", "/invoice/reverse")
    assert asked.json == sample["reverse_request"]["json"]
    pair = base64.b64decode(asked.headers["authorization"].removeprefix("Basic ")).decode()
    assert pair == "me@example.com:a-secret-token"


def test_deja_stornata_means_it_was_done_before(
    smartbill: SmartBill, server: Answering, shared: Path
) -> None:
    sample = json.loads((shared / "invoicing" / "smartbill.json").read_text())["reverse_again"]
    server.will_say(sample["json"], sample["status"])
    outcome = smartbill.reverse(INVOICE, "key-1", TODAY)
    assert isinstance(outcome, Confirmed)
    assert outcome.before
    assert outcome.value == Storno()
    assert outcome.evidence is not None
    assert "deja stornata" in outcome.evidence.excerpt


@pytest.mark.parametrize(
    "said",
    [
        "Factura nu este deja stornata.",
        "Factura nu a fost deja stornată",
        "Factura este deja stornata partial.",
        "Factura este deja stornată în parte",
    ],
)
def test_a_negation_or_a_part_is_not_done_before(
    smartbill: SmartBill, server: Answering, said: str
) -> None:
    server.will_say({"errorText": said}, 400)
    assert isinstance(smartbill.reverse(INVOICE, "key-1", TODAY), Refused)


@pytest.mark.parametrize("name", ["documentViewUrl", "documentUrl", "url"])
def test_the_link_of_a_storno_is_found_under_each_of_its_names(
    smartbill: SmartBill, server: Answering, name: str
) -> None:
    body = {"errorText": "", "number": "0043", "series": "XC", "url": ""}
    server.will_say({**body, name: "https://cloud.example/43"})
    outcome = smartbill.reverse(INVOICE, "key-1", TODAY)
    assert isinstance(outcome, Confirmed)
    assert outcome.value.url == "https://cloud.example/43"


@pytest.mark.parametrize("status", [200, 400])
@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("Documentul nu a fost gasita.", "not_found"),
        ("Documentul nu a fost găsită.", "not_found"),
        ("Factura este de TIP STORNO", "is_storno"),
        ("Factura a fost anulată", "annulled"),
        ("Factura este incasata sau stornata in totalitate", "paid"),
        ("Nu aveți dreptul să folosiți API", "no_permission"),
        ("Ati depasit numarul maxim de documente", "no_plan"),
        ("Firma la care încercați să emiteți nu există", "no_permission"),
        ("Seria nu a fost gasita.", "invalid"),  # speaks of no invoice
        ("Seria ABC nu a fost gasita.", "invalid"),
        ("Cota tva 19 nu a fost gasita", "invalid"),
        ("Factura cu seria XC si numarul 0042 nu a fost gasita", "not_found"),
        ("Factura nu este anulata", "invalid"),
        ("Factura nu a fost încasată", "invalid"),
        ("Factura este <b>deja</b> <i>anulat&#259;</i>.", "annulled"),
        ("Ceva cu totul nou", "invalid"),
    ],
)
def test_words_of_refusal_decide_whatever_the_status(
    smartbill: SmartBill, server: Answering, said: str, code: str, status: int
) -> None:
    server.will_say({"errorText": said, "message": "", "number": "", "series": ""}, status)
    outcome = smartbill.reverse(INVOICE, "key-1", TODAY)
    assert isinstance(outcome, Refused)
    assert outcome.code == code
    assert "<" not in str(outcome.why)
    assert "<" in said or said in str(outcome.why)


@pytest.mark.parametrize(
    "body",
    [
        {"errorText": "", "message": "", "number": "", "series": "XC", "url": ""},
        {"errorText": "", "message": "", "number": "0043", "series": "", "url": ""},
        {"errorText": "", "number": "0042", "series": "XC"},  # the invoice's own number
        {"errorText": "", "number": "42", "series": "xc"},  # the same, written otherwise
        {"number": "0043", "series": "XC"},  # not a word about errors
        {"errorText": None, "number": "0043", "series": "XC"},
        ["0043"],
        "<html>Bad gateway</html>",
        "",
    ],
)
def test_a_good_answer_without_evidence_is_unknown(
    smartbill: SmartBill, server: Answering, body: object
) -> None:
    server.will_say(body)
    assert isinstance(smartbill.reverse(INVOICE, "key-1", TODAY), Unknown)


def test_a_number_keeps_its_leading_zeros(smartbill: SmartBill, server: Answering) -> None:
    server.will_say({"errorText": "", "number": "0001", "series": "XC"})
    outcome = smartbill.reverse(InvoiceRef("XC", "0000"), "key-1", TODAY)
    assert isinstance(outcome, Confirmed)
    assert outcome.value.number == "0001"


def test_an_unknown_field_is_refused_in_its_own_words(
    smartbill: SmartBill, server: Answering
) -> None:
    errors = [{"code": "unknown_param", "message": "Unrecognised field", "param": "foo"}]
    server.will_say({"type": "invalid_request_error", "errors": errors}, 400)
    outcome = smartbill.reverse(INVOICE, "key-1", TODAY)
    assert isinstance(outcome, Refused)
    assert "Unrecognised field" in str(outcome.why)


def test_too_many_calls_block_the_token_for_ten_minutes(
    smartbill: SmartBill, server: Answering
) -> None:
    server.will_say("", 429)
    before = dt.datetime.now(dt.UTC)
    first = smartbill.reverse(INVOICE, "key-1", TODAY)
    assert isinstance(first, RefusedForNow)
    assert (first.until - before).total_seconds() > 590
    again = smartbill.reverse(INVOICE, "key-1", TODAY)
    assert isinstance(again, RefusedForNow)
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    ("answer", "paid", "is_storno"),
    [
        ({"invoiceTotalAmount": 350.0, "paidAmount": 0, "paid": False}, False, None),
        ({"invoiceTotalAmount": 350.0, "paidAmount": 200.0, "paid": False}, True, None),
        ({"invoiceTotalAmount": "350.00", "paidAmount": "0.5"}, True, None),
        ({"invoiceTotalAmount": 350.0, "paid": True}, True, None),
        ({"invoiceTotalAmount": 350.0, "paid": "false"}, None, None),
        ({"invoiceTotalAmount": -350.0, "paidAmount": -350.0, "paid": False}, False, True),
        ({}, None, None),
    ],
)
def test_a_part_that_was_collected_is_money_and_only_a_storno_is_below_nothing(
    smartbill: SmartBill,
    server: Answering,
    answer: dict[str, object],
    paid: bool | None,
    is_storno: bool | None,
) -> None:
    server.will_say({"errorText": "", **answer})
    outcome = smartbill.read_invoice(INVOICE)
    assert isinstance(outcome, Confirmed)
    assert (outcome.value.paid, outcome.value.is_storno) == (paid, is_storno)
    known = isinstance(answer.get("paid", False), bool)
    assert (outcome.value.unclear == "") == known


def test_it_cannot_be_asked_and_says_so(smartbill: SmartBill, server: Answering) -> None:
    assert not smartbill.capabilities.can_be_asked
    for outcome in (
        smartbill.find_storno(INVOICE),
        smartbill.find_annulled(INVOICE),
        smartbill.find_invoices("#1001"),
    ):
        assert isinstance(outcome, Refused)
        assert outcome.code == "cannot_be_asked"
    assert server.asked == []


def test_annulling_names_the_invoice_in_the_address(
    smartbill: SmartBill, server: Answering
) -> None:
    server.will_say({"errorText": "", "message": "Factura a fost anulata", "number": "0042"})
    outcome = smartbill.annul(INVOICE, "key-1")
    assert isinstance(outcome, Confirmed)
    assert not outcome.before
    [asked] = server.asked
    assert (asked.method, asked.path) == ("PUT", "/invoice/cancel")
    assert asked.query == {"cif": ["RO00000000"], "seriesname": ["XC"], "number": ["0042"]}


@pytest.mark.parametrize(
    ("said", "before"),
    [("Factura este deja anulata.", True), ("Factura nu poate fi anulata.", False)],
)
def test_annulled_already_is_told_from_cannot_be_annulled(
    smartbill: SmartBill, server: Answering, said: str, before: bool
) -> None:
    server.will_say({"errorText": said}, 400)
    outcome = smartbill.annul(INVOICE, "key-1")
    assert isinstance(outcome, Confirmed if before else Refused)


SERIES = {"errorText": "", "list": [{"name": "XC", "nextNumber": 44, "type": "f"}]}


def test_the_connection_test_finds_the_series(smartbill: SmartBill, server: Answering) -> None:
    server.will_say(SERIES)
    assert all(finding.ok for finding in smartbill.check())


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        ({"errorText": "Autentificare esuata"}, 401, "token"),
        ({"errorText": "Firma nu exista"}, 401, "Check the VAT code"),
        ({"errorText": "Firma la care incercati nu exista"}, 400, "VAT code"),
        ({"errorText": "Nu aveti dreptul"}, 400, "Platinum"),
        ({"errorText": "", "list": [{"name": "AB"}]}, 200, "There is no series XC"),
        ({"errorText": "", "list": []}, 200, "Make an invoice series"),
    ],
)
def test_the_connection_test_says_in_words_what_is_missing(
    smartbill: SmartBill, server: Answering, body: object, status: int, words: str
) -> None:
    server.will_say(body, status)
    wrong = [finding for finding in smartbill.check() if not finding.ok]
    assert len(wrong) == 1
    assert words in str(wrong[0].say)


def test_the_token_is_never_part_of_the_evidence(smartbill: SmartBill, server: Answering) -> None:
    server.will_say({"errorText": "nu aveti dreptul cu a-secret-token"}, 400)
    outcome = smartbill.reverse(INVOICE, "key-1", TODAY)
    assert isinstance(outcome, Refused)
    assert outcome.evidence is not None
    assert "a-secret-token" not in outcome.evidence.excerpt
