"""Oblio's answers, as others recorded them, and what each of them means to us."""

import datetime as dt
import json
from pathlib import Path
from typing import Any, cast

import pytest
from services_answering import Answering, connected

from core.services import registry
from core.services.invoicing import oblio as oblio_module
from core.services.invoicing.codes import InvoicingCode
from core.services.invoicing.oblio import Oblio
from core.services.outcome import Confirmed, NotSent, Refused, RefusedForNow, Unknown
from core.services.ports import InvoiceRef, Storno

INVOICE = InvoiceRef("OB", "0042")
TODAY = dt.date(2026, 11, 22)


@pytest.fixture
def oblio(server: Answering, quick: None) -> Oblio:
    connection = connected(
        "oblio",
        "invoicing",
        server.base_url,
        email="me@example.com",
        secret="a-long-secret",
        vat_code="RO00000000",
    )
    return cast("Oblio", registry.adapter(connection))


def token(value: str = "tok-1") -> dict[str, str]:
    return {"access_token": value, "expires_in": "3600", "token_type": "Bearer"}


def well(data: Any) -> dict[str, Any]:
    return {"status": 200, "statusMessage": "Success", "data": data}


def row(number: str = "0042", **flags: str) -> dict[str, str]:
    base = {"seriesName": "OB", "number": number, "total": "121.00", "canceled": "0"}
    return {**base, "issueDate": "2026-11-20", "storno": "0", "stornoed": "0", **flags}


def test_a_storno_is_asked_for_with_the_key_and_a_token(
    oblio: Oblio, server: Answering, shared: Path
) -> None:
    sample = json.loads((shared / "invoicing" / "oblio.json").read_text())
    server.will_say(sample["token_ok"]["json"]).will_say(sample["storno_ok"]["json"])
    outcome = oblio.reverse(INVOICE, "shop-1001-storno-1", TODAY)
    assert isinstance(outcome, Confirmed)
    assert outcome.value == Storno("OB", "0043", "https://example.invalid/doc")
    login, asked = server.asked
    assert (login.path, login.form["grant_type"]) == ("/api/authorize/token", "client_credentials")
    assert login.form["client_id"] == "me@example.com"
    assert asked.path == "/api/docs/invoice"
    assert asked.headers["authorization"] == "Bearer tok"
    expected = {**sample["storno_request"]["json"], "issueDate": "2026-11-22"}
    assert asked.json == expected


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("Factura nu a fost gasita", "not_found"),
        ("Documentul FCT 7 nu exista", "not_found"),
        ("Firma nu exista in contul tau", "no_permission"),
        ("Firma RO123 nu a fost gasita", "no_permission"),
        ("Seria XX nu exista", "invalid"),
        ("Cota TVA nu exista", "invalid"),
    ],
)
def test_only_what_is_said_of_the_invoice_means_that_it_is_not_there(
    oblio: Oblio, server: Answering, said: str, code: str
) -> None:
    server.will_say(token())
    server.will_say({"status": 400, "statusMessage": said, "data": []}, status=400)
    outcome = oblio.reverse(INVOICE, "key", TODAY)
    assert isinstance(outcome, Refused)
    assert outcome.code == code


def test_a_token_is_fetched_once_for_many_calls(oblio: Oblio, server: Answering) -> None:
    server.will_say(token())
    for number in ("0050", "0051"):
        server.will_say(well({"seriesName": "OB", "number": number}))
        assert isinstance(oblio.reverse(INVOICE, "key", TODAY), Confirmed)
    assert [asked.path for asked in server.asked].count("/api/authorize/token") == 1


def test_a_stale_token_is_renewed_and_the_storno_sent_once_more(
    oblio: Oblio, server: Answering
) -> None:
    server.will_say(token("old")).will_say({"status": 401, "statusMessage": "Unauthorized"}, 401)
    server.will_say(token("new")).will_say(well({"seriesName": "OB", "number": "0050"}))
    assert isinstance(oblio.reverse(INVOICE, "key", TODAY), Confirmed)
    assert server.asked[-1].headers["authorization"] == "Bearer new"


def test_a_token_in_its_last_second_makes_us_wait(oblio: Oblio, server: Answering) -> None:
    refused = {"status": 401, "statusMessage": "The access token expired"}
    server.will_say(token()).will_say(refused, 401).will_say(token()).will_say(refused, 401)
    assert isinstance(oblio.reverse(INVOICE, "key", TODAY), RefusedForNow)


