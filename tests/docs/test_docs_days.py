"""A day is always the day at a place: in UTC it is another for some hours of each night."""

import ast
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# Values that are days already, at their own clock: a cell of Excel.
DAYS = {"core/orders/imports/files/workbook.py": 1}
OUTSIDE = "core/sandbox/"  # other companies' programs, with their own clocks
MADE = "core/clock.py"


def cut(file: Path) -> int:
    """How often a file takes the day of a moment, or today's, by itself."""
    calls = [one for one in ast.walk(ast.parse(file.read_text())) if isinstance(one, ast.Call)]
    return sum(
        isinstance(one.func, ast.Attribute)
        and one.func.attr in ("date", "today", "utcnow")
        and not one.args
        and not one.keywords
        and not (isinstance(one.func.value, ast.Name) and one.func.value.id == "session")
        for one in calls
    )


def test_only_the_clock_takes_the_day_of_a_moment_and_it_asks_where() -> None:
    files = [file for room in ("core", "pages") for file in (ROOT / room).rglob("*.py")]
    found = {file.relative_to(ROOT).as_posix(): cut(file) for file in files}
    found = {name: times for name, times in found.items() if times}
    assert found.pop(MADE) == 1
    assert {name: n for name, n in found.items() if not name.startswith(OUTSIDE)} == DAYS


def test_no_moment_is_put_at_the_clock_of_the_computer() -> None:
    """`astimezone()` without a zone takes the server's, which is nobody's."""
    files = [file for room in ("core", "pages") for file in (ROOT / room).rglob("*.py")]
    bare = [
        file.relative_to(ROOT).as_posix() for file in files if ".astimezone()" in file.read_text()
    ]
    assert bare == []
