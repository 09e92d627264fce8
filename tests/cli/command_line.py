"""The commands as their user runs them, and the same in this process.

A process of its own loads the whole program, two to four seconds of a processor. It is started
where processes are what a test is about; what a command says and leaves behind is the same here.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from core.cli.main import main

NOT_THE_DESKS = ("REFUZ_SANDBOX", "REFUZ_DATABASE_URL")


def started(*words: str | Path, home: Path, timeout: int = 300) -> subprocess.CompletedProcess[str]:
    """Run the command as its user would."""
    kept = {key: value for key, value in os.environ.items() if key not in NOT_THE_DESKS}
    command = [sys.executable, "-m", "core.cli", *map(str, words)]
    return subprocess.run(
        command, env={**kept, "REFUZ_HOME": str(home)}, capture_output=True, text=True,
        timeout=timeout, check=False,
    )  # fmt: skip


def inside(*words: str | Path, home: Path) -> subprocess.CompletedProcess[str]:
    """Run the command in this process; what goes wrong in it unforeseen is raised here."""
    environment = {**dict.fromkeys(NOT_THE_DESKS), "REFUZ_HOME": str(home)}
    arguments = [str(one) for one in words]
    done = CliRunner().invoke(main, arguments, env=environment)
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return subprocess.CompletedProcess(arguments, done.exit_code, done.stdout, done.stderr)


def lines(done: subprocess.CompletedProcess[str]) -> list[dict[str, Any]]:
    """Standard output as the JSON objects it holds."""
    return [json.loads(line) for line in done.stdout.splitlines()]
