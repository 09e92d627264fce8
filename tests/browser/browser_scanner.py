"""A hand scanner as the browser meets it: keys come at their own pace, whatever the page is at.

Playwright's keyboard waits for the page after each key, and no scanner does.
"""

import contextlib
import itertools
import json
import time

import requests
from playwright.sync_api import Page
from websockets.sync.client import ClientConnection, connect

KEY_SECONDS = 0.010
CODE_SECONDS = 0.100
SUFFIXES = {"Enter": (13, "\r"), "Tab": (9, "")}


class HandScanner:
    """Types codes into one page of the browser that listens on this port."""

    def __init__(self, port: int, page: Page) -> None:
        """Find the page by a mark in its address' fragment, which the page does not see change."""
        mark = f"scanner-{time.monotonic_ns()}"
        page.evaluate("mark => history.replaceState(null, '', '#' + mark)", mark)
        targets = requests.get(f"http://127.0.0.1:{port}/json", timeout=10).json()
        (self._address,) = [
            one["webSocketDebuggerUrl"] for one in targets if mark in one.get("url", "")
        ]

    def scan(self, codes: list[str], suffix: str | None) -> None:
        """Type these codes, each with Enter, Tab or nothing behind it."""
        numbers = itertools.count(1)
        with connect(self._address, max_size=None, ping_interval=None) as line:

            def send(kind: str, at: float, **key: object) -> None:
                params = {"type": kind, "timestamp": at, **key}
                message = {"id": next(numbers), "method": "Input.dispatchKeyEvent"}
                line.send(json.dumps({**message, "params": params}))

            answered = 0
            for code in codes:
                clock = time.time()  # a scanner types by its own clock, whatever the machine is at
                for letter in code:
                    send("keyDown", clock, key=letter, text=letter, code=_place(letter))
                    send("keyUp", clock, key=letter, code=_place(letter))
                    clock += KEY_SECONDS
                    time.sleep(max(0.0, clock - time.time()))
                if suffix:
                    number, text = SUFFIXES[suffix]
                    rest = {"key": suffix, "code": suffix, "windowsVirtualKeyCode": number}
                    send("keyDown", clock, **rest, **({"text": text} if text else {}))
                    send("keyUp", clock, **rest)
                time.sleep(CODE_SECONDS)
                answered = _newest_answer(line, answered)
            sent = next(numbers) - 1
            while answered < sent:
                answered = json.loads(line.recv(30)).get("id", answered)


def _newest_answer(line: ClientConnection, newest: int) -> int:
    """Read what came, without waiting: a browser whose answers nobody reads falls silent."""
    with contextlib.suppress(TimeoutError):
        while True:
            newest = max(newest, json.loads(line.recv(timeout=0)).get("id", 0))
    return newest


def _place(letter: str) -> str:
    return f"Digit{letter}" if letter.isdigit() else f"Key{letter.upper()}"
