"""Opens a picture safely: limits before decoding, upright, gray, whatever the format."""

import io
import warnings
from dataclasses import dataclass

import numpy as np
import pillow_heif
import pypdfium2
import simplejpeg
from PIL import Image, ImageOps, UnidentifiedImageError

from core.intake.codes import PictureCode
from core.intake.jpeg import check_scans
from core.intake.types import Gray, PictureError
from core.intake.vision import MAX_PIXELS, cv2

MAX_BYTES = 40 * 1024 * 1024
MAX_PAGES = 60
PDF_DPI = 200
SHORTEST_SIDE, LONGEST_SIDE = 16, 30_000  # pixels of a PDF's page, as it is drawn
# A few kilobytes that call themselves a hundred megapixels are a damaged header or a bomb; even a
# blank scan is not packed so tightly.
LARGE = 16_000_000  # pixels
MOST_PIXELS_A_BYTE = 2_000
FORMATS = ("JPEG", "PNG", "WEBP", "TIFF", "HEIF", "BMP", "GIF", "MPO")
ORIENTATION = 274  # the EXIF tag

Image.MAX_IMAGE_PIXELS = MAX_PIXELS
pillow_heif.register_heif_opener(thumbnails=False)

TOO_LARGE = PictureCode.TOO_LARGE
NO_PICTURE = PictureCode.NO_PICTURE
NO_PAGE = PictureCode.NO_PAGE
BROKEN_PDF = PictureCode.BROKEN_PDF
BROKEN = PictureCode.BROKEN


@dataclass(frozen=True)
class Page:
    """One upright picture: `gray` is uint8, height x width."""

    gray: Gray
    index: int = 0


def open_picture(data: bytes) -> list[Page]:
    """The pages of a picture or PDF. Raises PictureError with a sentence that says what to do."""
    pages = page_count(data)
    if pages > MAX_PAGES:
        raise PictureError(PictureCode.TOO_MANY_PAGES, limit=MAX_PAGES)
    return [open_page(data, page) for page in range(pages)]


def page_count(data: bytes) -> int:
    """How many pages a PDF has; 1 for every other file. Raises PictureError."""
    _check_size(data)
    if not data.startswith(b"%PDF-"):
        return 1
    with _document(data) as document:
        return len(document)


def open_page(data: bytes, page: int = 0) -> Page:
    """One page of a PDF, or the picture itself as page 0: a large PDF is never held whole.

    Raises PictureError with a sentence that says what to do.
    """
    _check_size(data)
    if data.startswith(b"%PDF-"):
        return _pdf_page(data, page)
    if page:
        raise PictureError(NO_PAGE)
    return _picture(data)


def _check_size(data: bytes) -> None:
    if not data:
        raise PictureError(PictureCode.EMPTY)
    if len(data) > MAX_BYTES:
        raise PictureError(PictureCode.FILE_TOO_LARGE)


def _picture(data: bytes) -> Page:
    head = data[:512].lstrip().lower()
    if head.startswith((b"<svg", b"<?xml", b"<!doctype")):
        raise PictureError(PictureCode.DRAWING)
    orientation = _look(data)
    if data.startswith(b"\xff\xd8"):
        check_scans(data)
        gray = _jpeg(data)
        if gray is not None:
            return Page(_upright(gray, orientation))
    return Page(_with_pillow(data))


def _look(data: bytes) -> int:
    """Check format and size from the header alone; give the EXIF orientation."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=FORMATS) as image:
                pixels = image.width * image.height
                if pixels > MAX_PIXELS:
                    raise PictureError(TOO_LARGE)
                if pixels > LARGE and pixels > MOST_PIXELS_A_BYTE * len(data):
                    raise PictureError(BROKEN)
                return int(image.getexif().get(ORIENTATION, 1) or 1)
    except PictureError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise PictureError(TOO_LARGE) from error
    except UnidentifiedImageError as error:
        raise PictureError(NO_PICTURE) from error
    except Exception as error:  # decoders raise anything on broken files
        raise PictureError(BROKEN) from error


def _jpeg(data: bytes) -> Gray | None:
    """The fast way; None where the decoder will not have it (a cut-off file, CMYK)."""
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


def _with_pillow(data: bytes) -> Gray:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(data), formats=FORMATS) as image:
                image.seek(0)
                gray = _gray(ImageOps.exif_transpose(image) or image)
    except PictureError:
        raise
    except Exception as error:  # decoders raise anything on broken files
        raise PictureError(BROKEN) from error
    return gray


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


def _document(data: bytes) -> pypdfium2.PdfDocument:
    try:
        return pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        raise PictureError(BROKEN_PDF) from error


def _pdf_page(data: bytes, index: int) -> Page:
    with _document(data) as document:
        if not 0 <= index < len(document):
            raise PictureError(NO_PAGE)
        try:
            return Page(_rendered(document[index]), index)
        except pypdfium2.PdfiumError as error:
            raise PictureError(BROKEN_PDF) from error


def _rendered(page: pypdfium2.PdfPage) -> Gray:
    width, height = page.get_size()
    scale = PDF_DPI / 72
    shorter, longer = sorted((width * scale, height * scale))
    if shorter < SHORTEST_SIDE or longer > LONGEST_SIDE or shorter * longer > MAX_PIXELS / 4:
        raise PictureError(TOO_LARGE)
    bitmap = page.render(scale=scale, grayscale=True)
    array = np.asarray(bitmap.to_numpy(), np.uint8)
    return np.ascontiguousarray(array[..., 0] if array.ndim == 3 else array)
