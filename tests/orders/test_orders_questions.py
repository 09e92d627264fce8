"""A label is one question, however many codes lie on it; nothing else is hidden."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, insert
from test_orders_scans import AWB, add

from core.errors import UserError
from core.orders.piles import edits, piles, questions, scans
from core.store import db
from core.store.tables import connections
from core.store.types import now

PICTURE = "a" * 64


@pytest.fixture
def shop(engine: Engine) -> int:
    values = {"kind": "shop", "service": "shopify", "name": "Casa", "settings": {}, "secrets": ""}
    made = insert(connections).values(**values, created_at=now()).returning(connections.c.id)
    with db.writing(engine) as connection:
        return connection.scalar(made) or 0


def square(left: float, top: float, wide: float = 100, high: float = 30) -> list[list[float]]:
    return [[left, top], [left + wide, top], [left + wide, top + high], [left, top + high]]


def take(
    engine: Engine, pile: int, code: str, corners: list[list[float]], sha: str = PICTURE
) -> int:
    taken = scans.take_scan(
        pile, code, by="ana", source="photo", key=f"{code}-{corners[0]}", sha256=sha,
        corners=corners, engine=engine,
    )  # fmt: skip
    return taken.scan_id


def codes(engine: Engine, pile: int) -> list[str]:
    return [one.code for one in questions.asked(pile, engine).questions]


def test_a_code_beside_the_one_that_matched_asks_nothing_and_is_told(
    engine: Engine, shop: int
) -> None:
    add(engine, shop, AWB)
    pile = piles.create("Monday", "ana", engine)
    take(engine, pile, AWB, square(0, 0))
    take(engine, pile, "31000207", square(0, 40))
    assert codes(engine, pile) == []
    assert questions.asked(pile, engine).beside_matched == ("31000207",)


@pytest.mark.parametrize(("corners", "sha"), [(square(0, 200), PICTURE), (square(0, 40), "b" * 64)])
def test_a_code_of_a_neighbouring_label_or_of_another_picture_is_asked_about(
    engine: Engine, shop: int, corners: list[list[float]], sha: str
) -> None:
    add(engine, shop, AWB)
    pile = piles.create("Monday", "ana", engine)
    take(engine, pile, AWB, square(0, 0))
    take(engine, pile, "31000207", corners, sha)
    assert codes(engine, pile) == ["31000207"]


def test_a_number_that_a_courier_is_sure_of_is_asked_about_wherever_it_lies(
    engine: Engine, shop: int
) -> None:
    add(engine, shop, AWB)
    pile = piles.create("Monday", "ana", engine)
    take(engine, pile, AWB, square(0, 0))
    take(engine, pile, "1ONB24317719832", square(0, 35))
    assert codes(engine, pile) == ["1ONB24317719832"]


def test_the_later_of_two_answers_is_told_and_changes_nothing(engine: Engine, shop: int) -> None:
    order_id = add(engine, shop, AWB)
    second = add(engine, shop, "1ONB24300000002")
    pile = piles.create("Monday", "ana", engine)
    scan_id = take(engine, pile, "2000000000777", square(0, 0))
    (first,) = questions.choices([order_id], engine)
    (other,) = questions.choices([second], engine)
    edits.link_by_hand(scan_id, first.parcel_id, "ana", engine=engine)
    with pytest.raises(UserError, match="meanwhile"):
        edits.link_by_hand(scan_id, other.parcel_id, "ion", engine=engine)


@given(st.floats(0, 500), st.floats(0, 500))
def test_the_gap_between_two_codes_is_the_same_from_both_sides(left: float, top: float) -> None:
    one, other = questions._box(square(0, 0)), questions._box(square(left, top))
    assert questions._gap(one, other) == questions._gap(other, one)
    assert questions._gap(one, one) == 0
