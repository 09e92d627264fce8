"""A contributor's path: one module and one counterpart a service, and no list is edited.

The made-up services of tests/services/made_up are laid over a copy of the code in a temporary
folder, and the contract suite of that copy takes them like any other.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
# Each made-up service, its suite, and how many of its tests it has to pass at least.
NEW = {"factuplus": ("invoicing", 20), "velo": ("couriers", 8), "bazar": ("shops", 8)}
MADE_UP = ROOT / "tests" / "services" / "made_up"


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The code and its tests of services, with a shop, an invoicing service and a courier more."""
    folder = tmp_path_factory.mktemp("clone")
    ignored = shutil.ignore_patterns("__pycache__", "made_up")
    for name in ("core", "tests/services"):
        shutil.copytree(ROOT / name, folder / name, ignore=ignored)
    for file in ("pyproject.toml", *(f"tests/{one.name}" for one in ROOT.glob("tests/*.py"))):
        shutil.copy(ROOT / file, folder / file)
    shutil.copytree(MADE_UP, folder, dirs_exist_ok=True)
    return folder


def run(clone: Path, *command: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(clone), "REFUZ_HOME": str(clone / "home")}
    return subprocess.run(
        [sys.executable, *command], cwd=clone, env=environment, capture_output=True, text=True,
        check=False, timeout=240,
    )  # fmt: skip


@pytest.fixture(scope="module")
def verdicts(clone: Path) -> list[str]:
    """A line for each test of the contract suites that has to do with a new service."""
    suites = [f"tests/services/contract/test_contract_{suite}.py" for suite, _ in NEW.values()]
    done = run(
        clone, "-m", "pytest", "-v", "-p", "no:cacheprovider", *suites, "-k", " or ".join(NEW)
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-1000:]
    return [line for line in done.stdout.splitlines() if "::" in line]


@pytest.mark.parametrize("service", NEW)
def test_the_contract_suite_takes_a_new_service(verdicts: list[str], service: str) -> None:
    suite, least = NEW[service]
    passed = [line for line in verdicts if " PASSED" in line and service in line]
    assert len([line for line in passed if f"test_contract_{suite}.py::" in line]) >= least


def test_a_new_service_stands_in_the_demo_and_under_its_own_name(clone: Path) -> None:
    code = (
        "from core.demo.world import accounts; from core.labels import courier_titles;"
        "print(sorted(one.service for one in accounts())); print(courier_titles('velo, fan'))"
    )
    done = run(clone, "-c", code)
    assert done.returncode == 0, done.stderr
    services, titles = done.stdout.splitlines()
    assert {"bazar", "factuplus", "velo"} <= set(re.findall(r"'(\w+)'", services))
    assert titles == "Velo Courier, FAN Courier"
