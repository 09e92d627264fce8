"""Lays drawn labels on boxes and photographs them: turned, in perspective, in uneven light.

Each picture is read back with zxing-cpp before it is kept, so that what the truth file promises
to be on a picture can be read from it; an unlucky draw is drawn again with the next seed.
"""

import io
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import pillow_heif
import zxingcpp
from numpy.typing import NDArray
from PIL import Image
from sample_labels import HEIGHT, WIDTH, Label

Json = dict[str, Any]
Pixels = NDArray[np.uint8]

TRIES = 12
TABLES = ((96, 120, 150), (150, 152, 154), (70, 78, 84), (118, 140, 160), (60, 84, 120))  # BGR
CARDBOARD = (98, 142, 178)
LAYOUT = {1: (1, 1), 2: (2, 1), 3: (3, 1), 4: (2, 2), 5: (3, 2), 6: (3, 2)}  # columns, rows
FRAME = {1: (1280, 1600), 2: (1900, 1380), 3: (2300, 1300), 4: (1800, 2100)}  # width, height
FRAME |= {5: (2200, 2000), 6: (2200, 2000)}


@dataclass
class Photo:
    """Encoded bytes, the file name's ending, and for every label its codes in picture pixels."""

    data: bytes
    suffix: str
    size: tuple[int, int]
    labels: list[list[Json]]


def photograph(seed: list[int], labels: list[Label], kind: str) -> Photo:
    """A picture of `labels` as `kind` (jpeg, png, heic); `ValueError` if it never reads back."""
    wanted = {code["text"] for label in labels for code in label.codes[:1]}
    for attempt in range(TRIES):
        rng = np.random.default_rng([*seed, attempt])
        picture, codes = _flat(rng, labels) if kind == "png" else _scene(rng, labels)
        data, suffix = _encode(rng, picture, kind)
        if wanted <= _readable(data):
            return Photo(data, suffix, (picture.shape[1], picture.shape[0]), codes)
    raise ValueError(f"no readable picture of {sorted(wanted)} in {TRIES} tries")


def _readable(data: bytes) -> set[str]:
    with Image.open(io.BytesIO(data)) as image:
        gray = np.asarray(image.convert("L"))
    found = zxingcpp.read_barcodes(gray)
    return {barcode.text for barcode in found}


