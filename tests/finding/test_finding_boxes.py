"""A box whose code leads nowhere becomes a question, and one answer is learnt."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from box_desk import NOON, ROWS, a_photo, an_order, look, prints, rows
from sqlalchemy import Engine, select, update

from core import rights
from core.errors import UserError
from core.finding import boxes
from core.finding.codes import FieldCode, FindCode
from core.i18n.reasons import sentence
from core.intake import PictureError
from core.intake.types import Print
from core.orders.piles import edits, questions
from core.orders.piles.scans import take_scan
from core.reasons import Reason
from core.rights import Right
from core.settings import preferences
from core.store import db
from core.store.states import BoxState, MatchOutcome
from core.store.tables import (
    aliases,
    orders,
    scans,
)


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


def test_cash_that_agrees_is_told_as_money_of_the_reader_s_language(
    desk: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    prints(monkeypatch, (*ROWS, "Ramburs: 155.00 LEI"))
    an_order(desk, "#88017", "Ilinca Vrabie", "5500112233")
    a_photo(desk, "9900990099001")
    look(desk)
    (box,) = boxes.waiting(1)
    agreements = [Reason.from_json(one) for one in box.candidates[0]["reasons"]]
    (cash,) = [one for one in agreements if one.parameters["field"] == Reason(FieldCode.CASH)]
    assert sentence(cash, "ro") == "ramburs: 155,00 lei"
    assert sentence(cash, "en") == "cash on delivery: 155.00 lei"


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
    assert set(rows(desk)[0].fields) == {"kinds"}


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
    prints(monkeypatch, (*ROWS, "CE123456785RO"))
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


# ---------------------------------------------------------------- a label asks once

ONE_CODE = ("9900990099001",)
ITS_CODES = [ONE_CODE, ("HOLO-551", "9900990099001"), ("9900990099001", "HOLO-551", "DEPOT 7")]


def take(order_id: int) -> None:
    (box,) = boxes.to_look_at(1).boxes
    boxes.take(box.id, order_id)


def dismiss(_: int) -> None:
    (box,) = boxes.to_look_at(1).boxes
    boxes.dismiss(box.id)


def refuse_then_say_no_parcel(_: int) -> None:
    (box,) = boxes.to_look_at(1).boxes
    boxes.none_of_these(box.id)
    (question,) = boxes.to_look_at(1).questions
    boxes.no_parcel(question)


def refuse_then_link(order_id: int) -> None:
    (box,) = boxes.to_look_at(1).boxes
    boxes.none_of_these(box.id)
    (question,) = boxes.to_look_at(1).questions
    (choice,) = questions.choices([order_id])
    for scan_id in question.scan_ids:
        edits.link_by_hand(scan_id, choice.parcel_id)


ANSWERS = [take, dismiss, refuse_then_say_no_parcel, refuse_then_link]


@pytest.mark.parametrize("read", ITS_CODES, ids=len)
@pytest.mark.parametrize("photos", [1, 2])
@pytest.mark.parametrize("answer", ANSWERS)
def test_a_label_that_no_order_has_asks_once_and_one_answer_ends_it(
    desk: Engine, read: tuple[str, ...], photos: int, answer: Callable[[int], None]
) -> None:
    """However many codes lie on it, and however often it was photographed."""
    wanted = an_order(desk, "#88017", "Ilinca Vrabie", "5500112233")
    for number in range(photos):
        a_photo(desk, *read, sha=f"{number}" * 64)
    assert boxes.to_look_at(1).count == 1  # before its print is read, too
    look(desk)
    asked = boxes.to_look_at(1)
    assert (len(asked.boxes), asked.questions) == (1, ())
    answer(wanted)
    assert boxes.to_look_at(1).count == 0
    boxes.look_again()
    look(desk)
    assert boxes.to_look_at(1).count == 0
    assert {row.state for row in rows(desk)} <= {BoxState.FOUND, BoxState.DISMISSED}


@pytest.mark.parametrize("read", ITS_CODES, ids=len)
def test_a_box_without_candidates_leaves_the_question_to_its_codes(
    desk: Engine, read: tuple[str, ...]
) -> None:
    """There an order can be searched for."""
    a_photo(desk, *read)
    look(desk)
    asked = boxes.to_look_at(1)
    assert (asked.boxes, [one.code for one in asked.questions]) == ((), ["9900990099001"])


def test_a_box_whose_bars_were_not_read_is_asked_about_beside_other_labels(desk: Engine) -> None:
    an_order(desk, "#88017", "Ilinca Vrabie", "5500112233")
    a_photo(desk)
    a_photo(desk, *ONE_CODE, sha="c" * 64)
    take_scan(1, "9900990099002", source="scanner", key="k9")
    look(desk)
    asked = boxes.to_look_at(1)
    assert (len(asked.boxes), len(asked.questions)) == (2, 1)


def test_a_box_whose_neighbour_finds_its_order_asks_nothing(desk: Engine) -> None:
    a_photo(desk, "HOLO-551", "9900990099001")
    look(desk)
    wanted = an_order(desk, "#88017", "Ilinca Vrabie", "5500112233")
    boxes.look_again()
    assert len(boxes.to_look_at(1).boxes) == 1
    (choice,) = questions.choices([wanted])
    with db.reading(desk) as connection:
        query = select(scans.c.id).where(scans.c.code == "9900990099001")
        number = connection.scalar(query)
    edits.link_by_hand(int(number or 0), choice.parcel_id)
    assert boxes.to_look_at(1).count == 0
    assert rows(desk)[0].fields is not None
    boxes.look_again()
    assert rows(desk)[0].fields is None


def test_who_may_not_see_names_is_asked_about_the_code(desk: Engine) -> None:
    an_order(desk, "#88017", "Ilinca Vrabie", "5500112233")
    a_photo(desk, *ONE_CODE)
    look(desk)
    less = replace(rights.actor(), rights=rights.actor().rights - {Right.NAMES})
    with rights.acting(less):
        asked = boxes.to_look_at(1)
    assert (asked.boxes, len(asked.questions)) == ((), 1)


def test_all_like_it_says_nothing_of_another_label_whose_bars_are_unread(desk: Engine) -> None:
    """Only the answered label is done with; the other's box goes on asking."""
    an_order(desk, "#88017", "Ilinca Vrabie", "5500112233")
    a_photo(desk, "HOLO-551")
    a_photo(desk, "HOLO-552", sha="c" * 64)
    look(desk)
    first, second = boxes.to_look_at(1).boxes
    boxes.none_of_these(first.id)
    (question,) = boxes.to_look_at(1).questions
    assert boxes.no_parcel(question, all_like=True) == 2
    asked = boxes.to_look_at(1)
    assert ([box.id for box in asked.boxes], asked.questions) == ([second.id], ())
