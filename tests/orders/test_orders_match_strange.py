"""Codes of another alphabet, another courier, several times over, or without their separators."""

import pytest
from match_desk import add
from sqlalchemy import Connection, update

from core.labels.digits import gs1
from core.labels.text import is_gs1
from core.matching.alphabets import latin
from core.matching.match import MatchCode, match
from core.orders import names
from core.store.tables import parcels


def carried(desk: Connection, name: str, tracking: str, courier: str) -> None:
    id_ = add(desk, name, tracking)
    desk.execute(update(parcels).where(parcels.c.id == id_).values(courier=courier))


# ---------------------------------------------------------------- another alphabet


@pytest.mark.parametrize(
    ("number", "typed"),
    [
        ("2KTM40117730925", "2КТМ40117730925"),  # look-alikes
        ("URGC20991475", "ГКПС20991475"),  # Russian keys
        ("URGC20991475", "гкпс20991475"),
        ("URGC20991475", "УРГЦ20991475"),  # Bulgarian by sound
        ("URGC20991475", "КИЖЪ20991475"),  # Bulgarian keys
        ("Z4471902283", "Я4471902283"),  # Russian keys
        ("Z4471902283", "Ζ4471902283"),  # Greek
        ("LX480213395BG", "ЛЬ480213395БГ"),  # Bulgarian by sound, older
        ("URGC20991475", "URGС20991475"),  # one letter among Latin ones
    ],
)
def test_a_number_in_another_alphabet_is_a_question_with_its_order(
    desk: Connection, number: str, typed: str
) -> None:
    add(desk, "#it", number)
    add(desk, "#other", "LX480213381BG")
    found = match(desk, typed)
    assert (found.outcome, found.order_id) == ("ambiguous", None)
    assert found.why is not None
    assert found.why.code == MatchCode.MAYBE
    assert len(found.candidates) == 1


def test_the_parcel_suffix_behind_such_a_number_does_not_hide_it(desk: Connection) -> None:
    add(desk, "#it", "2KTM40117730925")
    assert match(desk, "2КТМ40117730925003").outcome == "ambiguous"


def test_where_two_keyboards_lead_to_two_orders_both_are_asked_about(desk: Connection) -> None:
    add(desk, "#sound", "RU300200100X")
    add(desk, "#look", "PY300200100X")
    assert match(desk, "РУ300200100Х").outcome == "ambiguous"
    assert len(match(desk, "РУ300200100Х").candidates) >= 1


def test_letters_of_no_such_keyboard_give_nothing() -> None:
    assert latin("7000121083646") == []
    assert latin("AB日12345678") == []
    assert latin("ЩGC20991475") == []  # beside Latin letters it is no key, and looks like none


# ---------------------------------------------------------------- another courier


@pytest.mark.parametrize("code", ["7000388120551", "700038812055142"])
def test_the_beginning_of_a_number_is_no_other_couriers_parcel(desk: Connection, code: str) -> None:
    """Thirteen digits are FAN's; the ten that Sameday's rule leaves are a number of Cargus."""
    carried(desk, "#cargus", code[:-3], "cargus")
    found = match(desk, code)
    assert (found.outcome, found.order_id) == ("ambiguous", None)


@pytest.mark.parametrize("courier", ["sameday", ""])
def test_its_own_courier_and_one_that_is_not_known_keep_their_cut(
    desk: Connection, courier: str
) -> None:
    carried(desk, "#it", "3QLT55120047713", courier)
    assert match(desk, "3QLT55120047713002").outcome == "matched"


def test_an_exact_number_is_found_whoever_carries_it(desk: Connection) -> None:
    carried(desk, "#it", "7000388120551", "packeta")
    assert match(desk, "7000388120551").matched_by == "exact"


# ---------------------------------------------------------------- several times, without FNC1


@pytest.mark.parametrize("times", [2, 3, 5, 10])
@pytest.mark.parametrize("number", ["3QLT55120047713", "51730029466", "LX480213381BG"])
def test_a_number_scanned_into_one_text_again_and_again_is_found(
    desk: Connection, number: str, times: int
) -> None:
    add(desk, "#it", number)
    found = match(desk, number * times)
    assert (found.outcome, found.tracking) == ("matched", number)


def test_a_repeated_number_that_nobody_has_is_nobodys(desk: Connection) -> None:
    add(desk, "#it", "51730029466")
    assert match(desk, "51730029477" * 3).order_id is None


def sscc(bare: str) -> str:
    return next(bare + digit for digit in "0123456789" if gs1(bare + digit))


@pytest.mark.parametrize(
    "rest", ["", "401KX77", "42007001", "02059012341234573712", "02059012345678901237", "3712"]
)
def test_an_sscc_is_known_without_its_separator(desk: Connection, rest: str) -> None:
    number = sscc("35942000017733018"[:17])
    add(desk, "#it", number)
    assert match(desk, f"00{number}{rest}").outcome == "matched"


def test_digits_that_only_begin_like_an_sscc_are_none() -> None:
    number = sscc("35942000017733018"[:17])
    wrong = number[:-1] + str((int(number[-1]) + 1) % 10)
    assert is_gs1(f"00{number}401KX77")
    assert not is_gs1(f"00{wrong}401KX77")


@pytest.mark.parametrize("sign", ["]c1", "]C1", "]D2", "]q3"])
def test_a_scanners_sign_is_known_with_caps_lock_on(sign: str) -> None:
    assert is_gs1(f"{sign}401KX7712")
    assert not is_gs1("]E05901234123457")


# ---------------------------------------------------------------- names


@pytest.mark.parametrize("name", ["#٢٠٤٧", "＃２０４７", "# २०४७", "#2047"])
def test_an_orders_name_is_one_in_whatever_digits(name: str) -> None:
    assert names.key(name) == "2047"
    assert "#2047" in names.variants(name)
