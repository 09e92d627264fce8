"""Ports for servers of tests."""

import contextlib
import random
import socket

# Below those that the system gives to calls that go out: one of these may be taken between the
# moment in which it was found free and the one in which a server asks for it.
FIRST, LAST = 15_000, 32_000


def free_port() -> int:
    """A port of this computer that nobody uses at this moment."""
    while True:
        port = random.SystemRandom().randint(FIRST, LAST)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
