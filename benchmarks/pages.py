"""What a first visit of each page costs: `python -m benchmarks.pages [PAGE …] [--before FOLDER]`.

Bytes, requests, layout shift and times in a fresh browser, each page as often as `--rounds` says.
An empty Streamlit page is visited beside each of them, so that the ratios mean something elsewhere.
`--before` is a checkout of another version: it is visited in turn with this one. What was measured
is kept in `--file` at once; asked for again, the benchmark goes on where it was stopped.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import requests
from playwright.sync_api import Browser, CDPSession, Page, ViewportSize, sync_playwright

from benchmarks.pages_visit import Visit, idle_bytes, middle, visit
from tests.browser.browser_desk import CHROMIUM, QUIET, ROOT, stop_desk, wait_for
from tests.ports import free_port

PAGES = ("scan", "review", "follow_up", "analytics", "history", "settings")
SCREEN: ViewportSize = {"width": 1440, "height": 900}
IDLE_SECONDS = 20.0
# The pile is made by the version's own program, wherever that keeps it.
PILE = """
import importlib
try:
    piles = importlib.import_module("core.orders.piles.piles")
except ImportError:
    piles = importlib.import_module("core.orders.piles")
try:
    print(piles.create("Monday"))
except TypeError:  # a version that was told who began it
    print(piles.create("Monday", "Ana"))
"""
CODES = ("7000201520995", "99887766554433")  # one that the sample world has, and one it has not


class Kept:
    """What was measured, in a file: by "page version", each round's visit and its empty page's."""

    def __init__(self, file: Path, *, anew: bool) -> None:
        """Take up what a run before this one left, unless all is asked for anew."""
        self.file = file
        self.rounds: dict[str, list[Any]] = {}
        if file.exists() and not anew:
            self.rounds = json.loads(file.read_text("utf-8"))

    def count(self, key: str) -> int:
        """How many rounds of it there are."""
        return len(self.rounds.get(key, []))

    def add(self, key: str, one: Any) -> None:
        """Keep one round."""
        self.rounds.setdefault(key, []).append(one)
        self.file.write_text(json.dumps(self.rounds, indent=1), "utf-8")


def main() -> None:
    """Measure what is missing and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pages", nargs="*", choices=(*PAGES, []), help="some of them; else all")
    parser.add_argument("--before", type=Path, help="a checkout to compare with")
    parser.add_argument("--rounds", type=int, default=3, help="first visits of each page")
    parser.add_argument("--file", type=Path, default=ROOT / ".venv" / "pages.json")
    parser.add_argument("--anew", action="store_true", help="forget what was measured before")
    asked = parser.parse_args()
    kept = Kept(asked.file, anew=asked.anew)
    versions = {"now": ROOT} | ({"before": asked.before.resolve()} if asked.before else {})
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        desks = {
            name: stack.enter_context(desk(folder / name, at)) for name, at in versions.items()
        }
        empty = stack.enter_context(empty_page(folder))
        playwright = stack.enter_context(sync_playwright())
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        measure(browser, desks, empty, kept, asked.pages or PAGES, asked.rounds)
        for name, address in desks.items():
            if not kept.count(f"idle {name}"):
                sent = idle_bytes(*_fresh(browser), address.format(page=""), IDLE_SECONDS)
                kept.add(f"idle {name}", sent * 3600 / IDLE_SECONDS)
    _table(kept, list(versions))


def measure(
    browser: Browser, desks: dict[str, str], empty: str, kept: Kept, pages: Any, rounds: int
) -> None:
    """Versions and the empty page take turns, so that a noisy moment falls on all of them."""
    for page in pages:
        path = "" if page == "scan" else page
        while any(kept.count(f"{page} {name}") < rounds for name in desks):
            base = asdict(_look(browser, empty))
            for name, address in desks.items():
                if kept.count(f"{page} {name}") < rounds:
                    seen = asdict(_look(browser, address.format(page=path)))
                    kept.add(f"{page} {name}", {"seen": seen, "empty": base})
                    print(page, name, {key: round(one, 3) for key, one in seen.items()}, flush=True)


