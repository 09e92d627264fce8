"""Starts the sandbox as a process of its own, and finds one that runs already."""

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import requests

from core.errors import UserError

START_SECONDS = 30.0
STOP_SECONDS = 10.0


class SandboxError(UserError):
    """The sandbox did not start; the message says why."""


@dataclass
class RunningSandbox:
    """A sandbox that answers at `base_url`, started by this process."""

    base_url: str
    process: subprocess.Popen[bytes]

    def stop(self) -> None:
        """End it; its state stays on disk."""
        if self.process.poll() is not None:
            return
        self.process.terminate()
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def start(directory: Path, port: int = 0, world: Path | None = None) -> RunningSandbox:
    """Start the sandbox on `directory` and wait until it answers. Raises SandboxError.

    Port 0 takes a free one; so does a port that somebody else has.
    """
    directory.mkdir(parents=True, exist_ok=True)
    note = directory / "sandbox.json"
    note.unlink(missing_ok=True)
    command = [
        sys.executable, "-m", "core.sandbox", "--dir", str(directory), "--port", str(port),
        "--parent-pid", str(os.getpid()),
    ]  # fmt: skip
    if world is not None:
        command += ["--world", str(world)]
    child = subprocess.Popen(command, start_new_session=True)  # noqa: S603 (our own command)
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        found = running(directory)
        if found is not None:
            return RunningSandbox(found, child)
        if child.poll() is not None:
            raise SandboxError(f"The sandbox ended at once (status {child.returncode}).")
        time.sleep(0.05)
    child.kill()
    raise SandboxError("The sandbox did not answer in time.")


def running(directory: Path) -> str | None:
    """The address of the sandbox that runs on this directory, or None."""
    noted = _noted(directory)
    if noted is None:
        return None
    try:
        answer = requests.get(f"{noted}/_sandbox/health", timeout=2)
        same = answer.json().get("directory") == str(directory.resolve())
    except (requests.RequestException, ValueError):
        return None
    return noted if same else None


def last_port(directory: Path) -> int:
    """The port of the last sandbox on this directory; 0 when there was none."""
    noted = _noted(directory, "last.json")
    return int(noted.rsplit(":", 1)[1]) if noted else 0


def _noted(directory: Path, name: str = "sandbox.json") -> str | None:
    try:
        return str(json.loads((directory / name).read_text())["base_url"])
    except (OSError, ValueError, KeyError):
        return None
