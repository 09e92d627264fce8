"""Ports for servers of tests."""

import contextlib
import os
import random
import socket

# Below those that the system gives to calls that go out: one of these may be taken between the
# moment in which it was found free and the one in which a server asks for it.
FIRST, LAST = 15_000, 32_000
SHARES = 17  # of the ports: one for each process of tests that run beside each other


def free_port() -> int:
    """A port of this computer that nobody uses at this moment.

    Each process of a suite has ports of its own: of two that found the same one free, one would
    be answered by the other's server.
    """
    process = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % SHARES
    while True:
        port = random.SystemRandom().randrange(FIRST + process, LAST, SHARES)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
