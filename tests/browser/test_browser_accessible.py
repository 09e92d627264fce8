"""axe-core on every page in both themes, and that a keyboard and a large type get everywhere."""

from pathlib import Path

import pytest
from absent import absent
from browser_desk import UNTOUCHED, Desk, wait_for
from browser_labels import label
from playwright.sync_api import BrowserContext, Locator, Page, expect
from test_browser_pages import DRAWN, PAGES

pytestmark = pytest.mark.browser

AXE = Path(__file__).resolve().parents[1] / "node" / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# Streamlit's own marks, which no page of ours writes: rule → part of the mark → why it stands.
STREAMLITS = {
    "svg-img-alt": {
        "metric_chart_": "the points in the small chart of `st.metric`, drawn by its Vega without "
        "a word; the figure, its change and its label beside it say the same",
    }
}
FOUND = """async (rules) => {
  const found = await axe.run(document, {runOnly: rules, resultTypes: ["violations"]});
  return found.violations.flatMap((one) =>
    one.nodes.map((node) => [one.id, node.target.flat(9).join(" "), node.html.slice(0, 300)]));
}"""


@pytest.fixture(scope="module")
def axe() -> str:
    if not AXE.is_file():
        absent("axe-core is not installed (make lint).")
    return AXE.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def pile(desk: Desk) -> int:
    """A pile with something on every tab of Review."""
    made = desk.new_pile("Looked at")
    desk.take(made, [*desk.parcels(3), "99887766554433"])
    return made


@pytest.fixture
def page(context: BrowserContext) -> Page:
    made = context.new_page()
    made.set_viewport_size({"width": 1280, "height": 900})
    return made


def _ours(findings: list[list[str]]) -> list[list[str]]:
    return [
        one for one in findings
        if not any(mark in one[1] + one[2] for mark in STREAMLITS.get(one[0], {}))
    ]  # fmt: skip


def _findings(page: Page, axe: str, where: str = "") -> list[list[str]]:
    """In both themes; in this part of the page, else in all of it."""
    page.evaluate(axe)  # by the browser's own protocol: a page may not do that
    found = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        if page.locator(".stApp").count():
            expect(page.locator(".stApp")).to_have_css("color-scheme", scheme)
            for dialog in page.get_by_role("dialog").all():
                expect(dialog).to_have_css("color-scheme", scheme)
        found += [[scheme, *one] for one in _ours(page.evaluate(FOUND, [RULES, where]))]
    return found


def _drawn(page: Page) -> None:
    expect(page.locator(DRAWN).get_by_role("heading").first).to_be_visible(timeout=60_000)
    expect(page.get_by_test_id("stSkeleton")).to_have_count(0, timeout=60_000)


WHERE = """() => {
  const at = document.activeElement;
  if (!at || at === document.body) return null;
  window.stops ||= new Map();
  if (!window.stops.has(at)) window.stops.set(at, window.stops.size);
  const style = getComputedStyle(at), box = at.getBoundingClientRect();
  const ring = [at, at.parentElement, at.closest("[data-testid]")].some((one) => {
    const look = one && getComputedStyle(one);
    return look && (look.outlineStyle !== "none" || look.boxShadow !== "none");
  });
  return {
    stop: window.stops.get(at),
    name: at.getAttribute("aria-label") || at.textContent.trim().slice(0, 40),
    seen: ring || style.caretColor !== "rgba(0, 0, 0, 0)",
    shown: box.width > 0 && box.bottom > 0 && box.top < innerHeight,
    chart: at.closest("[class*='st-key-data-']")?.className.match(/st-key-data-(\\w+)-/)?.[1] || "",
  };
}"""
CHARTS = {
    "rate", "lost", "couriers", "bands", "county", "incidence", "funnel", "product", "picked",
    "weeks", "heat",
}  # fmt: skip


def test_the_keyboard_walks_through_the_whole_of_analytics(desk: Desk, page: Page) -> None:
    """From the first link to the last paper: no trap, each stop in sight, every chart's files."""
    page.goto(f"{desk.base_url}/analytics?by=Ana")
    page.wait_for_selector(".st-key-chart-heat .main-svg", timeout=90_000)
    _drawn(page)
    stops = []
    for _ in range(400):
        page.keyboard.press("Tab")
        here = page.evaluate(WHERE)
        if here is None or here["stop"] < len(stops):  # out of the page, or round it
            break
        assert here["stop"] == len(stops), f"a trap at {here['name']!r}"
        stops.append(here)
    assert len(stops) < 400
    assert {one["chart"] for one in stops} - {""} == CHARTS
    assert [one["name"] for one in stops if not (one["seen"] and one["shown"])] == []
    ways = [one["name"] for one in stops[:8]]  # an icon's name stands before each word
    assert sum(name.endswith(("Scan", "Review", "History", "Settings")) for name in ways) == 4
    page.get_by_role("button", name="Pictures").focus()
    page.keyboard.press("Enter")
    shown = page.get_by_text("The camera button saves")
    expect(shown).to_be_visible()
    page.keyboard.press("Escape")
    expect(shown).to_be_hidden()
    assert "Pictures" in page.evaluate(WHERE)["name"]


