"""The desk's style sheets, as what a browser has to do for them."""

import re
from pathlib import Path

import pytest

SHEETS = Path(__file__).resolve().parents[2] / "pages" / "components"
ON_SCREEN = sorted(one.name for one in SHEETS.glob("*.css") if one.name != "print.css")


def selectors(sheet: str) -> list[str]:
    """Each selector of a sheet, without those of its at-rules."""
    bare = re.sub(r"/\*.*?\*/", "", sheet, flags=re.DOTALL)
    heads = [head.strip() for head in re.findall(r"([^{};]+)\{", bare)]
    return [one for head in heads if not head.startswith("@") for one in split(head, ",")]


def split(text: str, signs: str) -> list[str]:
    """A selector's parts between these signs, outside of brackets."""
    parts, depth = [""], 0
    for sign in text.strip():
        depth += (sign in "([") - (sign in ")]")
        if sign in signs and not depth:
            parts.append("")
        else:
            parts[-1] += sign
    return [part.strip() for part in parts if part.strip()]


@pytest.mark.parametrize("name", ON_SCREEN)
def test_no_rule_dresses_what_lies_below_or_behind_a_has(name: str) -> None:
    """With such rules each label that a chart measured cost 45 to 70 ms of style, else about 1."""
    found = selectors((SHEETS / name).read_text("utf-8"))
    assert found
    costly = [one for one in found if ":has(" in "".join(split(one, " >+~")[:-1])]
    assert costly == []


@pytest.mark.parametrize(
    ("selector", "parts"),
    [
        (".a:has(> .b) > *", [".a:has(> .b)", "*"]),
        ("p .c:has(.d, .e ~ .f)", ["p", ".c:has(.d, .e ~ .f)"]),
        ("[title='a > b']+i", ["[title='a > b']", "i"]),
    ],
)
def test_a_selector_is_divided_outside_of_its_brackets(selector: str, parts: list[str]) -> None:
    assert split(selector, " >+~") == parts
