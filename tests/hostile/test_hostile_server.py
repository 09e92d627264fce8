"""What a stranger on the network, or a page elsewhere, can do to the server: nothing lasting."""

import json
import re
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import hostile_files
import psutil
import pytest
import requests
from hostile_desk import OURS, child, new_pile, served, wait_for_health
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from core.server import auth, reach
from core.server.headers import SecurityHeaders, content_policy

PUBLIC = {"REFUZ_PUBLIC_URL": "https://desk.example.com"}


async def page(request: Request) -> Response:
    return PlainTextResponse(str(request.scope.get("refuz.client")))


Serve = Callable[[ASGIApp], str]
Whole = tuple[Path, subprocess.Popen[bytes], int]  # its home, its process and its port


def desk(environment: dict[str, str] | None = None, *, network: bool = False) -> ASGIApp:
    here = reach.from_environment(environment or {})
    gate = Middleware(auth.AuthMiddleware, network=network, token="printed", reach=here)
    return Starlette(routes=[Route("/", page), Route("/healthz", page)], middleware=[gate])


def get(base: str, path: str = "/", **more: Any) -> requests.Response:
    """The answer, without following where it leads."""
    return requests.get(base + path, timeout=10, allow_redirects=False, **more)


@pytest.fixture(autouse=True)
def _a_home_of_its_own(engine: object) -> None:
    """The gate looks into the database whether people sign in."""


# ---------------------------------------------------------------- how it is reached


@pytest.mark.parametrize("header", sorted(reach.FORWARDED))
def test_a_call_that_a_proxy_forwarded_to_loopback_is_asked_who_it_is(
    header: str, serve: Serve
) -> None:
    base = serve(desk())
    assert get(base).status_code == 200
    assert get(base, headers={header: "203.0.113.5"}).status_code == 401


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("desk.example.com", 401), ("DESK.example.com", 401), ("localhost", 401),
        ("evil.example", 421), ("desk.example.com:8501", 421), ("desk.example.com.evil", 421),
        ("", 421), ("localhost:1@evil.example", 421), ("x@desk.example.com", 421),
    ],
)  # fmt: skip
def test_a_public_address_fixes_the_host_and_turns_sign_in_on(
    host: str, status: int, serve: Serve
) -> None:
    assert get(serve(desk(PUBLIC)), headers={"host": host}).status_code == status


def test_this_computer_s_name_told_by_a_proxy_is_not_this_computer(serve: Serve) -> None:
    forwarded = {"host": "localhost", "x-forwarded-for": "203.0.113.5"}
    assert get(serve(desk(PUBLIC)), headers=forwarded).status_code == 421


@pytest.mark.parametrize(
    ("proxies", "forwarded", "client"),
    [
        ("", "203.0.113.5", "127.0.0.1"),
        ("127.0.0.1", "203.0.113.5", "203.0.113.5"),
        ("127.0.0.0/8", "10.9.9.9, 203.0.113.5", "203.0.113.5"),
        ("10.0.0.0/8", "203.0.113.5", "127.0.0.1"),
    ],
)
def test_whom_a_proxy_speaks_for_is_believed_of_named_proxies_only(
    proxies: str, forwarded: str, client: str
) -> None:
    here = reach.from_environment({"REFUZ_TRUSTED_PROXIES": proxies})
    scope = {
        "type": "http", "client": ("127.0.0.1", 5),
        "headers": [(b"x-forwarded-for", forwarded.encode())],
    }  # fmt: skip
    assert here.client(scope) == client


@pytest.mark.parametrize(
    "url",
    ["desk.example.com", "ftp://x", "https://a b", "https://u:p@x", "https://x?y=1", "https://"],
)
def test_an_address_that_is_none_is_told_with_how_to_write_it(url: str) -> None:
    with pytest.raises(reach.WrongAddress, match=r"must read like https://"):
        reach.from_environment({"REFUZ_PUBLIC_URL": url})


