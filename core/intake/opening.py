"""Opens a picture safely: limits before decoding, upright, gray, whatever the format.

A file of several pictures (a scanner's TIFF, a GIF, a HEIC of two photos) has them as pages.
"""

import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import pillow_heif
import simplejpeg
from PIL import Image, ImageOps, UnidentifiedImageError

from core.intake import cut_off, pdf
from core.intake.codes import PictureCode
from core.intake.jpeg import check_scans
from core.intake.types import Box, Gray, PictureError
from core.intake.vision import MAX_PIXELS, cv2

MAX_BYTES = 40 * 1024 * 1024
MAX_PAGES = 60
NARROWEST = 16  # pixels: no label is read in less
MOST_FRAMES = 60  # of an animation: each is drawn upon all before it
# A few kilobytes that call themselves a hundred megapixels are a damaged header or a bomb; even a
# blank scan is not packed so tightly.
LARGE = 16_000_000  # pixels
MOST_PIXELS_A_BYTE = 2_000
FORMATS = ("JPEG", "PNG", "WEBP", "TIFF", "HEIF", "AVIF", "BMP", "GIF")  # MPO comes as JPEG
PAGED = ("TIFF", "HEIF")  # of MPO the second picture is a preview, a depth map or the other eye
ANIMATED = ("GIF", "WEBP", "PNG", "AVIF")
ORIENTATION = 274  # the EXIF tag
SUBFILE, REDUCED, MASK = 254, 1, 4  # the TIFF tag: what is no page of its own

MAGIC = (b"\xff\xd8", b"\x89PNG", b"RIFF", b"II", b"MM", b"GIF8")  # pictures begin so

Image.MAX_IMAGE_PIXELS = MAX_PIXELS
pillow_heif.register_heif_opener(thumbnails=False)

TOO_LARGE = PictureCode.TOO_LARGE
NO_PICTURE = PictureCode.NO_PICTURE
NO_PAGE = PictureCode.NO_PAGE
BROKEN = PictureCode.BROKEN


@dataclass(frozen=True)
class Page:
    """One upright picture: `gray` is uint8, height x width.

    `missing`: what a file that ends too early has not, in its pixels; painted white."""

    gray: Gray
    index: int = 0
    missing: Box | None = None


def open_picture(data: bytes) -> list[Page]:
    """The pages of a picture or PDF. Raises PictureError with a sentence that says what to do."""
    pages = page_count(data)
    if pages > MAX_PAGES:
        raise PictureError(PictureCode.TOO_MANY_PAGES, limit=MAX_PAGES)
    return [open_whole(data, page) for page in range(pages)]


def page_count(data: bytes) -> int:
    """How many pages a PDF or a file of pictures has. Raises PictureError."""
    _check_size(data)
    if is_pdf(data):
        return pdf.page_count(data)
    if data.startswith(b"\xff\xd8"):
        return 1
    return len(_frames(data))


def open_whole(data: bytes, page: int = 0) -> Page:
    """As open_page; PictureError for a file that ends too early as well."""
    found = open_page(data, page)
    if found.missing is not None:
        raise PictureError(PictureCode.CUT_OFF)
    return found


def open_page(data: bytes, page: int = 0, *, finer: int = 1) -> Page:
    """One page of a PDF or of a file of pictures: a large file is never held whole.

    `finer`: times the usual resolution, for pages of a PDF. Raises PictureError with a sentence
    that says what to do.
    """
    _check_size(data)
    found = Page(pdf.page(data, page, finer), page) if is_pdf(data) else _picture(data, page)
    if min(found.gray.shape) < NARROWEST:
        raise PictureError(PictureCode.TOO_SMALL)
    return found


def is_pdf(data: bytes) -> bool:
    """Whether the bytes are a PDF, also where a mailer's or a portal's words stand before it."""
    if data.startswith(pdf.HEAD):
        return True
    return pdf.begins_in(data) and not data.startswith(MAGIC) and data[4:8] != b"ftyp"


def _check_size(data: bytes) -> None:
    if not data:
        raise PictureError(PictureCode.EMPTY)
    if len(data) > MAX_BYTES:
        raise PictureError(PictureCode.FILE_TOO_LARGE)


def _picture(data: bytes, page: int) -> Page:
    """One page, gray and upright; of a file that is cut what there is. Raises PictureError."""
    head = data[:512].lstrip().lower()
    if head.startswith((b"<svg", b"<?xml", b"<!doctype")):
        raise PictureError(PictureCode.DRAWING)
    if data.startswith(b"\xff\xd8"):
        if page:
            raise PictureError(NO_PAGE)
        orientation = _look(data)
        check_scans(data)
        gray = _jpeg(data)
        if gray is not None:
            return Page(_upright(gray, orientation))
        part = cut_off.jpeg(data)
        return _part(*part, orientation) if part else Page(_with_pillow(data, 0))
    frames = _frames(data)
    if page >= len(frames):
        raise PictureError(NO_PAGE)
    try:
        return Page(_with_pillow(data, frames[page]), page)
    except PictureError:
        cut = _cut_png(data)
        if cut is None:
            raise
        return cut


