"""The scan station's speed and size: `python -m benchmarks.station`.

Browser, server, worker and the fake camera share this machine's processors. Everything is shown
beside its goal, and the pages at both sizes in the same run, so that the ratios mean something
elsewhere.
"""

import argparse
import os
import secrets
import statistics
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import psutil
from playwright.sync_api import Browser, Page, Playwright, ViewportSize, sync_playwright
from sqlalchemy import update

from benchmarks import station_camera as camera
from benchmarks import station_pages as pages
from benchmarks import station_photos as photos
from benchmarks.station_fill import LARGE, SMALL, Size, fill
from core.people import accounts, sessions
from core.store import db
from core.store.tables import sessions as session_rows
from tests.browser.browser_desk import CHROMIUM, QUIET, Desk, start_desk, stop_desk

LABELS = 20
FILMED = LABELS + camera.PASSED
SPARE = FILMED + photos.DIFFERENT  # numbers that are not in the pile yet
SCREEN: ViewportSize = {"width": 1440, "height": 900}
SECRET = secrets.token_urlsafe()
PARTS = ("camera", "pages", "photos")

Row = tuple[str, str, str]


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--photos", type=int, default=300, help="photos of 4 MB that are dropped")
    parser.add_argument("--rounds", type=int, default=5, help="visits of each page at each size")
    parser.add_argument("--orders", type=int, default=LARGE.orders, help="orders at large data")
    parser.add_argument("--only", choices=PARTS, help="one part instead of all")
    asked = parser.parse_args()
    large = Size("large", asked.orders, LARGE.pile, LARGE.scans, LARGE.record)
    with (
        tempfile.TemporaryDirectory() as folder,
        sync_playwright() as playwright,
        _desk(Path(folder), SMALL) as small,
        _desk(Path(folder), large) as big,
    ):
        bench = Bench(playwright, Path(folder), {"small": small, "large": big}, asked)
        for part in PARTS:
            if asked.only in (None, part):
                for name, value, goal in getattr(bench, part)():
                    print(f"{name:<56} {value:>20}   {goal}", flush=True)


class Filled:
    """A desk that runs, what is in it, and the server's process."""

    def __init__(self, desk: Desk, process: psutil.Process, pile: int, spare: list[str]) -> None:
        """Know where it listens and which numbers are still to be scanned."""
        self.process, self.spare = process, spare
        self.address = f"{desk.base_url}/{{page}}?pile={pile}&by=Ana"


@contextmanager
def _desk(folder: Path, size: Size) -> Iterator[Filled]:
    """A desk of this size, filled and served."""
    where = folder / size.name / "home"
    where.mkdir(parents=True)
    os.environ["REFUZ_HOME"] = str(where)
    os.environ.pop("REFUZ_DATABASE_URL", None)
    pile, spare = fill(size, SPARE)
    _signed_in()
    db.engine().dispose()
    desk, process = start_desk(where)
    try:
        yield Filled(desk, psutil.Process(process.pid), pile, spare)
    finally:
        stop_desk(process)


def _signed_in() -> None:
    """Ana, with the session that the browser shows at each desk: they share its cookies."""
    accounts.use_link(accounts.owner_link(), secrets.token_urlsafe(), login="ana", name="Ana")
    [ana] = accounts.everybody()
    with db.writing() as connection:
        sessions.begin(
            connection, kind=sessions.SessionKind.BROWSER, name="Chromium", person=ana.name,
            person_id=ana.id,
        )  # fmt: skip
        connection.execute(update(session_rows).values(secret_hash=sessions.hash_of(SECRET)))


def _page(browser: Browser, desk: Filled) -> Page:
    """A page that is signed in."""
    page = browser.new_page(viewport=SCREEN, locale="en-GB")
    url = desk.address.format(page="").partition("?")[0]
    page.context.add_cookies([{"name": "refuz_session", "value": SECRET, "url": url}])
    return page


class Bench:
    """The parts of the benchmark; each gives rows of name, value and goal."""

    def __init__(
        self,
        playwright: Playwright,
        folder: Path,
        desks: Mapping[str, Filled],
        asked: argparse.Namespace,
    ) -> None:
        """Use these desks."""
        self._playwright, self._folder = playwright, folder
        self._desks, self._asked = desks, asked

    def camera(self) -> Iterator[Row]:
        """Live scanning at both sizes of data."""
        for size, desk in self._desks.items():
            film = camera.film(self._folder / f"{size}.mjpeg", desk.spare[:FILMED])
            browser = camera.launch(self._playwright, film)
            page = _page(browser, desk)
            live = camera.scan_live(page, desk.address.format(page=""), LABELS)
            browser.close()
            yield f"live frames a second, {size}", f"{live.frames_a_second:.1f}", "goal ≥ 12"
            measured = (("verdict", live.verdict, 100), ("count on screen", live.row, 400))
            for name, delays, goal in measured:
                value = f"{statistics.median(delays):.0f} / {camera.p95(delays):.0f}"
                yield f"code visible to {name}, {size}, ms (p50 / p95)", value, f"goal ≤ {goal}"

    def pages(self) -> Iterator[Row]:
        """First paint and rerun of every page, large ÷ small."""
        browser = self._playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        page = _page(browser, self._desks["large"])
        desks = {size: desk.address for size, desk in self._desks.items()}
        times = pages.measure(page, desks, self._asked.rounds, reruns=5)
        browser.close()
        for name in pages.PAGES:
            small, large = (times[name, size].middle() for size in ("small", "large"))
            for what, before, after in zip(("first paint", "rerun"), small, large, strict=True):
                value = f"{before:.0f} → {after:.0f} = {after / before:.2f}"
                yield f"{name}: {what}, small → large, ms", value, "goal ≤ 1.5"

    def photos(self) -> Iterator[Row]:
        """Memory while photos are dropped."""
        desk, count = self._desks["small"], self._asked.photos
        files = photos.photos(self._folder, desk.spare[FILMED:], count)
        size = statistics.mean(file.stat().st_size for file in files) / photos.MEGABYTE
        browser = self._playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        page = _page(browser, desk)
        memory = photos.drop(page, desk.address.format(page=""), files, desk.process)
        browser.close()
        yield f"{count} photos of {size:.1f} MB dropped and read, s", f"{memory.seconds:.0f}", ""
        yield "server's memory before, MB", f"{memory.before:.0f}", ""
        yield "server's memory, most above that, MB", f"{memory.server:.0f}", "goal < 300"
        yield "its photo readers' memory, most, MB", f"{memory.readers:.0f}", ""


if __name__ == "__main__":
    main()
