"""What each invoicing service of the sandbox keeps of its documents, asked in this process."""

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sandbox_calling import body_of, call, load
from sandbox_world import FGO, invoice

from core.sandbox.services import fgo, oblio, smartbill, stripe
from core.sandbox.state import State

BASIC = base64.b64encode(b"sandbox@refuz.example:sandbox-token").decode()
DAY = "2026-11-10"


@pytest.fixture
def state(tmp_path: Path) -> Iterator[State]:
    made = State(tmp_path / "state")
    load(made)
    yield made
    made.close()


def keep(state: State, service: str, *numbers: str, **changes: Any) -> None:
    """A world with these open invoices, of order #1 each, and nothing else."""
    load(state, invoices=[invoice(service, one, **changes) for one in numbers])


def state_of(state: State, key: str) -> str | None:
    found = state.get("invoice", key)
    return str(found["state"]) if found else None


# ---------------------------------------------------------------- SmartBill


def smartbill_asked(state: State, method: str, path: str, **asked: Any) -> tuple[int, str]:
    answer = smartbill.answer(state, call(method, path, **asked))
    return answer.status_code, body_of(answer)["errorText"]


def at(number: str, name: str = "seriesname") -> dict[str, Any]:
    return {"query": {"cif": "RO12345674", name: "CVZ", "number": number}}


def test_smartbill_deletes_the_newest_open_document_of_a_series_alone(state: State) -> None:
    keep(state, "smartbill", "0008", "0009")
    older = smartbill_asked(state, "DELETE", "/invoice", **at("0008"))
    assert (older[0], "ultima din serie" in older[1]) == (400, True)
    assert smartbill_asked(state, "DELETE", "/invoice", **at("9", "seriesName")) == (200, "")
    assert state_of(state, "smartbill:CVZ:0009") is None
    assert smartbill_asked(state, "DELETE", "/invoice", **at("0008")) == (200, "")
    assert smartbill_asked(state, "DELETE", "/invoice", **at("0008"))[0] == 400


def test_smartbill_takes_an_annulment_back_once(state: State) -> None:
    keep(state, "smartbill", "0001")
    assert smartbill_asked(state, "PUT", "/invoice/cancel", **at("0001")) == (200, "")
    assert state_of(state, "smartbill:CVZ:0001") == "annulled"
    assert smartbill_asked(state, "PUT", "/invoice/cancel", **at("0001"))[0] == 400
    assert smartbill_asked(state, "PUT", "/invoice/restore", **at("0001")) == (200, "")
    assert state_of(state, "smartbill:CVZ:0001") == "open"
    assert smartbill_asked(state, "PUT", "/invoice/restore", **at("0001"))[0] == 400


@pytest.mark.parametrize(
    ("changed", "status"),
    [({"companyVatCode": "RO999"}, 401), ({"number": 1}, 400), ({"why": "x"}, 400),
     ({"companyVatCode": "12345674"}, 200)],
)  # fmt: skip
def test_smartbill_reverses_for_its_own_company_and_known_fields_only(
    state: State, changed: dict[str, Any], status: int
) -> None:
    keep(state, "smartbill", "0001")
    sent = {"companyVatCode": "RO12345674", "seriesName": "CVZ", "number": "0001", **changed}
    answer = smartbill.answer(state, call("POST", "/invoice/reverse", body=sent))
    assert answer.status_code == status
    assert state_of(state, "smartbill:CVZ:0001") == ("reversed" if status == 200 else "open")


@pytest.mark.parametrize(("seconds", "minutes"), [(600, 10), (61, 2), (59, 1)])
def test_smartbill_tells_a_block_in_whole_minutes(state: State, seconds: int, minutes: int) -> None:
    state.put("control", "settings", {"block_seconds": seconds})
    answer = smartbill.blocked(state, call("GET", "/series"))
    assert answer.status_code == 403
    assert f"dupa {minutes} min de la momentul blocarii" in body_of(answer)["errorText"]


def test_smartbill_lets_in_whoever_has_the_token(state: State) -> None:
    state.put("control", "settings", {"rate_limits": False})
    refused = smartbill.admit(state, call("GET", "/series", headers={"authorization": "Basic x"}))
    assert refused is not None
    assert refused.status_code == 401
    shown = {"authorization": f"Basic {BASIC}"}
    assert smartbill.admit(state, call("GET", "/series", headers=shown)) is None


