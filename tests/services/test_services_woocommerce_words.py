"""WooCommerce's county codes and webhooks, as the shop writes them and as we read them."""

import json
from string import ascii_uppercase

import pytest

from core.services.shops.woocommerce import messages
from core.services.shops.woocommerce.counties import county

ORDER = {"id": 81, "status": "cancelled", "date_modified_gmt": "2026-11-20T08:15:00"}
HEADERS = {
    "x-wc-webhook-topic": "order.updated", "x-wc-webhook-delivery-id": "abc",
    "x-wc-webhook-signature": "c2ln", "x-wc-webhook-source": "https://Casa-Verde.example/",
}  # fmt: skip


@pytest.mark.parametrize(
    ("country", "state", "name"),
    [("RO", "CJ", "Cluj"), ("ro", "b", "București"), ("", "IS", "Iași"), ("RO", "Cluj", "Cluj"),
     ("HU", "CS", "CS"), ("BG", "", ""), ("RO", "XX", "XX")],
)  # fmt: skip
def test_a_county_is_named_by_its_code_in_romania_alone(
    country: str, state: str, name: str
) -> None:
    assert county(country, state) == name


def test_each_of_romanias_counties_has_a_code_of_its_own() -> None:
    """Forty-one counties and the capital."""
    letters = [first + second for first in ascii_uppercase for second in ascii_uppercase]
    named = {one: county("RO", one) for one in [*letters, "B"] if county("RO", one) != one}
    assert len(named) == len(set(named.values())) == 42


def read(body: object, **headers: str) -> messages.Message:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return messages.read(raw, {**HEADERS, **{f"x-wc-webhook-{k}": v for k, v in headers.items()}})


def test_a_message_names_its_order_its_change_and_its_shop() -> None:
    found = read(ORDER)
    assert (found.gid, found.cancelled, found.host) == ("81", True, "casa-verde.example")
    assert (found.topic, found.signature) == ("order.updated", "c2ln")
    assert found.at is not None
    assert found.at.isoformat() == "2026-11-20T08:15:00+00:00"


def test_a_repeat_has_the_same_name_whatever_its_delivery_is_called() -> None:
    """The shop's delivery id is made of the webhook and the second (WOOCOMMERCE I)."""
    first, again = read(ORDER), read(ORDER, **{"delivery-id": "def"})
    assert first.id == again.id != ""
    changed = {**ORDER, "date_modified_gmt": "2026-11-20T08:15:01"}
    others = [read(changed), read({**ORDER, "id": 82}), read(ORDER, topic="order.deleted")]
    assert len({first.id, *(one.id for one in others)}) == 4


def test_two_orders_in_the_trash_are_two_messages() -> None:
    one, other = (read({"id": number}, topic="order.deleted") for number in (81, 82))
    assert one.id != other.id
    assert (one.gid, one.at) == ("81", None)


@pytest.mark.parametrize("number", [True, 0, -3, "81", 8.1, None])
def test_what_is_no_order_number_names_no_order(number: object) -> None:
    assert read({**ORDER, "id": number}).gid == ""


def test_a_moment_that_cannot_be_read_is_none_and_the_body_names_the_message() -> None:
    broken = {**ORDER, "date_modified_gmt": "yesterday"}
    found = read(broken)
    assert (found.at, found.gid) == (None, "81")
    assert found.id == read(broken).id != read({**broken, "status": "x"}).id


@pytest.mark.parametrize(
    ("raw", "topic", "ping"),
    [(b"webhook_id=7", "", True), (b"webhook_id=7&x=1", "", False),
     (b"webhook_id=7", "order.updated", False), (b"", "", False)],
)  # fmt: skip
def test_only_the_shops_first_word_is_a_ping(raw: bytes, topic: str, ping: bool) -> None:
    found = read(raw, topic=topic)
    assert found.is_ping is ping
    assert not (ping and found.id)


def test_of_a_topic_that_is_not_ours_nothing_is_read() -> None:
    found = read(ORDER, topic="customer.updated")
    assert (found.gid, found.at, found.cancelled) == ("", None, False)
