"""Each courier's numbers by its published rule, computed here a second time in another way."""

import string
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.labels import digits, read_label
from core.labels.couriers import dpd
from core.labels.label import TrackingCandidate
from core.labels.reading import couriers

LETTERS_AND_DIGITS = string.digits + string.ascii_uppercase
FEW = settings(max_examples=25)  # each tries every check digit


def number(length: int) -> st.SearchStrategy[str]:
    return st.text(string.digits, min_size=length, max_size=length)


def recognised(slug: str, text: str) -> str | None:
    return couriers()[slug].recognises(text)


def cut(slug: str, text: str) -> list[tuple[str, str]]:
    return [(one.tracking_key, one.certainty) for one in couriers()[slug].cuts(text)]


def every_other(check: str, alphabet: str = string.digits) -> str:
    return alphabet.replace(check, "")


# ---------------------------------------------------------------- check digits, a second time


def gs1_check(body: str) -> str:
    """GS1 General Specifications, 7.9.1: from the right 3, 1, 3, … up to the next ten."""
    total = 0
    for place in range(1, len(body) + 1):
        total += int(body[-place]) * (3, 1)[(place - 1) % 2]
    return str((10 - total % 10) % 10)


def s10_check(serial: str) -> str:
    """UPU S10-12: a rest of 0 gives 5, a rest of 1 gives 0."""
    a, b, c, d, e, f, g, h = map(int, serial)
    rest = (8 * a + 6 * b + 4 * c + 2 * d + 3 * e + 5 * f + 9 * g + 7 * h) % 11
    return "50987654321"[rest]


def ups_check(body: str) -> str:
    """UPS: A is 2, B is 3, … by tens; every second character counts twice."""
    value = {one: (at + 2) % 10 for at, one in enumerate(string.ascii_uppercase)}
    value |= {one: int(one) for one in string.digits}
    total = sum(value[one] for one in body) + sum(value[one] for one in body[1::2])
    return str(-total % 10)


def fedex_check(body: str, weights: str) -> str:
    total = sum(int(one) * int(by) for one, by in zip(body, weights, strict=True))
    return str(total % 11)[-1]


def iso_37_36(body: str) -> str:
    """ISO 7064, hybrid system mod 37, 36, as the standard writes it."""
    rest = 36
    for one in body:
        rest = (rest + LETTERS_AND_DIGITS.index(one)) % 36 or 36
        rest = rest * 2 % 37
    return LETTERS_AND_DIGITS[(1 - rest) % 36]


@FEW
@given(number(8) | number(12) | number(13) | number(19))
def test_one_last_digit_of_ten_fits_a_number_of_gs1(body: str) -> None:
    fits = [one for one in string.digits if digits.gs1(body + one)]
    assert fits == [gs1_check(body)]


def test_an_empty_text_is_no_number_of_gs1() -> None:
    assert not digits.gs1("")
    assert digits.gs1("5901234123457")  # of the GS1 specification's own pages


@FEW
@given(number(8))
def test_one_check_digit_of_ten_fits_a_number_of_a_post(serial: str) -> None:
    fits = [one for one in string.digits if digits.s10(serial, one)]
    assert fits == [s10_check(serial)]


@pytest.mark.parametrize(("serial", "check"), [("12345678", "5"), ("00000000", "5"),
                                               ("70000000", "0")])  # fmt: skip
def test_rests_of_ten_and_eleven_have_digits_of_their_own(serial: str, check: str) -> None:
    assert digits.s10(serial, check)


@FEW
@given(st.text(LETTERS_AND_DIGITS, min_size=15, max_size=15))
def test_one_check_digit_of_ten_fits_a_number_of_ups(body: str) -> None:
    fits = [one for one in string.digits if digits.ups(body + one)]
    assert fits == [ups_check(body)]


@FEW
@given(st.text(LETTERS_AND_DIGITS, min_size=1, max_size=28))
def test_the_check_character_of_dpd_is_the_standards(body: str) -> None:
    assert dpd.check_character(body) == iso_37_36(body)


@FEW
@given(st.integers(0, 10**11))
def test_the_rest_of_an_air_waybill_is_what_seven_leaves(value: int) -> None:
    assert digits.mod7(str(value)) == value - value // 7 * 7


# ---------------------------------------------------------------- each courier's forms


def refuses_every_other(
    slug: str, make: Callable[[str], str], check: str, certainty: str, alphabet: str = string.digits
) -> None:
    """The check character is recognised, and no other in its place is, at least not so surely."""
    assert recognised(slug, make(check)) == certainty
    for wrong in every_other(check, alphabet):
        assert recognised(slug, make(wrong)) != certainty, make(wrong)


