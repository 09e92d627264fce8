"""What was scanned long ago goes by rule; the pile, its orders and the record stay."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest
from set_clock import SetClock
from sqlalchemy import Engine, func, insert, select, update
from test_orders_scans import AWB, add, scan

from core.audit import trail
from core.audit.actions import Action
from core.clock import now
from core.orders.photos import storage
from core.orders.piles import piles
from core.orders.privacy import retention
from core.settings import preferences
from core.store import db
from core.store.states import ReversalState
from core.store.tables import boxes, pictures, pile_orders, pile_pictures, reversals, runs, scans
from core.store.tables import piles as pile_table

MONTH = 31 * 24 * 3600.0
UNKNOWN = "1ONB24222308999"


def sha(number: int) -> str:
    return f"{number:064x}"


def shown(pile: int, number: int, kind: str = "label", **more: object) -> Path:
    """A picture in a pile, with its file."""
    file = storage.path_of(sha(number))
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(b"photo")
    row = {"pile_id": pile, "sha256": sha(number), "filename": "a.jpg", "state": "read",
           "error": None, "added_at": now(), "added_by": "Ana", "kind": kind, **more}  # fmt: skip
    with db.writing() as connection:
        known = select(pictures.c.sha256).where(pictures.c.sha256 == sha(number))
        if connection.scalar(known) is None:
            connection.execute(insert(pictures).values(
                sha256=sha(number), filename="a.jpg", size=9, created_at=now(), mime="", width=0,
                height=0))  # fmt: skip
        connection.execute(insert(pile_pictures).values(row))
    return file


def left(pile: int) -> int:
    with db.reading() as connection:
        mine = select(func.count()).select_from(scans).where(scans.c.pile_id == pile)
        return connection.scalar(mine) or 0


def choose(**chosen: int) -> None:
    with db.writing() as connection:
        preferences.save(connection, **chosen)


@pytest.fixture
def monday(engine: Engine, shop: int) -> int:
    """A pile with one scan of each outcome but ambiguous, which somebody began."""
    add(engine, shop, AWB)
    pile = piles.create("Monday")
    scan(engine, pile, AWB, "a")
    scan(engine, pile, UNKNOWN, "b", sha256=sha(1))
    return pile


@pytest.fixture
def later(engine: Engine, set_clock: SetClock, monday: int) -> Callable[[float], int]:
    """Months pass; then another pile is scanned into, as every day."""

    def passes(months: float) -> int:
        set_clock.passed += months * MONTH
        today = piles.create("Today")
        scan(engine, today, UNKNOWN, f"t{today}")
        shown(today, 1000 + today)
        return today

    return passes


def test_scans_of_an_old_pile_go_with_their_pictures_and_the_record_counts_them(
    later: Callable[[float], int], monday: int
) -> None:
    file = shown(monday, 1)
    with db.writing() as connection:
        picture = connection.scalar(select(pile_pictures.c.id))
        connection.execute(insert(boxes).values(
            pile_id=monday, picture_id=picture, page=0, paper=[], state="open", created_at=now(),
            scan_id=connection.scalar(select(func.max(scans.c.id)))))  # fmt: skip
    first = later(7)
    with db.writing() as connection:
        connection.execute(insert(boxes).values(
            pile_id=first, page=0, paper=[], state="open", created_at=now(),
            picture_id=connection.scalar(select(func.max(pile_pictures.c.id)))))  # fmt: skip
    choose(keep_scans_months=6)
    assert retention.expire()["scans"] == 2
    assert left(monday) == 0
    assert left(first) == 1
    assert not file.exists()
    with db.reading() as connection:
        assert (
            connection.scalar(select(pictures.c.sha256).where(pictures.c.sha256 == sha(1))) is None
        )
        [entry] = trail.search(connection, actions=[Action.SCANS_EXPIRED])
        assert entry.subject == "pile Monday"
        assert entry.detail == {"pile": monday, "scans": {"matched": 1, "unmatched": 1},
                               "pictures": 1}  # fmt: skip
        kept = connection.scalars(select(pile_orders.c.pile_id)).all()
        closed = connection.scalar(select(pile_table.c.closed_at).where(pile_table.c.id == monday))
    assert kept == [monday]
    assert closed is not None
    assert not retention.expire()["scans"], "each night what is gone is gone"


def test_without_the_preference_scans_stay_for_ever(
    later: Callable[[float], int], monday: int
) -> None:
    later(200)
    assert not retention.expire()["scans"]
    assert left(monday) == 2


def still_running(pile: int, engine: Engine, shop: int) -> None:
    with db.writing() as connection:
        connection.execute(insert(runs).values(
            pile_id=pile, created_at=now(), created_by="Ana", state="paused", total=1))  # fmt: skip


def still_open(pile: int, engine: Engine, shop: int) -> None:
    with db.writing() as connection:
        order = connection.scalar(select(pile_orders.c.order_id))
        connection.execute(insert(reversals).values(
            order_id=order, origin="pile", requested_by="Ana", options={}, created_at=now(),
            state=ReversalState.WAITING))  # fmt: skip


def still_unread(pile: int, engine: Engine, shop: int) -> None:
    shown(pile, 5, state="waiting")


@pytest.mark.parametrize("thing", [still_running, still_open, still_unread])
def test_a_pile_in_which_something_is_under_way_waits_whatever_its_age(
    later: Callable[[float], int], monday: int, engine: Engine, shop: int,
    thing: Callable[[int, Engine, int], None],
) -> None:  # fmt: skip
    thing(monday, engine, shop)
    later(40)
    choose(keep_scans_months=1)
    assert not retention.expire()["scans"]
    assert left(monday) == 2


@pytest.mark.parametrize("what", ["scan", "picture", "order"])
def test_a_pile_is_as_old_as_the_last_thing_that_happened_in_it(
    later: Callable[[float], int], monday: int, engine: Engine, shop: int, what: str,
) -> None:  # fmt: skip
    later(7)
    if what == "scan":
        scan(engine, monday, UNKNOWN, "again")
    elif what == "picture":
        shown(monday, 7)
    else:
        with db.writing() as connection:
            connection.execute(update(pile_orders).values(added_at=now()))
    later(5)
    choose(keep_scans_months=6)
    assert not retention.expire()["scans"]
    later(2)
    assert retention.expire()["scans"] >= 2
    assert left(monday) == 0


def test_a_picture_that_another_pile_or_a_proof_holds_stays(
    later: Callable[[float], int], monday: int, engine: Engine
) -> None:
    for number in (1, 2, 3):
        shown(monday, number)
    with db.reading() as connection:
        order = connection.scalar(select(pile_orders.c.order_id))
    shown(monday, 2, kind="proof", order_id=order)
    today = later(7)
    shown(today, 3)
    choose(keep_scans_months=6)
    assert retention.expire()["scans"] == 2
    assert [storage.path_of(sha(one)).exists() for one in (1, 2, 3)] == [False, True, True]


def test_no_number_of_a_scan_is_given_twice(
    set_clock: SetClock, monday: int, engine: Engine
) -> None:
    """Nobody scanned for a year: the newest pile stays, SQLite counts on from what is left."""
    set_clock.passed += 12 * MONTH
    choose(keep_scans_months=6)
    retention.expire()
    with db.reading() as connection:
        before = connection.scalar(select(func.max(scans.c.id))) or 0
    assert before == 2
    today = piles.create("Today")
    scan(engine, today, UNKNOWN, "c")
    with db.reading() as connection:
        assert connection.scalar(select(func.max(scans.c.id))) == before + 1


def test_months_are_counted_from_today(later: Callable[[float], int], monday: int) -> None:
    later(7)
    choose(keep_scans_months=6)
    assert not retention.expire(now() - dt.timedelta(days=60))["scans"]
    assert retention.expire()["scans"] == 2
