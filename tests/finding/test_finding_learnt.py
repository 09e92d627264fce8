"""The sender's own lines are learnt from a pile, and an answer stands while boxes are weighed."""

from typing import Any

import pytest
from box_desk import a_photo, an_order, look, prints, rows
from sqlalchemy import Engine

from core.finding import boxes
from core.intake.types import Print
from core.store.states import BoxState

OWN = ("Textile Bran SRL", "Calea Moldovei 77", "Bistrita 420096")
PEOPLE = ("Ilinca Vrabie", "Toma Iacob", "Sanda Nemes", "Doru Pintilie", "Eva Szilagyi")


def a_pile_on_its_way_back(desk: Engine, monkeypatch: pytest.MonkeyPatch) -> int:
    """Five labels with the shop as receiver, and a trial order to the shop itself."""
    trial = an_order(desk, "#1", OWN[0], "77001", street=OWN[1], city="Bistrita", postcode="420096")
    for at, name in enumerate(PEOPLE):
        an_order(desk, f"#880{at}", name, f"55001122{at}", street=f"Str. Cetatii {at + 3}",
                 postcode=f"31013{at}")  # fmt: skip
    an_order(desk, "#99", "Liviu Hateganu", "660077", street="Str. Lunga 8", postcode="310777")
    for at, name in enumerate(PEOPLE):
        address = (f"Str. Cetatii {at + 3}", f"31013{at} Arad")
        back = ("Expeditor", name, *address, "Destinatar", *OWN)
        prints(monkeypatch, back)
        a_photo(desk, f"99009900990{at}", sha=chr(ord("a") + at) * 64)
        look(desk)
    return trial


def test_the_shops_own_lines_are_learnt_from_a_pile_and_looked_at_again(
    desk: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    trial = a_pile_on_its_way_back(desk, monkeypatch)
    found = boxes.waiting(1)
    assert [one.candidates[0]["name"] for one in found] == [f"#880{at}" for at in range(5)]
    assert trial not in [one["order_id"] for box in found for one in box.candidates]


def test_what_was_learnt_of_the_sender_outlives_the_boxes_that_taught_it(
    desk: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    trial = a_pile_on_its_way_back(desk, monkeypatch)
    for box in boxes.waiting(1):
        boxes.take(box.id, box.candidates[0]["order_id"])
    kept = str([one.fields for one in rows(desk)]).upper()
    assert "TEXTILE BRAN" in kept
    assert not any(name.split()[1].upper() in kept for name in PEOPLE)
    prints(monkeypatch, ("Expeditor", "Liviu Hateganu", "Str. Lunga 8", "Destinatar", *OWN))
    a_photo(desk, "8800880088", sha="f" * 64)
    look(desk)
    (box,) = boxes.waiting(1)
    assert box.candidates[0]["name"] == "#99"
    assert trial not in [one["order_id"] for one in box.candidates]


def test_a_box_that_is_answered_while_it_is_weighed_stays_answered(
    desk: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = an_order(desk, "#88017", "Ilinca Vrabie", "5500112233")
    a_photo(desk, "9900990099001")
    look(desk)
    (box,) = boxes.waiting(1)
    weighed = boxes.rank

    def slowly(*args: Any, **more: Any) -> Any:
        found = weighed(*args, **more)
        boxes.take(box.id, wanted)
        return found

    monkeypatch.setattr(boxes, "rank", slowly)
    boxes.look_again()
    (row,) = rows(desk)
    assert (row.state, row.order_id) == (BoxState.FOUND, wanted)
    assert row.candidates is None


def test_nothing_is_kept_of_a_label_that_was_answered_while_it_was_read(
    desk: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = an_order(desk, "#88017", "Ilinca Vrabie", "5500112233")
    a_photo(desk, "9900990099001")
    reading = boxes.doors.read_print

    def slowly(*args: Any) -> Print:
        (row,) = rows(desk)
        boxes.take(row.id, wanted)
        return reading(*args)

    monkeypatch.setattr(boxes.doors, "read_print", slowly)
    look(desk)
    (row,) = rows(desk)
    assert (row.state, set(row.fields)) == (BoxState.FOUND, {"kinds"})
