"""The door that spreadsheets come in by: opened in a reader process, never in the server."""

from typing import cast

from core.config import home
from core.intake.process import Failure, JobFailed, shared
from core.orders.imports.codes import ImportCode, refused
from core.orders.imports.spreadsheet import Table
from core.store import disk

SECONDS = 60.0  # 200,000 rows of XLSX take about half of it

CODES = {
    Failure.CRASHED: ImportCode.READER_ENDED,
    Failure.TOO_SLOW: ImportCode.READER_TOO_SLOW,
    Failure.TOO_LARGE: ImportCode.READER_TOO_LARGE,
}


def open_table(data: bytes, filename: str) -> Table:
    """A spreadsheet's rows, see `spreadsheet.read_table`. Raises TableError, disk.DiskFull."""
    disk.check_free_space(home().root)  # its rows will be written
    try:
        job = "core.orders.imports.spreadsheet:read_table"
        return cast("Table", shared("files", 2).call(job, data, filename, seconds=SECONDS))
    except JobFailed as failed:
        raise refused(CODES[failed.failure]) from failed
