"""Draws labels and lays them into pictures, with the truth: what the hard sets are made of."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import cv2
import numpy as np
import zxingcpp
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

Gray = NDArray[np.uint8]
Draw = np.random.Generator

MODULE = 4  # pixels of a drawn label
WIDE, HIGH = 920, 860  # of a drawn label
DIGITS, LETTERS = "0123456789", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
LINEAR = ("Code128", "Code39", "ITF", "EAN13", "Codabar", "Code93")
SQUARE = ("QRCode", "DataMatrix", "PDF417", "Aztec")
WORDS = (
    "Str. Florilor",
    "Nr. 12",
    "Bloc A4",
    "Jud. Cluj",
    "Ramburs: 0.00",
    "Colet 1/1",
    "SC Retail SRL",
)


@dataclass(frozen=True)
class Printed:
    """One code: its text, kind, and corners (4 x 2, clockwise from its top left)."""

    text: str
    kind: str
    corners: NDArray[np.float32]

    @property
    def linear(self) -> bool:
        """Whether it is made of bars."""
        return self.kind in LINEAR


@dataclass(frozen=True)
class Picture:
    """What is given to a reader: JPEG or PNG bytes, and the codes that are on it."""

    name: str
    kind: str
    data: bytes
    codes: tuple[Printed, ...]


def some(draw: Draw, signs: str, count: int) -> str:
    """So many signs."""
    return "".join(draw.choice(list(signs), count))


def number(draw: Draw) -> str:
    """A parcel's number as couriers write them."""
    forms: tuple[Callable[[], str], ...] = (
        lambda: some(draw, DIGITS, 13),
        lambda: some(draw, DIGITS, int(draw.integers(10, 15))),
        lambda: some(draw, LETTERS, 2) + s10(some(draw, DIGITS, 8)) + "RO",
        lambda: "1ONB" + some(draw, DIGITS, 11),
        lambda: "JD0146" + some(draw, DIGITS, 10),
        lambda: some(draw, LETTERS, 3) + some(draw, DIGITS, 8),
    )
    return forms[int(draw.integers(len(forms)))]()


def s10(digits: str) -> str:
    """Eight digits with their check digit (UPU S10)."""
    total = sum(int(d) * w for d, w in zip(digits, (8, 6, 4, 2, 3, 5, 9, 7), strict=True))
    return digits + {10: "0", 11: "5"}.get(11 - total % 11, str(11 - total % 11))


def text_for(kind: str, draw: Draw) -> str:
    """A text that a code of this kind can hold."""
    if kind == "EAN13":
        digits = some(draw, "123456789", 1) + some(draw, DIGITS, 11)
        total = sum(int(d) * (3 if place % 2 else 1) for place, d in enumerate(digits))
        return digits + str(-total % 10)
    if kind == "ITF":
        return some(draw, DIGITS, int(draw.choice([10, 12, 14])))
    if kind == "Codabar":
        return "A" + some(draw, DIGITS, 9) + "B"
    if kind in ("Code39", "Code93"):
        return some(draw, LETTERS, 1) + some(draw, DIGITS, 8)
    return number(draw)


def modules(kind: str, text: str) -> Gray:
    """The code with one pixel a module, black on white, without quiet zones; bars: one row."""
    made = zxingcpp.create_barcode(text, getattr(zxingcpp.BarcodeFormat, kind))
    image = np.array(made.to_image(scale=1, add_quiet_zones=False))
    if kind in LINEAR:
        image = image[:1]
    return np.where(image > 127, 255, 0).astype(np.uint8)


def bars(kind: str, text: str, height: int, module: int = MODULE) -> Gray:
    """A code with `module` pixels a module; bars are `height` pixels high."""
    code = np.repeat(modules(kind, text), module, axis=1)
    return np.repeat(code, height if kind in LINEAR else module, axis=0)


@dataclass(frozen=True)
class Label:
    """A drawn label and what is on it, in its own pixels."""

    gray: Gray
    codes: tuple[Printed, ...]

    def with_gray(self, gray: Gray) -> "Label":
        """The same codes under other paint."""
        return replace(self, gray=np.ascontiguousarray(gray, np.uint8))


