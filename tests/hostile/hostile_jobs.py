"""What the readers of these tests are asked to do.

Apart from the tests: a reader loads the module of its job, and that of the tests loads pytest,
Hypothesis and spreadsheets, three times what a reader costs.
"""

import os
import signal
import time
from typing import Any


def die() -> None:
    """End as a decoder does that writes where it may not."""
    os.kill(os.getpid(), signal.SIGSEGV)


def sleep(seconds: float) -> float:
    """Take so long."""
    time.sleep(seconds)
    return seconds


def hoard(size: int) -> int:
    """Ask for so many bytes."""
    return len(bytearray(size))


class Calls:
    """What a decoder that was taken over could write into the pipe instead of an answer."""

    def __init__(self, call: Any, *args: Any) -> None:
        """Unpickled, it is a call."""
        self.reduced = (call, args)

    def __reduce__(self) -> Any:
        return self.reduced


def answer(way: str, folder: str) -> Any:
    """An answer that makes the folder, or calls one of our own functions."""
    import core.logs  # one of our own functions is no answer either

    made = {
        "system": Calls(os.mkdir, folder),
        "eval": Calls(eval, f"__import__('os').mkdir({folder!r})"),
        "ours": Calls(core.logs.configure),
        "inside": [1, {"a": Calls(os.mkdir, folder)}],
    }
    return made[way]
