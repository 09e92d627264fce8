"""What was proven already: ten large worlds take an hour, and nobody begins again from the first.

`REFUZ_ADVERSARY_PROVEN` names a file; without it every seed runs. A seed counts for the code as it
is now: one changed line of core or of the adversary, and it is proven anew.
"""

import hashlib
import json
import os
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
ADVERSARY = ("adversary_*.py", "test_reversal_adversary.py", "reversal_support.py", "conftest.py")


def revision() -> str:
    """A name for the code as it is now."""
    files = [one for one in (ROOT / "core").rglob("*") if one.suffix in (".py", ".sql", ".graphql")]
    files += [one for pattern in ADVERSARY for one in Path(__file__).parent.glob(pattern)]
    digest = hashlib.sha256()
    for one in sorted(files):
        digest.update(f"{one.relative_to(ROOT)}\0".encode() + one.read_bytes())
    return digest.hexdigest()[:16]


class Proven:
    """The figures of each seed and size, in one file."""

    def __init__(self) -> None:
        """Read what is there."""
        named = os.environ.get("REFUZ_ADVERSARY_PROVEN")
        self._file = Path(named) if named else None
        self._revision = revision()

    def figures(self, seed: int, count: int) -> dict[str, Any] | None:
        """What this seed gave with just this code, or None."""
        known: dict[str, Any] | None = self._read().get(f"{seed}/{count}")
        return known if known and known["revision"] == self._revision else None

    def keep(self, seed: int, count: int, **figures: Any) -> None:
        """Note what a seed gave; figures of older code stay until it is proven anew."""
        if self._file is None:
            return
        rows = self._read() | {f"{seed}/{count}": {"revision": self._revision, **figures}}
        self._file.parent.mkdir(parents=True, exist_ok=True)
        self._file.write_text(json.dumps(rows, indent=1, sort_keys=True))

    def _read(self) -> dict[str, Any]:
        if self._file is None or not self._file.exists():
            return {}
        read: dict[str, Any] = json.loads(self._file.read_text())
        return read