@FEW
@given(number(27), number(14))
def test_dpd_is_sure_with_its_check_character_alone(label: str, parcel: str) -> None:
    for body in (label, parcel):
        refuses_every_other("dpd", body.__add__, iso_37_36(body), "sure", LETTERS_AND_DIGITS)
    assert recognised("dpd", parcel) == "fair"
    assert recognised("dpd", parcel[1:]) is None
    assert cut("dpd", parcel) == []
    assert cut("dpd", parcel + iso_37_36(parcel)) == [(parcel, "sure")]


@FEW
@given(number(7), number(14), number(6), st.sampled_from(["", "A", "7"]))
def test_the_parcel_inside_a_label_of_dpd_is_found(
    postcode: str, parcel: str, service: str, end: str
) -> None:
    assert cut("dpd", f"%{postcode}{parcel}{service}{end}") == [(parcel, "sure")]
    body = postcode + parcel + service
    assert cut("dpd", body + iso_37_36(body)) == [(parcel, "sure")]
    wrong = every_other(iso_37_36(body), LETTERS_AND_DIGITS)[0]
    assert cut("dpd", body + wrong) == []
    assert cut("dpd", f"%{postcode}{parcel}{service[1:]}") == []


@FEW
@given(number(11), number(14), number(17))
def test_fedex_numbers_are_fair_by_their_check_digit(plain: str, ground: str, long: str) -> None:
    check = fedex_check(plain, "31731731731")
    refuses_every_other("fedex", plain.__add__, check, "fair")
    for body in (ground, long):
        refuses_every_other("fedex", body.__add__, gs1_check(body), "fair")
    assert recognised("fedex", plain) is None
    assert recognised("fedex", f"{ground}12") is None


@FEW
@given(number(20), number(13))
def test_the_last_twelve_of_a_long_fedex_text_count_where_its_check_fits(
    front: str, tail: str
) -> None:
    check = fedex_check(tail, "1731731731731"[: len(tail)])
    text = front + tail + check
    assert cut("fedex", text) == [(text[22:], "sure")]
    for wrong in every_other(check):
        assert cut("fedex", front + tail + wrong) == []


@FEW
@given(number(16), number(11), number(4))
def test_the_number_inside_an_astra_text_of_fedex_is_checked(
    front: str, body: str, end: str
) -> None:
    check = fedex_check(body, "31731731731")
    assert cut("fedex", front + body + check + end) == [(body + check, "sure")]
    for wrong in every_other(check):
        assert cut("fedex", front + body + wrong + end) == []


@FEW
@given(number(5), number(14))
def test_the_last_fifteen_of_a_ground_text_of_fedex_are_checked(front: str, body: str) -> None:
    check = gs1_check(body)
    assert cut("fedex", f"96{front}{body}{check}") == [(body + check, "sure")]
    for wrong in every_other(check):
        assert cut("fedex", f"96{front}{body}{wrong}") == []
    assert cut("fedex", f"95{front}{body}{check}") == []


@FEW
@given(st.text(LETTERS_AND_DIGITS, min_size=15, max_size=15), st.sampled_from("AHJKTV"), number(9))
def test_ups_is_sure_of_1z_and_fair_of_a_waybill(body: str, letter: str, waybill: str) -> None:
    refuses_every_other("ups", f"1Z{body}".__add__, ups_check(body), "sure")
    check = str(-(sum(map(int, waybill)) + sum(map(int, waybill[1::2]))) % 10)
    refuses_every_other("ups", f"{letter}{waybill}".__add__, check, "fair")
    assert recognised("ups", f"B{waybill}{check}") is None


@FEW
@given(st.text(LETTERS_AND_DIGITS.replace("Z", ""), min_size=15, max_size=15))
def test_a_number_of_ups_is_found_inside_a_text_that_is_clearly_longer(body: str) -> None:
    whole = f"1Z{body}{ups_check(body)}"
    assert cut("ups", whole) == []
    for more in ("A", "AB"):  # a slip of the reader, no MaxiCode
        assert cut("ups", f"{more}{whole}") == []
    assert cut("ups", f"ABC{whole}") == [(whole, "sure")]
    assert cut("ups", f"ABC{whole[:-1]}{every_other(ups_check(body))[0]}") == []