def label(draw: Draw, kinds: tuple[str, ...]) -> Label:
    """A label of up to three codes below each other, with print above and beside them."""
    image = Image.new("L", (WIDE, HIGH), 255)
    pen = ImageDraw.Draw(image)
    pen.rectangle([6, 6, WIDE - 7, HIGH - 7], outline=0, width=4)
    for line in range(2):
        _print(pen, draw, (40, 24 + 34 * line))
    y, codes = 110, []
    for kind in kinds:
        text = text_for(kind, draw)
        code = bars(kind, text, int(draw.integers(130, 190)))
        height, width = code.shape
        if y + height > HIGH - 20 or width > WIDE - 80:
            continue
        x = int(draw.integers(44, max(45, WIDE - 40 - width)))
        image.paste(Image.fromarray(code), (x, y))
        codes.append(Printed(text, kind, corners_of(x, y, width, height)))
        if kind in LINEAR:
            pen.text((x, y + height + 4), text, font=ImageFont.load_default(28), fill=0)
        y += height + 56
    return Label(np.array(image), tuple(codes))


def _print(pen: ImageDraw.ImageDraw, draw: Draw, at: tuple[int, int]) -> None:
    words = " ".join(draw.choice(WORDS, 3)) + " " + some(draw, DIGITS, 4)
    pen.text(at, words, font=ImageFont.load_default(26), fill=0)


def corners_of(x: float, y: float, width: float, height: float) -> NDArray[np.float32]:
    """An upright rectangle's corners."""
    return np.array([(x, y), (x + width, y), (x + width, y + height), (x, y + height)], np.float32)


def table(draw: Draw, width: int, height: int) -> Gray:
    """Cardboard: cloudy, with grain along one way."""
    cloudy = draw.standard_normal((height // 100 + 2, width // 100 + 2)).astype(np.float32)
    grain = draw.standard_normal((height // 3, max(2, width // 200))).astype(np.float32)
    ground = draw.uniform(80, 150) + 9 * cv2.resize(cloudy, (width, height))
    ground = ground + 4 * cv2.resize(grain, (width, height))
    return np.asarray(np.clip(ground, 0, 255), np.uint8)


def lay(
    picture: Gray, one: Label, at: tuple[float, float], scale: float, degrees: float, warp: float,
    draw: Draw,
) -> tuple[Printed, ...]:  # fmt: skip
    """Lay a label into a picture, its middle at `at`; `warp` moves its corners by a share. Gives
    its codes in the picture's pixels."""
    high, wide = one.gray.shape
    box = corners_of(0, 0, wide, high)
    turn = np.deg2rad(degrees)
    rotation = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    place = (box - box.mean(axis=0)) @ rotation.T * scale
    place = place * (1 + draw.uniform(-warp, warp, (4, 2))) + np.array(at)
    matrix = cv2.getPerspectiveTransform(box, place.astype(np.float32))
    source = one.gray
    if scale < 0.9:
        source = np.asarray(cv2.GaussianBlur(source, (0, 0), 0.4 / scale), np.uint8)
    size = (picture.shape[1], picture.shape[0])
    low = np.maximum(np.floor(place.min(axis=0)).astype(int), 0)
    high_ = np.minimum(np.ceil(place.max(axis=0)).astype(int), size)
    moved = np.array([[1, 0, -low[0]], [0, 1, -low[1]], [0, 0, 1]], float) @ matrix
    part = (int(high_[0] - low[0]), int(high_[1] - low[1]))
    laid = cv2.warpPerspective(source, moved, part, flags=cv2.INTER_LINEAR).astype(np.float32)
    mask = cv2.warpPerspective(np.full(source.shape, 255, np.uint8), moved, part) / 255.0
    seen = picture[low[1] : high_[1], low[0] : high_[0]]
    seen[:] = (seen * (1 - mask) + (22 + laid * 0.82) * mask).astype(np.uint8)
    return tuple(
        replace(code, corners=cv2.perspectiveTransform(code.corners[None], matrix)[0])
        for code in one.codes
    )


def taken(
    picture: Gray, draw: Draw, *, light: float = 0.95, blur: float = 0.6, noise: float = 3.0
) -> Gray:
    """What a camera makes of it: darker, softer (`blur` in pixels), with noise."""
    soft = cv2.GaussianBlur(picture, (0, 0), max(0.3, blur)).astype(np.float32) * light
    grain = draw.standard_normal(picture.shape, dtype=np.float32) * noise
    return np.clip(soft + cv2.GaussianBlur(grain, (0, 0), 0.6) * 1.4, 0, 255).astype(np.uint8)


def jpeg(picture: Gray, quality: int = 82) -> bytes:
    """As a phone writes it."""
    done, data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])
    assert done
    return bytes(data)
