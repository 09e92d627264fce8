"""Strangers' words are drawn letter for letter, and a linter holds every page to it."""

import ast
import re
from html.parser import HTMLParser
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine
from streamlit.testing.v1 import AppTest

from core.i18n.letters import visible
from pages.common.plain import JOINER, dotted, grid, html_table, plain, plain_table
from scripts.drawn import Reader

ROOT = Path(__file__).resolve().parents[2]
KEPT = "\u00a0\u202f"  # blanks at which no line ends
SIGNS = "\\`*_[]<>$~|&^{}"


def _undone(text: str) -> str:
    """What Markdown draws of a text whose signs are behind backslashes."""
    out, letters = [], iter(text.replace(JOINER, ""))
    for letter in letters:
        out.append(next(letters) if letter == "\\" else letter)
    return "".join(out)


def _raw_signs(text: str) -> str:
    """The signs of Markdown that no backslash takes the meaning from."""
    out, letters = [], iter(text)
    for letter in letters:
        if letter == "\\":
            next(letters, "")
        elif letter in SIGNS:
            out.append(letter)
    return "".join(out)


class _Cells(HTMLParser):
    """The text of each cell, and every tag met."""

    def __init__(self) -> None:
        super().__init__()
        self.cells: list[str] = []
        self.tags: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        if tag in ("th", "td"):
            self.cells.append("")

    def handle_data(self, data: str) -> None:
        if self.cells:
            self.cells[-1] += data


@given(st.lists(st.text(min_size=1, max_size=30), min_size=2, max_size=2), st.text(max_size=20))
def test_a_table_of_html_says_its_words_letter_for_letter_and_is_no_markup(
    words: list[str], label: str
) -> None:
    drawn = html_table(pd.DataFrame([words], columns=["<b>", "Code"]), label)
    read = _Cells()
    read.feed(drawn)
    read.close()
    assert read.tags == {"div", "table", "thead", "tbody", "tr", "th", "td"}
    assert read.cells == ["<b>", "Code", *(visible(word) for word in words)]


@given(st.text(st.sampled_from("\\`*_[]<>$~|&^{}:#-+=.()!@/w 1a\n\tă"), max_size=60) | st.text())
def test_no_sign_of_markdown_keeps_its_meaning_and_no_letter_is_lost(text: str) -> None:
    drawn = plain(text)
    assert _raw_signs(drawn) == ""
    assert "\n" not in drawn
    assert re.search(r"(?<!\\):\S", drawn) is None
    blanks = "".join(
        " " if one.isspace() and one not in KEPT else one for one in visible(text).strip()
    )
    assert _undone(drawn) == re.sub(" +", " ", blanks).replace(JOINER, "")


@pytest.mark.parametrize(
    "text",
    ["see https://evil.example/x", "www.evil.example", "me@evil.example", "WWW.Evil.example",
     ":smile: here", ":material/check_circle: paid", "a--b", "a->b"],
)  # fmt: skip
def test_what_is_found_in_finished_text_is_divided(text: str) -> None:
    bare = plain(text).replace("\\", "")
    for found in ("://", "www.", "WWW.", "e@", ":smile:", ":material/check_circle:", "--", "->"):
        assert found not in bare


@pytest.mark.parametrize("text", ["#1001", "Ion Popescu", "12.30 lei", "Vas (mare)", "O'Neil"])
def test_ordinary_words_stay_as_they_are(text: str) -> None:
    assert plain(text) == text


@pytest.mark.parametrize("text", ["13,7\u00a0%", "1\u202f200 lei", "74,7\u00a0mii\u00a0lei"])
def test_a_number_stays_on_the_line_of_its_sign(text: str) -> None:
    assert plain(f"  de  {text}\n sau ") == f"de {text} sau"


@pytest.mark.parametrize("text", ["# big", "- one", "+ one", "1. one", "2) one", "---", "==="])
def test_a_value_begins_no_heading_and_no_list(text: str) -> None:
    assert "\\" in plain(text)
    assert _undone(plain(text)) == text


def test_what_nobody_told_leaves_no_gap_between_the_others() -> None:
    assert dotted("#1001", "", "149.90 lei", "") == "#1001 · 149.90 lei"
    assert dotted("", "") == ""


