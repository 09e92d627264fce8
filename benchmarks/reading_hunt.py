"""Pictures made to lure a reader into a wrong text: torn and stacked labels, hidden ends, print.

    python -m benchmarks.reading_hunt FOLDER --count 40 --seed 5

A text that is not listed in truth.jsonl stands nowhere whole in its picture.
"""

import argparse
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np

from benchmarks.reading_drawing import (
    WORDS,
    Draw,
    Gray,
    Label,
    Picture,
    Printed,
    bars,
    corners_of,
    jpeg,
    lay,
    some,
    table,
    taken,
    text_for,
)
from benchmarks.reading_hard import _crease, write

SIZE = (1280, 960)
KIND = ("Code128", "Code39", "ITF", "EAN13", "Codabar", "Code93")
PAPER, MODULE = 235, 4


def pictures(kinds: Sequence[str], count: int, seed: int) -> Iterator[Picture]:
    """`count` pictures of each kind."""
    for kind in kinds:
        for place in range(count):
            draw = np.random.default_rng([sum(map(ord, kind)), place, seed])
            gray, codes = KINDS[kind](draw)
            yield Picture(f"{kind}_{place:03}", kind, jpeg(gray, 85), codes)


def _neighbour(text: str, kind: str, draw: Draw) -> str:
    """A number as a shop's next label has it: its last digits differ; or any other."""
    if kind == "EAN13" or draw.random() < 0.4:
        return text_for(kind, draw)
    head, tail = (text[:-4], text[-1]) if kind == "Codabar" else (text[:-3], "")
    return head + some(draw, "0123456789", 3) + tail


def _page(draw: Draw, one: Label) -> tuple[Gray, tuple[Printed, ...]]:
    """The label in a picture: turned a little or much, soft, noisy."""
    picture = table(draw, *SIZE)
    degrees = float(draw.choice([0, 0, 90, 180])) + draw.uniform(-12, 12)
    scale = draw.uniform(1.8, 3.2) / MODULE
    codes = lay(picture, one, (SIZE[0] / 2, SIZE[1] / 2), scale, degrees, 0.01, draw)
    return taken(picture, draw, blur=draw.uniform(0.4, 1.4), noise=draw.uniform(1, 6)), codes


def _paper(draw: Draw, kind: str, text: str) -> tuple[Gray, Printed]:
    """A code on white paper, and where its corners lie."""
    code = np.minimum(bars(kind, text, int(draw.integers(120, 220)), MODULE), PAPER)
    paper = np.full((code.shape[0] + 160, code.shape[1] + 160), PAPER, np.uint8)
    paper[80:-80, 80:-80] = code
    return paper, Printed(text, kind, corners_of(80, 80, code.shape[1], code.shape[0]))


def _stacked(draw: Draw) -> tuple[Gray, tuple[Printed, ...]]:
    """A label torn through its code lies on another one of its kind: the upper part of one code,
    the lower part of the other, the tear straight or aslant."""
    kind = str(draw.choice(KIND))
    text = text_for(kind, draw)
    upper, first = _paper(draw, kind, text)
    lower, second = _paper(draw, kind, _neighbour(text, kind, draw))
    high, wide = min(upper.shape[0], lower.shape[0]), max(upper.shape[1], lower.shape[1])
    sheet = np.full((high, wide), PAPER, np.uint8)
    sheet[:, : lower.shape[1]] = lower[-high:] if draw.random() < 0.5 else lower[:high]
    ys, xs = np.mgrid[0:high, 0:wide].astype(np.float32)
    slope = draw.uniform(-0.12, 0.12)
    middle = high / 2 + draw.uniform(-0.15, 0.15) * high
    wave = 6 * np.sin(xs / draw.uniform(30, 120)) * draw.integers(0, 2)
    on_top = ys < middle + slope * (xs - wide / 2) + wave
    shift = int(draw.choice(np.array([0, 0, draw.integers(-40, 40)])))
    cover = np.full((high, wide), PAPER, np.uint8)
    cover[:, : upper.shape[1]] = upper[:high]
    cover = np.roll(cover, shift, axis=1)
    mixed = np.where(on_top, cover, sheet)
    if draw.random() < 0.5:  # the shadow of the torn edge
        mixed = np.where(np.abs(ys - middle - slope * (xs - wide / 2) - wave) < 2, 120, mixed)
    return _page(draw, Label(mixed.astype(np.uint8), (first, second)))


def _beside(draw: Draw) -> tuple[Gray, tuple[Printed, ...]]:
    """The left part of one code beside the right part of another, not on one grid of bars: no text
    stands there whole. A wide gap of paper or none between them."""
    kind = str(draw.choice(KIND))
    text = text_for(kind, draw)
    left, _ = _paper(draw, kind, text)
    right, _ = _paper(draw, kind, _neighbour(text, kind, draw))
    high = min(left.shape[0], right.shape[0])
    cut = int(draw.uniform(0.3, 0.7) * left.shape[1])
    from_ = max(0, cut + int(draw.choice([-1, 1]) * draw.integers(5, 60)))
    gap = np.full(
        (high, int(draw.choice([0, 0, 3, 12, 40]))), int(draw.choice([60, PAPER])), np.uint8
    )
    sheet = np.hstack([left[:high, :cut], gap, right[:high, from_:]])
    return _page(draw, Label(np.ascontiguousarray(sheet), ()))


