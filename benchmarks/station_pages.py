"""First paint and rerun of every page at two sizes of data, for `benchmarks.station`."""

import statistics
from collections.abc import Mapping
from dataclasses import dataclass, field

from playwright.sync_api import Page

PAGES = ("scan", "review", "follow_up", "analytics", "history", "settings")
READY = """
() => {
  const app = document.querySelector("[data-testid=stApp]");
  const drawn = document.querySelector(
    "[data-testid=stMainBlockContainer] [data-testid=stElementContainer]");
  const idle = app?.dataset.testScriptState === "notRunning";
  return drawn && idle && !document.querySelector("[data-testid=stSkeleton]") && performance.now();
}
"""
# The key R runs the page again; keys that no person pressed are none of the scanner's business.
RERUN = """
() => new Promise((done) => {
  const app = document.querySelector("[data-testid=stApp]");
  const key = { key: "r", code: "KeyR", keyCode: 82, bubbles: true };
  const began = performance.now();
  let ran = false;
  const look = () => {
    const state = app.dataset.testScriptState;
    if (state !== "notRunning") ran = true;
    else if (ran) return done(performance.now() - began);
    if (performance.now() - began > 30000) return done(-1);
    setTimeout(look, 2);
  };
  document.dispatchEvent(new KeyboardEvent("keydown", key));
  document.dispatchEvent(new KeyboardEvent("keyup", key)); // a key held down counts once
  look();
})
"""


@dataclass
class Times:
    """Milliseconds of one page at one size."""

    paint: list[float] = field(default_factory=list)
    rerun: list[float] = field(default_factory=list)

    def middle(self) -> tuple[float, float]:
        """The medians of first paint and rerun."""
        return statistics.median(self.paint), statistics.median(self.rerun)


def measure(
    page: Page, desks: Mapping[str, str], rounds: int, reruns: int
) -> dict[tuple[str, str], Times]:
    """By page and size; the sizes take turns, so that a noisy moment falls on both."""
    times = {(name, size): Times() for name in PAGES for size in desks}
    for turn in range(rounds + 1):
        for name in PAGES:
            for size, address in desks.items():
                here = times[name, size] if turn else Times()  # the first turn warms up
                _look(page, address.format(page="" if name == "scan" else name), here, reruns)
    return times


def _look(page: Page, address: str, times: Times, reruns: int) -> None:
    page.goto("about:blank")
    page.goto(address, wait_until="commit")
    times.paint.append(page.wait_for_function(READY, timeout=60_000).json_value())
    page.wait_for_timeout(700)
    for _ in range(reruns):
        took = page.evaluate(RERUN)
        if took < 0:
            raise SystemExit(f"{address} did not run again within 30 seconds")
        times.rerun.append(took)
        page.wait_for_timeout(120)
