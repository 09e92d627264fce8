"""What reader processes do with files; called by name from doors.py, never in the server."""

import io
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import zxingcpp
from PIL import Image, ImageDraw, ImageFont

from core.intake import cut_off
from core.intake.codes import PictureCode
from core.intake.decode.pipeline import read_gray
from core.intake.opening import Page, is_pdf, open_page, page_count
from core.intake.types import Corners, PictureError, Reading

FINER = 2  # times the usual resolution: 400 dots an inch


def apply(read: Callable[[bytes], list[Reading]], path: Path) -> list[Reading]:
    """Read a file's bytes by a function of the caller's."""
    return read(_bytes(path))


def count_pages(path: Path) -> int:
    """How many pages the file has; 1 for a picture."""
    return page_count(_bytes(path))


def read_page(path: Path, page: int) -> Reading:
    """The codes of one page. One of a PDF with bars that gave no code, or with nothing, is drawn
    again: small bars have less than two pixels a module at the usual resolution."""
    data = _bytes(path)
    opened = open_page(data, page)
    first = cut_off.with_missing(read_gray(opened.gray), opened.missing)
    if not is_pdf(data) or (first.codes and not first.unread):
        return first
    return _both(first, read_gray(open_page(data, page, finer=FINER).gray))


def _both(first: Reading, finer: Reading) -> Reading:
    """Two looks at a page, in the pixels of the first."""
    scale = first.width / finer.width

    def smaller(corners: Corners) -> Corners:
        return tuple((x * scale, y * scale) for x, y in corners)

    texts = {code.text for code in finer.codes}
    codes = [replace(code, corners=smaller(code.corners)) for code in finer.codes]
    codes += [code for code in first.codes if code.text not in texts]
    unread = tuple(replace(one, corners=smaller(one.corners)) for one in finer.unread)
    return replace(first, codes=tuple(codes), unread=unread, ms=first.ms + finer.ms)


def size(path: Path) -> tuple[int, int]:
    """Width and height of the first page, upright, in pixels."""
    height, width = _opened(path, 0).gray.shape
    return width, height


def thumbnail(path: Path, page: int, side: int) -> bytes:
    """A small upright JPEG of a page."""
    image = Image.fromarray(_opened(path, page).gray)
    image.thumbnail((side, side))
    return _jpeg(image, 80)


def part(path: Path, corners: Corners, width: int, around: float, side: int) -> bytes:
    """A JPEG of what lies around a code. `corners` are in pixels of a picture `width` pixels wide,
    of which this one is a copy; `around`: of the code's longer side, to each side. Turned by
    quarters until the code in its middle is upright, where that can be read."""
    image = Image.fromarray(_opened(path, 0).gray)
    scale = image.width / width
    across, down = ([one[axis] * scale for one in corners] for axis in (0, 1))
    more = around * max(max(across) - min(across), max(down) - min(down))
    left, top = int(max(0, min(across) - more)), int(max(0, min(down) - more))
    right, bottom = min(image.width, max(across) + more), min(image.height, max(down) + more)
    if right - left < 1 or bottom - top < 1:
        raise PictureError(PictureCode.NOT_IN_PICTURE)
    cut = _upright(image.crop((left, top, int(right), int(bottom))))
    cut.thumbnail((side, side))
    return _jpeg(cut, 85)


def _upright(cut: Image.Image) -> Image.Image:
    """A photo may lie upside down, and the corners of a code do not tell where it begins."""
    found = zxingcpp.read_barcodes(cut, try_downscale=False)
    middle = cut.width / 2 + 1j * cut.height / 2

    def away(code: zxingcpp.Barcode) -> float:
        place = code.position
        ends = place.top_left, place.bottom_right
        return abs(sum(one.x + 1j * one.y for one in ends) / 2 - middle)

    turns = round(min(found, key=away).orientation / 90) % 4 if found else 0
    return cut.rotate(90 * turns, expand=True)


def captioned(path: Path, caption: str, font_file: Path, side: int) -> bytes:
    """The first page as JPEG with the caption written into a black strip below it."""
    image = Image.fromarray(_opened(path, 0).gray)
    image.thumbnail((side, side))
    height = max(14, image.width // 40)
    font = ImageFont.truetype(str(font_file), height)
    while height > 8 and font.getlength(caption) > image.width - 2 * height:
        height -= 1
        font = ImageFont.truetype(str(font_file), height)
    whole = Image.new("L", (image.width, image.height + 2 * height), 0)
    whole.paste(image.convert("L"), (0, 0))
    ImageDraw.Draw(whole).text((height, image.height + height // 2), caption, font=font, fill=255)
    return _jpeg(whole, 85)


SIZE = re.compile(r'<svg width="(\d+)" height="(\d+)"')


def bars(text: str) -> str:
    """A Code 128 as SVG with its text under it. Raises PictureError for what it cannot carry."""
    try:
        code = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.Code128)
    except ValueError:
        raise PictureError(PictureCode.NO_BARS) from None
    drawing = str(code.to_svg(scale=3, add_hrt=True))
    drawing = drawing[drawing.index("<svg") :]
    # Without it a page that makes the picture narrower shows the first bars only.
    return SIZE.sub(r'\g<0> viewBox="0 0 \1 \2"', drawing, count=1)


def _opened(path: Path, page: int) -> Page:
    return open_page(_bytes(path), page)


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise PictureError(
            PictureCode.CANNOT_BE_OPENED, name=path.name, said=error.strerror
        ) from error


def _jpeg(image: Image.Image, quality: int) -> bytes:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=quality)
    return out.getvalue()
