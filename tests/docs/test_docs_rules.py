"""docs/rules.md says of each rule where it is kept and what holds it; both are there."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docs" / "rules.md").read_text(encoding="utf-8")
ROWS = [
    [cell.strip() for cell in line.strip("| ").split(" | ")]
    for line in TEXT.splitlines()
    if re.match(r"\| \d+ \|", line)
]


def functions(file: str) -> set[str]:
    """The names of a file's functions and methods, none where it is not there."""
    path = ROOT / file
    tree = ast.parse(path.read_text(encoding="utf-8")) if path.exists() else ast.Module([], [])
    return {one.name for one in ast.walk(tree) if isinstance(one, ast.FunctionDef)}


def test_each_rule_has_one_row() -> None:
    assert [row[0] for row in ROWS] == re.findall(r"^(\d+)\. \S", TEXT, re.MULTILINE)


def test_the_places_are_there() -> None:
    for number, kept_in, how, _ in ROWS:
        places = re.findall(r"`([\w/]+\.py)`", kept_in)
        assert how, number
        assert places, number
        assert [one for one in places if not (ROOT / one).is_file()] == []


def test_what_holds_each_rule_is_there_and_runs() -> None:
    """An invariant of the histories runs by its name, a test by being one."""
    for number, _, _, held_by in ROWS:
        named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", held_by)
        assert named, number
        assert held_by == ", ".join(f"`{file}::{name}`" for file, name in named)
        for file, name in named:
            runs = name.startswith(("test_", f"rule_{number}_"))
            assert runs, name
            assert name in functions(file), f"{file}::{name}"


def test_no_adapter_can_delete_a_document() -> None:
    """Rule 2: what is wrong is corrected by a document, so none of our calls is a DELETE."""
    files = list((ROOT / "core" / "services").rglob("*.py"))
    assert len(files) > 30
    texts = {file: ast.walk(ast.parse(file.read_text(encoding="utf-8"))) for file in files}
    words = {
        file.name
        for file, nodes in texts.items()
        for one in nodes
        if (isinstance(one, ast.Constant) and str(one.value).upper() == "DELETE")
        or (isinstance(one, ast.Attribute) and one.attr == "delete")
    }
    assert words == set()
