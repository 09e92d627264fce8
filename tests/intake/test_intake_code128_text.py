"""Symbols of Code 128 to text, held against a table and an example that others wrote."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from core.intake.decode.code128_text import one_changed, text_of

START_A, START_B, START_C = 103, 104, 105
SHIFT, TO_C, TO_B, TO_A = 98, 99, 100, 101  # FNC4 is TO_A in set A and TO_B in set B
FNC1, FNC3 = 102, 96


def checked(*symbols: int) -> list[int]:
    """Start and data with their check character: weights 1, 1, 2, 3 … modulo 103."""
    start, *data = symbols
    return [*symbols, (start + sum(n * one for n, one in enumerate(data, 1))) % 103]


def in_set_b(text: str) -> list[int]:
    return checked(START_B, *(ord(one) - 32 for one in text))


def test_the_example_of_the_encyclopedia_is_read() -> None:
    """Wikipedia, Code 128: "PJJ123C" in set A has the check symbol 54."""
    symbols = [START_A, 48, 42, 42, 17, 18, 19, 35, 54]
    assert symbols == checked(*symbols[:-1])
    assert text_of(symbols) == "PJJ123C"


@pytest.mark.parametrize(
    ("symbols", "text"),
    [
        ((START_C, 12, 34, 56), "123456"),
        ((START_C, 0, 7, 90), "000790"),
        ((START_B, 65, 66, TO_C, 12, 34), "ab1234"),
        ((START_C, 12, 34, TO_B, 65, 66), "1234ab"),
        ((START_C, 12, 34, TO_A, 33, 34), "1234AB"),
        ((START_A, 33, 34, TO_B, 65, 66), "ABab"),
        ((START_B, 65, 66, TO_A, 33, 34), "abAB"),
        ((START_A, 33, SHIFT, 65, 34, 35), "AaBC"),  # one character of B, then A again
        ((START_B, 33, 34, SHIFT, 33, 65), "ABAa"),
        ((START_C, FNC1, 12, 34), "1234"),  # GS1's mark is no text
    ],
)
def test_each_set_change_and_shift_is_followed(symbols: tuple[int, ...], text: str) -> None:
    assert text_of(checked(*symbols)) == text


@pytest.mark.parametrize(
    "symbols",
    [
        (START_A, 33, 34, 35, 64 + 13),  # a carriage return
        (START_A, 33, 34, 35, SHIFT, FNC3, 36),
        (START_B, 33, 34, 35, TO_B, 36),  # FNC4: the next letter is beyond ASCII
        (START_A, 33, 34, 35, TO_A, 36),
        (START_B, 33, 34, 35, FNC3),
        (START_B, 33, 34, 35),  # three characters are too few to be believed
        (START_C, 12),
        (102, 33, 34, 35, 36),  # no start
        (50, 33, 34, 35, 36),
    ],
)
def test_controls_marks_and_scraps_are_no_text(symbols: tuple[int, ...]) -> None:
    assert text_of(checked(*symbols)) is None


@given(
    text=st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=4, max_size=40),
    place=st.integers(0, 200),
    by=st.integers(1, 102),
)
def test_any_one_wrong_symbol_is_seen(text: str, place: int, by: int) -> None:
    symbols = in_set_b(text)
    assert text_of(symbols) == text
    place %= len(symbols) - 1
    assume((place + 1) % 103)  # a weight of 103 checks nothing
    wrong = list(symbols)
    wrong[place + 1] = (wrong[place + 1] + by) % 103
    assert text_of(wrong) is None


@given(
    text=st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=4, max_size=30),
    place=st.integers(0, 200),
    by=st.integers(1, 102),
)
def test_what_was_meant_is_among_the_ways_to_mend_one_symbol(
    text: str, place: int, by: int
) -> None:
    symbols = in_set_b(text)
    place = 1 + place % (len(symbols) - 1)
    wrong = list(symbols)
    wrong[place] = (wrong[place] + by) % 103
    ways = list(one_changed(wrong))
    assert (place, symbols[place], text) in ways
    for at, symbol, mended in ways:
        assert text_of([*wrong[:at], symbol, *wrong[at + 1 :]]) == mended
