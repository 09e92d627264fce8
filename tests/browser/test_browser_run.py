"""A run goes on while people scan, while nobody looks, and is there when they come back."""

import re
from collections.abc import Callable
from typing import Any

import pypdfium2
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
    expect(page.get_by_text(re.compile(r"\d being processed"))).to_be_visible(timeout=60_000)
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


def test_a_page_left_open_tells_of_a_run_that_begins_and_of_its_end(page: Page, desk: Desk) -> None:
    """Nobody touches the page, and what was typed there stays."""
    pile = desk.new_pile("Begun elsewhere")
    desk.take(pile, desk.runnable(3))
    wait_for(lambda: not desk.being_checked(pile), 60, "the services were asked")
    page.goto(f"{desk.base_url}/history?by=Ana")
    words = page.get_by_role("textbox", name="Search").first
    expect(words).to_be_visible(timeout=60_000)
    expect(page.locator(".st-key-strip")).to_have_count(0)
    words.press_sequentially("half a wo")
    desk.run(pile)
    expect(page.locator(".st-key-strip")).to_be_visible(timeout=30_000)
    expect(page.get_by_role("link", name="See the result")).to_be_visible(timeout=120_000)
    assert words.input_value() == "half a wo"


def test_no_row_of_a_result_is_cut_between_two_sheets_of_paper(page: Page, desk: Desk) -> None:
    """On sheets so low that five orders need several; each has the names of the columns."""
    pile = desk.new_pile("On paper")
    desk.take(pile, desk.runnable(5))
    wait_for(lambda: not desk.being_checked(pile), 60, "the services were asked")
    desk.run(pile)
    ended = "SELECT count(*) FROM runs WHERE pile_id = ? AND finished_at IS NOT NULL"
    wait_for(lambda: desk.ask(ended, pile) == [(1,)], 120, "the run ended")
    page.goto(f"{desk.base_url}/review?by=Ana&pile={pile}")
    expect(page.get_by_text("5 of 5 done")).to_be_visible(timeout=60_000)
    expect(page.locator(".st-key-on-paper tbody tr").last).to_be_attached(timeout=60_000)
    page.add_style_tag(content="@page { size: 297mm 42mm !important; margin: 8mm !important; }")
    with pypdfium2.PdfDocument(page.pdf(prefer_css_page_size=True)) as paper:
        sheets = ["".join(one.get_textpage().get_text_range().split()) for one in paper]
    listed = [text for text in sheets if "#" in text]
    assert len(listed) > 1
    assert [text for text in listed if not text.startswith("StateOrder")] == []
    numbers = re.findall(r"#\d{6}", "".join(listed))  # a row that is cut stands on both sheets
    assert len(numbers) == len(set(numbers)) == 5
    assert sheets[-1]


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


# Verdicts as a busy pile has them: several in the time in which the page draws its parts.
BUSY = """
() => {
  const verdict = { sound: "good", word: "", order: "", code: "", say: "", order_id: null };
  const tell = () => window.dispatchEvent(new CustomEvent("refuz-verdict", { detail: verdict }));
  const timer = setInterval(tell, 40);
  setTimeout(() => clearInterval(timer), 4000);
}
"""


def test_what_is_pressed_while_the_pile_changes_is_done(page: Page, desk: Desk) -> None:
    """The page follows its pile four times a second; a way to another page is not lost by that."""
    pile = desk.new_pile("Busy")
    desk.take(pile, desk.runnable(3))
    ways = [
        page.get_by_role("button", name="Review 3 parcels"),
        page.get_by_role("link", name="Review"),
    ]
    begin = (page.get_by_role("button", name="New pile"), page.get_by_role("dialog"))
    ready = page.get_by_role("radio", name="Ready to run")
    for way, what in [*((way, ready) for way in ways * 3), begin]:
        page.goto(f"{desk.base_url}/?pile={pile}&by=Ana")
        expect(page.locator(".hand-say")).not_to_be_empty(timeout=60_000)
        expect(ways[0]).to_be_visible(timeout=60_000)
        page.evaluate(BUSY)
        page.wait_for_timeout(600)
        way.click()
        expect(what).to_be_visible(timeout=60_000)  # lost it never comes; late is no fault here


PHOTOS = sorted((ROOT / "data" / "photos").glob("pile_*"))
ROW, HEAD = 52, 38  # pixels of the list