@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing_on_a_page_in_either_theme(
    desk: Desk, pile: int, page: Page, axe: str, name: str
) -> None:
    page.goto(f"{desk.base_url}/{name}?by=Ana&pile={pile}")
    _drawn(page)
    assert _findings(page, axe) == []


def test_axe_finds_nothing_on_the_pages_beside_them(
    desk: Desk, pile: int, page: Page, axe: str
) -> None:
    page.goto(f"{desk.base_url}/sign-in")
    found = _findings(page, axe)
    page.goto(f"{desk.base_url}/pair/{desk.invite(pile)}")
    found += _findings(page, axe)
    page.get_by_role("button").click()
    expect(page.locator(".hand-say")).not_to_be_empty(timeout=30_000)
    found += _findings(page, axe)
    page.goto(f"{desk.base_url}/commands")
    found += _findings(page, axe)
    assert found == []


def _in_dialog(page: Page, axe: str, opener: Locator | str) -> list[list[str]]:
    """Opened by a press or a key: what axe finds in it; the keyboard is in it, and leaves it."""
    if isinstance(opener, str):
        page.keyboard.press(opener)
    else:
        opener.click()
    expect(page.locator("[role=dialog]:focus-within")).to_have_count(1, timeout=30_000)
    expect(page.locator("[data-test-script-state=notRunning]")).to_be_visible(timeout=30_000)
    found = _findings(page, axe, "[role=dialog]")
    for _ in range(12):  # round the dialog, and never out of it
        page.keyboard.press("Tab")
        assert page.evaluate("() => Boolean(document.activeElement.closest('[role=dialog]'))")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0, timeout=20_000)
    return found


ONE_OF_TWO = (
    "SELECT min(p.tracking) FROM parcels p JOIN orders o ON o.id = p.order_id WHERE "
    f"{UNTOUCHED} AND o.financial_status = 'PENDING' AND p.fulfillment_gid != '' "
    "GROUP BY o.id HAVING count(*) = 2 AND max(p.outcome) IS NULL ORDER BY o.id DESC LIMIT 1"
)


def test_axe_finds_nothing_in_dialogs_and_no_keyboard_is_caught_there(
    desk: Desk, page: Page, axe: str
) -> None:
    pile = desk.new_pile("Asked about")
    desk.take(pile, [*desk.runnable(1), desk.ask(ONE_OF_TWO)[0][0]])
    page.goto(f"{desk.base_url}/?by=Ana&pile={pile}")
    _drawn(page)
    held = page.get_by_role("button", name="Cancel all the same")
    expect(held).to_be_visible(timeout=30_000)
    found = [one for opener in (held, "n", "p", "?") for one in _in_dialog(page, axe, opener)]
    page.goto(f"{desk.base_url}/review?by=Ana&pile={pile}")
    _drawn(page)
    found += _in_dialog(page, axe, page.get_by_role("button", name="Run this one"))
    page.goto(f"{desk.base_url}/settings?by=Ana&pile={pile}")
    _drawn(page)
    page.get_by_role("tab", name="Customers").click()
    page.get_by_role("textbox", name="Name, phone or order").fill("Popescu")
    page.keyboard.press("Enter")
    forget = page.get_by_role("button", name="Forget").first
    expect(forget).to_be_visible(timeout=30_000)
    found += _in_dialog(page, axe, forget)
    assert found == []


def _answerless(desk: Desk, pile: int) -> None:
    """Run this pile while a service that cannot be asked loses its answers."""
    desk.faults(share=1.0, kinds=["answer_lost"], services=["smartbill"], only_effects=True)
    desk.run(pile)
    held = "SELECT count(*) FROM reversals r JOIN runs ON runs.id = r.run_id "
    held += "WHERE runs.pile_id = ? AND r.state = 'needs_person'"
    wait_for(lambda: desk.ask(held, pile) == [(1,)], 60, "it waits for a person")
    desk.faults()


