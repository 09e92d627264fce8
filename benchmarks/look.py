"""How long the next label of "Needs a look" takes: `python -m benchmarks.look`.

Twenty photographed labels that fit no order are answered by one key each; timed from the key to
the next card with its cut-out on the screen and its page's run at an end, in the browser's own
clock. Then Follow-up with what waits there: from its address to its first card, and one answer.
"""

import statistics
import tempfile
import time
from pathlib import Path

import requests
from playwright.sync_api import Page, sync_playwright

from benchmarks.pages import SCREEN
from tests.browser.browser_desk import CHROMIUM, QUIET, Desk, start_desk, stop_desk, wait_for
from tests.browser.browser_labels import label

LABELS = 20
GOAL_MS = 1000
NEXT = """
([key, left]) => new Promise((done) => {
  const began = performance.now();
  const whole = () => {
    const main = document.querySelector("[data-testid=stMainBlockContainer]");
    const count = [...main.querySelectorAll("p")].some((one) => one.textContent === `${left} left`);
    const card = main.querySelector("[class*=st-key-question]");
    const pictures = [...(card?.querySelectorAll("img") || [])];
    const idle = document.querySelector("[data-test-script-state=notRunning]");
    const seen = left ? count && pictures.length : !card;
    return idle && seen && pictures.every((one) => one.complete && one.naturalWidth);
  };
  const look = () => {
    if (whole() || performance.now() - began > 30000) return done(performance.now() - began);
    requestAnimationFrame(look);
  };
  for (const kind of ["keydown", "keyup"])
    document.body.dispatchEvent(new KeyboardEvent(kind, { key, code: "KeyN", bubbles: true }));
  look();
})
"""


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        desk, process = start_desk(Path(folder) / "home", "--sandbox")
        try:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
            page = browser.new_page(viewport=SCREEN, locale="en-GB")
            for name, found in (("Review", _review(page, desk)), ("Follow-up", _again(page, desk))):
                times = f"median {statistics.median(found):.0f} ms, slowest {max(found):.0f} ms"
                print(f"{name}: {len(found)} answers, {times}; goal {GOAL_MS} ms", flush=True)
        finally:
            stop_desk(process)


def _photographed(desk: Desk, name: str) -> int:
    """A pile of photographed labels that no order has: its number."""
    pile = desk.new_pile(name)
    for number in range(LABELS):
        answer = requests.post(
            f"{desk.base_url}/api/photos",
            params={"pile": str(pile), "name": f"{number}.jpg", "by": "Ana"},
            data=label(f"99887{pile:04}{number:05}"),
            headers={"X-Refuz": "1", "Content-Type": "image/jpeg"},
            timeout=60,
        )
        answer.raise_for_status()
    read = "SELECT count(*) FROM scans WHERE pile_id = ?"
    wait_for(lambda: desk.ask(read, pile)[0][0] >= LABELS, 180, "the photos are read")
    return pile


def _review(page: Page, desk: Desk) -> list[float]:
    """How many ms each answer on Review takes until the next card is drawn."""
    pile = _photographed(desk, "Labels")
    page.goto(f"{desk.base_url}/review?pile={pile}&by=Ana&tab=look")
    page.get_by_text(f"{LABELS} left", exact=True).wait_for(timeout=60_000)
    found = []
    for left in range(LABELS - 1, -1, -1):
        time.sleep(1.0)  # as a person looks at the card
        found.append(page.evaluate(NEXT, ["n", left]))
    return found


def _again(page: Page, desk: Desk) -> list[float]:
    """The same on Follow-up, where nothing is keyed: its button is pressed."""
    _photographed(desk, "Again")
    page.goto(f"{desk.base_url}/follow_up?by=Ana")
    found = []
    for left in range(LABELS, 0, -1):
        page.get_by_text(f"{left} left", exact=True).wait_for(timeout=60_000)
        page.locator("[data-test-script-state=notRunning]").wait_for(timeout=60_000)
        time.sleep(1.0)
        began = time.perf_counter()
        page.get_by_role("button", name="Not a parcel", exact=True).click()
        if left > 1:
            page.get_by_text(f"{left - 1} left", exact=True).wait_for(timeout=60_000)
            page.locator("[data-test-script-state=notRunning]").wait_for(timeout=60_000)
        found.append((time.perf_counter() - began) * 1000)
    return found


if __name__ == "__main__":
    main()
