"""The wheel is all that is needed: installed elsewhere, it serves the desk."""

import os
import shutil
import signal
import subprocess
import sys
import time
import venv
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
import requests
from hostile_page import PageClient, said

from tests.ports import free_port

ROOT = Path(__file__).resolve().parents[2]
BUILT_FROM = ("core", "pages", "data", "dashboard.py", "pyproject.toml", "README.md", "LICENSE")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built from a copy: a build leaves files in its folder."""
    source, out = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("wheel")
    for name in BUILT_FROM:
        if (ROOT / name).is_dir():
            skipped = shutil.ignore_patterns("__pycache__", *(["photos"] if name == "data" else []))
            shutil.copytree(ROOT / name, source / name, ignore=skipped)
        else:
            shutil.copy(ROOT / name, source / name)
    subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "--quiet",
         "--wheel-dir", out, source], check=True, capture_output=True,
    )  # fmt: skip
    [made] = out.glob("refuz-*.whl")
    return made


def test_the_wheel_holds_pages_settings_and_sample_data_and_no_tests(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    wanted = {
        one.relative_to(ROOT).as_posix()
        for folder in ("core", "pages")
        for one in (ROOT / folder).rglob("*")
        if one.is_file() and "__pycache__" not in one.parts and one.suffix != ".pyc"
    }
    assert sorted(one for one in wanted - names if not one.endswith(".mo")) == []
    assert {"dashboard.py", "data/shop.json.gz", "data/history.csv.gz"} <= names
    assert [one for one in names if one.startswith(("tests", "benchmarks", "data/photos"))] == []


def test_setuptools_is_no_run_time_need(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as packed:
        [meta] = [one for one in packed.namelist() if one.endswith("METADATA")]
        needs = [
            line for line in packed.read(meta).decode().splitlines() if "Requires-Dist" in line
        ]
    assert needs
    assert [one for one in needs if "setuptools" in one and "extra ==" not in one] == []


@pytest.fixture
def installed(wheel: Path, tmp_path: Path) -> Path:
    """An environment as pipx makes one; what Refuz needs is borrowed from this one."""
    folder = tmp_path / "installed"
    venv.create(folder, with_pip=True, symlinks=True)
    subprocess.run(
        [folder / "bin" / "pip", "install", "--quiet", "--no-deps", "--no-index", wheel],
        check=True, capture_output=True,
    )  # fmt: skip
    [site] = folder.glob("lib/python*/site-packages")
    here = next(one for one in sys.path if one.endswith("site-packages"))
    (site / "borrowed.pth").write_text(here + "\n")
    return folder


@pytest.fixture
def running(installed: Path, tmp_path: Path) -> Iterator[str]:
    port, cwd = free_port(), tmp_path / "elsewhere"
    cwd.mkdir()
    kept = {key: value for key, value in os.environ.items() if not key.startswith("REFUZ_")}
    kept.pop("PYTHONPATH", None)
    process = subprocess.Popen(
        [installed / "bin" / "refuz", "serve", "--sandbox", "--port", str(port)], cwd=cwd,
        env={**kept, "REFUZ_HOME": "relative-home"}, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    base = f"http://localhost:{port}"
    until = time.monotonic() + 120
    try:
        while True:
            with suppress(requests.RequestException):
                if requests.get(f"{base}/readyz", timeout=2).ok:
                    break
            assert process.poll() is None
            assert time.monotonic() < until
            time.sleep(0.2)
        assert (cwd / "relative-home" / "refuz.db").exists()
        yield base
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(40)


def test_the_installed_wheel_serves_its_pages_with_its_settings(
    running: str, installed: Path
) -> None:
    where = subprocess.run(
        [installed / "bin" / "python", "-c", "import core; print(core.__file__)"],
        capture_output=True, text=True, check=True, cwd=installed,
    )  # fmt: skip
    assert where.stdout.startswith(str(installed))
    for room in ("", "review", "analytics"):
        with PageClient(running, room) as page:
            drawn = page.draw(seconds=120)
        assert len(drawn) > 10
        assert [one for one in said(drawn) if one.startswith("exception")] == []
    assert requests.get(f"{running}/station/api.js", timeout=10).ok
    host = requests.get(f"{running}/_stcore/host-config", timeout=10)
    assert host.ok