def _scene(rng: np.random.Generator, labels: list[Label]) -> tuple[Pixels, list[list[Json]]]:
    width, height = FRAME[len(labels)]
    columns, rows = LAYOUT[len(labels)]
    picture = _table(rng, width, height)
    cells = rng.permutation(columns * rows)[: len(labels)]
    room = np.array([width / columns, height / rows])
    quads = [
        _pose(rng, room) + (np.array([cell % columns, cell // columns]) + 0.5) * room
        for cell in cells
    ]
    for quad in quads:  # all boxes before any label: none may hide another's label
        _box(rng, picture, quad)
    codes = [_lay(rng, picture, label, q) for label, q in zip(labels, quads, strict=True)]
    return _expose(rng, picture), codes


def _pose(rng: np.random.Generator, cell: NDArray[np.float64]) -> NDArray[np.float64]:
    """The label's corners about its centre: turned anyhow, tilted a little, inside its cell."""
    landscape = cell[0] > cell[1]
    turn = np.deg2rad(rng.choice([90, 270] if landscape else [0, 180]) + rng.uniform(-8, 8))
    spin = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    half = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * [WIDTH / 2, HEIGHT / 2]
    quad = half @ spin.T * (1 + rng.uniform(-0.035, 0.035, (4, 2)))
    extent = quad.max(0) - quad.min(0)
    return np.asarray(quad * (rng.uniform(0.84, 0.92) * (cell / extent).min()))


def _table(rng: np.random.Generator, width: int, height: int) -> Pixels:
    """A table top or floor: a colour, slow stains and fine grain along one side."""
    tint = np.array(TABLES[int(rng.integers(len(TABLES)))], np.float32)
    stains = _smooth(rng, 9, width, height) * 7
    grain = rng.standard_normal((height, max(2, width // 160))).astype(np.float32)
    grain = cv2.resize(cv2.GaussianBlur(grain, (0, 0), 1.2), (width, height)) * 6
    if rng.random() < 0.5:
        grain = cv2.resize(np.ascontiguousarray(grain.T), (width, height))
    return np.clip(tint + (stains + grain)[..., None], 0, 255).astype(np.uint8)


def _smooth(rng: np.random.Generator, knots: int, width: int, height: int) -> Any:
    rough = rng.standard_normal((knots, knots)).astype(np.float32)
    return cv2.resize(rough, (width, height), interpolation=cv2.INTER_CUBIC)


def _box(rng: np.random.Generator, picture: Pixels, quad: NDArray[np.float64]) -> None:
    """The cardboard box under a label, with its shadow and a strip of tape."""
    centre = quad.mean(0)
    corners = (quad - centre) * rng.uniform(1.07, 1.22, (4, 1)) + centre
    shadow = picture.copy()
    cv2.fillConvexPoly(shadow, (corners + 14).astype(np.int32), (24, 24, 26), cv2.LINE_AA)
    cv2.addWeighted(cv2.GaussianBlur(shadow, (0, 0), 6), 0.6, picture, 0.4, 0, dst=picture)
    tone = np.array(CARDBOARD) * rng.uniform(0.82, 1.1)
    cv2.fillConvexPoly(picture, corners.astype(np.int32), tuple(map(float, tone)), cv2.LINE_AA)
    side = (point * 0.94 + centre * 0.06 for point in (corners[:2].mean(0), corners[2:].mean(0)))
    ends = [tuple(int(v) for v in point) for point in side]
    cv2.line(picture, ends[0], ends[1], tuple(map(float, tone * 1.12)), 46, cv2.LINE_AA)


def _lay(
    rng: np.random.Generator, picture: Pixels, label: Label, quad: NDArray[np.float64]
) -> list[Json]:
    """Put the label's pixels into the picture; the answer is its codes in picture pixels."""
    height, width = picture.shape[:2]
    low = np.maximum(np.floor(quad.min(0)).astype(int) - 2, 0)
    high = np.minimum(np.ceil(quad.max(0)).astype(int) + 2, [width, height])
    flat = np.array([[0, 0], [WIDTH, 0], [WIDTH, HEIGHT], [0, HEIGHT]], np.float32)
    matrix = cv2.getPerspectiveTransform(flat, quad.astype(np.float32))
    local = np.array([[1, 0, -low[0]], [0, 1, -low[1]], [0, 0, 1]], float) @ matrix
    size = (int(high[0] - low[0]), int(high[1] - low[1]))
    scale = float(np.linalg.norm(quad[1] - quad[0])) / WIDTH
    soft = cv2.GaussianBlur(label.pixels[..., ::-1], (0, 0), max(0.3, 0.3 / scale))  # no moiré
    drawn = cv2.warpPerspective(soft, local, size).astype(np.float32) * rng.uniform(0.93, 1.0)
    mask = cv2.warpPerspective(np.ones((HEIGHT, WIDTH), np.float32), local, size)[..., None]
    under = picture[low[1] : high[1], low[0] : high[0]]
    under[:] = (under * (1 - mask) + drawn * mask).astype(np.uint8)
    answer = []
    for code in label.codes:
        corners = cv2.perspectiveTransform(np.array([code["corners"]], np.float32), matrix)[0]
        answer.append({**code, "corners": corners.round(1).tolist()})
    return answer


def _expose(rng: np.random.Generator, picture: Pixels) -> Pixels:
    """Light from one side, a lamp's glare, a lens that is a little soft, a sensor's noise."""
    height, width = picture.shape[:2]
    ys, xs = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j].astype(np.float32)
    slope = rng.uniform(-0.16, 0.16, 2)
    light = rng.uniform(0.78, 1.0) * (1 + slope[0] * xs + slope[1] * ys - 0.08 * (xs**2 + ys**2))
    x, y = rng.uniform(-0.9, 0.9, 2)
    glare = rng.uniform(0, 0.22) * np.exp(-(((xs - x) / 0.3) ** 2) - ((ys - y) / 0.4) ** 2)
    image = picture.astype(np.float32) * light[..., None]
    image = image * (1 - glare[..., None]) + 245 * glare[..., None]
    image *= np.array([rng.uniform(0.93, 1.03), 1.0, rng.uniform(0.96, 1.04)], np.float32)
    image = cv2.GaussianBlur(image, (0, 0), rng.uniform(0.45, 0.75))
    noise = rng.standard_normal((height, width), dtype=np.float32) * rng.uniform(0.6, 1.8)
    return np.clip(image + noise[..., None], 0, 255).astype(np.uint8)


def _flat(rng: np.random.Generator, labels: list[Label]) -> tuple[Pixels, list[list[Json]]]:
    """A screen shot of the courier's PDF: one label, straight, on the viewer's gray."""
    margin = int(rng.integers(40, 120))
    picture = np.full((HEIGHT + 2 * margin, WIDTH + 2 * margin, 3), 82, np.uint8)
    label = labels[0]
    picture[margin : margin + HEIGHT, margin : margin + WIDTH] = label.pixels[..., ::-1]
    moved = [
        {**code, "corners": [[x + margin, y + margin] for x, y in code["corners"]]}
        for code in label.codes
    ]
    return picture, [moved]


def _encode(rng: np.random.Generator, picture: Pixels, kind: str) -> tuple[bytes, str]:
    image = Image.fromarray(np.ascontiguousarray(picture[..., ::-1]))
    out = io.BytesIO()
    if kind == "png":
        image.quantize(64).save(out, "PNG", optimize=True)
        return out.getvalue(), ".png"
    if kind == "heic":
        pillow_heif.from_pillow(image).save(out, quality=60)
        return out.getvalue(), ".heic"
    return _jpeg(rng, image), ".jpg"


def _jpeg(rng: np.random.Generator, image: Image.Image) -> bytes:
    """A third of the pictures are stored lying down, and EXIF says how to stand them up."""
    orientation = int(rng.choice([1, 1, 1, 1, 6, 3]))
    turns = {6: Image.Transpose.ROTATE_90, 3: Image.Transpose.ROTATE_180}
    stored = image.transpose(turns[orientation]) if orientation in turns else image
    exif = Image.Exif()
    exif[0x0112] = orientation
    out = io.BytesIO()
    stored.save(out, "JPEG", quality=80, subsampling=2, exif=exif)
    return out.getvalue()
