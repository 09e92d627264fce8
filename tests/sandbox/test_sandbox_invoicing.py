"""The sandbox's invoicing services: dates, series and numbers as asked for, errors as recorded."""

import datetime as dt
from zoneinfo import ZoneInfo

import requests
from sandbox_world import FGO, SMARTBILL, Sandbox, invoice

TODAY = dt.datetime.now(ZoneInfo("Europe/Bucharest")).date()
FGO_PATH = "fgo/v2/facturi/CVZ/0001"


def oblio(sandbox: Sandbox, **body: object) -> requests.Response:
    """Ask Oblio to reverse invoice CVZ 0001."""
    form = {"client_id": "sandbox@refuz.example", "client_secret": "sandbox-secret"}
    url = f"{sandbox.base_url}/oblio/api"
    token = requests.post(f"{url}/authorize/token", data=form, timeout=30).json()["access_token"]
    reference = {"type": "Factura", "seriesName": "CVZ", "number": "0001", "refund": 1}
    sent = {"cif": "RO12345674", "referenceDocument": reference, **body}
    headers = {"Authorization": f"Bearer {token}"}
    return sandbox.post("oblio/api/docs/invoice", headers, sent)


def test_a_storno_has_the_day_that_was_asked_for_or_else_today(sandbox: Sandbox) -> None:
    sandbox.load(invoices=[invoice("smartbill", f"000{n}") for n in (1, 2)])
    yesterday = (TODAY - dt.timedelta(days=1)).isoformat()
    assert sandbox.storno("0001", issueDate=yesterday).json()["errorText"] == ""
    sandbox.storno("0002")
    papers = sandbox.ledger()["invoices"]
    assert papers["smartbill:CVZ:0001"]["dates"] == [yesterday]
    assert papers["smartbill:CVZ:0002"]["dates"] == [TODAY.isoformat()]


def test_a_storno_before_its_invoice_is_refused(sandbox: Sandbox) -> None:
    sandbox.load(invoices=[invoice("smartbill", "0001")])
    answer = sandbox.storno("0001", issueDate="2001-01-01")
    assert (answer.status_code, "anterioara" in answer.json()["errorText"]) == (400, True)
    assert sandbox.ledger()["totals"]["reversed"] == 0


def test_smartbill_says_some_refusals_with_http_200(sandbox: Sandbox) -> None:
    sandbox.load(invoices=[invoice("smartbill", "0001")])
    missing = sandbox.storno("9999")
    assert (missing.status_code, missing.json()["errorText"]) == (
        200, "Documentul nu a fost gasit.",
    )  # fmt: skip
    made = sandbox.storno("0001").json()
    itself = sandbox.storno(made["number"])
    assert (itself.status_code, "tip storno" in itself.json()["errorText"]) == (200, True)
    assert sandbox.storno("0001").status_code == 400  # "deja stornata"


def test_smartbill_tells_the_next_number_of_a_series(sandbox: Sandbox) -> None:
    sandbox.load(invoices=[invoice("smartbill", "0041")])

    def next_number() -> int:
        url = f"{sandbox.base_url}/smartbill/SBORO/api/series"
        params = {"cif": "RO12345674", "type": "f"}
        body = requests.get(url, params=params, auth=SMARTBILL, timeout=30).json()
        return int(body["list"][0]["nextNumber"])

    assert next_number() == 42
    assert sandbox.storno("0041").json()["number"] == "0042"
    assert next_number() == 43


def test_oblio_puts_the_storno_into_the_series_that_was_asked_for(sandbox: Sandbox) -> None:
    sandbox.load(invoices=[invoice("oblio", "0001")])
    unknown = oblio(sandbox, seriesName="NONE")
    assert (unknown.status_code, unknown.json()["statusMessage"]) == (400, "Seria nu exista")
    made = oblio(sandbox, seriesName="STORNO", issueDate=TODAY.isoformat()).json()["data"]
    assert (made["seriesName"], made["number"]) == ("STORNO", "0001")


def test_fgo_takes_a_storno_back_and_the_pair_is_void(sandbox: Sandbox) -> None:
    sandbox.load(invoices=[invoice("fgo", "0001")])
    undo = f"{FGO_PATH}/repune-in-vigoare-factura-stornata"
    early = sandbox.post(undo, FGO, {})
    assert (early.status_code, early.json()["motiv"]["cod"]) == (400, "stare_nepermisa")
    made = sandbox.post(f"{FGO_PATH}/storneaza", FGO, {"serie_storno": "ST"}).json()["data"]
    assert made["serie"] == "ST"
    assert sandbox.post(undo, FGO, {}).status_code == 200
    url, params = f"{sandbox.base_url}/fgo/v2/facturi", {"serie": "CVZ", "numar": "0001"}
    assert requests.get(url, params=params, headers=FGO, timeout=30).status_code == 400
    params["fields"] = "serie,numar,status"  # each reading must name its fields
    [row] = requests.get(url, params=params, headers=FGO, timeout=30).json()["data"]
    assert (row["numar"], row["status"]) == ("0001", "emisa")
    by_order = requests.get(url, params={**params, "id_extern": "#1"}, headers=FGO, timeout=30)
    assert by_order.status_code == 400  # no filter of its list
    whole = requests.get(url, params={"fields": "status"}, headers=FGO, timeout=30).json()["data"]
    assert [row["status"] for row in whole] == ["emisa"]  # the retracted storno is gone
    pair = requests.get(f"{url}/CVZ/0001/asociate", params=params, headers=FGO, timeout=30)
    assert pair.json()["detail"] == "Proforma nu exista"
    assert sandbox.ledger()["invoices"]["fgo:CVZ:0001"]["restored"] == 1


def test_fgo_refuses_fields_that_it_does_not_know(sandbox: Sandbox) -> None:
    sandbox.load(invoices=[invoice("fgo", "0001")])
    answer = sandbox.post(f"{FGO_PATH}/storneaza", FGO, {"serie": "ST"})
    assert answer.json()["type"].endswith(":validation")
    assert sandbox.ledger()["totals"]["reversed"] == 0
