"""A box whose code leads nowhere becomes a question, and one answer is learnt."""

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, insert, select, update

from core.errors import UserError
from core.finding import boxes
from core.finding.codes import FindCode
from core.intake import PictureError
from core.intake.types import Print, PrintLine
from core.orders.piles import piles
from core.orders.piles.scans import take_scan
from core.settings import preferences
from core.store import db
from core.store.states import BoxState, MatchOutcome
from core.store.tables import (
    aliases,
    connections,
    orders,
    parcels,
    pictures,
    pile_pictures,
    scans,
)
from core.store.tables import boxes as table

NOON = dt.datetime(2026, 11, 3, 12, tzinfo=dt.UTC)
PAPER = ((0.0, 0.0), (400.0, 0.0), (400.0, 560.0), (0.0, 560.0))
BARS = [[20.0, 300.0], [300.0, 300.0], [300.0, 360.0], [20.0, 360.0]]
ROWS = ("Destinatar", "Ilinca Vrabie", "Bd. Carol 7", "310133 Arad", "Ref: 88017")


@pytest.fixture
def desk(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Engine:
    """A pile with one photo of one label, whose print is handed in instead of being read."""
    monkeypatch.setattr(boxes.doors, "find_papers", _one_paper)
    _prints(monkeypatch, ROWS)
    with db.writing(engine) as connection:
        connection.execute(
            insert(connections).values(
                kind="shop", service="shopify", name="Shop", settings={}, created_at=NOON
            )
        )
    piles.create("Monday")
    return engine


def _one_paper(_file: Path, _page: int, anchors: Sequence[Any]) -> list[Print]:
    return [Print(PAPER, tuple(range(len(anchors))), (), 400, 560)]


def _prints(monkeypatch: pytest.MonkeyPatch, rows: Sequence[str]) -> None:
    lines = tuple(
        PrintLine(text, (10.0, 30.0 * at, 10.0 + 9 * len(text), 30.0 * at + 20), 0.99)
        for at, text in enumerate(rows)
    )
    monkeypatch.setattr(boxes.doors, "read_print", lambda *_: Print(PAPER, (), lines, 400, 560))


def an_order(engine: Engine, name: str, customer: str, tracking: str, **more: Any) -> int:
    with db.writing(engine) as connection:
        shared = {"payment": "cod", "currency": "RON", "city": "Arad"}
        order_id = connection.scalar(
            insert(orders)
            .values(
                shop_id=1, gid=name, name=name, created_at=NOON, updated_at=NOON, synced_at=NOON,
                total_minor=15500, customer_name=customer, tags=[], attributes={},
                fulfillment_status="FULFILLED",
                **{"street": "Bd. Carol 7", "postcode": "310133", **shared, **more},
            )
            .returning(orders.c.id)
        )  # fmt: skip
        connection.execute(
            insert(parcels).values(
                order_id=order_id, shop_id=1, tracking=tracking, tracking_key=tracking,
                value_minor=15500, **shared,
            )
        )  # fmt: skip
        return int(order_id or 0)


def a_photo(engine: Engine, code: str = "", sha: str = "a" * 64) -> None:
    codes = [{"text": code, "format": "Code128", "corners": BARS}] if code else []
    page = {"number": 0, "width": 400, "height": 560, "codes": codes,
            "unread": [] if code else [BARS]}  # fmt: skip
    with db.writing(engine) as connection:
        connection.execute(
            insert(pictures).values(
                sha256=sha, filename="p.jpg", mime="", size=1, width=0, height=0, created_at=NOON
            )
        )
        connection.execute(
            insert(pile_pictures).values(
                pile_id=1, sha256=sha, filename="p.jpg", state="read", kind="label", added_by="ana",
                added_at=NOON, reading={"pages": [page]},
            )
        )  # fmt: skip
    if code:
        take_scan(1, code, source="photo", key=f"photo/{sha[:8]}", sha256=sha,
                  corners=BARS)  # fmt: skip


def look(engine: Engine) -> None:
    boxes.make()
    while boxes.read_next():
        pass


def rows(engine: Engine) -> Any:
    with db.reading(engine) as connection:
        return connection.execute(select(table)).all()


def test_one_answer_takes_the_order_and_the_next_scan_matches_by_itself(desk: Engine) -> None:
    wanted = an_order(desk, "#88017", "Ilinca Vrabie", "5500112233")
    an_order(desk, "#88018", "Toma Iacob", "5500112234", street="Str. Morii 2", postcode="310007")
    a_photo(desk, "9900990099001")
    look(desk)
    (box,) = boxes.waiting(1)
    assert box.candidates[0]["order_id"] == wanted
    assert set(box.candidates[0]["kinds"]) == {"name", "street", "town", "postcode", "reference"}
    assert all(0 <= part <= 1 for mark in box.candidates[0]["marks"] for part in mark)
    boxes.take(box.id, wanted)
    assert boxes.waiting(1) == []
    again = take_scan(1, "9900990099001", source="scanner", key="k2")
    assert again.outcome is MatchOutcome.MATCHED
    assert again.order_id == wanted


def test_what_was_read_is_forgotten_once_the_order_is_found(desk: Engine) -> None:
    wanted = an_order(desk, "#88017", "Ilinca Vrabie", "5500112233")
    a_photo(desk, "9900990099001")
    look(desk)
    boxes.take(boxes.waiting(1)[0].id, wanted)
    (box,) = rows(desk)
    assert "VRABIE" not in str(box.fields).upper()
    assert set(box.fields) == {"kinds"}
    with pytest.raises(UserError):
        boxes.take(box.id, wanted)


def test_a_box_whose_bars_were_not_read_is_learnt_by_its_own_number(desk: Engine) -> None:
    wanted = an_order(desk, "#88017", "Ilinca Vrabie", "5500112233")
    a_photo(desk)
    look(desk)
    (box,) = boxes.waiting(1)
    boxes.take(box.id, wanted)
    with db.reading(desk) as connection:
        assert list(connection.scalars(select(aliases.c.code_key))) == [boxes.number_of(box.id)]
        assert list(connection.scalars(select(scans.c.order_id))) == [wanted]


def test_an_empty_hand_says_what_was_read_and_the_next_sync_finds_the_order(desk: Engine) -> None:
    a_photo(desk, "9900990099001")
    look(desk)
    (box,) = boxes.waiting(1)
    assert box.candidates == []
    assert box.why.code == FindCode.NOTHING_FITS
    read = {one.code for one in box.why.parameters["read"]}
    assert {"field_name", "field_postcode", "field_reference"} <= read
    wanted = an_order(desk, "#88017", "Ilinca Vrabie", "5500112233")
    assert boxes.look_again() == 1
    assert boxes.waiting(1)[0].candidates[0]["order_id"] == wanted


def test_an_order_that_a_person_refused_is_not_offered_again(desk: Engine) -> None:
    an_order(desk, "#88017", "Ilinca Vrabie", "5500112233")
    a_photo(desk, "9900990099001")
    look(desk)
    boxes.none_of_these(boxes.waiting(1)[0].id)
    boxes.look_again()
    assert boxes.waiting(1)[0].candidates == []


@pytest.mark.parametrize("allowed", [False, True])
def test_nothing_is_taken_without_a_person_unless_the_preference_allows_it(
    desk: Engine, monkeypatch: pytest.MonkeyPatch, allowed: bool
) -> None:
    wanted = an_order(desk, "#88017", "Ilinca Vrabie", "CE123456785RO")
    _prints(monkeypatch, (*ROWS, "CE123456785RO"))
    with db.writing(desk) as connection:
        preferences.save(connection, take_found_orders=allowed)
    a_photo(desk, "9900990099001")
    look(desk)
    (box,) = rows(desk)
    assert (box.state, box.order_id) == (
        (BoxState.FOUND, wanted) if allowed else (BoxState.OPEN, None)
    )


@pytest.mark.parametrize(
    "change", [{"cancelled_at": NOON}, {"note": ""}], ids=["cancelled", "open"]
)
def test_an_order_that_is_cancelled_meanwhile_is_no_candidate(
    desk: Engine, change: dict[str, Any]
) -> None:
    an_order(desk, "#88017", "Ilinca Vrabie", "5500112233")
    with db.writing(desk) as connection:
        connection.execute(update(orders).values(**change))
    a_photo(desk, "9900990099001")
    look(desk)
    assert bool(boxes.waiting(1)[0].candidates) == ("note" in change)


def test_a_label_whose_code_matched_makes_no_box(desk: Engine) -> None:
    an_order(desk, "#88017", "Ilinca Vrabie", "5500112233")
    a_photo(desk, "5500112233")
    look(desk)
    assert rows(desk) == []


def test_print_that_cannot_be_read_is_told_and_holds_nothing_up(
    desk: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: Any) -> Print:
        raise PictureError("Too dark.")

    monkeypatch.setattr(boxes.doors, "read_print", fails)
    a_photo(desk, "9900990099001")
    look(desk)
    (box,) = boxes.waiting(1)
    assert box.why.code == FindCode.CANNOT_READ


def test_a_box_closes_when_its_code_is_linked_elsewhere(desk: Engine) -> None:
    a_photo(desk, "9900990099001")
    look(desk)
    wanted = an_order(desk, "#1", "Somebody Else", "9900990099001", postcode="1", street="X 2")
    with db.writing(desk) as connection:
        connection.execute(update(scans).values(order_id=wanted))
    assert boxes.look_again() == 0
    assert rows(desk)[0].state == BoxState.FOUND
