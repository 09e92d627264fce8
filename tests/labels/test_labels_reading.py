"""Codes become tracking numbers by each courier's rules, and nothing is guessed."""

import json
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from core.i18n.reasons import sentence
from core.labels import courier_titles, guess_courier, normalise, number_variants, read_label
from core.labels import reading as labels_reading
from core.labels.codes import LabelCode
from core.labels.couriers.dpd import check_character
from core.labels.reading import couriers
from core.reasons import Reason

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


# ---------------------------------------------------------------- what a whole label says


@pytest.mark.parametrize("text", ["", "  ", "\r\n"])
def test_an_empty_code_is_no_tracking_number(text: str) -> None:
    label = read_label(text)
    assert (label.kind, label.why, label.candidates) == (
        "not_tracking",
        Reason(LabelCode.EMPTY),
        (),
    )


def test_a_text_of_no_courier_is_unknown_and_nothing_else() -> None:
    for text in ("HOLO-77881", "AB"):
        label = read_label(text)
        assert (label.kind, label.why) == ("unknown", Reason(LabelCode.NO_COURIERS))


@pytest.mark.parametrize("symbology", ["EAN13", "ean8", "UPCA", "upc_e"])
def test_a_products_symbology_makes_a_product_of_any_number(symbology: str) -> None:
    assert read_label("7000121083646", symbology).why == Reason(LabelCode.PRODUCT)
    assert read_label("7000121083646").kind == "tracking"


def test_the_numbers_of_a_web_address_come_longest_first() -> None:
    label = read_label("https://trk.example/de/12345678/x?awb=1ONB24222308781&p=short12&q=%20")
    assert [one.tracking_key for one in label.candidates] == ["1ONB24222308781", "12345678"]
    assert {(one.courier, one.certainty) for one in label.candidates} == {("", "low")}
    assert label.kind == "tracking"
    assert label.why == Reason(LabelCode.WEB_ADDRESS)
    assert read_label("HTTPS://trk.example/1234567").kind == "not_tracking"  # one digit too few


@pytest.mark.parametrize("text", ["(00)12345678901234567X", "]C1(01)", "]C1XYZ"])
def test_what_cannot_be_read_as_gs1_has_no_sscc(text: str) -> None:
    assert "gs1" not in {one.courier for one in read_label(text).candidates}


def test_an_sscc_is_sure() -> None:
    found = [one for one in read_label("00123456789012345675").candidates if one.courier == "gs1"]
    assert [(one.tracking_key, one.certainty) for one in found] == [("123456789012345675", "sure")]


# ---------------------------------------------------------------- words for couriers


@pytest.mark.parametrize(
    ("company", "slug"),
    [("fan", "fan"), ("FAN Courier SRL", "fan"), (" DHL Express ", "dhl"),
     ("Urgent Cargus", "cargus"), ("Poșta Română", "posta"), ("my fan club", ""),
     ("Nobody", ""), ("", "")],
)  # fmt: skip
def test_a_shops_word_begins_with_a_couriers_name_or_says_nothing(company: str, slug: str) -> None:
    assert guess_courier(company, "no number") == slug


def test_two_couriers_that_are_both_sure_leave_it_open(monkeypatch: pytest.MonkeyPatch) -> None:
    known = couriers()
    monkeypatch.setattr(labels_reading, "couriers", lambda: {**known, "copy": known["ups"]})
    assert guess_courier("", "1Z5R89390357567127") == ""
    assert guess_courier("", "RR123456785RO") == "posta"


def test_titles_are_the_couriers_own_and_an_unknown_word_stays() -> None:
    assert courier_titles("fan, gls, nobody") == "FAN Courier, GLS, nobody"
    assert courier_titles("posta") == "Poșta Română"


@pytest.mark.parametrize(
    ("tracking", "courier", "variants"),
    [
        ("7000121083646 0001", "fan", ["70001210836460001", "7000121083646"]),
        ("7000121083646", "fan", ["7000121083646"]),
        ("512345678904", "gls", ["512345678904"]),  # its cut is a guess
        ("70001210836460001", "nobody", ["70001210836460001"]),
        ("70001210836460001", "", ["70001210836460001"]),
    ],
)
def test_a_courier_may_know_a_number_whole_or_as_it_cuts_it(
    tracking: str, courier: str, variants: list[str]
) -> None:
    assert number_variants(tracking, courier) == variants


@pytest.mark.parametrize(
    ("company", "slug"),
    [("Fancy Logistics", ""), ("Fanta", ""), ("Upstream", ""), ("Postal Express", ""),
     ("DHLink", ""), ("Glsx", ""), ("FAN-Courier", "fan"), ("GLS-RO", "gls"), ("ups®", "ups"),
     ("DPDgroup", "dpd"), ("SamedayCourier", "sameday"), ("UrgentCargus SRL", "cargus")],
)  # fmt: skip
def test_a_couriers_name_is_a_whole_word(company: str, slug: str) -> None:
    assert guess_courier(company, "no number") == slug


@pytest.mark.parametrize(
    ("company", "slug"),
    [("Zásilkovna", "packeta"), ("POŞTA ROMÂNĂ", "posta"), ("Poşta Română", "posta"),
     ("Poșta Română", "posta"), ("\u200aFÁN", "fan")],
)  # fmt: skip
def test_a_couriers_name_is_known_with_any_marks_or_none(company: str, slug: str) -> None:
    assert guess_courier(company, "no number") == slug


# ---------------------------------------------------------------- addresses that are none


@pytest.mark.parametrize("host", ["[abc", "a]b", "[::1", "[zz]", "shop℀.ro"])
def test_an_address_with_a_broken_host_still_gives_the_number_in_it(host: str) -> None:
    for address in (f"https://{host}/track/1ONB24222308781", f"http://{host}?awb=1ONB24222308781"):
        label = read_label(address)
        assert [one.tracking_key for one in label.candidates] == ["1ONB24222308781"]
        assert label.why == Reason(LabelCode.WEB_ADDRESS)


@given(st.sampled_from(["http://", "HTTPS://"]), st.text("[]:/?&=#%@.a1\u2100\u212a ", max_size=12))
def test_whatever_stands_behind_http_is_read_without_a_fault(begin: str, rest: str) -> None:
    assert read_label(begin + rest).why == Reason(LabelCode.WEB_ADDRESS)


@pytest.mark.parametrize(
    ("address", "keys"),
    [
        ("www.curier.example/awb/2190045518273", ["2190045518273"]),
        ("WWW.CURIER.EXAMPLE/T?NR=2190045518273", ["2190045518273"]),
        ("trk.curier.example/de?match=61234567895", ["61234567895"]),
        ("https://curier.example/#awb=3KLM10203040506", ["3KLM10203040506"]),
        ("https://curier.example/app#/track/3KLM10203040506", ["3KLM10203040506"]),
    ],
)
def test_an_address_is_read_without_https_and_behind_its_hash(
    address: str, keys: list[str]
) -> None:
    label = read_label(address)
    assert [one.tracking_key for one in label.candidates] == keys
    assert label.why == Reason(LabelCode.WEB_ADDRESS)


@pytest.mark.parametrize(
    "text", ["7000121083646/1", "12.03.2026/7000", "CJ-01-2", "A.B/1234567890"]
)
def test_a_slash_or_a_dot_alone_makes_no_address(text: str) -> None:
    assert read_label(text).why != Reason(LabelCode.WEB_ADDRESS)
