"""README's tour, walked on a fresh sandbox: what it names is there, where it says so."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from absent import absent
from browser_desk import CHROMIUM, ROOT, Desk, start_desk, stop_desk, wait_for
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

README = (ROOT / "README.md").read_text("utf-8")
TOUR = README.partition("## A first tour")[2].partition("\n## ")[0]
STILL = "[data-test-script-state=notRunning]"


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    if not Path(CHROMIUM).exists():
        absent("Chromium is absent: apt-get install chromium.")
    running, process = start_desk(tmp_path_factory.mktemp("tour") / "home", "--sandbox")
    yield running
    stop_desk(process)


def step(name: str) -> str:
    """The sentences of one step, by the page it is about."""
    [found] = re.findall(rf"^\d\. \**{name}\b.*$", TOUR, re.MULTILINE)
    return str(found)


def named(text: str) -> list[str]:
    """What a step says is to be seen: its words in italics."""
    return re.findall(r"(?<!\*)\*([^*]+)\*(?!\*)", text)


def still(page: Page) -> None:
    page.wait_for_timeout(500)
    expect(page.locator(STILL).first).to_be_visible(timeout=60_000)


def go(page: Page, name: str) -> None:
    page.locator(".st-key-nav").get_by_role("link", name=name).click()
    expect(page.locator(STILL).get_by_role("heading").first).to_be_visible(timeout=60_000)
    still(page)


def test_the_tour_is_true_word_for_word(page: Page, fresh: Desk) -> None:
    walked: list[str] = []

    def seen(*words: str) -> None:
        for word in words:
            expect(page.get_by_text(word.removesuffix("…").strip()).first).to_be_visible(
                timeout=60_000
            )
            walked.append(word)

    # 1. Scan: photos, or the list with the number that the tour names.
    [number] = re.findall(r"`(\d+)`", step("Scan"))
    pile = fresh.new_pile("Tour")
    page.goto(f"{fresh.base_url}/?by=Ana&pile={pile}")
    expect(page.locator(".hand-say")).not_to_be_empty(timeout=60_000)
    page.set_input_files(".drop-input", sorted((ROOT / "data" / "photos").glob("pile_0*.*"))[:4])
    wait_for(lambda: len(fresh.scans(pile)) >= 4, 120, "each code that is read becomes a scan")
    seen("List")
    page.get_by_role("radio", name="List").click()
    field = page.get_by_label("Codes, one a line")
    for example in (field.get_attribute("placeholder") or "").split():
        assert fresh.ask("SELECT count(*) FROM parcels WHERE tracking = ?", example) == [(1,)]
    field.fill(number)
    page.get_by_role("button", name="Add to the pile").click()
    seen("Cancel order")
    # 2. Review: its tabs, the choices for ticked rows, and what is told before the run.
    fresh.take(pile, fresh.runnable(12)[4:])
    wait_for(lambda: not fresh.being_checked(pile), 90, "the services were asked")
    go(page, "Review")
    seen("Ready to run", "Needs a look", "Held", "Delivered", "Done")
    grid = page.get_by_test_id("stDataFrame").first.bounding_box()
    assert grid is not None
    page.mouse.click(grid["x"] + 17, grid["y"] + 64)
    expect(page.get_by_text("1 chosen")).to_be_visible(timeout=20_000)
    seen("Leave out")
    page.get_by_role("button", name="Leave out").click()
    expect(page.get_by_text("of this pile")).to_be_visible(timeout=20_000)
    seen("Run these …")
    page.get_by_role("button", name="Run these").click()
    question = page.get_by_role("dialog")
    for mark in ("orders", "lei", "stock", "e-mail", "minute"):
        expect(question).to_contain_text(mark)
    question.get_by_role("button", name="Start").click()
    # 3. Its strip on another page, and the result with its files.
    expect(page.get_by_text(re.compile(r"\d being processed"))).to_be_visible(timeout=60_000)
    go(page, "History")
    expect(page.get_by_role("link", name=re.compile("See the (run|result)"))).to_be_visible()
    ended = "SELECT count(*) FROM runs WHERE pile_id = ? AND finished_at IS NOT NULL"
    wait_for(lambda: fresh.ask(ended, pile) == [(1,)], 120, "the run ended")
    go(page, "Review")
    page.get_by_text("Every order of this run").click()
    for file in ("CSV", "XLSX"):
        expect(page.get_by_role("button", name=file).first).to_be_visible(timeout=30_000)
    # 4 to 6. What needs a person, the charts, the books.
    go(page, "Follow-up")
    expect(page.get_by_role("heading", name="Needs a person")).to_be_visible(timeout=60_000)
    seen("Needs a person")
    go(page, "Analytics")
    expect(page.locator(".js-plotly-plot").first).to_be_visible(timeout=60_000)
    go(page, "History")
    seen("Finance")
    page.get_by_role("tab", name="Finance").click()
    expect(page.get_by_text("reversed, 0 twice")).to_be_visible(timeout=30_000)
    assert walked == named(TOUR)
