"""A claim file holds what our desk knows of a parcel: its record, and its photos with captions."""

import io
import zipfile
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from insight_truth import TODAY, load
from PIL import Image, ImageDraw
from sqlalchemy import Engine, select, update

from core import rights
from core.audit import trail as audit
from core.demo.generate import history
from core.insight import queries
from core.insight.filters import Filters
from core.insight.reports import claims
from core.insight.reports.paper import font_file
from core.intake import jobs
from core.orders.couriers import tracking
from core.orders.photos import intake_queue
from core.orders.piles import piles
from core.orders.piles.scans import take_scan
from core.services.ports import CourierEvent
from core.store import db
from core.store.tables import orders, parcels

ALL = Filters(date(2020, 1, 1), TODAY)


@pytest.fixture
def desk(home_dir: Path, engine: Engine) -> Engine:
    """A desk whose home holds photos, with a short history."""
    return load(history(900, seed=4, today=TODAY, days=200), home_dir)


def text_in(data: bytes, name: str) -> str:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return archive.read(name).decode()


def test_what_the_courier_said_and_people_did_is_in_the_trail_with_its_hash(desk: Engine) -> None:
    one = queries.missing(desk, ALL, TODAY, 14).head(1)
    number, courier = one["tracking"].iloc[0], one["courier"].iloc[0]
    event = CourierEvent(
        tracking=number, code="", at=datetime(2026, 11, 21, 9, tzinfo=UTC), status="refused",
        text="Destinatarul refuză", return_number="", reason="",
    )  # fmt: skip
    with db.writing(desk) as connection:
        tracking.write_events(connection, [event], [courier], source="courier")
        audit.record(
            connection,
            "note",
            "asked the depot",
            {},
            order_id=int(one["order_id"].iloc[0]),
            name="ana",
        )
    data = claims.claim_file(desk, one, TODAY, "Europe/Bucharest")
    trail = text_in(data, f"trails/{number}.txt")
    assert "the courier said: refused Destinatarul refuză" in trail
    assert "note: asked the depot, by ana" in trail
    with db.reading(desk) as connection:
        hashes = [entry.hash[:12] for entry in audit.export(connection)]
    assert all(f"[{digest}]" in trail for digest in hashes)


def test_no_customer_is_in_the_file_whatever_was_said_of_the_parcel(desk: Engine) -> None:
    """By the courier, by a service, by a person, on the order's goods: it goes to the courier."""
    one = queries.missing(desk, ALL, TODAY, 14).head(1)
    number, courier = one["tracking"].iloc[0], one["courier"].iloc[0]
    order_id = int(one["order_id"].iloc[0])
    known = {"customer_name": "Zburătoarea Canariu", "phone": "0799 123 457",
             "email": "canariu@example.test", "street": "Strada Canarilor 77"}  # fmt: skip
    said = ["ZBURATOAREA CANARIU", "Canariu Zburătoarea", "+40799123457", *known.values()]
    with db.writing(desk) as connection:
        connection.execute(update(orders).where(orders.c.id == order_id).values(**known))
        mine = parcels.c.order_id == order_id
        goods = {"reason": "", "product": "Mug for Canariu Zburătoarea"}
        connection.execute(update(parcels).where(mine).values(**goods))
        for minute, text in enumerate(said):
            event = CourierEvent(
                tracking=number, code="", at=datetime(2026, 11, 21, 9, minute, tzinfo=UTC),
                status="refused", text=f"Refuzat: {text}", return_number="", reason=text,
            )  # fmt: skip
            tracking.write_events(connection, [event], [courier], source="courier")
            audit.record(connection, "note", f"rang {text}", {"why": text}, order_id, name="ana")
    missing = queries.missing(desk, ALL, TODAY + timedelta(days=30), 14)
    told_of = missing[missing["order_id"] == order_id]
    data = claims.claim_file(desk, told_of, TODAY, "Europe/Bucharest")
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        held = b"".join(archive.read(name) for name in archive.namelist()).decode()
    assert "Refuzat: …" in held
    for word in ("canariu", "zbur", "799123457", "799 123", "canarilor"):
        assert word not in held.lower()


def test_photos_of_the_order_are_in_the_file_with_number_time_and_person(desk: Engine) -> None:
    one = queries.missing(desk, ALL, TODAY, 14).head(1)
    order, number = int(one["order_id"].iloc[0]), one["tracking"].iloc[0]
    pile = piles.create("Depot")
    picture = Image.new("L", (900, 600), 180)
    ImageDraw.Draw(picture).rectangle((200, 200, 700, 400), fill=240)
    taken = io.BytesIO()
    picture.save(taken, "JPEG")
    with rights.named("Ștefan"):
        sha = intake_queue.add_picture(pile, taken.getvalue(), "depot.jpg").sha256
    _scan_other_parcel_of(desk, order, pile, sha)
    data = claims.claim_file(desk, one, TODAY, "Europe/Bucharest")
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        shown = Image.open(io.BytesIO(archive.read(f"photos/{number}-1.jpg")))
        shown.load()
    assert shown.width == 900
    strip = np.asarray(shown)[600:]
    assert strip.shape[0] > 20
    assert strip.max() > 200  # something is written
    assert np.median(strip) < 30  # light on black
    assert f"photo 1: {number}" in text_in(data, f"trails/{number}.txt")
    assert "Ștefan" in text_in(data, f"trails/{number}.txt")


def test_a_caption_is_burnt_in_and_every_caption_looks_different(tmp_path: Path) -> None:
    plain = tmp_path / "plain.png"
    Image.new("RGB", (400, 300), "white").save(plain)
    first, second, again = (
        jobs.captioned(plain, text, font_file(), 1600)
        for text in ("1Z999 ana", "1Z998 ana", "1Z999 ana")
    )
    assert first == again
    assert first != second


def test_two_orders_with_one_number_have_a_trail_each(desk: Engine) -> None:
    both = queries.missing(desk, ALL, TODAY, 0).head(2)
    assert len(both) == 2
    both["tracking"] = both["tracking"].iloc[0]
    data = claims.claim_file(desk, both, TODAY, "Europe/Bucharest")
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        trails = [name for name in archive.namelist() if name.startswith("trails/")]
    assert len(set(trails)) == 2


def _scan_other_parcel_of(desk: Engine, order: int, pile: int, sha: str) -> None:
    """The photo shows another parcel of the order, which is here while this one is missing."""
    with db.writing(desk) as connection:
        row = connection.execute(select(parcels).where(parcels.c.order_id == order)).one()
        values = dict(row._mapping) | {"tracking": "1ONB24999888777"}
        values |= {"tracking_key": "1ONB24999888777", "outcome": None, "outcome_on": None}
        del values["id"]
        connection.execute(parcels.insert().values(values))
        assert connection.scalar(select(orders.c.id).where(orders.c.id == order))
    take_scan(
        pile, "1ONB24999888777", "CODE128", source="photo", key="k", sha256=sha,
    )  # fmt: skip
