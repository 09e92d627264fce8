"""Writes THIRD-PARTY-NOTICES.md from the packages installed beside Refuz.

    python -m scripts.notices

Named are the packages that `requirements/run.txt` pins and that are installed here, by what their
own metadata say: version, licence, home. Refuz's wheel holds none of them: each brings its licence
text along in its own.
"""

import re
import sys
from email.message import Message
from importlib import metadata
from pathlib import Path
from typing import cast

ROOT = Path(__file__).resolve().parents[1]
TARGET = ROOT / "THIRD-PARTY-NOTICES.md"
PINNED = ROOT / "requirements" / "run.txt"
HEAD = """# Third-party notices

What Refuz runs on, as installed from [requirements/run.txt](requirements/run.txt). Made by \
`make notices`; a test compares it with what is installed. Each package carries its own licence \
text; none is part of Refuz's own files.

| package | version | licence | home |
| --- | --- | --- | --- |
"""
LONGEST = 60  # characters of a licence; some packages put the whole text there


def pinned(text: str) -> list[str]:
    """The names that a requirements file pins, in order."""
    return re.findall(r"^([A-Za-z0-9_.-]+)(?:\[[\w,-]+\])?==", text, re.MULTILINE)


def licence_of(package: Message) -> str:
    """The licence by its SPDX expression, else by classifier, else by the free field."""
    classified = [
        one.rpartition(" :: ")[2]
        for one in package.get_all("Classifier") or []
        if one.startswith("License ::")
    ]
    free = next(iter((package.get("License") or "").strip().splitlines()), "")
    found = package.get("License-Expression") or ", ".join(classified) or free
    return found if len(found) <= LONGEST else "see its licence file"


REGISTRY = re.compile(r"https?://(?:www\.)?pypi\.")


def home_of(package: Message) -> str:
    """Its home page, "" where it names none; a registry is nobody's home."""
    urls = dict(one.split(", ", 1) for one in package.get_all("Project-URL") or [] if ", " in one)
    wanted = {name.lower(): url for name, url in urls.items()}
    names = ("homepage", "home", "source", "source code", "repository", "documentation")
    named = [package.get("Home-page") or "", *(wanted.get(one, "") for one in names)]
    return next((one for one in named if one and not REGISTRY.match(one)), "")


def row(name: str) -> str | None:
    """A package's line; None where it is not installed on this machine."""
    try:
        package = cast("Message", metadata.metadata(name))
    except metadata.PackageNotFoundError:
        return None
    return f"| {name} | {package['Version']} | {licence_of(package) or '?'} | {home_of(package)} |"


def written() -> str:
    """The whole file."""
    rows = [row(name) for name in dict.fromkeys(pinned(PINNED.read_text(encoding="utf-8")))]
    return HEAD + "\n".join(one for one in rows if one is not None) + "\n"


def main() -> int:
    """Write it; exit status 1 when a package tells no licence."""
    text = written()
    TARGET.write_text(text, encoding="utf-8")
    return int("| ? |" in text)


if __name__ == "__main__":
    sys.exit(main())