def test_without_a_token_nothing_was_sent(oblio: Oblio, server: Answering) -> None:
    server.will_say("<html>", 502)
    assert isinstance(oblio.reverse(INVOICE, "key", TODAY), NotSent)
    assert [asked.path for asked in server.asked] == ["/api/authorize/token"]


def test_wrong_credentials_are_refused_in_words(oblio: Oblio, server: Answering) -> None:
    server.will_say({"status": 401, "statusMessage": "Invalid client"}, 401)
    outcome = oblio.reverse(INVOICE, "key", TODAY)
    assert isinstance(outcome, Refused)
    assert outcome.code == "no_permission"


@pytest.mark.parametrize("said", ["Factura deja stornata", "Factura este DEJA STORNATĂ!"])
def test_deja_stornata_means_it_was_done_before(oblio: Oblio, server: Answering, said: str) -> None:
    server.will_say(token()).will_say({"status": 400, "statusMessage": said, "data": []}, 400)
    outcome = oblio.reverse(INVOICE, "key", TODAY)
    assert isinstance(outcome, Confirmed)
    assert outcome.before


@pytest.mark.parametrize(
    "body",
    [
        well({"seriesName": "OB"}),
        well({"seriesName": "OB", "number": "42"}),  # the invoice itself, without its zeros
        well([]),
        {"status": 500, "statusMessage": "Success", "data": {"seriesName": "OB", "number": "9"}},
        "<html>200</html>",
    ],
)
def test_a_good_answer_without_evidence_is_unknown(
    oblio: Oblio, server: Answering, body: object
) -> None:
    server.will_say(token()).will_say(body)
    assert isinstance(oblio.reverse(INVOICE, "key", TODAY), Unknown)


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("Factura nu a fost gasita", "not_found"),
        ("Documentul nu există", "not_found"),
        ("Factura este anulata", "annulled"),
        ("Factura este storno", "is_storno"),
        ("Perioada este închisă", "closed"),
        ("Altceva", "invalid"),
    ],
)
def test_words_of_refusal_get_a_code(oblio: Oblio, server: Answering, said: str, code: str) -> None:
    server.will_say(token()).will_say({"status": 400, "statusMessage": said}, 400)
    outcome = oblio.reverse(INVOICE, "key", TODAY)
    assert isinstance(outcome, Refused)
    assert outcome.code == code


def storno(number: str, **flags: str) -> dict[str, str]:
    """A row as live: the storno document itself carries `storno`, with a negative total."""
    return row(number, **{"storno": "1", "total": "-121.00", **flags})


@pytest.mark.parametrize(
    ("alike", "stornoed", "found"),
    [
        ([], "0", None),
        ([], "1", Storno()),  # reversed; its storno is out of sight
        ([storno("0099", link="https://o/99")], "1", Storno("OB", "0099", "https://o/99")),
        ([storno("0098"), storno("0099")], "1", Storno()),  # two that fit: no guess
        ([storno("0099", total="-120.99")], "1", Storno()),  # of another amount
        ([storno("0099", canceled="1")], "1", Storno()),  # void
        ([storno("0099"), row("0040", stornoed="1")], "0", None),  # of a twin of this invoice
        ([storno("0099", total="-5.00")], "0", None),
    ],
)
def test_the_reversed_invoice_carries_stornoed_and_the_storno_carries_storno(
    oblio: Oblio,
    server: Answering,
    alike: list[dict[str, str]],
    stornoed: str,
    found: Storno | None,
) -> None:
    # "0042" and "42" are one number at Oblio; the neighbours are not.
    own = row("42", stornoed=stornoed)
    server.will_say(token()).will_say(well([own, row("0420", stornoed="1"), storno("0043")]))
    server.will_say(well([*alike, own]))
    outcome = oblio.find_storno(INVOICE)
    assert isinstance(outcome, Confirmed)
    assert outcome.value == found
    assert server.asked[1].query["number"] == ["0042"]
    listed = server.asked[2].query
    assert (listed["orderBy"], listed["issuedAfter"]) == (["id"], ["2026-11-19"])


