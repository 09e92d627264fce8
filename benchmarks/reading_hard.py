"""Labels that are hard to read, drawn with truth: creased, washed out, worn, dark, tiny, piled.

    python -m benchmarks.reading_hard FOLDER --kinds crease,glare --count 30 --seed 5

The same seed draws the same pictures. Writes <kind>_<number>.jpg and truth.jsonl.
"""

import argparse
import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from benchmarks.reading_drawing import (
    MODULE,
    SQUARE,
    Draw,
    Gray,
    Label,
    Picture,
    Printed,
    jpeg,
    label,
    lay,
    table,
    taken,
)

SIZE = (1600, 1200)
PHONE = (4000, 3000)
SECOND = ("Code128", "Code39", "ITF", "EAN13", "Codabar")
Damage = Callable[[Label, Draw], Label]


def pictures(kinds: Sequence[str], count: int, seed: int) -> Iterator[Picture]:
    """`count` pictures of each kind."""
    for kind in kinds:
        for place in range(count):
            draw = np.random.default_rng([sum(map(ord, kind)), place, seed])
            gray, codes, quality = KINDS[kind](draw)
            yield Picture(f"{kind}_{place:02}", kind, jpeg(gray, quality), codes)


Taken = tuple[Gray, tuple[Printed, ...], int]


def _one(draw: Draw, damage: Damage | None = None, **camera: float) -> Taken:
    """One label of two or three codes, at any angle, at 1.9 to 3 pixels a module."""
    drawn = label(draw, ("Code128", str(draw.choice(SECOND)), str(draw.choice(SQUARE))))
    warp = camera.pop("warp", 0.02)
    module = camera.pop("module", draw.uniform(1.9, 3.0))
    quality = int(camera.pop("quality", 82))
    degrees = camera.pop("degrees", draw.uniform(0, 360))
    if damage:
        drawn = damage(drawn, draw)
    picture = table(draw, *SIZE)
    at = (SIZE[0] / 2 + draw.uniform(-200, 200), SIZE[1] / 2 + draw.uniform(-100, 100))
    codes = lay(picture, drawn, at, module / MODULE, degrees, warp, draw)
    return taken(picture, draw, **camera), codes, quality


# ---------------------------------------------------------------- what happens to a label


def _bytes(gray: Any) -> Gray:
    return np.asarray(np.clip(gray, 0, 255), np.uint8)


