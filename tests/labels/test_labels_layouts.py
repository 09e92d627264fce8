"""What a scanner typed for another keyboard is turned back only where one layout explains it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.labels import normalise
from core.labels.layouts import straighten
from core.labels.text import is_gs1

# The keys 1 to 0 without Shift, by the keyboard charts of the Unicode CLDR.
ROWS = {
    "France": "&é\"'(-è_çà",
    "Belgium": "&é\"'(§è!çà",
    "Czechia": "+ěščřžýáíé",
    "Slovakia": "+ľščťžýáíé",
    "Lithuania": "ąčęėįšųū90",
}


def typed(number: str, row: str) -> str:
    return "".join(row["1234567890".index(one)] for one in number)


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
def test_ten_digits_of_each_keyboard_are_read(row: str) -> None:
    assert straighten(typed("1234567890", row)) == "1234567890"


@pytest.mark.parametrize(
    ("garbled", "meant"),
    [
        ("&éàà(è", "120057"),
        ("QZ&éàà(è", "AW120057"),  # AZERTY swaps A with Q and Z with W
        ("qz&éàà(è,", "aw120057m"),
        ("Y+ľščť", "Z12345"),  # QWERTZ swaps Y with Z
        ("z+ľščť", "y12345"),
        ("1ö2345", "102345"),  # the Hungarian row differs in its zero alone
        ("Y1ö", "Z10"),
    ],
)
def test_letters_that_changed_places_are_put_back_as_well(garbled: str, meant: str) -> None:
    assert straighten(garbled) == meant


@pytest.mark.parametrize(
    "text",
    [
        "éàè",  # three digits of a name could be a name
        "Lumânări",
        "+421900123456",  # plain characters are never turned
        "é1àç(",  # digits typed with other keys than these are no digits of this row
        "ěščř(",  # a sign that no key of this row gives
        "šččš",  # two layouts read it alike, and one of them otherwise: "3443", "6226"
        "ABC123",
        "",
    ],
)
def test_what_one_layout_does_not_explain_stays(text: str) -> None:
    assert straighten(text) == text


@given(st.sampled_from(list("îÎ+¨^$úőäåüžđš¡`´)]")), st.from_regex(r"[0-9]{8}", fullmatch=True))
def test_every_bracket_of_an_identifier_is_known(bracket: str, number: str) -> None:
    assert straighten(f"{bracket}C1{number}") == f"]C1{number}"


# Bracket and C by place: Russian, Ukrainian, Bulgarian by sound and BDS, Serbian, Greek, Hebrew.
PREFIXES = ["ъс", "ЪС", "їс", "щц", "ЩЦ", ";ъ", "ђц", "ЂЦ", "]ψ", "]Ψ", "[ב", "úc", "Úc", "đC",
            "üC", "£C", "õC", "śC", "@C"]  # fmt: skip


@given(
    st.sampled_from(PREFIXES), st.sampled_from("01"), st.from_regex(r"[0-9]{8,14}", fullmatch=True)
)
def test_an_identifier_is_known_in_every_alphabet(prefix: str, mode: str, number: str) -> None:
    assert normalise(f"{prefix}{mode}{number}") == number
    assert is_gs1(straighten(f"{prefix}1{number}"))


@given(
    st.from_regex(r"[0-9A-Z]{6,14}", fullmatch=True),
    st.sampled_from(["{}<ENTER>", "{}{{ENTER}}", "{}<0x0D>", "<STX>{}<ETX>", "{}_x001D_", "{}&#29;",
                     "{}~d029", "{}^M", "{}\\r\\n", "{}\\t", "{}\\035", "{}[CR]", "\ufeff{}",
                     "{}\u200b", "{}<gs>"]),
)  # fmt: skip
def test_ends_and_separators_that_are_spelled_out_are_no_part(number: str, form: str) -> None:
    assert normalise(form.format(number)) == number


@given(st.integers(10**7, 10**14).map(str), st.sampled_from(["٠", "०", "０"]))
def test_digits_of_another_script_are_digits(number: str, zero: str) -> None:
    assert normalise("".join(chr(ord(zero) + int(one)) for one in number)) == number


@pytest.mark.parametrize("text", ["#C1123456", "îX1123456", "îC1", "xC1123456"])
def test_what_is_no_identifier_keeps_its_first_sign(text: str) -> None:
    assert straighten(text) == text


def test_a_text_of_separators_alone_stays_what_it_is() -> None:
    assert straighten("<GS>") == "<GS>"
    assert straighten(" <GS>12345678 ") == "12345678"


@pytest.mark.parametrize(("text", "bare"), [("*A*", "A"), ("**", "**"), ("*A", "*A"), ("A*", "A*"),
                                            ("*", "*")])  # fmt: skip
def test_the_stars_of_code_39_are_taken_away_around_something(text: str, bare: str) -> None:
    assert normalise(text) == bare


@pytest.mark.parametrize(
    ("text", "gs1"),
    [
        ("]C10112345678901231", True),
        ("]C00112345678901231", False),
        ("00123456789012345675", True),
        ("0012345678901234567", False),
        ("001234567890123456755", False),
        ("10123456789012345675", False),
    ],
)
def test_a_code_says_that_it_is_gs1_or_can_be_nothing_else(text: str, gs1: bool) -> None:
    assert is_gs1(text) == gs1
