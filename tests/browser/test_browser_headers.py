"""Pages keep to the desk: no foreign host is asked, and no rule of the CSP is broken."""

from urllib.parse import urlsplit

import pytest
from browser_desk import Desk
from playwright.sync_api import BrowserContext, ConsoleMessage, Page, expect

pytestmark = pytest.mark.browser

ROOMS = ["", "review", "follow_up", "history", "settings", "analytics"]


def _leaves(url: str, ours: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme in ("http", "https", "ws", "wss") and parts.netloc != ours


def _is_ours(message: ConsoleMessage) -> bool:
    """A rule of the policy, or an error: an answer of 404 is one as well."""
    return "Content Security Policy" in message.text or message.type == "error"


LATE = 2_000  # milliseconds after a page is drawn, in which what it asks for late has come


def test_no_page_asks_a_foreign_host_or_breaks_a_rule_of_its_policy(
    context: BrowserContext, desk: Desk
) -> None:
    ours = urlsplit(desk.base_url).netloc
    foreign: set[tuple[str, str]] = set()
    broken: set[tuple[str, str]] = set()

    def listen(page: Page, room: str) -> None:
        page.on(
            "request", lambda one: foreign.add((room, one.url)) if _leaves(one.url, ours) else None
        )
        page.on("console", lambda one: broken.add((room, one.text)) if _is_ours(one) else None)

    for room in ROOMS:
        page = context.new_page()
        listen(page, room)
        page.goto(f"{desk.base_url}/{room}?by=Ana")
        drawn = page.locator('[data-testid="stApp"][data-test-script-state="notRunning"]')
        expect(drawn).to_be_visible(timeout=60_000)
    page.wait_for_timeout(LATE)
    assert (foreign, broken) == (set(), set())
