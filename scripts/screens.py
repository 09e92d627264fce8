"""Takes the screenshots of `docs/screens`: `python -m scripts.screens [--anew]`.

A desk on its sandbox is worked on as people would: photos are dropped, the pile is run, more is
scanned. Every page is taken at desk and phone size, light and dark; states of a page once; then
the forms that connect a service (`scripts.record_connecting`, which writes docs/connecting.md).
What was stopped goes on at the part where it was, with the same desk; `--anew` begins again.
"""

import argparse
import io
import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Literal, cast

import pypdfium2
from playwright.sync_api import Browser, Page, ViewportSize, expect, sync_playwright

from scripts import record_connecting
from tests.browser.browser_desk import CHROMIUM, QUIET, ROOT, Desk, start_desk, stop_desk, wait_for

FOLDER = ROOT / "docs" / "screens"
KEPT = ROOT / ".venv" / "screens"  # the desks between two starts, and what is done
Scheme = Literal["dark", "light"]
SIZES: dict[str, ViewportSize] = {
    "desktop": {"width": 1440, "height": 900},
    "phone": {"width": 390, "height": 844},
}
PAGES = ("scan", "review", "follow_up", "analytics", "history", "settings")
PATIENCE = 120_000  # milliseconds


class Parts:
    """The parts that are done, each with what it left for those after it."""

    def __init__(self) -> None:
        """As the start before this one left them."""
        self.file = KEPT / "done.json"
        self.done: dict[str, int] = json.loads(self.file.read_text()) if self.file.exists() else {}

    def do(self, name: str, part: Callable[[], int | None]) -> int:
        """The part, unless it is done; gives what it left."""
        if name not in self.done:
            self.done[name] = part() or 0
            self.file.write_text(json.dumps(self.done), "utf-8")
            print(name, flush=True)
        return self.done[name]


