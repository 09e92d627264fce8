"""A desk with accounts in a real browser: the owner's link, sign-in, roles, and out at once."""

import io
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pytest
import zxingcpp
from absent import absent
from browser_desk import CHROMIUM, Desk, start_desk, stop_desk, wait_for
from browser_warm import WarmContext
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from core.people import accounts
from core.people.ways import badges
from core.settings import preferences
from core.store import db, tables

pytestmark = pytest.mark.browser

PASSWORD = "correct horse battery"
PHONE = {"width": 390, "height": 844}


@dataclass
class Signed:
    """A desk of its own and the owner's browser, signed in."""

    desk: Desk
    owner: BrowserContext

    def invited(self, phone: BrowserContext, login: str, role: str) -> Page:
        """Somebody else, at a phone, by the link of the host."""
        with self.desk.inside():
            token = accounts.invite(login, login.title(), role)[1]
        page = phone.new_page()
        page.goto(f"{self.desk.base_url}/welcome/{token}")
        page.get_by_label("New password").fill(PASSWORD)
        page.get_by_role("button", name="Begin", exact=True).click()
        drawn(page)
        return page


def drawn(page: Page) -> None:
    whole = page.locator('[data-testid="stApp"][data-test-script-state="notRunning"]')
    expect(whole).to_be_visible(timeout=60_000)


def invite(page: Page, name: str) -> Locator:
    """Fill in the dialog of Settings, People; gives the dialog with what came of it."""
    page.get_by_role("tab", name="People").click()
    page.get_by_role("button", name="Invite somebody").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name", exact=True).fill(name)
    login = dialog.get_by_label("Name or e-mail address to sign in with")
    login.fill(f"{name.lower()}@shop.ro")
    dialog.get_by_role("button", name="Make a link").click()
    return dialog


@pytest.fixture(scope="module")
def signed(
    tmp_path_factory: pytest.TempPathFactory,
    browser: Browser,
    browser_context_args: dict[str, Any],
) -> Iterator[Signed]:
    if not Path(CHROMIUM).exists():
        absent("Chromium is absent: apt-get install chromium.")
    home = tmp_path_factory.mktemp("signed") / "home"
    desk, process = start_desk(home)
    log = next(home.parent.glob("serve-*.log"))
    wait_for(lambda: "/welcome/" in log.read_text(), 20, "the owner's link")
    link = re.search(r"http\S+/welcome/\S+", log.read_text())
    assert link is not None
    context = browser.new_context(**browser_context_args)
    page = context.new_page()
    page.goto(link[0])
    page.get_by_label("Your name").fill("Ana Pop")
    page.get_by_label("Name or e-mail address").fill("ana")
    page.get_by_label("New password").fill(PASSWORD)
    page.get_by_role("button", name="Begin", exact=True).click()
    drawn(page)
    page.close()
    yield Signed(desk, context)
    context.close()
    stop_desk(process)


@pytest.fixture(scope="module")
def phones(browser: Browser, browser_context_args: dict[str, Any]) -> Iterator[WarmContext]:
    arguments = {**browser_context_args, "viewport": PHONE, "has_touch": True}
    warm = WarmContext(browser, **arguments)
    yield warm
    warm.close()


@pytest.fixture
def phone(phones: WarmContext) -> Iterator[BrowserContext]:
    """A phone that nobody is signed in at."""
    with phones.lent() as context:
        yield context


def test_a_stranger_sees_the_form_and_comes_back_to_the_page_asked_for(
    signed: Signed, browser: Browser
) -> None:
    context = browser.new_context(locale="ro-RO", viewport=PHONE)
    page = context.new_page()
    page.goto(f"{signed.desk.base_url}/history")
    expect(page.get_by_role("heading", name="Intrare")).to_be_visible()
    page.get_by_label("Nume sau adresă de e-mail").fill("ana")
    page.get_by_label("Parolă").fill("wrong")
    page.locator("form button").click()
    expect(page.get_by_role("alert")).to_contain_text("nu se potrivesc")
    page.get_by_label("Parolă").fill(PASSWORD)
    page.locator("form button").click()
    drawn(page)
    assert page.url.startswith(f"{signed.desk.base_url}/history")
    context.close()


def test_pages_show_only_what_the_role_may(signed: Signed, phone: BrowserContext) -> None:
    page = signed.invited(phone, "scan", "scanner")
    expect(page.get_by_role("link", name="Scan")).to_be_visible()
    for name in ("Review", "Follow-up", "Analytics", "History"):
        expect(page.get_by_role("link", name=name)).to_have_count(0)
    page.goto(f"{signed.desk.base_url}/settings")
    drawn(page)
    expect(page.get_by_role("tab", name="My account")).to_be_visible()
    expect(page.get_by_role("tab", name="Connections")).to_have_count(0)


