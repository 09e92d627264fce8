"""What `make test` does after a whole suite that failed."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SETTINGS = "[pytest]\nmarkers = \n  browser: x\n  timed: x\n  heavy: x\n"
# Each test writes down that it ran; what is `once` fails at its first run alone.
TEST = """
import pytest
from pathlib import Path

def _fails(name, *, once):
    mark = Path(name)
    seen = mark.exists()
    mark.touch()
    assert seen and once
"""


def _suite(folder: Path, *tests: str) -> tuple[int, str]:
    """Run a suite of these tests, then the second look; gives its exit code and what it told."""
    (folder / "pytest.ini").write_text(SETTINGS, "utf-8")
    (folder / "test_some.py").write_text(TEST + "\n".join(tests), "utf-8")
    # Plugins that this suite has no use for cost most of its time.
    whole = {**os.environ, "PYTHONPATH": str(ROOT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    whole.pop("PYTEST_ADDOPTS", None)
    first = [sys.executable, "-m", "pytest", "-q"]
    assert subprocess.run(first, cwd=folder, env=whole, capture_output=True).returncode == 1
    second = [sys.executable, "-m", "scripts.second_look"]
    finished = subprocess.run(second, cwd=folder, env=whole, capture_output=True, text=True)
    return finished.returncode, finished.stdout


def _test(name: str, mark: str = "", *, once: bool = True) -> str:
    head = f"@pytest.mark.{mark}\n" if mark else ""
    return f"{head}def test_{name}():\n    _fails('{name}', once={once})\n"


@pytest.mark.parametrize("mark", ["browser", "timed"])
def test_a_test_of_time_that_passes_alone_is_told_and_fails_nothing(
    tmp_path: Path, mark: str
) -> None:
    code, output = _suite(tmp_path, _test("late", mark))
    assert code == 0
    assert "passed alone: test_some.py::test_late" in output


@pytest.mark.parametrize(
    "tests",
    [
        [_test("late", "browser", once=False)],
        [_test("wrong")],
        [_test("late", "browser"), _test("wrong")],
        [_test(f"late_{number}", "timed") for number in range(6)],
    ],
    ids=["twice", "no test of time", "one of each", "too many"],
)
def test_every_other_failure_stays_one(tmp_path: Path, tests: list[str]) -> None:
    code, output = _suite(tmp_path, *tests)
    assert code == 1
    assert "passed alone" not in output
