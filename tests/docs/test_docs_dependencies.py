"""What the code imports is declared, and what is declared is imported or has its reason here."""

import functools
import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from scripts.rooms import imports

ROOT = Path(__file__).resolve().parents[2]
NOT_IMPORTED = {
    "tzdata": "zones where the system has none",
    "httptools": "uvicorn reads HTTP with it",
    "uvloop": "Streamlit's server runs on it",
    "python-multipart": "Starlette reads forms with it",
    "onnxruntime": "RapidOCR runs its models with it",
}

SKIPPED = {"smartbill-sdk", "smartbill-rest-sdk"}  # a test skips with a word where it is absent


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def declared(*extras: str) -> set[str]:
    """The names of the packages of pyproject.toml."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    listed = list(project["dependencies"])
    for extra in extras:
        listed += project["optional-dependencies"][extra]
    return {normal(re.split(r"[\[<>=;~! ]", one)[0]) for one in listed}


@functools.cache
def imported(*folders: str) -> set[str]:
    """The packages that the files of these folders import from outside."""
    owners = packages_distributions()
    files = [ROOT / "dashboard.py"] if "core" in folders else []
    files += [file for folder in folders for file in (ROOT / folder).rglob("*.py")]
    tops = {name.split(".")[0] for file in files for name in imports(file)}
    outside = (
        tops - sys.stdlib_module_names - {"core", "pages", "scripts", "benchmarks", "data", "tests"}
    )
    helpers = {file.stem for file in files}  # tests import their neighbours by name
    return {normal(owners.get(top, [top])[0]) for top in outside - helpers}


def test_everything_imported_by_the_program_is_declared() -> None:
    assert imported("core", "pages") - declared("text") == set()


def test_everything_imported_by_tests_and_tools_is_declared() -> None:
    assert imported("tests", "scripts", "benchmarks") - declared("dev") - SKIPPED == set()


def test_everything_declared_is_imported_or_has_its_reason() -> None:
    unused = declared("text") - imported("core", "pages")
    assert unused == set(NOT_IMPORTED) & declared("text")


@pytest.mark.parametrize("name", ["run", "dev"])
def test_what_is_declared_is_pinned_with_hashes(name: str) -> None:
    text = (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8")
    pinned = {
        normal(one) for one in re.findall(r"^([A-Za-z0-9_.-]+)(?:\[\w+\])?==", text, re.MULTILINE)
    }
    wanted = declared("dev", "text") if name == "dev" else declared("text")
    assert wanted - pinned == set()
    assert text.count("--hash=sha256:") >= len(pinned)


def test_one_build_of_opencv_is_pinned() -> None:
    """Two builds write into the same folder; RapidOCR asks for the one with a window system."""
    for name in ("run", "dev"):
        text = (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8")
        assert re.findall(r"^(opencv[a-z-]*)==", text, re.MULTILINE) == ["opencv-python-headless"]
