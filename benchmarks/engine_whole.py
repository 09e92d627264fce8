"""A run of 50,000 orders to its very end: `python -m benchmarks.engine_whole`.

On SQLite, beside a sandbox that answers in 5 ms and has no rate limit. Told in tenths of the
run, so that what grows with what is done already would show: speed of the last tenth ÷ the first.
"""

import argparse
import os
import tempfile
import time
from pathlib import Path

from benchmarks.engine_desk import all_done, connect, load, start_run, still_open, worker
from core.config import home
from core.sandbox import process
from core.store import db

PARTS = 10


def main() -> None:
    """Measure and print a line for each tenth."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orders", type=int, default=50_000)
    count: int = parser.parse_args().orders
    with tempfile.TemporaryDirectory() as folder:
        os.environ["REFUZ_HOME"] = folder
        os.environ.pop("REFUZ_DATABASE_URL", None)
        db.migrate()
        sandbox = process.start(Path(folder) / "sandbox")
        try:
            connect(home(), sandbox.base_url)
            _run(sandbox.base_url, count)
        finally:
            sandbox.stop()
            db.engine().dispose()


def _run(base_url: str, count: int) -> None:
    pile_id, ids = load(base_url, count)
    with worker(home()) as pid:
        start_run(pile_id, ids)
        speeds = [_part(count * part // PARTS, count // PARTS) for part in range(PARTS, 0, -1)]
        print(f"{'worker, peak memory':<30}{_peak_memory(pid):>12.0f} MB")
    all_done(base_url, count)
    print(f"{'cancelled and reversed once each':<34}{count:>8}")
    print(f"{'speed, last tenth ÷ first':<34}{speeds[-1] / speeds[0]:>8.2f}   goal ≥ 0.8")


def _part(left: int, size: int) -> float:
    """Orders a second while the open ones go down from `left` by `size`."""
    began = time.perf_counter()
    while still_open() > left - size:
        time.sleep(0.5)
    speed = size / (time.perf_counter() - began)
    print(f"{left - size:>7} left {speed:>8.1f} orders/s", flush=True)
    return speed


def _peak_memory(pid: int) -> float:
    """Megabytes."""
    status = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) / 1024


if __name__ == "__main__":
    main()