@FEW
@given(number(19), number(21), number(25))
def test_usps_is_sure_behind_a_nine_and_found_behind_a_zip_code(
    short: str, usual: str, long: str
) -> None:
    for rest in (short, usual, long):
        body = f"9{rest[1:]}"
        check = gs1_check(body)
        refuses_every_other("usps", body.__add__, check, "sure")
        for code in ("42012345", "420123456789"):
            assert cut("usps", f"{code}{body}{check}") == [(body + check, "sure")]
            for wrong in every_other(check):
                if not recognised("usps", body + wrong):  # nor as the older form is
                    assert cut("usps", f"{code}{body}{wrong}") == []
        assert cut("usps", f"4201234{body}{check}") == []


@FEW
@given(number(18).filter(lambda found: found[0] != "9"), st.sampled_from("01234567"))
def test_an_older_form_of_usps_is_fair_by_itself_or_behind_91(rest: str, first: str) -> None:
    body = first + rest
    fits = {gs1_check(body), gs1_check(f"91{body}")}
    for last in string.digits:
        assert recognised("usps", body + last) == ("fair" if last in fits else None)
    assert recognised("usps", body) is None


@FEW
@given(number(9), number(10), number(14), number(16))
def test_waybills_of_dhl_are_checked_and_plates_known_by_their_letters(
    short: str, long: str, fourteen: str, plate: str
) -> None:
    for body in (short, long):
        refuses_every_other("dhl", body.__add__, str(int(body) % 7), "fair")
    assert recognised("dhl", fourteen) == "low"
    for letters in ("JD", "JJD"):
        assert recognised("dhl", f"{letters}{plate}") == "sure"
        assert recognised("dhl", f"{letters}{plate[1:]}") is None
    assert cut("dhl", f"JD{plate}") == []
    assert cut("dhl", f"JJD{plate}") == [(f"JD{plate}", "fair")]
    for letters in ("JVGL", "GM", "LX"):
        assert recognised("dhl", f"{letters}{long}") == "fair"
    assert recognised("dhl", f"QQ{long}") is None


@FEW
@given(number(8), st.sampled_from(["RR", "CP", "EE"]), st.sampled_from(["RO", "HU"]))
def test_a_post_is_sure_of_its_form_and_check_digit(serial: str, kind: str, country: str) -> None:
    check = s10_check(serial)
    refuses_every_other("posta", lambda one: f"{kind}{serial}{one}{country}", check, "sure")
    assert recognised("posta", f"{kind}{serial}{check}") is None
    assert cut("posta", f"{kind}{serial}{check}{country}") == []


@FEW
@given(number(8), number(12), number(10), number(3))
def test_the_forms_without_a_check_digit_are_known_by_their_length_and_letters(
    eight: str, twelve: str, ten: str, part: str
) -> None:
    assert recognised("cargus", f"URGC{eight}") == "sure"
    assert [recognised("cargus", ten[:length]) for length in (8, 9, 10)] == [None, "low", "low"]
    assert cut("cargus", f"URGC{eight}{part}") == [(f"URGC{eight}", "fair")]
    assert cut("cargus", f"URGC{eight}") == []
    for first, known in (("2", "fair"), ("7", "fair"), ("1", None)):
        assert recognised("fan", first + twelve) == known
    assert recognised("fan", f"7{twelve}1") is None
    assert cut("fan", f"7{twelve}{part}") == [(f"7{twelve}", "fair")]
    assert cut("fan", f"7{twelve}1") == []  # one digit more is a misread
    assert recognised("gls", eight) == "low"
    assert recognised("gls", eight[1:]) is None
    assert cut("gls", ten) == [(ten[:-1], "low")]
    assert cut("gls", eight) == []
    assert recognised("packeta", f"Z{ten}") == "fair"
    assert recognised("packeta", ten) is None
    assert cut("packeta", f"Z{ten}") == []
    assert recognised("sameday", f"1ONB{twelve}") == "fair"
    assert recognised("sameday", f"ONB{twelve}") is None
    assert cut("sameday", f"1ONB{ten}{part}") == [(f"1ONB{ten}", "sure")]
    assert cut("sameday", f"1ONB{part}") == []


@FEW
@given(st.one_of(number(length) for length in (9, 10, 12, 14, 15, 18, 20, 22, 28, 34)))
def test_the_most_trusted_meaning_of_a_code_comes_first(text: str) -> None:
    trust: list[TrackingCandidate] = list(read_label(text).candidates)
    order = [("sure", "fair", "low").index(one.certainty) for one in trust]
    assert order == sorted(order)
