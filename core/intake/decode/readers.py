"""The barcode readers: zxing-cpp first, pyzbar as second opinion where libzbar0 is there."""

import functools
import math
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import numpy as np
import zxingcpp
from numpy.typing import NDArray

from core.intake.types import Corners, Gray

F = zxingcpp.BarcodeFormat
LINEAR = [
    F.Code128, F.Code39, F.Code93, F.Codabar, F.ITF, F.EAN13, F.EAN8, F.UPCA, F.UPCE,
]  # fmt: skip
SQUARE = [F.QRCode, F.MicroQRCode, F.DataMatrix, F.PDF417, F.Aztec, F.MaxiCode]
PATCHES = [F.QRCode, F.DataMatrix, F.PDF417, F.Aztec]  # what else there is stands alone on white
SQUARE_ALONE = [F.QRCode, F.DataMatrix, F.Aztec]
PDF417 = [F.PDF417]
QR = [F.QRCode]
AZTEC = [F.Aztec]
QUIET, DRAWN = 3, 3  # modules around those that are known, and pixels of one
LINEAR_NAMES = frozenset(
    {"Code128", "Code39", "Code93", "Codabar", "ITF", "EAN13", "EAN8", "UPCA", "UPCE"}
)
SQUARE_NAMES = frozenset({"QRCode", "MicroQRCode", "DataMatrix", "PDF417", "Aztec", "MaxiCode"})
FORMATS = LINEAR_NAMES | SQUARE_NAMES

# What each kind needs before it is believed: its check digit is weak or absent (docs/reading.md).
NEEDS_TWO = frozenset({"EAN13", "EAN8", "UPCA", "UPCE", "ITF", "Code39", "Codabar", "Code93"})
RETAIL = frozenset({"EAN13", "EAN8", "UPCA", "UPCE"})
SHORTEST = {"ITF": 6, "Code39": 4, "Codabar": 5, "Code128": 4, "Code93": 4}


@dataclass(frozen=True)
class ReaderFound:
    """One reader's word about one place. `corners` in pixels of what it was given."""

    text: str
    format: str
    corners: Corners


def wanted(formats: Collection[str] | None) -> frozenset[str]:
    """The names asked for, by default all. Raises ValueError for one that is not known."""
    names = FORMATS if formats is None else frozenset(formats)
    if unknown := sorted(names - FORMATS):
        raise ValueError(f"Not a barcode format: {', '.join(unknown)}; known: {sorted(FORMATS)}")
    return names


def zxing(
    image: Gray,
    formats: list[Any],
    *,
    thorough: bool,
    one_threshold: bool = False,
    turns: bool | None = None,
    shrinks: bool = True,
) -> list[ReaderFound]:
    """zxing-cpp; `thorough` turns, shrinks and inverts the picture as well, where `turns` and
    `shrinks` do not say otherwise. `one_threshold` parts bars from spaces by one brightness a line
    instead of the brightness nearby."""
    binarizer = zxingcpp.Binarizer
    found = zxingcpp.read_barcodes(
        image,
        formats=zxingcpp.BarcodeFormats(formats),
        binarizer=binarizer.GlobalHistogram if one_threshold else binarizer.LocalAverage,
        try_rotate=thorough if turns is None else turns,
        try_downscale=thorough and shrinks,
        try_invert=thorough,
        text_mode=zxingcpp.TextMode.Plain,
    )
    return [_found(one) for one in found if one.valid and _long_enough(one)]


@dataclass(frozen=True)
class BrokenQR:
    """A QR code whose place zxing-cpp found (corners from its top left on, in pixels of what it was
    given) and whose modules it read wrongly; how many it has on a side."""

    corners: Corners
    modules: int

    @property
    def side(self) -> float:
        """Pixels of its upper side."""
        return math.dist(self.corners[0], self.corners[1])


