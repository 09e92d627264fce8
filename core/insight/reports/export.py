"""Frames as CSV and XLSX that a spreadsheet shows and never runs."""

import csv
import io
from typing import Any

import pandas as pd
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell

# ASCII and full-width: a spreadsheet takes the full-width forms for the plain ones.
FORMULA_STARTS = tuple("=+-@\t\r\n＝＋－＠−")
UNSEEN = " \u00a0\u3000\u200b\u2060\ufeff\x0b\x0c\u2028\u2029"
SEPARATORS = {"ro": ";"}  # what a spreadsheet of that language splits at; else the comma


def guarded(value: Any) -> Any:
    """A text that a spreadsheet might run, behind an apostrophe; everything else unchanged.

    The rule and the apostrophe are OWASP's "CSV injection"; leading blanks do not hide a formula.
    """
    if not isinstance(value, str):
        return value
    if value.startswith(FORMULA_STARTS) or value.lstrip(UNSEEN).startswith(FORMULA_STARTS):
        return "'" + value
    return value


def to_csv(frame: pd.DataFrame, language: str = "en") -> bytes:
    """UTF-8 with a byte-order mark, so that Excel shows Romanian letters; cells guarded.

    Every text is quoted: a spreadsheet that splits at another sign makes no cell out of a part.
    """
    safe = frame.map(guarded)
    safe.columns = [guarded(str(name)) for name in safe.columns]
    return (
        b"\xef\xbb\xbf"
        + safe.to_csv(
            index=False,
            sep=SEPARATORS.get(language, ","),
            quoting=csv.QUOTE_NONNUMERIC,
            lineterminator="\r\n",
        ).encode()
    )


def to_xlsx(frame: pd.DataFrame, title: str = "Refuz") -> bytes:
    """One sheet; every text is stored as text, so nothing runs and nothing is changed."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(title[:31])
    sheet.freeze_panes = "A2"
    sheet.append([_cell(sheet, str(name)) for name in frame.columns])
    for row in frame.astype(object).where(frame.notna(), None).itertuples(index=False):
        sheet.append([_cell(sheet, value) for value in row])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _cell(sheet: Any, value: Any) -> Any:
    if isinstance(value, pd.Timestamp):
        value = value.tz_localize(None).to_pydatetime()  # Excel knows no time zones
    if not isinstance(value, str):
        return WriteOnlyCell(sheet, value=value.item() if hasattr(value, "item") else value)
    clean = "".join(c for c in value if c in "\t\n\r" or ord(c) >= 32)  # XML allows no others
    cell = WriteOnlyCell(sheet, value="")
    cell.value = clean
    cell.data_type = "s"
    return cell
