"""Frames as CSV and XLSX that a spreadsheet shows and never runs."""

import csv
import datetime as dt
import io
from collections.abc import Mapping
from typing import Any

import pandas as pd
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from core.i18n.letters import visible
from core.rights import Right, actor, may

BOLD = Font(bold=True)
WIDEST = 60  # characters of a column
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


def as_may_leave(frame: pd.DataFrame, customers: str) -> pd.DataFrame:
    """The frame as whoever acts may take it out: the column `customers` is empty without its right.

    Files with names need the right to export and a password or passkey shown of late (step-up).
    """
    if customers not in frame or (may(Right.EXPORT) and actor().proved):
        return frame
    return frame.assign(**{customers: ""})


def _cell_text(value: Any) -> Any:
    """A text without the signs that act on what stands around it; every end of line stays."""
    if not isinstance(value, str):
        return value
    return "\r".join(visible(part) for part in value.split("\r"))


def to_csv(frame: pd.DataFrame, language: str = "en") -> bytes:
    """UTF-8 with a byte-order mark, so that Excel shows Romanian letters; cells guarded.

    Every text is quoted: a spreadsheet that splits at another sign makes no cell out of a part.
    """
    safe = frame.map(lambda value: guarded(_cell_text(value)))
    safe.columns = [guarded(_cell_text(str(name))) for name in safe.columns]
    return (
        b"\xef\xbb\xbf"
        + safe.to_csv(
            index=False,
            sep=SEPARATORS.get(language, ","),
            quoting=csv.QUOTE_NONNUMERIC,
            lineterminator="\r\n",
        ).encode()
    )


def to_xlsx(
    frame: pd.DataFrame, title: str = "Refuz", sums: Mapping[str, str] | None = None
) -> bytes:
    """One sheet with a filter and widths; numbers and times are numbers and times.

    Every text is stored as text, so nothing runs and nothing is changed. `sums`: columns of money,
    each with the column of its currency, summed by currency below the table.
    """
    book = Workbook(write_only=True)
    sheet = book.create_sheet(title[:31])
    sheet.freeze_panes = "A2"
    for place, name in enumerate(frame.columns, 1):
        longest = max((len(str(one)) for one in frame[name]), default=0)
        width = min(max(len(str(name)) + 3, longest + 1, 9), WIDEST)
        sheet.column_dimensions[get_column_letter(place)].width = width
    sheet.auto_filter.ref = f"A1:{get_column_letter(max(1, len(frame.columns)))}{len(frame) + 1}"
    money = set(sums or ())
    sheet.append([_bold(_cell(sheet, str(name))) for name in frame.columns])
    for row in frame.astype(object).where(frame.notna(), None).itertuples(index=False):
        sheet.append(
            [
                _cell(sheet, value, is_money=name in money)
                for value, name in zip(row, frame.columns, strict=True)
            ]
        )
    for cells in _summed(frame, sums or {}):
        sheet.append([_bold(_cell(sheet, value, is_money=name in money)) for name, value in cells])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _summed(frame: pd.DataFrame, sums: Mapping[str, str]) -> list[list[tuple[str, Any]]]:
    """A row a currency, after a blank one, which keeps them out of the filter.

    A column with a gap has no sum of that currency: it would not be the whole.
    """
    rows_of_sums: list[list[tuple[str, Any]]] = []
    for currency in dict.fromkeys(sums.values()):
        columns = [money for money, of in sums.items() if of == currency]
        for code, rows in frame.groupby(currency)[columns]:
            values: dict[str, object] = {currency: str(code)}
            values |= {
                one: round(float(rows[one].sum()), 2) for one in columns if rows[one].notna().all()
            }
            rows_of_sums.append([(str(name), values.get(str(name))) for name in frame.columns])
    return [[(str(name), None) for name in frame.columns], *rows_of_sums] if rows_of_sums else []


def _bold(cell: Any) -> Any:
    cell.font = BOLD
    return cell


def _cell(sheet: Any, value: Any, *, is_money: bool = False) -> Any:
    if isinstance(value, pd.Timestamp):
        value = value.tz_localize(None).to_pydatetime()  # Excel knows no time zones
    if not isinstance(value, str):
        cell = WriteOnlyCell(sheet, value=value.item() if hasattr(value, "item") else value)
        if isinstance(value, dt.datetime):
            cell.number_format = "dd.mm.yyyy hh:mm"
        elif is_money:
            cell.number_format = "#,##0.00"
        return cell
    cell = WriteOnlyCell(sheet, value="")
    cell.value = _cell_text(value)  # XML allows no other control characters
    cell.data_type = "s"
    return cell
