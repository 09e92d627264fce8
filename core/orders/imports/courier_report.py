"""Reads a courier's report, for couriers without an account: statuses and return numbers."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field

from core.clock import now
from core.labels.cells import is_placeholder
from core.orders.couriers import tracking
from core.orders.imports import cell_parsers, days
from core.orders.imports.codes import ImportCode, ImportNote, TableError, not_understood
from core.orders.imports.columns import REPORT_COLUMNS
from core.orders.imports.spreadsheet import Table, guess, read_table, within
from core.reasons import Reason
from core.rights import Right, door
from core.services.couriers.reading import BUCHAREST
from core.services.couriers.statuses import status_of_text
from core.services.http.texts import plain
from core.services.ports import CourierEvent
from core.store import db

CLOCKS_APART = dt.timedelta(days=1)
YES = frozenset({"da", "yes", "y", "true", "1", "x", "retur", "return", "returnat", "igen", "да",
                 "tak", "ja", "ano", "si", "oui", "evet", "ναι"})  # fmt: skip
NO = frozenset({"nu", "no", "n", "false", "0", "nem", "не", "nie", "nein", "ne", "non", "hayir",
                "οχι", "fara", "-", "–"})  # fmt: skip


class ReportError(TableError):
    """The file is no courier report; the reason says what to do."""


@dataclass(frozen=True)
class ImportReport:
    """What a courier's report brought: every row is taken, or told.

    `notes` with `taken` are rows whose status went in, but not the cell that is named.
    """

    rows: int
    changed: int
    learnt: int
    unknown: list[str] = field(default_factory=list)  # numbers that no parcel has
    notes: list[ImportNote] = field(default_factory=list)

    @property
    def problems(self) -> list[str]:
        """An English sentence that names the line, for each row that is told."""
        return [f"Line {one.line}: {one}" if one.line else str(one) for one in self.notes]


@dataclass(frozen=True)
class _Days:
    """How the dates of a report are meant, see `days.moment`."""

    day_first: bool | None
    is_turned: bool | None


def import_courier_report(
    data: bytes, courier: str = "", *, day_first: bool | None = None
) -> ImportReport:
    """`take_report` of a file's bytes. Raises ReportError with a sentence for the page."""
    try:
        table = read_table(data)
    except TableError as error:
        raise ReportError(error.reason) from error
    return take_report(table, courier, day_first=day_first)


@door(Right.IMPORT)
def take_report(table: Table, courier: str = "", *, day_first: bool | None = None) -> ImportReport:
    """Write a report's statuses on the parcels and learn its return numbers, all in one go.

    Needs a column with the AWB, and one with the status or with the return number. `courier` (a
    slug) limits it to that courier's parcels. Raises ReportError with a sentence for the page.
    """
    names = guess(table.headers, REPORT_COLUMNS)
    if twice := table.twice(names.values()):
        raise ReportError(Reason.of(ImportCode.SAME_COLUMN, column=twice))
    if "tracking" not in names or not {"status", "return_number"} & set(names):
        raise ReportError(Reason.of(ImportCode.NO_REPORT))
    rows = list(table.named(names))
    written = [row["at"] for _, row in rows if row.get("at")]
    is_turned = days.turned(written, day_first)
    if day_first is None:
        day_first = days.order_of_day(written)
    events, remarks = _events(rows, _Days(day_first, is_turned))
    with db.writing() as connection:
        couriers = [courier] if courier else []
        done = tracking.write_events(connection, events, couriers, source="csv")
    return ImportReport(
        len(rows), len(done.changes), done.learnt, done.unknown, [*table.aside, *remarks]
    )


def asks_for_day_order(table: Table) -> bool:
    """Whether a person must say if the day or the month comes first in this report's dates."""
    names = guess(table.headers, REPORT_COLUMNS)
    if not {"at", "tracking"} <= set(names):
        return False
    return days.asks_for_order([row["at"] for _, row in table.named(names) if row["at"]])


def _events(
    rows: Iterable[tuple[int, dict[str, str]]], dates: _Days
) -> tuple[list[CourierEvent], list[ImportNote]]:
    """The events of the rows (line of the file, our names → cells), and a note on each row that
    was not taken, or not wholly."""
    events: list[CourierEvent] = []
    remarks: list[ImportNote] = []
    for line, row in rows:
        try:
            found, remark = _of_row(row, dates)
        except ImportNote as error:
            remarks.append(error.at(line))
            continue
        events += found
        if remark is not None:
            remark.taken = True
            remarks.append(remark.at(line))
    return events, remarks


def _of_row(row: dict[str, str], dates: _Days) -> tuple[list[CourierEvent], ImportNote | None]:
    """What a row tells, and what in it was not understood.

    Raises ImportNote for a row that is none.
    """
    numbers = cell_parsers.trackings(within(row)["tracking"])
    if not numbers:
        raise not_understood(ImportCode.NO_TRACKING, "tracking", row["tracking"])
    written = row.get("at", "")
    at = now()
    if written.strip() and not is_placeholder(written):
        at = days.moment(
            written, BUCHAREST, day_first=dates.day_first, column="at", is_turned=dates.is_turned
        )
        if at > now() + CLOCKS_APART:  # it would stand before all that the courier tells later
            raise not_understood(ImportCode.NOT_DATE, "at", written)
    status, back = row.get("status", "").strip(), row.get("return_number", "")
    status = "" if is_placeholder(status) else status
    going_back, returned, remark = _way_back(back)
    if not status and not going_back:
        if remark is not None:
            raise remark
        if _word(back) in NO:
            return [], None
        raise not_understood(ImportCode.NO_STATUS, "status")
    # A parcel with a number of its own for the way back is on it.
    meant = status_of_text(status) if status else "returning"
    if going_back and not returned and meant == "delivered":
        # "Livrat", and "Retur: DA": it cannot be told which of the two holds.
        raise not_understood(ImportCode.UNKNOWN_STATUS, "status", f"{status}, {back}")
    if status and meant == "unknown" and remark is None:
        remark = not_understood(ImportCode.UNKNOWN_STATUS, "status", status)
    reason, number = row.get("reason", ""), returned if len(numbers) == 1 else ""
    made = [
        CourierEvent(one, at, meant, "", status, reason, return_number=number)
        for one in numbers
    ]  # fmt: skip
    return made, remark


def _word(text: str) -> str:
    """As it is compared, without the signs around it: "DA.", "(da)", "Nu!"."""
    return plain(text).strip(" .,;:!?*()[]\"'")


def _way_back(text: str) -> tuple[bool, str, ImportNote | None]:
    """Whether the cell says that the parcel goes back, by which number, and what is wrong."""
    if _word(text) in YES:
        return True, "", None
    try:
        found = cell_parsers.trackings(text, "return_number")
    except ImportNote as error:
        return False, "", error
    if len(found) > 1:
        return False, "", not_understood(ImportCode.NOT_RETURN_NUMBER, "return_number", text)
    return bool(found), found[0] if found else "", None
