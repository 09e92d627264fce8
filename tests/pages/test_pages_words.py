"""Every text that a page shows is found by whoever translates."""

import ast
from pathlib import Path

import pytest

from core.i18n import words
from core.orders.imports.columns import ALIAS_COLUMNS, INVOICE_COLUMNS, ORDER_COLUMNS

PAGES = Path(__file__).resolve().parents[2] / "pages"


def hidden(source: str) -> list[str]:
    """Texts given to `t` within an f-string, where the search for texts does not look."""
    return [
        call.args[0].value
        for letters in ast.walk(ast.parse(source))
        if isinstance(letters, ast.JoinedStr)
        for call in ast.walk(letters)
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Name)
        and call.func.id == "t"
        and call.args
        and isinstance(call.args[0], ast.Constant)
    ]


def test_no_text_lies_where_translators_are_not_shown_it() -> None:
    found = {str(file): hidden(file.read_text("utf-8")) for file in PAGES.rglob("*.py")}
    assert {file: texts for file, texts in found.items() if texts} == {}


def test_a_text_within_an_f_string_is_seen() -> None:
    assert hidden("""f"{plain(t('off'))} and {t(name)}" + t('on')""") == ["off"]


@pytest.mark.parametrize("columns", [ORDER_COLUMNS, ALIAS_COLUMNS, INVOICE_COLUMNS])
def test_every_column_that_an_import_asks_for_is_shown_to_translators(
    columns: dict[str, tuple[str, ...]],
) -> None:
    marked = {*words.COLUMNS, *words.FIGURES}
    assert {name.replace("_", " ") for name in columns} <= marked


def hinted(source: str) -> list[int]:
    """Lines of choices that begin empty and leave the hint in them to Streamlit, in English."""
    return [
        call.lineno
        for call in ast.walk(ast.parse(source))
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and (call.func.attr == "multiselect" or (call.func.attr == "selectbox" and _empty(call)))
        and "placeholder" not in {one.arg for one in call.keywords}
    ]


def _empty(call: ast.Call) -> bool:
    given = call.args[2:3] + [one.value for one in call.keywords if one.arg == "index"]
    return any(isinstance(one, ast.Constant) and one.value is None for one in given)


def test_no_choice_that_begins_empty_speaks_english() -> None:
    found = {str(file): hinted(file.read_text("utf-8")) for file in PAGES.rglob("*.py")}
    assert {file: lines for file, lines in found.items() if lines} == {}


def test_a_choice_that_begins_empty_is_seen() -> None:
    hint = "a.selectbox(t('x'), names, None)\nb.selectbox(t('x'), names, index=None)\n"
    assert hinted(hint + "c.selectbox(t('x'), names)\nd.multiselect(t('x'), names)") == [1, 2, 4]
