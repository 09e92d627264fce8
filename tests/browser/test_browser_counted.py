"""What the ways of a day cost, counted in presses and keys."""

import re
import statistics
import time
from io import BytesIO
from pathlib import Path

import pytest
from browser_desk import Desk, wait_for
from openpyxl import load_workbook
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

STILL = "[data-test-script-state=notRunning]"


def test_a_month_s_file_is_three_actions_away(page: Page, desk: Desk) -> None:
    """Finance, the month, the file; what it sums up is what was reversed in that month."""
    pile = desk.new_pile("For the books")
    desk.take(pile, desk.runnable(3))
    wait_for(lambda: not desk.being_checked(pile), 60, "the services were asked")
    desk.run(pile)
    ended = "SELECT count(*) FROM runs WHERE pile_id = ? AND finished_at IS NOT NULL"
    wait_for(lambda: desk.ask(ended, pile) == [(1,)], 120, "the run ended")
    page.goto(f"{desk.base_url}/history?by=Ana")
    expect(page.locator(STILL).get_by_role("heading", name="History")).to_be_visible(timeout=60_000)
    page.get_by_role("tab", name="Finance").click()
    page.get_by_role("combobox", name="Month").press_sequentially(f"{_month(desk)}\n")
    month = page.get_by_role("tabpanel", name="Finance")
    expect(month.get_by_text("0 twice")).to_be_visible(timeout=60_000)
    page.wait_for_timeout(1_000)
    expect(page.locator(STILL)).to_be_visible(timeout=60_000)
    with page.expect_download() as download:
        month.get_by_role("button", name="XLSX").click()
    assert (
        download.value.suggested_filename
        == f"stornos-{'-'.join(_month(desk).split('.')[::-1])}.xlsx"
    )
    rows = list(_rows(download.value.path()))
    head, *body = rows
    storno, total, currency = (head.index(name) for name in ("Storno number", "Total", "Currency"))
    lines = [row for row in body if row[storno]]
    [(reversed_,)] = desk.ask("SELECT count(*) FROM invoices WHERE storno_number != ''")
    assert len(lines) == reversed_ >= 3
    lei = sum(row[total] for row in lines if row[currency] == "RON")
    [(minor,)] = desk.ask(
        "SELECT sum(o.total_minor) FROM invoices i JOIN orders o ON o.id = i.order_id "
        "WHERE i.storno_number != '' AND o.currency = 'RON'"
    )
    assert round(lei * 100) == minor


def _month(desk: Desk) -> str:
    [(at,)] = desk.ask("SELECT max(finished_at) FROM runs")
    year, month = re.findall(r"\d+", at)[:2]
    return f"{month}.{year}"


def _rows(file: Path) -> list[tuple[object, ...]]:
    book = load_workbook(BytesIO(file.read_bytes()), read_only=True)
    return [tuple(row) for row in book.worksheets[0].iter_rows(values_only=True)]


def test_twenty_labels_are_answered_with_one_key_each_and_the_next_is_there_within_a_second(
    page: Page, desk: Desk
) -> None:
    """Eighteen that are no parcels, and two numbers that two orders share; the second is a median.

    `benchmarks.look` times photographed ones, to the last of their pictures.
    """
    pile = desk.new_pile("Twenty")
    shared = [
        code for (code,) in desk.ask(
            "SELECT tracking FROM parcels GROUP BY tracking HAVING count(DISTINCT order_id) > 1"
        )
    ]  # fmt: skip
    assert len(shared) == 2
    nobody = [f"99887755{pile:04}{number:02}" for number in range(18)]
    desk.take(pile, [*nobody, *shared])
    page.goto(f"{desk.base_url}/review?pile={pile}&by=Ana&tab=look")
    seconds: list[float] = []
    pressed = 0.0
    for left in range(20, 0, -1):
        expect(page.get_by_text(f"{left} left", exact=True)).to_be_visible(timeout=60_000)
        if pressed:
            seconds.append(time.monotonic() - pressed)
        expect(page.locator(STILL)).to_be_visible(timeout=60_000)
        # Streamlit fetches the code of its buttons after the text is there; then keys are heard.
        expect(page.get_by_role("button", name="Not a parcel")).to_be_visible(timeout=60_000)
        page.wait_for_timeout(300)
        key = "1" if page.get_by_text("This number fits several").count() else "n"
        pressed = time.monotonic()
        page.keyboard.press(key)
    assert statistics.median(seconds) < 1.0
    expect(
        page.get_by_text("left", exact=False).filter(has_text=re.compile(r"^\d+ left$"))
    ).to_have_count(0, timeout=20_000)
    linked = "SELECT count(DISTINCT order_id) FROM scans WHERE pile_id = ? AND outcome = 'matched'"
    wait_for(lambda: desk.ask(linked, pile) == [(2,)], 20, "the shared numbers have their order")
    asked = (
        "SELECT count(*) FROM scans WHERE pile_id = ? AND outcome != 'matched' "
        "AND verdict != 'not_tracking'"
    )
    assert desk.ask(asked, pile) == [(0,)]
