"""Each invoicing service from end to end: a label's picture in, order cancelled, invoice reversed.

The command line as a person types it, a worker of its own, and the sandbox over HTTP; the truth
is what the sandbox counted.
"""

import datetime as dt
import json
import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import requests
import zxingcpp
from command_line import inside, lines, started
from PIL import Image

from core.config import Home
from core.demo import world as demo
from core.reversal.runs import follow_up
from core.sandbox import process
from core.services import registry
from core.settings import connections
from core.store import db

SERVICES = {
    "smartbill": ("CVZ", "0042", "RON"),
    "oblio": ("OB", "0007", "RON"),
    "fgo": ("FGO", "0017", "RON"),
    "stripe": ("STR", "in_1Sandbox0001", "EUR"),
}
TODAY = dt.datetime.now(ZoneInfo("Europe/Bucharest")).date().isoformat()


def order(number: int, service: str) -> dict[str, Any]:
    """A shipped order, to be paid at the door, whose invoice is at this service."""
    series, paper, currency = SERVICES[service]
    return {
        "id": number, "name": f"#{number}", "created_at": "2026-11-10T08:00:00Z",
        "updated_at": "2026-11-12T08:00:00Z", "cancelled_at": None, "cancel_reason": None,
        "payment": "cod", "gateway": "Cash on Delivery (COD)", "financial_status": "PENDING",
        "fulfillment_status": "FULFILLED",
        "customer": {"id": 7000, "first_name": "Ana", "last_name": "Pop",
                     "email": "ana@example.com", "phone": "0722000000"},
        "address": {"city": "Cluj", "province": "Cluj", "zip": "400001", "address1": "Str. 1"},
        "total_minor": 12345, "currency": currency, "note": "", "tags": [], "restockable": True,
        "attributes": [{"key": "invoice", "value": f"{service}:{series}:{paper}"}],
        "lines": [{"id": number, "title": "Vas", "sku": service, "quantity": 2,
                   "price_minor": 12345, "image": None}],
        "fulfillments": [{"id": 500000 + number, "created_at": "2026-11-11T08:00:00Z",
                          "status": "SUCCESS", "display_status": "IN_TRANSIT",
                          "tracking": [{"company": "FAN Courier", "number": awb(number)}],
                          "line_ids": [number]}],
    }  # fmt: skip


def awb(number: int) -> str:
    """The tracking number of an order."""
    return f"70001{number:08}"


def world() -> dict[str, Any]:
    """One order for each service, and the invoices that they name."""
    made = [order(1001 + place, service) for place, service in enumerate(SERVICES)]
    papers = [
        {"service": service, "series": series, "number": paper, "order_name": one["name"],
         "total_minor": 12345, "currency": currency, "issued_on": "2026-11-10", "state": "open"}
        for one, (service, (series, paper, currency)) in zip(made, SERVICES.items(), strict=True)
    ]  # fmt: skip
    return {
        "now": "2026-11-20T08:00:00Z",
        "shop": {"name": "Casa Verde", "domain": "casa-verde.myshopify.com", "currency": "RON",
                 "vat_code": "RO12345674"},
        "orders": made, "invoices": papers, "courier_events": [], "returns": [],
        "products": [{"sku": service, "title": "Vas", "stock": 10} for service in SERVICES],
    }  # fmt: skip


@dataclass
class Desk:
    """A home, its sandbox, and the files of the pile."""

    home: Path
    sandbox: str
    labels: list[Path]

    def refuz(self, *words: str | Path) -> subprocess.CompletedProcess[str]:
        """Run the command as its user would."""
        return started(*words, home=self.home)

    def inside(self, *words: str | Path) -> subprocess.CompletedProcess[str]:
        """The same in this process."""
        return inside(*words, home=self.home)

    def ledger(self) -> dict[str, Any]:
        """What was really done outside."""
        ledger: dict[str, Any] = requests.get(f"{self.sandbox}/_sandbox/ledger", timeout=10).json()
        return ledger


