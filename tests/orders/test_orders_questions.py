"""A label is one question, however many codes lie on it; nothing else is hidden."""

import itertools
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine
from test_orders_scans import AWB, add

from core.errors import UserError
from core.orders.piles import card, edits, labels, piles, questions, scans

PICTURE = "a" * 64
numbers = itertools.count(1)
same_desk = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)


def square(left: float, top: float, wide: float = 100, high: float = 30) -> list[list[float]]:
    return [[left, top], [left + wide, top], [left + wide, top + high], [left, top + high]]


def take(
    engine: Engine, pile: int, code: str, corners: list[list[float]], sha: str = PICTURE
) -> int:
    taken = scans.take_scan(
        pile, code, source="photo", key=f"{code}-{corners[0]}", sha256=sha,
        corners=corners,
    )  # fmt: skip
    return taken.scan_id


def codes(engine: Engine, pile: int) -> list[str]:
    return [one.code for one in questions.asked(pile).questions]


def test_a_code_beside_the_one_that_matched_asks_nothing_and_is_told(
    engine: Engine, shop: int
) -> None:
    add(engine, shop, AWB)
    pile = piles.create("Monday")
    take(engine, pile, AWB, square(0, 0))
    take(engine, pile, "31000207", square(0, 40))
    assert codes(engine, pile) == []
    assert questions.asked(pile).beside_matched == ("31000207",)


Taken = list[tuple[str, list[list[float]]]]
ROUTING: Taken = [("31000207", square(0, 40)), ("HOLO-551", square(0, -40))]


@pytest.mark.parametrize("order", ["first", "between", "last"])
def test_other_codes_of_a_matched_label_are_counted_as_such_in_whichever_order_they_come(
    engine: Engine, shop: int, order: str
) -> None:
    """Nothing asks about them: not the counters, not the newest scans, not what is open."""
    add(engine, shop, AWB)
    pile = piles.create("Monday")
    codes_: Taken = [*ROUTING]
    codes_.insert({"first": 0, "between": 1, "last": 2}[order], (AWB, square(0, 0)))
    for code, corners in codes_:
        take(engine, pile, code, corners)
    assert card.counters(pile) == {"matched": 1, "not_tracking": 2}
    assert card.outcomes(pile) == {"matched": 1, "unmatched": 2}
    assert card.unresolved(pile).empty
    newest = card.recent(pile).set_index("code")["verdict"]
    assert {newest[code] for code, _ in ROUTING} == {"not_tracking"}
    assert codes(engine, pile) == []


@pytest.mark.parametrize("by", ["sha256", "sight"])
def test_the_second_code_of_one_label_is_not_told_as_seen_already(
    engine: Engine, shop: int, by: str
) -> None:
    """Bars and square of one label, in one picture: nobody scanned anything twice."""
    add(engine, shop, AWB)
    pile = piles.create("Monday")
    key = itertools.count()

    def scanned(picture: str) -> scans.ScanResult:
        return scans.take_scan(pile, AWB, source="photo", key=str(next(key)), **{by: picture})

    assert [scanned(PICTURE).verdict for _ in range(2)] == ["matched", "matched"]
    assert [scanned("b" * 64).verdict for _ in range(2)] == ["seen", "seen"]
    assert scanned("").verdict == "seen"  # no picture: no label to share
    assert card.parcels_in(pile) == 1


def test_the_answer_to_a_second_code_says_so_itself_and_so_does_its_repetition(
    engine: Engine, shop: int
) -> None:
    add(engine, shop, AWB)
    pile = piles.create("Monday")
    take(engine, pile, AWB, square(0, 0))
    answers = [
        scans.take_scan(
            pile, "31000207", source="photo", key="k", sha256=PICTURE,
            corners=square(0, 40),
        )
        for _ in range(2)
    ]  # fmt: skip
    assert [one.repeated for one in answers] == [False, True]
    assert {(one.verdict, one.outcome) for one in answers} == {("not_tracking", "unmatched")}
    assert {one.why for one in answers} == {labels.BESIDE}


