"""docs/threats.md names tests that exist, one a row."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROWS = [
    line
    for line in (ROOT / "docs" / "threats.md").read_text(encoding="utf-8").splitlines()
    if line.startswith("| ") and not line.startswith(("| threat", "| ---"))
]


def functions(file: str) -> set[str]:
    """The names of a file's tests, none where it is not there."""
    path = ROOT / file
    tree = ast.parse(path.read_text(encoding="utf-8")) if path.exists() else ast.Module([], [])
    return {one.name for one in ast.walk(tree) if isinstance(one, ast.FunctionDef)}


def test_every_threat_has_what_stands_against_it_and_a_test_that_exists() -> None:
    assert len(ROWS) > 40
    lacking = []
    for row in ROWS:
        threat, stands, test = (cell.strip() for cell in row.strip("| ").split(" | "))
        named = re.fullmatch(r"`(tests/[\w/]+\.py)::(test_\w+)`", test)
        if not (threat and stands and named and named[2] in functions(named[1])):
            lacking.append(row)
    assert lacking == []


def test_no_threat_stands_twice() -> None:
    threats = [row.split(" | ")[0] for row in ROWS]
    assert len(set(threats)) == len(threats)
