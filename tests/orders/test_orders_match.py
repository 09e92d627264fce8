"""A code finds exactly one order, or it is a question (rule 7)."""

import string
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, insert

from core.clock import now
from core.labels import normalise
from core.labels.codes import LabelCode
from core.labels.couriers.dpd import check_character
from core.matching.match import match
from core.reasons import Reason
from core.store import db
from core.store.tables import aliases, connections, orders, parcels

NUMBERS = (
    "1ONB24222308781", "7000121083646", "804419419", "URGC10875236", "51234567890",
    "13054001000001", "Z1234567890", "RR123456785RO", "1Z5R89390357567127",
)  # fmt: skip
ALPHABET = string.digits + string.ascii_uppercase


def add(connection: Connection, name: str, tracking: str) -> int:
    order_id = connection.scalar(
        insert(orders).values(
            shop_id=1, gid=f"test/{name}", name=name, created_at=now(), updated_at=now(),
            payment="cod", total_minor=1, currency="RON", tags=[], attributes={}, synced_at=now(),
        ).returning(orders.c.id)
    )  # fmt: skip
    parcel = insert(parcels).values(
        order_id=order_id, shop_id=1, tracking=tracking, tracking_key=normalise(tracking),
        payment="cod",
    )  # fmt: skip
    return connection.scalar(parcel.returning(parcels.c.id)) or 0


@pytest.fixture
def desk(engine: Engine) -> Iterator[Connection]:
    """A desk that knows one order for each of NUMBERS."""
    shop = {"kind": "shop", "service": "shopify", "name": "Casa", "settings": {}, "secrets": ""}
    with db.writing(engine) as connection:
        connection.execute(insert(connections).values(**shop, created_at=now()))
        for place, number in enumerate(NUMBERS):
            add(connection, f"#{place}", number)
        yield connection


@pytest.mark.parametrize("number", NUMBERS)
def test_a_known_number_is_found_however_it_is_written(desk: Connection, number: str) -> None:
    for written in (number, f" {number.lower()}\r\n", f"]C0{number}", f"*{number}*"):
        found = match(desk, written)
        assert (found.outcome, found.matched_by, found.tracking) == ("matched", "exact", number)


@pytest.mark.parametrize(
    ("code", "way", "tracking"),
    [
        ("1ONB24222308781001", "courier", "1ONB24222308781"),
        ("70001210836460001", "courier", "7000121083646"),
        ("%0101234130540010000011010642", "courier", "13054001000001"),
        ("804419419001", "prefix", "804419419"),
        ("Z12345678", "prefix", "Z1234567890"),
        ("https://trk.example/1ONB24222308781?r=7", "courier", "1ONB24222308781"),
    ],
)
def test_a_longer_or_shorter_label_text_finds_its_order(
    desk: Connection, code: str, way: str, tracking: str
) -> None:
    found = match(desk, code)
    assert (found.outcome, found.matched_by, found.tracking) == ("matched", way, tracking)


@settings(
    max_examples=400, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(
    number=st.sampled_from(NUMBERS),
    place=st.integers(0, 20),
    letter=st.sampled_from(ALPHABET),
    change=st.sampled_from(["replace", "insert", "remove", "swap"]),
)
def test_every_one_character_change_of_a_known_number_gives_no_automatic_match(
    desk: Connection, number: str, place: int, letter: str, change: str
) -> None:
    at = place % len(number)
    changed = {
        "replace": number[:at] + letter + number[at + 1 :],
        "insert": number[:place] + letter + number[place:],
        "remove": number[:at] + number[at + 1 :],
        "swap": number[:at] + number[at : at + 2][::-1] + number[at + 2 :],
    }[change]
    same = (number, number + check_character(number) if number.isdigit() else number)
    found = match(desk, changed)
    if changed in NUMBERS:  # another number that is known is simply that one
        assert (found.outcome, found.matched_by, found.tracking) == ("matched", "exact", changed)
    elif changed not in same:
        assert found.outcome != "matched", changed


def test_a_number_that_two_orders_have_is_a_question(desk: Connection) -> None:
    add(desk, "#again", NUMBERS[0])
    found = match(desk, NUMBERS[0])
    assert (found.outcome, found.order_id, len(found.candidates)) == ("ambiguous", None, 2)


def test_a_beginning_that_two_orders_share_is_a_question(desk: Connection) -> None:
    add(desk, "#near", "1ONB24222308799")
    assert match(desk, "1ONB242223087").outcome == "ambiguous"


def test_a_last_digit_that_may_be_gls_check_digit_is_asked_about(desk: Connection) -> None:
    found = match(desk, "512345678904")
    assert (found.outcome, len(found.candidates)) == ("ambiguous", 1)


def test_a_learnt_number_finds_the_parcel_it_was_learnt_for(desk: Connection) -> None:
    parcel_id = add(desk, "#back", "13054001000099")
    desk.execute(
        insert(aliases).values(
            code_key="99887766554433", parcel_id=parcel_id, source="person", created_at=now(),
            created_by="ana",
        )
    )  # fmt: skip
    found = match(desk, "99887766554433")
    assert (found.outcome, found.matched_by, found.parcel_id) == ("matched", "alias", parcel_id)


def test_what_is_no_tracking_number_is_unmatched_and_says_what_it_is(desk: Connection) -> None:
    found = match(desk, "5901234123457", "EAN13")
    assert (found.outcome, found.is_tracking) == ("unmatched", False)
    assert found.why == Reason(LabelCode.PRODUCT)


def test_the_prefix_search_uses_the_index(desk: Connection) -> None:
    plan = desk.exec_driver_sql(
        "EXPLAIN QUERY PLAN SELECT id FROM parcels WHERE tracking_key BETWEEN '1ONB' AND '1ONBZZ'"
    ).all()
    assert any("ix_parcels_tracking_key" in str(row) for row in plan)
