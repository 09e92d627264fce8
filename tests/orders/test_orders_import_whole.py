"""Whatever a file is written as, all of its rows come: each is taken or told, at its line."""

import csv
import datetime as dt
import io
from typing import Any
from zoneinfo import ZoneInfo

import openpyxl
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from core.orders.imports import importing
from core.orders.imports.cell_parsers import CellNumber
from core.orders.imports.importing import Table
from core.orders.imports.rows import Drafts, read_rows

ZONE = ZoneInfo("Europe/Bucharest")
HEADERS = ("Comandă", "AWB", "Total", "Produs", "Cantitate", "Data", "Modalitate de plată")
OURS = ("order", "tracking", "total", "product", "quantity", "created_at", "payment")

ROWS = st.lists(
    st.tuples(
        st.sampled_from(["#301", "#302", "303", "RO-304"]),
        st.sampled_from(
            ["7000121088101", "7000121088102; 7000121088103", "-", "", "7.00012E+12",
             "AWB: 7000121088104", "7000-1210-88105", "fără", "7000121088106\n7000121088107"]
        ),
        st.sampled_from(
            ["10", "149,90", "1.234,50 lei", "0,125", "", "mult", "89,00 Ft", "€ 7,50", "1.234"]
        ),
        st.sampled_from(["Vază", "Lampă; mare", 'Cană "roșie"', "Vas,\nmic", ""]),
        st.sampled_from(["1", "2.0", "3 buc", "x", "", "½"]),
        st.sampled_from(["10.11.2026", "2026-11-10 13:45:00 +0200", "10 nov. 2026", "cândva", "-"]),
        st.sampled_from(["Ramburs", "card", "troc", "", "Utánvét"]),
    ),
    min_size=1,
    max_size=8,
)  # fmt: skip
TITLES = st.lists(st.sampled_from(["Raport comenzi", "Export 10.11.2026", ""]), max_size=3)
TEXTS = st.tuples(
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1250"]),
    st.sampled_from([";", ",", "\t", "|"]),
    st.sampled_from(["", "sep={}", '"sep={}"']),
    st.sampled_from(["\r\n", "\n"]),
)


def mapping_of(table: Table) -> dict[str, str]:
    found = importing.guess_columns(table.headers)
    assert set(found) == set(OURS)
    return found


def drafts_of(table: Table) -> Drafts:
    return read_rows(table.named(mapping_of(table)), ZONE)


def whole(table: Table, drafts: Drafts, rows: int) -> None:
    """Each row of the file is in an order that is taken, or is told by its line; never both."""
    assert len(table.rows) == rows
    lines = [line for line, _ in table.rows]
    taken = [row for draft in drafts.orders.values() for row in draft.rows]
    left = [one.line for one in drafts.notes if not one.taken]
    assert sorted([*taken, *set(left)]) == lines
    assert len(left) == len(set(left))
    for one in drafts.notes:
        assert one.line in lines
        assert str(one).endswith(".")


def meant(drafts: Drafts) -> dict[str, tuple[Any, ...]]:
    """What each order comes to, whatever file it stood in."""
    return {
        name: (
            draft.total_minor, draft.currency, draft.payment, draft.created_at,
            [one.tracking for one in draft.parcels],
            [(one.title, one.quantity) for one in draft.lines],
        )
        for name, draft in drafts.orders.items()
    }  # fmt: skip


def plainly(rows: list[tuple[str, ...]]) -> Drafts:
    """The rows without a file around them."""
    named = [dict(zip(OURS, (cell.strip() for cell in row), strict=True)) for row in rows]
    return read_rows(list(enumerate(named, 2)), ZONE)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(ROWS, TITLES, TEXTS)
def test_text_with_separators_loses_nothing(
    rows: list[tuple[str, ...]], titles: list[str], shape: tuple[str, str, str, str]
) -> None:
    encoding, separator, sep_line, end = shape
    out = io.StringIO()
    if sep_line:
        out.write(sep_line.format(separator) + end)
    for title in titles:
        out.write(title + end)
    writer = csv.writer(out, delimiter=separator, lineterminator=end)
    writer.writerow(HEADERS)
    writer.writerows(rows)
    try:
        data = out.getvalue().encode(encoding)
    except UnicodeEncodeError:
        assume(False)
    table = importing.read_table(data, "lista.csv")
    drafts = drafts_of(table)
    whole(table, drafts, len(rows))
    assert meant(drafts) == meant(plainly(rows))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(ROWS, TITLES, st.booleans(), st.booleans())