@pytest.mark.parametrize(
    ("path", "base"),
    [
        ("/desk", "/desk"),
        ("/a/b", "/a/b"),
        ("/desk/", "/desk"),
        ("", ""),
        ("/", ""),
        ("/~a_b.c-1", "/~a_b.c-1"),
    ],
)
def test_an_address_may_lie_below_a_path(path: str, base: str) -> None:
    here = reach.from_environment({"REFUZ_PUBLIC_URL": f"https://example.com{path}"})
    assert (here.base, here.url, here.https) == (base, f"https://example.com{base}", True)


@pytest.mark.parametrize(
    "path", ["/..", "/a/../b", "/a//b", "/a b", "/%64esk", "/a;b", "//x/y", "/.well"]
)
def test_a_path_that_a_browser_or_a_proxy_would_rewrite_is_refused(path: str) -> None:
    with pytest.raises(reach.WrongAddress, match=r"must read like https://"):
        reach.from_environment({"REFUZ_PUBLIC_URL": f"https://example.com{path}"})


BELOW = {"REFUZ_PUBLIC_URL": "https://example.com/desk"}
OUTSIDE = {"host": "example.com", "x-forwarded-for": "203.0.113.5"}


async def leads(request: Request) -> Response:
    """Answers with what it was asked for, and leads where `?to=` says."""
    answer = PlainTextResponse(request.url.path, headers={"location": request.query_params["to"]})
    answer.set_cookie("one", "1", path="/")
    answer.set_cookie("two", "2", path="/elsewhere")
    answer.set_cookie("__Host-three", "3", path="/", secure=True)
    return answer


def below() -> ASGIApp:
    here = reach.from_environment(BELOW)
    gate = Middleware(auth.AuthMiddleware, network=False, token="printed", reach=here)
    routes = [Route(path, page) for path in ("/", "/healthz", "/desk", "/desk/")]
    routes += [Route("/welcome/x", leads)]
    return Starlette(routes=routes, middleware=[Middleware(reach.SubPath, base=here.base), gate])


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/desk/", 401), ("/desk/desk", 401), ("/desk/healthz", 200), ("/healthz", 200),
        ("/", 404), ("/desktop", 404), ("/desktop/", 404), ("/welcome/x", 404), ("/DESK/", 404),
        ("//desk/", 404), ("/x/desk/", 404),
    ],
)  # fmt: skip
def test_below_a_path_nothing_beside_it_is_answered(path: str, status: int, serve: Serve) -> None:
    assert get(serve(below()), path, headers=OUTSIDE).status_code == status


def test_the_path_itself_leads_to_its_first_page_with_what_was_asked(serve: Serve) -> None:
    answer = get(serve(below()), "/desk?token=a%20b", headers=OUTSIDE)
    assert (answer.status_code, answer.headers["location"]) == (307, "/desk/?token=a%20b")


@pytest.mark.parametrize(
    ("to", "location"),
    [
        ("/review?a=1", "/desk/review?a=1"), ("/desk/", "/desk/desk/"),
        ("https://example.com/login", "https://example.com/login"), ("//evil/", "//evil/"),
    ],
)  # fmt: skip
def test_redirects_and_cookies_are_written_for_where_the_desk_is(
    to: str, location: str, serve: Serve
) -> None:
    answer = get(serve(below()), "/desk/welcome/x", params={"to": to}, headers=OUTSIDE)
    assert (answer.text, answer.headers["location"]) == ("/welcome/x", location)
    paths = re.findall(r"(\S+)=\d; Path=([^;,]*)", answer.headers["set-cookie"])
    assert paths == [("one", "/desk"), ("two", "/elsewhere"), ("__Host-three", "/")]


def test_below_a_path_the_session_s_cookie_goes_to_that_path_by_https_only(serve: Serve) -> None:
    answer = get(serve(below()), "/desk/", params={"token": "printed"}, headers=OUTSIDE)
    assert answer.headers["location"] == "/desk/"
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("__Secure-refuz=")
    for word in ("HttpOnly", "Path=/desk;", "Secure"):
        assert word in cookie


