"""A tracking number is read out of its caption and its blanks, or the field is told.

The numbers are drawn; a field never gives a number that is not one of those written in it.
"""

import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from core.labels import digits
from core.labels.captions import CAPTIONS, LITTLE, WORDS, is_word
from core.labels.cells import NotANumber, numbers_in

plain = st.text("0123456789", min_size=8, max_size=8)
PLATE = st.integers(10**15, 10**20 - 1).map(lambda one: f"JD{one:016}")
# Forms that a courier's own letters or a check digit make sure.
SURE = st.one_of(
    plain.map("URGC{}".format),
    st.tuples(plain, st.integers(0, 999)).map(lambda one: f"URGC{one[0]}{one[1]:03}"),
    PLATE,
    PLATE.map("J{}".format),
    st.tuples(st.sampled_from(["RR", "CP", "LA", "DE"]), plain).map(
        lambda one: f"{one[0]}{one[1]}{check(one[1])}RO"
    ),
)
ALONE = st.one_of(
    st.integers(10**9, 10**14).map(str),
    st.integers(10**9, 10**10 - 1).map("Z{}".format),
    st.integers(10**8, 10**10).map("1ONB{}".format),
)
BLANKS = st.sampled_from([" ", "  ", "\u00a0", "\u2009", "-", ".", "_", "\u2011"])
CASES = st.sampled_from([str.lower, str.upper, str.capitalize])
CAPTION = st.sampled_from(sorted(CAPTIONS))
WORD = st.sampled_from(sorted(WORDS | LITTLE))


def check(text: str) -> str:
    return next(one for one in "0123456789" if digits.s10(text, one))


def numbers(text: str) -> list[str] | None:
    try:
        return [one.upper() for one in numbers_in(text)]
    except NotANumber:
        return None


@st.composite
def in_pieces(draw: st.DrawFn, whole: st.SearchStrategy[str]) -> tuple[str, str]:
    """A number, and the same cut at any places; none of the pieces could be a number itself."""
    text = draw(whole)
    cuts = sorted(draw(st.sets(st.integers(1, len(text) - 1), min_size=1, max_size=6)))
    pieces = [text[a:b] for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    assume(sum(len(piece) >= 8 for piece in pieces) < 2)
    parted = draw(BLANKS).join(pieces)
    assume(not re.fullmatch(r"\d+\.0+", parted))  # a spreadsheet's number with its decimals
    return text, parted


@given(in_pieces(SURE), CAPTION, CASES, st.sampled_from([" ", ": ", " nr. ", " #"]))
def test_a_number_of_a_sure_form_is_read_behind_its_caption_wherever_it_is_parted(
    made: tuple[str, str], caption: str, case: type, sign: str
) -> None:
    """A piece of it ("urg", "rr") had been read as a word, and the field told."""
    number, parted = made
    assert numbers(case(f"{caption}{sign}{parted}")) == [number]


@given(PLATE, st.integers(8, 10), CAPTION, CASES)
def test_a_sure_number_in_two_halves_that_could_be_two_numbers_is_told(
    number: str, at: int, caption: str, case: type
) -> None:
    """Half of it was read as a number, and the other half dropped where it was all zeros."""
    assert numbers(case(f"{caption} {number[:at]} {number[at:]}")) is None


@given(in_pieces(ALONE), CAPTION, CASES)
def test_any_parted_number_behind_a_caption_is_itself_or_told(
    made: tuple[str, str], caption: str, case: type
) -> None:
    number, parted = made
    assert numbers(case(f"{caption} {parted}")) in ([number], None)


@given(st.one_of(SURE, ALONE), CAPTION, CASES)
def test_every_caption_is_left_out_in_any_case(number: str, caption: str, case: type) -> None:
    assert numbers(case(f"{caption}: {number}")) == [number]
    assert numbers(case(f"{caption} {caption} {number}")) == [number]


@given(
    st.integers(10**9, 10**14).map(str),
    st.sampled_from(["awb", "AWB", "Awb", "colet", "Tracking", "paketnummer", "Пратка"]),
)
def test_a_caption_without_a_blank_is_no_part_of_the_number(number: str, caption: str) -> None:
    """ "AWB7000…" had been a number of its own, which no label has."""
    assert numbers(f"{caption}{number}") == [number]


@given(st.one_of(SURE, ALONE), WORD, CASES, st.booleans(), st.sampled_from([" ", "-", ": ", "/"]))
def test_a_word_beside_a_number_never_becomes_a_part_of_it(
    number: str, word: str, case: type, is_before: bool, sign: str
) -> None:
    """ "Cod 1234…", "TEL 0722…" and "1234… kg" had been numbers."""
    written = case(word)
    assume(is_word(written))
    text = f"{written}{sign}{number}" if is_before else f"{number}{sign}{written}"
    assert numbers(text) in ([number], None)  # "si" and "or" part, they are left out
    assert numbers(f"AWB {text}") in ([number], None)


@given(
    st.integers(10**8, 10**14).map(str),
    st.sampled_from(sorted(one for one in WORDS if len(one) > 2)),
    CASES,
    st.booleans(),
)
def test_a_word_without_a_blank_never_becomes_a_part_of_the_number(
    number: str, word: str, case: type, is_before: bool
) -> None:
    text = f"{case(word)}{number}" if is_before else f"{number}{case(word)}"
    assert numbers(text) is None


@given(
    st.integers(10**9, 10**14).map(str),
    st.integers(1, 99),
    st.booleans(),
    st.sampled_from([" ", "  ", "/", " / ", " - ", "-", "_"]),
    st.sampled_from(["", "Colet ", "AWB ", "box nr. "]),
)
def test_a_count_beside_a_number_never_becomes_a_part_of_it(
    number: str, count: int, is_before: bool, sign: str, caption: str
) -> None:
    """ "colet 2 7000121083201" had been 27000121083201."""
    both = [str(count), number] if is_before else [number, str(count)]
    assert numbers(caption + sign.join(both)) in ([number], None)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("AWB urg c10 875 236", "URGC10875236"),
        ("Cargus: ur gc-10.87.52 36", "URGC10875236"),
        ("Číslo zásilky: z 987 654 3210", "Z9876543210"),
        ("Numer przesyłki 7000 1210 83209", "7000121083209"),
        ("№ на товарителница: 1051 7733 219", "10517733219"),
        ("Szállítólevél száma 8044 19419", "804419419"),
        ("n° de suivi : 8044 19419", "804419419"),
        ("AWB-ul 7000121083209", "7000121083209"),
        ("FAN7000121083209", "7000121083209"),
        ("Scrisoare de transport nr. 8044-19419", "804419419"),
        ("jjd 00 99 88 77 66", "JJD0099887766"),
    ],
)
def test_fields_as_people_write_them(text: str, number: str) -> None:
    assert numbers(text) == [number]


@pytest.mark.parametrize(
    "text",
    ["AWB retur urg c10 875 236", "urg c10 875 236 urg c10 875 237", "1 BUC 80441941",
     "abc 00 99 88 77 66", "AWB urg c10 875 23", "FAN70001210", "Awb 1 din 2: 8044 19419"],
)  # fmt: skip
def test_what_cannot_be_told_is_told(text: str) -> None:
    assert numbers(text) is None
