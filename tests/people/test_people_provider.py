"""The other service as it is described, and how its word is asked for."""

from collections.abc import Callable, Iterator

import pytest
from people_provider import FakeProvider
from sqlalchemy import Engine
from starlette.types import ASGIApp

from core.people.ways import openid, provider
from core.people.ways.provider import Provider, WrongProvider
from core.store import desk

SET = {"issuer": "https://id.example", "client": "refuz"}
BACK = "http://localhost:8501/sign-in/openid/back"


@pytest.fixture
def fake(engine: Engine, serve: Callable[[ASGIApp], str]) -> Iterator[FakeProvider]:
    made = FakeProvider(asked={"nonce": "n"})
    made.base = serve(made.app())
    desk.current().forget()
    yield made
    desk.current().forget()


def of(fake: FakeProvider, secret: str = "se:cret") -> Provider:
    return Provider(issuer=fake.base, client="refuz", secret=secret)


# ---------------------------------------------------------------- as it is described


@pytest.mark.parametrize(
    ("setting", "claim", "roles"),
    [("groups: a=admin, b = scanner", "groups", {"a": "admin", "b": "scanner"}),
     ("groups:a=admin", "groups", {"a": "admin"}),
     ("realm_access.roles: urn:x:a=admin", "realm_access.roles", {"urn:x:a": "admin"}),
     (" https://shop.example/roles: a=admin", "https://shop.example/roles", {"a": "admin"}),
     ("", "", {}), ("  ", "", {})],
)  # fmt: skip
def test_roles_are_read_by_the_claim_that_is_named(
    setting: str, claim: str, roles: dict[str, str]
) -> None:
    found = provider.of({**SET, "roles": setting})
    assert found is not None
    assert (found.claim, found.roles) == (claim, roles)


@pytest.mark.parametrize(
    "setting", ["groups", "groups:", ": a=admin", "groups: a", "groups: =admin", "groups: a=",
                "groups: a=admin,", "https://shop.example/roles"],
)  # fmt: skip
def test_roles_that_do_not_read_so_are_refused(setting: str) -> None:
    with pytest.raises(WrongProvider, match="ROLES"):
        provider.of({**SET, "roles": setting})


@pytest.mark.parametrize(
    ("claim", "claims", "role"),
    [("https://shop.example/roles", {"https://shop.example/roles": ["x", "a"]}, "admin"),
     ("https://shop.example/roles", {"https://other.example/roles": ["a"]}, ""),
     ("realm.groups", {"realm": {"groups": "a"}}, "admin"),
     ("realm.groups", {"realm.groups": ["b"], "realm": {"groups": ["a"]}}, "scanner"),
     ("realm.groups", {"realm": "a"}, ""), ("groups", {}, "")],
)  # fmt: skip
def test_a_role_is_what_the_named_claim_gives(
    claim: str, claims: dict[str, object], role: str
) -> None:
    asked = Provider("https://id.example", "refuz", "", claim=claim,
                     roles={"a": "admin", "b": "scanner"})  # fmt: skip
    assert openid._role(asked, claims, "operator") == role


@pytest.mark.parametrize(
    ("address", "safe"),
    [("https://id.example", True), ("https://id.example:8443/x", True),
     ("http://localhost:8080", True), ("http://[::1]:8080", True), ("http://127.0.0.1", True),
     ("http://id.example", False), ("http://localhost.evil.example", False),
     ("https://", False), ("https://user@id.example", False), ("https://id.example:x", False),
     ("https://id.example:0", False), ("ftp://localhost", False), ("//id.example", False),
     ("https://[::1", False)],
)  # fmt: skip
def test_only_https_or_this_computer_is_asked(address: str, safe: bool) -> None:
    assert provider.is_safe(address) is safe


# ---------------------------------------------------------------- how it is asked


@pytest.mark.parametrize(
    ("methods", "secret", "who"),
    [(["client_secret_basic"], "se:cret", "basic"), (None, "se:cret", "basic"),
     ({"not": "a list"}, "se:cret", "basic"), (["client_secret_post"], "se:cret", "form"),
     (["client_secret_basic"], "", "nobody")],
)  # fmt: skip
def test_a_code_is_redeemed_in_the_way_that_the_service_takes(
    fake: FakeProvider, methods: object, secret: str, who: str
) -> None:
    fake.discovery = {"token_endpoint_auth_methods_supported": methods}
    assert provider.redeem(of(fake, secret), "the-code", "v", BACK)
    expected = {
        "basic": ("refuz:se%3Acret", None, None),
        "form": ("", "refuz", "se:cret"),
        "nobody": ("", "refuz", None),
    }[who]
    asked = fake.redeemed
    assert (asked["who"], asked.get("client_id"), asked.get("client_secret")) == expected


def test_what_the_service_refuses_is_told_with_its_word(fake: FakeProvider) -> None:
    with pytest.raises(WrongProvider, match="400: invalid_grant"):
        provider.redeem(of(fake), "another-code", "v", BACK)


@pytest.mark.parametrize(
    "named", ["authorization_endpoint", "token_endpoint", "jwks_uri"],
)  # fmt: skip
@pytest.mark.parametrize("address", ["http://evil.example/x", None, ["https://id.example"]])
def test_a_service_that_sends_us_to_an_unsafe_address_is_not_used(
    fake: FakeProvider, named: str, address: object
) -> None:
    fake.discovery = {named: address}
    with pytest.raises(WrongProvider, match=named):
        provider.discovery(of(fake))
    fake.discovery = {}
    assert provider.discovery(of(fake))["issuer"] == fake.base  # nothing of it was kept


def test_its_addresses_are_believed_for_an_hour(fake: FakeProvider, set_clock) -> None:
    first = provider.discovery(of(fake))
    fake.discovery = {"token_endpoint": "https://id.example/new"}
    set_clock.passed += provider.KNOWN_FOR - 60
    assert provider.discovery(of(fake)) == first
    set_clock.passed += 120
    assert provider.discovery(of(fake))["token_endpoint"] == "https://id.example/new"
