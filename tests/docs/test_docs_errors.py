"""One tree of errors, drawn as it is; a person is shown its UserErrors and nothing else."""

import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path

import core
from core import errors
from core.errors import RefuzError

ROOT = Path(__file__).resolve().parents[2]
OUTSIDE = ("core.sandbox.services",)  # errors of the services it plays, not of ours


def raised_by_us() -> Iterator[type[Exception]]:
    """Every exception class that a module of core defines."""
    for entry in pkgutil.walk_packages(core.__path__, "core."):
        if "migrations" in entry.name or entry.name.endswith("__main__"):
            continue
        if entry.name.startswith(OUTSIDE):
            continue
        for found in vars(importlib.import_module(entry.name)).values():
            ours = inspect.isclass(found) and found.__module__ == entry.name
            if ours and issubclass(found, Exception):
                yield found


def tree(base: type[Exception] = RefuzError, before: str = "") -> list[str]:
    """The lines below a class, drawn as at the head of core/errors.py."""
    ours = [one for one in base.__subclasses__() if one.__module__.startswith("core.")]
    public = sorted({one for one in ours if one.__name__[0] != "_"}, key=lambda one: one.__name__)
    public.sort(key=lambda one: not one.__subclasses__())
    lines = []
    for place, one in enumerate(public):
        last = place == len(public) - 1
        lines.append(f"{before}{'└── ' if last else '├── '}{one.__name__}")
        lines += tree(one, before + ("    " if last else "│   "))
    return lines


def test_every_error_of_ours_has_the_one_base() -> None:
    found = list(raised_by_us())
    assert len(found) > 20
    assert [one for one in found if not issubclass(one, RefuzError)] == []


def test_the_tree_is_drawn_at_the_head_of_its_file() -> None:
    list(raised_by_us())  # imports every room
    lines = (errors.__doc__ or "").splitlines()
    drawn = [found[0] for line in lines if (found := re.match(r"[├└│][├└│─ ]+\w+", line))]
    assert drawn == tree()


def test_nobody_catches_pythons_errors_to_show_them() -> None:
    """`str(error)` of a ValueError may be Python's own words; a page's guard is for those."""
    shown = re.compile(r"except \(?(?:ValueError|LookupError|RuntimeError|Exception)[^:]*as (\w+):"
                       r"\n\s+(?:st\.|said\(|say\.|raise Problem)[^\n]*\1")  # fmt: skip
    places = [
        str(file.relative_to(ROOT))
        for folder in ("core", "pages")
        for file in (ROOT / folder).rglob("*.py")
        if shown.search(file.read_text(encoding="utf-8"))
    ]
    assert places == []
