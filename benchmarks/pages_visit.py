"""One first visit of a page, and a page left alone, for `benchmarks.pages`."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

from playwright.sync_api import CDPSession, Page

PATIENCE = 120_000  # milliseconds
QUIET_MS = 2_500  # after which what still comes in counts as the page's life, not its first visit

# The first real row, figure or field; on an empty page its only text.
WATCH = """
(() => {
  const real = ":is([data-testid=stMetricValue], [data-testid=stDataFrame], [data-testid=stTable],"
    + "[data-testid=stExpander], [data-testid=stForm], [data-testid=stTextInput],"
    + "[data-testid=stAlert], [data-testid=stBidiComponentRegular], [data-testid=stMarkdown] p,"
    + ".js-plotly-plot)";
  window.seen = { first: 0, shift: 0 };
  // As browsers count it (CLS): the worst five seconds, broken by a second of calm.
  let spell = { began: -1e9, last: -1e9, sum: 0 };
  const shifted = ({ startTime: at, value }) => {
    if (at - spell.last > 1000 || at - spell.began > 5000) spell = { began: at, sum: 0 };
    Object.assign(spell, { last: at, sum: spell.sum + value });
    window.seen.shift = Math.max(window.seen.shift, spell.sum);
  };
  new MutationObserver((_, watch) => {
    const place = document.querySelector("[data-testid=stMainBlockContainer]");
    const found = [...(place?.querySelectorAll(real) || [])].find(
      (one) => one.offsetParent && !one.closest("[class*=st-key-bar], [class*=st-key-strip]"));
    if (!found) return;
    watch.disconnect();
    requestAnimationFrame(() => { window.seen.first = performance.now(); });
  }).observe(document, { childList: true, subtree: true });
  new PerformanceObserver((list) => {
    for (const one of list.getEntries()) if (!one.hadRecentInput) shifted(one);
  }).observe({ type: "layout-shift", buffered: true });
})();
"""
SETTLED = """
() => window.seen.first && !document.querySelector("[data-testid=stSkeleton]") && performance.now()
"""


@dataclass(frozen=True)
class Visit:
    """Bytes over the wire, requests, layout shift (CLS), and milliseconds."""

    sent: float
    requests: float
    shift: float
    first: float
    settled: float


def middle(visits: Sequence[Visit]) -> Visit:
    """The medians, each for itself."""
    return Visit(
        *(statistics.median(getattr(one, field.name) for one in visits) for field in fields(Visit))
    )


class Wire:
    """What comes over the network, sockets too, as compressed as it came."""

    def __init__(self, wire: CDPSession) -> None:
        """Listen from now on."""
        self.sent, self.requests = 0.0, 0
        wire.on("Network.loadingFinished", self._file)
        wire.on("Network.webSocketFrameReceived", self._frame)
        wire.on("Network.webSocketFrameSent", self._frame)
        wire.send("Network.enable")

    def _file(self, event: dict[str, Any]) -> None:
        self.sent += event["encodedDataLength"]
        self.requests += 1

    def _frame(self, event: dict[str, Any]) -> None:
        text = event["response"]["payloadData"]
        binary = event["response"]["opcode"] == 2
        self.sent += len(text) * 3 / 4 if binary else len(text)  # base64 is how we are told


def visit(page: Page, wire: CDPSession, address: str) -> Visit:
    """Open the page and wait until it has settled."""
    page.add_init_script(WATCH)
    heard = Wire(wire)
    page.goto(address, wait_until="commit")
    settled = page.wait_for_function(SETTLED, timeout=PATIENCE).json_value()
    page.wait_for_timeout(QUIET_MS)
    seen = page.evaluate("window.seen")
    return Visit(heard.sent, heard.requests, seen["shift"], seen["first"], settled)


def idle_bytes(page: Page, wire: CDPSession, address: str, seconds: float) -> float:
    """Bytes that a page asks for while nothing happens."""
    page.add_init_script(WATCH)
    page.goto(address, wait_until="commit")
    page.wait_for_function(SETTLED, timeout=PATIENCE)
    page.wait_for_timeout(4_000)
    heard = Wire(wire)
    page.wait_for_timeout(seconds * 1000)
    page.context.close()
    return heard.sent
