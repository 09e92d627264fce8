"""What `refuz decode --json` tells of a picture: nothing that the reader knows is kept back."""

from pathlib import Path

from core.cli.pictures import picture_record
from core.intake import Code, PictureError, Reading, Unread

SQUARE = ((1.04, 2.0), (30.0, 2.0), (30.0, 40.0), (1.04, 40.0))


def test_a_weak_word_says_so_and_names_its_stage_and_page() -> None:
    first = Reading((Code("1ONB24222308781", "Code128", SQUARE, "sure", "upright"),), (), 9, 9, 1.0)
    second = Reading((Code("1ONB24222308782", "Code128", SQUARE, "weak", "model"),), (), 9, 9, 2.0)
    record = picture_record(Path("a.pdf"), [first, second])
    kept = [
        (one["text"][-1], one["confidence"], one["stage"], one["page"]) for one in record["codes"]
    ]
    assert kept == [("1", "sure", "upright", 1), ("2", "weak", "model", 2)]
    assert record["codes"][0]["corners"][0] == [1.0, 2.0]


def test_an_unread_place_is_told_with_its_reason_and_what_readers_guessed() -> None:
    unread = Unread(SQUARE, "why", ("A1", "A7"))
    (place,) = picture_record(Path("a.jpg"), [Reading((), (unread,), 9, 9, 1.0)])["unread"]
    assert (place["page"], place["reason"], place["guesses"]) == (1, "why", ["A1", "A7"])
    assert len(place["corners"]) == 4


def test_a_picture_that_cannot_be_opened_has_the_same_fields() -> None:
    refused = picture_record(Path("a.jpg"), PictureError("This file is empty."))
    assert set(refused) == set(picture_record(Path("a.jpg"), []))
    assert refused["error"] == "This file is empty."
