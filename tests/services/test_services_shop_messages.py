"""What a shop sends by itself: read as an object or not at all, and named by what is signed."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.services.shops.messages import digest_of, host_of, object_of


@pytest.mark.parametrize(
    "body",
    [b"", b"null", b"[]", b'[{"id": 1}]', b'"text"', b"7", b"{", b'{"id": }', b"\xff\xfe{}",
     b"[" * 100_000],
)  # fmt: skip
def test_a_body_that_is_no_object_is_an_empty_one(body: bytes) -> None:
    assert object_of(body) == {}


def test_an_object_is_read_with_all_its_letters_and_without_what_no_database_keeps() -> None:
    body = '{"name": "Țîrlea \\u0000Ion", "half": "\\ud800", "list": ["\\u0000a"]}'.encode()
    assert object_of(body) == {"name": "Țîrlea Ion", "half": "\ufffd", "list": ["a"]}


@given(st.binary(max_size=200))
def test_whatever_bytes_come_they_are_an_object_or_nothing(body: bytes) -> None:
    assert isinstance(object_of(body), dict)


@given(st.dictionaries(st.text("abc"), st.integers()))
def test_what_was_written_is_read(fields: dict[str, int]) -> None:
    assert object_of(json.dumps(fields).encode()) == fields


def test_a_repeat_has_the_same_name_and_another_order_or_body_has_not() -> None:
    names = {
        digest_of(body, gid) for body in (b"{}", b"{ }") for gid in ("1", "2", "")
    } | {digest_of(b"{}", "1")}  # fmt: skip
    assert len(names) == 6


def test_the_order_and_the_body_cannot_be_shifted_into_each_other() -> None:
    assert digest_of(b"23", "1") != digest_of(b"3", "12")


@pytest.mark.parametrize(
    ("address", "host"),
    [
        ("casa-verde.myshopify.com", "casa-verde.myshopify.com"),
        ("https://Casa-Verde.MyShopify.com/admin?x=1", "casa-verde.myshopify.com"),
        ("http://shop.example:8443/wp", "shop.example"),
        ("shop.example:8443/wp", "shop.example"),
        ("https://user:secret@shop.example/", "shop.example"),
        ("https://[2001:db8::1]:443/", "2001:db8::1"),
        ("", ""),
        ("https://", ""),
        ("https://[not-closed", ""),
    ],
)
def test_the_host_of_an_address_is_its_name_alone(address: str, host: str) -> None:
    assert host_of(address) == host
