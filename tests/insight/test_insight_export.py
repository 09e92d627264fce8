"""Exports show what customers and couriers wrote and never run it."""

import csv
import io
from datetime import date

import openpyxl
import pandas as pd
import pytest

from core.insight.reports.export import guarded, to_csv, to_xlsx

STARTS = ["=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠", "\n", " ="]
TAILS = ["1+1", 'HYPERLINK("http://x.example","y")', "cmd|' /C calc'!A0", "SUM(A1:A9)"]
CELLS = [start + tail for start in STARTS for tail in TAILS]


def test_there_are_48_formula_like_cells() -> None:
    assert len(set(CELLS)) == 48


@pytest.mark.parametrize("text", CELLS)
def test_a_formula_like_cell_comes_back_as_text(text: str) -> None:
    frame = pd.DataFrame({"note": [text]})
    written = to_csv(frame).decode("utf-8-sig")
    read = list(csv.reader(io.StringIO(written, newline="")))[1][0]
    assert read == "'" + text
    cell = openpyxl.load_workbook(io.BytesIO(to_xlsx(frame))).active["A2"]
    assert cell.data_type == "s"
    assert cell.value == text.replace("\r", "\n")  # XML reads every end of line as a line feed


def test_harmless_text_numbers_and_days_stay_as_they_are() -> None:
    frame = pd.DataFrame(
        {"city": ["Iași"], "n": [-5], "day": [date(2026, 11, 20)], "rate": [0.5], "no": [None]}
    )
    assert to_csv(frame).decode("utf-8-sig").splitlines() == [
        '"city","n","day","rate","no"',
        '"Iași",-5,"2026-11-20",0.5,""',
    ]
    row = [c.value for c in openpyxl.load_workbook(io.BytesIO(to_xlsx(frame))).active[2]]
    assert row[0] == "Iași"
    assert row[1] == -5
    assert row[2].date() == date(2026, 11, 20)
    assert row[3:] == [0.5, None]


def test_a_column_name_cannot_be_a_formula_either() -> None:
    assert to_csv(pd.DataFrame({"=1+1": [1]})).decode("utf-8-sig").startswith('"\'=1+1"')
    assert guarded(-5) == -5


@pytest.mark.parametrize(("language", "separator"), [("en", ","), ("ro", ";")])
def test_texts_are_quoted_and_split_where_the_readers_spreadsheet_splits(
    language: str, separator: str
) -> None:
    frame = pd.DataFrame({"name": ["Ion;=HYPERLINK(1)", "a,=1"], "n": [1, 2]})
    lines = to_csv(frame, language).decode("utf-8-sig").splitlines()
    assert lines[1:] == [f'"Ion;=HYPERLINK(1)"{separator}1', f'"a,=1"{separator}2']


@pytest.mark.parametrize("first", ["\u3000", "\u200b", "\ufeff", "\x0b", "\x0c", "\u2028", "−"])
def test_what_is_not_seen_before_a_formula_does_not_hide_it(first: str) -> None:
    assert guarded(f"{first}=1+1").startswith("'")


def test_a_workbook_adds_up_is_filtered_and_shows_its_columns_whole() -> None:
    frame = pd.DataFrame(
        {
            "customer": ["Ion Popescu-Mânăstireanu", "=1+1"],
            "total": [576.4, 99.1],
            "code": ["RON", "RON"],
            "when": pd.to_datetime(["2026-11-27 01:24", "2026-11-27 01:25"]),
        }
    )
    made = to_xlsx(frame, sums={"total": "code"})
    sheet = openpyxl.load_workbook(io.BytesIO(made)).active
    assert sheet.auto_filter.ref == "A1:D3"
    assert sheet.column_dimensions["A"].width >= len("Ion Popescu-Mânăstireanu")
    assert (sheet["B2"].value, sheet["B2"].number_format) == (576.4, "#,##0.00")
    assert sheet["D2"].is_date
    assert [sheet["B5"].value, sheet["C5"].value] == [675.5, "RON"]
    assert sheet["A3"].data_type == "s"


@pytest.mark.parametrize("sign", ["\u202e", "\u2066", "\x0b", "\x1b", "\x00", "\x9b"])
def test_a_sign_that_acts_on_others_is_shown_in_a_file_and_does_nothing(sign: str) -> None:
    frame = pd.DataFrame({f"name{sign}": [f"a{sign}b\r\n\u0219"], "n": [1]})
    written = to_csv(frame).decode("utf-8-sig")
    assert list(csv.reader(io.StringIO(written, newline=""))) == [
        ["name\ufffd", "n"], ["a\ufffdb\r\n\u0219", "1"],
    ]  # fmt: skip
    sheet = openpyxl.load_workbook(io.BytesIO(to_xlsx(frame))).active
    assert [sheet["A1"].value, sheet["A2"].value] == ["name\ufffd", "a\ufffdb\n\u0219"]


def test_what_hides_before_a_formula_is_text_in_a_file_whatever_it_is_shown_as() -> None:
    for first in ("\u202e", "\x1b", "\x0b"):
        line = to_csv(pd.DataFrame({"a": [f"{first}=1+1"]})).decode("utf-8-sig").splitlines()[1]
        assert line[1] in "'\ufffd"
        assert (
            openpyxl.load_workbook(io.BytesIO(to_xlsx(pd.DataFrame({"a": [f"{first}=1+1"]}))))
            .active["A2"]
            .data_type
            == "s"
        )