@pytest.mark.parametrize("way", ["undo", "remove"])
def test_when_the_match_is_taken_back_its_neighbours_are_asked_about_again(
    engine: Engine, shop: int, way: str
) -> None:
    order_id = add(engine, shop, AWB)
    pile = piles.create("Monday")
    take(engine, pile, "31000207", square(0, 40))
    take(engine, pile, AWB, square(0, 0))
    assert codes(engine, pile) == []
    if way == "undo":
        assert edits.undo_last_scan(pile) == AWB
    else:
        edits.remove_order(pile, order_id)
    assert codes(engine, pile) == ["31000207"]
    assert card.outcomes(pile) == {"unmatched": 1}
    take(engine, pile, AWB, square(1, 0))
    assert codes(engine, pile) == []


def test_a_label_that_a_person_gives_its_order_asks_nothing_more(engine: Engine, shop: int) -> None:
    order_id = add(engine, shop, AWB)
    pile = piles.create("Monday")
    scan_id = take(engine, pile, "2000000000777", square(0, 0))
    take(engine, pile, "31000207", square(0, 40))
    assert len(codes(engine, pile)) == 1
    (choice,) = questions.choices([order_id])
    edits.link_by_hand(scan_id, choice.parcel_id)
    assert codes(engine, pile) == []
    assert card.outcomes(pile) == {"matched": 1, "unmatched": 1}


@same_desk
@given(st.data())
def test_every_scan_is_matched_ambiguous_or_unmatched_whatever_lies_where(
    engine: Engine, shop: int, data: Any
) -> None:
    """Rule 8 holds in any order, and exactly the codes near the match ask nothing."""
    number = f"1ONB2431{next(numbers):07}"
    add(engine, shop, number)
    pile = piles.create("Monday")
    sha = f"{next(numbers):064}"
    tops = data.draw(st.lists(st.integers(-400, 400).filter(lambda top: abs(top) > 30), max_size=6))
    laid = [(f"REF{n}X{abs(top)}", square(0, top)) for n, top in enumerate(tops)]
    for code, corners in data.draw(st.permutations([(number, square(0, 0)), *laid])):
        take(engine, pile, code, corners, sha)
    far = [code for code, corners in laid if labels.gap(
        labels.box_of(corners), labels.box_of(square(0, 0))) > 50]  # fmt: skip
    asked = questions.asked(pile).questions
    assert sorted(code for one in asked for code in (one.code, *one.beside)) == sorted(far)
    counted = card.outcomes(pile)
    assert counted.pop("matched") == 1
    assert sum(counted.values()) == len(laid)
    assert card.counters(pile).get("unknown", 0) == len(far)


def test_codes_beside_each_other_on_a_label_without_an_order_are_one_question(
    engine: Engine, shop: int
) -> None:
    pile = piles.create("Monday")
    take(engine, pile, "HOLO-551", square(0, 40))
    take(engine, pile, "1ONB24317719832", square(0, 0))
    take(engine, pile, "DEPOT 7", square(0, -40))
    take(engine, pile, "HOLO-552", square(900, 40))
    beside = {one.code: one.beside for one in questions.asked(pile).questions}
    assert beside == {"1ONB24317719832": ("HOLO-551", "DEPOT 7"), "HOLO-552": ()}


def test_a_code_that_stands_twice_on_a_label_is_named_once_and_settled_twice(
    engine: Engine, shop: int
) -> None:
    pile = piles.create("Monday")
    take(engine, pile, "1ONB24317719888", square(0, 0))
    take(engine, pile, "DEPOT 9", square(0, 40))
    take(engine, pile, "DEPOT 9", square(0, -40))
    (one,) = questions.asked(pile).questions
    assert (one.beside, len(one.beside_ids)) == (("DEPOT 9",), 2)


