"""A service that blocks for ten minutes is never given more calls in its window than it takes."""

import http.server
import random
import threading
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from calling import call_from_processes
from sqlalchemy import Engine, select, update

from core.errors import TooLate
from core.services.http.client import Answer, HttpClient
from core.services.limits.rate import Throttle, key_of
from core.services.limits.sliding_window import SlidingWindowLimiter
from core.services.outcome import NotSent, RefusedForNow
from core.services.ports import Rate
from core.settings import connections
from core.store import db, engines
from core.store.tables import throttles, window_places

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


@pytest.mark.parametrize("window", [[CALLS, SECONDS], None], ids=["kept", "control"])
@pytest.mark.parametrize(
    "database", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)]
)
def test_all_processes_together_keep_to_the_window(
    request: pytest.FixtureRequest,
    database: str,
    far_away: tuple[str, list[float]],
    window: list[float] | None,
) -> None:
    """Two threads in each of four processes; the control shows that they would break it."""
    url = request.getfixturevalue("postgres_buckets" if database == "postgresql" else "buckets_url")
    base_url, arrived = far_away
    job = {
        "client": {
            "key": uuid.uuid4().hex,
            "base_url": base_url,
            "rate": [1.05 * CALLS / SECONDS, 1.0, window],
        },
        "threads": 2,
        "calls": 3,
    }
    assert call_from_processes(url, job, 4) == {"Answer": 24}
    assert len(arrived) == 24
    assert (most_in_a_window(sorted(arrived)) <= CALLS) is (window is not None)


def window(buckets: Engine, calls: int, seconds: float, **more: float) -> SlidingWindowLimiter:
    return SlidingWindowLimiter(uuid.uuid4().hex, calls, seconds, buckets, **more)


def test_a_call_that_was_not_sent_gives_its_place_back_at_once(buckets: Engine) -> None:
    one = window(buckets, 1, 60.0)
    place = one.enter(1.0)
    assert place is not None
    assert one.enter(0.01) is None
    one.leave(place, called=False)
    place = one.enter(0.5)
    assert place is not None
    one.leave(place, called=True)
    assert one.enter(0.01) is None


def test_the_place_of_a_dead_process_comes_back_when_its_call_would_be_over(
    buckets: Engine,
) -> None:
    one = window(buckets, 1, 0.1, wait=0.2, travel=0.3)
    began = time.monotonic()
    assert one.enter(1.0) is not None  # and is never given back
    assert one.enter(5.0) is not None
    assert time.monotonic() - began >= 0.6


def test_who_was_frozen_too_long_sends_nothing_and_takes_no_place_of_anothers(
    buckets: Engine,
) -> None:
    one = window(buckets, 1, 0.1, wait=0.2, travel=0.1)
    frozen = one.enter(1.0)
    assert frozen is not None
    frozen.check()
    other = one.enter(5.0)
    assert other is not None
    with pytest.raises(TooLate):
        frozen.check()
    one.leave(frozen, called=False)
    assert one.enter(0.0) is None  # the other still has it


def test_a_place_written_before_the_clock_was_set_back_is_free(buckets: Engine) -> None:
    one = window(buckets, 1, 60.0)
    place = one.enter(1.0)
    assert place is not None
    with db.writing(buckets) as connection:
        in_an_hour = update(window_places).values(free_at=place.until + 3600)
        connection.execute(in_an_hour.where(window_places.c.key == place.key))
    assert one.enter(1.0) is not None


def test_a_place_that_cannot_be_given_back_does_not_hide_what_became_of_the_call(
    tmp_path: Path,
) -> None:
    lost = engines.make_engine(f"sqlite:///{tmp_path / 'lost.db'}")
    window_places.create(lost)
    one = SlidingWindowLimiter("key", 1, 60.0, lost)
    place = one.enter(1.0)
    assert place is not None
    window_places.drop(lost)
    one.leave(place, called=True)


def test_who_finds_no_place_is_told_to_come_later(
    buckets: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.services.http.client.LONGEST_WAIT", 0.05)
    key = uuid.uuid4().hex
    rate = Rate(100.0, 10.0, (1, 60.0))
    throttle = Throttle(key, rate, buckets)
    client = HttpClient("far", key, "http://127.0.0.1:9", rate, throttle=throttle)
    assert client.window is not None
    assert client.window.enter(1.0)
    assert isinstance(client.call("GET", "/", effect=False), RefusedForNow)


def test_a_call_whose_place_was_given_up_meanwhile_is_not_sent(
    buckets: Engine, far_away: tuple[str, list[float]]
) -> None:
    base_url, arrived = far_away
    key = uuid.uuid4().hex
    rate = Rate(100.0, 10.0, (1, 0.1))
    client = HttpClient("far", key, base_url, rate, throttle=Throttle(key, rate, buckets))
    client.window = window(buckets, 1, 0.1, wait=-0.1)  # over before it begins
    assert isinstance(client.call("GET", "/", effect=False), NotSent)
    assert arrived == []


def test_a_connection_that_is_removed_leaves_no_places_behind(engine: Engine) -> None:
    with db.writing(engine) as connection:
        id_ = connections.save(
            connection, kind="invoicing", service="oblio", name="Oblio",
            settings={}, secrets_={},
        )  # fmt: skip
    for number in (id_, int(f"{id_}0")):
        assert SlidingWindowLimiter(key_of(number), 3, 1.0, engine).enter(1.0) is not None
    with db.writing(engine) as connection:
        connections.remove(connection, id_)
        left = connection.execute(select(window_places.c.key, window_places.c.number)).all()
        assert connection.scalars(select(throttles.c.key)).all() == []  # a place is no bucket
    assert sorted(left) == [(key_of(int(f"{id_}0")), number) for number in range(3)]
