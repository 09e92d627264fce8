"""What is read: tracking codes on drawn photos by level, real ones by kind; wrong texts."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any

from benchmarks.reading_material import (
    Drawn,
    Row,
    Texts,
    accepted,
    by_pyzbar,
    by_us,
    by_zxing,
    order_book,
    real_rows,
    same,
)
from core.intake import PictureError, read

GOALS = {1: 1.0, 2: 1.0, 3: 0.99, 4: 0.97, 5: 0.85}
ALONE: dict[str, Texts] = {"zxing-cpp": by_zxing, "pyzbar": by_pyzbar}
KINDS = {"ean": "EAN", "code128": "1-D", "code39": "1-D", "code93": "1-D", "itf": "1-D",
         "codabar": "1-D", "none": "none"}  # fmt: skip
REAL_GOALS = {"EAN": 185, "1-D": 58, "2-D": 104, "none": 0, "not listed": 1}

# Seen on the photos by a person, though the truth does not list them: small Data Matrix codes
# beside a product code, and the other codes of labels of which one code is listed.
SEEN = {
    "sustech_05102009131.jpg": {"2A127693515"},
    "sustech_05102009163.jpg": {"372260C"},
    "zxing_code128-2_13.png": {"EF224-60001"},
    "zxing_code128-2_16.png": {"EF224-60001"},
    "dynamsoft_2-2-19.jpeg": {"SM6202319B"},
    "dynamsoft_1-1-4.jpeg": {"PML35-7B603-TB", "PML35-7B611-TB", "NUTWR", "SM6202311B"},
}
# Where the truth lacks a letter: the code's error correction holds, at any size and sharpness.
MENDED = {
    "zxing_qrcode-2_13.png": (
        "The 2005 USGS aerial photography of the Washington Monument is censored."
    )
}


def drawn(photos: Sequence[Drawn], seed: int, *, alone: bool) -> None:
    """Print tracking codes found by level, with wrong texts; `alone`: other readers as well."""
    book = order_book(photos, seed)
    found: Counter[tuple[Any, ...]] = Counter()
    wrong: Counter[str] = Counter()
    readers = dict(ALONE) if alone else {}
    for photo in photos:
        data = photo.path.read_bytes()
        reading = read(data)
        texts_of = {"ours": accepted(reading, book)}
        texts_of |= {name: reader(data) for name, reader in readers.items()}
        found[photo.level, "photos"] += 1
        found[photo.level, "in view"] += len(photo.wanted)
        for name, texts in texts_of.items():
            found[photo.level, name] += sum(text in texts for text in photo.wanted)
            wrong[name] += len(texts - photo.truth)
        sure = {code.text for code in reading.codes if code.confidence == "sure"}
        found[photo.level, "sure"] += sum(text in sure for text in photo.wanted)
        wrong["weak texts that match no order, shown as unsure"] += len(
            {code.text for code in reading.codes} - photo.truth - texts_of["ours"]
        )
    print(f"\nTracking codes found on drawn photos, seed {seed} (goals 1.00, 1.00, .99, .97, .85)")
    for level in sorted({photo.level for photo in photos}):
        _line(level, found, list(readers))
    print("  wrong texts accepted:", {name: wrong[name] for name in ("ours", *readers)}, "(goal 0)")
    rest = "weak texts that match no order, shown as unsure"
    print(f"  {rest}: {wrong[rest]}")


def _line(level: int, found: Counter[tuple[Any, ...]], readers: Sequence[str]) -> None:
    view = found[level, "in view"] or 1
    share = found[level, "ours"] / view
    word = "holds" if share >= GOALS[level] else "MISSED"
    others = "  ".join(f"{name} {found[level, name]}" for name in readers)
    print(
        f"  level {level}: {found[level, 'photos']:3} photos, {found[level, 'ours']:3} of "
        f"{found[level, 'in view']:3} = {share:.3f} {word:6} ({found[level, 'sure']} sure, the "
        f"others by their order)  {others}"
    )


def real(every: int, *, alone: bool) -> None:
    """Print codes found on every n-th real photo by kind, and texts the truth does not list."""
    folder, rows = real_rows()
    for file, text in MENDED.items():
        rows[file] = [{**row, "also": text} for row in rows[file]]
    readers: dict[str, Texts] = {"ours": by_us, **(ALONE if alone else {})}
    right: Counter[tuple[Any, ...]] = Counter()
    for file in sorted(rows)[::every]:
        data = (folder / file).read_bytes()
        for name, reader in readers.items():
            texts = _texts(reader, data)
            _count(right, name, file, texts, rows[file])
        for row in rows[file]:
            right[KINDS.get(row["symbology"], "2-D"), "of"] += 1
    part = "" if every == 1 else f" (every {every}th)"
    print(f"\nReal photos{part}; for 'none' and 'not listed': texts read that should not be")
    for kind, goal in REAL_GOALS.items():
        counts = "  ".join(f"{name} {right[kind, name]:3}" for name in readers)
        print(f"  {kind:10} of {right[kind, 'of']:3}: {counts}   (goal {goal} of all)")


def _texts(reader: Texts, data: bytes) -> set[str]:
    try:
        return {text.strip() for text in reader(data)}
    except PictureError:
        return set()


def _count(
    right: Counter[tuple[Any, ...]], name: str, file: str, texts: set[str], rows: list[Row]
) -> None:
    by_kind: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        by_kind[KINDS.get(row["symbology"], "2-D")].append(row)
    for kind, some in by_kind.items():
        good = sum(any(same(text, row) for text in texts) for row in some)
        right[kind, name] += good if kind != "none" else bool(texts)
    if any(row["also"] == "*" for row in rows) or "none" in by_kind:
        return
    unlisted = {text for text in texts if not any(same(text, row) for row in rows)}
    unlisted -= SEEN.get(file, set())
    right["not listed", name] += len(unlisted)
    if name == "ours" and unlisted:
        print(f"  {file}: {sorted(unlisted)} is not in the truth")
