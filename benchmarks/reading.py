"""How well and how dearly labels are read: ours beside zxing-cpp and pyzbar, in one run.

    python -m benchmarks.reading --photos 6 --seed 7000

Needs the photo material (`../shared/photos`, or STORNO_SHARED); says so when it is not there.
"""

import argparse
import csv
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path
from statistics import median

import simplejpeg

from core.intake import PictureError, open_picture, read, read_frame
from core.intake.readers import LINEAR, SQUARE, zbar, zxing

ROOT = Path(__file__).resolve().parent.parent
SHARED = Path(os.environ.get("STORNO_SHARED", ROOT.parent / "shared"))
KINDS = {"ean": "EAN", "code128": "1-D", "code39": "1-D", "code93": "1-D", "itf": "1-D",
         "codabar": "1-D", "none": "none"}  # fmt: skip

Texts = Callable[[bytes], set[str]]


def by_us(data: bytes) -> set[str]:
    """What the ladder accepts."""
    return {code.text for code in read(data).codes}


def by_zxing(data: bytes) -> set[str]:
    """zxing-cpp alone, all formats, the whole frame."""
    gray = open_picture(data)[0].gray
    return {found.text for found in zxing(gray, LINEAR + SQUARE, thorough=True)}


def by_pyzbar(data: bytes) -> set[str]:
    """pyzbar alone, the whole frame, one-dimensional."""
    return {found.text for found in zbar(open_picture(data)[0].gray)}


READERS: dict[str, Texts] = {"ours": by_us, "zxing-cpp": by_zxing, "pyzbar": by_pyzbar}


def cpu(work: Callable[[], object]) -> float:
    """CPU milliseconds of one call."""
    began = time.process_time()
    work()
    return (time.process_time() - began) * 1000


def draw(folder: Path, photos: int, seed: int) -> list[dict]:
    """Draw label photos with truth, by the script of the shared material."""
    script = SHARED / "photos" / "make_labels.py"
    counts = ["--phone", str(photos), "--webcam", str(photos), "--seed", str(seed)]
    subprocess.run([sys.executable, str(script), str(folder), *counts], check=True)
    return [json.loads(line) for line in (folder / "truth.jsonl").open()]


def drawn(photos: int, seed: int) -> None:
    """Tables for drawn photos: found, wrong, what each rung added, cost."""
    found: Counter[tuple] = Counter()
    rungs: Counter[str] = Counter()
    ratios: dict[tuple, list[float]] = defaultdict(list)
    with tempfile.TemporaryDirectory() as folder:
        for picture in draw(Path(folder), photos, seed):
            data = Path(picture["path"]).read_bytes()
            place = (picture["kind"], picture["level"])
            truth = {code["text"] for code in picture["codes"]}
            wanted = [code["text"] for code in picture["codes"] if code["role"] == "awb"]
            found[*place, "in view"] += len(wanted)
            for name, reader in READERS.items():
                texts = reader(data)
                found[*place, name] += sum(text in texts for text in wanted)
                found["wrong", name] += len(texts - truth)
            rungs.update(code.rung for code in read(data).codes)
            jpeg = cpu(lambda data=data: simplejpeg.decode_jpeg(data, "GRAY"))
            way = read if picture["kind"] == "phone" else read_frame
            ratios[place].append(cpu(lambda way=way, data=data: way(data)) / max(jpeg, 0.1))
    print(f"\nDrawn photos, seed {seed}: tracking codes found, CPU / gray JPEG decoding")
    for place, values in ratios.items():
        line = "  ".join(f"{name} {found[*place, name]}" for name in ("in view", *READERS))
        print(f"  {place[0]:7} level {place[1]}: {line}  x{median(values):.1f}")
    print("  wrong texts:", {name: found["wrong", name] for name in READERS})
    print("  codes by rung:", dict(rungs.most_common()))


def real(every: int) -> None:
    """The table for real photos: right, of, wrong, by kind of code."""
    right: Counter[tuple] = Counter()
    folder = SHARED / "photos" / "real"
    with (folder / "truth.csv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    known: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in rows:
        known[row["file"]].append(row)
    rows = rows[::every]
    for row in rows:
        kind = KINDS.get(row["symbology"], "2-D")
        right[kind, "of"] += 1
        for name, reader in READERS.items():
            try:
                texts = {text.strip() for text in reader((folder / row["file"]).read_bytes())}
            except PictureError:
                texts = set()
            good = any(_same(text, row) for text in texts)
            right[kind, name] += good if kind != "none" else bool(texts)
            if all(one["also"] != "*" for one in known[row["file"]]):
                wrong = {t for t in texts if not any(_same(t, one) for one in known[row["file"]])}
                right["not in the truth", name] += len(wrong)
                if name == "ours" and wrong:
                    print("  not in the truth:", row["file"], row["text"], sorted(wrong))
    print("\nReal photos (for 'none': pictures where something was read)")
    for kind in ("EAN", "1-D", "2-D", "none", "not in the truth"):
        line = "  ".join(f"{name} {right[kind, name]}" for name in READERS)
        print(f"  {kind:5} of {right[kind, 'of']:3}: {line}")


def _same(text: str, row: dict[str, str]) -> bool:
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


def main() -> None:
    """Print all tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--photos", type=int, default=6, help="a level, phone and webcam each")
    parser.add_argument("--seed", type=int, default=7000)
    parser.add_argument("--real-every", type=int, default=1, help="1 = all real photos; 0 = none")
    options = parser.parse_args()
    if not (SHARED / "photos").is_dir():
        sys.exit(f"The photo material is not at {SHARED}. Set STORNO_SHARED to where it is.")
    if options.real_every:
        real(options.real_every)
    if options.photos:
        drawn(options.photos, options.seed)


if __name__ == "__main__":
    main()
