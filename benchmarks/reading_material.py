"""What the reading benchmarks share: the photo material, the readers compared, the order book."""

import csv
import json
import os
import random
import re
import string
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import simplejpeg

from core.intake import Reading, open_picture, read
from core.intake.decode.readers import LINEAR, SQUARE, zbar, zxing

ROOT = Path(__file__).resolve().parent.parent
SHARED = Path(os.environ.get("REFUZ_SHARED", ROOT.parent / "shared"))
OTHER_ORDERS = 100_000  # random numbers in the order book, besides those on the labels


@dataclass(frozen=True)
class Drawn:
    """A drawn photo. `wanted`: tracking codes in view; `truth`: all texts on it; `codes`: role,
    sym, text, quad as the generator wrote them."""

    path: Path
    kind: str
    level: int
    wanted: tuple[str, ...]
    truth: frozenset[str]
    codes: tuple[dict[str, Any], ...]


def draw(
    folder: Path, *, phone: int, webcam: int, seed: int, levels: str = "1-5", quiet: bool = False
) -> list[Drawn]:
    """Draw label photos with truth, by the script of the material, so many a level."""
    counts = ["--phone", str(phone), "--webcam", str(webcam), "--seed", str(seed)]
    script = SHARED / "photos" / "make_labels.py"
    if not quiet:
        print(f"drawing {phone} phone and {webcam} webcam photos for each of levels {levels} …")
    subprocess.run(
        [sys.executable, str(script), str(folder), "--levels", levels, *counts], check=True
    )
    return drawn_in(folder)


def drawn_in(folder: Path) -> list[Drawn]:
    """The photos of a folder that draw() filled, also when it was moved since."""
    lines = (folder / "truth.jsonl").read_text(encoding="utf-8").splitlines()
    return [_drawn(folder, json.loads(line)) for line in lines]


def _drawn(folder: Path, line: dict[str, Any]) -> Drawn:
    codes = tuple(line["codes"])
    return Drawn(
        folder / Path(line["path"]).name,
        line["kind"],
        line["level"],
        tuple(code["text"] for code in codes if code["role"] == "awb"),
        frozenset(code["text"] for code in codes),
        codes,
    )


def order_book(photos: Iterable[Drawn], seed: int) -> frozenset[str]:
    """The tracking numbers a shop knows: those on the labels, and many more of the same forms, so
    that a wrong weak text has something to match by chance."""
    ours = {text for photo in photos for text in photo.wanted}
    draw = random.Random(seed)
    forms = sorted({re.sub("[A-Z]", "A", re.sub(r"\d", "0", text)) for text in ours}) or ["0" * 13]
    others = (
        "".join(map(draw.choice, map(_alphabet, draw.choice(forms)))) for _ in range(OTHER_ORDERS)
    )
    return frozenset(ours | set(others))


def _alphabet(sign: str) -> str:
    return {"0": string.digits, "A": string.ascii_uppercase}.get(sign, sign)


def accepted(reading: Reading, book: frozenset[str]) -> set[str]:
    """What the desk takes: sure texts, and weak ones that are an order's number."""
    return {code.text for code in reading.codes if code.confidence == "sure" or code.text in book}


# ---------------------------------------------------------------- the readers compared

Texts = Callable[[bytes], set[str]]


def by_us(data: bytes) -> set[str]:
    """The whole pipeline, without an order book: all it read, weak or sure."""
    return {code.text for code in read(data).codes}


def by_zxing(data: bytes) -> set[str]:
    """zxing-cpp alone, all formats, the whole frame."""
    gray = open_picture(data)[0].gray
    return {found.text for found in zxing(gray, LINEAR + SQUARE, thorough=True)}


def by_pyzbar(data: bytes) -> set[str]:
    """Pyzbar alone, the whole frame, one-dimensional."""
    return {found.text for found in zbar(open_picture(data)[0].gray)}


def cpu(work: Callable[[], object]) -> float:
    """CPU milliseconds of one call."""
    began = time.process_time()
    work()
    return (time.process_time() - began) * 1000


def jpeg_cpu(data: bytes) -> float:
    """CPU milliseconds of decoding a JPEG to gray: the measure for all costs."""
    return max(0.1, min(cpu(lambda: simplejpeg.decode_jpeg(data, "GRAY")) for _ in range(3)))


# ---------------------------------------------------------------- real photos

Row = dict[str, str]


def real_rows() -> tuple[Path, dict[str, list[Row]]]:
    """The folder of real photos, and the truth's rows by file."""
    folder = SHARED / "photos" / "real"
    rows: dict[str, list[Row]] = defaultdict(list)
    with (folder / "truth.csv").open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            rows[row["file"]].append(row)
    return folder, rows


def same(text: str, row: Row) -> bool:
    """The truth or its second code. Product codes without leading zeros (UPC-A is an EAN-13) and
    UPC-E written out; Codabar without its start and stop letters."""
    wanted = {row["text"].strip(), row["also"].strip()} - {""}
    if row["symbology"] == "ean":
        full = wanted | {_written_out(one) for one in wanted if len(one) == 8}
        return text.lstrip("0") in {one.lstrip("0") for one in full}
    if row["symbology"] == "codabar":
        return text.strip("ABCD") in {one.strip("ABCD") for one in wanted}
    return text in wanted


def _written_out(upce: str) -> str:
    """UPC-E (8 digits) as UPC-A, by the GS1 General Specifications, 5.2.2.4."""
    system, body, check = upce[0], upce[1:7], upce[7]
    last = body[5]
    if last in "012":
        middle = body[:2] + last + "0000" + body[2:5]
    elif last == "3":
        middle = body[:3] + "00000" + body[3:5]
    elif last == "4":
        middle = body[:4] + "00000" + body[4]
    else:
        middle = body[:5] + "0000" + last
    return system + middle + check
