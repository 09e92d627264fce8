"""What a first visit of each page costs: `python -m benchmarks.pages [--before FOLDER]`.

Bytes, requests, layout shift and times in a fresh browser, each page as often as `--rounds` says;
beside them an empty Streamlit page of the same run, so that the ratios mean something elsewhere.
`--before` is a checkout of another version: it is measured in the same run, page by page in turn.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import requests
from playwright.sync_api import Browser, CDPSession, Page, ViewportSize, sync_playwright

from benchmarks.pages_visit import Visit, idle_bytes, middle, visit
from tests.browser.browser_desk import CHROMIUM, QUIET, ROOT, free_port, stop_desk, wait_for

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
print(piles.create("Monday", "Ana"))
"""
CODES = ("7000201520995", "99887766554433")  # one that the sample world has, and one it has not


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--before", type=Path, help="a checkout to compare with")
    parser.add_argument("--rounds", type=int, default=3, help="first visits of each page")
    asked = parser.parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        versions = {"now": ROOT} | ({"before": asked.before.resolve()} if asked.before else {})
        desks = {
            name: stack.enter_context(desk(folder / name, at)) for name, at in versions.items()
        }
        empty = stack.enter_context(empty_page(folder))
        playwright = stack.enter_context(sync_playwright())
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        told = measure(browser, desks, empty, asked.rounds)
        _table(told, desks)
        for name, address in desks.items():
            value = idle_bytes(*_fresh(browser), address.format(page=""), IDLE_SECONDS)
            goal = "   goal ≤ 1 MB" if name == "now" else ""
            print(f"idle Scan, {name}: {value * 3600 / IDLE_SECONDS / 1e6:.2f} MB an hour{goal}")


def measure(
    browser: Browser, desks: dict[str, str], empty: str, rounds: int
) -> dict[tuple[str, str], list[Visit]]:
    """By page and version; versions take turns, so that a noisy moment falls on both."""
    told: dict[tuple[str, str], list[Visit]] = {}
    for _ in range(rounds):
        told.setdefault(("empty", "streamlit"), []).append(_look(browser, empty))
        for page in PAGES:
            for name, address in desks.items():
                path = "" if page == "scan" else page
                told.setdefault((page, name), []).append(_look(browser, address.format(page=path)))
    return told


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


def _table(told: dict[tuple[str, str], list[Visit]], desks: dict[str, str]) -> None:
    base = middle(told["empty", "streamlit"]).first
    print(f"an empty Streamlit page: first text after {base:.0f} ms")
    head = ("page", "version", "KB", "requests", "shift", "first ms", "÷ empty", "settled ms")
    print(" ".join(f"{one:>10}" for one in head))
    for page in PAGES:
        for name in desks:
            one = middle(told[page, name])
            cells = (
                page, name, f"{one.sent / 1000:.0f}", f"{one.requests:.0f}", f"{one.shift:.3f}",
                f"{one.first:.0f}", f"{one.first / base:.2f}", f"{one.settled:.0f}",
            )  # fmt: skip
            print(" ".join(f"{cell:>10}" for cell in cells), flush=True)
    print("goals: Scan ≤ 1500 KB, shift ≤ .1, first row or figure ≤ 1.5 × the empty page")


@contextmanager
def desk(home: Path, checkout: Path) -> Iterator[str]:
    """A desk of this checkout on its sandbox, two codes in a pile: its address, for any page."""
    home.mkdir()
    port = free_port()
    own = {"REFUZ_HOME": str(home), "STORNO_HOME": str(home)}  # as the older one called it
    with _running(
        [sys.executable, "-m", "core.cli", "serve", "--port", str(port), "--sandbox"],
        checkout, own, home.with_suffix(".log"), f"http://localhost:{port}/healthz",
    ):  # fmt: skip
        address = f"http://localhost:{port}"
        told = subprocess.run(
            [sys.executable, "-c", PILE], cwd=checkout, env={**os.environ, **own},
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        pile = int(told.stdout.split()[-1])
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
