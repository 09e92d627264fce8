"""The one decision of the HTTP client: was it sent, and is the answer evidence?"""

import datetime as dt
import http.server
import json
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, ClassVar

import misbehaving
import pytest

from core.clock import now
from core.reasons import quoted
from core.services.http import masking
from core.services.http.client import Answer, HttpClient, Stale, fenced
from core.services.http.failures import CannotRead
from core.services.limits.rate import Deferred, Permit
from core.services.outcome import NotSent, RefusedForNow, Unknown
from core.services.ports import Rate

ClientFor = Callable[..., HttpClient]


@pytest.mark.parametrize("effect", [True, False], ids=["effect", "reading"])
def test_each_fault_is_classified_as_the_table_says(
    fault: str, faulty: misbehaving.Running, effect: bool, client_for: ClientFor
) -> None:
    answer = client_for(faulty.base_url).call("POST", "/storno", json={"a": 1}, effect=effect)
    assert type(answer).__name__ == misbehaving.FAULTS[fault]
    # What was not sent never arrived, and nothing is ever sent twice by itself.
    assert len(faulty.requests) <= (0 if isinstance(answer, NotSent) else 1)


def test_html_with_200_is_an_answer_without_json(client_for: ClientFor) -> None:
    with misbehaving.running("html_200") as own:
        answer = client_for(own.base_url).call("GET", "/", effect=False)
    assert isinstance(answer, Answer)
    assert answer.json is None
    assert "Bad gateway" in answer.text


def test_retry_after_is_obeyed_and_pauses_every_other_call(client_for: ClientFor) -> None:
    with misbehaving.running("429_retry_after") as own:
        client = client_for(own.base_url)
        first = client.call("POST", "/", effect=True)
        second = client.call("POST", "/", effect=True)
    assert isinstance(first, RefusedForNow)
    assert isinstance(second, RefusedForNow)
    assert dt.timedelta(seconds=5) < first.until - now() <= dt.timedelta(seconds=7)
    assert len(own.requests) == 1


def test_429_without_a_time_costs_what_the_service_declares(client_for: ClientFor) -> None:
    with misbehaving.running("429") as own:
        answer = client_for(own.base_url).call("POST", "/", effect=True)
    assert isinstance(answer, RefusedForNow)
    assert dt.timedelta(seconds=50) < answer.until - now() <= dt.timedelta(seconds=60)


# ---------------------------------------------------------------- a server that answers well


class _Echo(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    ports: ClassVar[list[int]] = []
    moments: ClassVar[list[float]] = []
    bodies: ClassVar[list[bytes]] = []
    say: ClassVar[tuple[int, dict[str, str], bytes]] = (200, {}, b"{}")

    def do_POST(self) -> None:
        self.bodies.append(self.rfile.read(int(self.headers.get("Content-Length", 0))))
        self.ports.append(self.client_address[1])
        self.moments.append(time.time())
        status, headers, body = self.say
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST  # noqa: N815 (the base class's naming)

    def log_message(self, *args: Any) -> None:
        """Keep quiet."""


@pytest.fixture
def echo() -> Iterator[str]:
    """A well-behaved server's address; `_Echo.say` is what it answers."""
    for seen in (_Echo.ports, _Echo.bodies, _Echo.moments):
        seen.clear()
    _Echo.say = (200, {}, b'{"ok": true}')
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Echo) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_effects_go_on_connections_of_their_own_and_readings_share_one(
    echo: str, client_for: ClientFor
) -> None:
    client = client_for(echo)
    for _ in range(3):
        client.call("POST", "/", effect=False)
    assert len(set(_Echo.ports)) == 1
    _Echo.ports.clear()
    for _ in range(3):
        client.call("POST", "/", effect=True)
    assert len(set(_Echo.ports)) == 3


def test_a_nul_in_an_answer_is_replaced_since_no_database_may_choke_on_it(
    echo: str, client_for: ClientFor
) -> None:
    _Echo.say = (200, {}, b'{"number": "A\\u00001", "note": "\x00"}')
    raw = client_for(echo).call("GET", "/", effect=False)
    _Echo.say = (200, {}, b'{"number": "A\\u00001"}')
    escaped = client_for(echo).call("GET", "/", effect=False)
    assert isinstance(raw, Answer)
    assert "\x00" not in raw.text + raw.evidence.excerpt
    assert isinstance(escaped, Answer)
    assert escaped.json == {"number": "A\ufffd1"}


def test_a_fence_that_says_stale_keeps_an_effect_from_being_sent(
    echo: str, client_for: ClientFor
) -> None:
    def stale() -> None:
        raise Stale(quoted("It took too long."))

    with fenced(stale):
        effect = client_for(echo).call("POST", "/", effect=True)
        reading = client_for(echo).call("POST", "/", effect=False)
    assert effect == NotSent(quoted("It took too long."))
    assert isinstance(reading, Answer)
    assert len(_Echo.bodies) == 1


def test_the_fence_is_asked_after_the_wait_for_the_turn(echo: str, client_for: ClientFor) -> None:
    client = client_for(echo, Rate(4, 1))
    client.call("POST", "/", effect=True)
    asked: list[float] = []
    began = time.monotonic()
    with fenced(lambda: asked.append(time.monotonic())):
        client.call("POST", "/", effect=True)
    assert asked[0] - began > 0.15  # a turn comes every 0.25 s


def test_nothing_is_written_before_its_turn_however_many_threads_call(
    echo: str, client_for: ClientFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = client_for(echo, Rate(50, 1))
    due: list[float] = []
    reserve = client.throttle.reserve

    def remember(cost: float = 1.0) -> Permit | Deferred:
        turn = reserve(cost)
        assert isinstance(turn, Permit)
        due.append(turn.due)
        return turn

    monkeypatch.setattr(client.throttle, "reserve", remember)
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda _: client.call("POST", "/", effect=True), range(30)))
    arrived = sorted(_Echo.moments)
    assert len(arrived) == 30
    grain = 0.005  # of the database's clock
    assert all(at >= turn - grain for at, turn in zip(arrived, sorted(due), strict=True))


