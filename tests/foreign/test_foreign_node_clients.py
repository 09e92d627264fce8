"""Official clients written for Node, unchanged but for the address, through our sandbox.

Their ordinary life, errors and paging included, is told in tests/node/clients; each of those tests
runs here on its own, in a new world.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from absent import absent

ROOT = Path(__file__).resolve().parents[1] / "node"
NODE = Path(sys.executable).with_name("node")
PACKAGES = {"oblio": "@obliosoftware/oblioapi", "shopify": "@shopify/admin-api-client"}
NAMED = re.compile(r'^test\("([^"]+)"', re.MULTILINE)


def test_names() -> list[tuple[str, str]]:
    return [
        (file.stem, name)
        for file in sorted((ROOT / "clients").glob("*.js"))
        for name in NAMED.findall(file.read_text(encoding="utf-8"))
    ]


@pytest.mark.parametrize(("client", "name"), test_names())
def test_a_client_for_node_lives_with_our_sandbox(address: str, client: str, name: str) -> None:
    if not (ROOT / "node_modules" / PACKAGES[client]).is_dir():
        absent(f"{PACKAGES[client]} is not installed (make lint).")
    pattern = f"--test-name-pattern=^{re.escape(name)}$"
    done = subprocess.run(
        [NODE, "--test", "--test-reporter=tap", pattern, f"clients/{client}.js"],
        cwd=ROOT, env={**os.environ, "SANDBOX": address},
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-4000:]
    assert "# pass 1\n" in done.stdout, done.stdout[-2000:]


def test_every_client_for_node_is_held() -> None:
    assert {client for client, _ in test_names()} == set(PACKAGES)
