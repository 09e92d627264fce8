"""Words that named ten things at once name nothing any more; the thing's own name does."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("core", "pages", "scripts", "benchmarks", "tests")
COINED = {"told"}


def names(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """Each name that a module gives to something, with its line."""
    for node in ast.walk(tree):
        for part in ("id", "arg", "attr", "name"):
            name = getattr(node, part, None)
            if isinstance(name, str):
                yield name, getattr(node, "lineno", 0)


def coined(source: str) -> list[tuple[str, int]]:
    return [one for one in names(ast.parse(source)) if one[0].strip("_") in COINED]


def test_no_variable_argument_field_or_function_has_a_coined_name() -> None:
    found = {}
    for folder in FOLDERS:
        for file in (ROOT / folder).rglob("*.py"):
            found[file.relative_to(ROOT).as_posix()] = coined(file.read_text())
    assert len(found) > 300
    assert {name: where for name, where in found.items() if where} == {}


def test_a_coined_name_is_seen_wherever_it_stands() -> None:
    source = (
        "def told(_told):\n    one.told = 1\n    told: int\nclass Two:\n    told = 2\nthing(told=3)"
    )
    assert sorted(line for _, line in coined(source)) == [1, 1, 2, 3, 5, 6]
    assert coined('"""What it is told."""\nuntold = "told"') == []


def test_a_number_that_a_comment_cites_stands_in_the_documents() -> None:
    proofs = set(
        re.findall(r"^\| (T\d+) ", (ROOT / "docs" / "proofs.md").read_text(), re.MULTILINE)
    )
    assert len(proofs) > 5
    cited = {
        (file.relative_to(ROOT).as_posix(), number)
        for folder in FOLDERS
        for file in (ROOT / folder).rglob("*.py")
        for number in re.findall(r"\(([A-Z]\d{1,2})\)[.:,;\"]", file.read_text())
    }
    assert {one for one in cited if one[1] not in proofs} == set()
    assert any(number in proofs for _, number in cited)
