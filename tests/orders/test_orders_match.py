"""A code finds exactly one order, or it is a question (rule 7)."""

import string

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from match_desk import NUMBERS, add, learn
from sqlalchemy import Connection, insert, select, update

from core.labels.codes import LabelCode
from core.labels.couriers.dpd import check_character
from core.matching.match import match
from core.reasons import Reason
from core.store.tables import parcels

ALPHABET = string.digits + string.ascii_uppercase


@pytest.mark.parametrize("number", NUMBERS)
def test_a_known_number_is_found_however_it_is_written(desk: Connection, number: str) -> None:
    for written in (number, f" {number.lower()}\r\n", f"]C0{number}", f"*{number}*"):
        found = match(desk, written)
        assert (found.outcome, found.matched_by, found.tracking) == ("matched", "exact", number)


@pytest.mark.parametrize(
    ("code", "way", "tracking"),
    [
        ("1ONB24222308781001", "courier", "1ONB24222308781"),
        ("70001210836460001", "courier", "7000121083646"),
        ("%0101234130540010000011010642", "courier", "13054001000001"),
        ("804419419001", "prefix", "804419419"),
        ("Z12345678", "prefix", "Z1234567890"),
        ("https://trk.example/1ONB24222308781?r=7", "courier", "1ONB24222308781"),
    ],
)
def test_a_longer_or_shorter_label_text_finds_its_order(
    desk: Connection, code: str, way: str, tracking: str
) -> None:
    found = match(desk, code)
    assert (found.outcome, found.matched_by, found.tracking) == ("matched", way, tracking)


@settings(
    max_examples=4 * settings.default.max_examples,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    deadline=None,
)
@given(
    number=st.sampled_from(NUMBERS),
    place=st.integers(0, 20),
    letter=st.sampled_from(ALPHABET),
    change=st.sampled_from(["replace", "insert", "remove", "swap"]),
)
def test_every_one_character_change_of_a_known_number_gives_no_automatic_match(
    desk: Connection, number: str, place: int, letter: str, change: str
) -> None:
    at = place % len(number)
    changed = {
        "replace": number[:at] + letter + number[at + 1 :],
        "insert": number[:place] + letter + number[place:],
        "remove": number[:at] + number[at + 1 :],
        "swap": number[:at] + number[at : at + 2][::-1] + number[at + 2 :],
    }[change]
    same = (number, number + check_character(number) if number.isdigit() else number)
    found = match(desk, changed)
    if changed in NUMBERS:  # another number that is known is simply that one
        assert (found.outcome, found.matched_by, found.tracking) == ("matched", "exact", changed)
    elif changed not in same:
        assert found.outcome != "matched", changed


# ---------------------------------------------------------------- a symbol that is in doubt

FROM_EVERY_ONE = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)


def one_symbol_apart(one: str, other: str) -> bool:
    """Whether a single wrong symbol of Code 128 makes one of the other: a character, or a pair."""
    places = [at for at in range(len(one)) if one[at] != other[at]]
    if len(places) == 1:
        return True
    if len(places) != 2 or places[1] - places[0] != 1:
        return False
    return all(text[places[0] : places[0] + 2].isdigit() for text in (one, other))


# Of each two of NUMBERS that are one symbol apart, neither.
APART = tuple(
    one
    for one in NUMBERS
    if not any(len(one) == len(two) and one_symbol_apart(one, two) for two in NUMBERS)
)


@st.composite
def another(draw: st.DrawFn, number: str) -> str:
    """A number of the same length that differs at up to three places, near each other or not."""
    first = draw(st.integers(0, len(number) - 1))
    beside = range(first, min(first + 2, len(number)))
    anywhere = st.lists(st.integers(0, len(number) - 1), max_size=3)
    changed = list(number)
    for at in draw(st.one_of(st.just([first]), st.just(list(beside)), anywhere)):
        kind = string.digits if draw(st.booleans()) else ALPHABET
        changed[at] = draw(st.sampled_from(kind))
    return "".join(changed)


@FROM_EVERY_ONE
@given(data=st.data(), number=st.sampled_from(APART), is_learnt=st.booleans())
def test_in_doubt_another_order_one_symbol_away_is_a_question_and_no_other_is(
    desk: Connection, data: st.DataObject, number: str, is_learnt: bool
) -> None:
    other = data.draw(another(number).filter(lambda found: found not in NUMBERS))
    with desk.begin_nested() as undone:
        parcel_id = add(desk, "#other", "999888777666555" if is_learnt else other)
        if is_learnt:
            learn(desk, other, parcel_id)
        sure, doubted = match(desk, number), match(desk, number, weak=True)
        undone.rollback()
    assert (sure.outcome, sure.tracking) == ("matched", number)
    if one_symbol_apart(number, other):
        assert (doubted.outcome, doubted.order_id, len(doubted.candidates)) == (
            "ambiguous",
            None,
            2,
        )
        assert doubted.why == Reason.of(
            "nearly", orders=tuple(sorted(("#other", f"#{NUMBERS.index(number)}")))
        )
    else:
        assert (doubted.outcome, doubted.tracking) == ("matched", number)