def draw(text: str, file: Path) -> Path:
    """A label with this code on it."""
    code = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.Code128)
    picture = Image.fromarray(code.to_image(scale=4)).convert("L")
    sheet = Image.new("L", (picture.width + 200, picture.height + 200), 255)
    sheet.paste(picture, (100, 100))
    sheet.save(file)
    return file


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A desk connected to a sandbox with one order a service, and a drawn label of each."""
    folder = tmp_path_factory.mktemp("services")
    where = Home(folder / "home", f"sqlite:///{folder / 'home' / 'refuz.db'}")
    where.root.mkdir(mode=0o700)
    before = os.umask(0o077)  # as the command begins
    file = folder / "world.json"
    file.write_text(json.dumps(world()))
    running = process.start(where.sandbox, world=file)
    try:
        with pytest.MonkeyPatch.context() as patch:  # whose key the passwords are sealed with
            patch.setenv("REFUZ_HOME", str(where.root))
            db.migrate(where)
            demo.connect(where, running.base_url)
        labels = [
            draw(awb(1001 + place), folder / f"{service}.png")
            for place, service in enumerate(SERVICES)
        ]
        yield Desk(where.root, running.base_url, labels)
    finally:
        os.umask(before)
        running.stop()


@pytest.fixture(scope="module")
def done(desk: Desk) -> subprocess.CompletedProcess[str]:
    """The pile, processed."""
    assert desk.refuz("sync").returncode == 0
    return desk.refuz("process", *desk.labels, "--yes", "--restock", "--json")


def test_every_invoicing_service_there_is_has_its_order_here() -> None:
    assert set(SERVICES) == set(registry.services("invoicing"))


def test_the_pile_is_processed_without_a_question_left(
    done: subprocess.CompletedProcess[str],
) -> None:
    assert done.returncode == 0, done.stderr
    summary = lines(done)[-1]["summary"]
    assert summary == {
        "pictures": 4, "codes": 4, "matched": 4, "ambiguous": 0, "unmatched": 0,
        "reversed": 4, "needs_person": 0,
    }  # fmt: skip


@pytest.mark.parametrize("service", SERVICES)
def test_the_order_is_cancelled_and_its_invoice_reversed_once(
    desk: Desk, done: subprocess.CompletedProcess[str], service: str
) -> None:
    """Once each, restocked, dated today in the seller's zone, and told with the storno's number."""
    number = 1001 + list(SERVICES).index(service)
    series, paper, _ = SERVICES[service]
    ledger = desk.ledger()
    order_ = ledger["orders"][f"gid://shopify/Order/{number}"]
    assert (order_["cancelled"], order_["restocked"], order_["tagged"]) == (1, 1, 1)
    assert ledger["stock"][service] == 12
    invoice = ledger["invoices"][f"{service}:{series}:{paper}"]
    assert (invoice["reversed"], invoice["annulled"]) == (1, 0)
    assert invoice["dates"] == [TODAY]
    [row] = [one for one in lines(done) if one.get("order") == f"#{number}"]
    assert row["state"] == "done"
    steps = [one["code"] for one in row["what"]["parameters"]["steps"]]
    assert steps == ["done_cancelled", "done_restocked", "done_reversed"]
    storno = invoice["stornos"][0].rpartition("-")[2]
    assert storno in row["storno"]


def test_reconciling_asks_every_service_that_can_be_asked_and_finds_nothing_amiss(
    desk: Desk, done: subprocess.CompletedProcess[str]
) -> None:
    reconciled = desk.inside("reconcile", "--json")
    assert reconciled.returncode == 0, reconciled.stderr
    assert lines(reconciled) == [
        {"orders": 4, "invoices": 3, "cannot be asked": 1, "unanswered": [], "alarms": []}
    ]


def test_doctor_tries_every_connected_service_and_changes_nothing(
    desk: Desk, done: subprocess.CompletedProcess[str]
) -> None:
    before = desk.ledger()
    for line in desk.inside("connect", "test", "--json").stdout.splitlines():
        one = json.loads(line)
        assert one["ok"] is True
        assert "_" not in one["what"], line  # words, not a code
        assert one["say"] == "" or " " in one["say"], line
    assert "None" not in desk.inside("connect", "test").stdout
    checked = desk.inside("doctor", "--live", "all", "--json")
    assert checked.returncode == 0, checked.stdout
    tried = {one["what"].partition(":")[0] for one in lines(checked) if ": " in one["what"]}
    assert tried == {registry.info(service).title for service in registry.services()}
    assert desk.ledger() == before


def test_a_shop_that_cannot_be_read_is_said_and_gives_exit_status_1(
    desk: Desk, done: subprocess.CompletedProcess[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REFUZ_HOME", str(desk.home))
    monkeypatch.delenv("REFUZ_DATABASE_URL", raising=False)
    with db.writing() as connection:
        shops = connections.all_connections(connection, "shop")
        [shop] = [one for one in shops if one.service == "shopify"]
        connections.save(
            connection, kind="shop", service="shopify", name=shop.name,
            settings=shop.settings, secrets_={"token": "shpat_of_yesterday"}, sandbox=True,
        )  # fmt: skip
    synced = desk.inside("sync", "--json")
    assert synced.returncode == 1
    [line] = [one for one in lines(synced) if one["failed"]]  # the other shop was read all the same
    assert "token" in line["failed"]
    assert "Traceback" not in synced.stderr
    assert [one.subject for one in follow_up.open_alarms()] == [f"shop {shop.name}"]