def main() -> None:
    """Take them all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--anew", action="store_true", help="begin again")
    if parser.parse_args().anew:
        shutil.rmtree(KEPT, ignore_errors=True)
    KEPT.mkdir(exist_ok=True)
    FOLDER.mkdir(exist_ok=True)
    parts = Parts()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        if "empty" not in parts.done:
            with _desk(KEPT / "empty") as empty:
                parts.do("empty", lambda: _empty(browser, empty))
        with _desk(KEPT / "sample", "--sandbox") as desk:
            pile = parts.do("worked", lambda: _worked(browser, desk))
            _looked_at(browser, desk, pile, parts)
    parts.do("connecting", record_connecting.record_all)
    shutil.rmtree(KEPT)


def _looked_at(browser: Browser, desk: Desk, pile: int, parts: Parts) -> None:
    for scheme in ("light", "dark"):
        for size in SIZES:
            parts.do(f"{size} {scheme}", partial(_pages, browser, desk, pile, size, scheme))
        parts.do(f"paired {scheme}", partial(_phone, browser, desk, pile, scheme))
    parts.do("states", lambda: _states(browser, desk, pile))
    parts.do("print", lambda: _print(browser, desk))
    parts.do("paused", lambda: _paused(browser, desk))


@contextmanager
def _desk(folder: Path, *options: str) -> Iterator[Desk]:
    folder.mkdir(exist_ok=True)
    desk, process = start_desk(folder / "home", *options)
    try:
        yield desk
    finally:
        stop_desk(process)


def _open(browser: Browser, size: str, scheme: str = "light", locale: str = "en-GB") -> Page:
    context = browser.new_context(
        viewport=SIZES[size],
        color_scheme=cast("Scheme", scheme),
        locale=locale,
        device_scale_factor=1,
    )
    return context.new_page()


def _go(page: Page, desk: Desk, name: str, query: str = "") -> None:
    path = "" if name == "scan" else name
    page.goto(f"{desk.base_url}/{path}?by=Ana{query}")
    drawn = "[data-test-script-state=notRunning] [data-testid=stMainBlockContainer]"
    expect(page.locator(drawn).get_by_role("heading").first).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_test_id("stSkeleton")).to_have_count(0, timeout=PATIENCE)
    page.wait_for_timeout(3_000)  # charts and pictures come in


def _shoot(page: Page, name: str) -> None:
    page.screenshot(path=FOLDER / f"{name}.png")


def _empty(browser: Browser, desk: Desk) -> None:
    page = _open(browser, "desktop")
    for name in ("scan", "review", "analytics"):
        _go(page, desk, name)
        _shoot(page, f"{name}-empty")
    page.context.close()


def _worked(browser: Browser, desk: Desk) -> int:
    """A pile that was run, with one order held, and parcels scanned since; gives its number."""
    pile = desk.new_pile("Sameday and FAN, Monday")
    files = sorted((ROOT / "data" / "photos").glob("pile_0*.*"))
    page = _open(browser, "desktop")
    _go(page, desk, "scan", f"&pile={pile}")
    page.set_input_files(".drop-input", files)
    read = page.locator(".drop-tile[data-state=read]")
    expect(read).to_have_count(len(files), timeout=PATIENCE)
    [[nowhere]] = desk.ask(
        "SELECT p.tracking FROM parcels p JOIN invoices i ON i.order_id = p.order_id "
        "WHERE i.number = '9999'"
    )
    desk.take(pile, [nowhere, *desk.runnable(30)])  # so many that the run can be seen
    page.wait_for_timeout(4_000)  # small pictures and counters come in
    _shoot(page, "scan-photos")
    _run(page, desk, pile)
    page.context.close()
    desk.take(pile, desk.runnable(6))
    return pile


def _run(page: Page, desk: Desk, pile: int) -> None:
    _go(page, desk, "review", f"&pile={pile}")
    page.get_by_role("button", name="Run these").click()
    start = page.get_by_role("dialog").get_by_role("button", name="Start")
    expect(start).to_be_visible(timeout=PATIENCE)
    page.wait_for_timeout(1_000)
    _shoot(page, "review-question")
    start.click()
    expect(page.get_by_text("a second, about")).to_be_visible(timeout=PATIENCE)
    _shoot(page, "review-running")
    ended = "SELECT count(*) FROM runs WHERE pile_id = ? AND finished_at IS NOT NULL"
    wait_for(lambda: desk.ask(ended, pile) == [(1,)], 240, "the run ended")
    expect(page.get_by_text("Every order of this run")).to_be_visible(timeout=PATIENCE)
    page.wait_for_timeout(1_000)
    _shoot(page, "review-result")


def _paused(browser: Browser, desk: Desk) -> None:
    """A run that waits for room on the disk."""
    pile = desk.new_pile("GLS, Tuesday")
    desk.take(pile, desk.runnable(24))
    desk.run(pile)
    desk.pause_for_want_of_room()
    for size, scheme in (("desktop", "light"), ("phone", "dark")):
        page = _open(browser, size, scheme)
        _go(page, desk, "review", f"&pile={pile}")
        expect(page.get_by_text("the disk is almost full")).to_be_visible(timeout=PATIENCE)
        _shoot(page, f"review-paused-{size}")
        page.context.close()


def _pages(browser: Browser, desk: Desk, pile: int, size: str, scheme: str) -> None:
    page = _open(browser, size, scheme)
    for name in PAGES:
        _go(page, desk, name, f"&pile={pile}")
        _shoot(page, f"{name.replace('_', '-')}-{size}-{scheme}")
    page.context.close()


def _phone(browser: Browser, desk: Desk, pile: int, scheme: str) -> None:
    """The scan page of a paired phone, in Romanian."""
    page = _open(browser, "phone", scheme, "ro-RO")
    page.goto(f"{desk.base_url}/pair/{desk.invite(pile)}")
    page.get_by_role("button").click()
    expect(page.locator(".hand-say")).not_to_be_empty(timeout=PATIENCE)
    for code in (*desk.runnable(7)[5:], "99887766554433"):
        page.locator("#typed input").fill(code)
        page.locator("#typed button").click()
        page.wait_for_timeout(800)
    _shoot(page, f"paired-phone-{scheme}")
    page.context.close()


def _states(browser: Browser, desk: Desk, pile: int) -> None:
    """Pairing, a parcel's condition, and two pages in Romanian."""
    page = _open(browser, "desktop")
    _go(page, desk, "scan", f"&pile={pile}")
    page.get_by_role("button", name="Phone").click()
    expect(page.get_by_role("dialog").locator("img, svg").first).to_be_visible(timeout=PATIENCE)
    page.wait_for_timeout(1_000)
    _shoot(page, "scan-pairing")
    desk.take(pile, desk.runnable(12)[11:])  # the newest is what the phone could not find
    _go(page, desk, "scan", f"&pile={pile}")
    page.get_by_text("Photos, or take it out of the pile").click()
    page.wait_for_timeout(1_500)
    page.get_by_text("Photo of the parcel").scroll_into_view_if_needed()
    _shoot(page, "scan-condition")
    page.context.close()
    romanian = _open(browser, "desktop", locale="ro-RO")
    for name in ("scan", "review"):
        _go(romanian, desk, name, f"&pile={pile}")
        _shoot(romanian, f"{name}-romanian")
    romanian.context.close()


def _print(browser: Browser, desk: Desk) -> None:
    page = _open(browser, "desktop")
    _go(page, desk, "analytics")
    sheets = pypdfium2.PdfDocument(io.BytesIO(page.pdf(format="A4")))
    sheets[0].render(scale=1.2).to_pil().save(FOLDER / "analytics-print.png")
    page.context.close()


if __name__ == "__main__":
    main()
