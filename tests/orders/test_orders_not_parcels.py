"""*Not a parcel* is an answer that stays: of one code, or of all like it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, select
from test_orders_scans import add

from core.audit.actions import Action
from core.errors import UserError
from core.matching import not_parcels
from core.orders.piles import card, piles, questions, scans
from core.store import db
from core.store.states import ScanVerdict
from core.store.tables.desk import audit


def scan(pile: int, code: str, key: str) -> ScanVerdict:
    return scans.take_scan(pile, code, source="scanner", key=key).verdict


def test_a_code_said_to_be_no_parcel_is_not_asked_about_again(engine: Engine) -> None:
    pile = piles.create("Monday")
    assert scan(pile, "HOLO-77881", "1") == ScanVerdict.UNKNOWN
    assert not_parcels.say_not_parcel("HOLO-77881") == 1
    assert card.unresolved(pile).empty
    assert scan(pile, "holo-77881", "2") == ScanVerdict.NOT_TRACKING
    assert scan(pile, "HOLO-77882", "3") == ScanVerdict.UNKNOWN
    with db.reading(engine) as connection:
        assert Action.NOT_A_PARCEL in connection.scalars(select(audit.c.action)).all()


def test_all_like_one_code_are_answered_together(engine: Engine) -> None:
    pile = piles.create("Monday")
    for number in range(3):
        scan(pile, f"HOLO-7788{number}", str(number))
    assert not_parcels.say_not_parcel("HOLO-77880", all_like=True) == 3
    assert scan(pile, "HOLO-12345", "a") == ScanVerdict.NOT_TRACKING
    assert scan(pile, "HOLO-123456", "b") == ScanVerdict.UNKNOWN
    assert not_parcels.take_back("HOLO-55555") == 1
    assert scan(pile, "HOLO-12346", "c") == ScanVerdict.UNKNOWN


@pytest.mark.parametrize("code", ["7000121003150", "1ONB24222300008"])
def test_numbers_like_a_couriers_are_answered_one_by_one(engine: Engine, code: str) -> None:
    pile = piles.create("Monday")
    with pytest.raises(UserError):
        not_parcels.say_not_parcel(code, all_like=True)
    assert not_parcels.say_not_parcel(code) == 0
    assert scan(pile, code, "1") == ScanVerdict.NOT_TRACKING


@given(st.text("ABC-", min_size=1, max_size=8), st.integers(0, 99999), st.integers(0, 99999))
def test_a_shape_keeps_letters_and_counts_digits(word: str, one: int, other: int) -> None:
    first, second = f"{word}{one:05}", f"{word}{other:05}"
    assert not_parcels.shape_of(first) == not_parcels.shape_of(second) == f"{word}99999"


def test_a_label_of_several_orders_that_is_no_parcel_asks_no_more_until_it_comes_anew(
    engine: Engine, shop: int
) -> None:
    for name, number in (("#1", "1ONB24222300018"), ("#2", "1ONB24222300026")):
        add(engine, shop, number, name=name, gid=name)
    pile = piles.create("Monday")
    assert scan(pile, "1ONB242223000", "1") == ScanVerdict.AMBIGUOUS
    assert not_parcels.say_not_parcel("1ONB242223000") == 1
    assert questions.asked(pile).questions == ()
    assert card.outcomes(pile) == {"ambiguous": 1}
    assert scan(pile, "1ONB242223000", "2") == ScanVerdict.AMBIGUOUS
