"""What a process keeps and changes is a part of the desk, or its reason stands in a decision."""

import ast
import dataclasses
import enum
import importlib
import os
import pkgutil
import re
import subprocess
import sys
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import core

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "decisions" / "process-globals.md"
CHANGING = {
    "lock", "RLock", "Event", "Condition", "Semaphore", "CapacityLimiter", "CapacityLimiterAdapter",
    "ContextVar", "local", "deque", "Queue", "WeakKeyDictionary", "WeakValueDictionary",
}  # fmt: skip
# Commands and rules: made whole with their module and never changed.
FIXED = {"PlainErrors", "Phrases", "_Ambiguous"}
COURIERS = "core.labels.couriers."
APART = ("core.sandbox", "core.store.migrations", "core.demo")  # no process of the desk's own


def changes(value: Any) -> bool:
    """Whether an object of a module is kept to be changed."""
    kind = type(value)
    if isinstance(value, type | types.FunctionType | types.ModuleType | enum.Enum | tuple):
        return False
    if isinstance(value, dict | list | set):
        return not value  # to be filled later
    if kind.__name__ in CHANGING:
        return True
    frozen = dataclasses.is_dataclass(value) and kind.__dataclass_params__.frozen  # type: ignore[attr-defined]
    return kind.__module__.startswith("core.") and not frozen and kind.__name__ not in FIXED


def rebound(source: str) -> set[str]:
    """What a module's functions bind anew: its names, and the classes whose attributes they set."""
    tree = ast.parse(source)
    classes = {node.name for node in tree.body if isinstance(node, ast.ClassDef)}
    found: set[str] = set()
    for node in ast.walk(tree):
        match node:
            case ast.Global(names=names):
                found.update(names)
            case ast.Attribute(value=ast.Name(id=name), ctx=ast.Store()) if name in classes:
                found.add(name)
    return found


def assigned(source: str) -> set[str]:
    """The names that a module itself binds."""
    found = set()
    for node in ast.parse(source).body:
        match node:
            case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
                found.add(name)
    return found


def kept() -> Iterator[str]:
    """Each object of a module of the desk's processes that is kept to be changed."""
    for found in pkgutil.walk_packages(core.__path__, "core."):
        name = found.name
        if name.endswith("__main__") or name.startswith((*APART, COURIERS)):
            continue
        module = importlib.import_module(name)
        source = Path(str(module.__file__)).read_text(encoding="utf-8")
        again = rebound(source)
        for word in again | assigned(source):
            if word in again or changes(getattr(module, word, None)):
                yield f"{name}.{word}"


def test_each_object_that_a_module_changes_stands_in_the_decision_with_its_reason() -> None:
    rows = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line[:2] == "| "]
    named = {name for row in rows for name in re.findall(r"`(core\.[\w.]+)`", row.split(" | ")[0])}
    # In a process of its own: what other tests filled is empty here, as when the desk starts.
    code = "import test_docs_globals as here; print(*here.kept())"
    found = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True,
        env={**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{Path(__file__).parent}"},
    )  # fmt: skip
    assert set(found.stdout.split()) == named


@pytest.mark.parametrize(
    ("value", "is_kept"),
    [({}, True), ([], True), ({"a": 1}, False), ((), False), (5, False), ("text", False)],
)
def test_a_thing_to_be_filled_later_is_seen(value: object, is_kept: bool) -> None:
    assert changes(value) == is_kept


def test_a_name_that_is_bound_anew_is_seen() -> None:
    assert rebound("x = 1\ndef f():\n    global x, y\n    x = 2\n") == {"x", "y"}
    assert rebound("class K:\n    a = 1\ndef f():\n    b, K.a = K.a, 2\n") == {"K"}
    assert rebound("class K:\n    def f(self):\n        self.a = 2\n") == set()
