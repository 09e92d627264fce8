"""Keeps the web process, the worker and the sandbox alive, and takes them down in order."""

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass

import structlog

from core import clock, rights
from core.config import Home, home
from core.demo import world

log = structlog.get_logger(__name__)

STOP_SECONDS = 15.0
LIVED_SECONDS = 60.0  # who lived for so long had no trouble at its start: failures are forgotten
SLOT_TAKEN = 3  # the exit status of a worker that found another one at work


@dataclass
class Child:
    """One process that is started again whenever it ends."""

    name: str
    command: Sequence[str]
    process: subprocess.Popen[bytes] | None = None
    failures: int = 0
    next_start: float = 0.0
    started: float = 0.0

    def ensure_running(self) -> None:
        """Start it, or start it again, with a growing pause after failures."""
        if self.process is not None and self.process.poll() is None:
            return
        if self.process is not None:
            self._ended(self.process.returncode)
        if clock.uptime() >= self.next_start:
            # A session of its own: Ctrl-C in the terminal reaches the parent alone, which then
            # stops its children in order.
            self.process = subprocess.Popen(  # noqa: S603 (our own command line)
                [*self.command], start_new_session=True
            )
            self.started = clock.uptime()

    def _ended(self, status: int) -> None:
        lived = clock.uptime() - self.started >= LIVED_SECONDS
        self.failures = 1 if lived else self.failures + 1
        pause = 15.0 if status == SLOT_TAKEN else min(30.0, 0.2 * 2.0 ** min(self.failures, 8))
        self.next_start = clock.uptime() + pause
        self.process = None
        if status != SLOT_TAKEN:
            log.warning("process ended", name=self.name, status=status, again_in=pause)

    def stop(self) -> None:
        """Ask it to end, and end it when it does not."""
        if self.process is None or self.process.poll() is not None:
            return
        self.process.terminate()
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def worker_command() -> list[str]:
    """The command line of a worker that ends with this process."""
    return [sys.executable, "-m", "core.cli", "worker", "--parent-pid", str(os.getpid())]


def web_command(options: Sequence[str]) -> list[str]:
    """The command line of a web process that ends with this process."""
    parent = ["--parent-pid", str(os.getpid())]
    return [sys.executable, "-X", "faulthandler", "-m", "core.cli", "web", *options, *parent]


def is_free(host: str, port: int) -> bool:
    """Whether a server may listen there."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


class Supervisor:
    """Starts what the dashboard needs, watches it, and stops it."""

    def __init__(
        self,
        where: Home | None = None,
        *,
        worker: bool | None = None,
        web: Sequence[str] | None = None,
    ) -> None:
        """Mind this home; REFUZ_WORKER=off leaves the worker to other machines.

        `web`: options of the web process, which is kept alive as well where they are given.
        """
        self._home = where or home()
        wanted = os.environ.get("REFUZ_WORKER", "on").lower() not in ("off", "0", "no")
        self.children: list[Child] = []
        if wanted if worker is None else worker:
            self.children.append(Child("worker", worker_command()))
        if web is not None:
            self.children.append(Child("web", web_command(web)))
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="supervisor", daemon=True)
        self._sandbox: world.Sandbox | None = None

    def start(self) -> None:
        """Bring everything up: the sandbox first (where it is used), then the worker."""
        with rights.acting(rights.WORKER):
            if world.wanted(self._home):
                self._sandbox = world.start(self._home)
        for child in self.children:
            child.ensure_running()
        self._thread.start()

    def stop(self) -> None:
        """Take everything down again; leaves no process behind."""
        self._stop.set()
        self._thread.join(timeout=5)
        for child in self.children:
            child.stop()
        if self._sandbox is not None:
            self._sandbox.stop()

    def _watch(self) -> None:
        while not self._stop.wait(0.5):
            for child in self.children:
                child.ensure_running()
            if self._sandbox is not None:
                with rights.acting(rights.WORKER):
                    self._sandbox.ensure_running()
