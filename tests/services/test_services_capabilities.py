"""The program decides by what a service declares, and by nothing else: never by its name."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.services import registry
from core.services.ports import NOTHING, Capabilities, LimitBlock, Rate, Tells

CORE = Path(registry.__file__).parents[1]
ROOT = CORE.parent
# Where a service's own name may decide: its adapter, its labels, its counterpart; made-up data.
OWN = ("services/shops", "services/invoicing", "services/couriers", "labels/couriers", "sandbox",
       "demo")  # fmt: skip
NAMES = set(registry.services())


def compared(node: ast.AST) -> Iterator[ast.expr]:
    """The values that a condition compares with."""
    if isinstance(node, ast.Compare):
        yield from (node.left, *node.comparators)
    elif isinstance(node, ast.MatchValue):
        yield node.value


def names_in(found: ast.expr) -> Iterator[str]:
    parts = found.elts if isinstance(found, (ast.Tuple, ast.List, ast.Set)) else [found]
    yield from (str(one.value) for one in parts if isinstance(one, ast.Constant))


def conditions(source: str) -> list[tuple[int, str]]:
    """The services' names that conditions of this source compare with, by line."""
    return [
        (found.lineno, name)
        for node in ast.walk(ast.parse(source))
        for found in compared(node)
        for name in names_in(found)
        if name in NAMES
    ]


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("if service == 'oblio': pass", ["oblio"]),
        ("x = 1 if one.service in ('fgo', 'stripe') else 2", ["fgo", "stripe"]),
        ("match service:\n    case 'shopify':\n        pass", ["shopify"]),
        ("if capabilities.tells.amount: pass", []),
    ],
)
def test_a_decision_by_a_services_name_is_found(source: str, found: list[str]) -> None:
    assert [name for _, name in conditions(source)] == found


def test_nothing_outside_an_adapter_decides_by_a_services_name() -> None:
    found = []
    for room in ("core", "pages"):
        for file in sorted((ROOT / room).rglob("*.py")):
            path = file.relative_to(ROOT).as_posix()
            if path.startswith(tuple(f"core/{one}/" for one in OWN)):
                continue
            found += [f"{path}:{line} {name}" for line, name in conditions(file.read_text("utf-8"))]
    assert found == []


def test_a_rate_is_of_a_kind_of_call() -> None:
    usual, effects = Rate(3.0), Rate(0.3)
    one = Capabilities(usual, can_be_asked=True)
    assert (one.rate_of("reading"), one.rate_of("effect")) == (usual, usual)
    two = Capabilities(usual, can_be_asked=True, effect_rate=effects)
    assert (two.rate_of("reading"), two.rate_of("effect")) == (usual, effects)


def test_only_who_tells_something_is_read() -> None:
    assert not Capabilities(Rate(1), can_be_asked=True).can_be_read
    assert Capabilities(Rate(1), can_be_asked=True, tells=Tells(partly=True)).can_be_read
    assert Tells() == NOTHING
    assert LimitBlock().seconds > 0
