"""Every page in a real Chromium, in both languages, on a desk and on a phone."""

from typing import Any

import pytest
from browser_desk import Desk
from playwright.sync_api import Browser, expect

pytestmark = pytest.mark.browser

PAGES = {
    "": ("", ""),  # Scan and Review are headed by the pile's name
    "review": ("", ""),
    "follow_up": ("Follow-up", "De rezolvat"),
    "analytics": ("Analytics", "Analiză"),
    "history": ("History", "Istoric"),
    "settings": ("Settings", "Setări"),
}
SIZES = {"desktop": {"width": 1280, "height": 900}, "phone": {"width": 390, "height": 844}}
LANGUAGES = {"en-GB": 0, "ro-RO": 1}
DRAWN = "[data-test-script-state=notRunning] [data-testid=stMainBlockContainer]"


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_each_page_fits_and_raises_nothing(
    browser: Browser, desk: Desk, language: str, size: str
) -> None:
    page = browser.new_page(viewport=SIZES[size], locale=language)
    errors: list[Any] = []
    page.on("pageerror", lambda error: errors.append(error))
    for name, titles in PAGES.items():
        page.goto(f"{desk.base_url}/{name}?by=Ana")
        container = page.locator(DRAWN)
        expect(container.get_by_role("heading").first).to_be_visible(timeout=60_000)
        if title := titles[LANGUAGES[language]]:
            expect(container).to_contain_text(title)
        expect(page.get_by_test_id("stSkeleton")).to_have_count(0, timeout=60_000)
        assert page.get_by_test_id("stException").count() == 0, name
        wide = page.evaluate(
            "() => document.querySelector('[data-testid=stMain]').scrollWidth - innerWidth"
        )
        assert wide <= 0, f"{name or 'scan'} is {wide} pixels wider than the window"
    page.close()
    assert errors == []
