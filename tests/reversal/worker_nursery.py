"""Starts the workers of tests from a process that has imported everything: each begins at once.

The worker is the same program: forked before it has a thread or a connection, with its own
environment, and killed like any other. Run as a program this is that process; it reads one JSON
object a line ({"start": environment} or {"look": pid}) and answers each with one line.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve()


class Nursery:
    """That process, as a test sees it."""

    def __init__(self) -> None:
        """Start it; it is ready as soon as it answers."""
        self._process = subprocess.Popen(
            [sys.executable, str(HERE)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def start(self, environment: Mapping[str, str]) -> "Worker":
        """A new worker with this environment, and nothing else in it."""
        return Worker(self, self.ask({"start": dict(environment)}))

    def ask(self, question: dict[str, Any]) -> Any:
        """One answer to one question."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(question) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())

    def close(self) -> None:
        """End it."""
        self._process.communicate()


class Worker:
    """One worker, with what `subprocess.Popen` has of a process."""

    def __init__(self, nursery: Nursery, pid: int) -> None:
        """Already begun."""
        self._nursery, self.pid = nursery, pid
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """Its exit status (negative: the signal), or None while it runs."""
        if self.returncode is None:
            self.returncode = self._nursery.ask({"look": self.pid})
        return self.returncode

    def wait(self, timeout: float = 60.0) -> int:
        """The same, once it has ended."""
        deadline = time.monotonic() + timeout
        while (ended := self.poll()) is None:
            if time.monotonic() > deadline:
                raise subprocess.TimeoutExpired("worker", timeout)
            time.sleep(0.01)
        return ended

    def send_signal(self, number: int) -> None:
        """Only while it runs: its number may be another's afterwards."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """End it at once."""
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)


def _serve() -> None:
    import strange_worker

    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)  # what a worker prints is no answer
    for line in sys.stdin:
        question = json.loads(line)
        if "start" in question:
            answer: int | None = os.fork()
            if answer == 0:
                _become_worker(strange_worker, question["start"], answers.fileno())
        else:
            ended, status = os.waitpid(question["look"], os.WNOHANG)
            answer = os.waitstatus_to_exitcode(status) if ended else None
        answers.write(json.dumps(answer) + "\n")


def _become_worker(strange_worker: Any, environment: dict[str, str], answers: int) -> None:
    try:
        os.close(answers)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.environ.clear()
        os.environ.update(environment)
        strange_worker.main()
    except Exception:  # noqa: BLE001 (told where the test shows it)
        traceback.print_exc()
    finally:
        os._exit(1)


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        _serve()
