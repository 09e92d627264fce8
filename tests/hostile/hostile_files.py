"""Files that a stranger may send: small, well-formed enough to be opened, and bad company."""

import io
import zipfile

import numpy as np
import openpyxl
from PIL import Image


def pdf(
    pages: int = 3, size: tuple[float, float] = (595, 842), text: str = "COLET REFUZAT"
) -> bytes:
    """A PDF with text in a standard font on each page; `size` in points."""
    lines = " ".join(f"BT /F1 12 Tf 40 {800 - 14 * n} Td ({text} {n}) Tj ET" for n in range(50))
    stream = lines.encode()
    bodies = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"",
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    kids = []
    for _ in range(pages):
        bodies.append(b"<</Length %d>>stream\n%s\nendstream" % (len(stream), stream))
        content = len(bodies)
        bodies.append(
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 %.2f %.2f]/Contents %d 0 R"
            b"/Resources<</Font<</F1 3 0 R>>>>>>" % (*size, content)
        )
        kids.append(b"%d 0 R" % len(bodies))
    bodies[1] = b"<</Type/Pages/Count %d/Kids[%s]>>" % (pages, b" ".join(kids))
    return _written(bodies)


def _written(bodies: list[bytes]) -> bytes:
    out, places = io.BytesIO(), []
    out.write(b"%PDF-1.4\n")
    for number, body in enumerate(bodies, 1):
        places.append(out.tell())
        out.write(b"%d 0 obj\n%s\nendobj\n" % (number, body))
    start = out.tell()
    out.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(places) + 1))
    for place in places:
        out.write(b"%010d 00000 n \n" % place)
    out.write(b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (len(places) + 1, start))
    return out.getvalue()


def jpeg(width: int = 640, height: int = 480, *, progressive: bool = False) -> bytes:
    """An ordinary gray JPEG with some noise."""
    noise = np.random.default_rng(5).integers(0, 255, (height, width), np.uint8)
    out = io.BytesIO()
    Image.fromarray(noise).save(out, "JPEG", quality=40, progressive=progressive)
    return out.getvalue()


def jpeg_of_many_scans(scans: int, width: int = 1500, height: int = 1500) -> bytes:
    """A progressive JPEG whose last scan stands there again and again."""
    whole = Image.new("L", (width, height), 128)
    out = io.BytesIO()
    whole.save(out, "JPEG", progressive=True)
    data = out.getvalue()
    last = data.rindex(b"\xff\xda")
    return data[:last] + data[last:-2] * scans + data[-2:]


def xlsx_of_one_cell(size: int) -> bytes:
    """A workbook whose only cell is `size` bytes of one letter, packed to a thousandth."""
    sheet = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    out = io.BytesIO()
    workbook = openpyxl.Workbook()
    workbook.active["A1"] = "AWB"
    workbook.save(out)
    packed = io.BytesIO()
    with (
        zipfile.ZipFile(out) as source,
        zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for name in source.namelist():
            if name != "xl/worksheets/sheet1.xml":
                target.writestr(name, source.read(name))
        with target.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as cell:
            cell.write(f'<worksheet xmlns="{sheet}"><sheetData><row r="1">'.encode())
            cell.write(b'<c r="A1" t="inlineStr"><is><t>')
            for _ in range(size // 2**20):
                cell.write(b"A" * 2**20)
            cell.write(b"</t></is></c></row></sheetData></worksheet>")
    return packed.getvalue()
