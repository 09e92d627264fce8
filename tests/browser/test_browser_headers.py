"""Pages keep to the desk: no foreign host is asked, and no rule of the CSP is broken."""

from urllib.parse import urlsplit

import pytest
from browser_desk import Desk
from playwright.sync_api import ConsoleMessage, Page, expect

pytestmark = pytest.mark.browser

ROOMS = ["", "review", "follow_up", "analytics", "history", "settings"]


def _leaves(url: str, ours: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme in ("http", "https", "ws", "wss") and parts.netloc != ours


def _is_ours(message: ConsoleMessage) -> bool:
    """A rule of the policy, or an error: an answer of 404 is one as well."""
    return "Content Security Policy" in message.text or message.type == "error"


@pytest.mark.parametrize("room", ROOMS)
def test_a_page_asks_no_foreign_host_and_breaks_no_rule_of_its_policy(
    page: Page, desk: Desk, room: str
) -> None:
    ours = urlsplit(desk.base_url).netloc
    foreign: list[str] = []
    broken: list[str] = []
    page.on("request", lambda one: foreign.append(one.url) if _leaves(one.url, ours) else None)
    page.on("console", lambda one: broken.append(one.text) if _is_ours(one) else None)
    page.goto(f"{desk.base_url}/{room}?by=Ana")
    drawn = page.locator('[data-testid="stApp"][data-test-script-state="notRunning"]')
    expect(drawn).to_be_visible(timeout=60_000)
    page.wait_for_timeout(2_000)
    assert foreign == []
    assert broken == []
