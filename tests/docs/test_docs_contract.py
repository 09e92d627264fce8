"""`make lint` fails when a page or a room imports what it must not: shown, not believed."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = "Pages draw: they know neither the database nor the wire"
CIRCLES = "No two rooms, and no two modules of a room, import each other"
LAYERS = "Rooms follow the parcel's way: each imports only rooms below it"


def broken(folder: Path) -> list[str]:
    """The contracts that do not hold for the code of a folder."""
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip
    lines = done.stdout.splitlines()
    names = [line.removesuffix(" BROKEN") for line in lines if line.endswith(" BROKEN")]
    assert bool(names) is bool(done.returncode), done.stdout + done.stderr
    return names


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The code and its contracts, to be changed."""
    for name in ("core", "pages"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("module", "line", "contract"),
    [
        ("pages/history/page.py", "import sqlalchemy", PAGES),
        ("pages/scan/card.py", "from requests import get", PAGES),
        ("pages/common/made_up.py", "import sqlalchemy.orm", PAGES),
        ("core/orders/piles/piles.py", "import core.server.lifespan", LAYERS),
        ("core/store/parts.py", "import pages.main", LAYERS),
        ("core/orders/aliases.py", "import core.orders.piles.edits", CIRCLES),
    ],
)
def test_an_import_that_points_back_or_outside_fails_the_check(
    copy: Path, module: str, line: str, contract: str
) -> None:
    with (copy / module).open("a", encoding="utf-8") as file:
        file.write(f"\n{line}\n")
    assert contract in broken(copy)


def test_the_code_as_it_is_keeps_every_contract(copy: Path) -> None:
    assert broken(copy) == []
