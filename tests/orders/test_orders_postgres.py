"""What comes back by itself works on PostgreSQL as on SQLite."""

import datetime as dt
import io
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import outside_world as world
import pytest
from PIL import Image
from sqlalchemy import select, update

from core.audit import alarms
from core.clock import now
from core.orders.couriers import proposals, returns
from core.orders.photos import intake_queue
from core.orders.piles import piles, review, scans
from core.reasons import quoted
from core.settings import preferences
from core.store import db
from core.store.tables import audit, parcels

pytestmark = pytest.mark.postgres
PARCEL, RETURN = "81234567890", "89876543210"


@pytest.fixture
def shop(
    migrated_postgres_url: str, home_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[int]:
    """A shop whose tables are in PostgreSQL."""
    monkeypatch.setenv("REFUZ_DATABASE_URL", migrated_postgres_url)
    home_dir.mkdir()
    made = world.connect_shop()
    yield made
    db.engine().dispose()


def test_returned_parcels_are_proposed_and_unknown_numbers_resolved(
    shop: int, outside: str
) -> None:
    world.load(outside, {PARCEL: ["Refuzat"]}, {RETURN: PARCEL})
    world.connect_dpd(outside)
    first, second = world.add_order(shop, 1, PARCEL), world.add_order(shop, 2, "81234560002")
    with db.writing() as connection:
        preferences.save(connection, propose_returned=True)
        connection.execute(
            update(parcels)
            .where(parcels.c.order_id == second)
            .values(status="returned", status_at=now() - dt.timedelta(days=1))
        )
    world.scan(world.pile(), RETURN)
    assert returns.resolve_scans() == returns.Resolved(matched=1, asked=1, learnt=1)
    assert world.parcel(PARCEL).scanned_on is not None
    assert proposals.propose_returned() == 1
    pile, count = proposals.waiting()
    assert count == 1
    proposals.confirm(pile, [second])
    assert review.runnable_orders(pile) == [second]
    assert first not in review.runnable_orders(pile)


def test_of_many_scans_of_one_parcel_at_once_one_is_the_first(shop: int) -> None:
    world.add_order(shop, 1, PARCEL)
    pile, people = world.pile(), 8
    together = threading.Barrier(people)

    def scan(number: int) -> str:
        together.wait()
        taken = scans.take_scan(pile, PARCEL, "", source="scanner", key=str(number))
        return taken.verdict

    with ThreadPoolExecutor(people) as pool:
        verdicts = sorted(pool.map(scan, range(people)))
    assert verdicts == ["matched", *["seen"] * (people - 1)]


def test_an_alarm_is_open_once_and_settled(shop: int) -> None:
    with db.writing() as connection:
        assert alarms.ring(connection, "sync", "shop Casa", quoted("One."))
        assert not alarms.ring(connection, "sync", "shop Casa", quoted("Two."))
        assert alarms.reason_of(connection, "sync", "shop Casa") == quoted("Two.")
        assert alarms.settle(connection, "sync", "shop Casa")
        assert not alarms.settle(connection, "sync", "shop Casa")


def test_a_photo_that_is_sent_again_is_not_told_as_new(shop: int, tmp_path: Path) -> None:
    """psycopg counts -1 rows for the second insert, which is not "one row was written"."""
    order = world.add_order(shop, 1, PARCEL)
    pile = piles.create("Monday")
    scans.take_scan(pile, PARCEL, source="hand", key="1")
    picture = io.BytesIO()
    Image.new("L", (64, 64), 200).save(picture, "PNG")
    file = tmp_path / "fresh.png"
    for of in (None, order):
        added = []
        for _ in range(2):
            file.write_bytes(picture.getvalue())
            added.append(intake_queue.add_file(pile, file, "a.png", of))
        assert [one.new for one in added] == [True, False]
        assert added[0].id == added[1].id
    with db.reading() as connection:
        actions = list(connection.scalars(select(audit.c.action)))
    assert actions.count("photo_added") == 1
