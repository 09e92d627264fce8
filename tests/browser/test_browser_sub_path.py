"""The desk below a path of another site, behind the real nginx as deploy/ sets it up."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import proxies
import pytest
from absent import absent
from browser_desk import CHROMIUM, Desk, start_desk, stop_desk, wait_for
from playwright.sync_api import Browser, BrowserContext, Page, expect
from test_browser_headers import LATE, ROOMS, _is_ours

from tests.ports import free_port

pytestmark = pytest.mark.browser

BASE = "/desk"
READY = f"async () => Boolean(await navigator.serviceWorker.getRegistration('{BASE}/phone'))"
DRAWN = '[data-testid="stApp"][data-test-script-state="notRunning"]'


@pytest.fixture(scope="module")
def below(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Desk, str]]:
    """A desk as its visitors see it, and the address that lets one in."""
    if not Path(CHROMIUM).exists() or not shutil.which("nginx"):
        absent("Chromium or nginx is absent: apt-get install chromium nginx-light.")
    folder, port = tmp_path_factory.mktemp("below"), free_port()
    url = f"http://localhost:{port}{BASE}"
    desk, process = start_desk(
        folder / "home", "--sandbox", REFUZ_PUBLIC_URL=url, REFUZ_TRUSTED_PROXIES="127.0.0.1"
    )
    inner = urlsplit(desk.base_url).port
    assert inner
    proxy = subprocess.Popen(
        proxies.nginx(shutil.which("nginx") or "", folder, proxies.below_a_path(port, inner))
    )
    log = folder / f"serve-{inner}.log"
    try:
        wait_for(lambda: "?token=" in log.read_text(), 30, "the way in")
        [way] = re.findall(rf"{url}/\?token=\S+", log.read_text())
        yield replace(desk, base_url=url), way
    finally:
        proxy.terminate()
        proxy.wait(20)
        stop_desk(process)


@pytest.fixture(scope="module")
def let_in(
    browser: Browser, browser_context_args: dict[str, Any], below: tuple[Desk, str]
) -> Iterator[BrowserContext]:
    context = browser.new_context(**browser_context_args)
    page = context.new_page()
    page.goto(below[1])
    expect(page.locator(DRAWN)).to_be_visible(timeout=60_000)
    page.close()
    yield context
    context.close()


@pytest.fixture
def visitor(let_in: BrowserContext) -> Iterator[BrowserContext]:
    """A browser that was let in; it has no page open."""
    yield let_in
    for page in let_in.pages:
        page.close()


def test_no_page_below_a_path_asks_for_anything_beside_it(
    visitor: BrowserContext, below: tuple[Desk, str]
) -> None:
    beside: set[tuple[str, str]] = set()
    broken: set[tuple[str, str]] = set()

    def listen(page: Page, room: str) -> None:
        page.on("request", lambda one: None if _is_below(one.url) else beside.add((room, one.url)))
        page.on("response", lambda one: broken.add((room, one.url)) if _is_missing(one) else None)
        page.on("console", lambda one: broken.add((room, one.text)) if _is_ours(one) else None)

    for room in ROOMS:
        page = visitor.new_page()
        listen(page, room)
        page.goto(f"{below[0].base_url}/{room}")
        expect(page.locator(DRAWN)).to_be_visible(timeout=60_000)
    page.wait_for_timeout(LATE)
    assert (beside, broken) == (set(), set())


def _is_below(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme in ("data", "blob") or parts.path.startswith(f"{BASE}/")


def _is_missing(answer: Any) -> bool:
    return int(answer.status) >= 400


def test_its_cookies_are_that_path_s_alone(visitor: BrowserContext) -> None:
    held = {one["name"]: one["path"] for one in visitor.cookies()}
    assert "refuz_session" in held
    assert set(held.values()) == {BASE}


def test_a_parcel_is_scanned_its_page_reached_by_the_menu_and_its_papers_open(
    visitor: BrowserContext, below: tuple[Desk, str]
) -> None:
    desk, page = below[0], visitor.new_page()
    pile = desk.new_pile("Below")
    [tracking] = desk.parcels(1)
    page.goto(f"{desk.base_url}/?pile={pile}")
    expect(page.locator(".hand-say")).to_be_visible(timeout=60_000)
    page.locator("body").press_sequentially(tracking, delay=5)
    page.keyboard.press("Enter")
    wait_for(lambda: desk.scans(pile) == [tracking], 20, "the scan")
    page.get_by_role("link", name="Review").first.click()
    page.wait_for_url(f"**{BASE}/review?pile={pile}*")
    [[order]] = desk.ask("SELECT order_id FROM parcels WHERE tracking = ?", tracking)
    for path in ("commands", f"label/{pile}/{order}"):
        page.goto(f"{desk.base_url}/{path}")
        style = page.locator("link[rel=stylesheet]").evaluate("(one) => one.sheet.cssRules.length")
        assert style > 0


def test_a_phone_is_paired_scans_and_opens_its_page_without_the_desk(
    browser: Browser, below: tuple[Desk, str]
) -> None:
    desk = below[0]
    pile = desk.new_pile("By phone below")
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, locale="en-GB", service_workers="allow"
    )
    page: Page = context.new_page()
    page.goto(f"{desk.base_url}/pair/{desk.invite(pile)}")
    page.get_by_role("button", name="Let this phone in").click()
    expect(page.locator(".hand-say")).to_have_text("Scan a parcel.")
    page.locator("#typed input").fill("99887766554433")
    page.locator("#typed button").click()
    wait_for(lambda: desk.scans(pile) == ["99887766554433"], 20, "the scan")
    wait_for(lambda: page.evaluate(READY), 20, "the page's own copy")
    manifest = page.locator("link[rel=manifest]").evaluate("(one) => one.href")
    fields = context.request.get(manifest).json()
    assert (fields["start_url"], fields["scope"]) == ("../phone", "../")
    context.set_offline(True)
    page.reload()
    expect(page.locator("#pile")).to_have_text("By phone below")
    context.close()


def test_whoever_is_not_let_in_is_led_to_no_other_site(
    browser: Browser, below: tuple[Desk, str]
) -> None:
    context = browser.new_context()
    page = context.new_page()
    answer = page.goto(below[0].base_url)
    assert answer is not None
    assert answer.status == 401
    assert urlsplit(page.url).path == f"{BASE}/"
    page.goto(f"{below[0].base_url}/sign-in")
    icon = page.locator(".mark img")
    assert icon.evaluate("(one) => one.naturalWidth") > 0
    context.close()