def _crease(one: Label, draw: Draw) -> Label:
    """Folded across the bars: what lies behind the fold is moved and shaded."""
    gray = one.gray.astype(np.float32)
    high, wide = gray.shape
    ys, xs = np.mgrid[0:high, 0:wide].astype(np.float32)
    for _ in range(int(draw.integers(1, 4))):
        angle, middle = draw.uniform(0, np.pi), draw.uniform(0.25, 0.75, 2) * (wide, high)
        away = (xs - middle[0]) * np.cos(angle) + (ys - middle[1]) * np.sin(angle)
        shift = draw.uniform(-14, 14) * np.exp(-np.abs(away) / 40) * np.sign(away)
        moved = [(xs + shift * np.cos(angle)), (ys + shift * np.sin(angle))]
        xmap, ymap = (one.astype(np.float32) for one in moved)
        bent = cv2.remap(gray, xmap, ymap, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        bent = bent * (1 - 0.5 * np.exp(-((away / 5) ** 2)))
        gray = (bent + 60 * np.exp(-(((away - 9) / 4) ** 2))).astype(np.float32)
    return one.with_gray(_bytes(gray))


def _spots(one: Label, draw: Draw, strength: tuple[float, float], count: int) -> Label:
    gray = one.gray.astype(np.float32)
    ys, xs = np.mgrid[0 : gray.shape[0], 0 : gray.shape[1]].astype(np.float32)
    for code in one.codes:
        for _ in range(count):
            low, high = code.corners.min(axis=0), code.corners.max(axis=0)
            x, y = draw.uniform(low, high)
            wide, tall = draw.uniform(25, 110), draw.uniform(20, 70)
            light = draw.uniform(*strength) * np.exp(
                -((((xs - x) / wide) ** 2 + ((ys - y) / tall) ** 2) ** 1.5)
            )
            gray = gray * (1 - light) + 255 * light
    return one.with_gray(_bytes(gray))


def _glare(one: Label, draw: Draw) -> Label:
    return _spots(one, draw, (0.85, 1.0), 1)


def _voids_along(one: Label, draw: Draw) -> Label:
    """A dead dot of the print head: a white line along the bars, right through them."""
    return _lines(one, draw, along=True)


def _voids_across(one: Label, draw: Draw) -> Label:
    return _lines(one, draw, along=False)


def _lines(one: Label, draw: Draw, *, along: bool) -> Label:
    gray = one.gray.copy()
    for code in one.codes:
        (x0, y0), (x1, y1) = code.corners.min(axis=0), code.corners.max(axis=0)
        for _ in range(int(draw.integers(1, 4) if along else draw.integers(3, 9))):
            thick = int(draw.integers(1, 4))
            if along:
                x = int(draw.uniform(x0, x1))
                gray[int(y0) : int(y1), x : x + thick] = 255
            else:
                y = int(draw.uniform(y0, y1))
                gray[y : y + 2 * thick, int(x0) : int(x1)] = 255
    return one.with_gray(gray)


def _toner(one: Label, draw: Draw) -> Label:
    """Low toner: print that is patchy, in small and in large."""
    high, wide = one.gray.shape
    fine = draw.standard_normal((high // 2, wide // 2)).astype(np.float32)
    large = draw.standard_normal((high // 40, wide // 40)).astype(np.float32)
    patchy = cv2.resize(fine, (wide, high)) + 1.2 * cv2.resize(large, (wide, high))
    lost = np.clip((patchy - draw.uniform(0.4, 1.4)) * 1.6, 0, 1)
    return one.with_gray(_bytes(one.gray + (255 - one.gray) * lost * draw.uniform(0.7, 1.0)))


def _finger(one: Label, draw: Draw) -> Label:
    """A finger over part of the height of each code."""
    gray = one.gray.copy()
    for code in one.codes:
        low, high = code.corners.min(axis=0), code.corners.max(axis=0)
        tall = high[1] - low[1]
        x = draw.uniform(low[0], high[0])
        y = float(draw.choice([low[1], high[1]]))
        axes = (int(draw.uniform(50, 140)), int(tall * draw.uniform(0.4, 0.75)))
        cv2.ellipse(gray, (int(x), int(y)), axes, float(draw.uniform(-20, 20)), 0, 360, 130, -1)
    return one.with_gray(gray)


def _inverted(one: Label, draw: Draw) -> Label:  # noqa: ARG001 (every damage is called alike)
    return one.with_gray(255 - one.gray)


def _curl(one: Label, draw: Draw) -> Label:
    """Around a bottle: the sides are seen aslant."""
    high, wide = one.gray.shape
    bend = draw.uniform(0.6, 1.15)
    xs = np.linspace(-1, 1, wide, dtype=np.float32)
    from_ = np.arcsin(xs * np.sin(bend)) / bend
    shade = np.sqrt(1 - (xs * np.sin(bend)) ** 2)
    xmap = np.repeat(((from_ + 1) / 2 * (wide - 1))[None], high, axis=0).astype(np.float32)
    ymap = np.repeat(np.arange(high, dtype=np.float32)[:, None], wide, axis=1)
    sag = draw.uniform(-30, 30) * xs[None] ** 2
    gray = cv2.remap(one.gray, xmap, (ymap + sag).astype(np.float32), cv2.INTER_LINEAR)
    return one.with_gray(gray * (0.5 + 0.5 * shade[None]))


# ---------------------------------------------------------------- what happens to a picture


def _with(damage: Damage) -> Callable[[Draw], Taken]:
    return lambda draw: _one(draw, damage)


def _blurred(*, along: bool) -> Callable[[Draw], Taken]:
    """Moved while taken: along the bars, or across them."""

    def taking(draw: Draw) -> Taken:
        degrees = float(draw.choice([0, 90, 180, 270]))
        gray, codes, quality = _one(draw, degrees=degrees)
        long = int(draw.integers(9, 22) if along else draw.integers(3, 7))
        down = along == (degrees in (0, 180))
        return _bytes(cv2.blur(gray, (1, long) if down else (long, 1))), codes, quality

    return taking


def _defocus(draw: Draw) -> Taken:
    gray, codes, quality = _one(draw, noise=1.5)
    radius = draw.uniform(1.4, 3.0)
    ys, xs = np.mgrid[-4:5, -4:5]
    disk = np.clip(radius + 0.5 - np.hypot(xs, ys), 0, 1)
    return np.asarray(cv2.filter2D(gray, -1, disk / disk.sum()), np.uint8), codes, quality


def _low_light(draw: Draw) -> Taken:
    return _one(draw, light=draw.uniform(0.12, 0.3), noise=draw.uniform(4, 9), blur=0.9)


def _mixed(draw: Draw) -> Taken:
    ways = (_crease, _glare, _voids_along, _toner, _finger, _curl)
    first, second = draw.choice(len(ways), 2, replace=False)
    return _one(draw, lambda one, d: ways[second](ways[first](one, d), d), light=0.7, noise=5)


def _grid(
    draw: Draw, columns: int, rows: int, module: tuple[float, float], kinds: tuple[str, ...],
    size: tuple[int, int] = PHONE,
) -> Taken:  # fmt: skip
    picture = table(draw, *size)
    codes: list[Printed] = []
    for row in range(rows):
        for column in range(columns):
            drawn = label(draw, kinds)
            at = ((column + 0.5) * size[0] / columns, (row + 0.5) * size[1] / rows)
            degrees = float(draw.choice([0, 180])) + draw.uniform(-5, 5)
            codes += lay(picture, drawn, at, draw.uniform(*module) / MODULE, degrees, 0.01, draw)
    return taken(picture, draw, blur=0.55, noise=3), tuple(codes), 85


def _forty(draw: Draw) -> Taken:
    """Forty labels in one photo of 12 megapixels, with two codes of bars and a QR code each."""
    kinds = ("Code128", str(draw.choice(["ITF", "Code128", "Code39"])), "QRCode")
    return _grid(draw, 8, 5, (1.7, 2.0), kinds)


def _tiny(draw: Draw) -> Taken:
    return _grid(draw, 2, 2, (1.0, 1.4), ("Code128", "Code128", "DataMatrix"))


def _large(draw: Draw) -> Taken:
    """One label that fills a photo of 8 megapixels: 8 to 12 pixels a module, speckled print."""
    drawn = label(draw, ("Code128", "Code128", str(draw.choice(SQUARE))))
    high, wide = drawn.gray.shape
    speckle = draw.standard_normal((high, wide)).astype(np.float32)
    speckle = cv2.GaussianBlur(speckle, (0, 0), 0.7) * 2.2
    worn = np.where(speckle > draw.uniform(0.9, 1.5), 255, drawn.gray)
    worn = np.where(speckle < -2.0, 40, worn)
    size = (3840, 2160)
    picture = table(draw, *size)
    at = (size[0] / 2, size[1] / 2)
    module = draw.uniform(7, 9.5)
    codes = lay(
        picture, drawn.with_gray(worn), at, module / MODULE, draw.uniform(-8, 8), 0.02, draw
    )
    return taken(picture, draw, blur=draw.uniform(1.0, 2.5), noise=4), codes, 80


def _pdf417(draw: Draw) -> Taken:
    """PDF417 at any angle beside a Code 128."""
    drawn = label(draw, ("Code128", "PDF417"))
    picture = table(draw, *SIZE)
    module = draw.uniform(2.2, 3.2)
    at = (SIZE[0] / 2, SIZE[1] / 2)
    codes = lay(picture, drawn, at, module / MODULE, draw.uniform(0, 360), 0.01, draw)
    return taken(picture, draw), codes, 85


KINDS: dict[str, Callable[[Draw], Taken]] = {
    "plain": _one,
    "perspective": lambda draw: _one(draw, warp=0.12),
    "curl": _with(_curl),
    "crease": _with(_crease),
    "glare": _with(_glare),
    "voids_along": _with(_voids_along),
    "voids_across": _with(_voids_across),
    "toner": _with(_toner),
    "finger": _with(_finger),
    "low_light": _low_light,
    "blur_along": _blurred(along=True),
    "blur_across": _blurred(along=False),
    "defocus": _defocus,
    "jpeg20": lambda draw: _one(draw, quality=20),
    "inverted": _with(_inverted),
    "mixed": _mixed,
    "pdf417": _pdf417,
    "large": _large,
    "tiny": _tiny,
    "forty": _forty,
}


def write(folder: Path, drawn: Iterator[Picture]) -> None:
    """The pictures, and truth.jsonl beside them."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "truth.jsonl").open("w", encoding="utf-8") as lines:
        for one in drawn:
            (folder / f"{one.name}.jpg").write_bytes(one.data)
            codes = [
                {"text": c.text, "kind": c.kind, "corners": c.corners.round(1).tolist()}
                for c in one.codes
            ]
            truth = {"file": f"{one.name}.jpg", "kind": one.kind, "codes": codes}
            lines.write(json.dumps(truth) + "\n")


def main() -> None:
    """Draw the kinds asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--kinds", default=",".join(KINDS))
    parser.add_argument("--count", type=int, default=30)
    parser.add_argument("--seed", type=int, default=5)
    options = parser.parse_args()
    write(options.folder, pictures(options.kinds.split(","), options.count, options.seed))


if __name__ == "__main__":
    main()
