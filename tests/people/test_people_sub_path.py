"""Below a path of another site: other sign-ins, passkeys and shops' messages go by that path."""

from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests
from people_provider import FakeProvider
from sqlalchemy import Engine, insert
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.types import ASGIApp

from core.clock import now
from core.people import accounts
from core.server import auth, reach
from core.server.routes import table
from core.server.sign_in import calls
from core.store import db
from core.store.tables import people

ROOT = Path(__file__).resolve().parents[2]
OUTSIDE = {"host": "example.com", "x-forwarded-for": "203.0.113.5", "x-forwarded-proto": "https"}
Serve = Callable[[ASGIApp], str]


@pytest.fixture
def provider(
    serve: Serve, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> Iterator[FakeProvider]:
    made = FakeProvider()
    made.base = serve(made.app())
    for name, value in (("ISSUER", made.base), ("CLIENT", "refuz"), ("SECRET", "se:cret")):
        monkeypatch.setenv(f"REFUZ_OPENID_{name}", value)
    with db.writing(engine) as connection:
        connection.execute(insert(people).values(
            login="ana@shop.example", name="Ana", role="owner", created_at=now(),
            password_hash="x"))  # fmt: skip
    accounts.look_again()
    yield made
    accounts.look_again()


@pytest.fixture
def base(serve: Serve, engine: Engine) -> str:
    """The desk's routes below https://example.com/desk, as a proxy on this computer hands on."""
    here = reach.from_environment(
        {"REFUZ_PUBLIC_URL": "https://example.com/desk", "REFUZ_TRUSTED_PROXIES": "127.0.0.1"}
    )
    gate = Middleware(auth.AuthMiddleware, network=False, token="printed", reach=here)
    return serve(
        Starlette(
            routes=table.routes(ROOT / "pages" / "components"),
            middleware=[Middleware(reach.SubPath, base=here.base), gate],
        )
    )


def test_another_service_leads_back_below_the_path_and_the_session_is_that_path_s(
    base: str, provider: FakeProvider
) -> None:
    with requests.Session() as browser:
        away = browser.get(
            f"{base}/desk/sign-in/openid?next=/review", headers=OUTSIDE, allow_redirects=False,
            timeout=20,
        )  # fmt: skip
        there = away.headers["location"]
        asked = dict(parse_qsl(urlsplit(there).query))
        assert asked["redirect_uri"] == "https://example.com/desk/sign-in/openid/back"
        header = away.headers["set-cookie"]
        assert "Path=/desk;" in header
        assert "Secure" in header
        cookie = header.partition(";")[0]
        back = browser.get(
            f"{base}/desk/sign-in/openid/back", params=provider.answer(there),
            headers={**OUTSIDE, "cookie": cookie}, allow_redirects=False, timeout=20,
        )  # fmt: skip
    assert (back.status_code, back.headers["location"]) == (303, "/desk/review")
    assert "__Secure-refuz=" in back.headers["set-cookie"]
    assert "Path=/;" not in back.headers["set-cookie"]


def test_a_passkey_there_is_the_site_s_and_its_origin_has_no_path() -> None:
    scope = {
        "type": "http", "path": "/", "query_string": b"", "scheme": "https",
        "headers": [(b"host", b"example.com")], "refuz.public": "https://example.com/desk",
    }  # fmt: skip
    party = calls.party(Request(scope))
    assert party is not None
    assert (party.name, party.origin) == ("example.com", "https://example.com")


@pytest.mark.parametrize(
    ("path", "status"), [("/desk/webhooks/shopify", 401), ("/webhooks/shopify", 404)]
)
def test_a_shop_s_message_comes_in_below_the_path_only(base: str, path: str, status: int) -> None:
    answer = requests.post(base + path, data=b"{}", headers=OUTSIDE, timeout=20)
    assert answer.status_code == status
