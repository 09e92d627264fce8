"""Reads a courier's report (CSV), for couriers without an account: statuses and return numbers."""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from core.labels import normalise
from core.orders.couriers import tracking
from core.services.couriers.reading import moment
from core.services.couriers.statuses import status_of_text
from core.services.http.texts import plain
from core.services.ports import CourierEvent
from core.store import db
from core.store.types import now

LARGEST = 20 * 1024 * 1024
ENCODINGS = ("utf-8-sig", "cp1250")  # Excel in Romania writes either

# What couriers call their columns, without diacritics, punctuation or case.
COLUMNS: dict[str, tuple[str, ...]] = {
    "tracking": (
        "awb", "nr awb", "numar awb", "awb initial", "tracking", "tracking number", "parcel",
        "parcel number", "colet", "numar colet", "nr expeditie", "expeditie",
    ),
    "status": ("status", "stare", "status awb", "ultimul status", "eveniment", "event"),
    "at": ("data status", "data eveniment", "data ultimului status", "status date", "data", "date"),
    "return_number": (
        "awb retur", "numar awb retur", "nr awb retur", "return awb", "return number",
        "return tracking", "retur",
    ),
    "reason": ("motiv", "motiv refuz", "motiv retur", "reason", "observatii"),
}  # fmt: skip


class ReportError(ValueError):
    """The file is no courier report; the message says what to do."""


@dataclass(frozen=True)
class ImportReport:
    """What a courier's report brought. `problems` are sentences that name the line."""

    rows: int
    changed: int
    learnt: int
    unknown: list[str] = field(default_factory=list)  # numbers that no parcel has
    problems: list[str] = field(default_factory=list)


def import_courier_report(data: bytes, by: str, courier: str = "") -> ImportReport:
    """Write a report's statuses on the parcels and learn its return numbers, all in one go.

    Needs a column with the AWB, and one with the status or with the return number. `courier` (a
    slug) limits it to that courier's parcels. Raises ReportError with a sentence for the page.
    """
    rows = _rows(data)
    events, problems = _events(rows)
    with db.writing() as session:
        couriers = [courier] if courier else []
        told = tracking.tell(session, events, couriers, by=by, source="csv")
    return ImportReport(len(rows), len(told.changes), told.learnt, told.unknown, problems)


def _rows(data: bytes) -> list[tuple[int, dict[str, str]]]:
    """The rows that hold anything, with their line number, by our own column names."""
    if len(data) > LARGEST:
        raise ReportError("This file is larger than 20 MB. Split it, and import the parts.")
    lines = _lines(_text(data))
    head = lines[0][1] if lines else []
    names = _columns(head)
    if "tracking" not in names or not {"status", "return_number"} & set(names):
        raise ReportError(
            "This is not a courier report we can read. The first row must name a column AWB, "
            "and a column Status or AWB retur. Save it as CSV."
        )
    return [
        (number, {name: line[at].strip() if at < len(line) else "" for name, at in names.items()})
        for number, line in lines[1:]
    ]


def _lines(text: str) -> list[tuple[int, list[str]]]:
    """The lines that hold anything, with their number in the file."""
    reader = csv.reader(io.StringIO(text), delimiter=_delimiter(text))
    try:
        return [(reader.line_num, line) for line in reader if any(cell.strip() for cell in line)]
    except csv.Error as error:
        raise ReportError(
            "This file is no CSV. Save the report as CSV, and import that."
        ) from error


def _text(data: bytes) -> str:
    if b"\x00" in data:
        raise ReportError("This file is no text. Save the report as CSV, and import that.")
    for encoding in ENCODINGS:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return data.decode("utf-8", errors="replace")


def _delimiter(text: str) -> str:
    first = text.lstrip().partition("\n")[0]
    return max(";,\t|", key=first.count)


def _columns(head: Sequence[str]) -> dict[str, int]:
    """The place of each column of ours; where two fit, the one named first in COLUMNS wins."""
    said = [" ".join(plain(cell).replace(".", " ").replace("_", " ").split()) for cell in head]
    found: dict[str, int] = {}
    for name, titles in COLUMNS.items():
        place = next((said.index(title) for title in titles if title in said), None)
        if place is not None:
            found[name] = place
    return found


def _events(rows: Iterable[tuple[int, dict[str, str]]]) -> tuple[list[CourierEvent], list[str]]:
    events, problems = [], []
    for number, row in rows:
        read = _event(row)
        if isinstance(read, str):
            problems.append(f"Line {number}: {read}")
        else:
            events.append(read)
    return events, problems


def _event(row: dict[str, str]) -> CourierEvent | str:
    """What a row tells, or the sentence that says what is wrong with it."""
    if not normalise(row["tracking"]):
        return "there is no AWB in it."
    written = row.get("at", "")
    at = moment(written) if written else now()
    if at is None:
        return f"“{written}” is no date we can read; write 20.11.2026 or 2026-11-20."
    status, returned = row.get("status", ""), row.get("return_number", "")
    if not status and not returned:
        return "there is neither a status nor a return number in it."
    # A parcel with a number of its own for the way back is on it.
    meant = status_of_text(status) if status else "returning"
    return CourierEvent(
        row["tracking"], at, meant, "", status, row.get("reason", ""), return_number=returned
    )
