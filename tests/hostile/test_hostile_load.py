"""Slow, hanging and cut-off callers all at once: a signed-in person goes on working."""

import os
import socket
import statistics
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

import hostile_files
import psutil
import pytest
import requests
from hostile_desk import OURS, ROOT, child, served
from hostile_page import PageClient, said

SLOW, FRAMES, CUT = 60, 28, 200
SCANS = 20
PREPARE = """
from core.people import accounts, sessions
from core.orders.piles import piles
from core.store import db
db.migrate()
accounts.use_link(accounts.owner_link(), "a long enough password 42", login="ana", name="Ana")
person = accounts.everybody()[0]
with db.writing() as connection:
    secret, _ = sessions.begin(connection, kind=sessions.SessionKind.BROWSER, name="Firefox",
                               person=person.name, person_id=person.id)
print(piles.create("Monday"), secret)
"""


@pytest.fixture
def prepared(tmp_path: Path) -> tuple[Path, int, str]:
    """A home with accounts, a pile, and Ana's session."""
    home = tmp_path / "home"
    done = subprocess.run(
        [sys.executable, "-c", PREPARE], cwd=ROOT, capture_output=True, text=True,
        env={**os.environ, "REFUZ_HOME": str(home)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    pile, secret = done.stdout.split()[-2:]
    return home, int(pile), secret


def half(port: int, data: bytes) -> socket.socket:
    """A connection that says so much and no more."""
    one = socket.create_connection(("127.0.0.1", port))
    one.sendall(data)
    return one


def test_slow_hanging_and_cut_off_callers_leave_the_desk_usable(
    prepared: tuple[Path, int, str], tmp_path: Path
) -> None:
    home, pile, secret = prepared
    log = tmp_path / "serve.log"
    with served(home, log=log, REFUZ_WORKER="off") as (process, port):
        base, cookies = f"http://localhost:{port}", {"refuz_session": secret}
        assert requests.get(base, timeout=10, allow_redirects=False).status_code != 200
        frame = f"/api/frames?pile={pile}&session="
        requests.post(
            base + frame + "warm", data=hostile_files.jpeg(), headers=OURS, cookies=cookies,
            timeout=60,
        ).raise_for_status()  # fmt: skip
        web = psutil.Process(child(process, "web").pid)
        before = web.memory_info().rss
        host = b"Host: localhost\r\nX-Refuz: 1\r\nCookie: refuz_session=" + secret.encode()
        post = (
            b"POST /api/photos?pile=1 HTTP/1.1\r\n" + host + b"\r\nContent-Length: 9999999\r\n\r\n"
        )
        halves = [b"GET / HTTP/1.1\r\nHost: loc", b"", post + b"x"]
        held = [half(port, halves[number % 3]) for number in range(SLOW)]
        stop = threading.Event()

        data = hostile_files.jpeg_of_many_scans(20, 2000, 2000)  # as slow as may pass

        def hang(number: int) -> None:
            while not stop.is_set():
                with suppress(requests.RequestException):
                    requests.post(f"{base}{frame}h{number}", data=data, headers=OURS,
                                  cookies=cookies, timeout=60)  # fmt: skip

        def cut_off() -> None:
            for _ in range(CUT):
                half(port, post + bytes(50_000)).close()

        threads = [threading.Thread(target=hang, args=(n,), daemon=True) for n in range(FRAMES)]
        threads.append(threading.Thread(target=cut_off, daemon=True))
        for one in threads:
            one.start()
        took, health = [], []
        with requests.Session() as http:
            for number in range(SCANS):
                began = time.monotonic()
                http.get(f"{base}/healthz", timeout=10).raise_for_status()
                health.append(time.monotonic() - began)
                body = {"pile": pile, "code": f"70001{number:08}", "key": str(number)}
                began = time.monotonic()
                http.post(f"{base}/api/scans", json=body, headers=OURS, cookies=cookies,
                          timeout=30).raise_for_status()  # fmt: skip
                took.append(time.monotonic() - began)
        began = time.monotonic()
        with PageClient(base, "review", cookies=cookies) as page:
            drawn = page.draw()
        page_seconds = time.monotonic() - began
        stop.set()
        growth = web.memory_info().rss - before
        for one in [*threads]:
            one.join(90)
        for one in held:
            one.close()
        assert child(process, "web").pid == web.pid
    print(
        f"scan {statistics.median(took):.2f} s median, {max(took):.2f} s at most; healthz "
        f"{statistics.median(health):.2f} and {max(health):.2f} s; Review {page_seconds:.1f} s; "
        f"+{growth >> 20} MB"
    )
    assert not [one for one in said(drawn) if one.startswith("exception")]
    assert statistics.median(health) < 1
    assert max(health) < 5
    assert statistics.median(took) < 1
    assert max(took) < 5
    assert page_seconds < 15
    assert growth < 300 * 2**20
    assert "Traceback" not in log.read_text(errors="replace")
