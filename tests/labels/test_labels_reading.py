"""Codes become tracking numbers by each courier's rules, and nothing is guessed."""

import json
from pathlib import Path

import pytest
from hypothesis import given
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
