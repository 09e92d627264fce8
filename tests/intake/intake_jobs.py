"""What the readers of these tests are asked to do; apart, since a reader loads its job's module."""

import os
import signal
import time

import numpy as np

from core.intake.types import Reading


def read_or_misbehave(data: bytes) -> list[Reading]:
    """What the processes of these tests do: as the file says."""
    if data == b"die":
        os.kill(os.getpid(), signal.SIGKILL)
    if data == b"hang":
        time.sleep(600)
    if data == b"hoard":
        np.ones((1 << 33,), np.uint8)
    if data == b"stumble":
        raise KeyError("a surprise")
    return [Reading((), (), len(data), 1, 0.0)]


def answer_later(seconds: float) -> bytes:
    """An answer of more than a pipe holds."""
    time.sleep(seconds)
    return bytes(1 << 20)
