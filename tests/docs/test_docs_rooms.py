"""Rooms stay small, are drawn as they are, and are told in ARCHITECTURE.md."""

import re
from collections import Counter
from pathlib import Path

import pytest

from scripts import rooms

ROOT = Path(__file__).resolve().parents[2]
MOST_LINES = 400
MOST_MODULES = 12
FOLDERS = ("core", "pages", "scripts", "benchmarks", "tests", "data")


def sources(*folders: str, kinds: str = "py js css") -> list[Path]:
    """The source files of these folders."""
    return [
        file
        for folder in folders
        for kind in kinds.split()
        for file in sorted((ROOT / folder).rglob(f"*.{kind}"))
        if "node_modules" not in file.parts
    ]


def test_no_file_is_longer_than_four_hundred_lines() -> None:
    long = {
        str(file.relative_to(ROOT)): count
        for file in sources(*FOLDERS)
        if (count := len(file.read_text(encoding="utf-8").splitlines())) > MOST_LINES
    }
    assert long == {}


def test_no_room_holds_more_than_a_dozen_modules() -> None:
    counted = Counter(
        str(file.parent.relative_to(ROOT))
        for file in sources("core", "pages", kinds="py")
        if file.name != "__init__.py"
    )
    assert {room: count for room, count in counted.items() if count > MOST_MODULES} == {}


def test_the_drawing_shows_the_imports_as_they_are() -> None:
    """After a change of imports: `python -m scripts.rooms`."""
    assert rooms.TARGET.read_text(encoding="utf-8") == rooms.draw()


def test_rooms_lie_above_what_they_import() -> None:
    used = {"a": {"b", "c"}, "b": {"c"}, "c": set(), "d": {"c"}}
    assert rooms.levels(used) == [["a"], ["b", "d"], ["c"]]


def test_a_circle_of_rooms_is_named() -> None:
    with pytest.raises(ValueError, match="a → b → a"):
        rooms.levels({"a": {"b"}, "b": {"a"}})


def test_an_import_inside_a_function_is_drawn_as_well(tmp_path: Path) -> None:
    (tmp_path / "core" / "high").mkdir(parents=True)
    (tmp_path / "pages").mkdir()
    (tmp_path / "dashboard.py").write_text("import core.high.one\n")
    (tmp_path / "core" / "high" / "one.py").write_text("def f():\n    from core.low import two\n")
    assert rooms.uses(tmp_path) == {"core.high": {"core.low"}, "dashboard": {"core.high"}}


def test_every_room_of_core_is_told_in_architecture() -> None:
    described = set(
        re.findall(r"`core/(\w+)`", (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8"))
    )
    there = {file.parent.name for file in (ROOT / "core").glob("*/__init__.py")}
    assert there - described == set()


def test_every_room_says_in_its_first_line_what_it_is_for() -> None:
    silent = [
        str(file.parent.relative_to(ROOT))
        for file in (ROOT / "core").rglob("__init__.py")
        if not file.read_text(encoding="utf-8").strip().startswith('"""')
    ]
    assert silent == []