def _hidden(draw: Draw) -> tuple[Gray, tuple[Printed, ...]]:
    """One or both ends lie under another paper, with or without an edge that is seen."""
    kind = str(draw.choice(KIND))
    paper, code = _paper(draw, kind, text_for(kind, draw))
    wide = code.corners[1][0] - code.corners[0][0]
    sides = draw.choice(["left", "right", "both"])
    for side in ("left", "right"):
        if sides not in (side, "both"):
            continue
        reach = int(80 + draw.uniform(0.06, 0.5) * wide)
        edge = int(draw.choice([PAPER, 60, 140]))
        if side == "left":
            paper[:, :reach], paper[:, reach : reach + 3] = PAPER, edge
        else:
            paper[:, -reach:], paper[:, -reach - 3 : -reach] = PAPER, edge
    return _page(draw, Label(paper, ()))


def _at_edge(draw: Draw) -> tuple[Gray, tuple[Printed, ...]]:
    """A code that runs out of the picture."""
    kind = str(draw.choice(KIND))
    paper, code = _paper(draw, kind, text_for(kind, draw))
    picture = table(draw, *SIZE)
    scale = draw.uniform(1.8, 3.2) / MODULE
    length = float(code.corners[1][0] - code.corners[0][0]) * scale
    out = draw.uniform(0.06, 0.5) * length
    at = (out * -1 + length / 2, draw.uniform(200, 700))
    lay(picture, Label(paper, (code,)), at, scale, draw.uniform(-8, 8), 0.0, draw)
    turned = np.rot90(picture, int(draw.integers(4)))
    return taken(np.ascontiguousarray(turned), draw, blur=draw.uniform(0.4, 1.2)), ()


def _creased(draw: Draw) -> tuple[Gray, tuple[Printed, ...]]:
    kind = str(draw.choice(KIND))
    paper, code = _paper(draw, kind, text_for(kind, draw))
    return _page(draw, _crease(Label(paper, (code,)), draw))


def _faint(draw: Draw) -> tuple[Gray, tuple[Printed, ...]]:
    """Narrow bars at the end of what a camera can part: 1.0 to 1.5 pixels a module, noisy."""
    kind = str(draw.choice(["Code128", "Code128", "Code128", "Code39", "ITF"]))
    paper, code = _paper(draw, kind, text_for(kind, draw))
    picture = table(draw, *SIZE)
    scale = draw.uniform(1.0, 1.5) / MODULE
    codes = lay(picture, Label(paper, (code,)), (640, 480), scale, draw.uniform(0, 360), 0.02, draw)
    return taken(picture, draw, light=0.6, blur=draw.uniform(0.5, 0.9), noise=8), codes


def _print(draw: Draw) -> tuple[Gray, tuple[Printed, ...]]:
    """A page of words."""
    page = np.full((SIZE[1], SIZE[0]), PAPER, np.uint8)
    size, y = draw.uniform(0.4, 1.4), 30
    while y < SIZE[1]:
        words = " ".join(draw.choice(WORDS, 12))
        font = int(draw.choice([0, 2, 3, 4]))
        cv2.putText(
            page, words, (int(draw.integers(-90, 40)), y), font, size, 30, int(draw.integers(1, 3))
        )
        y += int(34 * size) + int(draw.integers(2, 12))
    turn = cv2.getRotationMatrix2D((640, 480), draw.uniform(-30, 30), 1.0)
    page = np.asarray(cv2.warpAffine(page, turn, SIZE, borderValue=PAPER), np.uint8)
    return taken(page, draw), ()


def _stripes(draw: Draw) -> tuple[Gray, tuple[Printed, ...]]:
    """Fences, books on a shelf, keyboards, cloth: bars of every width that are no code."""
    widths = draw.integers(1, int(draw.choice([5, 9, 30])), 900)
    shades = draw.integers(20, 235, 900) if draw.random() < 0.5 else np.tile([40, 220], 450)
    row = np.repeat(shades, widths)[: SIZE[0]].astype(np.uint8)
    row = np.pad(row, (0, SIZE[0] - len(row)), mode="wrap")
    page = np.repeat(row[None], SIZE[1], axis=0)
    for _ in range(int(draw.integers(0, 12))):
        y = int(draw.integers(0, SIZE[1]))
        page[y : y + int(draw.integers(4, 60))] = int(draw.integers(30, 230))
    turn = cv2.getRotationMatrix2D((640, 480), draw.uniform(0, 180), 1.3)
    page = np.asarray(cv2.warpAffine(page, turn, SIZE, borderMode=cv2.BORDER_REFLECT), np.uint8)
    return taken(page, draw, blur=draw.uniform(0.4, 1.5), noise=draw.uniform(1, 8)), ()


def _texture(draw: Draw) -> tuple[Gray, tuple[Printed, ...]]:
    """Noise with a grain: cloth, gravel, what looks like a square code."""
    block = int(draw.integers(2, 14))
    small = draw.integers(0, 2, (SIZE[1] // block + 1, SIZE[0] // block + 1)) * 180 + 40
    page = np.kron(small, np.ones((block, block)))[: SIZE[1], : SIZE[0]]
    stretch = cv2.blur(page.astype(np.float32), (1, int(draw.choice([1, 9, 41]))))
    return taken(stretch.astype(np.uint8), draw, blur=draw.uniform(0.4, 2)), ()


KINDS: dict[str, Callable[[Draw], tuple[Gray, tuple[Printed, ...]]]] = {
    "stacked": _stacked,
    "beside": _beside,
    "hidden": _hidden,
    "at_edge": _at_edge,
    "creased": _creased,
    "faint": _faint,
    "print": _print,
    "stripes": _stripes,
    "texture": _texture,
}
EMPTY = ("print", "stripes", "texture")


def main() -> None:
    """Draw the kinds asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--kinds", default=",".join(KINDS))
    parser.add_argument("--count", type=int, default=40)
    parser.add_argument("--seed", type=int, default=5)
    options = parser.parse_args()
    write(options.folder, pictures(options.kinds.split(","), options.count, options.seed))


if __name__ == "__main__":
    main()
