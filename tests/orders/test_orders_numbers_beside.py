"""Codes that hold more than a number: several parcels', a caption, which of how many."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.labels.cells import LONGEST_PART
from core.matching.beside import numbers_beside

FIRST, SECOND = "80012345678", "2ROB00012345"


@pytest.mark.parametrize(
    "text",
    [
        f"{FIRST} {SECOND}", f"{FIRST};{SECOND}", f"{FIRST}, {SECOND}", f"{FIRST}|{SECOND}",
        f"{FIRST}\x1d{SECOND}", f" {FIRST}\n{SECOND} ", f"{FIRST} {SECOND} {FIRST}",
        f"{FIRST.lower()} {SECOND.lower()}",
    ],
)  # fmt: skip
def test_several_numbers_in_one_code_are_each_found_once(text: str) -> None:
    assert numbers_beside(text) == [FIRST, SECOND]


@pytest.mark.parametrize(
    "text",
    [
        f"{FIRST} 1/2", f"{FIRST} (1/2)", f"{FIRST} 2 of 3", f"{FIRST} colet 2 din 3",
        f"Colet 2 din 3: {FIRST}", f"paczka 1 z 2 {FIRST}", f"{FIRST} 1 от 2",
        f"AWB: {FIRST}", f"AWB {FIRST}", "8001-2345-678",
    ],
)  # fmt: skip
def test_a_count_a_caption_or_dashes_are_no_part_of_the_number(text: str) -> None:
    assert numbers_beside(text) == [FIRST]


@pytest.mark.parametrize(
    "text",
    [
        FIRST, f"  {FIRST} ", "", "n/a", "-", "https://courier.example/track",
        "Strada Lalelelor 12 bloc 4", "400123 Cluj 0722", "Popescu Ion", "tel 0722123456",
        f"{FIRST} Popescu", f"{FIRST} ramburs 120",
    ],
)  # fmt: skip
def test_a_number_alone_an_address_and_a_number_among_other_words_give_nothing(text: str) -> None:
    assert numbers_beside(text) == []


@given(st.text(max_size=LONGEST_PART + 50))
def test_whatever_a_code_says_it_is_read_or_left(text: str) -> None:
    found = numbers_beside(text)
    assert len(found) == len(set(found))
    assert not (found and len(text) > LONGEST_PART)


def test_numbers_beside_each_other_have_eight_characters_and_six_digits_at_least() -> None:
    """As printed in two halves, or an E among digits: a scanner's text is no spreadsheet's cell."""
    assert numbers_beside("1Z5R8939 0357567127") == ["1Z5R8939", "0357567127"]
    assert numbers_beside("12345678E10 80012345678") == ["12345678E10", FIRST]
    assert numbers_beside(f"1ABC2345 {FIRST}") == []  # five digits
    assert numbers_beside(f"7654321 {FIRST}") == []  # seven characters