def test_an_open_page_leaves_the_screen_within_a_second_of_its_sign_out(
    signed: Signed, phone: BrowserContext
) -> None:
    theirs = signed.invited(phone, "gone", "operator")
    page = signed.owner.new_page()
    page.goto(f"{signed.desk.base_url}/settings")
    drawn(page)
    page.get_by_role("tab", name="People").click()
    theirs.wait_for_timeout(1500)  # its waiting call is there
    row = page.locator("[data-testid=stVerticalBlock]", has_text="Gone").last
    row.get_by_role("button", name="Sign out").first.click()
    clicked = time.monotonic()
    theirs.wait_for_url(re.compile("/sign-in"), timeout=20_000)
    took = time.monotonic() - clicked
    assert theirs.get_by_role("heading", name="Sign in").is_visible()
    # A second after the click was taken; the click itself waits for the page's script.
    assert took < 3
    page.close()


def test_one_signs_out_by_oneself(signed: Signed, phone: BrowserContext) -> None:
    page = signed.invited(phone, "self", "operator")
    page.locator(".st-key-who button").first.click()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url(re.compile("/sign-in"), timeout=20_000)
    page.goto(signed.desk.base_url)
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_the_owner_invites_somebody_on_the_page(signed: Signed, browser: Browser) -> None:
    page = signed.owner.new_page()
    page.goto(f"{signed.desk.base_url}/settings")
    drawn(page)
    link = invite(page, "Radu").locator("code")
    expect(link).to_contain_text("/welcome/")
    there = browser.new_context(locale="en-GB").new_page()
    there.goto(link.inner_text())
    expect(there.get_by_text("Radu")).to_be_visible()
    there.context.close()
    page.close()


def test_a_second_person_says_yes_from_a_phone_in_two_taps(
    signed: Signed, phone: BrowserContext
) -> None:
    theirs = signed.invited(phone, "mara", "owner")
    with signed.desk.inside(), db.writing() as connection:
        preferences.save(connection, two_people=True)
    page = signed.owner.new_page()
    page.goto(f"{signed.desk.base_url}/settings")
    drawn(page)
    invite(page, "Petru")
    given = "SELECT count(*) FROM approvals WHERE given_at IS NOT NULL"
    asked = "SELECT count(*) FROM approvals"
    wait_for(lambda: signed.desk.ask(asked) == [(1,)], 20, "the question is written down")
    assert signed.desk.ask(given) == [(0,)]
    theirs.reload()
    drawn(theirs)
    expect(theirs.get_by_text("Waiting for a second person's yes")).to_be_visible(timeout=20_000)
    theirs.locator(".st-key-nav").get_by_role("link", name="Follow-up").tap()
    theirs.get_by_role("button", name="Yes, do it").tap()
    wait_for(lambda: signed.desk.ask(given) == [(1,)], 20, "yes was said")
    # Ending the rule waits for a second person as well: for the other tests it is taken away.
    gone = tables.preferences.delete().where(tables.preferences.c.key == "two_people")
    with signed.desk.inside(), db.writing() as connection:
        connection.execute(gone)
    page.close()


@pytest.mark.parametrize(("width", "scheme"), [(390, "dark"), (820, "light")])
def test_a_badge_can_be_read_from_the_screen_and_from_its_print(
    signed: Signed, browser: Browser, width: int, scheme: Literal["dark", "light"]
) -> None:
    """Whole, with its white on both sides, however narrow the page is; paper is white."""
    context = browser.new_context(
        storage_state=signed.owner.storage_state(), color_scheme=scheme, locale="en-GB",
        viewport={"width": width, "height": 844}, device_scale_factor=3,  # paper has more
    )  # fmt: skip
    page = context.new_page()
    page.goto(f"{signed.desk.base_url}/badge")
    if page.url.endswith("next=/badge"):
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Confirm").click()
    page.get_by_role("button", name="Print a new badge").click()
    expect(page.get_by_text("the badge is shown once")).to_be_visible()
    on_screen = _read(page)
    page.emulate_media(media="print")
    expect(page.get_by_text("the badge is shown once")).to_be_hidden()
    assert _read(page) == on_screen
    assert badges.BADGE.match(on_screen)
    shown = Image.open(io.BytesIO(page.screenshot())).convert("L")
    assert shown.getpixel((3 * width - 6, 2500)) == 255
    context.close()


def _read(page: Page) -> str:
    picture = Image.open(io.BytesIO(page.screenshot())).convert("L")
    [found] = zxingcpp.read_barcodes(picture)
    return str(found.text)
