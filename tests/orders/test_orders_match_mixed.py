"""A code that holds more than its number, or that a scanner, a sheet or a hand has changed."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from match_desk import add, learn
from sqlalchemy import Connection

from core.labels import read_label
from core.labels.codes import LabelCode
from core.matching.match import Match, MatchCode, match

FAN, CARGUS, DPD, SAMEDAY = "2190045518273", "933120475", "06217730018845", "3KLM10203040506"
POST, PACKETA = "EE450118279HU", "Z4410093377"
ALL = (FAN, CARGUS, DPD, SAMEDAY, POST, PACKETA)


@pytest.fixture
def shop(desk: Connection) -> Connection:
    for number in ALL:
        add(desk, f"#{number}", number)
    return desk


def is_match(found: Match, number: str) -> bool:
    return (found.outcome, found.tracking) == ("matched", number)


def asks_about(desk: Connection, code: str, *numbers: str) -> bool:
    found = match(desk, code)
    orders = {match(desk, number).order_id for number in numbers}
    return found.outcome == "ambiguous" and set(found.candidates) == orders


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(first=st.sampled_from(ALL), second=st.sampled_from(ALL))
def test_two_parcels_that_a_fast_scanner_glued_are_both_asked_about(
    shop: Connection, first: str, second: str
) -> None:
    if first == second:
        assert is_match(match(shop, first + second), first)
    else:
        assert asks_about(shop, first + second, first, second)


@pytest.mark.parametrize("other", ["7009912345678", "2888000011112"])
def test_a_parcel_glued_to_an_awb_that_no_order_has_is_asked_about(
    shop: Connection, other: str
) -> None:
    assert asks_about(shop, FAN + other, FAN)
    assert asks_about(shop, other + FAN, FAN)


def test_a_number_of_ups_glued_to_another_is_asked_about(shop: Connection) -> None:
    add(shop, "#ups", "1Z999AA10123456784")
    assert asks_about(shop, "1Z999AA101234567847009912345670", "1Z999AA10123456784")


@pytest.mark.parametrize("number", ALL)
@pytest.mark.parametrize(
    "text",
    [
        '{{"awb": "{0}", "colete": 1}}',
        '[{{"nr":"{0}"}},400123]',
        "<awb>{0}</awb><kg>1.5</kg>",
        "{0}|40112|400123|Cluj",
        "awb={0}&kg=1",
        "AWB: {0}\nNume: Ana Pop\nTel: 0722 123 456",
        "{0} 001/002",
        "{0};0722123456;1,5",
        "{0}%0D",
        "(420)400123(401){0}",
        "]C1401{0}\x1d420400123",
        "401{0}\x1d420400123",
        "]C100123456789012345675400{0}",
    ],
)
def test_a_number_is_found_in_what_a_machine_wrote_around_it(
    shop: Connection, text: str, number: str
) -> None:
    assert is_match(match(shop, text.format(number)), number)


@pytest.mark.parametrize(
    "text", ["{0}-001", "{0}/002", "AWB {0}001", '{{"awb":"{0}001"}}', "{0}001|400123"]
)
def test_a_parcel_s_suffix_is_cut_within_a_text_as_well(shop: Connection, text: str) -> None:
    assert is_match(match(shop, text.format(SAMEDAY)), SAMEDAY)


def test_two_known_numbers_in_one_text_are_a_question(shop: Connection) -> None:
    text = json.dumps({"awb": FAN, "retur": {"awb": CARGUS}})
    assert asks_about(shop, text, FAN, CARGUS)


def test_the_label_of_dpd_is_read_without_its_sign(shop: Connection) -> None:
    assert is_match(match(shop, f"0400123{DPD}101642"), DPD)


def test_a_plate_of_dhl_is_found_without_its_j(shop: Connection) -> None:
    add(shop, "#dhl", "JD014600007712345678")
    assert is_match(match(shop, "JJD014600007712345678"), "JD014600007712345678")


@pytest.mark.parametrize(
    ("changed", "number"),
    [
        (DPD.lstrip("0"), DPD),  # a spreadsheet took the zero
        (f"0{FAN}", FAN),  # ITF has an even number of digits
        (f"00{CARGUS}", CARGUS),
        (f"j{FAN}", FAN),  # the letter by which a scanner tells the kind of code
        (f"A{CARGUS}D", CARGUS),  # Codabar's start and stop
        (f"b{POST}", POST),
        (PACKETA[1:], PACKETA),
        ("2I9OO455I8273", FAN),
    ],
)
def test_what_a_sheet_a_scanner_or_a_hand_changed_is_asked_about_and_never_taken(
    shop: Connection, changed: str, number: str
) -> None:
    assert asks_about(shop, changed, number)
    assert match(shop, changed).why.code == MatchCode.MAYBE  # type: ignore[union-attr]


def test_the_number_with_its_zero_and_without_are_two_orders_and_each_finds_its_own(
    shop: Connection,
) -> None:
    add(shop, "#bare", DPD.lstrip("0"))
    assert is_match(match(shop, DPD), DPD)
    assert is_match(match(shop, DPD.lstrip("0")), DPD.lstrip("0"))


@pytest.mark.parametrize(
    "address", ["https://wa.me/{0}", "api.whatsapp.com/send?phone={0}", "https://t.me/{0}"]
)
def test_the_phone_in_a_chat_s_address_is_no_parcel(shop: Connection, address: str) -> None:
    add(shop, "#like a phone", "4072219933")
    found = match(shop, address.format("4072219933"))
    assert (found.outcome, found.is_tracking) == ("unmatched", False)
    label = read_label(address.format("4072219933"))
    assert label.why is not None
    assert label.why.code == LabelCode.CONTACT


def test_a_longer_number_in_a_web_address_is_asked_about(shop: Connection) -> None:
    assert asks_about(shop, f"https://trk.example/{SAMEDAY}001", SAMEDAY)


def test_a_phone_beside_a_number_in_an_address_is_no_candidate(shop: Connection) -> None:
    assert is_match(match(shop, f"https://trk.example/?phone={CARGUS}&awb={FAN}"), FAN)


def test_an_answered_number_comes_before_what_is_cut_from_the_text_around_it(
    shop: Connection,
) -> None:
    parcel = match(shop, CARGUS).parcel_id
    assert parcel is not None
    learn(shop, f"{FAN}{POST}", parcel)
    assert is_match(match(shop, f"{FAN}{POST}"), CARGUS)