@FROM_EVERY_ONE
@given(data=st.data(), code=st.from_regex(r"[0-9]{14}", fullmatch=True), is_learnt=st.booleans())
def test_in_doubt_a_learnt_number_is_a_question_where_another_is_one_symbol_away(
    desk: Connection, data: st.DataObject, code: str, is_learnt: bool
) -> None:
    other = data.draw(another(code).filter(lambda found: found != code))
    with desk.begin_nested() as undone:
        learn(desk, code, add(desk, "#one", "1ONB99999999901"))
        parcel_id = add(desk, "#other", "1ONB55555555502" if is_learnt else other)
        if is_learnt:
            learn(desk, other, parcel_id)
        sure, doubted = match(desk, code), match(desk, code, weak=True)
        undone.rollback()
    assert (sure.outcome, sure.order_name) == ("matched", "#one")
    near = one_symbol_apart(code, other)
    assert doubted.outcome == ("ambiguous" if near else "matched")
    assert len(doubted.candidates) == (2 if near else 0)


@FROM_EVERY_ONE
@given(data=st.data(), number=st.sampled_from(["1ONB24222308781", "7000121083646"]))
def test_in_doubt_a_label_s_longer_text_is_asked_about_by_the_number_in_it(
    desk: Connection, data: st.DataObject, number: str
) -> None:
    text = number + ("001" if number.startswith("1ONB") else "0001")
    other = data.draw(another(number).filter(lambda found: found not in NUMBERS))
    with desk.begin_nested() as undone:
        add(desk, "#other", other)
        sure, doubted = match(desk, text), match(desk, text, weak=True)
        undone.rollback()
    assert (sure.outcome, sure.matched_by, sure.tracking) == ("matched", "courier", number)
    assert doubted.outcome == ("ambiguous" if one_symbol_apart(number, other) else "matched")


@pytest.mark.parametrize(
    ("code", "learnt", "near"),
    [
        ("RETUR2231", "RETUR2231", "RETUR2281"),  # a text of no courier
        ("1ONB77777777781001", "1ONB77777777781", "1ONB77777777791"),  # the number in a longer one
        ("https://trk.example/1ONB24222308781?r=7", "", "1ONB24222308791"),
    ],
)
def test_in_doubt_it_is_the_number_read_that_another_s_is_compared_with(
    desk: Connection, code: str, learnt: str, near: str
) -> None:
    if learnt:
        learn(desk, learnt, add(desk, "#one", "9990001112223"))
    assert match(desk, code, weak=True).outcome == "matched"
    add(desk, "#other", near)
    assert match(desk, code).outcome == "matched"
    assert match(desk, code, weak=True).outcome == "ambiguous"


@pytest.mark.parametrize("parts", [1, 2, 20])
def test_in_doubt_several_parcels_of_one_order_are_no_question(
    desk: Connection, parts: int
) -> None:
    """Each with a number as long as a column takes: the question fits into what a database asks."""
    first = "9" * 58
    order_id = desk.scalar(
        select(parcels.c.order_id).where(parcels.c.id == add(desk, "#many", first))
    )
    for part in range(1, parts):
        tracking = f"{first[:-2]}{part:02d}"
        row = insert(parcels).values(
            order_id=order_id, shop_id=1, tracking=tracking, tracking_key=tracking, payment="cod"
        )
        learn(desk, "8" * 60, desk.scalar(row.returning(parcels.c.id)) or 0)
    found = match(desk, "8" * 60 if parts > 1 else first, weak=True)
    assert (found.outcome, found.order_id) == ("matched", order_id)


@FROM_EVERY_ONE
@given(
    number=st.sampled_from(APART),
    added=st.text(ALPHABET, min_size=2, max_size=6),
    is_weak=st.booleans(),
)
def test_a_number_that_was_taken_back_is_never_taken_for_the_beginning_of_anothers(
    desk: Connection, number: str, added: str, is_weak: bool
) -> None:
    """Nor the other way: what it begins with is no guess either."""
    with desk.begin_nested() as undone:
        desk.execute(update(parcels).where(parcels.c.tracking == number).values(void=True))
        add(desk, "#longer", number + added)
        add(desk, "#shorter", number[:-2])
        found = match(desk, number, weak=is_weak)
        undone.rollback()
    assert (found.outcome, found.tracking) == ("matched", number)


# ---------------------------------------------------------------- several


def test_a_number_that_two_orders_have_is_a_question(desk: Connection) -> None:
    add(desk, "#again", NUMBERS[0])
    found = match(desk, NUMBERS[0])
    assert (found.outcome, found.order_id, len(found.candidates)) == ("ambiguous", None, 2)


def test_a_beginning_that_two_orders_share_is_a_question(desk: Connection) -> None:
    add(desk, "#near", "1ONB24222308799")
    assert match(desk, "1ONB242223087").outcome == "ambiguous"


def test_a_last_digit_that_may_be_gls_check_digit_is_asked_about(desk: Connection) -> None:
    found = match(desk, "512345678904")
    assert (found.outcome, len(found.candidates)) == ("ambiguous", 1)


def test_a_learnt_number_finds_the_parcel_it_was_learnt_for(desk: Connection) -> None:
    parcel_id = add(desk, "#back", "13054001000099")
    learn(desk, "99887766554433", parcel_id)
    found = match(desk, "99887766554433")
    assert (found.outcome, found.matched_by, found.parcel_id) == ("matched", "alias", parcel_id)


def test_what_is_no_tracking_number_is_unmatched_and_says_what_it_is(desk: Connection) -> None:
    found = match(desk, "5901234123457", "EAN13")
    assert (found.outcome, found.is_tracking) == ("unmatched", False)
    assert found.why == Reason(LabelCode.PRODUCT)


def test_the_prefix_search_uses_the_index(desk: Connection) -> None:
    plan = desk.exec_driver_sql(
        "EXPLAIN QUERY PLAN SELECT id FROM parcels WHERE tracking_key BETWEEN '1ONB' AND '1ONBZZ'"
    ).all()
    assert any("ix_parcels_tracking_key" in str(row) for row in plan)
