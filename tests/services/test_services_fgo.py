"""FGO's answers (API v2), by its OpenAPI text, and what each of them means to us."""

import datetime as dt
import json
import uuid
from pathlib import Path
from typing import Any, cast

import pytest
from services_answering import Answering, connected

from core.services import registry
from core.services.invoicing.fgo import Fgo
from core.services.outcome import Confirmed, Refused, Unknown
from core.services.ports import InvoiceRef, Storno

INVOICE = InvoiceRef("FGO", "1201")
TODAY = dt.date(2026, 11, 22)
META = {"timestamp": "2026-11-22T12:00:00+02:00", "trace": "00-1"}
PROBLEM = "urn:fgo:api:v2:problem:"


@pytest.fixture
def fgo(server: Answering, quick: None) -> Fgo:
    connection = connected(
        "fgo",
        "invoicing",
        server.base_url,
        key="fgo_test_api_v1_key",
        vat_code="RO 12345678",
        platform_url="https://shop.example",
    )
    return cast("Fgo", registry.adapter(connection))


def problem(kind: str, status: int, said: str = "", reason: str = "") -> dict[str, Any]:
    return {
        "type": PROBLEM + kind,
        "status": status,
        "detail": said or "text",
        **({"motiv": {"cod": reason, "mesaj": said}} if reason else {}),
    }


def listed(status: str, number: str = "1201") -> dict[str, Any]:
    return {"data": [{"serie": "FGO", "numar": number, "status": status}], "meta": META}


def test_a_storno_is_asked_for_with_key_company_shop_and_an_id(
    fgo: Fgo, server: Answering, shared: Path
) -> None:
    sample = json.loads((shared / "invoicing" / "fgo.json").read_text())
    server.will_say(sample["v2_ok"]["json"])
    outcome = fgo.reverse(INVOICE, "key", TODAY)
    assert isinstance(outcome, Confirmed)
    assert outcome.value == Storno("FGO", "1202")
    [asked] = server.asked
    assert (asked.method, asked.path) == ("POST", "/v2/facturi/FGO/1201/storneaza")
    assert asked.json == {"data_emitere": "2026-11-22"}
    assert asked.headers["fgo-cod-unic"] == "12345678"
    assert asked.headers["fgo-url-platforma"] == "https://shop.example"
    assert asked.headers["authorization"] == "Bearer fgo_test_api_v1_key"
    assert uuid.UUID(asked.headers["x-fapi-interaction-id"])


def test_a_series_with_a_slash_stays_one_part_of_the_address(fgo: Fgo, server: Answering) -> None:
    server.will_say({"data": {"serie": "A/B", "numar": "2"}, "meta": META})
    fgo.reverse(InvoiceRef("A/B", "1 2"), "key", TODAY)
    assert server.asked[0].path == "/v2/facturi/A%2FB/1%202/storneaza"


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (problem("resource-not-found", 404, "Factura nu exista."), 404, "not_found"),
        (problem("unauthenticated", 401), 401, "no_permission"),
        (
            problem("forbidden", 403, "Cheia API nu are dreptul", "drept_lipsa"),
            403,
            "no_permission",
        ),
        (problem("validation", 400), 400, "invalid"),
        (
            problem("invalid-state", 400, "Factura a fost incasata", "stare_nepermisa"),
            400,
            "paid",
        ),
        (problem("invalid-state", 400, "Factura este anulată", "stare_nepermisa"), 400, "annulled"),
        (problem("invalid-state", 400, "Factura este storno", "stare_nepermisa"), 400, "is_storno"),
        (problem("invalid-state", 400, "Trimisa in SPV", "stare_nepermisa"), 400, "closed"),
    ],
)
def test_problems_get_a_code(
    fgo: Fgo, server: Answering, body: dict[str, Any], status: int, code: str
) -> None:
    server.will_say(body, status, "application/problem+json")
    outcome = fgo.reverse(INVOICE, "key", TODAY)
    assert isinstance(outcome, Refused)
    assert outcome.code == code


