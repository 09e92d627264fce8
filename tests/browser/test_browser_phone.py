"""A paired phone: one hand's reach, a photo of the parcel, and scans while the desk is away."""

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
import zxingcpp
from browser_desk import ROOT, Desk, wait_for
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from pages.common.pictures import qr_code, shown_svg

pytestmark = pytest.mark.browser

ROW_ENDS = """() => {
  const ends = {};
  for (const one of document.querySelectorAll("#commands > *")) {
    const { top, right, width } = one.getBoundingClientRect();
    if (width) ends[top] = Math.max(ends[top] || 0, Math.round(right));
  }
  return Object.values(ends);
}"""
IN_ROWS = """() => {
  const rows = {};
  for (const one of document.querySelectorAll("#commands > *")) {
    const { top, width } = one.getBoundingClientRect();
    if (width) rows[top] = (rows[top] || 0) + 1;
  }
  return Object.values(rows);
}"""
SMALL = """() => [...document.querySelectorAll("button, a, select, input")]
  .filter((one) => one.offsetParent && one.getBoundingClientRect().height < 44)
  .map((one) => one.outerHTML.slice(0, 80))"""
TOP = "(selector) => document.querySelector(selector).getBoundingClientRect().top"
READY = "async () => Boolean(await navigator.serviceWorker.getRegistration('/phone'))"


@pytest.fixture
def pile(desk: Desk) -> int:
    return desk.new_pile("By phone")


@pytest.fixture
def phone(browser: Browser, desk: Desk, pile: int) -> Iterator[Page]:
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, has_touch=True, locale="en-GB",
        service_workers="allow",
    )  # fmt: skip
    page = context.new_page()
    page.goto(f"{desk.base_url}/pair/{desk.invite(pile)}")
    page.get_by_role("button", name="Let this phone in").click()
    expect(page.locator(".hand-say")).to_have_text("Scan a parcel.")
    yield page
    context.close()


def _type(page: Page, code: str) -> None:
    page.locator("#typed input").fill(code)
    page.locator("#typed button").click()


def test_the_camera_is_above_the_verdict_and_all_else_within_a_thumb_s_reach(phone: Page) -> None:
    assert phone.evaluate(TOP, "#camera") < phone.evaluate(TOP, "#hand")
    assert phone.evaluate(TOP, "#commands") > 844 * 0.6
    assert min(phone.evaluate(IN_ROWS)) > 1  # none lies across the whole width
    assert phone.evaluate(SMALL) == []
    assert len(set(phone.evaluate(ROW_ENDS))) == 1, "a command lies alone in its row"


def test_a_photo_is_kept_with_the_parcel_read_last_until_that_is_taken_back(
    phone: Page, desk: Desk, pile: int
) -> None:
    [tracking] = desk.parcels(1)
    photo = phone.get_by_role("button", name="Photo")
    expect(photo).to_be_disabled()
    _type(phone, tracking)
    expect(photo).to_be_enabled()
    picture = next((ROOT / "data" / "photos").glob("pile_0*.jpg"))
    phone.set_input_files("#commands input", picture)
    expect(phone.locator(".hand-note")).to_have_text("The photo is kept with this order.")
    [[order]] = desk.ask("SELECT order_id FROM parcels WHERE tracking = ?", tracking)
    kept = "SELECT count(*) FROM pile_pictures WHERE pile_id = ? AND order_id = ?"
    assert desk.ask(kept, pile, order) == [(1,)]
    phone.get_by_role("button", name="Undo my last scan").click()
    expect(photo).to_be_disabled()


def test_another_pile_is_chosen_on_the_phone(phone: Page, desk: Desk) -> None:
    other = desk.new_pile("The other one")
    phone.reload()
    phone.locator("#piles").select_option(label="The other one")
    phone.wait_for_url(f"**/phone?pile={other}")
    expect(phone.locator(".hand-say")).to_have_text("Scan a parcel.")
    _type(phone, "99887766554433")
    expect(phone.locator("#recent li")).to_have_count(1)
    assert desk.scans(other) == ["99887766554433"]


def test_scans_are_kept_over_a_reload_while_the_desk_is_away_and_told_afterwards(
    phone: Page, desk: Desk, pile: int
) -> None:
    codes = desk.parcels(2)
    wait_for(lambda: phone.evaluate(READY), 20, "the page can open without the desk")
    phone.reload()  # its files go by the worker now
    expect(phone.locator(".hand-say")).to_have_text("Scan a parcel.")
    phone.context.set_offline(True)
    for code in codes:
        _type(phone, code)
    expect(phone.locator("#waiting li")).to_have_text(codes)
    phone.reload()
    expect(phone.locator("#waiting li")).to_have_text(codes)
    expect(phone.locator(".hand-say")).to_contain_text("is kept and sent again")
    assert desk.scans(pile) == []
    phone.context.set_offline(False)
    expect(phone.locator("#recent li")).to_have_count(2, timeout=30_000)
    expect(phone.locator("#waiting")).to_be_hidden()
    assert desk.scans(pile) == codes


def test_nothing_of_an_answer_is_kept_by_the_page_s_worker() -> None:
    source = (ROOT / "pages" / "components" / "offline.js").read_text(encoding="utf-8")
    folder = ROOT / "pages" / "components"
    named = [Path(line.strip(' ",')) for line in source.splitlines() if line.startswith('  "/')]
    assert [one for one in named if one.parent not in (Path("/"), Path("/station"))] == []
    files = [one.name for one in named if one.parent == Path("/station")]
    assert [one for one in files if not (folder / one).is_file()] == []


@pytest.mark.parametrize("ground", ["white", "rgb(14, 23, 22)"])
def test_a_code_for_phones_is_read_off_the_screen_in_both_themes(page: Page, ground: str) -> None:
    link = "https://desk.example:8443/pair/8Qx2-Zk41"
    address = shown_svg(qr_code(link, scale=6))
    page.set_content(f"<body style='margin: 0; background: {ground}'><img src='{address}'>")
    picture = Image.open(io.BytesIO(page.screenshot()))
    assert [one.text for one in zxingcpp.read_barcodes(picture, try_invert=False)] == [link]
