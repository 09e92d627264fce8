"""The bill of materials names what is pinned, made by a tool that others keep."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TOOL = ROOT / ".venv" / "sbom" / "bin" / "cyclonedx-py"
PIN = re.compile(r"^([A-Za-z0-9_.-]+)(?:\[[\w,-]+\])?==([^\s;]+)", re.MULTILINE)


@pytest.mark.skipif(not TOOL.exists(), reason="`make sbom` brings its tool")
def test_the_bill_of_materials_names_every_pin_with_its_hashes(tmp_path: Path) -> None:
    for name in ("Makefile", "pyproject.toml", "requirements"):
        (shutil.copytree if (ROOT / name).is_dir() else shutil.copy)(ROOT / name, tmp_path / name)
    subprocess.run(
        ["make", "-s", "sbom", f"VENV={ROOT / '.venv'}"], cwd=tmp_path, check=True,
        env={**os.environ, "MAKEFLAGS": ""},
    )  # fmt: skip
    bill = json.loads((tmp_path / "dist" / "refuz.cdx.json").read_text())
    assert bill["bomFormat"] == "CycloneDX"
    assert bill["metadata"]["component"]["name"] == "refuz"
    named = {(one["name"].lower(), one["version"]) for one in bill["components"]}
    pins = PIN.findall((ROOT / "requirements" / "run.txt").read_text())
    assert named == {(name.lower(), version) for name, version in pins}
    assert all(
        link["hashes"] for one in bill["components"] for link in one["externalReferences"]
        if link["type"] == "distribution"
    )  # fmt: skip