def _look(browser: Browser, address: str) -> Visit:
    page, wire = _fresh(browser)
    try:
        return visit(page, wire, address)
    finally:
        page.context.close()


def _fresh(browser: Browser) -> tuple[Page, CDPSession]:
    """A browser that has seen nothing."""
    context = browser.new_context(viewport=SCREEN, locale="en-GB", service_workers="block")
    page = context.new_page()
    return page, context.new_cdp_session(page)


def _table(kept: Kept, versions: list[str]) -> None:
    head = (
        "page", "version", "KB", "requests", "shift", "first ms", "empty ms", "÷ empty",
        "settled ms",
    )  # fmt: skip
    print("| " + " | ".join(head) + " |\n|" + " --- |" * len(head))
    for page in PAGES:
        for name in versions:
            rounds = kept.rounds.get(f"{page} {name}")
            if not rounds:
                continue
            one = middle([Visit(**each["seen"]) for each in rounds])
            base = middle([Visit(**each["empty"]) for each in rounds])
            ratio = statistics.median(e["seen"]["first"] / e["empty"]["first"] for e in rounds)
            cells = (
                page, name, f"{one.sent / 1000:.0f}", f"{one.requests:.0f}", f"{one.shift:.3f}",
                f"{one.first:.0f}", f"{base.first:.0f}", f"{ratio:.2f}", f"{one.settled:.0f}",
            )  # fmt: skip
            print("| " + " | ".join(cells) + " |")
    print("goals: Scan ≤ 1500 KB, shift ≤ .1, first row or figure ≤ 1.5 × the empty page")
    for name in versions:
        for hour in kept.rounds.get(f"idle {name}", []):
            print(f"idle Scan, {name}: {hour / 1e6:.2f} MB an hour   goal ≤ 1 MB")


@contextmanager
def desk(home: Path, checkout: Path) -> Iterator[str]:
    """A desk of this checkout on its sandbox, two codes in a pile: its address, for any page."""
    home.mkdir()
    port = free_port()
    # An older checkout, to which this one is compared, knows both by the product's former name:
    # its home's variable and, below, the header of its own calls.
    own = {"REFUZ_HOME": str(home), "STORNO_HOME": str(home)}
    with _running(
        [sys.executable, "-m", "core.cli", "serve", "--port", str(port), "--sandbox"],
        checkout, own, home.with_suffix(".log"), f"http://localhost:{port}/healthz",
    ):  # fmt: skip
        address = f"http://localhost:{port}"
        finished = subprocess.run(
            [sys.executable, "-c", PILE], cwd=checkout, env={**os.environ, **own},
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        pile = int(finished.stdout.split()[-1])
        for code in CODES:
            body = {"pile": pile, "code": code, "key": code, "by": "Ana"}
            calls = {"X-Refuz": "1", "X-Storno": "1"}
            requests.post(f"{address}/api/scans", json=body, headers=calls, timeout=60)
        yield f"{address}/{{page}}?pile={pile}&by=Ana"


@contextmanager
def empty_page(folder: Path) -> Iterator[str]:
    """Streamlit with a page of one line; gives its address."""
    script = folder / "empty.py"
    script.write_text('import streamlit as st\n\nst.write("Nothing else.")\n', "utf-8")
    port = free_port()
    command = [
        sys.executable, "-m", "streamlit", "run", str(script), "--server.port", str(port),
        "--server.headless", "true", "--browser.gatherUsageStats", "false",
    ]  # fmt: skip
    address = f"http://localhost:{port}"
    with _running(command, folder, {}, folder / "empty.log", f"{address}/_stcore/health"):
        yield address


@contextmanager
def _running(
    command: list[str], folder: Path, more: dict[str, str], log: Path, healthy: str
) -> Iterator[None]:
    with log.open("wb") as out:
        process = subprocess.Popen(
            command, cwd=folder, env={**os.environ, **more}, stdout=out,
            stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
        try:
            wait_for(lambda: _answers(healthy), 180, healthy)
            yield
        finally:
            stop_desk(process)


def _answers(address: str) -> bool:
    try:
        return requests.get(address, timeout=2).status_code == 200
    except requests.RequestException:
        return False


if __name__ == "__main__":
    main()