def test_smartbill_answers_an_address_that_it_has_not_as_its_gateway_does(state: State) -> None:
    assert smartbill.answer(state, call("GET", "/estimate")).status_code == 502


# ---------------------------------------------------------------- Oblio


def oblio_asked(state: State, method: str, path: str, **sent: Any) -> tuple[int, Any]:
    body = {"cif": "RO12345674", **sent}
    asked = {"query": body} if method == "GET" else {"body": body}
    answer = oblio.answer(state, call(method, f"/api/docs/invoice{path}", **asked))
    return answer.status_code, body_of(answer)["data"]


def reference(number: str, **more: Any) -> dict[str, Any]:
    known = {"type": "Factura", "seriesName": "CVZ", "number": number, "refund": 1}
    return {"referenceDocument": {**known, **more}}


def test_oblio_gives_the_first_storno_again_for_the_same_key(state: State) -> None:
    keep(state, "oblio", "0001")
    first = oblio_asked(state, "POST", "", idempotencyKey="k1", **reference("0001"))
    assert first[1]["number"] == "0002"
    assert oblio_asked(state, "POST", "", idempotencyKey="k1", **reference("0001")) == first
    assert oblio_asked(state, "POST", "", idempotencyKey="k2", **reference("0001"))[0] == 400


def test_oblio_reverses_only_with_the_refund_flag_and_its_own_company(state: State) -> None:
    keep(state, "oblio", "0001")
    assert oblio_asked(state, "POST", "", **reference("0001", refund=0))[0] == 400
    assert oblio_asked(state, "POST", "", cif="RO1", **reference("0001"))[0] == 400
    assert state_of(state, "oblio:CVZ:0001") == "open"


def test_oblio_takes_the_payment_off_a_reversed_invoice(state: State) -> None:
    keep(state, "oblio", "0001")
    named = {"seriesName": "CVZ", "number": "0001"}
    assert oblio_asked(state, "PUT", "/collect", **named) == (200, {"collected": True})
    assert oblio_asked(state, "GET", "", **named)[1]["collected"] == "1"
    oblio_asked(state, "POST", "", **reference("0001"))
    row = oblio_asked(state, "GET", "", **named)[1]
    assert (row["collected"], row["stornoed"], row["storno"]) == ("0", "1", "0")


def test_oblio_deletes_the_newest_document_that_nothing_stands_on(state: State) -> None:
    keep(state, "oblio", "0001", "0002")
    assert oblio_asked(state, "DELETE", "", seriesName="CVZ", number="0001")[0] == 400
    oblio_asked(state, "POST", "", **reference("0002"))  # its storno is CVZ 0003
    assert oblio_asked(state, "DELETE", "", seriesName="CVZ", number="0003")[0] == 400
    keep(state, "oblio", "0001", "0002")
    assert oblio_asked(state, "DELETE", "", seriesName="CVZ", number="0002")[0] == 200
    assert state_of(state, "oblio:CVZ:0002") is None


def test_oblio_lists_by_pages_what_was_issued_after_a_day(state: State) -> None:
    days = {"0001": "2026-11-10", "0002": "2026-11-11", "0003": "2026-11-12"}
    load(state, invoices=[invoice("oblio", n, issued_on=day) for n, day in days.items()])

    def numbers(**asked: Any) -> list[str]:
        return [one["number"] for one in oblio_asked(state, "GET", "/list", **asked)[1]]

    assert numbers() == ["0001", "0002", "0003"]
    assert numbers(issuedAfter="2026-11-10") == ["0002", "0003"]
    assert numbers(orderBy="id", orderDir="DESC", limitPerPage=2) == ["0003", "0002"]
    assert numbers(orderBy="id", orderDir="DESC", offset=2) == ["0001"]
    assert numbers(seriesName="CVZ", number="2") == ["0002"]


