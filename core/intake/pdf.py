"""Draws the pages of a PDF: at a label printer's resolution, within the reader's limits."""

import math

import numpy as np
import pypdfium2
import pypdfium2.raw

from core.intake.codes import PictureCode
from core.intake.types import Gray, PictureError
from core.intake.vision import MAX_PIXELS

Edges = tuple[float, float, float, float]

HEAD = b"%PDF-"
HEAD_WITHIN = 1024  # bytes: what a mailer or a portal put before it, readers of PDF step over
DPI = 200
SMALLEST = 1_200  # pixels of the longer side: pages in other units than points look tiny
LONGEST = 30_000  # pixels of a page's longer side, as it is drawn
MOST_PIXELS = MAX_PIXELS // 4  # a larger page (a plan, a sheet of labels) is drawn coarser
OVERVIEW, WHITE, EDGE = 3_000, 250, 4  # pixels, gray, and pixels left white around what is there
NOWHERE: Edges = (0.0, 0.0, 0.0, 0.0)


def begins_in(data: bytes) -> bool:
    """Whether a PDF begins in the first kilobyte; a photo's header can hold such a word as well."""
    return HEAD in data[: HEAD_WITHIN + len(HEAD)]


def page_count(data: bytes) -> int:
    """How many pages there are. Raises PictureError."""
    with _document(data) as document:
        return len(document)


def page(data: bytes, index: int, finer: int = 1) -> Gray:
    """One page, `finer` times the usual resolution as far as the limits allow.

    Raises PictureError.
    """
    with _document(data) as document:
        if not 0 <= index < len(document):
            raise PictureError(PictureCode.NO_PAGE)
        try:
            return _drawn(document[index], finer)
        except pypdfium2.PdfiumError as error:
            raise PictureError(PictureCode.BROKEN_PDF) from error


def _document(data: bytes) -> pypdfium2.PdfDocument:
    try:
        return pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        locked = error.err_code == pypdfium2.raw.FPDF_ERR_PASSWORD
        code = PictureCode.LOCKED_PDF if locked else PictureCode.BROKEN_PDF
        raise PictureError(code) from error


def _drawn(page: pypdfium2.PdfPage, finer: int) -> Gray:
    width, height = page.get_size()
    if not (width > 0 and height > 0):
        raise PictureError(PictureCode.BROKEN_PDF)
    usual = max(DPI / 72, SMALLEST / max(width, height)) * finer
    scale = min(usual, _most(width, height))
    if min(width, height) * scale < 1:
        raise PictureError(PictureCode.TOO_SMALL)
    if scale >= DPI / 72:
        return _rendered(page, scale, NOWHERE)
    left, bottom, right, top = edges = _white_edges(page, width, height)
    return _rendered(page, min(usual, _most(width - left - right, height - bottom - top)), edges)


def _most(width: float, height: float) -> float:
    """The most pixels a point that the limits allow for so large a part of a page."""
    return min(LONGEST / max(width, height), math.sqrt(MOST_PIXELS / (width * height)))


def _white_edges(page: pypdfium2.PdfPage, width: float, height: float) -> Edges:
    """What may be cut off a page too large to be drawn: a label in the corner of a plotter's sheet
    is all there is on it. In points; left, bottom, right, top."""
    scale = min(OVERVIEW / max(width, height), _most(width, height))
    gray = _rendered(page, scale, NOWHERE)
    rows, columns = (np.flatnonzero((gray < WHITE).any(axis=axis)) for axis in (1, 0))
    if not rows.size:
        return NOWHERE
    ends = (columns[0], gray.shape[0] - 1 - rows[-1], gray.shape[1] - 1 - columns[-1], rows[0])
    left, bottom, right, top = (max(0.0, (float(one) - EDGE) / scale) for one in ends)
    return left, bottom, right, top


def _rendered(page: pypdfium2.PdfPage, scale: float, edges: Edges) -> Gray:
    bitmap = page.render(scale=scale, grayscale=True, crop=edges)
    array = np.asarray(bitmap.to_numpy(), np.uint8)
    return np.ascontiguousarray(array[..., 0] if array.ndim == 3 else array)
