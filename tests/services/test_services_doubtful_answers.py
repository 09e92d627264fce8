"""Answers about a storno that say two things at once, or of another document than was asked for."""

import datetime as dt
from typing import Any

import pytest
from services_answering import Answering, connected

from core.clock import now
from core.services import registry
from core.services.invoicing.codes import InvoicingCode
from core.services.outcome import Confirmed, Refusal, Refused, RefusedForNow, Unknown
from core.services.ports import InvoiceRef, Invoicing, Storno

DAY = dt.date(2026, 11, 26)
SIGNED_IN = {"access_token": "t-9", "expires_in": "3600", "token_type": "Bearer"}
VALUES = {
    "smartbill": {"email": "ana@firma.example", "token": "token-of-ana", "vat_code": "RO77"},
    "oblio": {"email": "ana@firma.example", "secret": "secret-of-ana", "vat_code": "RO77"},
    "fgo": {
        "key": "fgo_test_api_v1_k", "vat_code": "77", "platform_url": "https://firma.example",
    },
    "stripe": {"secret_key": "sk_test_ana"},
}  # fmt: skip
REFS = {name: InvoiceRef("LM", "0310") for name in VALUES} | {"stripe": InvoiceRef("LM", "in_310")}
MADE: dict[str, dict[str, Any]] = {
    "smartbill": {"errorText": "", "message": "", "number": "0311", "series": "LM", "url": ""},
    "oblio": {
        "status": 200, "statusMessage": "Success", "data": {"seriesName": "LM", "number": "0311"},
    },
    "fgo": {"data": {"serie": "LM", "numar": "0311"}, "meta": {"trace": "00-1"}},
    "stripe": {
        "id": "cn_7", "invoice": "in_310", "number": "LM-310-CN-01", "status": "issued",
        "amount": 9_650,
    },
}  # fmt: skip


@pytest.fixture
def at(server: Answering, quick: None) -> Any:
    """The adapter of a service, signed in and with the invoice read where that comes first."""

    def made(service: str, *, before: bool = True) -> Invoicing:
        if service == "oblio":
            server.will_say(SIGNED_IN)
        if service == "stripe" and before:
            server.will_say(stripe_invoice())
        adapter: Any = registry.adapter(
            connected(service, "invoicing", server.base_url, **VALUES[service])
        )
        return adapter  # type: ignore[no-any-return]

    return made


def stripe_invoice(**changes: Any) -> dict[str, Any]:
    return {
        "id": "in_310", "object": "invoice", "status": "open", "total": 9_650, "currency": "ron",
        "pre_payment_credit_notes_amount": 0, "post_payment_credit_notes_amount": 0, **changes,
    }  # fmt: skip


@pytest.mark.parametrize("service", VALUES)
def test_a_document_that_was_made_is_one_whether_http_says_200_or_201(
    at: Any, server: Answering, service: str
) -> None:
    adapter = at(service)
    server.will_say(MADE[service], 201)
    outcome = adapter.reverse(REFS[service], "key", DAY)
    assert isinstance(outcome, Confirmed)
    assert outcome.value.number in ("0311", "LM-310-CN-01")


REFUSALS: list[tuple[str, dict[str, Any], int]] = [
    ("smartbill", {"errorText": "E-mailul nu a putut fi trimis clientului."}, 200),
    ("smartbill", {"errorText": "Documentul nu a putut fi tiparit."}, 400),
    ("oblio", {"status": 400, "statusMessage": "E-mailul nu a putut fi trimis"}, 400),
    (
        "fgo",
        {
            "type": "urn:fgo:api:v2:problem:invalid-state", "status": 400,
            "motiv": {"cod": "stare_nepermisa", "mesaj": "Trimiterea pe e-mail a esuat."},
        },
        400,
    ),
]  # fmt: skip


@pytest.mark.parametrize(("service", "words", "status"), REFUSALS)
@pytest.mark.parametrize("names_another", [True, False])
def test_a_refusal_that_names_a_new_document_is_a_doubt_and_no_refusal(
    at: Any, server: Answering, service: str, words: dict[str, Any], status: int,
    names_another: bool,
) -> None:  # fmt: skip
    """It may be the e-mail that failed, behind a storno that was issued."""
    own = {"number": "310", "seriesName": "lm", "series": "lm", "serie": "lm", "numar": "310"}
    said: dict[str, Any] = {**MADE[service], **words}
    if not names_another:
        said = {**said, **own} if service == "smartbill" else {**said, "data": own}
    adapter = at(service)
    server.will_say(said, status)
    outcome = adapter.reverse(REFS[service], "key", DAY)
    if names_another:
        assert isinstance(outcome, Unknown)
        assert outcome.why.code == InvoicingCode.REFUSED_AND_NAMED
    else:
        assert isinstance(outcome, Refused)


