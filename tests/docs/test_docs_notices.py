"""THIRD-PARTY-NOTICES.md is made by a tool, and made anew when what is pinned changes."""

import re
from collections import defaultdict
from email.message import Message
from importlib import metadata

import pytest

from scripts import notices

PIN = re.compile(r"^([A-Za-z0-9_.-]+)(?:\[[\w,-]+\])?==(\S+)", re.MULTILINE)
PINS = defaultdict[str, set[str]](set)  # some have a version for each Python
for package, version in PIN.findall(notices.PINNED.read_text("utf-8")):
    PINS[package].add(version)
LINES = {
    line.split(" | ")[0].removeprefix("| "): line
    for line in notices.TARGET.read_text("utf-8").splitlines()
    if line.startswith("| ") and "---" not in line and not line.startswith("| package")
}


def test_every_pinned_package_that_runs_here_is_named_with_its_version() -> None:
    """After a change of pins: `make notices`."""
    here = {name for name in PINS if notices.row(name) is not None}
    assert here <= set(LINES) <= set(PINS)
    assert [n for n, line in LINES.items() if line.split(" | ")[1] not in PINS[n]] == []


def test_each_line_is_what_the_package_says_of_itself() -> None:
    """Of those that are installed in their pinned version."""
    here = {name: notices.row(name) for name in LINES}
    same = [n for n, row in here.items() if row and f"| {metadata.version(n)} |" in LINES[n]]
    assert len(same) > 50
    assert [name for name in same if here[name] != LINES[name]] == []


def test_every_package_tells_its_licence() -> None:
    """One without would have to be asked about before it is used."""
    assert [name for name, line in LINES.items() if "| ? |" in line] == []


@pytest.mark.parametrize(
    ("fields", "licence"),
    [
        ({"License-Expression": "MIT OR Apache-2.0", "License": "whatever"}, "MIT OR Apache-2.0"),
        ({"Classifier": "License :: OSI Approved :: BSD License"}, "BSD License"),
        ({"License": "zlib\nand more of it"}, "zlib"),
        ({"License": "x" * 200}, "see its licence file"),
        ({}, ""),
    ],
)
def test_a_licence_is_read_from_where_it_stands(fields: dict[str, str], licence: str) -> None:
    """The expression before the classifiers, these before the free field."""
    package = Message()
    for name, value in fields.items():
        package[name] = value
    assert notices.licence_of(package) == licence
