"""A courier is asked for a parcel as it knows it, however the shop writes the number.

Its answer is believed in whatever writing it comes. The adapters, the writing of orders and the
round of asking are the real ones.
"""

import datetime as dt
import itertools
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select

from core.clock import now
from core.labels import normalise
from core.labels.captions import is_word
from core.labels.couriers.dpd import check_character
from core.orders.couriers import tracking
from core.orders.shop.upsert import upsert_orders
from core.sandbox import registry as counterparts
from core.services import registry
from core.services.ports import ShopOrder, ShopParcel
from core.settings import connections
from core.settings.connections import Connection
from core.store import db
from core.store.tables import order_lines, orders, parcels

FEW = settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
IDS = itertools.count(1)
NAMES = {"fan": "FAN Courier", "cargus": "Cargus", "sameday": "Sameday", "dpd": "DPD",
         "gls": "GLS", "packeta": "Packeta"}  # fmt: skip


def digits(least: int, most: int | None = None) -> st.SearchStrategy[str]:
    return st.text("0123456789", min_size=least, max_size=most or least)


def letters(least: int, most: int) -> st.SearchStrategy[str]:
    return st.text("ABCDEFGHJKLMNPRSTUVWXYZ", min_size=least, max_size=most)


def joined(*parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.tuples(*parts).map("".join)


# The number that each courier has, and what its label may have around it.
KNOWN = {
    "fan": joined(st.sampled_from("27"), digits(12)),
    "cargus": joined(st.just("URGC"), digits(8)),
    "sameday": joined(st.sampled_from("123456789"), letters(2, 5), digits(8, 10)),
    "dpd": joined(st.sampled_from("123456789"), digits(13)),
    "gls": joined(st.sampled_from("123456789"), digits(8, 10)),
    "packeta": joined(st.just("Z"), st.sampled_from("123456789"), digits(9)),
}
BEHIND = {"fan": digits(2, 9), "cargus": digits(2, 4), "sameday": digits(3)}


@st.composite
def shown(draw: st.DrawFn) -> tuple[str, str, str]:
    """A courier, its number for a parcel, and how the shop writes that."""
    slug = draw(st.sampled_from(sorted(KNOWN)))
    known = draw(KNOWN[slug])
    text = known
    if slug in BEHIND and draw(st.booleans()):
        text += draw(BEHIND[slug])
    if slug == "dpd":
        text += draw(st.sampled_from(["", check_character(known)]))
    return slug, known, draw(written(text))


@st.composite
def written(draw: st.DrawFn, text: str) -> str:
    """The number with blanks in it and around it, and words in front that only say what it is."""
    size = draw(st.sampled_from([0, 3, 4, 5]))
    blank = draw(st.sampled_from([" ", "\u00a0", "  ", "\u2009"]))
    # Three small letters alone beside a number are read as a word ("tel"), so these stay large,
    # but for those of a form that cannot be another.
    cases = [text, text.lower(), text.capitalize()]
    text = draw(st.sampled_from(cases if size != 3 or text.startswith("URGC") else [text]))
    pieces = [text[at : at + size] for at in range(0, len(text), size)] if size else [text]
    # Nor are "x79" and "15x" alone: these are read as a count; "TEL" and "REF" as words.
    if not any(re.fullmatch(r"(?i)x\d{1,2}|\d{1,2}x", one) or is_word(one) for one in pieces) or (
        text.startswith("URGC")
    ):
        text = blank.join(pieces)
    before = draw(st.sampled_from(["", " ", "AWB ", "awb: ", "AWB nr. ", "Colis ", "]C1", "\t"]))
    return before + text + draw(st.sampled_from(["", " ", "\u00a0", "\n"]))


def add(shop: int, slug: str, text: str) -> str:
    """An order with this parcel under way, as a sync writes it; gives its name."""
    at, number = now() - dt.timedelta(days=5), next(IDS)
    box = ShopParcel(text, NAMES[slug], f"gid://f/{number}", "SUCCESS", "IN_TRANSIT", at)
    order = ShopOrder(
        gid=f"gid://o/{number}", name=f"#{number}", created_at=at, updated_at=at,
        cancelled_at=None, cancel_reason="", payment="cod", financial_status="PENDING",
        fulfillment_status="FULFILLED", total_minor=100, currency="RON", customer_name="",
        customer_key="", phone="", email="", county="", city="", note="", tags=(), attributes={},
        can_notify=False, lines=(), parcels=(box,),
    )  # fmt: skip
    with db.writing() as connection:
        for table in (parcels, order_lines, orders):
            connection.execute(delete(table))
        upsert_orders(connection, shop, [order])
    return order.name


def outcomes() -> list[tuple[str, str | None]]:
    with db.reading() as connection:
        return [(one.courier, one.outcome) for one in connection.execute(select(parcels))]


def connect(slug: str, base_url: str) -> Connection:
    """The courier at this address, by the sandbox's sign-in."""
    info = registry.info(slug)
    sign_in = counterparts.modules()[slug].SIGN_IN
    secret = {one.name for one in info.fields if one.secret}
    open_ = {name: value for name, value in sign_in.items() if name not in secret}
    with db.writing() as connection:
        made = connections.save(
            connection, kind="courier", service=slug, name=f"{slug} {next(IDS)}",
            settings={"base_url": base_url, "timeout_seconds": "5", "rate_per_second": "500",
                      "rate_capacity": "500", **open_},
            secrets_={name: value for name, value in sign_in.items() if name in secret},
        )  # fmt: skip
        return connections.load(connection, made)


def let_know(outside: str, slug: str, known: str) -> None:
    """Have the courier know this parcel, as refused."""
    at = now().isoformat()
    events = [{"at": at, "code": "", "text": "Refuzat de destinatar"}]
    world = {
        "now": at,
        "shop": {"name": "Casa", "domain": "c.myshopify.com", "currency": "RON", "vat_code": "1"},
        "orders": [], "invoices": [], "products": [], "returns": [],
        "courier_events": [{"courier": slug, "tracking": known, "events": events}],
    }  # fmt: skip
    requests.post(f"{outside}/_sandbox/load", json=world, timeout=10).raise_for_status()


def path_of(slug: str) -> str:
    """Where its real address ends: the sandbox keeps that behind its name."""
    default = {one.name: one.default for one in registry.info(slug).fields}["base_url"]
    return urlsplit(default).path


@given(shown())
@settings(FEW, max_examples=60)
def test_a_parcel_is_asked_about_as_its_courier_knows_it_however_the_shop_writes_it(
    shop: int, outside: str, made: tuple[str, str, str]
) -> None:
    slug, known, text = made
    add(shop, slug, text)
    let_know(outside, slug, known)
    report = tracking.poll_parcels(connect(slug, f"{outside}/{slug}{path_of(slug)}"))
    assert report.failed is None
    assert outcomes() == [(slug, "refused")]


# ---------------------------------------------------------------- the courier's own writing


class Courier:
    """FAN, Cargus and DPD in a few lines: each tells of one parcel, in a writing of its own."""

    def __init__(self) -> None:
        self.base_url, self.known, self.writes, self.is_news = "", "", "", False

    def answer(self, path: str, query: dict[str, list[str]], body: Any) -> Any:
        at = f"{now():%Y-%m-%d %H:%M:%S}"
        match path.rpartition("/")[2]:
            case "login":
                return {"status": "success", "data": {"token": "t"}}
            case "LoginUser":
                return "t"
            case "tracking":
                row = {"awbNumber": self.writes, "events": [{"id": "S6", "name": "", "date": at}]}
                there = self.known in query.get("awb[]", [])
                return {"status": "success", "data": [row] if there else []}
            case "WithRedirect":
                event = {"Date": at, "EventId": 0, "Description": "Refuzat de destinatar"}
                there = self.known in json.loads(query["barCode"][0]) and not self.is_news
                return [{"Code": self.writes, "Event": [event]}] if there else []
            case "GetDeltaEvents":
                event = {"Date": at, "EventId": 0, "Description": "Refuzat de destinatar"}
                return [{"Code": self.writes, "Event": [event]}] if self.is_news else []
            case "AwbRetur":
                return []
            case "track":
                event = {"dateTime": at, "operationCode": 123, "description": ""}
                there = {"id": self.known} in body["parcels"]
                row = {"parcelId": self.writes, "operations": [event]}
                return {"parcels": [row] if there else []}
        raise AssertionError(path)


@contextmanager
def courier() -> Iterator[Courier]:
    made = Courier()

    class Handler(BaseHTTPRequestHandler):
        def _serve(self) -> None:
            parts = urlsplit(self.path)
            sent = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            answer = made.answer(parts.path, parse_qs(parts.query), json.loads(sent or b"null"))
            data = json.dumps(answer).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = _serve  # noqa: N815 (the library's names)

        def log_message(self, *_: object) -> None:
            """Say nothing on the terminal."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    made.base_url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield made
    finally:
        server.shutdown()
        server.server_close()


@st.composite
def answered(draw: st.DrawFn) -> tuple[str, str, str]:
    """A courier, its number, and how its answer writes that: blanks and case, nothing else."""
    slug = draw(st.sampled_from(["fan", "cargus", "dpd"]))
    known = draw(KNOWN[slug])
    size = draw(st.sampled_from([3, 4, 20]))
    parted = " ".join(known[at : at + size] for at in range(0, len(known), size))
    return slug, known, draw(st.sampled_from([parted, parted.lower(), f" {parted} "]))


@given(answered())
@FEW
def test_an_answer_is_believed_in_whatever_writing_the_courier_gives_it(
    shop: int, made: tuple[str, str, str]
) -> None:
    slug, known, writes = made
    assert normalise(writes) == known
    with courier() as outside:
        outside.known, outside.writes = known, writes
        add(shop, slug, known)
        report = tracking.poll_parcels(connect(slug, outside.base_url))
    assert report.failed is None
    assert outcomes() == [(slug, "refused")]


@given(answered().filter(lambda made: made[0] == "cargus"))
@FEW
def test_news_of_all_parcels_is_believed_in_whatever_writing_too(
    shop: int, made: tuple[str, str, str]
) -> None:
    slug, known, writes = made
    with courier() as outside:
        outside.known, outside.writes, outside.is_news = known, writes, True
        add(shop, slug, known)
        followed = connect(slug, outside.base_url)
        for before in (None, "refused"):
            assert tracking.poll_parcels(followed).failed is None
            assert outcomes() == [(slug, before)]


@given(answered(), st.data())
@FEW
def test_an_answer_about_another_parcel_is_not_believed(
    shop: int, made: tuple[str, str, str], data: st.DataObject
) -> None:
    slug, known, writes = made
    other = data.draw(KNOWN[slug].filter(lambda one: one != known))
    with courier() as outside:
        outside.known, outside.writes = other, writes
        add(shop, slug, other)
        tracking.poll_parcels(connect(slug, outside.base_url))
    assert outcomes() == [(slug, None)]
