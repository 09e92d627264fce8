"""A real desk for the tests of strangers: `refuz serve` with all its processes."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import requests

from core.config import Home, at
from core.orders.piles import piles
from tests.ports import free_port

ROOT = Path(__file__).resolve().parents[2]
OURS = {"X-Refuz": "1"}
FILES = 4_096  # that a desk may have open at most, where a test gives it few


def new_pile(folder: Path, name: str = "Monday") -> int:
    """A pile in the desk's home; gives its number."""
    with at(Home(folder, f"sqlite:///{folder / 'refuz.db'}")):
        return piles.create(name)


@contextmanager
def served(
    folder: Path,
    *options: str,
    paths: str = "",
    log: Path | None = None,
    files: int = 0,
    **environment: str,
) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """`refuz serve` in a home of its own, ready; gives the process and its port.

    `paths` stands in front of PYTHONPATH; `log` gets what the processes say;
    `files`: how many open files it begins with (0: as this process).
    """
    port = free_port()
    few = ["prlimit", f"--nofile={files}:{FILES}"] if files else []
    process = subprocess.Popen(
        [*few, sys.executable, "-m", "core.cli", "serve", "--port", str(port), *options],
        env={
            **{key: value for key, value in os.environ.items() if key != "REFUZ_DATABASE_URL"},
            "REFUZ_HOME": str(folder), "PYTHONPATH": f"{paths}:{ROOT}" if paths else str(ROOT),
            **environment,
        },
        cwd=ROOT,
        stdout=log.open("ab") if log else subprocess.DEVNULL,
        stderr=subprocess.STDOUT if log else None,
    )  # fmt: skip
    try:
        wait_for_health(port)
        yield process, port
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(40)
        process.kill()


def wait_for_health(port: int, seconds: float = 200.0) -> None:
    until = time.monotonic() + seconds
    while True:
        with suppress(requests.RequestException):
            if requests.get(f"http://127.0.0.1:{port}/healthz", timeout=2).ok:
                return
        assert time.monotonic() < until, "the server did not come up"
        time.sleep(0.1)


def child(parent: subprocess.Popen[bytes], name: str) -> psutil.Process:
    for one in psutil.Process(parent.pid).children():
        if f"core.cli {name}" in " ".join(one.cmdline()) or f"core.{name}" in one.cmdline():
            return one
    raise AssertionError(f"no {name} process")
