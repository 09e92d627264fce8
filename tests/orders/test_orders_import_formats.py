"""The readers of one format each: separators and encodings, HTML and XML tables."""

from itertools import chain
from zoneinfo import ZoneInfo

import pytest

from core.orders.imports.codes import ImportCode, TableError
from core.orders.imports.files import delimited, markup
from core.orders.imports.importing import guess_columns
from core.orders.imports.rows import read_rows
from core.orders.imports.spreadsheet import read_table


def known(_: object) -> bool:
    return True


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1250"]
)
def test_romanian_letters_come_through_each_encoding_of_excel(encoding: str) -> None:
    text = "Order,City\n#1,Timi\N{LATIN SMALL LETTER S WITH CEDILLA}oara\n" * 20
    assert delimited.text_of(text.encode(encoding), known) == text


def test_an_old_encoding_is_the_first_whose_header_is_known() -> None:
    text = "Заказ;Город\n"
    assert delimited.text_of(text.encode("cp1251"), lambda head: "Заказ" in head) == text


def test_bytes_that_are_no_text_are_refused() -> None:
    with pytest.raises(TableError) as refused:
        delimited.text_of(b"\x89PNG\x00\x00\x01\xff", known)
    assert refused.value.reason.code == ImportCode.NO_TABLE


@pytest.mark.parametrize("separator", list(";,\t|"))
def test_the_separator_is_the_one_that_gives_columns_we_know(separator: str) -> None:
    text = f"Order{separator}Total\n#1{separator}12\n"
    (lines,) = delimited.csv_lines(text, lambda lines: lines[0][1] == ["Order", "Total"])
    assert lines == [(1, ["Order", "Total"]), (2, ["#1", "12"])]


def test_a_line_that_names_the_separator_is_obeyed_and_counted() -> None:
    (lines,) = delimited.csv_lines("sep=^\r\nOrder^Total\r\n#1^1,5\r\n", known)
    assert lines == [(2, ["Order", "Total"]), (3, ["#1", "1,5"])]


def test_an_open_quote_that_takes_in_rows_is_told_with_its_line() -> None:
    text = 'Order,Total,City\n#1,"12,Cluj\n#2,13,Cluj\n#3,14,Cluj\n'
    with pytest.raises(TableError) as refused:
        list(chain(*delimited.csv_lines(text, known)))
    assert refused.value.reason.code == ImportCode.NO_CSV


def rows(text: str) -> list[list[str]]:
    assert markup.is_markup(text)
    return [row for one in markup.sheets(text) for _, row in one.rows]


def test_a_wide_html_cell_keeps_the_columns_behind_it_in_place() -> None:
    text = "<table><tr><td colspan=2>a</td><td>b<br>c</td></tr><script>x</script></table>"
    assert rows(text) == [["a", "", "b\nc"]]


def test_a_cell_of_excels_xml_stands_at_the_index_it_names() -> None:
    text = (
        '<?xml version="1.0"?><Workbook><Worksheet ss:Name="S"><Table><Row>'
        '<Cell><Data>a</Data></Cell><Cell ss:Index="4"><Data>d</Data></Cell></Row></Table>'
        "</Worksheet></Workbook>"
    )
    assert rows(text) == [["a", "", "", "d"]]


def test_a_number_of_ods_is_its_value_and_not_how_it_is_shown() -> None:
    text = (
        '<?xml version="1.0"?><table:table table:name="T"><table:table-row>'
        '<table:table-cell office:value="149.9"><text:p>149,90 lei</text:p></table:table-cell>'
        "</table:table-row></table:table><row/>"
    )
    assert rows(text)[0] == ["149.9"]


def test_words_without_a_table_are_no_markup() -> None:
    assert not markup.is_markup("<html><p>Sign in first</p></html>")
    assert not markup.is_markup("Order,<tr>\n")


@pytest.mark.parametrize("broken", [b"\xc8", b"\xff", b"\xe2\x82"])
def test_one_broken_letter_of_a_file_garbles_no_other(broken: bytes) -> None:
    """Cut in the middle of a letter: every name in it had been read in another encoding."""
    names = ["Ștefan Țuțuianu", "Ágnes Szűcs", "Иван Петров"]
    rows = "".join(f"#{n},70001210{n:05},1,{name}\n" for n, name in enumerate(names))
    cut = b"#8,7000121000088,1,A" + broken
    table = read_table(f"Order,AWB,Total,Customer\n{rows}".encode() + cut)
    assert [cells[3] for _, cells in table.rows] == [*names, "A\ufffd"]


def test_an_apostrophe_that_makes_a_cell_a_text_is_none_of_it() -> None:
    table = read_table(b"Order,AWB,Total\n'1007,'7000121000071,12.50\n")
    drafts = read_rows(table.named(guess_columns(table.headers)), ZoneInfo("Europe/Bucharest"))
    [draft] = drafts.orders.values()
    assert (draft.name, draft.total_minor) == ("1007", 1250)
    assert [one.tracking for one in draft.parcels] == ["7000121000071"]
