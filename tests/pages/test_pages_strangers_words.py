"""What strangers write (names, towns, titles, labels, files, answers) is drawn as they wrote it.

Every text that a customer, a courier, a shop, a service or a device hands in carries what Markdown,
HTML, a spreadsheet or the order of letters would make something of; each page is drawn with it.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from pages_support import open_page
from sqlalchemy import Connection, Engine, text
from streamlit.testing.v1 import AppTest

from core.audit import trail
from core.audit.actions import Action
from core.store import db
from core.store.tables import metadata
from core.store.types import ReasonText

OF = re.compile(r"([a-z_]+\.[a-z_]+|actor|subject|detail)\\?:")
SPOILT = (
    "{of}![p](http://x.example/i) [l](http://x.example) www.x.example $x^2$ :material/check: "
    ":red[NO] `c` <b>b</b><img src=http://x.example/j onerror=go()> \u202eevil\u2066"
)
# What Markdown, an icon, LaTeX or the order of letters would act on, no backslash before it.
RAW = re.compile(
    r"(?<!\\)(?:\[[pl]\]\(|\$x|:red\[|`c`|<b>|<img|:material/check:)|://x|www\.x|[\u202e\u2066]"
)
LETTER_FOR_LETTER = {
    "plotly_chart": re.compile("<b>b|<img|[\u202e\u2066]"), "grid": re.compile("[\u202e\u2066]"),
    "html": re.compile("<b>|<img|[\u202e\u2066]"),  # neither Markdown nor addresses mean anything
}  # fmt: skip
# Columns that strangers fill, as far as no constraint and no code of ours decides by them.
WRITTEN = {
    "orders": ("name", "customer_name", "phone", "email", "county", "city", "street", "note"),
    "order_lines": ("title", "sku"),
    "parcels": ("product", "sku", "county", "city", "status_text", "reason"),
    "piles": ("name", "created_by"),
    "pictures": ("filename",),
    "pile_pictures": ("filename", "added_by"),
    "scans": ("by", "code"),
    "reversals": ("requested_by",),
    "runs": ("created_by",),
    "pile_orders": ("staff_note", "remark"),
    "invoices": ("storno_series",),
    "fact_words": ("word", "title"),
    "connections": ("name",),
    "order_questions": ("text", "answered_by"),
    "sessions": ("name", "person"),
    "people": ("name",),
    "aliases": ("created_by",),
    "approvals": ("asked_by",),
}
# Elements that show a text as it is: a field's content, a grid's cells, a list's options.
AS_IT_IS = {"grid", "html", "text_input", "text_area", "code", "bidi_component",
            "component_instance", "plotly_chart", "json"}  # fmt: skip
OPTIONS = {"selectbox", "multiselect", "chat_input"}


WHY = [(table.name, column.name) for table in metadata.tables.values() for column in table.c
       if isinstance(column.type, ReasonText)]  # fmt: skip


def spoil(connection: Connection) -> set[str]:
    """Write it into everything there is; gives what was written into, as `table.column`."""
    found = set()
    for table, names in WRITTEN.items():
        for name in names:
            assert name in metadata.tables[table].c, f"{table}.{name} is no column"
            words = SPOILT.format(of=f"{table}.{name}:")
            alone = " || id" if name == "name" and table in ("orders", "connections") else ""
            query = f'UPDATE {table} SET "{name}" = :words{alone} WHERE "{name}" != \'\''
            if connection.execute(text(query), {"words": words}).rowcount:
                found.add(f"{table}.{name}")
    for table, name in WHY:
        rows = connection.execute(text(f"SELECT rowid, {name} FROM {table} WHERE {name} != ''"))
        for key, kept in rows.all():
            said = json.dumps(_sentence(json.loads(kept), f"{table}.{name}"))
            query = text(f"UPDATE {table} SET {name} = :said WHERE rowid = :key")
            connection.execute(query, {"said": said, "key": key})
    actor, subject, detail = (SPOILT.format(of=of) for of in ("actor:", "subject:", "detail:"))
    trail.record(connection, Action.PILE_BEGUN, subject, {"said": detail}, name=actor)
    return found


def _sentence(reason: Any, of: str) -> Any:
    """The same reason; each text among its parameters is a stranger's."""
    if isinstance(reason, str):
        return SPOILT.format(of=f"{of}:")
    if isinstance(reason, dict):
        return {
            key: value if key == "code" else _sentence(value, of) for key, value in reason.items()
        }
    return [_sentence(one, of) for one in reason] if isinstance(reason, list) else reason


def strings(value: Any) -> Iterator[str]:
    """Every text of a message that Streamlit sends to the browser."""
    if isinstance(value, str):
        yield value
    elif hasattr(value, "ListFields"):
        for _, one in value.ListFields():
            yield from strings(one)
    elif not isinstance(value, bytes | int | float) and hasattr(value, "__iter__"):
        for one in value.values() if hasattr(value, "values") else value:
            yield from strings(one)


def cells(node: Any) -> Iterator[str]:
    """Every text of a grid: its cells, and its headings."""
    frame = getattr(node.value, "data", node.value)  # of a painted one
    yield from map(str, frame.columns)
    for column in frame.columns:
        yield from (one for cell in frame[column] for one in _texts(cell))


def _texts(cell: Any) -> Iterator[str]:
    if isinstance(cell, str):
        yield cell
    elif isinstance(cell, list | tuple | np.ndarray):
        for one in cell:
            yield from _texts(one)


def drawn(app: AppTest) -> Iterator[tuple[str, str]]:
    """Kind of element and text of all that a page draws; options of lists are left out."""
    waiting = [app._tree]
    while waiting:
        node = waiting.pop()
        waiting += list(getattr(node, "children", {}).values())
        proto = getattr(node, "proto", None)
        if proto is None:
            continue
        if node.type in ("dataframe", "arrow_data_frame"):
            yield from (("grid", words) for words in cells(node))
            continue
        for field, one in proto.ListFields():
            if not (node.type in OPTIONS and field.name in ("options", "default", "raw_values")):
                yield from ((node.type, words) for words in strings(one))


@pytest.mark.parametrize(
    ("desk", "pages", "fields"),
    [
        ("sample", ("scan", "review"), {"piles.name", "scans.code"}),
        ("finished", ("follow_up", "analytics", "history", "settings"),
         {"orders.name", "effects.why", "scans.by", "connections.name"}),
    ],
    indirect=["desk"],
)  # fmt: skip
def test_no_page_makes_more_of_a_strangers_words_than_their_letters(
    desk: Engine, pages: tuple[str, ...], fields: set[str]
) -> None:
    with db.writing() as connection:
        spoil(connection)
    seen, grids, raw = set[str](), set[str](), []
    for page in pages:
        for element, words in drawn(open_page(page)):
            seen |= set(OF.findall(words))
            grids |= {page} if element == "grid" and OF.search(words) else set()
            bad = LETTER_FOR_LETTER.get(element) if element in AS_IT_IS else RAW
            if bad is not None and (found := bad.search(words)):
                raw.append((page, element, found[0], words[:200]))
    assert raw == []
    assert fields - seen == set()
    assert grids >= {pages[0], pages[-2]} - {"scan", "follow_up"}, "no grid was looked into"


def test_a_word_that_a_page_drew_raw_would_be_found() -> None:
    app = AppTest.from_string(f"import streamlit as st; st.caption({SPOILT!r})").run()
    assert [element for element, words in drawn(app) if RAW.search(words)] == ["caption"]
