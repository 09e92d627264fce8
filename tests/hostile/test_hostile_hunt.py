"""A hunt with damaged files through the real routes: the server lives, small and quick."""

import os
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
import requests
from hostile_desk import ROOT, child, served
from hostile_hunt import KINDS, MOST_GROWTH, SECOND, Found, Watch, hunt, mutated

QUICK = 25  # files of each kind
EACH = 2_500
PREPARE = """
from core.config import DATA
from core.orders.imports import importing
from core.orders.piles import piles
from core.settings import connections
from core.store import db
db.migrate()
with db.writing() as connection:
    shop = connections.save(connection, kind="shop", service="shopify", name="Casa Verde",
                            settings={"base_url": "https://casa.example"}, secrets_={},
                            sandbox=True)
sheet = importing.read_table((DATA / "orders.csv").read_bytes(), "orders.csv")
importing.import_orders(shop, sheet, importing.guess_columns(sheet.headers))
print(piles.create("Hunt"))
"""


def hunted(tmp_path: Path, found: Found, each: int, file: Path | None = None) -> None:
    """Without a file to go on from it is the quick one, which shares the machine with others."""
    home = tmp_path / "home"
    done = subprocess.run(
        [sys.executable, "-c", PREPARE], cwd=ROOT, capture_output=True, text=True, check=True,
        env={**os.environ, "REFUZ_HOME": str(home)},
    )  # fmt: skip
    pile = int(done.stdout.split()[-1])
    log = tmp_path / "serve.log"
    with served(home, log=log, REFUZ_WORKER="off") as (process, port):
        base, web = f"http://localhost:{port}", child(process, "web")
        requests.get(f"{base}/healthz", timeout=10).raise_for_status()
        # What the first picture and the first page load counts as the beginning.
        hunt(base, pile, Found(), 1, lambda: None, tmp_path)
        with Watch(base, psutil.Process(web.pid), found, shared=file is None):
            hunt(base, pile, found, each, lambda: found.keep(file) if file else None, tmp_path)
        assert child(process, "web").pid == web.pid
    _, crash, what = log.read_text(errors="replace").partition("Traceback")
    assert not crash, what[:6000]


def held(found: Found, each: int) -> None:
    assert found.done == dict.fromkeys(KINDS, each)
    assert found.wrong == []
    assert found.growth < MOST_GROWTH


def test_some_hundred_damaged_files_leave_the_server_alive_small_and_quick(tmp_path: Path) -> None:
    found = Found()
    hunted(tmp_path, found, QUICK)
    held(found, QUICK)
    for what in ("photos 202", "frames 200", "frames 422", "thumbnail 200", "thumbnail 404",
                 "xlsx refused", "csv read"):  # fmt: skip
        assert found.answers.get(what), f"no file was answered with {what}: {found.answers}"


def test_a_file_of_the_hunt_is_the_same_for_the_same_number() -> None:
    for kind in KINDS:
        assert mutated(kind, 7) == mutated(kind, 7)
        assert len({mutated(kind, number) for number in range(30)}) > 25


@pytest.mark.heavy
@pytest.mark.timeout(6 * 3600)
def test_twenty_thousand_damaged_files_leave_the_server_alive_small_and_quick(
    tmp_path: Path,
) -> None:
    """With REFUZ_HUNT_FILE it goes on where it was stopped (`make hunt`)."""
    file = Path(os.environ.get("REFUZ_HUNT_FILE") or tmp_path / "hunt.json")
    found = Found.kept(file)
    hunted(tmp_path, found, EACH, file)
    held(found, EACH)
    assert found.slowest_health < SECOND
