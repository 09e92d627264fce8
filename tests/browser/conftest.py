"""The desk and the browser of these tests."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from absent import absent
from browser_desk import CHROMIUM, QUIET, Desk, start_desk, stop_desk
from browser_scanner import HandScanner, Key
from browser_warm import WarmContext
from playwright.sync_api import Browser, BrowserContext, Page

from tests.ports import free_port


@pytest.fixture(scope="session")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """One desk on its sandbox for all browser tests; each test makes a pile of its own."""
    if not Path(CHROMIUM).exists():
        absent("Chromium is absent: apt-get install chromium.")
    if "REFUZ_TEST_DESK" in os.environ:  # one that runs already: "http://localhost:8501,HOME"
        base_url, _, home = os.environ["REFUZ_TEST_DESK"].partition(",")
        yield Desk(base_url, Path(home))
        return
    running, process = start_desk(tmp_path_factory.mktemp("desk") / "home", "--sandbox")
    yield running
    stop_desk(process)


@pytest.fixture(scope="session")
def browser_port() -> int:
    """Where the browser's own interface listens, for what Playwright cannot do."""
    return free_port()


@pytest.fixture
def hand_scan(browser_port: int) -> Callable[[Page, list[str], str | None], None]:
    """Scan by hand: 10 ms a key, 100 ms between codes, whatever the page is at."""
    return lambda page, codes, suffix: HandScanner(browser_port, page).scan(codes, suffix)


@pytest.fixture
def hand_keys(browser_port: int) -> Callable[[Page, list[list[Key]]], None]:
    """Press the keys of codes as another keyboard layout gives them."""
    return lambda page, codes: HandScanner(browser_port, page).press(codes)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_port: int) -> dict[str, Any]:
    """The system's Chromium, headless, in a container."""
    args = [*QUIET, f"--remote-debugging-port={browser_port}"]
    return {"executable_path": CHROMIUM, "args": args, "headless": True}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    """A desktop window; the page in English.

    Without motion: what Streamlit shows for a part that is on its way is else drawn sixty times a
    second, by the processors that are to bring the part.
    """
    return {
        **browser_context_args,
        "reduced_motion": "reduce",
        "viewport": {"width": 1440, "height": 900},
        "locale": "en-GB",
        "service_workers": "block",
    }


@pytest.fixture(scope="session")
def warm(
    browser: Browser, browser_context_args: dict[str, Any]
) -> Iterator[Callable[[str], WarmContext]]:
    """The context that each test of this language gets, unless it makes one of its own."""
    made: dict[str, WarmContext] = {}

    def of(locale: str) -> WarmContext:
        if locale not in made:
            made[locale] = WarmContext(browser, **{**browser_context_args, "locale": locale})
        return made[locale]

    yield of
    for one in made.values():
        one.close()


@pytest.fixture
def context(warm: Callable[[str], WarmContext]) -> Iterator[BrowserContext]:
    """Where `page` opens: nothing of the test before is in it."""
    with warm("en-GB").lent() as context:
        yield context
