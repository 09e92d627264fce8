"""Draws sheets as labels, photographs them at three levels, and reads them as the desk does."""

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
from core.finding.fields import Line
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


class Reader:
    """Photographs and reads; counts CPU time of the text alone."""

    def __init__(self, seed: int) -> None:
        self._draw, self._noise = random.Random(seed), np.random.default_rng(seed)
        self._folder = tempfile.TemporaryDirectory(prefix="finding-")
        self.seconds: list[float] = []
        self.lines: list[int] = []

    def photo(self, made: Sheet, level: int) -> bytes:
        """A JPEG of the label on a table."""
        how = LEVELS[level]
        flat = drawn(self._draw, made)
        side = round(max(flat.shape) * how.scale * 1.35)
        picture = table(self._noise, side, side)
        degrees = self._draw.choice((0, 90, 180, 270)) + self._draw.uniform(-12, 12)
        lay(picture, Label(flat, ()), (side / 2, side / 2), how.scale, degrees, how.warp,
            self._noise)  # fmt: skip
        shot = taken(picture, self._noise, light=how.light, blur=how.blur, noise=how.noise)
        return jpeg(shot)

    def read(self, made: Sheet, level: int) -> list[Line]:
        """The lines of the one label that the codes, or what looked like one, lead to."""
        file = Path(self._folder.name) / "photo.jpg"
        file.write_bytes(self.photo(made, level))
        reading = read_gray(open_page(file.read_bytes(), 0).gray)
        found: list[Code | Unread] = [*reading.codes, *reading.unread]
        anchors: list[Any] = [one.corners for one in found]
        papers = jobs.find_papers(file, 0, anchors or [None])
        paper = max(papers, key=lambda one: one.width * one.height)
        began = time.process_time()
        told = jobs.read_print(file, 0, paper.paper)
        self.seconds.append(time.process_time() - began)
        self.lines.append(len(told.lines))
        return [Line(one.text, one.box, one.score) for one in told.lines]

    def told(self) -> str:
        """Seconds of a label so far."""
        if not self.seconds:
            return "none read"
        ordered = sorted(self.seconds)
        return (
            f"text of a label {ordered[len(ordered) // 2]:.2f} s, at most {ordered[-1]:.2f} s, "
            f"{sum(self.lines) / len(self.lines):.0f} lines"
        )
