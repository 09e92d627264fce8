"""After a whole suite that failed: the tests of time alone, on a machine that has grown quiet.

    python -m scripts.second_look

A browser test waits for a real browser, a test marked `timed` measures a rate; on a busy machine
either may fail for want of a processor. Up to five of them are run again, each in a desk of its
own, and told by name; any other failure stays one, and so does a second one.
"""

import json
import sys
from pathlib import Path

import pytest

FAILED = Path(".pytest_cache/v/cache/lastfailed")
MOST = 5  # more than that is no matter of luck
OF_TIME = ("browser", "timed")


class Others:
    """Notes the failed tests that time alone does not excuse."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def pytest_deselected(self, items: list[pytest.Item]) -> None:
        """What neither mark is on."""
        self.names += [item.nodeid for item in items]


def main(failed: Path = FAILED) -> int:
    """Run them again; 0 where each passes now and nothing else had failed."""
    names = list(json.loads(failed.read_text("utf-8"))) if failed.exists() else []
    if not 0 < len(names) <= MOST:
        print(f"{len(names)} tests failed: no second look.")
        return 1
    others = Others()
    marks = f"({' or '.join(OF_TIME)}) and not heavy"
    code = pytest.main(["-p", "no:cacheprovider", "-m", marks, *names], plugins=[others])
    if code or others.names:
        for name in others.names:
            print(f"Not a test of time: {name}")
        return 1
    print("Failed beside the others and passed alone: " + ", ".join(names))
    return 0


if __name__ == "__main__":
    sys.exit(main())
