"""A whole desk for a browser: sandbox, worker and dashboard on a home of their own."""

import contextlib
import datetime as dt
import gzip
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from unittest import mock
from urllib.parse import urlsplit

import requests

from core import rights
from core.config import Home, at, home
from core.orders.piles import piles, review
from core.people import devices
from core.reversal.runs import run_control, runs
from core.store import disk
from tests.ports import free_port

ROOT = Path(__file__).resolve().parent.parent.parent
# By the names that scripts/system-packages looks for.
NAMES = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM = next(filter(None, map(shutil.which, NAMES)), "/usr/bin/chromium")
QUIET = ["--no-sandbox", "--disable-background-networking", "--disable-gpu", "--mute-audio"]
OF_ONE_PARCEL = "IN (SELECT tracking FROM parcels GROUP BY tracking HAVING count(*) = 1)"
# What lies on the sample's photos is left to the tests that drop these photos.
PHOTOGRAPHED = (ROOT / "data" / "photos" / "truth.json").read_text(encoding="utf-8")
LAST_PHOTOGRAPHED = "instr(?, min(p.tracking)) > 0"
with gzip.open(ROOT / "data" / "shop.json.gz", "rt", encoding="utf-8") as _world:
    # A run of the others ends with nobody asked.
    DONE_BEFORE = [
        one["order_name"] for one in json.load(_world)["invoices"] if one["state"] != "open"
    ]
# Another test's run may still be at an order when this one looks for its own.
UNTOUCHED = "o.cancelled_at IS NULL AND o.id NOT IN (SELECT order_id FROM reversals)"


