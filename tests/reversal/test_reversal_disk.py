"""T12: the disk fills up while orders are being reversed, and is emptied again."""

import contextlib
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from reversal_support import Desk, chain_holds, once_each, order

from core.config import home
from core.i18n.reasons import sentence
from core.reversal.runs import run_control, runs
from core.store import disk

MEGABYTE = 1024 * 1024
DISK = disk.SPACE_NEEDED + 14 * MEGABYTE
PARCELS = 24


@pytest.fixture
def home_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A REFUZ_HOME on a small disk of its own."""
    folder = tmp_path / "home"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK}", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("a small disk can be mounted by root only")
    monkeypatch.setenv("REFUZ_HOME", str(folder))
    monkeypatch.delenv("REFUZ_DATABASE_URL", raising=False)
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(folder: Path, leave: int) -> Path:
    """Something else takes the disk's room, but for so many bytes."""
    ballast = folder / "somebody-elses-film"
    with ballast.open("wb") as file:
        while (free := shutil.disk_usage(folder).free - leave) > 0:
            with contextlib.suppress(OSError):  # the worker took some of it meanwhile
                os.posix_fallocate(file.fileno(), 0, ballast.stat().st_size + free)
    return ballast


def test_an_almost_full_disk_pauses_the_run_and_says_so(desk: Desk, home_dir: Path) -> None:
    desk.load([order(number) for number in range(1, PARCELS + 1)])
    ballast = fill(home_dir, disk.SPACE_NEEDED // 2)
    run = desk.run()
    desk.start_worker()
    while runs.progress(run.id).run.state == "running" and desk.open():
        time.sleep(0.1)
    stands = runs.progress(run.id).run
    assert stands.state == "paused"
    assert stands.note is not None
    assert "disk is almost full" in sentence(stands.note)
    ballast.unlink()
    run_control.resume(run.id)
    desk.wait()
    once_each(desk.ledger(), PARCELS)


def test_a_disk_that_fills_up_in_the_middle_loses_and_doubles_nothing(
    desk: Desk, home_dir: Path
) -> None:
    """Effects are on their way when nothing can be written any more."""
    desk.load([order(number) for number in range(1, PARCELS + 1)])
    desk.settings(refuse_repeats=False, latency_ms=150)
    desk.start_worker(REFUZ_SWEEP_SECONDS="600")  # the early warning comes too late
    run = desk.run()
    while sum(one.state == "sent" for one in desk.effects()) < 4:
        time.sleep(0.02)
    ballast = fill(home_dir, 0)
    worker = desk.workers[-1]
    ended = worker.wait(60)
    assert ended not in (0, None)  # it does not go on as if nothing had happened
    assert desk.open() > 0
    assert disk.is_short(home())
    ballast.unlink()

    def again() -> None:
        if desk.workers[-1].poll() is not None:
            desk.start_worker()

    desk.wait(90, again)
    once_each(desk.ledger(), PARCELS)
    assert runs.progress(run.id).done == PARCELS
    assert chain_holds(desk)