def broken_qr(image: Gray) -> list[BrokenQR]:
    """QR codes that zxing-cpp finds and cannot read, largest first."""
    found = zxingcpp.read_barcodes(
        image,
        formats=zxingcpp.BarcodeFormats(QR),
        try_rotate=False,
        try_downscale=False,
        try_invert=False,
        return_errors=True,
    )
    broken = []
    for one in found:
        version = str(one.extra.get("Version", "")) if isinstance(one.extra, dict) else ""
        if not one.valid and version.isdigit():
            broken.append(BrokenQR(_found(one).corners, 17 + 4 * int(version)))
    return sorted(broken, key=lambda place: -place.side)


@dataclass(frozen=True)
class ModulesRead:
    """What clean modules say, and where the code lies among them (column and row, 0 where the first
    one begins); the share of its check words, in a hundred of all, and how much of what these could
    mend was not needed: 1 = nothing was mended."""

    text: str
    corners: Corners
    check: int
    spare: float


def modules(dark: NDArray[np.bool_], formats: list[Any]) -> list[ModulesRead]:
    """zxing-cpp on modules that are known one by one (rows x columns)."""
    clean = np.where(np.pad(dark, QUIET), 0, 255).astype(np.uint8)
    found = zxingcpp.read_barcodes(
        np.kron(clean, np.ones((DRAWN, DRAWN), np.uint8)),
        formats=zxingcpp.BarcodeFormats(formats),
        try_rotate=False,
        try_downscale=False,
        try_invert=False,
        text_mode=zxingcpp.TextMode.Plain,
    )
    return [
        ModulesRead(
            one.text,
            tuple((x / DRAWN - QUIET, y / DRAWN - QUIET) for x, y in _found(one).corners),
            _number(one.extra.get("ECLevel")),
            float(one.extra.get("UEC", 0)),
        )
        for one in found
        if one.valid and one.text and isinstance(one.extra, dict)
    ]


def _number(percent: object) -> int:
    digits = str(percent).rstrip("%")
    return int(digits) if digits.isdigit() else 0


def _found(one: Any) -> ReaderFound:
    place = one.position
    points = (place.top_left, place.top_right, place.bottom_right, place.bottom_left)
    corners = tuple((float(point.x), float(point.y)) for point in points)
    return ReaderFound(one.text, name_of(one), corners)


def name_of(one: Any) -> str:
    """The format's name without punctuation: "QRCode", "EAN13"."""
    return str(one.format).replace(" ", "").replace("-", "")  # its own words: "EAN-13"


def _long_enough(one: Any) -> bool:
    return len(one.text) >= SHORTEST.get(name_of(one), 1)


@functools.cache
def _pyzbar() -> Any:
    try:
        from pyzbar import pyzbar
    except (ImportError, OSError):  # the wheel holds no libzbar
        return None
    return pyzbar


ZBAR_NAMES = {
    "CODE128": "Code128", "CODE39": "Code39", "CODE93": "Code93", "I25": "ITF",
    "CODABAR": "Codabar", "EAN13": "EAN13", "EAN8": "EAN8", "UPCA": "UPCA", "UPCE": "UPCE",
}  # fmt: skip


def zbar(image: Gray) -> list[ReaderFound]:
    """pyzbar, one-dimensional codes only (it garbles QR text); [] without libzbar0."""
    module = _pyzbar()
    if module is None:
        return []
    # Its DataBar decoder prints assertions to stderr: name the symbols.
    symbols = [getattr(module.ZBarSymbol, name) for name in ZBAR_NAMES]
    decoded = module.decode(np.ascontiguousarray(image), symbols=symbols)
    return [
        ReaderFound(
            one.data.decode("utf-8", errors="replace"), ZBAR_NAMES[one.type], _rectangle(one.rect)
        )
        for one in decoded
        if len(one.data) >= SHORTEST.get(ZBAR_NAMES[one.type], 1)
    ]


def _rectangle(rect: Any) -> Corners:
    x, y, w, h = (float(value) for value in rect)
    return ((x, y), (x + w, y), (x + w, y + h), (x, y + h))


def readers_available() -> dict[str, str | None]:
    """Each reader, with None or a sentence on what to install."""
    missing = None if _pyzbar() else "not there: install libzbar0 (apt-get install libzbar0)"
    return {"zxing-cpp": None, "pyzbar": missing}
