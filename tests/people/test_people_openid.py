"""Another service says who it is: only an invited person comes in, by a word that holds."""

import base64
import hashlib
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jwt
import pytest
import requests
from absent import absent
from people_provider import FakeProvider, key
from sqlalchemy import Engine, insert, select, update
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from core import rights
from core.audit import trail
from core.audit.actions import Action
from core.clock import now
from core.people import accounts, sessions
from core.people.ways import openid, provider
from core.people.ways.openid import OpenIdRefused
from core.reasons import Reason
from core.server import auth
from core.server.sign_in import forms
from core.server.sign_in import openid as routes
from core.store import db, desk
from core.store.tables import challenges, people
from tests.ports import free_port

NODE = Path(__file__).resolve().parents[1] / "node"
BACK = "http://localhost:8501/sign-in/openid/back"


@pytest.fixture
def fake(
    serve: Callable[[ASGIApp], str], engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> Iterator[FakeProvider]:
    made = FakeProvider()
    made.base = serve(made.app())
    monkeypatch.setenv("REFUZ_OPENID_ISSUER", made.base)
    monkeypatch.setenv("REFUZ_OPENID_CLIENT", "refuz")
    monkeypatch.setenv("REFUZ_OPENID_SECRET", "se:cret")
    with db.writing(engine) as connection:
        for login, role in (("ana@shop.example", "owner"), ("radu@shop.example", "operator")):
            connection.execute(insert(people).values(
                login=login, name=login[:4].title(), role=role, created_at=now(),
                password_hash="x" if role == "owner" else "",
            ))  # fmt: skip
    accounts.look_again()
    yield made
    accounts.look_again()


def come_in(fake: FakeProvider, **more: str) -> sessions.Session:
    address, browser = openid.begin(BACK, "/review")
    given = {**fake.answer(address), **more}
    _, session, where = openid.finish(given, browser, device="Chrome", address="10.0.0.1")
    assert session is not None
    assert where == "/review"
    return session


def failures() -> list[str]:
    with db.reading() as connection:
        found = trail.search(connection, actions=[Action.SIGN_IN_FAILED])
    return [str(Reason.from_json(one.detail["why"])) for one in found]


def test_an_invited_person_comes_in_by_a_verified_address_and_is_known_by_number_after(
    fake: FakeProvider,
) -> None:
    assert come_in(fake).person == "Ana@"
    fake.claims = {"email": "another@shop.example"}
    assert come_in(fake).person == "Ana@", "the address there may change, the number does not"
    with db.reading() as connection:
        linked = trail.search(connection, actions=[Action.SIGN_IN_LINKED])
        signed = trail.search(connection, actions=[Action.SIGNED_IN])
    assert len(linked) == 1
    assert {one.detail["by"] for one in signed} == {"openid"}


def test_the_code_is_asked_for_with_pkce_and_redeemed_with_its_verifier(fake: FakeProvider) -> None:
    come_in(fake)
    digest = hashlib.sha256(fake.redeemed["code_verifier"].encode()).digest()
    challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    assert (fake.asked["code_challenge"], fake.asked["code_challenge_method"]) == (
        challenge,
        "S256",
    )
    assert fake.redeemed["who"] == "refuz:se%3Acret"
    assert fake.redeemed["redirect_uri"] == fake.asked["redirect_uri"] == BACK


def _other_key(fake: FakeProvider, claims: dict[str, Any]) -> str:
    return jwt.encode(claims, key("one").key, algorithm="RS256", headers={"kid": "one"})


def _unknown_key(fake: FakeProvider, claims: dict[str, Any]) -> str:
    return jwt.encode(claims, key("x").key, algorithm="RS256", headers={"kid": "x"})


def _none(fake: FakeProvider, claims: dict[str, Any]) -> str:
    return jwt.encode(claims, None, algorithm="none", headers={"kid": "one"})


def _by_secret(fake: FakeProvider, claims: dict[str, Any]) -> str:
    """HMAC with what everybody knows: the public key, or the client's own secret."""
    return jwt.encode(claims, b"se:cret" * 8, algorithm="HS256", headers={"kid": "one"})


def _changed(fake: FakeProvider, claims: dict[str, Any]) -> str:
    fake.forge = None
    head, _, signature = fake.token().split(".")
    body = base64.urlsafe_b64encode(json.dumps({**claims, "sub": "1"}).encode()).rstrip(b"=")
    return f"{head}.{body.decode()}.{signature}"


def _garbage(fake: FakeProvider, claims: dict[str, Any]) -> str:
    return "no.token.at-all"


@pytest.mark.parametrize(
    "wrong",
    [
        {"nonce": "another"}, {"nonce": None}, {"iss": "https://evil.example"}, {"iss": None},
        {"aud": "another"}, {"aud": ["refuz", "another"]}, {"azp": "another"}, {"aud": None},
        {"exp": 1}, {"exp": None}, {"iat": None}, {"sub": None},
        {"iat": 4_102_444_800}, {"nbf": 4_102_444_800},  # in the year 2100
    ],
    ids=str,
)  # fmt: skip
def test_a_word_that_does_not_hold_lets_nobody_in(
    fake: FakeProvider, wrong: dict[str, Any]
) -> None:
    fake.claims = wrong
    with pytest.raises(OpenIdRefused):
        come_in(fake)
    assert failures()
    fake.claims = {}
    come_in(fake)


def test_two_long_numbers_of_the_service_that_begin_alike_are_not_one_person(
    fake: FakeProvider,
) -> None:
    fake.claims = {"sub": "7" * 200}
    first = come_in(fake)
    fake.claims = {"sub": "7" * 200 + "1"}
    with pytest.raises(OpenIdRefused):
        come_in(fake)
    fake.claims = {"sub": "7" * 200}
    assert come_in(fake).person_id == first.person_id


@pytest.mark.parametrize("forge", [_other_key, _unknown_key, _none, _by_secret, _changed, _garbage])
def test_a_word_that_is_not_signed_as_it_must_be_lets_nobody_in(
    fake: FakeProvider, forge: Callable[[FakeProvider, dict[str, Any]], str]
) -> None:
    fake.forge = forge
    with pytest.raises(OpenIdRefused):
        come_in(fake)


@pytest.mark.parametrize(
    "given",
    [{"state": "another"}, {"state": ""}, {"iss": "https://evil.example"}, {"code": ""},
     {"code": "another"}, {"error": "access_denied"}],
    ids=str,
)  # fmt: skip
def test_an_answer_to_another_question_lets_nobody_in(
    fake: FakeProvider, given: dict[str, str]
) -> None:
    with pytest.raises(OpenIdRefused):
        come_in(fake, **given)


def test_an_answer_is_taken_once_by_the_browser_that_asked_within_minutes(
    fake: FakeProvider, engine: Engine
) -> None:
    address, browser = openid.begin(BACK, "/")
    given = fake.answer(address)
    with pytest.raises(OpenIdRefused):
        openid.finish(given, "another browser", device="x", address="10.0.0.1")
    with pytest.raises(OpenIdRefused):
        openid.finish(given, browser, device="x", address="10.0.0.1")
    address, browser = openid.begin(BACK, "/")
    with db.writing(engine) as connection:
        connection.execute(update(challenges).values(expires_at=challenges.c.asked_at))
    with pytest.raises(OpenIdRefused):
        openid.finish(fake.answer(address), browser, device="x", address="10.0.0.1")


@pytest.mark.parametrize(
    "claims",
    [{"email": "eve@shop.example"}, {"email_verified": False}, {"email_verified": "true"},
     {"email": None}, {"email": "radu@\u212aasa.example"}],
    ids=ascii,
)  # fmt: skip
def test_nobody_signs_up_by_themselves(fake: FakeProvider, claims: dict[str, Any]) -> None:
    """The Kelvin sign is another letter than K, whatever its small letter is."""
    with db.writing() as connection:
        radu = people.c.login == "radu@shop.example"
        connection.execute(update(people).where(radu).values(login="radu@kasa.example"))
    fake.claims = claims
    with pytest.raises(OpenIdRefused, match="no account"):
        come_in(fake)
    with db.reading() as connection:
        assert len(connection.scalars(select(people.c.id)).all()) == 2


def test_an_account_that_has_ended_or_is_linked_to_another_does_not_open(
    fake: FakeProvider, engine: Engine
) -> None:
    come_in(fake)
    fake.claims = {"sub": "43"}
    with pytest.raises(OpenIdRefused):
        come_in(fake)
    fake.claims = {}
    with db.writing(engine) as connection:
        connection.execute(update(people).values(disabled_at=now()))
    with pytest.raises(OpenIdRefused):
        come_in(fake)


def test_claims_give_the_role_and_without_one_nobody_comes_in(
    fake: FakeProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    mapping = "realm.groups: desk-admins=admin, warehouse=scanner"
    monkeypatch.setenv("REFUZ_OPENID_ROLES", mapping)
    fake.claims = {"email": "radu@shop.example", "realm": {"groups": ["x", "warehouse"]}}
    assert come_in(fake).held == {rights.Right.SCAN}
    fake.claims["realm"] = {"groups": ["desk-admins", "warehouse"]}
    assert rights.Right.PEOPLE in come_in(fake).held
    fake.claims["realm"] = {"groups": ["another"]}
    with pytest.raises(OpenIdRefused, match="no role"):
        come_in(fake)


def test_a_new_key_of_the_service_is_found_and_a_changed_name_is_not_believed(
    fake: FakeProvider, set_clock: Any
) -> None:
    come_in(fake)
    fake.keys = [*fake.keys, key("two")]
    set_clock.passed += 61
    fake.claims = {"exp": int(time.time()) + 600}
    come_in(fake)
    desk.current().forget()
    fake.discovery = {"issuer": "https://evil.example"}
    with pytest.raises(OpenIdRefused):
        openid.begin(BACK, "/")


@pytest.mark.parametrize(
    ("claims", "holds"),
    [({}, True), ({"auth_time": 1}, False), ({"auth_time": None}, False), ({"sub": "43"}, False)],
)
def test_a_proof_is_the_same_persons_password_given_anew(
    fake: FakeProvider, claims: dict[str, Any], holds: bool
) -> None:
    session = come_in(fake)
    fake.claims = claims
    with rights.acting(sessions.actor_of(session)):
        address, browser = openid.begin_proof(BACK, "/settings")
        given = fake.answer(address)
        assert (fake.asked["prompt"], fake.asked["max_age"]) == ("login", "0")
        if not holds:
            with pytest.raises(OpenIdRefused):
                openid.finish(given, browser, device="x", address="10.0.0.1")
            return
        assert openid.finish(given, browser, device="x", address="")[1] is None


def test_a_session_remembered_by_the_service_is_no_proof(fake: FakeProvider) -> None:
    fake.claims = {"auth_time": int(time.time()) - 3600}
    assert not sessions.actor_of(come_in(fake)).proved
    fake.claims = {}
    assert sessions.actor_of(come_in(fake)).proved


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"REFUZ_OPENID_ISSUER": "http://id.example"}, "https"),
        ({"REFUZ_OPENID_ISSUER": "https://id.example"}, "CLIENT"),
        ({"REFUZ_OPENID_ISSUER": "https://id.example", "REFUZ_OPENID_CLIENT": "x",
          "REFUZ_OPENID_ROLES": "groups"}, "ROLES"),
    ],
)  # fmt: skip
def test_what_is_configured_wrongly_is_said(variables: dict[str, str], said: str) -> None:
    with pytest.raises(provider.WrongProvider, match=said):
        provider.configured(variables)
    assert provider.configured({}) is None


