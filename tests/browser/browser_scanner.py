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
ALT = 1  # the modifier as the browser's protocol counts it
Key = tuple[str, str, str, int]  # kind of event, character, place, modifiers
ENTER: list[Key] = [("keyDown", "Enter", "Enter", 0), ("keyUp", "Enter", "Enter", 0)]
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

    def press(self, codes: list[list[Key]]) -> None:
        """Press keys as another keyboard layout gives them: Enter ends each code."""
        numbers = itertools.count(1)
        with connect(self._address, max_size=None, ping_interval=None) as line:
            sent = answered = 0
            for code in codes:
                clock = time.time()
                for kind, key, place, modifiers in [*code, *ENTER]:
                    text = key if kind == "keyDown" and len(key) == 1 else ""
                    fields = {"key": key, "code": place, "modifiers": modifiers, "timestamp": clock}
                    if key == "Enter":
                        fields["windowsVirtualKeyCode"] = 13
                    params = {"type": kind, **fields, **({"text": text} if text else {})}
                    sent = next(numbers)
                    message = {"id": sent, "method": "Input.dispatchKeyEvent", "params": params}
                    line.send(json.dumps(message))
                    if kind == "keyUp":
                        clock += KEY_SECONDS
                        time.sleep(max(0.0, clock - time.time()))
                time.sleep(CODE_SECONDS * 3)
            while answered < sent:
                answered = json.loads(line.recv(30)).get("id", answered)


def typed(pairs: list[tuple[str, str]]) -> list[Key]:
    """Down and up of each key: the character it gives here, and its place."""
    return [
        (kind, key, place, 0) for key, place in pairs for kind in ("keyDown", "keyUp")
    ]  # fmt: skip


def by_number(code: str) -> list[Key]:
    """Alt mode: Alt and the digits of each character's number on the number pad."""
    keys: list[Key] = []
    for letter in code:
        keys.append(("rawKeyDown", "Alt", "AltLeft", ALT))
        for digit in f"{ord(letter):04}":
            keys += [("rawKeyDown", digit, f"Numpad{digit}", ALT)]
            keys += [("keyUp", digit, f"Numpad{digit}", ALT)]
        keys.append(("keyUp", "Alt", "AltLeft", 0))
    return keys


def _newest_answer(line: ClientConnection, newest: int) -> int:
    """Read what came, without waiting: a browser whose answers nobody reads falls silent."""
    with contextlib.suppress(TimeoutError):
        while True:
            newest = max(newest, json.loads(line.recv(timeout=0)).get("id", 0))
    return newest


def _place(letter: str) -> str:
    return f"Digit{letter}" if letter.isdigit() else f"Key{letter.upper()}"