def tick(page: Page, row: int) -> None:
    grid = page.get_by_test_id("stDataFrame").first
    expect(grid.locator("canvas").first).to_be_visible(timeout=60_000)
    page.wait_for_timeout(500)  # it listens after it is drawn
    box = grid.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + 17, box["y"] + HEAD + ROW * row + ROW // 2)


def test_ticks_stay_with_their_orders_when_others_join_the_list(page: Page, desk: Desk) -> None:
    pile = desk.new_pile("Growing")
    *first, last = desk.runnable(6)
    desk.take(pile, first)
    in_pile = "SELECT order_id FROM pile_orders WHERE pile_id = ? ORDER BY id DESC"
    wait_for(lambda: not desk.being_checked(pile), 60, "the services were asked")
    review(page, desk, pile)
    tick(page, 1)
    expect(page.get_by_text("1 chosen")).to_be_visible(timeout=20_000)
    tick(page, 3)
    expect(page.get_by_text("2 chosen")).to_be_visible(timeout=20_000)
    desk.take(pile, [last])  # by somebody else, meanwhile
    rows = [order_id for (order_id,) in desk.ask(in_pile, pile)]
    page.get_by_role("button", name="Restock", exact=True).click()
    expect(page.get_by_role("radio", name="Ready to run · 6")).to_be_visible(timeout=20_000)
    expect(page.get_by_text("2 chosen")).to_be_visible(timeout=20_000)
    page.get_by_role("button", name="Leave out").click()
    expect(page.get_by_text("All 4 of this pile")).to_be_visible(timeout=20_000)
    chosen = "SELECT order_id FROM pile_orders WHERE pile_id = ? AND restock AND NOT included"
    assert {one for (one,) in desk.ask(chosen, pile)} == {rows[2], rows[4]}
    restocked = desk.ask("SELECT count(*) FROM pile_orders WHERE pile_id = ? AND restock", pile)
    assert restocked == [(2,)]


def test_a_tick_pressed_as_another_order_joins_the_list_is_kept(page: Page, desk: Desk) -> None:
    """The rows stay where the hand is; what joined is offered, and the ticks go along."""
    pile = desk.new_pile("Joining")
    *first, last = desk.runnable(6)
    desk.take(pile, first)
    wait_for(lambda: not desk.being_checked(pile), 60, "the services were asked")
    review(page, desk, pile)
    desk.take(pile, [last])
    tick(page, 1)
    expect(page.get_by_role("radio", name="Ready to run · 6")).to_be_visible(timeout=20_000)
    expect(page.get_by_text("1 chosen")).to_be_visible(timeout=20_000)
    page.get_by_role("button", name="1 more is ready: show it").click()
    expect(page.get_by_role("button", name="1 more is ready")).to_have_count(0, timeout=20_000)
    expect(page.get_by_text("1 chosen")).to_be_visible(timeout=20_000)
    rows = "SELECT order_id FROM pile_orders WHERE pile_id = ? ORDER BY id DESC"
    ticked = [order_id for (order_id,) in desk.ask(rows, pile)][2]
    page.get_by_role("button", name="Leave out").click()
    expect(page.get_by_text("All 5 of this pile")).to_be_visible(timeout=20_000)
    left_out = "SELECT order_id FROM pile_orders WHERE pile_id = ? AND NOT included"
    assert desk.ask(left_out, pile) == [(ticked,)]