# ---------------------------------------------------------------- the printed token


@pytest.mark.parametrize("token", ["é", "", "💥" * 9, "%00", "x" * 5000])
def test_a_token_of_any_letters_is_wrong_and_no_crash(token: str, serve: Serve) -> None:
    assert get(serve(desk(network=True)), params={"token": token}).status_code == 401


def test_after_ten_wrong_tokens_the_address_waits_even_with_the_right_one(serve: Serve) -> None:
    base = serve(desk(network=True))
    answers = [get(base, params={"token": f"guess-{n}"}).status_code for n in range(12)]
    assert answers == [401] * 10 + [429] * 2
    assert get(base, params={"token": "printed"}).status_code == 429


def test_signing_in_never_leads_to_another_site(serve: Serve, engine: object) -> None:
    base = serve(desk(network=True))
    for path in ("//evil.example/", "/\\evil.example/", "///evil.example/x"):
        answer = get(base, path, params={"token": "printed"})
        there = answer.headers["location"]
        assert there.startswith("/")
        assert not there.startswith(("//", "/\\"))
        assert answer.headers["referrer-policy"] == "no-referrer"


# ---------------------------------------------------------------- headers


def test_every_answer_says_what_browsers_may_do_with_it(serve: Serve) -> None:
    policy = content_policy("<script>\n one()\n</script><script src='x'></script>")
    app = Starlette(
        routes=[Route("/", page)], middleware=[Middleware(SecurityHeaders, policy=policy)]
    )
    base = serve(app)
    for path in ("/", "/missing"):
        headers = get(base, path).headers
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert headers["content-security-policy"].count("'sha256-") == 1
        assert headers["x-content-type-options"] == "nosniff"
        assert "strict-transport-security" not in headers
        assert "camera=(self)" in headers["permissions-policy"]


# ---------------------------------------------------------------- it stops, and starts again


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Whole]:
    """A desk with its sandbox, for tests after which it works as before."""
    folder = tmp_path_factory.mktemp("whole")
    with served(folder, "--sandbox") as (process, port):
        yield folder, process, port


@pytest.mark.timed
def test_an_unfinished_upload_does_not_keep_a_stopped_server_alive(tmp_path: Path) -> None:
    with served(tmp_path) as (process, port):
        held = socket.create_connection(("127.0.0.1", port))
        held.sendall(
            b"POST /webhooks/shopify HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n{}"
        )
        time.sleep(0.5)
        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        process.wait(30)
        assert time.monotonic() - began < 15
        held.close()


@pytest.mark.timed
def test_readers_at_work_do_not_keep_a_stopped_server_alive(tmp_path: Path) -> None:
    slow = hostile_files.jpeg_of_many_scans(20, 2000, 2000)
    with served(tmp_path, REFUZ_WORKER="off") as (process, port):
        way = f"http://127.0.0.1:{port}/api/frames?pile={new_pile(tmp_path)}&session=a"

        def send() -> None:
            while True:
                try:
                    requests.post(way, data=slow, headers=OURS, timeout=60)
                except requests.RequestException:
                    return

        threads = [threading.Thread(target=send, daemon=True) for _ in range(6)]
        for one in threads:
            one.start()
        time.sleep(3)
        readers = psutil.Process(child(process, "web").pid).children(recursive=True)
        assert readers
        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        process.wait(30)
        assert time.monotonic() - began < 15
        _, alive = psutil.wait_procs(readers, timeout=10)
        assert alive == []