def test_axe_finds_nothing_in_what_follow_up_and_a_held_order_ask(
    desk: Desk, page: Page, axe: str
) -> None:
    """Each answer's dialog, the way on all the same, and the word of what was done."""
    pile = desk.new_pile("Without an answer")
    desk.take(pile, [*desk.runnable(1, "smartbill"), desk.ask(ONE_OF_TWO)[0][0]])
    wait_for(lambda: not desk.being_checked(pile), 60, "the services were asked")
    _answerless(desk, pile)
    page.goto(f"{desk.base_url}/follow_up?by=Ana&pile={pile}")
    _drawn(page)
    answers = ("The storno exists", "I checked, there is no storno", "I finish it by hand")
    found = []
    for name in answers:
        found += _in_dialog(page, axe, page.get_by_role("button", name=name).first)
    page.goto(f"{desk.base_url}/review?by=Ana&pile={pile}")
    _drawn(page)
    page.get_by_role("radio", name="Held").click()
    on = page.get_by_role("button", name="Go on all the same")
    expect(on).to_be_visible(timeout=30_000)
    found += _in_dialog(page, axe, on)
    on.click()
    page.get_by_role("textbox", name="Why all the same").fill("the rest is lost")
    page.keyboard.press("Tab")
    page.get_by_role("button", name="Take 1 order along").click()
    toast = page.get_by_test_id("stToast").filter(has_text="1 order is ready now.")
    toast.hover(timeout=30_000)  # so it stays
    assert [*found, *_findings(page, axe, ".stToast")] == []


def test_axe_finds_nothing_in_a_list_that_is_open(desk: Desk, page: Page, axe: str) -> None:
    """The piles in the bar, the reasons over Review's bar, a calendar."""
    pile = desk.new_pile("Chosen from")
    desk.take(pile, desk.runnable(2))
    wait_for(lambda: not desk.being_checked(pile), 60, "the services were asked")
    found = []
    page.goto(f"{desk.base_url}/review?by=Ana&pile={pile}")
    _drawn(page)
    who, more = (
        page.locator(".st-key-who button"),
        page.get_by_role("button", name="Reason and more"),
    )
    for opener, name in ((who, "Pile"), (more, "Reason")):
        opener.click()
        found += _findings(page, axe, "[data-testid=stPopoverBody]")
        page.get_by_role("combobox", name=name, exact=True).click()
        expect(page.get_by_role("option").first).to_be_visible(timeout=20_000)
        found += _findings(page, axe, "[role=listbox]")
        page.keyboard.press("Escape")
        page.keyboard.press("Escape")
    page.goto(f"{desk.base_url}/history?by=Ana&pile={pile}")
    _drawn(page)
    page.get_by_role("button", name="Choose date").first.click()
    expect(page.get_by_role("grid").first).to_be_visible(timeout=20_000)
    found += _findings(page, axe, "[role=dialog]")
    assert found == []


def test_axe_finds_nothing_in_a_photo_that_asks_and_is_enlarged_by_a_key(
    desk: Desk, page: Page, axe: str, tmp_path: Path
) -> None:
    (torn := tmp_path / "torn.jpg").write_bytes(label(desk.parcels(1)[0], broken=True))
    page.goto(f"{desk.base_url}/?by=Ana&pile={desk.new_pile('Torn')}")
    _drawn(page)
    expect(page.locator(".hand-say")).not_to_be_empty(timeout=30_000)  # it listens
    page.set_input_files(".drop-input", torn)
    expect(page.locator(".drop-view polygon.unread")).to_be_visible(timeout=60_000)
    assert _findings(page, axe) == []  # whole: the part lies in a shadow, out of sight for its name
    page.get_by_role("button", name="torn.jpg").press("Enter")
    expect(page.get_by_role("dialog").locator("img")).to_be_visible()


def test_axe_finds_nothing_behind_the_tabs(desk: Desk, pile: int, page: Page, axe: str) -> None:
    found = []
    for name, seen in (("settings", "Preferences"), ("history", "Record")):
        page.goto(f"{desk.base_url}/{name}?by=Ana&pile={pile}")
        _drawn(page)
        for tab in page.get_by_role("tab").all():
            if tab.inner_text() == seen:  # axe looks at that one with its page
                continue
            tab.click()
            expect(page.locator("[data-test-script-state=notRunning]")).to_be_visible()
            expect(page.get_by_test_id("stSkeleton")).to_have_count(0, timeout=60_000)
            found += [[tab.inner_text(), *one] for one in _findings(page, axe, ".stTabs")]
    assert found == []