def test_a_workbook_loses_nothing(
    rows: list[tuple[str, ...]], titles: list[str], note_first: bool, typed: bool
) -> None:
    book = openpyxl.Workbook()
    book.remove(book.active)
    if note_first:
        book.create_sheet("Citește-mă").append(["Aceasta este o notă", "pentru colegi"])
    sheet = book.create_sheet("Comenzi")
    for title in titles:
        sheet.append([title or None])
    sheet.append(HEADERS)
    for row in rows:
        sheet.append([_typed(cell) if typed else cell or None for cell in row])
    out = io.BytesIO()
    book.save(out)
    table = importing.read_table(out.getvalue(), "lista.xlsx")
    drafts = drafts_of(table)
    whole(table, drafts, len(rows))
    if not typed:
        assert meant(drafts) == meant(plainly(rows))


def _typed(cell: str) -> object:
    """As a spreadsheet program keeps what looks like a number or a day."""
    if cell.isdigit():
        return int(cell)
    if cell == "149,90":
        return 149.9
    if cell == "10.11.2026":
        return dt.datetime(2026, 11, 10)
    return cell or None


@settings(max_examples=60, deadline=None)
@given(ROWS)
def test_a_table_in_markup_loses_nothing(rows: list[tuple[str, ...]]) -> None:
    def line(cells: tuple[str, ...], tag: str) -> str:
        inner = "".join(
            f"<{tag}>{cell.replace('&', '&amp;').replace('<', '&lt;')}</{tag}>".replace(
                "\n", "<br>"
            )
            for cell in cells
        )
        return f"<tr>{inner}</tr>"

    text = "<html><body><table>" + line(HEADERS, "th")
    text += "".join(line(row, "td") for row in rows) + "</table></body></html>"
    table = importing.read_table(text.encode(), "raport.xls")
    whole(table, drafts_of(table), len(rows))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(10**11, 10**17), min_size=1, max_size=6), st.booleans())
def test_number_cells_are_whole_or_told(numbers: list[int], as_float: bool) -> None:
    """Excel keeps fifteen digits; a cell with more has lost some, whatever it shows."""
    book = openpyxl.Workbook()
    book.active.append(["Order", "AWB", "Total"])
    for place, number in enumerate(numbers):
        book.active.append([f"N{place}", float(number) if as_float else number, 10])
    out = io.BytesIO()
    book.save(out)
    table = importing.read_table(out.getvalue(), "lista.xlsx")
    found = importing.guess_columns(table.headers)
    drafts = read_rows(table.named(found), ZONE)
    for place, number in enumerate(numbers):
        draft = drafts.orders.get(f"N{place}")
        if number < 10**15:
            assert draft is not None
            assert [one.tracking for one in draft.parcels] == [str(number)]
        else:
            assert draft is None
    assert all(isinstance(cells[1], CellNumber) for _, cells in table.rows)


# A shop's own export: one order over several lines, further lines mostly empty.
EXPORT = (
    "Name", "Email", "Financial Status", "Created at", "Currency", "Total", "Lineitem quantity",
    "Lineitem name", "Lineitem price", "Shipping Name", "Shipping City", "Phone",
    "Payment Method", "Tracking Number",
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(1, 4), min_size=1, max_size=5))
def test_a_shops_export_keeps_every_line_of_every_order(lines: list[int]) -> None:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(EXPORT)
    for number, count in enumerate(lines):
        first = [f"#{3000 + number}", "ana@example.com", "pending", "2026-11-10 13:45:00 +0200",
                 "RON", "200.00", "1", "Vase 0", "120.00", "Ana Pop", "Cluj", "",
                 "Cash on Delivery (COD)", f"70001210870{number:02}"]  # fmt: skip
        writer.writerow(first)
        for more in range(1, count):
            further = [f"#{3000 + number}", "ana@example.com", *[""] * 4, "2", f"Candle {more}",
                       "40.00", *[""] * 5]  # fmt: skip
            writer.writerow(further)
    table = importing.read_table(out.getvalue().encode(), "orders_export.csv")
    drafts = read_rows(table.named(importing.guess_columns(table.headers)), ZONE)
    assert drafts.notes == []
    assert [len(draft.lines) for draft in drafts.orders.values()] == lines
    assert all(draft.payment == "cod" for draft in drafts.orders.values())