# ---------------------------------------------------------------- a certified provider, over HTTP


def desk_app() -> ASGIApp:
    async def page(_request: Request) -> Response:
        who = rights.actor()
        return PlainTextResponse(f"{who.name} {who.proved}")

    return Starlette(
        routes=[
            Route("/", page),
            *routes.routes(),
            Route("/sign-in", forms.show_or_sign_in, methods=["GET", "POST"]),
            Route("/confirm", forms.confirm),
        ],
        middleware=[Middleware(auth.AuthMiddleware, network=False, token="printed")],
    )


@pytest.fixture
def certified(
    serve: Callable[[ASGIApp], str], engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> Iterator[str]:
    """Our desk's address; the provider is npm's `oidc-provider`."""
    if not (NODE / "node_modules" / "oidc-provider").is_dir():
        absent("oidc-provider is not installed (make lint).")
    base = serve(desk_app()).replace("127.0.0.1", "localhost")
    port = free_port()
    command = [
        Path(sys.executable).with_name("node"),
        "provider.mjs",
        str(port),
        base + routes.BACK,
    ]
    with subprocess.Popen(
        command,
        cwd=NODE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,  # the wheel's `node` is a program that starts node
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline().strip() == "ready"
        monkeypatch.setenv("REFUZ_OPENID_ISSUER", f"http://localhost:{port}")
        monkeypatch.setenv("REFUZ_OPENID_CLIENT", "refuz")
        monkeypatch.setenv("REFUZ_OPENID_SECRET", "a-secret-of-the-tests")
        monkeypatch.setenv("REFUZ_OPENID_NAME", "Test & Co")
        with db.writing(engine) as connection:
            connection.execute(insert(people).values(
                login="ana@shop.example", name="Ana", role="owner", created_at=now(),
                password_hash="x",
            ))  # fmt: skip
        accounts.look_again()
        yield base
        os.killpg(process.pid, signal.SIGTERM)
    accounts.look_again()


def press(browser: requests.Session, page: requests.Response, **fields: str) -> requests.Response:
    """Send the page's form, as a browser does."""
    form = re.search(r'<form[^>]*action="([^"]+)"', page.text)
    assert form is not None, page.text[:500]
    hidden = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', page.text))
    return browser.post(form[1], data={**hidden, **fields}, timeout=30)


def sent_there(browser: requests.Session, address: str, login: str) -> requests.Response:
    page = press(browser, browser.get(address, timeout=30), login=login, password="any")
    return press(browser, page) if "<form" in page.text else page


def test_a_certified_provider_signs_an_invited_person_in_and_proves_them(certified: str) -> None:
    browser = requests.Session()
    shown = browser.get(f"{certified}/sign-in?next=/", timeout=10).text
    assert "Sign in with Test &amp; Co" in shown
    # It says only when it is asked when a password was given: no proof yet.
    assert sent_there(browser, f"{certified}/sign-in/openid?next=/", "ana").text == "Ana False"
    assert "/confirm/openid" in browser.get(f"{certified}/confirm", timeout=10).text
    assert sent_there(browser, f"{certified}/confirm/openid?next=/", "ana").text == "Ana True"
    with db.reading() as connection:
        assert [one.detail["by"] for one in trail.search(connection, actions=[Action.PROVED])] == [
            "openid"
        ]


def test_a_certified_provider_lets_no_stranger_in(certified: str) -> None:
    for login in ("eve", "unverified"):
        refused = sent_there(requests.Session(), f"{certified}/sign-in/openid", login)
        assert refused.status_code == 401
        assert "no account" in refused.text
