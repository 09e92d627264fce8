"""Every page in a real Chromium: three states of data, both languages, three sizes of window."""

import itertools
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from browser_desk import Desk, start_desk, stop_desk, wait_for
from browser_warm import WarmContext
from playwright.sync_api import Page, ViewportSize, expect

from core.settings import preferences
from core.store import db

pytestmark = pytest.mark.browser

PAGES = {
    "": ("", ""),  # Scan and Review are headed by the pile's name
    "review": ("", ""),
    "follow_up": ("Follow-up", "De rezolvat"),
    "analytics": ("Analytics", "Analiză"),
    "history": ("History", "Istoric"),
    "settings": ("Settings", "Setări"),
}
SIZES: dict[str, ViewportSize] = {
    "desktop": {"width": 1280, "height": 900},
    "tablet": {"width": 820, "height": 1180},
    "phone": {"width": 390, "height": 844},
}
LANGUAGES = {"en-GB": 0, "ro-RO": 1}
DRAWN = "[data-test-script-state=notRunning] [data-testid=stMainBlockContainer]"
WIDER = "() => document.querySelector('[data-testid=stMain]').scrollWidth - innerWidth"
ALWAYS = {
    ("empty", "en-GB", "phone"),
    ("sample", "ro-RO", "desktop"),
    ("worked", "en-GB", "desktop"),
    ("worked", "en-GB", "tablet"),
    ("worked", "ro-RO", "phone"),
}  # the other combinations run with the long proofs
EVERY = [
    pytest.param(*one, marks=() if one in ALWAYS else pytest.mark.heavy, id="-".join(one))
    for one in itertools.product(("empty", "sample", "worked"), LANGUAGES, SIZES)
]

World = Callable[[str], tuple[Desk, int]]


@pytest.fixture(scope="module")
def world(desk: Desk, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A desk and its pile: nothing in it yet, the sample, or a pile of which much was done."""
    made: dict[str, tuple[Desk, int]] = {}
    started = []

    def make(state: str) -> tuple[Desk, int]:
        if state == "empty":
            empty, process = start_desk(tmp_path_factory.mktemp("empty") / "home")
            started.append(process)
            return empty, 0
        pile = desk.new_pile(f"Pile {state}")
        if state == "worked":
            _work(desk, pile)
        return desk, pile

    yield lambda state: made[state] if state in made else made.setdefault(state, make(state))
    for process in started:
        stop_desk(process)


def _work(desk: Desk, pile: int) -> None:
    """Some orders done, one cancelled at the shop whose invoice is nowhere, and stray codes."""
    [[nowhere, gid]] = desk.ask(
        "SELECT p.tracking, o.gid FROM parcels p JOIN invoices i ON i.order_id = p.order_id "
        "JOIN orders o ON o.id = p.order_id WHERE i.number = '9999'"
    )
    desk.take(pile, [*desk.runnable(3), nowhere, "99887766554433", "5941234567899"])
    desk.run(pile)
    done = "SELECT count(*) FROM reversals WHERE state = 'done' AND run_id = "
    done += "(SELECT max(id) FROM runs WHERE pile_id = ?)"
    wait_for(lambda: desk.ask(done, pile) == [(3,)], 120, "the pile was worked on")
    desk.cancel_by_hand(gid.rpartition("/")[2])
    cancelled = "SELECT count(*) FROM orders WHERE gid = ? AND cancelled_at IS NOT NULL"
    wait_for(lambda: desk.ask(cancelled, gid) == [(1,)], 60, "it waits in Follow-up for a person")
    desk.take(pile, desk.runnable(2))


@pytest.mark.parametrize(("state", "language", "size"), EVERY)
def test_each_page_fits_and_raises_nothing(
    warm: Callable[[str], WarmContext], world: World, state: str, language: str, size: str
) -> None:
    desk, pile = world(state)
    with warm(language).lent() as context:
        page = context.new_page()
        page.set_viewport_size(SIZES[size])
        errors: list[Any] = []
        page.on("pageerror", lambda error: errors.append(error))
        for name, titles in PAGES.items():
            page.goto(f"{desk.base_url}/{name}?by=Ana" + (f"&pile={pile}" if pile else ""))
            _look(page, name, titles[LANGUAGES[language]])
    assert errors == []


def _look(page: Page, name: str, title: str) -> None:
    container = page.locator(DRAWN)
    expect(container.get_by_role("heading").first).to_be_visible(timeout=60_000)
    if title:
        expect(container).to_contain_text(title)
    expect(page.get_by_test_id("stSkeleton")).to_have_count(0, timeout=60_000)
    assert page.get_by_test_id("stException").count() == 0, name
    assert page.get_by_text("Something went wrong").count() == 0, name
    wide = page.evaluate(WIDER)
    assert wide <= 0, f"{name or 'scan'} is {wide} pixels wider than the window"


def test_calendars_and_tables_speak_the_language_that_the_desk_was_told(
    page: Page, desk: Desk
) -> None:
    """The browser is an English one; told nothing any more, its calendar is English again."""
    months = {
        "ro": "ianuarie februarie martie aprilie mai iunie iulie august septembrie octombrie "
        "noiembrie decembrie",
        "auto": "January February March April May June July August September October November "
        "December",
    }
    try:
        for language, names in months.items():
            _speak(desk, language)
            page.goto(f"{desk.base_url}/history?by=Ana")
            expect(page.locator(DRAWN).get_by_role("heading").first).to_be_visible(timeout=60_000)
            signs = page.get_by_test_id("stDateInput").first
            expect(signs).to_contain_text({"ro": "aaaa", "auto": "yyyy"}[language], timeout=60_000)
            page.get_by_test_id("stDataFrame").first.hover()
            name = {"ro": "Descarcă CSV", "auto": "Download as CSV"}[language]
            expect(page.get_by_role("button", name=name).first).to_be_visible(timeout=20_000)
            choose = {"ro": "Alegeți data", "auto": "Choose date"}[language]
            page.get_by_role("button", name=choose).first.click()
            shown = page.get_by_role("grid").first
            expect(shown).to_be_visible(timeout=20_000)
            label = shown.get_attribute("aria-label") or ""
            assert re.search(rf"\b({'|'.join(names.split())})\b", label), (language, label)
    finally:
        _speak(desk, "auto")


def _speak(desk: Desk, language: str) -> None:
    with desk.inside(), db.writing() as connection:
        preferences.save(connection, language=language)
