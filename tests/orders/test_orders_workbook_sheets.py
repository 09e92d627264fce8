"""What a workbook's cells say: as a person sees them, hidden sheets last, formulas by result."""

import datetime as dt
import io
import zipfile
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.orders.imports.cell_parsers import CellNumber
from core.orders.imports.codes import ImportCode, TableError
from core.orders.imports.files.lines import MOST_COLUMNS, Sheet
from core.orders.imports.files.workbook import sheets


def book_of(*rows: list[Any], formats: dict[str, str] | None = None) -> bytes:
    """A workbook of one sheet with these rows; `formats`: of cells, by their names."""
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for name, form in (formats or {}).items():
        book.active[name].number_format = form
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def only(data: bytes) -> Sheet:
    [sheet] = sheets(data)
    return sheet


def cells(*row: Any, form: str = "General") -> list[str]:
    """The cells of one row, each written with this format."""
    names = {f"{chr(65 + place)}1": form for place in range(len(row))}
    [(number, read)] = only(book_of(list(row), formats=names)).rows
    assert number == 1
    return list(read)


@given(st.integers(-(10**12), 10**12))
def test_a_whole_number_has_no_decimals_and_no_power_of_ten(number: int) -> None:
    assert cells(number, float(number)) == [str(number)] * 2


@given(st.decimals(-9999, 9999, places=2, allow_nan=False, allow_infinity=False))
def test_a_sum_keeps_its_decimals_and_no_more(amount: Any) -> None:
    [read] = cells(float(amount))
    assert float(read) == float(amount)
    assert not read.endswith((".", ".0"))


@pytest.mark.parametrize(
    ("value", "form", "seen"),
    [(42, "0000", "0042"), (42, "0", "42"), (42, "00000000", "00000042"), (12345, "0000", "12345"),
     (4.5, "0000", "4.5"), (42, "#,##0", "42")],
)  # fmt: skip
def test_zeros_in_front_count_where_they_are_seen(value: Any, form: str, seen: str) -> None:
    assert cells(value, form=form) == [seen]


@pytest.mark.parametrize(
    ("form", "currency"),
    [('#,##0.00 "lei"', "RON"), ("#,##0.00 [$€-407]", "EUR"), ("[$RON] #,##0.00", "RON"),
     ("#,##0.00", ""), ('[Red]0.00 "EUR"', "EUR"), ("0.00 _z_ł", "")],
)  # fmt: skip
def test_the_currency_of_a_number_is_the_one_that_its_format_shows(
    form: str, currency: str
) -> None:
    [read] = cells(12.5, form=form)
    assert isinstance(read, CellNumber)
    assert (str(read), read.currency) == ("12.5", currency)


NOON = dt.datetime(2026, 11, 20, 12, 5)


@pytest.mark.parametrize(
    ("value", "seen"),
    [(NOON.replace(hour=0, minute=0), "2026-11-20"), (NOON, "2026-11-20 12:05:00"),
     (True, "True"), ("  #9 ", "#9")],
)  # fmt: skip
def test_days_words_and_nothing_are_written_as_people_type_them(value: Any, seen: str) -> None:
    form = "yyyy-mm-dd hh:mm" if isinstance(value, dt.datetime) else "General"
    assert cells("x", value, None, "y", form=form) == ["x", seen, "", "y"]


def test_a_hidden_sheet_comes_last() -> None:
    book = openpyxl.Workbook()
    book.active.title, book.active.sheet_state = "First", "hidden"
    book.active.append(["hidden"])
    book.create_sheet("Second").append(["seen"])
    out = io.BytesIO()
    book.save(out)
    assert [one.name for one in sheets(out.getvalue())] == ["Second", "First"]


def test_a_sheet_that_is_wider_than_what_is_read_says_so() -> None:
    row: list[Any] = ["a"] * MOST_COLUMNS
    plain, blank, wider = (only(book_of([*row, *more])) for more in ([], [None], [None, "b"]))
    assert [one.cut for one in (plain, blank, wider)] == [False, False, True]
    assert [one.rows for one in (plain, blank, wider)] == [[(1, row)]] * 3


def test_lines_are_numbered_as_the_program_shows_them() -> None:
    found = only(book_of(["a"], [], [None, "c"])).rows
    assert [(number, [one for one in read if one]) for number, read in found if any(read)] == [
        (1, ["a"]), (3, ["c"]),
    ]  # fmt: skip


def test_a_formula_that_nobody_worked_out_is_named_by_its_line() -> None:
    assert only(book_of(["#1", 12])).no_result == 0
    assert only(book_of(["#1", 12], ["#2", "=A1&1"], ["#3", "=A1&2"])).no_result == 2


def code_of(data: bytes) -> ImportCode:
    """Why the workbook is refused."""
    with pytest.raises(TableError) as why:
        list(sheets(data))
    return ImportCode(why.value.reason.code)


def zipped(parts: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, data in parts.items():
            packed.writestr(name, data)
    return out.getvalue()


@pytest.mark.parametrize(
    "data", [b"", b"PK\x03\x04 nothing", b"no archive at all", zipped({"a.txt": b"x"})]
)
def test_what_is_no_workbook_is_called_damaged(data: bytes) -> None:
    assert code_of(data) == ImportCode.DAMAGED_XLSX


@pytest.mark.parametrize("more", [0, 1])
def test_a_workbook_that_unpacks_to_more_than_half_a_gigabyte_is_not_unpacked(more: int) -> None:
    """An archive's own list says how large it is; nothing so large is written here."""
    data = zipped({"xl/workbook.xml": b"x"})
    at = data.rindex(b"PK\x01\x02") + 24  # the size unpacked, in the archive's list
    large = data[:at] + (500 * 2**20 + more).to_bytes(4, "little") + data[at + 4 :]
    assert (code_of(large) == ImportCode.TOO_LARGE_UNPACKED) is bool(more)