def closed(kind: str) -> dict[str, Any]:
    return {"type": f"urn:fgo:api:v2:problem:{kind}", "status": 503, "title": "Inchis"}


@pytest.mark.parametrize(
    ("body", "waits"),
    [
        (closed("maintenance"), True),
        (closed("internal"), False),
        ({"type": "about:blank", "title": "maintenance"}, False),
        ("<h1>503 Service Temporarily Unavailable</h1>", False),
        (["maintenance"], False),
    ],
)
def test_only_fgos_own_word_that_it_is_closed_tells_that_nothing_was_done(
    at: Any, server: Answering, body: Any, waits: bool
) -> None:
    """Its documents say so of `503 maintenance` alone, and warn of any other 503."""
    server.will_say(body, 503, Retry_After="75")
    outcome = at("fgo").reverse(REFS["fgo"], "key", DAY)
    assert isinstance(outcome, RefusedForNow if waits else Unknown)
    if isinstance(outcome, RefusedForNow):
        assert 60 < (outcome.until - now()).total_seconds() < 76


# ---------------------------------------------------------------- FGO


def fgo_row(number: str, status: str | None, total: float, currency: str) -> dict[str, Any]:
    return {
        "serie": "LM", "numar": number, "status": status, "valoare_totala": total,
        "valuta": currency, "data_emitere": "2026-11-20", "client_id": "c7", "client": "Ana Lup",
    }  # fmt: skip


@pytest.mark.parametrize(("currency", "number"), [("RON", "0350"), ("EUR", "")])
def test_a_storno_in_another_currency_is_never_named_as_an_invoice_s(
    at: Any, server: Answering, currency: str, number: str
) -> None:
    own = fgo_row("0310", "stornata", 96.5, "RON")
    server.will_say({"data": [own], "meta": {}})
    server.will_say({"data": [own, fgo_row("0350", "storno", -96.5, currency)], "meta": {}})
    outcome = at("fgo").find_storno(REFS["fgo"])
    assert isinstance(outcome, Confirmed)
    assert outcome.value == (Storno("LM", number) if number else Storno())


@pytest.mark.parametrize("status", [None, "in_lucru"])
def test_a_state_that_fgo_does_not_tell_or_nobody_knows_is_no_no(
    at: Any, server: Answering, status: str | None
) -> None:
    server.will_say({"data": [fgo_row("0310", status, 96.5, "RON")], "meta": {}})
    outcome = at("fgo").read_invoice(REFS["fgo"])
    assert isinstance(outcome, Confirmed)
    facts = outcome.value
    assert (facts.is_storno, facts.reversed, facts.annulled) == (None, None, None)
    assert bool(facts.unclear) is (status is not None)


# ---------------------------------------------------------------- Oblio


def oblio_row(number: str, **changes: Any) -> dict[str, Any]:
    return {
        "id": f"7{number}", "seriesName": "LM", "number": number, "total": "96.5000",
        "currency": "RON", "issueDate": "2026-11-20", "type": "Factura", "draft": "0",
        "canceled": "0", "storno": "0", "stornoed": "0", "client": {"name": "Ana Lup"}, **changes,
    }  # fmt: skip


def rows(*given: dict[str, Any]) -> dict[str, Any]:
    return {"status": 200, "statusMessage": "Success", "data": list(given)}


def test_an_invoice_that_was_annulled_meanwhile_gets_no_storno_on_top(
    at: Any, server: Answering
) -> None:
    adapter = at("oblio")
    server.will_say(rows(oblio_row("0310", canceled="1")))
    outcome = adapter.find_storno(REFS["oblio"])
    assert isinstance(outcome, Refused)
    assert (outcome.code, outcome.why.code) == (Refusal.ANNULLED, InvoicingCode.IS_ANNULLED)


@pytest.mark.parametrize("kind", ["Proforma", "Aviz"])
def test_a_proforma_of_the_same_number_is_not_the_invoice(
    at: Any, server: Answering, kind: str
) -> None:
    adapter = at("oblio")
    server.will_say(rows(oblio_row("0310", type=kind, stornoed="1"), oblio_row("310")))
    outcome = adapter.read_invoice(REFS["oblio"])
    assert isinstance(outcome, Confirmed)
    assert outcome.value.reversed is False