def _cut_png(data: bytes) -> Page | None:
    with _opened(data):
        part = cut_off.png(data)
        if part is None:
            return None
        image, rows = part
        return _part(_gray(image), rows, int(image.getexif().get(ORIENTATION, 1) or 1))


def _part(gray: Gray, rows: int, orientation: int) -> Page:
    """The upper part of a picture that is cut, upright."""
    if rows >= gray.shape[0]:
        return Page(_upright(gray, orientation))
    gone = np.zeros_like(gray)
    gone[rows:] = 1
    below, right = (np.flatnonzero(_upright(gone, orientation).any(axis=axis)) for axis in (1, 0))
    box = (float(right[0]), float(below[0]), float(right[-1] + 1), float(below[-1] + 1))
    return Page(_upright(cut_off.with_paper(gray, rows), orientation), missing=box)


def _look(data: bytes) -> int:
    """Check format and size from the header alone; give the EXIF orientation."""
    with _opened(data) as image:
        return int(image.getexif().get(ORIENTATION, 1) or 1)


def _frames(data: bytes) -> list[int]:
    """Which of a file's pictures are pages. Raises PictureError."""
    with _opened(data) as image:
        count = int(getattr(image, "n_frames", 1))
        if count == 1 or image.format not in PAGED + ANIMATED:
            return [0]
        if image.format in ANIMATED and count > MOST_FRAMES:
            raise PictureError(PictureCode.TOO_MANY_PAGES, limit=MOST_FRAMES)
        if image.format != "TIFF":
            return list(range(count))
        return [at for at in range(count) if not at or _is_page(image, at)]


def _is_page(image: Image.Image, at: int) -> bool:
    """A TIFF may hold a page's preview or its mask beside it."""
    image.seek(at)
    return not int(image.getexif().get(SUBFILE, 0) or 0) & (REDUCED | MASK)


@contextmanager
def _opened(data: bytes) -> Iterator[Image.Image]:
    """The picture with nothing of it decoded, its size within the limits; every error a word."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=FORMATS) as image:
                _check_pixels(image, len(data))
                yield image
    except PictureError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise PictureError(TOO_LARGE) from error
    except UnidentifiedImageError as error:
        raise PictureError(NO_PICTURE) from error
    except Exception as error:  # decoders raise anything on broken files
        raise PictureError(BROKEN) from error


def _check_pixels(image: Image.Image, size: int) -> None:
    pixels = image.width * image.height
    if pixels > MAX_PIXELS:
        raise PictureError(TOO_LARGE)
    if pixels > LARGE and pixels > MOST_PIXELS_A_BYTE * size:
        raise PictureError(BROKEN)


def _jpeg(data: bytes) -> Gray | None:
    """The fast way; None where the decoder will not have it (a cut file, CMYK)."""
    try:
        decoded = simplejpeg.decode_jpeg(data, "GRAY")[..., 0]
    except ValueError:
        return None
    return np.ascontiguousarray(decoded)


def _upright(gray: Gray, orientation: int) -> Gray:
    """Turn (and mirror) as EXIF says."""
    if orientation in (2, 4, 5, 7):
        gray = np.asarray(cv2.flip(gray, 1), np.uint8)
        orientation = {2: 1, 4: 3, 5: 8, 7: 6}[orientation]
    turns = {3: cv2.ROTATE_180, 6: cv2.ROTATE_90_CLOCKWISE, 8: cv2.ROTATE_90_COUNTERCLOCKWISE}
    if orientation in turns:
        return np.asarray(cv2.rotate(gray, turns[orientation]), np.uint8)
    return gray


def _with_pillow(data: bytes, frame: int) -> Gray:
    with _opened(data) as image:
        image.seek(frame)
        _check_pixels(image, len(data))
        return _gray(ImageOps.exif_transpose(image) or image)


def _gray(image: Image.Image) -> Gray:
    if image.mode.startswith("I") or image.mode == "F":  # 16 bits and more
        values = np.asarray(image, np.float32)
        top = float(values.max()) or 1.0
        return np.ascontiguousarray((values * (255.0 / top)).clip(0, 255).astype(np.uint8))
    if image.mode in ("RGBA", "LA", "PA", "P"):  # what shines through is white paper
        layered = image.convert("RGBA")
        paper = Image.new("RGBA", layered.size, "white")
        image = Image.alpha_composite(paper, layered)
    return np.ascontiguousarray(np.asarray(image.convert("L"), np.uint8))