def test_oblio_knows_its_token_and_blocks_both_limits_at_once(state: State) -> None:
    login = {"client_id": "sandbox@refuz.example", "client_secret": "sandbox-secret"}
    assert oblio.admit(state, call("POST", oblio.AUTHORIZE)) is None
    wrong = {**login, "client_secret": "x"}
    assert oblio.answer(state, call("POST", oblio.AUTHORIZE, form=wrong)).status_code == 401
    shown = body_of(oblio.answer(state, call("POST", oblio.AUTHORIZE, form=login)))["access_token"]
    again = body_of(oblio.answer(state, call("POST", oblio.AUTHORIZE, body=login)))["access_token"]
    assert shown == again
    headers = {"authorization": f"Bearer {shown}"}
    state.put("control", "settings", {"rate_limits": True, "block_seconds": 30})
    for method in ("GET", "POST"):
        assert oblio.admit(state, call(method, "/api/docs/invoice", headers=headers)) is None
    oblio.blocked(state, call("GET", "/api/docs/invoice"))
    for method in ("GET", "POST"):
        refused = oblio.admit(state, call(method, "/api/docs/invoice", headers=headers))
        assert refused is not None
        assert refused.status_code == 403


# ---------------------------------------------------------------- FGO


def fgo_asked(state: State, method: str, path: str = "", **asked: Any) -> tuple[int, Any]:
    answer = fgo.answer(state, call(method, f"/v2/facturi{path}", **asked))
    return answer.status_code, body_of(answer)


def test_fgo_undoes_a_storno_and_the_void_pair_leaves_the_list(state: State) -> None:
    keep(state, "fgo", "0001", issued_on=DAY)
    made = fgo_asked(state, "POST", "/CVZ/0001/storneaza", body={})[1]["data"]
    assert made == {"serie": "CVZ", "numar": "0002"}
    listed = {"fields": "status,numar", "data_emitere_de_la": "2026-01-01",
              "data_emitere_pana_la": "2099-01-01"}  # fmt: skip

    def statuses() -> dict[str, str]:
        rows = fgo_asked(state, "GET", query=listed)[1]["data"]
        return {one["numar"]: one["status"] for one in rows}

    assert statuses() == {"0001": "stornata", "0002": "storno"}
    assert fgo_asked(state, "POST", f"/CVZ/0001/{fgo.RESTORE}", body={})[0] == 200
    assert statuses() == {"0001": "emisa"}
    again = fgo_asked(state, "POST", f"/CVZ/0001/{fgo.RESTORE}", body={})
    assert (again[0], again[1]["motiv"]["cod"]) == (400, "stare_nepermisa")


@pytest.mark.parametrize(
    ("query", "status"),
    [({}, 400), ({"fields": "valoare"}, 400), ({"fields": "status", "id_extern": "1"}, 400),
     ({"fields": "status, valuta"}, 200)],
)  # fmt: skip
def test_fgo_lists_the_fields_that_are_named_and_known(
    state: State, query: dict[str, str], status: int
) -> None:
    keep(state, "fgo", "0001")
    asked = {"data_emitere_de_la": "2026-01-01", "data_emitere_pana_la": "2099-01-01", **query}
    code, body = fgo_asked(state, "GET", query=asked)
    assert code == status
    if status == 200:
        assert set(body["data"][0]) == {"serie", "numar", "status", "valuta"}


def test_fgo_tells_a_documents_way_as_the_settings_say(state: State) -> None:
    keep(state, "fgo", "0001")
    assert fgo_asked(state, "GET", "/CVZ/0001/efactura")[1]["data"]["status"] == "acceptata"
    state.put("control", "settings", {"filing": {"status": "respinsa", "eroare_anaf": True}})
    seen_now = fgo_asked(state, "GET", "/CVZ/0001/efactura")[1]["data"]
    assert (seen_now["status"], seen_now["eroare_anaf"]) == ("respinsa", True)
    state.put("control", "settings", {"filing": None})
    assert fgo_asked(state, "GET", "/CVZ/0001/efactura")[1]["data"] is None
    assert fgo_asked(state, "GET", "/CVZ/0009/efactura")[0] == 404


def test_fgo_annuls_once_and_reverses_nothing_that_is_void(state: State) -> None:
    keep(state, "fgo", "0001")
    assert fgo_asked(state, "POST", "/CVZ/0001/anuleaza", body={})[0] == 200
    assert fgo_asked(state, "POST", "/CVZ/0001/anuleaza", body={})[0] == 400
    assert fgo_asked(state, "POST", "/CVZ/0001/storneaza", body={})[0] == 400
    assert fgo_asked(state, "POST", "/CVZ/0404/anuleaza", body={})[0] == 404


