"""One writing for what people, shops and couriers write in several: letters, currencies, names."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.labels.names import courier_titles
from core.letters import without_marks
from core.money import one_code


@pytest.mark.parametrize(
    ("written", "plain"),
    [("Zburătoarea", "Zburatoarea"), ("ŞȘşș ŢȚţț", "SSss TTtt"), ("ﬁr", "fir"), ("№ ½", "No 1⁄2"),
     ("Łódź", "Łodz"), ("Đorđe", "Đorđe"), ("Smørbrød", "Smørbrød"), ("Škoda žluť", "Skoda zlut"),
     ("Й", "И"), ("", "")],
)  # fmt: skip
def test_letters_lose_their_marks_and_nothing_else(written: str, plain: str) -> None:
    assert without_marks(written) == plain


@given(st.text())
def test_letters_without_marks_have_none_to_lose(text: str) -> None:
    once = without_marks(text)
    assert without_marks(once) == once


@given(st.text("abcxyzABCXYZ 0189#-"))
def test_plain_letters_stay_as_they_are(text: str) -> None:
    assert without_marks(text) == text


@pytest.mark.parametrize(
    ("written", "code"),
    [("lei", "RON"), (" LEI ", "RON"), ("ron", "RON"), ("eur", "EUR"), ("leik", "LEIK"), ("", "")],
)
def test_a_currency_has_one_code_however_it_is_written(written: str, code: str) -> None:
    assert one_code(written) == code


@pytest.mark.parametrize(
    ("slugs", "titles"),
    [("fan, gls", "FAN Courier, GLS"), ("posta", "Poșta Română"), ("velo", "velo"),
     ("sameday, velo, dhl", "Sameday, velo, DHL"), ("", "")],
)  # fmt: skip
def test_couriers_are_called_as_they_call_themselves(slugs: str, titles: str) -> None:
    assert courier_titles(slugs) == titles
