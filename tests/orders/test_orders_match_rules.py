"""The bounds and the order of the ways in which a code finds its order, one by one."""

import itertools
import string

import pytest
from match_desk import add, learn
from sqlalchemy import Connection, Engine, insert, select, update

from core import rights
from core.audit.redact import code_for_record
from core.errors import UserError
from core.labels import normalise
from core.labels.codes import LabelCode
from core.matching import match as matching
from core.matching import not_parcels
from core.matching.codes import NotParcelCode
from core.matching.match import MOST_CANDIDATES, MatchCode, match, one_symbol_off
from core.reasons import Reason
from core.store.tables import not_parcels as answers
from core.store.tables import parcels
from core.store.tables.desk import audit

ALPHABET = string.digits + string.ascii_uppercase


def take_back(connection: Connection, tracking: str) -> None:
    connection.execute(update(parcels).where(parcels.c.tracking == tracking).values(void=True))


def way(connection: Connection, code: str, *, weak: bool = False) -> tuple[str, str, str]:
    found = match(connection, code, weak=weak)
    return found.outcome, found.matched_by, found.tracking


# ---------------------------------------------------------------- what one wrong symbol makes


@pytest.mark.parametrize("key", ["A12", "1A2", "123", "AB", "7", "12"])
def test_one_symbol_makes_another_character_or_another_pair_of_digits(key: str) -> None:
    def is_near(other: str) -> bool:
        places = [at for at in range(len(key)) if key[at] != other[at]]
        if len(places) == 2 and places[1] == places[0] + 1:
            return all(one[places[0] : places[0] + 2].isdigit() for one in (key, other))
        return len(places) == 1

    texts = map("".join, itertools.product(ALPHABET, repeat=len(key)))
    assert set(one_symbol_off(key)) == {one for one in texts if is_near(one)}
    assert key not in list(one_symbol_off(key))