def test_already_reversed_means_it_was_done_before(fgo: Fgo, server: Answering) -> None:
    said = problem("invalid-state", 400, "Factura este deja stornată.", "stare_nepermisa")
    server.will_say(said, 400, "application/problem+json")
    outcome = fgo.reverse(INVOICE, "key", TODAY)
    assert isinstance(outcome, Confirmed)
    assert outcome.before


@pytest.mark.parametrize(
    "body",
    [
        {"data": None, "meta": META},
        {"data": {"serie": "FGO"}, "meta": META},
        {"data": {"serie": "FGO", "numar": "1201"}, "meta": META},
        "<html>ok</html>",
    ],
)
def test_a_good_answer_without_evidence_is_unknown(
    fgo: Fgo, server: Answering, body: object
) -> None:
    server.will_say(body)
    assert isinstance(fgo.reverse(INVOICE, "key", TODAY), Unknown)


def row(number: str, status: str, total: float, client: str = "cli_1") -> dict[str, Any]:
    return {
        "serie": "FGO", "numar": number, "status": status, "valoare_totala": total,
        "data_emitere": "2026-11-10", "client_id": client,
    }  # fmt: skip


def page(*rows: dict[str, Any], after: str | None = None) -> dict[str, Any]:
    return {"data": list(rows), "meta": {**META, "pagination": {"next_cursor": after}}}


REVERSED = row("1201", "stornata", 121.0)


def test_the_storno_is_the_only_one_of_the_same_client_and_amount(
    fgo: Fgo, server: Answering
) -> None:
    others = [row("1202", "storno", -60.0), row("1203", "emisa", 121.0), row("1204", "x", 0.0)]
    server.will_say(page(REVERSED))
    server.will_say(page(REVERSED, *others, after="2"))
    server.will_say(page(row("1300", "storno", -121.0)))
    outcome = fgo.find_storno(INVOICE)
    assert isinstance(outcome, Confirmed)
    assert outcome.value == Storno("FGO", "1300")
    assert [asked.path for asked in server.asked] == ["/v2/facturi"] * 3
    asked = server.asked[2].query
    assert (asked["client_id"], asked["data_emitere_de_la"], asked["cursor"]) == (
        ["cli_1"], ["2026-11-10"], ["2"],
    )  # fmt: skip


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        ((), Storno()),
        ((row("1300", "storno", -121.0), row("1205", "stornata", 121.0)), Storno()),  # whose?
        ((row("1300", "storno", -121.0), row("1301", "storno", -121.0)), Storno(count=2)),
        ((row("1300", "storno", -120.99),), Storno()),
    ],
)
def test_a_storno_that_may_be_another_s_is_not_named(
    fgo: Fgo, server: Answering, rows: tuple[dict[str, Any], ...], found: Storno
) -> None:
    server.will_say(page(REVERSED)).will_say(page(REVERSED, *rows))
    outcome = fgo.find_storno(INVOICE)
    assert isinstance(outcome, Confirmed)
    assert outcome.value == found


def test_a_list_that_is_cut_names_no_storno(fgo: Fgo, server: Answering) -> None:
    server.will_say(page(REVERSED))
    for number in range(3):
        server.will_say(page(REVERSED, row("1300", "storno", -121.0), after=str(number)))
    outcome = fgo.find_storno(INVOICE)
    assert isinstance(outcome, Confirmed)
    assert outcome.value == Storno()
    assert len(server.asked) == 4


@pytest.mark.parametrize("known", [{**REVERSED, "client_id": None}, listed("stornata")["data"][0]])
def test_reversed_is_certain_even_where_the_storno_cannot_be_looked_for(
    fgo: Fgo, server: Answering, known: dict[str, Any]
) -> None:
    server.will_say(page(known))
    outcome = fgo.find_storno(INVOICE)
    assert isinstance(outcome, Confirmed)
    assert outcome.value == Storno()
    assert len(server.asked) == 1