def test_a_storno_that_nothing_explains_is_never_a_no(oblio: Oblio, server: Answering) -> None:
    """Somebody may have issued it by hand, without naming the invoice."""
    server.will_say(token()).will_say(well([row()])).will_say(well([row(), storno("0099")]))
    outcome = oblio.find_storno(INVOICE)
    assert isinstance(outcome, Refused)  # it will not pass by itself: a person looks
    assert outcome.why.code == InvoicingCode.MAYBE_STORNO


def test_a_draft_of_a_storno_reverses_nothing(oblio: Oblio, server: Answering) -> None:
    server.will_say(token()).will_say(well([row()]))
    server.will_say(well([row(), row("", draft="1", total="-121.00")]))
    outcome = oblio.find_storno(INVOICE)
    assert isinstance(outcome, Confirmed)
    assert outcome.value is None


def test_a_reversal_of_a_part_is_never_told_as_done(oblio: Oblio, server: Answering) -> None:
    part = row("0043", storno="1", total="-21.00")
    server.will_say(token()).will_say(well([row(stornoed="1")]))
    server.will_say(well([part, row(stornoed="1")]))
    outcome = oblio.find_storno(INVOICE)
    assert isinstance(outcome, Refused)
    assert outcome.why.code == InvoicingCode.PARTLY_CREDITED


def test_of_a_list_that_is_cut_the_invoices_own_flag_is_believed(
    oblio: Oblio, server: Answering
) -> None:
    """The newest 300 documents are stornos of invoices that lie behind them."""
    server.will_say(token()).will_say(well([row()]))
    for page in range(oblio_module.PAGES_OF_STORNOS):
        first = 1000 + page * oblio_module.PAGE
        server.will_say(well([storno(str(n)) for n in range(first, first + oblio_module.PAGE)]))
    outcome = oblio.find_storno(INVOICE)
    assert isinstance(outcome, Confirmed)
    assert outcome.value is None


def test_reversed_is_reversed_though_its_storno_cannot_be_looked_up(
    oblio: Oblio, server: Answering
) -> None:
    server.will_say(token()).will_say(well([row(stornoed="1")])).will_say("<html>", 502)
    outcome = oblio.find_storno(INVOICE)
    assert isinstance(outcome, Confirmed)
    assert outcome.value == Storno()


@pytest.mark.parametrize(("flag", "annulled"), [("0", False), ("1", True)])
def test_the_list_tells_whether_an_invoice_is_annulled(
    oblio: Oblio, server: Answering, flag: str, annulled: bool
) -> None:
    server.will_say(token()).will_say(well([row(canceled=flag)]))
    outcome = oblio.find_annulled(INVOICE)
    assert isinstance(outcome, Confirmed)
    assert outcome.value is annulled


@pytest.mark.parametrize(
    ("rows", "kind"),
    [
        ([], Refused),  # no such invoice: nobody can say that it is not reversed
        ([row(), row("42")], Refused),  # two that fit
        ([row(draft="1")], Refused),  # nothing was issued under that number
        ([row(stornoed="")], Unknown),  # a flag we do not understand
        ([{name: value for name, value in row().items() if "storno" not in name}], Unknown),
        ([row(total="-121.00")], Refused),  # it is itself a storno
        ([row(storno="1")], Refused),
    ],
)
def test_a_list_that_does_not_tell_is_never_taken_for_no(
    oblio: Oblio, server: Answering, rows: list[dict[str, str]], kind: type
) -> None:
    server.will_say(token()).will_say(well(rows))
    assert isinstance(oblio.find_storno(INVOICE), kind)


@pytest.mark.parametrize(
    ("fields", "minor", "is_storno"),
    [
        ({"total": "121.00"}, 12100, False),
        ({"total": 121.5}, 12150, False),  # a number, as some rows have it
        ({"total": "121.00", "storno": "1"}, 12100, True),  # the flag alone says so
        ({"total": -121.0}, -12100, True),
        ({"total": ""}, None, False),
    ],
)
def test_what_an_invoice_is_read_as_agrees_with_what_is_asked_of_it(
    oblio: Oblio, server: Answering, fields: dict[str, Any], minor: int | None, is_storno: bool
) -> None:
    server.will_say(token()).will_say(well([{**row(), **fields}]))
    server.will_say(well([{**row(), **fields}])).will_say(well([]))
    read = oblio.read_invoice(INVOICE)
    assert isinstance(read, Confirmed)
    assert (read.value.total_minor, read.value.is_storno) == (minor, is_storno)
    asked = oblio.find_storno(INVOICE)
    assert (isinstance(asked, Refused) and asked.code == "is_storno") is is_storno


