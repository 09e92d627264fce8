"""Files that a stranger may send: small, well-formed enough to be opened, and bad company."""

import io
import struct
import zipfile
import zlib
from collections.abc import Sequence

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


def pdf_of_one_page(stream: bytes, *, packed: bool = False, more: Sequence[bytes] = ()) -> bytes:
    """A PDF whose page draws this; `more`: objects 5, 6, …, named /X5, /X6, … in its resources."""
    names = b" ".join(b"/X%d %d 0 R" % (n, n) for n in range(5, 5 + len(more)))
    content = zlib.compress(stream, 9) if packed else stream
    kind = b"/Filter/FlateDecode" if packed else b""
    return _written([
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Count 1/Kids[3 0 R]>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R"
        b"/Resources<</XObject<<%s>>>>>>" % names,
        b"<</Length %d%s>>stream\n%s\nendstream" % (len(content), kind, content), *more,
    ])  # fmt: skip


def pdf_of_nested_forms(depth: int, times: int) -> bytes:
    """A page of a form that draws another so many times, and so on: `times` ** `depth` in all."""
    forms = []
    for number in range(5, 5 + depth):
        last = number == 4 + depth
        draws = b"0 0 9 9 re f " if last else b"/X%d Do " % (number + 1) * times
        inner = b"" if last else b"/XObject<</X%d %d 0 R>>" % (number + 1, number + 1)
        forms.append(
            b"<</Type/XObject/Subtype/Form/BBox[0 0 595 842]/Resources<<%s>>/Length %d>>stream\n%s"
            b"\nendstream" % (inner, len(draws), draws)
        )
    return pdf_of_one_page(b"/X5 Do", more=forms)


def pdf_of_curves(count: int) -> bytes:
    """A page of so many curves from one corner to another."""
    rng = np.random.default_rng(3)
    ends = rng.integers(0, 600, (count, 6))
    lines = [b"%d %d %d %d %d %d c" % tuple(map(int, row)) for row in ends]
    return pdf_of_one_page(b"0 0 m " + b" ".join(lines) + b" S", packed=True)


def png_with_packed_text(size: int, kind: bytes) -> bytes:
    """A small PNG with a packed chunk (zTXt, iCCP) that unpacks to `size` bytes."""
    out = io.BytesIO()
    Image.new("L", (300, 200), 200).save(out, "PNG")
    packed = b"name\0\0" + zlib.compress(bytes(size), 9)
    chunk = struct.pack(">I", len(packed)) + kind + packed
    chunk += struct.pack(">I", zlib.crc32(kind + packed))
    return out.getvalue()[:33] + chunk + out.getvalue()[33:]


def jpeg_with_exif(tiff: bytes) -> bytes:
    """An ordinary JPEG with these bytes as its Exif block."""
    data, exif = jpeg(), b"Exif\0\0" + tiff
    return data[:2] + b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif + data[2:]


EXIF_LOOP = b"II*\0\x08\0\0\0" + b"\x01\0" + b"\x69\x87\x04\0\x01\0\0\0\x08\0\0\0" + b"\x08\0\0\0"
EXIF_COUNT = b"II*\0\x08\0\0\0" + b"\x01\0" + b"\x12\x01\x03\0\xff\xff\xff\xff\x08\0\0\0" + bytes(4)


def xlsx_with_entities() -> bytes:
    """A workbook whose sheet defines entities of entities."""
    out, packed = io.BytesIO(), io.BytesIO()
    openpyxl.Workbook().save(out)
    laughs = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 9))
    with zipfile.ZipFile(out) as source, zipfile.ZipFile(packed, "w") as target:
        for name in source.namelist():
            text = source.read(name)
            if name == "xl/worksheets/sheet1.xml":
                text = f'<!DOCTYPE x [<!ENTITY e0 "ha">{laughs}]>'.encode() + text
            target.writestr(name, text)
    return packed.getvalue()


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