def test_a_crash_of_the_web_process_leaves_worker_and_sandbox_alone_and_is_mended(
    whole: Whole,
) -> None:
    folder, process, port = whole
    worker, web, sandbox = (child(process, one) for one in ("worker", "web", "sandbox"))
    plays = json.loads((folder / "sandbox" / "sandbox.json").read_text())["base_url"]
    web.send_signal(signal.SIGSEGV)
    web.wait(20)
    assert requests.get(f"{plays}/_sandbox/ledger", timeout=20).ok
    wait_for_health(port)
    assert child(process, "worker").pid == worker.pid
    assert child(process, "sandbox").pid == sandbox.pid
    assert child(process, "web").pid != web.pid


def test_told_to_end_the_worker_ends_first_then_the_pages_and_the_sandbox_last(
    tmp_path: Path,
) -> None:
    with served(tmp_path, "--sandbox") as (process, _):
        order = [child(process, one) for one in ("worker", "web", "sandbox")]
        process.send_signal(signal.SIGTERM)
        ended: list[int] = []
        until = time.monotonic() + 60
        while len(ended) < len(order):
            assert time.monotonic() < until, "it does not end"
            for place in (2, 1, 0):  # so that who ends between two looks is never put too early
                if place not in ended and not alive(order[place]):
                    ended.append(place)
            time.sleep(0.002)
        assert ended == [0, 1, 2]
        assert process.wait(30) == 0


def alive(one: psutil.Process) -> bool:
    with suppress(psutil.NoSuchProcess):
        return one.status() != psutil.STATUS_ZOMBIE
    return False


def test_half_headers_and_half_bodies_are_ended_by_their_deadline(whole: Whole) -> None:
    _, _, port = whole
    halves = [b"GET / HTTP/1.1\r\nHost: loc", b"", (
        b"POST /api/photos?pile=1 HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999\r\n\r\nx"
    )]  # fmt: skip
    held = []
    for number in range(60):
        one = socket.create_connection(("127.0.0.1", port))
        one.sendall(halves[number % 3])
        held.append(one)
    began = time.monotonic()
    assert requests.get(f"http://127.0.0.1:{port}/healthz", timeout=5).ok
    for one in held:
        one.settimeout(40)
        with suppress(ConnectionResetError):
            while one.recv(4096):
                pass
    assert time.monotonic() - began < 35


def test_more_connections_than_files_at_the_start_do_not_close_the_desk(tmp_path: Path) -> None:
    """A common Linux lets a process open 1,024 files, and more where it asks for them."""
    with served(tmp_path, files=128, REFUZ_WORKER="off") as (process, port):
        held = [socket.create_connection(("127.0.0.1", port)) for _ in range(300)]
        web, until = child(process, "web"), time.monotonic() + 30
        while web.num_fds() <= 300:
            assert time.monotonic() < until, "connections are not taken"
            time.sleep(0.1)
        for _ in range(3):
            assert requests.get(f"http://127.0.0.1:{port}/healthz", timeout=5).ok
        for one in held:
            one.close()


def test_scripts_and_styles_are_sent_compressed_and_are_the_same_when_unpacked(
    whole: Whole,
) -> None:
    _, _, port = whole
    base = f"http://127.0.0.1:{port}"
    page = get(base, headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in page.headers
    files = re.findall(r"(?:src|href)=\"\.?(/static/[^\"]+\.(?:js|css))\"", page.text)
    assert {file.rsplit(".", 1)[1] for file in files} == {"js", "css"}
    for path in ["/", *files]:
        packed = get(base, path, headers={"Accept-Encoding": "gzip"})
        plain = get(base, path, headers={"Accept-Encoding": "identity"})
        assert packed.headers.get("content-encoding") == (
            "gzip" if len(plain.content) >= 1000 else None
        ), path
        assert packed.content == plain.content
        if path in files and len(plain.content) > 100_000:
            assert int(packed.headers.get("content-length", 0)) < len(plain.content) / 2
    icon = get(base, "/favicon.png", headers={"Accept-Encoding": "gzip"})
    assert icon.headers["content-type"] == "image/png"
    assert "content-encoding" not in icon.headers
