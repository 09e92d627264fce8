"""The door that spreadsheets come in by: opened in a reader process, never in the server."""

from typing import cast

from core.intake.process import Failure, JobFailed, shared
from core.orders.imports.spreadsheet import Table, TableError

SECONDS = 60.0  # 200,000 rows of XLSX take about half of it

SENTENCES = {
    Failure.CRASHED: "This file ended its reader. Save it again as CSV, and import that.",
    Failure.TOO_SLOW: "This file takes too long to read. Split it, or save it as CSV.",
    Failure.TOO_LARGE: "This file needs too much memory. Split it, or save it as CSV.",
}


def open_table(data: bytes, filename: str) -> Table:
    """A spreadsheet's rows, see `spreadsheet.read_table`. Raises TableError."""
    try:
        job = "core.orders.imports.spreadsheet:read_table"
        return cast("Table", shared("files", 2).call(job, data, filename, seconds=SECONDS))
    except JobFailed as failed:
        raise TableError(SENTENCES[failed.failure]) from failed