@pytest.mark.parametrize(("codes", "well_"), [(["RO00000000"], True), (["RO11"], False)])
def test_the_connection_test_names_a_wrong_vat_code(
    oblio: Oblio, server: Answering, codes: list[str], well_: bool
) -> None:
    server.will_say(token()).will_say(well([{"cif": code} for code in codes]))
    findings = oblio.check()
    assert findings[0].ok
    assert findings[1].ok is well_
    assert "RO00000000" in str(findings[1].what)


def test_documents_and_questions_have_limits_of_their_own(oblio: Oblio) -> None:
    """30 documents in 100 seconds, 30 other calls in 10."""
    documents, others = oblio.capabilities.effect_rate, oblio.capabilities.rate
    assert documents is not None
    assert documents.window == (30, 100.0)
    assert documents.per_second <= 30 / 100
    assert others.window == (30, 10.0)
    assert others.per_second <= 30 / 10


@pytest.fixture
def searching(server: Answering, quick: None) -> Oblio:
    """Oblio whose mentions name the order."""
    connection = connected(
        "oblio", "invoicing", server.base_url, email="me@example.com", secret="another-secret",
        vat_code="RO00000000", order_field="mentions",
    )  # fmt: skip
    return cast("Oblio", registry.adapter(connection))


def test_an_order_is_found_by_its_whole_name_in_the_chosen_field(
    searching: Oblio, server: Answering
) -> None:
    rows = [
        row("0001", mentions="Comanda #1001"),
        row("0002", mentions="Comanda #10011"),
        row("0003", mentions="Comenzi #1001, #1002"),
        row("0004", mentions="Comanda #1001", canceled="1"),
        row("0005", mentions="Storno #1001", total="-121.00"),
        row("", mentions="Comanda #1001", draft="1"),
        row("0006", mentions="Telefon 1001"),
        row("0007"),
    ]
    server.will_say(token()).will_say(well(rows))
    outcome = searching.find_invoices("#1001")
    assert isinstance(outcome, Confirmed)
    assert [one.number for one in outcome.value] == ["0001", "0003"]


def test_the_list_is_read_page_by_page(searching: Oblio, server: Answering) -> None:
    server.will_say(token()).will_say(well([row()] * 100))
    server.will_say(well([row("0009", mentions="#1001")]))
    outcome = searching.find_invoices("#1001")
    assert isinstance(outcome, Confirmed)
    assert [one.number for one in outcome.value] == ["0009"]


def test_a_list_that_was_read_is_only_brought_up_to_date_for_the_next_order(
    searching: Oblio, server: Answering
) -> None:
    first = [row(f"{n:04}", id=str(n), mentions=f"#{n}") for n in range(150, 0, -1)]
    server.will_say(token()).will_say(well(first[:100])).will_say(well(first[100:]))
    outcome = searching.find_invoices("#7")
    assert isinstance(outcome, Confirmed)
    assert [one.number for one in outcome.value] == ["0007"]
    # Two came since: one page tells them, and the rest is known.
    late = [row(f"{n:04}", id=str(n), mentions="#7") for n in (152, 151)]
    server.will_say(well([*late, *first[:98]]))
    outcome = searching.find_invoices("#7")
    assert isinstance(outcome, Confirmed)
    assert sorted(one.number for one in outcome.value) == ["0007", "0151", "0152"]
    assert len(server.asked) == 4


def test_without_a_field_oblio_is_not_searched(oblio: Oblio) -> None:
    outcome = oblio.find_invoices("#1001")
    assert isinstance(outcome, Refused)
    assert outcome.code == "cannot_be_asked"


@pytest.mark.parametrize("stray", [None, "row", 7, []])
def test_a_page_with_a_row_that_is_none_tells_nothing(
    searching: Oblio, server: Answering, stray: Any
) -> None:
    """Left out, it could be the very document that was asked about."""
    server.will_say(token()).will_say(well([row("0001"), stray]))
    assert isinstance(searching.find_invoices("#1001"), Unknown)
