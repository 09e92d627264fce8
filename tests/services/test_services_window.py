"""A service that blocks for ten minutes is never given more calls in its window than it takes."""

import http.server
import random
import threading
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Engine

from core.services.http import Answer, HttpClient
from core.services.outcome import RefusedForNow
from core.services.ports import Rate
from core.services.rate import Throttle
from core.services.window import Window

CALLS, SECONDS = 3, 0.4


@pytest.fixture
def far_away() -> Iterator[tuple[str, list[float]]]:
    """A service to which each call travels another time: its address, and when calls arrived."""
    arrived: list[float] = []
    delay = random.Random(1)

    class Service(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            time.sleep(delay.uniform(0.0, 0.3))
            arrived.append(time.monotonic())
            self.send_response(200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Service)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", arrived
    server.shutdown()


def most_in_a_window(arrived: list[float]) -> int:
    return max(sum(one <= at < one + SECONDS for at in arrived) for one in arrived)


@pytest.mark.parametrize("window", [(CALLS, SECONDS), None], ids=["kept", "control"])
def test_calls_that_travel_at_different_speeds_keep_to_the_window(
    buckets: Engine, far_away: tuple[str, list[float]], window: tuple[int, float] | None
) -> None:
    """The control, without a window, shows that the same calls would break it."""
    base_url, arrived = far_away
    key = uuid.uuid4().hex
    rate = Rate(1.05 * CALLS / SECONDS, 1.0, window)
    throttle = Throttle(key, rate, buckets)
    client = HttpClient("far", key, base_url, rate, throttle=throttle)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: client.call("GET", "/", effect=False), range(18)))
    assert all(isinstance(one, Answer) for one in answers)
    assert (most_in_a_window(sorted(arrived)) <= CALLS) is (window is not None)


def test_a_call_that_was_not_sent_gives_its_place_back_at_once() -> None:
    window = Window(1, 60.0)
    assert window.enter(1.0)
    assert not window.enter(0.01)
    window.leave(called=False)
    assert window.enter(0.01)
    window.leave(called=True)
    assert not window.enter(0.01)


def test_who_finds_no_place_is_told_to_come_later(
    buckets: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.services.http.LONGEST_WAIT", 0.05)
    key = uuid.uuid4().hex
    rate = Rate(100.0, 10.0, (1, 60.0))
    throttle = Throttle(key, rate, buckets)
    client = HttpClient("far", key, "http://127.0.0.1:9", rate, throttle=throttle)
    assert client.window is not None
    assert client.window.enter(1.0)
    assert isinstance(client.call("GET", "/", effect=False), RefusedForNow)
