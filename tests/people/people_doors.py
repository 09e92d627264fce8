"""Finds what pages, routes and the command line call of `core`: the candidates for doors."""

import ast
import functools
import importlib
import inspect
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
EDGE = ("core.server", "core.cli")


def lacks_arguments(function: Callable[..., Any]) -> bool:
    """Whether a call without arguments is a TypeError."""
    asked = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    parameters = inspect.signature(function).parameters.values()
    return any(one.default is one.empty and one.kind in asked for one in parameters)


def callers() -> list[Path]:
    """The files at the edge."""
    folders = ("pages", "core/server", "core/cli")
    return [
        ROOT / "dashboard.py",
        *(one for here in folders for one in (ROOT / here).rglob("*.py")),
    ]


@functools.cache
def called() -> dict[str, Callable[..., Any]]:
    """Every function of core that the edge imports or reaches through a module, by full name."""
    found = {}
    for file in callers():
        for function in _of(ast.parse(file.read_text(encoding="utf-8"))):
            found[f"{function.__module__}.{function.__name__}"] = function
    return found


def _of(tree: ast.Module) -> Iterator[Callable[..., Any]]:
    nodes = [*ast.walk(tree)]
    attributes = _attributes(nodes)
    for local, thing in _imported(nodes):
        if inspect.ismodule(thing):
            reached = [getattr(thing, name, None) for name in attributes[local]]
        else:
            reached = [thing]
        for one in reached:
            ours = inspect.isfunction(one) and one.__module__.startswith("core.")
            if ours and not one.__module__.startswith(EDGE):
                yield one


def _imported(nodes: Iterable[ast.AST]) -> Iterator[tuple[str, Any]]:
    for node in nodes:
        if not isinstance(node, ast.ImportFrom) or not (node.module or "").startswith("core"):
            continue
        module = importlib.import_module(str(node.module))
        for name in node.names:
            thing = getattr(module, name.name, None)
            if thing is None:
                thing = importlib.import_module(f"{node.module}.{name.name}")
            yield name.asname or name.name, thing


def _attributes(nodes: Iterable[ast.AST]) -> dict[str, set[str]]:
    """By name, what is asked of it."""
    found: dict[str, set[str]] = defaultdict(set)
    for node in nodes:
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            found[node.value.id].add(node.attr)
    return found
