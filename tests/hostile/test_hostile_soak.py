"""An hour at one parcel a second, runs included: memory and open files stay level."""

import json
import os
import sqlite3
import statistics
import subprocess
import sys
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path

import psutil
import pytest
import requests
from hostile_desk import OURS, ROOT, new_pile, served

SECONDS = 3_600
RUN_EVERY = 120  # parcels of a pile, which is then run
LOOK_EVERY = 10  # parcels
MOST_GROWTH = 60 * 2**20  # bytes, of the last quarter over the second one
MOST_FILES = 30  # the same of open files
MOST_RESENT = 3  # of 3,600
START = "import sys; from core.reversal.runs import runs; runs.start_run(int(sys.argv[1]))"


@dataclass
class Soak:
    """What was seen: a row a look, of all processes but the readers' pools at their largest."""

    parcels: int = 0
    runs: int = 0
    memory: list[int] = field(default_factory=list)
    files: list[int] = field(default_factory=list)
    slowest: float = 0.0
    resent: int = 0  # calls whose connection was gone; a scan is one by its key, however often sent

    def keep(self, file: Path) -> None:
        part = file.with_suffix(".part")
        part.write_text(json.dumps(asdict(self)))
        part.replace(file)

    def grown(self, seen: list[int]) -> float:
        """The last quarter's median over the second one's: the first warms up."""
        quarter = len(seen) // 4
        second, last = seen[quarter : 2 * quarter], seen[-quarter:]
        return statistics.median(last) - statistics.median(second)


def look(process: "subprocess.Popen[bytes]", soak: Soak) -> None:
    memory = files = 0
    for one in [psutil.Process(process.pid), *psutil.Process(process.pid).children(recursive=True)]:
        try:
            memory += one.memory_info().rss
            files += one.num_fds()
        except psutil.Error:
            continue
    soak.memory.append(memory)
    soak.files.append(files)


def trackings(home: Path, many: int) -> list[str]:
    """History with what can be run spread evenly over it, so that every pile has something."""
    with sqlite3.connect(f"file:{home / 'refuz.db'}?mode=ro", uri=True) as db:
        query = "SELECT tracking FROM parcels WHERE {} ORDER BY id LIMIT ?"
        on_the_way = "outcome IS NULL AND cancelled_on IS NULL AND status = 'failed'"
        refused = [row[0] for row in db.execute(query.format(on_the_way), (many,))]
        past = [row[0] for row in db.execute(query.format("outcome IS NOT NULL"), (many,))]
    db.close()
    every = many // len(refused)
    return [
        refused[number // every] if number % every == 0 and number // every < len(refused) else code
        for number, code in enumerate(past)
    ]


def run(home: Path, pile: int) -> bool:
    """Run a pile; False where none of its parcels can."""
    done = subprocess.run(
        [sys.executable, "-c", START, str(pile)], cwd=ROOT, capture_output=True, text=True,
        env={**os.environ, "REFUZ_HOME": str(home)},
    )  # fmt: skip
    assert done.returncode == 0 or "NothingToRun" in done.stderr, done.stderr
    return done.returncode == 0


def sent(http: requests.Session, url: str, body: dict[str, object], soak: Soak) -> None:
    """Send a scan as the pages do: once more where its connection was closed on the way."""
    for last in (False, True):
        try:
            http.post(url, json=body, headers=OURS, timeout=60).raise_for_status()
        except requests.ConnectionError:
            if last:
                raise
            soak.resent += 1
        else:
            return


def soaked(home: Path, soak: Soak, seconds: int, file: Path) -> None:
    log = file.with_suffix(".log")
    with served(home, "--sandbox", log=log) as (process, port), requests.Session() as http:
        base = f"http://localhost:{port}"
        codes, pile, began = (
            trackings(home, SECONDS),
            new_pile(home, f"Soak {soak.parcels}"),
            time.monotonic(),
        )
        first = soak.parcels
        while soak.parcels < seconds:
            time.sleep(max(0.0, began + (soak.parcels - first) - time.monotonic()))
            number = soak.parcels
            body = {"pile": pile, "code": codes[number % len(codes)], "key": f"soak-{number}"}
            at = time.monotonic()
            sent(http, f"{base}/api/scans", body, soak)
            soak.slowest = max(soak.slowest, time.monotonic() - at)
            soak.parcels += 1
            if soak.parcels % LOOK_EVERY == 0:
                look(process, soak)
                soak.keep(file)
            if soak.parcels % RUN_EVERY == 0:
                soak.runs += run(home, pile)
                pile = new_pile(home, f"Soak {soak.parcels}")


def test_twenty_seconds_of_the_soak_scan_look_and_are_kept(tmp_path: Path) -> None:
    soak, file = Soak(), tmp_path / "soak.json"
    soaked(tmp_path / "home", soak, 20, file)
    kept = Soak(**json.loads(file.read_text()))
    assert (kept.parcels, len(kept.memory)) == (20, 2)
    assert min(kept.files) > 10


@pytest.mark.heavy
@pytest.mark.timeout(3 * 3600)
def test_an_hour_at_a_parcel_a_second_leaves_memory_and_files_level(tmp_path: Path) -> None:
    """With REFUZ_SOAK_FILE it goes on where it was stopped, in the same home (`make soak`)."""
    named = os.environ.get("REFUZ_SOAK_FILE")
    file = Path(named) if named else tmp_path / "soak.json"
    soak = Soak(**json.loads(file.read_text())) if file.exists() else Soak()
    soaked(file.with_suffix(".home"), soak, SECONDS, file)
    assert soak.parcels == SECONDS
    assert soak.runs == SECONDS // RUN_EVERY
    assert soak.resent <= MOST_RESENT
    assert soak.grown(soak.memory) < MOST_GROWTH
    assert soak.grown(soak.files) < MOST_FILES