def test_fgo_lets_in_the_key_of_its_own_company(state: State) -> None:
    state.put("control", "settings", {"rate_limits": False})
    headers = {name.lower(): value for name, value in FGO.items()}
    assert fgo.admit(state, call("GET", "/v2/facturi", headers=headers)) is None
    for changed, status in (({"authorization": "Bearer x"}, 401), ({"fgo-cod-unic": "1"}, 403)):
        refused = fgo.admit(state, call("GET", "/v2/facturi", headers={**headers, **changed}))
        assert refused is not None
        assert refused.status_code == status


# ---------------------------------------------------------------- Stripe


def stripe_asked(state: State, method: str, path: str, **asked: Any) -> tuple[int, Any]:
    answer = stripe.answer(state, call(method, path, **asked))
    return answer.status_code, body_of(answer)


@pytest.fixture
def bill(state: State) -> str:
    """One invoice of 121.00 at Stripe."""
    keep(state, "stripe", "in_1A", currency="EUR")
    return "in_1A"


def test_stripe_credits_the_whole_amount_once_and_the_key_gives_the_note_again(
    state: State, bill: str
) -> None:
    part = {"invoice": bill, "amount": 12000}
    assert stripe_asked(state, "POST", "/credit_notes", form=part)[0] == 400
    key = {"headers": {"idempotency-key": "storno-1"}, "form": {"invoice": bill, "amount": 12100}}
    first = stripe_asked(state, "POST", "/credit_notes", **key)
    assert (first[0], first[1]["amount"], first[1]["status"]) == (200, 12100, "issued")
    assert stripe_asked(state, "POST", "/credit_notes", **key) == first
    assert stripe_asked(state, "POST", "/credit_notes", form=key["form"])[0] == 400
    assert stripe_asked(state, "GET", f"/invoices/{bill}")[1][
        "pre_payment_credit_notes_amount"
    ] == 12100  # fmt: skip


def test_a_void_note_of_stripe_no_longer_counts_against_its_invoice(
    state: State, bill: str
) -> None:
    form = {"invoice": bill, "amount": 12100}
    note = stripe_asked(state, "POST", "/credit_notes", form=form)[1]["id"]
    assert stripe_asked(state, "POST", f"/credit_notes/{note}/void")[1]["status"] == "void"
    assert stripe_asked(state, "POST", f"/credit_notes/{note}/void")[0] == 400
    assert stripe_asked(state, "POST", "/credit_notes/cn_0/void")[0] == 404
    seen_now = stripe_asked(state, "GET", f"/invoices/{bill}")[1]
    assert seen_now["pre_payment_credit_notes_amount"] == 0
    assert stripe_asked(state, "GET", f"/credit_notes/{note}")[1]["status"] == "void"


def test_stripe_voids_an_open_invoice_once(state: State, bill: str) -> None:
    assert stripe_asked(state, "POST", f"/invoices/{bill}/void")[1]["status"] == "void"
    again = stripe_asked(state, "POST", f"/invoices/{bill}/void")
    assert (again[0], again[1]["error"]["code"]) == (400, "invoice_not_editable")


def test_stripe_finds_an_order_by_its_metadata_page_by_page(state: State) -> None:
    keep(state, "stripe", *(f"in_{n}" for n in range(5)), order_name="O'Neil")
    query = {"query": "metadata['order']:'O\\'Neil'", "limit": 2}
    first = stripe_asked(state, "GET", "/invoices/search", query=query)[1]
    assert ([one["id"] for one in first["data"]], first["has_more"]) == (["in_0", "in_1"], True)
    last = stripe_asked(state, "GET", "/invoices/search", query={**query, "page": 4})[1]
    assert ([one["id"] for one in last["data"]], last["next_page"]) == (["in_4"], None)
    other = {"query": "number:'in_0'"}
    assert stripe_asked(state, "GET", "/invoices/search", query=other)[1]["data"] == []


def test_stripe_lists_what_follows_the_one_that_was_named(state: State) -> None:
    keep(state, "stripe", *(f"in_{n}" for n in range(4)))
    asked = {"starting_after": "in_1", "limit": 1}
    page = stripe_asked(state, "GET", "/invoices", query=asked)[1]
    assert ([one["id"] for one in page["data"]], page["has_more"]) == (["in_2"], True)
