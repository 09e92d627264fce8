"""Each door has its limit: frames at once, bodies of strangers, Streamlit's own ways in."""

import socket
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import hostile_files
import pytest
import requests
import streamlit as st
from hostile_desk import OURS, new_pile, served
from sqlalchemy import Engine
from starlette.applications import Starlette
from starlette.types import ASGIApp

from core.orders.shop import webhooks
from core.server import lanes
from core.server.routes import table

ROOT = Path(__file__).resolve().parents[2]
FRAMES = 28
MB = 2**20


def test_more_frames_than_readers_are_told_to_come_again_and_no_program_drives_the_pages(
    tmp_path: Path,
) -> None:
    """Streamlit's agent interface is off, also where the environment wants it on."""
    home = tmp_path / "home"
    with served(
        home, REFUZ_WORKER="off", STREAMLIT_SERVER_ENABLE_AGENT_API="true"
    ) as (_, port):  # fmt: skip
        base, pile = f"http://127.0.0.1:{port}", new_pile(home)
        for path in ("interact", "mcp"):
            answer = requests.post(
                f"{base}/_stcore/agent/{path}", json={}, headers=OURS, timeout=30
            )
            assert answer.status_code >= 400, (path, answer.text[:200])
            assert "not serve the agent API" in answer.text
        frame = hostile_files.jpeg(1600, 1200)

        def send(number: int) -> int:
            way = f"{base}/api/frames?pile={pile}&session=s{number}"
            return requests.post(way, data=frame, headers=OURS, timeout=120).status_code

        send(0)  # a reader is started by the first
        with ThreadPoolExecutor(FRAMES) as threads:
            answers = Counter(threads.map(send, range(FRAMES)))
        assert set(answers) == {200, 429}
        assert answers[429] >= 5, "so many at once come too late anyway"
        assert send(1) == 200


def test_streamlit_s_agent_interface_is_off_by_its_own_settings_too() -> None:
    assert st.get_option("server.enableAgentApi") is False


@pytest.fixture
def address(engine: Engine, serve: Callable[[ASGIApp], str]) -> tuple[str, int]:
    """Where the routes are served."""
    base = serve(Starlette(routes=table.routes(ROOT / "pages" / "components")))
    host, _, port = base.removeprefix("http://").partition(":")
    return host, int(port)


def post(address: tuple[str, int], size: int, body: bytes = b"") -> socket.socket:
    """An unsigned message of this size, of which so much is sent."""
    one = socket.create_connection(address)
    one.settimeout(20)
    one.sendall(
        f"POST /webhooks/shopify HTTP/1.1\r\nHost: localhost\r\nContent-Length: {size}\r\n\r\n"
        .encode() + body
    )  # fmt: skip
    return one


def status(one: socket.socket) -> int:
    return int(one.recv(64).split()[1])


def test_an_unsigned_body_that_says_it_is_large_is_refused_before_it_comes(
    address: tuple[str, int],
) -> None:
    with post(address, webhooks.LONGEST_BODY + 1) as one:
        assert status(one) == 413
    assert webhooks.LONGEST_BODY <= 2 * MB


def test_one_that_does_not_say_how_large_it_is_is_ended_where_it_is_too_large(
    address: tuple[str, int],
) -> None:
    one = socket.create_connection(address)
    one.settimeout(20)
    one.sendall(
        b"POST /webhooks/shopify HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    part = b"10000\r\n" + bytes(65_536) + b"\r\n"
    with one:
        try:
            for _ in range(webhooks.LONGEST_BODY // 65_536 + 2):
                one.sendall(part)
        except ConnectionError:
            pass  # it answered and left
        assert status(one) == 413


def test_unsigned_bodies_that_never_end_take_no_more_room_than_theirs(
    address: tuple[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    budget = lanes.ByteBudget(6 * MB)
    monkeypatch.setattr(lanes, "unsigned", lambda: budget)
    size = 2 * MB - 10
    held = [post(address, size, bytes(size - 1)) for _ in range(5)]
    until = time.monotonic() + 20
    while budget.left > 2 * MB:
        assert time.monotonic() < until
        time.sleep(0.05)
    refused = [one for one in held if _has_answer(one)]
    assert len(refused) == 2
    assert {status(one) for one in refused} == {503}
    for one in held:
        one.close()
    until = time.monotonic() + 20
    while budget.left != 6 * MB:
        assert time.monotonic() < until, "room is given back when its call is gone"
        time.sleep(0.05)
    with post(address, 2, b"{}") as one:
        assert status(one) == 401


def _has_answer(one: socket.socket) -> bool:
    one.settimeout(1.5)
    try:
        return bool(one.recv(1, socket.MSG_PEEK))
    except TimeoutError:
        return False
    finally:
        one.settimeout(20)