def test_a_label_is_no_parcel_with_all_its_codes_and_a_linked_one_learns_the_telling_code_alone(
    engine: Engine, shop: int
) -> None:
    order_id = add(engine, shop, AWB)
    pile = piles.create("Monday")
    take(engine, pile, "HOLO-551", square(0, 0))
    take(engine, pile, "DEPOT 7", square(0, 40))
    (one,) = questions.asked(pile).questions
    assert (one.code, one.beside, len(one.scan_ids)) == ("HOLO-551", ("DEPOT 7",), 1)
    (choice,) = questions.choices([order_id])
    edits.link_by_hand(one.scan_ids[0], choice.parcel_id)
    assert codes(engine, pile) == []
    tuesday = piles.create("Tuesday")
    take(engine, tuesday, "DEPOT 7", square(0, 0), "c" * 64)
    assert codes(engine, tuesday) == ["DEPOT 7"]


def test_two_numbers_that_couriers_print_are_two_questions_however_near_they_lie(
    engine: Engine, shop: int
) -> None:
    pile = piles.create("Monday")
    take(engine, pile, "1ONB24317719832", square(0, 0))
    take(engine, pile, "1ONB24317719833", square(0, 35))
    assert len(codes(engine, pile)) == 2


@same_desk
@given(st.data())
def test_labels_in_a_row_are_as_many_questions_whatever_order_their_codes_come_in(
    engine: Engine, shop: int, data: Any
) -> None:
    pile, sha = piles.create("Monday"), f"{next(numbers):064}"
    labels_ = data.draw(st.integers(1, 5))
    laid = [
        (f"{word}{next(numbers)}{word}", square(600 * label, 40 * row))
        for label in range(labels_)
        for row, word in enumerate(("REF", "DEP", "ZON")[: data.draw(st.integers(1, 2))])
    ]
    for code, corners in data.draw(st.permutations(laid)):
        take(engine, pile, code, corners, sha)
    asked = questions.asked(pile).questions
    assert len(asked) == labels_
    assert sorted(code for one in asked for code in (one.code, *one.beside)) == sorted(
        code for code, _ in laid
    )


@pytest.mark.parametrize(("corners", "sha"), [(square(0, 200), PICTURE), (square(0, 40), "b" * 64)])
def test_a_code_of_a_neighbouring_label_or_of_another_picture_is_asked_about(
    engine: Engine, shop: int, corners: list[list[float]], sha: str
) -> None:
    add(engine, shop, AWB)
    pile = piles.create("Monday")
    take(engine, pile, AWB, square(0, 0))
    take(engine, pile, "31000207", corners, sha)
    assert codes(engine, pile) == ["31000207"]


def test_a_number_that_a_courier_is_sure_of_is_asked_about_wherever_it_lies(
    engine: Engine, shop: int
) -> None:
    add(engine, shop, AWB)
    pile = piles.create("Monday")
    take(engine, pile, AWB, square(0, 0))
    take(engine, pile, "1ONB24317719832", square(0, 35))
    assert codes(engine, pile) == ["1ONB24317719832"]


def test_the_later_of_two_answers_is_told_and_changes_nothing(engine: Engine, shop: int) -> None:
    order_id = add(engine, shop, AWB)
    second = add(engine, shop, "1ONB24300000002")
    pile = piles.create("Monday")
    scan_id = take(engine, pile, "2000000000777", square(0, 0))
    (first,) = questions.choices([order_id])
    (other,) = questions.choices([second])
    edits.link_by_hand(scan_id, first.parcel_id)
    with pytest.raises(UserError, match="meanwhile"):
        edits.link_by_hand(scan_id, other.parcel_id)


@given(st.floats(0, 500), st.floats(0, 500))
def test_the_gap_between_two_codes_is_the_same_from_both_sides(left: float, top: float) -> None:
    one, other = labels.box_of(square(0, 0)), labels.box_of(square(left, top))
    assert labels.gap(one, other) == labels.gap(other, one)
    assert labels.gap(one, one) == 0
