"""Draws sheets as labels, photographs them at three levels, and reads them as the desk does."""

import json
import random
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import matplotlib as mpl
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from benchmarks.finding_labels import Sheet
from benchmarks.reading_drawing import Label, bars, jpeg, lay, table, taken
from core.finding.fields import PrintedLine
from core.intake.decode.pipeline import read_gray
from core.intake.opening import open_page
from core.intake.text import jobs
from core.intake.types import Code, Unread

UNIT = 10  # pixels of a drawn label, which is 100 units wide
# Every machine has these: they lie beside the plots' program.
FONTS = ("DejaVuSans", "DejaVuSans-Bold", "DejaVuSansMono", "DejaVuSerif", "DejaVuSerif-Bold")


@dataclass(frozen=True)
class Level:
    """How a label is photographed: pixels a drawn pixel, blur, noise, light, warp."""

    scale: float
    blur: float
    noise: float
    light: float
    warp: float


LEVELS = {
    1: Level(1.05, 0.6, 3, 0.95, 0.01),
    2: Level(0.85, 0.9, 5, 0.85, 0.02),
    3: Level(0.68, 1.1, 7, 0.7, 0.03),
}


def drawn(draw: random.Random, made: Sheet) -> NDArray[np.uint8]:
    """The label flat: its print, and bars that are new, torn or covered."""
    folder = Path(mpl.get_data_path()) / "fonts" / "ttf"
    font = draw.choice(FONTS)
    low = max(one.y + one.size for one in made.texts)
    image = Image.new("L", (100 * UNIT, round(max(135.0, low + 6) * UNIT)), 255)
    pen = ImageDraw.Draw(image)
    pen.rectangle([4, 4, image.width - 5, image.height - 5], outline=0, width=4)
    for one in made.texts:
        size = round(one.size * UNIT)
        room = image.width - 12 - one.x * UNIT
        chosen = ImageFont.truetype(str(folder / f"{font}.ttf"), size)
        while size > 18 and chosen.getlength(one.text) > room:
            size -= 1
            chosen = ImageFont.truetype(str(folder / f"{font}.ttf"), size)
        pen.text((one.x * UNIT, one.y * UNIT), one.text, font=chosen, fill=20)
    top, height = (round(value * UNIT) for value in made.bars)
    code = bars("Code128", made.code, height, 3)
    left = max(20, (image.width - code.shape[1]) // 2)
    image.paste(Image.fromarray(code), (left, top))
    flat = np.array(image)
    if made.kind == "covered":
        flat[top + height // 6 : top + height, left : left + code.shape[1]] = 215
    if made.kind == "torn":
        slant = np.array([(left + code.shape[1] // 3, top - 8), (image.width, top - 8),
                          (image.width, top + height + 6),
                          (left + code.shape[1] // 2, top + height + 6)])  # fmt: skip
        cv2.fillPoly(flat, [slant.astype(np.int32)], 165)
    return flat


def photo(made: Sheet, level: int, seed: str) -> bytes:
    """A JPEG of the label on a table; the same for the same seed."""
    how, draw = LEVELS[level], random.Random(seed)
    noise = np.random.default_rng(draw.getrandbits(64))
    flat = drawn(draw, made)
    side = round(max(flat.shape) * how.scale * 1.35)
    picture = table(noise, side, side)
    degrees = draw.choice((0, 90, 180, 270)) + draw.uniform(-12, 12)
    middle = (side / 2, side / 2)
    lay(picture, Label(flat, ()), middle, how.scale, degrees, how.warp, noise)
    return jpeg(taken(picture, noise, light=how.light, blur=how.blur, noise=how.noise))


class Reader:
    """Photographs and reads; counts CPU time of the text alone. What was read is kept in a file
    where one is named (a JSON line a photo), and not read again."""

    def __init__(self, seed: int, keep: Path | None = None) -> None:
        self._seed, self._keep = seed, keep
        self._folder = tempfile.TemporaryDirectory(prefix="finding-")
        self._known: dict[str, dict[str, Any]] = {}
        if keep and keep.exists():
            rows = map(json.loads, keep.read_text(encoding="utf-8").splitlines())
            self._known = {row["photo"]: row for row in rows}
        self.seconds: list[float] = []
        self.lines: list[int] = []

    def read(self, made: Sheet, level: int, name: str) -> list[PrintedLine]:
        """The lines of the one label that the codes, or what looked like one, lead to. `name`:
        of the photo, with the run's seed it decides how it is taken."""
        row = self._known.get(f"{self._seed} {name}")
        if row is None:
            row = self._read(made, level, name)
            if self._keep:
                with self._keep.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(row, ensure_ascii=False) + "\n")
        self.seconds.append(row["seconds"])
        self.lines.append(len(row["lines"]))
        return [PrintedLine(text, tuple(box), score) for text, box, score in row["lines"]]

    def _read(self, made: Sheet, level: int, name: str) -> dict[str, Any]:
        file = Path(self._folder.name) / "photo.jpg"
        file.write_bytes(photo(made, level, f"{self._seed} {name}"))
        reading = read_gray(open_page(file.read_bytes(), 0).gray)
        found: list[Code | Unread] = [*reading.codes, *reading.unread]
        anchors: list[Any] = [one.corners for one in found]
        papers = jobs.find_papers(file, 0, anchors or [None])
        paper = max(papers, key=lambda one: one.width * one.height)
        began = time.process_time()
        printed = jobs.read_print(file, 0, paper.paper)
        seconds = time.process_time() - began
        lines = [(one.text, one.box, one.score) for one in printed.lines]
        return {"photo": f"{self._seed} {name}", "seconds": round(seconds, 3), "lines": lines}

    def timing(self) -> str:
        """Seconds of a label so far."""
        if not self.seconds:
            return "none read"
        ordered = sorted(self.seconds)
        return (
            f"text of a label {ordered[len(ordered) // 2]:.2f} s, at most {ordered[-1]:.2f} s, "
            f"{sum(self.lines) / len(self.lines):.0f} lines"
        )