@pytest.mark.parametrize(("kind", "count"), [("Factura", 1), ("", 1), ("Proforma", 0), ("Aviz", 0)])
def test_a_proforma_is_not_found_as_an_order_s_invoice(
    server: Answering, quick: None, kind: str, count: int
) -> None:
    values = {**VALUES["oblio"], "order_field": "mentions"}
    oblio: Any = registry.adapter(connected("oblio", "invoicing", server.base_url, **values))
    server.will_say(SIGNED_IN)
    server.will_say(rows(oblio_row("0310", type=kind, mentions="Comanda #4410")))
    outcome = oblio.find_invoices("#4410")
    assert isinstance(outcome, Confirmed)
    assert len(outcome.value) == count


def test_a_total_that_is_no_amount_is_not_told(at: Any, server: Answering) -> None:
    adapter = at("oblio")
    server.will_say(rows(oblio_row("0310", total=True)))
    outcome = adapter.read_invoice(REFS["oblio"])
    assert isinstance(outcome, Confirmed)
    assert outcome.value.total_minor is None


@pytest.mark.parametrize(
    ("storno", "is_its"),
    [
        ({"total": "-96.50"}, True),
        ({"total": -96.5}, True),
        ({"currency": "EUR"}, False),
        ({"total": "-96.51"}, False),
    ],
)
def test_a_storno_is_an_invoice_s_by_its_amount_and_currency_however_they_are_written(
    at: Any, server: Answering, storno: dict[str, Any], is_its: bool
) -> None:
    own = oblio_row("0310", stornoed="1")
    adapter = at("oblio")
    server.will_say(rows(own))
    server.will_say(rows(oblio_row("0311", **{"storno": "1", "total": "-96.5000"} | storno), own))
    outcome = adapter.find_storno(REFS["oblio"])
    assert isinstance(outcome, Confirmed)
    assert outcome.value == (Storno("LM", "0311") if is_its else Storno())


# ---------------------------------------------------------------- Stripe


@pytest.mark.parametrize(
    "changes", [{"status": "void"}, {"status": None}, {"amount": 650}, {"invoice": "in_31"}]
)
def test_a_note_that_is_void_or_over_less_than_was_left_is_no_storno(
    at: Any, server: Answering, changes: dict[str, Any]
) -> None:
    adapter = at("stripe")
    server.will_say({**MADE["stripe"], **changes})
    assert isinstance(adapter.reverse(REFS["stripe"], "key", DAY), Unknown)


def test_a_balance_in_the_customers_favour_is_no_invoice_and_not_reversed(
    at: Any, server: Answering
) -> None:
    server.will_say(stripe_invoice(total=-9_650))
    outcome = at("stripe", before=False).read_invoice(REFS["stripe"])
    assert isinstance(outcome, Confirmed)
    assert (outcome.value.is_storno, outcome.value.reversed) == (True, None)


@pytest.mark.parametrize("total", [-9_650, 0])
def test_an_invoice_over_nothing_or_less_is_not_credited(
    at: Any, server: Answering, total: int
) -> None:
    server.will_say(stripe_invoice(total=total)).will_say({"data": []})
    outcome = at("stripe", before=False).reverse(REFS["stripe"], "key", DAY)
    assert isinstance(outcome, Refused)
    assert [asked.method for asked in server.asked] == ["GET", "GET"]


@pytest.mark.parametrize(("credited", "is_reversed"), [(9_650, True), (9_700, True), (50, False)])
def test_an_invoice_credited_by_more_than_its_total_is_read_as_reversed(
    at: Any, server: Answering, credited: int, is_reversed: bool
) -> None:
    server.will_say(stripe_invoice(post_payment_credit_notes_amount=credited))
    outcome = at("stripe", before=False).read_invoice(REFS["stripe"])
    assert isinstance(outcome, Confirmed)
    assert (outcome.value.reversed, outcome.value.partly_reversed) == (is_reversed, not is_reversed)


@pytest.mark.parametrize(("code", "is_gone"), [("resource_missing", True), ("", False)])
def test_an_address_that_stripe_does_not_know_is_no_missing_invoice(
    at: Any, server: Answering, code: str, is_gone: bool
) -> None:
    server.will_say({"error": {"message": "Unrecognized request URL", "code": code}}, 404)
    outcome = at("stripe", before=False).read_invoice(REFS["stripe"])
    assert isinstance(outcome, Refused)
    assert (outcome.code == Refusal.NOT_FOUND) is is_gone
