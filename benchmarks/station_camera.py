"""Live scanning by Chromium's fake camera, for `benchmarks.station`: how fast, how soon.

The film shows a label, then nothing, then the next one. A patch in its corner is white while a
label is in the picture: by it the page itself knows when a code became visible.
"""

import io
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import zxingcpp
from PIL import Image
from playwright.sync_api import Browser, Page, Playwright

from tests.browser.browser_desk import CHROMIUM, QUIET

FRAMES_SHOWN, FRAMES_BETWEEN = 22, 15  # of 30 a second
PATCH = 80  # pixels
SECONDS = 10.0  # of counting frames
PASSED = 14  # labels that pass while frames are counted and the page gets ready

# Times in milliseconds of the page's clock: when each label came into view, when the station said
# what it is, and when the count of parcels on screen changed after that.
PROBE = """
() => {
  const deep = (selector, root = document) => {
    const found = root.querySelector(selector);
    if (found) return found;
    for (const one of root.querySelectorAll("*")) {
      const inner = one.shadowRoot && deep(selector, one.shadowRoot);
      if (inner) return inner;
    }
    return null;
  };
  const seen = (window.seen = { visible: [], verdict: [], row: [] });
  const video = deep(".camera-video");
  const pen = Object.assign(document.createElement("canvas"), { width: 1, height: 1 })
    .getContext("2d", { willReadFrequently: true });
  let there = true;
  const look = (_, frame) => {
    pen.drawImage(video, 20, 20, 8, 8, 0, 0, 1, 1);
    const now = pen.getImageData(0, 0, 1, 1).data[0] > 128;
    if (now && !there) seen.visible.push(frame.presentationTime);
    there = now;
    video.requestVideoFrameCallback(look);
  };
  video.requestVideoFrameCallback(look);
  const row = () => document.querySelector("[data-testid=stMetricValue]")?.textContent ?? "";
  let before = row();
  const follow = () => {
    const now = row();
    if (now === before) return requestAnimationFrame(follow);
    before = now;
    seen.row.push(performance.now());
  };
  window.addEventListener("refuz-verdict", () => {
    seen.verdict.push(performance.now());
    requestAnimationFrame(follow);
  });
}
"""


@dataclass(frozen=True)
class Live:
    """Frames a second, and milliseconds from a code in view to its verdict and its count."""

    frames_a_second: float
    verdict: list[float]
    row: list[float]


def film(file: Path, codes: Sequence[str]) -> Path:
    """Motion JPEG of labels that come and go, over and over."""
    with file.open("wb") as out:
        for code in codes:
            out.write(_picture("") * FRAMES_BETWEEN + _picture(code) * FRAMES_SHOWN)
    return file


def _picture(code: str) -> bytes:
    """1280 × 720 JPEG of a table with one label on it, or with none."""
    photo = Image.new("RGB", (1280, 720), (226, 221, 210))
    photo.paste("white" if code else "black", (0, 0, PATCH, PATCH))
    if code:
        bars = zxingcpp.create_barcode(code, zxingcpp.BarcodeFormat.Code128).to_image(scale=3)
        card = Image.new("L", (bars.shape[1] + 80, bars.shape[0] + 120), 255)
        card.paste(Image.fromarray(bars), (40, 50))
        photo.paste(card, (250, 160))
    out = io.BytesIO()
    photo.save(out, "JPEG", quality=88)
    return out.getvalue()


def launch(playwright: Playwright, shown: Path) -> Browser:
    """Chromium whose only camera is this film."""
    camera = [
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-video-capture={shown}",
    ]
    return playwright.chromium.launch(executable_path=CHROMIUM, args=[*QUIET, *camera])


def scan_live(page: Page, address: str, labels: int) -> Live:
    """Hold every label of the film before the camera once and measure."""
    page.goto(address)
    page.get_by_role("radio", name="Camera").click()
    page.get_by_role("button", name="Start camera").click()
    page.get_by_test_id("stMetricValue").first.wait_for()
    page.wait_for_timeout(2_000)
    # Frames are counted before the probe is there: it draws the video, too.
    counter = page.locator(".camera")
    began = int(counter.get_attribute("data-frames") or 0)
    page.wait_for_timeout(SECONDS * 1000)
    frames = int(counter.get_attribute("data-frames") or 0) - began
    page.evaluate(PROBE)
    needed = f"() => seen.row.length >= {labels}"
    page.wait_for_function(needed, timeout=(labels * 2 + 30) * 1000)
    seen = page.evaluate("() => seen")
    return Live(frames / SECONDS, *_delays(seen["visible"], seen["verdict"], seen["row"]))


def _delays(
    visible: list[float], verdicts: list[float], rows: list[float]
) -> tuple[list[float], list[float]]:
    """To each label that came into view, the first verdict and row before the next one came."""
    until = [*visible[1:], float("inf")]
    found: tuple[list[float], list[float]] = ([], [])
    for moments, delays in zip((verdicts, rows), found, strict=True):
        for start, end in zip(visible, until, strict=True):
            delays.extend([one - start for one in moments if start <= one < end][:1])
    return found


def p95(milliseconds: list[float]) -> float:
    """The delay that 19 of 20 keep below."""
    return statistics.quantiles(milliseconds, n=20)[-1]
