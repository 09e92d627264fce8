"""Addresses that are none: whoever set or sent them is told so, in our words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine
from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient

from core.audit import timestamps
from core.audit.timestamps import StampCode
from core.insight.reports import mail
from core.server import http_helpers, reach
from core.server.http_helpers import CallCode

BROKEN = ["[abc", "a]b", "[::1", "x:port", "x:99999", "shop\u2100.ro"]


@http_helpers.json_route
async def take(_request: Request) -> Response:
    return JSONResponse({})


@pytest.mark.parametrize("host", ["[abc", "a]b", "[::1", "shop%E2%84%80.ro", "[v1.a"])
def test_a_call_whose_origin_is_no_address_is_refused_as_foreign(engine: Engine, host: str) -> None:
    client = TestClient(Starlette(routes=[Route("/take", take, methods=["POST"])]))
    answer = client.post("/take", headers={"Origin": f"http://{host}", "X-Refuz": "1"})
    assert (answer.status_code, answer.json()["reason"]["code"]) == (403, CallCode.FOREIGN)
    own = {"Origin": "http://testserver", "X-Refuz": "1"}
    assert client.post("/take", headers=own).status_code == 200


@given(st.text("htps:/[]@.a1", max_size=14))
def test_any_origin_but_our_own_is_foreign(origin: str) -> None:
    headers = {"host": "desk.example"}
    assert http_helpers.foreign_origin(Headers({**headers, "origin": f"x{origin}"}))
    assert not http_helpers.foreign_origin(Headers({**headers, "origin": "https://desk.example"}))
    assert not http_helpers.foreign_origin(Headers(headers))


@pytest.mark.parametrize("host", BROKEN)
def test_a_public_address_that_is_none_is_told_as_such(host: str) -> None:
    with pytest.raises(reach.WrongAddress, match="must read like"):
        reach.from_environment({"REFUZ_PUBLIC_URL": f"https://{host}"})


@pytest.mark.parametrize("host", BROKEN)
def test_a_mail_server_that_is_none_is_told_as_such(host: str) -> None:
    with pytest.raises(mail.MailError, match="must read like"):
        mail.configured({"REFUZ_SMTP_URL": f"smtp://{host}", "REFUZ_DIGEST_TO": "ana@x.ro"})


@pytest.mark.parametrize("host", BROKEN)
def test_an_authority_of_time_that_is_none_is_told_as_such(host: str) -> None:
    with pytest.raises(timestamps.StampError) as refused:
        timestamps.configured({"REFUZ_TIMESTAMP_URL": f"https://{host}"})
    assert refused.value.reason.code == StampCode.NO_ADDRESS


@given(st.one_of(st.integers(), st.booleans(), st.floats(), st.text(max_size=8), st.none()))
def test_a_number_of_a_call_is_whole_positive_and_one_that_a_database_holds(value: object) -> None:
    if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 2**62:
        assert http_helpers.number(value, "pile") == value
    elif not isinstance(value, str):
        with pytest.raises(http_helpers.Problem):
            http_helpers.number(value, "pile")


@given(st.one_of(st.text(max_size=22), st.integers(-(2**70), 2**70).map(str)))
def test_a_number_of_an_address_is_one_that_a_database_holds_or_none(text: str) -> None:
    found = http_helpers.whole(text)
    if found is not None:
        assert 0 <= found < 2**62
        assert text.isdecimal()
    elif text.isascii() and text.isdigit():
        assert int(text) >= 2**62 or len(text) > 18