def test_reversed_is_certain_even_where_the_second_list_fails(fgo: Fgo, server: Answering) -> None:
    server.will_say(page(REVERSED)).will_say(problem("forbidden", 403), 403)
    outcome = fgo.find_storno(INVOICE)
    assert isinstance(outcome, Confirmed)
    assert outcome.value == Storno()


@pytest.mark.parametrize("status", ["emisa", "anulata"])
def test_an_invoice_without_storno_has_none(fgo: Fgo, server: Answering, status: str) -> None:
    server.will_say(listed(status))
    outcome = fgo.find_storno(INVOICE)
    assert isinstance(outcome, Confirmed)
    assert outcome.value is None


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ({"data": [], "meta": META}, Refused),
        (listed("emisa", "12010"), Refused),  # another invoice
        (listed("storno"), Refused),
        (listed("in_lucru"), Unknown),  # the set of statuses may grow
        ("<html>", Unknown),
    ],
)
def test_a_list_that_does_not_tell_is_never_taken_for_no(
    fgo: Fgo, server: Answering, body: object, kind: type
) -> None:
    server.will_say(body)
    assert isinstance(fgo.find_storno(INVOICE), kind)


def test_annulling_is_confirmed_by_an_envelope_only(fgo: Fgo, server: Answering) -> None:
    server.will_say({"data": None, "meta": META}).will_say("")
    assert isinstance(fgo.annul(INVOICE, "key"), Confirmed)
    assert server.asked[0].path == "/v2/facturi/FGO/1201/anuleaza"
    assert isinstance(fgo.annul(INVOICE, "key"), Unknown)


def test_the_list_tells_whether_an_invoice_is_annulled(fgo: Fgo, server: Answering) -> None:
    server.will_say(listed("anulata")).will_say(listed("emisa"))
    first, second = fgo.find_annulled(INVOICE), fgo.find_annulled(INVOICE)
    assert isinstance(first, Confirmed)
    assert first.value
    assert isinstance(second, Confirmed)
    assert not second.value


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        (problem("unauthenticated", 401), 401, "API key"),
        (problem("forbidden", 403, "x", "cod_unic_neasociat"), 403, "tax code"),
        (problem("forbidden", 403, "x", "drept_lipsa"), 403, "facturi:citire"),
    ],
)
def test_the_connection_test_says_in_words_what_is_missing(
    fgo: Fgo, server: Answering, body: dict[str, Any], status: int, words: str
) -> None:
    server.will_say(body, status, "application/problem+json")
    [finding] = fgo.check()
    assert not finding.ok
    assert words in str(finding.say)


def test_fgo_is_not_searched_by_order(fgo: Fgo, server: Answering) -> None:
    """Its list takes no `id_extern`: a call would only be refused."""
    outcome = fgo.find_invoices("#1001")
    assert isinstance(outcome, Refused)
    assert outcome.code == "cannot_be_asked"
    assert server.asked == []


def test_two_rows_of_one_number_are_not_told_as_none(fgo: Fgo, server: Answering) -> None:
    row = {"serie": "FGO", "numar": "1201", "status": "emisa"}
    server.will_say({"data": [row, row | {"numar": "01201", "status": "anulata"}], "meta": META})
    outcome = fgo.read_invoice(INVOICE)
    assert isinstance(outcome, Refused)
    assert outcome.code == "invalid"  # "not_found" would say that there is none


