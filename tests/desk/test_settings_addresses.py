"""Saved passwords go only to the address they were typed for, and only by https."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine

from core.audit import trail
from core.settings import addresses, connections
from core.settings.connections import Connection
from core.store import db

HOSTS = st.from_regex(r"[a-z]{1,8}(\.[a-z]{2,5}){1,2}", fullmatch=True)


def connection(address: str) -> Connection:
    return Connection(1, "shop", "shopify", "Casa", {"base_url": address}, {"token": "shpat_1"})


@given(HOSTS, HOSTS, st.sampled_from(["", "/admin", "/admin/api/"]))
def test_secrets_stay_with_their_server_and_leave_with_any_other(
    one: str, other: str, path: str
) -> None:
    kept = connections.kept_secrets(
        connection(f"https://{one}"), {"base_url": f"https://{other}{path}"}
    )
    assert bool(kept) == (one == other)


@pytest.mark.parametrize(
    "address",
    [
        "http://api.example.com",
        "https://api.example.com:444",
        "https://api.example.com.evil.org",
        "",
    ],
)
def test_another_scheme_port_or_ending_is_another_server(address: str) -> None:
    assert (
        connections.kept_secrets(connection("https://api.example.com"), {"base_url": address}) == {}
    )


def test_the_same_server_written_another_way_keeps_its_secrets() -> None:
    same = {"base_url": " https://API.example.com:443/v2"}
    assert connections.kept_secrets(connection("https://api.example.com"), same) == {
        "token": "shpat_1"
    }


@pytest.mark.parametrize(
    "address",
    ["http://api.example.com", "ftp://x.y",
     "javascript://x/%0aalert(1)", "api.example.com/v1", "https://", "https://a:b@x.y",
     "http://127.0.0.1.evil.org", "http://[::2]/", "https://x.y:99999999/"],
)  # fmt: skip
def test_an_address_that_passwords_must_not_go_to_is_refused(engine: Engine, address: str) -> None:
    with pytest.raises(addresses.UnsafeAddress), db.writing() as open_:
        connections.save(
            open_, kind="shop", service="shopify", name="Casa",
            settings={"base_url": address}, secrets_={"token": "t"},
        )  # fmt: skip


@pytest.mark.parametrize(
    "address",
    [
        "https://api.example.com",
        "casa-verde.myshopify.com",
        "http://localhost:8502",
        "http://127.0.0.1:9/x",
        "http://[::1]:9",
    ],
)
def test_https_and_this_computer_are_taken(address: str) -> None:
    addresses.check({"base_url": address})


def test_the_record_names_the_address_before_and_after(engine: Engine) -> None:
    for address in ("https://a.example", "https://b.example"):
        with db.writing() as open_:
            connections.save(
                open_, kind="shop", service="shopify", name="Casa",
                settings={"base_url": address}, secrets_={},
            )  # fmt: skip
    with db.reading() as open_:
        newest = trail.search(open_)[0]
    assert newest.detail["before"] == {"base_url": "https://a.example"}
    assert newest.detail["settings"] == {"base_url": "https://b.example"}