def test_nothing_is_sent_without_a_well_written_address(client_for: ClientFor) -> None:
    assert isinstance(client_for("http://").call("GET", "/", effect=True), NotSent)


def test_a_token_that_cannot_be_written_into_a_header_is_not_sent(
    echo: str, client_for: ClientFor
) -> None:
    answer = client_for(echo).call("GET", "/", headers={"X-Token": "a\nb"}, effect=True)
    other = client_for(echo).call("GET", "/", headers={"X-Token": "țok"}, effect=True)
    assert isinstance(answer, NotSent)
    assert isinstance(other, NotSent)
    assert _Echo.bodies == []


@pytest.mark.parametrize(
    "body", [b'{"a": NaN}', b'{"a": 1e999}', b"[" * 200_000, b'{"a": ' + b"9" * 5000 + b"}", b""]
)
def test_what_is_no_sound_json_reads_as_none(body: bytes, echo: str, client_for: ClientFor) -> None:
    _Echo.say = (200, {}, body)
    answer = client_for(echo).call("GET", "/", effect=False)
    assert isinstance(answer, Answer)
    assert answer.json is None


@pytest.mark.parametrize("retry_after", ["soon", "", "nan"])
def test_503_is_a_pause_only_with_a_readable_time(
    retry_after: str, echo: str, client_for: ClientFor
) -> None:
    _Echo.say = (503, {"Retry-After": retry_after}, b"")
    assert isinstance(client_for(echo).call("POST", "/", effect=False), Unknown)


def test_503_with_a_date_pauses_until_then(echo: str, client_for: ClientFor) -> None:
    later = (now() + dt.timedelta(minutes=5)).strftime("%a, %d %b %Y %H:%M:%S GMT")
    _Echo.say = (503, {"Retry-After": later}, b"")
    answer = client_for(echo).call("POST", "/", effect=False)
    assert isinstance(answer, RefusedForNow)
    assert dt.timedelta(minutes=4) < answer.until - now() <= dt.timedelta(minutes=5)


def test_an_effect_answered_with_503_is_in_doubt_and_the_pause_is_kept_all_the_same(
    echo: str, client_for: ClientFor
) -> None:
    """A gateway may say so after it has passed the effect on."""
    _Echo.say = (503, {"Retry-After": "300"}, b"")
    client = client_for(echo)
    assert isinstance(client.call("POST", "/", effect=True), Unknown)
    _Echo.say = (200, {}, b"{}")
    assert isinstance(client.call("GET", "/", effect=False), RefusedForNow)


def test_a_pause_is_never_longer_than_an_hour(echo: str, client_for: ClientFor) -> None:
    _Echo.say = (429, {"Retry-After": "99999999"}, b"")
    answer = client_for(echo).call("POST", "/", effect=True)
    assert isinstance(answer, RefusedForNow)
    assert answer.until - now() <= dt.timedelta(hours=1)


# ---------------------------------------------------------------- evidence


def test_evidence_is_short_and_carries_no_secret(echo: str, client_for: ClientFor) -> None:
    said = {"you sent": "Bearer hunter2hunter2", "access_token": "abcdef", "pad": "x" * 5000}
    _Echo.say = (200, {}, json.dumps(said).encode())
    answer = client_for(echo).call(
        "POST", "/x", headers={"Authorization": "Bearer hunter2hunter2"}, effect=True
    )
    assert isinstance(answer, Answer)
    assert len(answer.evidence.excerpt) <= 2000
    assert "hunter2" not in answer.evidence.excerpt
    assert "abcdef" not in answer.evidence.excerpt
    assert answer.evidence.request == "POST /x"


def test_a_secret_across_the_cut_of_an_excerpt_is_hidden_as_a_whole() -> None:
    text = "x" * (masking.EXCERPT - 3) + "sk_live_abcdefgh"
    assert "sk_" not in masking.excerpt(text)


def test_form_fields_with_secret_names_are_hidden(echo: str, client_for: ClientFor) -> None:
    _Echo.say = (401, {}, b'{"said": "wrong: s3cr3t-value for me@shop.ro"}')
    answer = client_for(echo).call(
        "POST",
        "/token",
        form={"client_id": "me@shop.ro", "client_secret": "s3cr3t-value"},
        effect=False,
    )
    assert isinstance(answer, Answer)
    assert "s3cr3t" not in answer.evidence.excerpt
    assert "me@shop.ro" not in answer.evidence.excerpt


# ---------------------------------------------------------------- lines


def test_json_lines_are_streamed_from_the_services_own_host(
    echo: str, client_for: ClientFor
) -> None:
    _Echo.say = (200, {}, b'{"a": 1}\n\n{"a": 2}')
    assert list(client_for(echo).lines(f"{echo}/file")) == [{"a": 1}, {"a": 2}]


@pytest.mark.parametrize("body", [b'{"a": 1}\n{"a": ', b"<html>"])
def test_lines_that_break_off_are_told(body: bytes, echo: str, client_for: ClientFor) -> None:
    _Echo.say = (200, {}, body)
    with pytest.raises(CannotRead):
        list(client_for(echo).lines(f"{echo}/file"))


@pytest.mark.parametrize("url", ["http://10.0.0.1/secret", "file:///etc/passwd", "ftp://x/y", ""])
def test_lines_are_not_read_from_just_any_address(
    url: str, echo: str, client_for: ClientFor
) -> None:
    with pytest.raises(CannotRead):
        list(client_for(echo).lines(url))
