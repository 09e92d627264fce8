"""One worker process of the rate test: takes turns in several threads and prints when each is."""

import sys
import threading
import time

from core.services.limits.rate import Permit, Throttle
from core.services.ports import Rate
from core.store import engines

AHEAD = 2.0  # seconds


def take_turns(throttle: Throttle, count: int, due: list[float]) -> None:
    """Take so many turns, one after the other."""
    for _ in range(count):
        turn = throttle.reserve()
        assert isinstance(turn, Permit)
        due.append(turn.due)
        # Ahead of its turn, so that a stalled machine does not look like an unused rate.
        time.sleep(max(0.0, turn.seconds - AHEAD))


def main(url: str, key: str, per_second: float, threads: int, count: int) -> None:
    """Wait for a line on standard input, then go."""
    throttle = Throttle(key, Rate(per_second, 1.0), engines.make_engine(url))
    due: list[float] = []
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    working = [
        threading.Thread(target=take_turns, args=(throttle, count, due)) for _ in range(threads)
    ]
    for one in working:
        one.start()
    for one in working:
        one.join()
    sys.stdout.write(" ".join(f"{moment:.6f}" for moment in due))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], float(sys.argv[3]), int(sys.argv[4]), int(sys.argv[5]))
