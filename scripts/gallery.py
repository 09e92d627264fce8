"""Draws the gallery of what is read and what is not: `python -m scripts.gallery`.

Sample photos, and one label made harder step by step until it is lost. Writes `docs/gallery.md`
and its pictures: green is read, amber is shown to a person, and red is there but was not found.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from core.intake import Reading, open_picture
from core.intake.decode.pipeline import read_gray
from core.intake.types import Corners, Gray

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "docs" / "gallery"
PHOTOS = ROOT / "data" / "photos"
SHOWN = ("pile_05.jpg", "pile_09.jpg", "pile_14.jpg", "pile_20.jpg", "pile_27.jpg", "pile_33.jpg",
         "pile_36.heic", "box_01.jpg")  # fmt: skip
HARD = "pile_02.png"
GREEN, AMBER, RED = (70, 160, 40), (0, 160, 255), (40, 40, 220)  # BGR
WIDTH = 640
HEAD = """# What is read, and what is not

Drawn by `python -m scripts.gallery` from the sample data. Green: read. Amber: seen, and shown to a
person to type in. Red: a code is there and nobody noticed it.
"""


@dataclass(frozen=True)
class Shot:
    """One picture of the gallery: `truth` are the texts on it with their corners, in pixels."""

    name: str
    title: str
    gray: Gray
    truth: tuple[tuple[str, Corners], ...]


def main() -> None:
    """Read and draw them all."""
    FOLDER.mkdir(exist_ok=True)
    sections = [
        HEAD,
        "## Photos of the sample\n",
        *map(_shown, _photos()),
        "## One label, made harder until it is lost\n",
        *map(_shown, _harder()),
    ]
    (ROOT / "docs" / "gallery.md").write_text("\n".join(sections), encoding="utf-8")


def _photos() -> Iterator[Shot]:
    truth = _truth()
    for file in SHOWN:
        gray = open_picture((PHOTOS / file).read_bytes())[0].gray
        yield Shot(Path(file).stem, file, gray, truth[file])


def _truth() -> dict[str, tuple[tuple[str, Corners], ...]]:
    photos = json.loads((PHOTOS / "truth.json").read_text(encoding="utf-8"))["photos"]
    return {
        photo["file"]: tuple(
            (code["text"], tuple((float(x), float(y)) for x, y in code["corners"]))
            for label in photo["labels"]
            for code in label["codes"]
        )
        for photo in photos
    }


def _harder() -> Iterator[Shot]:
    """The same label smaller, softer, half under glare, torn."""
    gray = open_picture((PHOTOS / HARD).read_bytes())[0].gray
    truth = _truth()[HARD]
    for share in (0.5, 0.35, 0.25, 0.2, 0.15):
        small = np.asarray(cv2.resize(gray, None, fx=share, fy=share, interpolation=cv2.INTER_AREA))
        noisy = _noisy(np.asarray(small, np.uint8), 4.0)
        yield Shot(f"small_{share}", f"at {share:.0%} of its size", noisy, _scaled(truth, share))
    half = np.asarray(cv2.resize(gray, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA))
    for sigma in (1.5, 2.5, 3.5):
        soft = np.asarray(cv2.GaussianBlur(half, (0, 0), sigma), np.uint8)
        title = f"at half its size, out of focus by {sigma:g} pixels"
        yield Shot(f"soft_{sigma}", title, _noisy(soft, 4.0), _scaled(truth, 0.5))
    for name, title, covered in (
        ("glare", "under a streak of glare", _glare(np.asarray(half, np.uint8))),
        ("torn", "torn through the codes", _torn(np.asarray(half, np.uint8))),
    ):
        yield Shot(name, f"at half its size, {title}", _noisy(covered, 4.0), _scaled(truth, 0.5))


def _noisy(gray: Gray, deviation: float) -> Gray:
    noise = np.random.default_rng(1).normal(0, deviation, gray.shape)
    return np.asarray((gray + noise).clip(0, 255), np.uint8)


def _glare(gray: Gray) -> Gray:
    height, width = gray.shape
    light = np.zeros(gray.shape, np.float32)
    cv2.line(light, (0, int(height * 0.75)), (width, int(height * 0.35)), 255, int(height * 0.05))
    light = np.asarray(cv2.GaussianBlur(light, (0, 0), height * 0.02), np.float32)
    return np.asarray((gray + light).clip(0, 255), np.uint8)


def _torn(gray: Gray) -> Gray:
    torn = gray.copy()
    torn[:, int(gray.shape[1] * 0.62) :] = 120
    return torn


def _scaled(truth: Sequence[tuple[str, Corners]], share: float) -> tuple[tuple[str, Corners], ...]:
    return tuple((text, tuple((x * share, y * share) for x, y in at)) for text, at in truth)


def _shown(shot: Shot) -> str:
    """Read one picture, write it with what was read drawn on it, and give its paragraph."""
    reading = read_gray(shot.gray)
    cv2.imwrite(
        str(FOLDER / f"{shot.name}.jpg"), _drawn(shot, reading), [cv2.IMWRITE_JPEG_QUALITY, 78]
    )
    read = {code.text for code in reading.codes}
    found = sum(text in read for text, _ in shot.truth)
    words = [f"**{shot.title}**: {found} of {len(shot.truth)} codes read"]
    if reading.unread:
        words.append(f"{len(reading.unread)} shown to a person")
    if wrong := read - {text for text, _ in shot.truth}:
        words.append(f"also read: {', '.join(sorted(wrong))}")
    return f"{', '.join(words)}.\n\n![{shot.title}](gallery/{shot.name}.jpg)\n"


def _drawn(shot: Shot, reading: Reading) -> Gray:
    """The picture, `WIDTH` wide, with outlines."""
    scale = WIDTH / shot.gray.shape[1]
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    picture = cv2.cvtColor(
        cv2.resize(shot.gray, None, fx=scale, fy=scale, interpolation=how), cv2.COLOR_GRAY2BGR
    )
    read = {code.text for code in reading.codes}
    seen = [_points(one.corners, scale) for one in reading.unread]
    for text, corners in shot.truth:
        at = _points(corners, scale)
        x, y = (float(value) for value in at.mean(axis=0))
        noticed = any(cv2.pointPolygonTest(place, (x, y), measureDist=False) >= 0 for place in seen)
        if text not in read and not noticed:
            cv2.polylines(picture, [at.astype(np.int32)], True, RED, 3)
    for place in seen:
        cv2.polylines(picture, [place.astype(np.int32)], True, AMBER, 3)
    for code in reading.codes:
        cv2.polylines(picture, [_points(code.corners, scale).astype(np.int32)], True, GREEN, 3)
    return np.asarray(picture, np.uint8)


def _points(corners: Corners, scale: float) -> np.ndarray:
    return np.array(corners, np.float32) * scale


if __name__ == "__main__":
    main()
