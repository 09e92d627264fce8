"""What sign-in costs a page: `python -m benchmarks.people [PAGE …] [--still]`.

Two desks on the same sandbox, one open and one with accounts, are visited in turn by browsers that
have seen nothing; the first of a pair changes each round. Told are the medians of what a person
waits for the first real row, figure or field, and the median of the pairs' ratios. `--still`
visits two open desks instead: what the machine alone makes of the ratio.
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, sync_playwright

from benchmarks.pages import CODES, PAGES, SCREEN
from benchmarks.pages_visit import PATIENCE, SETTLED, WATCH
from tests.browser.browser_desk import (
    CHROMIUM,
    QUIET,
    ROOT,
    Desk,
    environment,
    start_desk,
    stop_desk,
)

PASSWORD = "correct horse battery staple"
GOAL = 1.1


def main() -> None:
    """Start both desks, visit every page of each, print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pages", nargs="*", choices=(*PAGES, []), help="some of them; else all")
    parser.add_argument("--rounds", type=int, default=9, help="pairs of visits of each page")
    parser.add_argument("--still", action="store_true", help="open against open")
    asked = parser.parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        browser = stack.enter_context(sync_playwright()).chromium.launch(
            executable_path=CHROMIUM, args=QUIET
        )
        desks = [stack.enter_context(_desk(folder / name)) for name in ("open", "other")]
        context = browser.new_context()
        if not asked.still:
            _sign_in(desks[1][0], context)
        visits = [(desks[0][1], None), (desks[1][1], context.storage_state())]
        _measure(browser, visits, asked.pages or PAGES, asked.rounds)


@contextmanager
def _desk(home: Path) -> Iterator[tuple[Desk, str]]:
    """An open desk with two codes in a pile, and its address for any page."""
    home.mkdir()
    desk, process = start_desk(home / "home", "--sandbox")
    try:
        pile = desk.new_pile("Monday")
        desk.take(pile, CODES)
        yield desk, f"{desk.base_url}/{{page}}?pile={pile}&by=Ana"
    finally:
        stop_desk(process)


def _sign_in(desk: Desk, context: BrowserContext) -> None:
    """Make the first account, after which the desk asks everybody to sign in."""
    code = "from core.people import accounts; print(accounts.invite('ana', 'Ana', 'admin')[1])"
    finished = subprocess.run(
        [sys.executable, "-c", code], env=environment(desk.home), cwd=ROOT,
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    page = context.new_page()
    page.goto(f"{desk.base_url}/welcome/{finished.stdout.split()[-1]}")
    page.get_by_label("New password").fill(PASSWORD)
    page.get_by_role("button", name="Begin", exact=True).click()
    page.wait_for_selector("[data-testid=stMainBlockContainer]", timeout=PATIENCE)


def _measure(browser: Browser, visits: list[tuple[str, Any]], pages: Any, rounds: int) -> None:
    print("| page | open ms | signed in ms | ratio, middle half of the pairs |\n|" + " --- |" * 4)
    for page in pages:
        path = "" if page == "scan" else page
        pairs = []
        for turn in range(rounds + 1):
            order = visits if turn % 2 else visits[::-1]
            took = [_first(browser, address.format(page=path), state) for address, state in order]
            if turn:  # the first one warms up
                pairs.append(took if turn % 2 else took[::-1])
        ratios = [signed / open_ for open_, signed in pairs]
        low, middle, high = statistics.quantiles(ratios, n=4)
        before, after = (statistics.median(each) for each in zip(*pairs, strict=True))
        ratio = f"{middle:.2f} ({low:.2f} to {high:.2f})"
        print(f"| {page} | {before:.0f} | {after:.0f} | {ratio} |", flush=True)
    print(f"goal: ≤ {GOAL}")


def _first(browser: Browser, address: str, state: Any) -> float:
    context = browser.new_context(
        viewport=SCREEN, locale="en-GB", service_workers="block", storage_state=state
    )
    try:
        page = context.new_page()
        page.add_init_script(WATCH)
        page.goto(address, wait_until="commit")
        page.wait_for_function(SETTLED, timeout=PATIENCE)
        return float(page.evaluate("window.seen.first"))
    finally:
        context.close()


if __name__ == "__main__":
    main()