def test_an_invoice_is_read_by_the_fields_of_the_list(fgo: Fgo, server: Answering) -> None:
    """Each reading names its fields; the list writes the total and the client in its own way."""
    row = {
        "serie": "FGO", "numar": "1201", "data_emitere": "2026-11-10", "valoare_totala": 121.5,
        "valuta": "RON", "status": "emisa", "status_plata": "incasata", "client": "Ana Pop",
    }  # fmt: skip
    server.will_say({"data": [row], "meta": META})
    outcome = fgo.read_invoice(INVOICE)
    assert isinstance(outcome, Confirmed)
    facts = outcome.value
    assert (facts.total_minor, facts.currency, facts.customer) == (12150, "RON", "Ana Pop")
    assert (facts.paid, facts.reversed, facts.annulled, facts.is_storno) == (
        True,
        False,
        False,
        False,
    )
    [asked] = server.asked
    assert "valoare_totala" in asked.query["fields"][0]


@pytest.mark.parametrize(
    ("said", "unclear"),
    [
        ({"status_plata": "partial_incasata"}, "status_plata: partial_incasata"),
        ({"status_plata": "necunoscut"}, "status_plata: necunoscut"),
        ({"status_plata": "Incasata"}, "status_plata: Incasata"),
        ({"status_plata": 3}, "status_plata: 3"),
        ({"status": "refuzata_spv"}, "status: refuzata_spv"),
        ({"status": "blocata", "status_plata": "litigiu"},
         "status: blocata, status_plata: litigiu"),
        ({"status_plata": "depasita"}, ""),
        ({"status_plata": None, "status": "stornata"}, ""),
    ],
)  # fmt: skip
def test_a_word_that_nobody_knows_is_told_and_is_no_no(
    fgo: Fgo, server: Answering, said: dict[str, object], unclear: str
) -> None:
    row = {"serie": "FGO", "numar": "1201", "status": "emisa", "status_plata": "in_termen", **said}
    server.will_say({"data": [row], "meta": META})
    outcome = fgo.read_invoice(INVOICE)
    assert isinstance(outcome, Confirmed)
    assert outcome.value.unclear == unclear
    assert outcome.value.paid is (None if "plata" in unclear else outcome.value.paid)


@pytest.mark.parametrize(
    ("filing", "state"),
    [
        ({"status": "acceptata", "descriere": "Factura a fost validata de ANAF."}, "filed"),
        ({"status": "validata", "eroare_anaf": False, "eroare_fgo": False}, "filed"),
        ({"status": "acceptat_anaf", "eroare_anaf": None}, "filed"),
        ({"status": "x", "descriere": "Factura a fost validată de ANAF"}, "filed"),
        ({"status": "x", "descriere": "Factura nu a fost validată încă"}, "waiting"),
        ({"status": "validata", "eroare_anaf": True, "detalii": "BR-CO-10"}, "refused"),
        ({"status": "in_prelucrare", "eroare_fgo": True}, "refused"),
        ({"status": "in_prelucrare"}, "waiting"),
        ({"status": None}, "waiting"),
    ],
)
def test_a_storno_is_filed_only_where_fgo_says_so(
    fgo: Fgo, server: Answering, filing: dict[str, object], state: str
) -> None:
    server.will_say({"data": filing, "meta": META})
    outcome = fgo.read_filing(InvoiceRef("FGO", "1300"))
    assert isinstance(outcome, Confirmed)
    assert outcome.value.state == state
    assert outcome.value.note == (
        filing.get("detalii") or filing.get("descriere") or filing.get("status") or ""
    )
    [asked] = server.asked
    assert asked.path == "/v2/facturi/FGO/1300/efactura"
    assert asked.query == {}


def test_a_document_without_a_step_to_e_factura_is_waiting(fgo: Fgo, server: Answering) -> None:
    """`data` is null then, as FGO's document says; without an envelope nothing is told."""
    server.will_say({"data": None, "meta": META}).will_say({"data": None})
    outcome = fgo.read_filing(InvoiceRef("FGO", "1300"))
    assert isinstance(outcome, Confirmed)
    assert (outcome.value.state, outcome.value.note) == ("waiting", "")
    assert isinstance(fgo.read_filing(InvoiceRef("FGO", "1300")), Unknown)
