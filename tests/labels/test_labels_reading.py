"""Codes become tracking numbers by each courier's rules, and nothing is guessed."""

import json
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from core.i18n.reasons import sentence
from core.labels import guess_courier, normalise, read_label
from core.labels.couriers.dpd import check_character
from core.labels.reading import couriers

DATASETS = {
    "ups": "ups",
    "fedex": "fedex",
    "usps": "usps",
    "dhl": "dhl",
    "s10": "posta",
    "dpd": "dpd",
}


def numbers(shared: Path, file: str, kind: str) -> list[str]:
    data = json.loads((shared / f"couriers/tracking_number_data/couriers/{file}.json").read_text())
    return [number for one in data["tracking_numbers"] for number in one["test_numbers"][kind]]


@pytest.mark.parametrize(("file", "slug"), DATASETS.items())
def test_every_valid_number_of_the_data_set_is_recognised(
    shared: Path, file: str, slug: str
) -> None:
    for number in numbers(shared, file, "valid"):
        assert slug in {one.courier for one in read_label(number).candidates}, number


@pytest.mark.parametrize(("file", "slug"), DATASETS.items())
def test_no_invalid_number_of_the_data_set_is_accepted(shared: Path, file: str, slug: str) -> None:
    for number in numbers(shared, file, "invalid"):
        assert slug not in {one.courier for one in read_label(number).candidates}, number


@pytest.mark.parametrize(
    ("code", "tracking", "courier"),
    [
        ("1ONB24222308781001", "1ONB24222308781", "sameday"),
        ("70001210836460001", "7000121083646", "fan"),
        ("%0101234130540010000011010642", "13054001000001", "dpd"),
        ("URGC10875236001", "URGC10875236", "cargus"),
        ("Z1234567890", "Z1234567890", "packeta"),
        ("rr 123 456 785 ro", "RR123456785RO", "posta"),
        ("]C1001234567890123456 75", "123456789012345675", "gs1"),
        ("https://trk.example/1ONB24222308781?r=7", "1ONB24222308781", ""),
    ],
)
def test_a_label_text_holds_its_tracking_number(code: str, tracking: str, courier: str) -> None:
    label = read_label(code)
    assert label.kind == "tracking"
    assert (tracking, courier) in {(one.tracking_key, one.courier) for one in label.candidates}


@pytest.mark.parametrize(
    ("code", "symbology", "word"),
    [
        ("RO123-45", "Code128", "routing"),
        ("400001", "Code128", "postcode"),
        ("REF1234567", "Code128", "reference"),
        ("5901234123457", "EAN13", "product"),
        ("https://shop.example/", "QRCode", "web address"),
        ("MECARD:N:Pop;TEL:07;;", "QRCode", "contact"),
    ],
)
def test_what_is_no_tracking_number_is_told_as_what_it_is(
    code: str, symbology: str, word: str
) -> None:
    label = read_label(code, symbology)
    assert label.kind == "not_tracking"
    assert word in sentence(label.why)


@pytest.mark.parametrize("text", ["]C07000121083646", "*7000121083646*", " 7000\x1d121083646\r\n"])
def test_what_scanners_add_is_taken_away(text: str) -> None:
    assert normalise(text) == "7000121083646"


@given(st.text())
def test_any_text_at_all_is_read_without_an_error_and_comes_out_the_same_twice(text: str) -> None:
    label = read_label(text)
    assert label.kind in {"tracking", "not_tracking", "unknown"}
    assert read_label(text) == label
    assert all(one.tracking_key for one in label.candidates)


@given(st.from_regex(r"[0-9]{14}", fullmatch=True))
def test_a_wrong_check_character_of_dpd_is_never_sure(parcel: str) -> None:
    right = check_character(parcel)
    for wrong in "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ".replace(right, ""):
        assert couriers()["dpd"].recognises(parcel + wrong) != "sure"


def test_the_courier_is_the_shops_word_first_and_the_numbers_form_only_when_sure() -> None:
    assert guess_courier("FAN Courier", "anything") == "fan"
    assert guess_courier("", "1Z5R89390357567127") == "ups"
    assert guess_courier("", "804419419") == ""


AZERTY = dict(zip("1234567890", "&é\"'(-è_çà", strict=True))
CZECH = dict(zip("1234567890", "+ěščřžýáíé", strict=True))


@given(st.integers(10**9, 10**14).map(str), st.sampled_from([AZERTY, CZECH]))
def test_digits_typed_for_another_keyboard_are_read_as_they_were_meant(
    number: str, row: dict[str, str]
) -> None:
    garbled = "".join(row[one] for one in number)
    assume(not garbled.isascii() and sum(not one.isascii() for one in garbled) >= 1)
    assert normalise(garbled) == number


@given(st.integers(10**9, 10**14).map(str), st.sampled_from(list("î+*¨$^úő]")))
def test_an_identifier_is_left_out_whatever_its_bracket_became(number: str, bracket: str) -> None:
    assume(bracket != "*")
    assert normalise(f"{bracket}C0{number}") == number


@given(
    st.integers(10**9, 10**14).map(str),
    st.sampled_from(["<GS>", "[GS]", "{GS}", "<FNC1>", "^]", "\\x1d", "\u241d", "<CR>", "\x1d"]),
)
def test_separators_that_are_spelled_out_are_noise(number: str, mark: str) -> None:
    assert normalise(f"{number[:5]}{mark}{number[5:]}") == number
    assert normalise(f"{number}{mark}") == number


@given(st.text("ABCXYZabcxyz0123456789-./_ ", max_size=30))
def test_a_text_of_plain_characters_is_never_turned(text: str) -> None:
    assert normalise(text) == "".join(text.split()).upper()