def test_a_tick_pressed_while_the_list_is_laid_anew_is_kept(page: Page, desk: Desk) -> None:
    """Nothing is ticked, and a press on the bar lays the list anew: with one order more, last."""
    pile = desk.new_pile("Laid anew")
    *first, last = desk.runnable(6)
    desk.take(pile, first)
    wait_for(lambda: not desk.being_checked(pile), 60, "the services were asked")
    review(page, desk, pile)
    row = "SELECT order_id FROM pile_orders WHERE pile_id = ? ORDER BY id DESC"
    order = desk.ask(row, pile)[1][0]
    grid = page.get_by_test_id("stDataFrame").first
    expect(grid.locator("canvas").first).to_be_visible(timeout=60_000)
    page.wait_for_timeout(500)
    box = grid.bounding_box()
    assert box is not None
    desk.take(pile, [last])
    restock = page.get_by_role("button", name="Restock", exact=True)
    page.evaluate("(one) => one.click()", restock.element_handle())
    page.mouse.click(box["x"] + 17, box["y"] + HEAD + ROW + ROW // 2)  # at once
    expect(page.get_by_role("radio", name="Ready to run · 6")).to_be_visible(timeout=20_000)
    expect(page.get_by_text("1 chosen")).to_be_visible(timeout=20_000)
    page.get_by_role("button", name="Leave out").click()
    expect(page.get_by_text("All 5 of this pile")).to_be_visible(timeout=20_000)
    left_out = "SELECT order_id FROM pile_orders WHERE pile_id = ? AND NOT included"
    assert desk.ask(left_out, pile) == [(order,)]


def test_a_hundred_parcels_go_from_photos_to_a_run_in_twelve_actions(
    page: Page, desk: Desk
) -> None:
    """Counted: the drop, two rows ticked for restock, one left out, and the run of the rest."""
    pile = desk.new_pile("Forty photos")
    actions = 0

    def act(do: Callable[[], object]) -> None:
        nonlocal actions
        do()
        actions += 1
        page.wait_for_timeout(500)
        still = page.locator("[data-test-script-state=notRunning]")
        expect(still).to_be_visible(timeout=60_000)

    page.goto(f"{desk.base_url}/?pile={pile}&by=Ana")
    expect(page.locator(".hand-say")).not_to_be_empty(timeout=60_000)
    act(lambda: page.set_input_files(".drop-input", PHOTOS))
    waiting = (
        "SELECT count(*) FROM pile_pictures WHERE pile_id = ? AND state IN ('waiting', 'reading')"
    )
    read = "SELECT count(*) FROM pile_pictures WHERE pile_id = ?"
    wait_for(lambda: desk.ask(read, pile)[0][0] == len(PHOTOS), 60, "all photos sent")
    wait_for(lambda: desk.ask(waiting, pile) == [(0,)], 240, "all photos read")
    act(lambda: page.get_by_role("button", name="Review ").click())
    ready = page.get_by_role("radio", name="Ready to run")
    expect(ready).to_be_visible(timeout=60_000)
    # Orders whose services still answer come in while the page is open.
    wait_for(lambda: int(ready.inner_text().split("·")[1]) > 50, 60, "fifty orders are ready")
    # What changes between the question and its answer is left out, and told so.
    wait_for(lambda: not desk.being_checked(pile), 120, "the services were asked")
    page.reload()  # so that the list is whole
    expect(ready).to_be_visible(timeout=60_000)
    expect(page.locator("[data-test-script-state=notRunning]")).to_be_visible(timeout=60_000)
    act(lambda: tick(page, 0))
    act(lambda: tick(page, 2))
    expect(page.get_by_text("2 chosen")).to_be_visible(timeout=20_000)
    act(lambda: page.get_by_role("button", name="Restock", exact=True).click())
    restocked = "SELECT count(*) FROM pile_orders WHERE pile_id = ? AND restock"
    wait_for(lambda: desk.ask(restocked, pile) == [(2,)], 20, "two are restocked")
    expect(page.get_by_text("2 chosen")).to_be_visible(timeout=20_000)  # they stay ticked
    act(lambda: tick(page, 0))
    expect(page.get_by_text("1 chosen")).to_be_visible(timeout=20_000)
    act(lambda: page.get_by_role("button", name="Leave out").click())
    out = "SELECT order_id FROM pile_orders WHERE pile_id = ? AND NOT included"
    wait_for(lambda: len(desk.ask(out, pile)) == 1, 20, "one is left out")
    act(lambda: page.get_by_role("button", name=re.compile(r"^Run these \d+$")).click())
    question = page.get_by_role("dialog")
    expect(question).to_contain_text("Put back into stock: 1")
    orders = re.search(r"(\d+) orders,", question.inner_text())
    assert orders is not None
    count = int(orders[1])  # services still answer for some: the question tells what is ready now
    assert count > 50
    act(lambda: question.get_by_role("button", name="Start").click())
    begun = "SELECT total FROM runs WHERE pile_id = ?"
    wait_for(lambda: bool(desk.ask(begun, pile)), 30, "the run began")
    [(total,)] = desk.ask(begun, pile)
    if total != count:  # a service answered between the question and Start
        expect(page.get_by_text(f"left out: {count - total}")).to_be_visible(timeout=20_000)
    taken = "SELECT count(*) FROM reversals WHERE order_id = ?"
    assert desk.ask(taken, *desk.ask(out, pile)[0]) == [(0,)]
    assert actions <= 12, actions