def test_cells_and_headings_of_a_printed_table_are_plain() -> None:
    drawn = plain_table(pd.DataFrame({"*a*": ["[x](http://y)", 3, None]}))
    assert list(drawn.columns) == ["\\*a\\*"]
    assert _raw_signs(drawn.iloc[0, 0]) == ""
    assert drawn.iloc[1, 0] == 3


def test_no_cell_and_no_heading_of_a_grid_turns_the_order_of_letters() -> None:
    frame = pd.DataFrame(
        {"a\u202eb": ["x\u2066y", 3, None], "c": [["\x1b[31m", "d"], [], ("\u202a",)]}
    )
    drawn = grid(frame)
    assert list(drawn.columns) == ["a\ufffdb", "c"]
    assert [drawn.iloc[0, 0], drawn.iloc[1, 0]] == ["x\ufffdy", 3]
    assert drawn["c"].tolist() == [["\ufffd[31m", "d"], [], ["\ufffd"]]


def _found(code: str) -> list[tuple[int, str]]:
    return list(Reader(ast.parse(code)).findings())


@pytest.mark.parametrize(
    "raw",
    ["st.markdown(f'**{one.name}**')", "st.caption(one.name)", "st.error(t(str(error)))",
     "head.subheader(card.name)", "st.image(x, caption=one.by)", "st.write(t(one.why))",
     "st.info(t('{a} b').format(a=one.name))", "st.button(t('Go'), help=one.name)",
     "st.radio(t('Go'), options, format_func=lambda a: a.name)", "st.table(frame)",
     "st.dataframe(frame)", "st.dataframe(grid(frame))", "st.data_editor(frame)",
     "st.container().dataframe(show_grid)", "words = st.dataframe(pd.DataFrame())",
     "st.caption(dotted(plain(one.name), one.by))",
     "words = t('a')\n    words += one.name\n    st.write(words)"],
)  # fmt: skip
def test_data_drawn_raw_is_told(raw: str) -> None:
    assert _found(f"def show(one, card, error, frame, options):\n    {raw}\n")


@pytest.mark.parametrize(
    "fine",
    ["st.markdown(f'**{plain(one.name)}**')", "st.caption(t('Nothing here.'))",
     "st.caption(t('{n} parcels').format(n=len(one.parcels)))", "st.table(plain_table(frame))",
     "st.metric(t('Refused'), f'{one.rate:.1%}')", "show_grid(frame)",
     "picked = pick_in_grid(frame, 'single-row')", "st.code(one.name)",
     "st.caption(dotted(plain(one.name), t('a')))",
     "words = t('a')\n    words += plain(one.name)\n    st.write(words)"],
)  # fmt: skip
def test_words_of_ours_and_numbers_pass(fine: str) -> None:
    assert _found(f"def show(one, frame):\n    {fine}\n") == []


@pytest.mark.parametrize("file", sorted((ROOT / "pages").rglob("*.py")), ids=lambda one: one.stem)
def test_no_page_draws_data_as_markdown(file: Path) -> None:
    assert _found(file.read_text("utf-8")) == []


@pytest.mark.parametrize(
    ("whose", "first"),
    [("Ana Pop", "**Ana Pop** · Cluj"), ("", "Cluj")],
    ids=["named", "to who may see no names"],
)
def test_an_order_s_panel_names_its_customer_or_begins_with_the_place(
    engine: Engine, whose: str, first: str
) -> None:
    script = f"""
import datetime as dt
import sys
sys.path.insert(0, {str(ROOT)!r})
from core.orders.piles.card import Card
from pages.review.panel import _facts
placed = dt.datetime(2026, 11, 3, 9, 30, tzinfo=dt.UTC)
card = Card(1, "#1001", {whose!r}, "", "Cluj", "", 14990, "RON", "cod", placed, None, (), (), (),
            None, "", None, None, None)
_facts(card, {{"held_by": None, "proof": []}})
"""
    app = AppTest.from_string(script, default_timeout=30).run()
    assert not app.exception
    lines = [_undone(line) for line in app.markdown[0].value.split("  \n")]
    assert lines == [first, "03.11.2026 11:30 · **149.90 lei** · cash on delivery"]
