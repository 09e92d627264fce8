"""What zxing-cpp or pyzbar alone read rightly and the desk misses, set by set, each with a reason.

    python -m benchmarks.reading_parts                       # all sets
    python -m benchmarks.reading_parts --sets parcels,real --real-every 3

Sets: parcels and real (photos, where the material is there), and the kinds of `reading_hard`.
"""

import argparse
import csv
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks import reading_hard
from benchmarks.reading_material import SHARED, Row, by_pyzbar, by_zxing, real_rows, same
from core.intake import PictureError, Reading, read
from core.intake.codes import PictureCode

ALONE = {"zxing-cpp": by_zxing, "pyzbar": by_pyzbar}


@dataclass(frozen=True)
class Photo:
    """A picture and what is on it, a row for each code."""

    name: str
    data: bytes
    rows: tuple[Row, ...]


def main() -> None:
    """Print what each set's parts read that the whole did not."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sets", default=",".join(["parcels", "real", *reading_hard.KINDS]))
    parser.add_argument("--real-every", type=int, default=1)
    parser.add_argument("--count", type=int, default=4, help="pictures of a hard kind")
    parser.add_argument("--seed", type=int, default=4711)
    asked = parser.parse_args()
    total: Counter[str] = Counter()
    for name in asked.sets.split(","):
        counted: Counter[str] = Counter()
        for photo in photos(name, asked):
            look(photo, counted, tell=name == "parcels")
        print(row_of(name, counted), flush=True)
        total += counted
    print(row_of("all", total))


def photos(name: str, asked: argparse.Namespace) -> Iterator[Photo]:
    """The pictures of a set (a kind of `reading_hard`, "real" or "parcels"), as the options say.

    None where the material is not there.
    """
    if name in reading_hard.KINDS:
        for one in reading_hard.pictures([name], asked.count, asked.seed):
            rows = tuple(_row(code.text, code.kind.lower()) for code in one.codes)
            yield Photo(one.name, one.data, rows)
    elif (SHARED / "photos" / name).is_dir():
        folder, listed = real_rows() if name == "real" else _parcels(SHARED / "photos" / name)
        for file in sorted(listed)[:: asked.real_every if name == "real" else 1]:
            rows = tuple(row for row in listed[file] if row["symbology"] != "none")
            yield Photo(file, (folder / file).read_bytes(), rows)


def _parcels(folder: Path) -> tuple[Path, dict[str, list[Row]]]:
    """The folder of a set's photos, and by file what is on each, from its truth.csv."""
    with (folder / "truth.csv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    return folder, {row["file"]: [_row(text, "") for text in row["codes"].split()] for row in rows}


def _row(text: str, kind: str) -> Row:
    return {"text": text, "also": "", "symbology": "ean" if kind.startswith("ean") else kind}


def look(photo: Photo, counted: Counter[str], *, tell: bool) -> None:
    """Count one picture and print what the desk alone misses; `tell`: and what it read."""
    try:
        reading = read(photo.data)
    except PictureError:
        return
    if tell:
        codes = [f"{one.text} ({one.format}, {one.stage})" for one in reading.codes]
        print(f"  {photo.name}: {', '.join(codes) or 'nothing'}")
    texts = {name: reader(photo.data) for name, reader in ALONE.items()}
    for row in photo.rows:
        ours = any(same(code.text.strip(), row) for code in reading.codes)
        readers = [name for name, said in texts.items() if any(same(one, row) for one in said)]
        counted["wanted"] += 1
        counted["ours"] += ours
        counted.update(readers)
        if readers and not ours:
            counted["missed"] += 1
            who = " and ".join(readers)
            print(f"  {photo.name}: {row['text']!r} by {who} alone; {_reason(reading, row)}")


def _reason(reading: Reading, row: Row) -> str:
    """Why the desk did not say a text: what is told of the places that it left unread."""
    if any(same(guess, row) for one in reading.unread for guess in one.guesses):
        return "one source only, told as unsure"
    reasons = {one.reason for one in reading.unread}
    if PictureCode.NOT_LOOKED_AT in reasons:
        return "out of time, told as not looked at"
    return "its bars are told as unread" if reasons else "not seen"


def row_of(name: str, counted: Counter[str]) -> str:
    """One row of the table."""
    share = counted["missed"] / max(1, counted["ours"])
    alone = ", ".join(f"{reader} {counted[reader]}" for reader in ALONE)
    return (
        f"{name:14} of {counted['wanted']:4}: ours {counted['ours']:4}, {alone}; "
        f"missed {counted['missed']} = {share:.1%} of ours (goal 1 %)"
    )


if __name__ == "__main__":
    main()
