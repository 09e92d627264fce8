"""A run goes on while people scan, while nobody looks, and is there when they come back."""

from typing import Any

import pytest
from browser_desk import ROOT, Desk, wait_for
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser


def review(page: Page, desk: Desk, pile: int) -> None:
    page.goto(f"{desk.base_url}/review?by=Ana&pile={pile}")
    expect(page.get_by_role("radio", name="Ready to run")).to_be_visible(timeout=60_000)


@pytest.mark.parametrize(
    ("orders", "codes"), [(12, 12), pytest.param(140, 300, marks=pytest.mark.heavy)]
)
def test_people_scan_on_while_a_run_goes_and_find_it_ended_when_they_come_back(
    page: Page, desk: Desk, hand_scan: Any, orders: int, codes: int
) -> None:
    pile, next_pile = desk.new_pile("To run"), desk.new_pile("Next one")
    trackings = desk.runnable(orders)
    desk.take(pile, trackings)
    review(page, desk, pile)
    page.get_by_role("button", name="Run these").click()
    page.get_by_role("dialog").get_by_role("button", name="Start").click()
    expect(page.get_by_text("being processed")).to_be_visible(timeout=60_000)
    scanned = [f"1ONB6{number:010}" for number in range(codes)]
    page.goto(f"{desk.base_url}/?pile={next_pile}&by=Ana")  # the run is left
    expect(page.locator(".hand-say")).not_to_be_empty(timeout=60_000)
    expect(page.get_by_role("link", name="See the ")).to_be_visible(timeout=60_000)
    hand_scan(page, scanned, "Enter")
    wait_for(lambda: len(desk.scans(next_pile)) >= codes, 60, "all codes stored")
    assert desk.scans(next_pile) == scanned
    page.goto("about:blank")
    ended = "SELECT count(*) FROM runs WHERE pile_id = ? AND finished_at IS NOT NULL"
    wait_for(lambda: desk.ask(ended, pile) == [(1,)], 120 + 5 * orders, "the run ended")
    review(page, desk, pile)
    ended_well = page.get_by_text(f"{orders} of {orders} done")
    expect(ended_well).to_be_visible(timeout=60_000)
    numbers = desk.ask(
        "SELECT o.gid FROM pile_orders p JOIN orders o ON o.id = p.order_id WHERE p.pile_id = ?",
        pile,
    )
    ledger = desk.ledger()["orders"]
    assert [ledger[gid]["cancelled"] for (gid,) in numbers] == [1] * orders


def test_a_label_that_is_no_parcel_is_answered_with_one_key(page: Page, desk: Desk) -> None:
    """Three labels, three keys."""
    pile = desk.new_pile("Look")
    desk.take(pile, [f"99887766{pile:04}{number}7" for number in range(3)])
    page.goto(f"{desk.base_url}/review?pile={pile}&by=Ana")
    for left in (3, 2, 1):
        expect(page.get_by_text(f"{left} left")).to_be_visible(timeout=60_000)
        expect(page.locator("[data-test-script-state=notRunning]")).to_be_visible(timeout=60_000)
        expect(page.get_by_role("button", name="Not a parcel")).to_be_visible(timeout=60_000)
        page.wait_for_timeout(500)
        page.keyboard.press("n")
    expect(page.get_by_text("This pile is empty.")).to_be_visible(timeout=20_000)


PHOTOS = sorted((ROOT / "data" / "photos").glob("pile_*"))
ROW, HEAD = 52, 38  # pixels of the list
