"""Strangers' words on a page: what Markdown would make of them is taken away (rule 16).

Streamlit draws the text of most elements, and their labels and tool tips, as GitHub's Markdown
with directives (`:red[…]`), icons (`:material/…:`), emoji and LaTeX of its own. A backslash takes
the meaning from a sign of the syntax. Links without brackets, icons, emoji and arrows are found in
the finished text, where a backslash is gone: U+2060, which has no width, divides them. Signs that
turn the order of letters are shown as U+FFFD (`core.i18n.letters`).

`scripts/drawn.py` (part of `make lint`) forbids data that did not pass here, and grids that are not
drawn here.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING, Any, Literal, TypedDict, Unpack

import pandas as pd
import streamlit as st

from core.i18n.letters import visible

if TYPE_CHECKING:
    from streamlit.elements.lib.column_types import ColumnConfig
    from streamlit.typing import DataframeState

Mode = Literal["single-row", "multi-row", "single-cell"]

EMPTY = ""  # what a cell without a value shows: Streamlit's own word is None
JOINER = "\u2060"
BLANKS = re.compile(r"[^\S\u00a0\u202f]+")  # not those that keep a number beside its sign
SIGNS = re.compile(r"[\\`*_\[\]<>$~|&^{}]|:(?=\S)")
FIRST = re.compile(r"^(?:#{1,6}(?=\s|$)|[-+=])")
NUMBERED = re.compile(r"^(\d{1,9})([.)])(?=\s|$)")
FOUND_LATER = re.compile(
    r"(?i)(?<=www)(?=\.)|(?=@)|(?<=:)(?=/)"  # addresses without brackets
    r"|(?<=:)(?=[^\s:]+:)"  # :smile: and :material/check:
    r"|(?<=[-<>=~])(?=[-<>=~])"  # arrows, long dashes
)


def plain(text: object) -> str:
    """The text as Markdown that draws it letter for letter, in one line; "" for None."""
    words = BLANKS.sub(" ", visible(str("" if text is None else text)).strip())
    divided = FOUND_LATER.sub(JOINER, words)
    signed = SIGNS.sub(lambda found: "\\" + found[0], divided)
    signed = FIRST.sub(lambda found: "\\" + found[0], signed)
    return NUMBERED.sub(r"\1\\\2", signed)


def dotted(*parts: str) -> str:
    """What there is of these, a dot between each two: what nobody told leaves no gap."""
    return " · ".join(part for part in parts if part)


def plain_table(frame: pd.DataFrame) -> pd.DataFrame:
    """A frame for `st.table`, which draws cells and headings as Markdown."""
    cells = frame.map(lambda cell: plain(cell) if isinstance(cell, str) else cell)
    return cells.rename(columns=lambda name: plain(name) if isinstance(name, str) else name)


def html_table(frame: pd.DataFrame, label: str) -> str:
    """A frame for `st.html`, letter for letter, in a box of its own that scrolls.

    For what is drawn anew with each scan: as Markdown, 500 cells hold a browser for a third of a
    second.
    """
    head = _cells("th", list(frame.columns))
    rows = "".join(f"<tr>{_cells('td', row)}</tr>" for row in frame.itertuples(index=False))
    return (
        f'<div class="refuz-table" role="region" tabindex="0" aria-label="{escape(label)}">'
        f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def _cells(tag: str, texts: Iterable[object]) -> str:
    return "".join(f"<{tag}>{escape(visible(str(text)))}</{tag}>" for text in texts)


class Look(TypedDict, total=False):
    """How a grid lies on its page; heights are pixels, columns go by their names."""

    key: str
    alt: str
    height: int
    row_height: int
    column_config: "Mapping[str, ColumnConfig]"


def show_grid(
    frame: pd.DataFrame, fills: Sequence[str] | None = None, **look: Unpack[Look]
) -> None:
    """Draw a frame to be read. `fills`: a CSS colour for the ground of each row."""
    drawn = grid(frame)
    if fills is None:
        st.dataframe(drawn, hide_index=True, placeholder=EMPTY, **look)
        return
    css = [f"background-color: {fill}" for fill in fills]
    painted = drawn.style.apply(lambda _column: css)
    st.dataframe(painted, hide_index=True, placeholder=EMPTY, **look)


def pick_in_grid(
    frame: pd.DataFrame,
    mode: Mode | Sequence[Mode],
    on_select: Callable[[], None] | Literal["rerun"] = "rerun",
    picked: Sequence[int] | None = None,
    **look: Unpack[Look],
) -> "DataframeState":
    """Draw a frame whose rows or cells are picked; gives what is. `picked`: these rows at first."""
    return st.dataframe(
        grid(frame), hide_index=True, placeholder=EMPTY, on_select=on_select, selection_mode=mode,
        selection_default=None if picked is None else {"selection": {"rows": list(picked)}}, **look,
    )  # fmt: skip


def grid(frame: pd.DataFrame) -> pd.DataFrame:
    """A frame for `st.dataframe`, which draws cells and headings letter for letter: none of them
    turns the order of the letters after it."""
    cells = frame.map(_as_seen)
    return cells.rename(columns=_as_seen)


def _as_seen(cell: Any) -> Any:
    match cell:
        case str():
            return visible(cell)
        case list() | tuple():
            return [_as_seen(one) for one in cell]
    return cell


def plain_names(words: dict[Any, str]) -> dict[Any, str]:
    """Options of a control that draws them as Markdown."""
    return {key: plain(value) for key, value in words.items()}