@pytest.mark.parametrize("near", ["00345678904444", "12345678904499", "Z2345678904444"])
@pytest.mark.parametrize("at_once", [3, 5000])
def test_a_near_number_is_found_wherever_it_stands_among_those_asked_for(
    desk: Connection, near: str, at_once: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(matching, "IN_ONE_QUERY", at_once)
    add(desk, "#one", "12345678904444")
    add(desk, "#near", near)
    assert match(desk, "12345678904444", weak=True).outcome == "ambiguous"


def test_in_doubt_a_mere_guess_at_what_the_label_means_is_not_compared(desk: Connection) -> None:
    """GLS may have added the last digit; what is one symbol from the rest is another number."""
    add(desk, "#other", "80441942")
    assert way(desk, "804419419", weak=True) == ("matched", "exact", "804419419")


@pytest.mark.parametrize("code", ["804419419001", "512345678904"])
def test_in_doubt_nothing_is_guessed(desk: Connection, code: str) -> None:
    found = match(desk, code, weak=True)
    assert (found.outcome, found.candidates) == ("unmatched", ())
    assert (found.why, found.is_tracking) == (Reason(MatchCode.NO_ORDER), True)


def test_in_doubt_a_number_that_was_taken_back_is_compared_as_well(desk: Connection) -> None:
    take_back(desk, "7000121083646")
    assert way(desk, "7000121083646", weak=True) == ("matched", "exact", "7000121083646")
    add(desk, "#near", "7000121083645")
    assert match(desk, "7000121083646", weak=True).outcome == "ambiguous"
    assert match(desk, "7000121083646").outcome == "matched"


# ---------------------------------------------------------------- how much longer or shorter


@pytest.mark.parametrize(
    ("tracking", "code", "fits"),
    [
        ("HX345678", "HX3456789", False),  # one more is a misread
        ("HX345678", "HX34567890", True),
        ("HX345678", "HX345678901234", True),
        ("HX345678", "HX3456789012345", False),
        ("HX3456789", "HX345678", False),
        ("HX34567890", "HX345678", True),
        ("HX345678901234", "HX345678", True),
        ("HX3456789012345", "HX345678", False),
        ("HX345678901", "HX34567", False),  # too short a beginning
        ("HX34567", "HX34567890", False),
        ("HX34-5678901", "HX34-5678", False),  # signs are nobody's beginning
        ("HȘ345678901", "HȘ345678", False),
    ],
)
def test_a_prefix_is_two_to_six_characters_shorter_and_eight_long(
    desk: Connection, tracking: str, code: str, fits: bool
) -> None:
    add(desk, "#it", tracking)
    assert way(desk, code) == (("matched", "prefix", tracking) if fits else ("unmatched", "", ""))


def test_beginnings_and_longer_numbers_are_one_question(desk: Connection) -> None:
    add(desk, "#short", "HX345678")
    add(desk, "#long", "HX345678901234")
    found = match(desk, "HX34567890")
    assert (found.outcome, found.matched_by, len(found.candidates)) == ("ambiguous", "prefix", 2)


# ---------------------------------------------------------------- which way goes first


def test_a_courier_that_is_sure_goes_before_one_that_is_not(desk: Connection) -> None:
    add(desk, "#sameday", "70001210836460")  # without the parcel number of three digits: sure
    assert way(desk, "70001210836460001") == ("matched", "courier", "70001210836460")
    take_back(desk, "70001210836460")
    assert way(desk, "70001210836460001") == ("matched", "courier", "7000121083646")


def test_a_number_that_was_taken_back_goes_behind_one_that_was_learnt(desk: Connection) -> None:
    learn(desk, "7000121083646", add(desk, "#learnt", "9990001112223"))
    assert way(desk, "7000121083646")[0] == "ambiguous"
    take_back(desk, "7000121083646")
    assert way(desk, "7000121083646") == ("matched", "alias", "9990001112223")
    take_back(desk, "9990001112223")  # of two taken back the first way counts
    assert way(desk, "7000121083646") == ("matched", "exact", "7000121083646")


def test_of_a_web_address_only_whole_numbers_are_known(desk: Connection) -> None:
    page = match(desk, "https://trk.example/5123456789?x=1")  # shorter than the number known
    assert (page.outcome, page.is_tracking) == ("unmatched", False)
    assert page.why == Reason(LabelCode.WEB_ADDRESS)
    assert way(desk, "https://trk.example/51234567890") == ("matched", "courier", "51234567890")


def test_what_is_no_tracking_number_is_nobodys_beginning(desk: Connection) -> None:
    add(desk, "#reference", "REF1234567801")
    found = match(desk, "REF12345678")
    assert (found.outcome, found.is_tracking) == ("unmatched", False)
    assert found.why == Reason(LabelCode.SENDERS_REFERENCE)
    assert way(desk, "REF1234567801")[0] == "matched"  # but a known number is known


def test_an_empty_code_finds_nothing_even_among_empty_numbers(desk: Connection) -> None:
    add(desk, "#empty", "")
    found = match(desk, " ")
    assert (found.outcome, found.why) == ("unmatched", Reason(LabelCode.EMPTY))


def test_a_number_of_a_couriers_form_that_nobody_has_is_an_unknown_parcel(desk: Connection) -> None:
    for code in ("7000999999999", "HOLO-1"):
        found = match(desk, code)
        assert (found.outcome, found.is_tracking) == ("unmatched", True)
        assert found.why == Reason(MatchCode.NO_ORDER)
    assert match(desk, "7000121083646").is_tracking


# ---------------------------------------------------------------- how many are told


def test_of_many_orders_twenty_are_candidates_and_five_are_named(desk: Connection) -> None:
    for number in range(MOST_CANDIDATES + 5):
        add(desk, f"#{number:02}x", "HX345678")
    exact = match(desk, "HX345678")
    assert (len(exact.candidates), exact.matched_by) == (20, "exact")
    names = exact.why.parameters["orders"] if exact.why else ()
    assert list(names) == [f"#{number:02}x" for number in range(5)]
    assert exact.why is not None
    assert exact.why.code == MatchCode.SEVERAL_ORDERS
    for number in range(MOST_CANDIDATES + 5):  # beginnings and longer ones, twenty of each
        add(desk, f"#{number:02}y", "HX34567890AB")
    both = match(desk, "HX34567890")
    assert (len(both.candidates), both.matched_by) == (20, "prefix")
    near = match(desk, "HX345678", weak=True)
    assert near.outcome == "ambiguous"
    assert len(near.candidates) == 20
    assert near.why == Reason.of(MatchCode.NEARLY, orders=tuple(f"#{n:02}x" for n in range(5)))


def test_a_guess_is_asked_about_with_each_order_that_it_may_be(desk: Connection) -> None:
    for number in range(6):
        add(desk, f"#{number}g", "51234567890")
    found = match(desk, "512345678904")
    assert (found.outcome, found.matched_by, len(found.candidates)) == ("ambiguous", "courier", 7)
    assert found.why == Reason.of(MatchCode.MAYBE, orders=("#0g", "#1g", "#2g", "#3g", "#4"))
    assert (found.order_id, found.parcel_id) == (None, None)


# ---------------------------------------------------------------- said to be no parcel


def test_an_empty_code_is_nothing_to_say_anything_of(engine: Engine) -> None:
    with pytest.raises(UserError) as caught:
        not_parcels.say_not_parcel(" \r\n")
    assert caught.value.reason == Reason(NotParcelCode.EMPTY)
    with pytest.raises(UserError) as caught:
        not_parcels.say_not_parcel("7000121003150", all_like=True)
    assert caught.value.reason == Reason(NotParcelCode.LIKE_PARCELS)


def test_all_like_one_never_means_what_may_be_a_parcel(engine: Engine) -> None:
    """A code of digits shares its shape with the numbers of couriers."""
    not_parcels.say_not_parcel("HOLO-77881", all_like=True)
    with engine.connect() as connection:
        assert not_parcels.is_not_parcel(connection, "HOLO-11111")
        assert not not_parcels.is_not_parcel(connection, "HOLO-1111")
        assert match(connection, "HOLO-11111").why == Reason(LabelCode.SAID_NOT_PARCEL)
        assert not match(connection, "HOLO-11111").is_tracking


def test_a_code_is_kept_as_far_as_its_column_reaches(engine: Engine) -> None:
    long = "HOLO-" + "Q" * 300
    with rights.named("a" * 100):
        not_parcels.say_not_parcel(long)
    with engine.connect() as connection:
        row = connection.execute(select(answers)).one()
        assert (row.key, row.created_by) == (long[:200], "a" * 80)
        assert not_parcels.is_not_parcel(connection, long)
        entry = connection.execute(select(audit)).all()[-1]
        named = code_for_record(long)  # it spells words, so the record names it by its digest
        assert entry.subject == f"code {named}"
        assert entry.detail == {"code": named, "all like this": False, "scans": 0}


def test_an_answer_that_was_never_given_cannot_be_taken_back(engine: Engine) -> None:
    assert not_parcels.take_back("HOLO-1") == 0
    with engine.connect() as connection:
        assert connection.execute(select(audit)).all() == []
    not_parcels.say_not_parcel("HOLO-1")
    not_parcels.say_not_parcel("HOLO-1", all_like=True)
    assert not_parcels.take_back("HOLO-1") == 2
    with engine.connect() as connection:
        assert not not_parcels.is_not_parcel(connection, "HOLO-1")
        assert connection.execute(select(audit)).all()[-1].subject == "code HOLO-1"


# ---------------------------------------------------------------- more than a number in a text


@pytest.mark.parametrize("between", [" ", "\t", ";", ", ", "\r\n", " | "])
def test_two_orders_numbers_in_one_line_are_a_question(desk: Connection, between: str) -> None:
    """Joined, a courier's cut found the first, and the second was lost without a word."""
    first, second = add(desk, "#one", "7000129000018"), add(desk, "#two", "7000129000025")
    found = match(desk, f"7000129000018{between}7000129000025")
    orders = set(desk.scalars(select(parcels.c.order_id).where(parcels.c.id.in_([first, second]))))
    assert (found.outcome, set(found.candidates)) == ("ambiguous", orders)


@pytest.mark.parametrize(
    "form",
    ["{0} {0}", "2 of 3 {0}", "{0} (2 of 3)", "{0} 2/3", "1/3 {0}", "{0} colet 2 din 3",
     "AWB: {0}", "AWB nr. {0}", "Colet {0}", "FAN: {0}", "7000-1290-00032"],
)  # fmt: skip
def test_a_caption_or_a_count_beside_a_number_hides_it_not(desk: Connection, form: str) -> None:
    add(desk, "#one", "7000129000032")
    assert way(desk, form.format("7000129000032")) == ("matched", "courier", "7000129000032")


@pytest.mark.parametrize(
    "code", ["(00)123456789012345675", "]C100123456789012345675", "]d200123456789012345675",
             "\x1d00123456789012345675", "]e000123456789012345675"],
)  # fmt: skip
def test_an_sscc_is_the_same_number_however_it_is_told(desk: Connection, code: str) -> None:
    add(desk, "#one", "00123456789012345675")
    assert way(desk, code) == ("matched", "exact", "00123456789012345675")


def test_what_stands_beside_a_number_of_nobody_finds_nothing(desk: Connection) -> None:
    add(desk, "#one", "7000129000049")
    assert match(desk, "7000129000056 2/3").outcome == "unmatched"
    assert match(desk, "2/3").outcome == "unmatched"


@pytest.mark.parametrize("scanned", ["804419419", "*804419419*", "51234567890"])
def test_a_number_learnt_for_one_order_that_is_another_orders_own_is_a_question(
    desk: Connection, scanned: str
) -> None:
    own = match(desk, scanned)
    other = add(desk, "#9001", "9988776655443")
    learn(desk, normalise(scanned), other)
    found = match(desk, scanned)
    assert (found.outcome, found.order_id) == ("ambiguous", None)
    of_other = desk.scalar(select(parcels.c.order_id).where(parcels.c.id == other))
    assert set(found.candidates) == {own.order_id, of_other}


def test_a_longer_label_text_of_such_a_number_is_a_question_too(desk: Connection) -> None:
    other = add(desk, "#9001", "9988776655443")
    learn(desk, "7000121083646", other)
    assert match(desk, "70001210836460001").outcome == "ambiguous"


def test_a_number_learnt_for_its_own_orders_second_parcel_is_no_question(desk: Connection) -> None:
    order_id = match(desk, "804419419").order_id
    second = desk.scalar(
        insert(parcels)
        .values(order_id=order_id, shop_id=1, tracking="9988776655443",
                tracking_key="9988776655443", payment="cod")
        .returning(parcels.c.id)
    )  # fmt: skip
    learn(desk, "804419419", second or 0)
    found = match(desk, "804419419")
    assert (found.outcome, found.matched_by, found.order_id) == ("matched", "exact", order_id)


def test_a_number_taken_back_from_one_order_and_learnt_for_another_is_the_others(
    desk: Connection,
) -> None:
    desk.execute(update(parcels).where(parcels.c.tracking == "804419419").values(void=True))
    other = add(desk, "#9001", "9988776655443")
    learn(desk, "804419419", other)
    assert match(desk, "804419419").parcel_id == other