@dataclass(frozen=True)
class Desk:
    """A running desk."""

    base_url: str
    home: Path

    def ask(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """Look into its database."""
        with sqlite3.connect(f"file:{self.home / 'refuz.db'}?mode=ro", uri=True) as connection:
            return connection.execute(query, values).fetchall()

    def new_pile(self, name: str) -> int:
        """A fresh pile for one test."""
        with self.inside():
            return piles.create(name)

    @contextlib.contextmanager
    def inside(self) -> Iterator[None]:
        """What is called in the block is done at this desk, by its host.

        In the process of the tests: one of its own would load the whole program for each call.
        """
        with at(Home(self.home, f"sqlite:///{self.home / 'refuz.db'}")):
            yield

    def invite(self, pile: int, seconds: float = 300.0) -> str:
        """A one-time pairing token for Ana that lives so long."""
        with self.inside():
            return devices.invite("Ana", pile, life=dt.timedelta(seconds=seconds))

    def take(self, pile: int, codes: Sequence[str]) -> None:
        """Scan these codes into a pile."""
        for code in codes:
            body = {"pile": pile, "code": code, "key": code, "by": "Ana"}
            answer = requests.post(
                f"{self.base_url}/api/scans", json=body, headers={"X-Refuz": "1"}, timeout=30
            )
            answer.raise_for_status()

    def being_checked(self, pile: int) -> int:
        """How many orders of a pile wait for what their services say."""
        with self.inside():
            return int(review.groups(pile)["checking"].sum())

    def run(self, pile: int) -> None:
        """Run a pile, as Ana."""
        with self.inside(), rights.acting(replace(rights.HOST, name="Ana")):
            runs.start_run(pile)

    def pause_for_want_of_room(self) -> None:
        """Let the worker's look at the disk find it almost full, once."""
        with self.inside(), mock.patch.object(disk, "SPACE_NEEDED", 1 << 62):
            run_control.pause_if_disk_is_short(home())

    def cancel_by_hand(self, order: str) -> None:
        """Somebody cancels the order in the shop's own admin; the desk is told at its next sync."""
        requests.post(f"{self._sandbox()}/orders/{order}/cancel", timeout=30).raise_for_status()
        subprocess.run(
            [sys.executable, "-m", "core.cli", "sync"],
            env=environment(self.home), cwd=ROOT, capture_output=True, check=True,
        )  # fmt: skip

    def _sandbox(self) -> str:
        [[settings]] = self.ask("SELECT settings FROM connections WHERE kind = 'shop' LIMIT 1")
        base_url = urlsplit(json.loads(settings)["base_url"])
        return f"http://{base_url.netloc}/_sandbox"

    def faults(self, **wanted: object) -> None:
        """The faults that the sandbox's calls meet from now on; none without any."""
        requests.put(f"{self._sandbox()}/faults", json=wanted, timeout=30).raise_for_status()

    def ledger(self) -> dict[str, Any]:
        """What the sandbox's services did, by order and invoice."""
        answer = requests.get(f"{self._sandbox()}/ledger", timeout=30)
        return dict(answer.json())

    def runnable(self, count: int, service: str = "%") -> list[str]:
        """Tracking numbers of the newest open orders of one parcel each, paid on delivery.

        With `service`, those whose invoice is there.
        """
        rows = self.ask(
            "SELECT min(p.tracking) FROM parcels p JOIN orders o ON o.id = p.order_id "
            f"WHERE {UNTOUCHED} AND o.financial_status = 'PENDING' AND o.id IN "
            "(SELECT order_id FROM invoices WHERE storno_number = '' AND service LIKE ?) "
            "GROUP BY o.id HAVING count(*) = 1 AND max(p.outcome) IS NULL "
            f"AND min(p.tracking) {OF_ONE_PARCEL} "
            "AND o.name NOT IN (SELECT value FROM json_each(?)) "
            f"ORDER BY {LAST_PHOTOGRAPHED}, o.id DESC LIMIT ?",
            service,
            json.dumps(DONE_BEFORE),
            PHOTOGRAPHED,
            count,
        )
        assert len(rows) == count, f"the sandbox has only {len(rows)} such orders"
        return [row[0] for row in rows]

    def parcels(self, count: int) -> list[str]:
        """Tracking numbers of open orders that left the warehouse, each of another order."""
        rows = self.ask(
            "SELECT min(p.tracking) FROM parcels p JOIN orders o ON o.id = p.order_id "
            f"WHERE {UNTOUCHED} AND p.outcome IS NULL AND p.tracking {OF_ONE_PARCEL} "
            f"GROUP BY o.id ORDER BY {LAST_PHOTOGRAPHED}, p.courier != 'sameday', o.id LIMIT ?",
            PHOTOGRAPHED,
            count,
        )
        assert len(rows) == count, f"the sandbox has only {len(rows)} such parcels"
        return [row[0] for row in rows]

    def scans(self, pile: int) -> list[str]:
        """The codes scanned in a pile, in order."""
        rows = self.ask("SELECT code FROM scans WHERE pile_id = ? ORDER BY id", pile)
        return [row[0] for row in rows]


def environment(home: Path, **more: str) -> dict[str, str]:
    """The environment of a desk's processes."""
    kept = {key: value for key, value in os.environ.items() if key != "REFUZ_DATABASE_URL"}
    return {**kept, "REFUZ_HOME": str(home), "PYTHONUNBUFFERED": "1", **more}


def start_desk(home: Path, *options: str, **more: str) -> tuple[Desk, subprocess.Popen[bytes]]:
    """Start `refuz serve` with this environment too, and wait until it is ready."""
    port = free_port()
    log = (home.parent / f"serve-{port}.log").open("wb")
    process = subprocess.Popen(
        [sys.executable, "-m", "core.cli", "serve", "--port", str(port), *options],
        env=environment(home, **more),
        cwd=ROOT,
        stdout=log,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    desk = Desk(f"http://localhost:{port}", home)
    wait_for(lambda: process.poll() is not None or _is_ready(desk), 120, "the desk")
    if process.poll() is not None:
        raise RuntimeError(Path(log.name).read_text()[-4000:])
    return desk, process


def stop_desk(process: subprocess.Popen[bytes]) -> None:
    """As Ctrl-C does."""
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(40)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _is_ready(desk: Desk) -> bool:
    if not (desk.home / "refuz.db").exists():  # who answers there is another one
        return False
    try:
        return requests.get(desk.base_url + "/healthz", timeout=2).status_code == 200
    except requests.RequestException:
        return False


def wait_for(happened: Callable[[], object], seconds: float, what: str) -> None:
    """Look again and again until it happened; fails with `what` when it does not."""
    end = time.monotonic() + seconds
    while not happened():
        if time.monotonic() > end:
            raise AssertionError(f"{what}: not within {seconds} s")
        time.sleep(0.1)
