"""Whoever waits goes by core.clock, except where its docstring says why not."""

import ast
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
OUTSIDE = ("core/services/http/", "core/services/limits/", "core/sandbox/")
OF_THE_SYSTEM = {"monotonic", "time", "sleep"}


def asked(file: Path) -> set[str]:
    """What of the system's clocks a file uses: `time.monotonic`, `from time import sleep`."""
    found = set()
    for one in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(one, ast.Attribute) and isinstance(one.value, ast.Name):
            found |= {one.attr} if one.value.id == "time" else set()
        elif isinstance(one, ast.ImportFrom) and one.module == "time":
            found |= {name.name for name in one.names}
    return found & OF_THE_SYSTEM


def test_only_what_waits_outside_of_the_program_asks_the_system_for_the_time() -> None:
    files = [
        file.relative_to(ROOT).as_posix()
        for room in ("core", "pages")
        for file in (ROOT / room).rglob("*.py")
        if asked(file)
    ]
    inside = {one for one in files if not one.startswith(OUTSIDE)}
    assert inside == {"core/clock.py"}


def test_each_place_that_may_does() -> None:
    """A place that needs it no more leaves the list."""
    for place in OUTSIDE:
        assert any(asked(file) for file in (ROOT / place).rglob("*.py")), place
