"""Every command, variable, preference and route is documented, and what is documented exists."""

import dataclasses
import re
from pathlib import Path

import click
from starlette.routing import Mount, Route

from core.cli.main import main
from core.server.routes.table import routes
from core.settings.preferences import Preferences

ROOT = Path(__file__).resolve().parents[2]
NAME = re.compile(r"\b(REFUZ_[A-Z_]*[A-Z])\b")


def section(title: str) -> str:
    """A section of docs/reference.md."""
    text = (ROOT / "docs" / "reference.md").read_text(encoding="utf-8")
    return text.split(f"## {title}\n")[1].split("\n## ")[0]


def first_cells(text: str, pattern: str) -> set[str]:
    """What stands in backticks at the beginning of each row of a table."""
    return set(re.findall(rf"^\| `({pattern})` \|", text, re.MULTILINE))


def commands(group: click.Group, before: str = "refuz") -> set[str]:
    found = set()
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            found |= commands(command, f"{before} {name}")
        else:
            found.add(f"{before} {name}")
    return found


def test_every_command_is_documented_and_exists() -> None:
    assert first_cells(section("Commands"), "refuz [a-z ]+") == commands(main)


def test_every_command_says_what_it_does() -> None:
    assert [name for name, one in main.commands.items() if not one.help] == []


def test_every_variable_that_is_read_is_documented_and_the_other_way_round() -> None:
    files = [ROOT / "dashboard.py"]
    for folder in ("core", "pages", "scripts", "benchmarks", "tests"):
        files += (ROOT / folder).rglob("*.py")
    read = {name for file in files for name in NAME.findall(file.read_text(encoding="utf-8"))}
    documented = first_cells(section("Environment"), "[A-Z_]+")
    assert documented - {"PORT"} == read


def test_every_variable_that_a_document_names_is_read() -> None:
    documented = first_cells(section("Environment"), "[A-Z_]+")
    named = {
        name
        for file in [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), ROOT / "Makefile"]
        for name in NAME.findall(file.read_text(encoding="utf-8"))
    }
    assert named - documented == set()


def test_every_preference_is_documented_with_its_default() -> None:
    rows = re.findall(r"^\| `(\w+)` \| `([^`]*)` \|", section("Preferences"), re.MULTILINE)
    assert dict(rows) == {one.name: str(one.default) for one in dataclasses.fields(Preferences)}


def test_every_route_is_documented_with_its_method() -> None:
    text = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    documented = set(re.findall(r"^\| `([^`]+)` \| (GET|POST) \|", text, re.MULTILINE))
    known = set()
    for one in routes(ROOT / "pages" / "components"):
        assert isinstance(one, Route | Mount)
        method = "POST" if isinstance(one, Route) and "POST" in (one.methods or ()) else "GET"
        known.add((one.path, method))
    assert documented == known


def test_every_make_target_that_a_document_names_exists() -> None:
    there = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = {
        target
        for file in [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")]
        for target in re.findall(r"`make ([a-z-]+)", file.read_text(encoding="utf-8"))
    }
    assert named
    assert named - there == set()
