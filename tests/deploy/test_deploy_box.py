"""The desk closed in as compose.yaml closes it, by the kernel: tests have no container engine."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from proxies import DEPLOY, replaced

from tests.ports import free_port

ROOT = Path(__file__).resolve().parents[2]
OWN = ["unshare", "--mount", "--propagation", "private"]
# A root that is read-only, a volume that somebody else made, an empty /tmp, and no rights at all.
BOX = """
mount -t tmpfs none /mnt && mkdir /mnt/data && mount -o remount,ro /mnt
mount -t tmpfs -o mode=0755 none /mnt/data
mount -t tmpfs -o mode=1777 none /tmp
mount -o remount,ro,bind /
exec setpriv --no-new-privs --bounding-set=-all --inh-caps=-all sh -c "$INSIDE"
"""
INSIDE = """
touch /written-outside 2>/dev/null && echo "the root can be written"
$SERVE & desk=$!
for try in $(seq 60); do
  sleep 1; eval "$HEALTH" 2>/tmp/unwell && { echo "well"; break; }
  kill -0 $desk || break
done
rm -f /tmp/unwell
begun=$(date +%s); kill -TERM $desk; wait $desk; echo "ended $? $(($(date +%s) - begun))"
find /tmp -mindepth 1
find /mnt/data -perm /077
"""


def said(word: str) -> str:
    """What the container file says after this word, continued lines joined."""
    joined = (DEPLOY / "Containerfile").read_text().replace("\\\n", "")
    return re.findall(rf"^{word} (.*)$", joined, re.MULTILINE)[-1]


@pytest.fixture
def closed() -> list[str]:
    """The command that opens a view of the file system for one process alone."""
    own = OWN if os.geteuid() == 0 else [*OWN, "--user", "--map-root-user"]
    if not shutil.which("setpriv") or not shutil.which("unshare"):
        pytest.skip("util-linux is not installed")
    tried = subprocess.run([*own, "mount", "-t", "tmpfs", "none", "/mnt"], capture_output=True)
    if tried.returncode:
        pytest.skip("this system lets nobody make a file system of one's own")
    return own


@pytest.mark.timed
def test_on_a_read_only_root_without_rights_the_desk_becomes_well_ends_and_leaves_nothing_open(
    closed: list[str],
) -> None:
    port = str(free_port())
    health = json.loads(said("HEALTHCHECK").partition("CMD ")[2])
    given = dict(pair.split("=", 1) for pair in shlex.split(said("ENV")))
    del given["PATH"]
    environment = {
        **given, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "HOME": "/mnt/data", "REFUZ_HOME": given["REFUZ_HOME"].replace("/data", "/mnt/data"),
        "REFUZ_PUBLIC_URL": "https://desk.example.com", "HTTP_PROXY": "http://127.0.0.1:9",
        "REFUZ_CONFIG": str(DEPLOY / "refuz.toml"), "INSIDE": INSIDE,
        "SERVE": shlex.join(json.loads(said("CMD"))).replace("8501", port),
        "HEALTH": replaced(shlex.join(health), ("8501", port)),
    }  # fmt: skip
    done = subprocess.run(
        [*closed, "sh", "-ec", BOX], cwd=ROOT, env=environment, timeout=150,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    lines = done.stdout.splitlines()
    assert "well" in lines, done.stdout
    ended = next(one for one in lines if one.startswith("ended "))
    assert ended.split()[1] == "0"
    assert int(ended.split()[2]) <= 15
    assert lines[lines.index(ended) + 1 :] == []  # nothing left behind, nothing others can read
    trouble = re.compile(r"(?i)read-only|permission denied|no such file|traceback|can be written")
    assert [one for one in lines if trouble.search(one)] == []
