"""One process that looks at Analytics and nothing else, for `benchmarks.insight`."""

import hashlib
import json
import sys
import time
from datetime import date
from pathlib import Path
from typing import Any

from benchmarks.insight import CHANGES, YEAR
from benchmarks.insight_plain import SLICES
from core.config import Home
from core.insight import view
from core.insight.filters import Filters
from core.store import db


def main() -> None:
    """Look, change filters, write a parcel, look again; print what it took."""
    asked = json.loads(sys.argv[1])
    source = db.engine(Home(Path("unused"), asked["url"]))
    today = date.fromisoformat(asked["today"])
    with db.reading(source) as connection:
        connection.exec_driver_sql("SELECT 1")  # connecting is not what is measured

    def look(filters: Filters) -> float:
        started = time.perf_counter()
        seen = view.load(source, filters, today)
        for name in SLICES:
            seen.sliced(name)
        return round(time.perf_counter() - started, 4)

    report: dict[str, Any] = {
        "first_s": look(YEAR),
        "filters_s": {
            name: min(look(filters) for _ in range(5)) for name, filters in CHANGES.items()
        },
        "after_a_write_s": _after_a_write(source, lambda: look(YEAR)),
        "peak_mb": _peak_mb(),
        "figures": _digest(view.load(source, YEAR, today)),
    }
    print(json.dumps(report))


def _after_a_write(source: Any, look: Any) -> float:
    """A look right after the courier told something new of one parcel."""
    with db.writing(source) as connection:
        connection.exec_driver_sql(
            "UPDATE parcels SET reason = 'bench' WHERE id = (SELECT MAX(id) FROM parcels)"
        )
    seconds: float = look()
    return seconds


def _peak_mb() -> int:
    """The most memory this process ever held; `ru_maxrss` would tell of its parent as well."""
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) // 1024


def _digest(look: view.View) -> str:
    """The same for the same figures."""
    counted = (look.cells, look.before, look.delays, look.process, look.missing)
    frames = [*counted, *(look.sliced(name) for name in SLICES)]
    texts = [
        frame.astype(str).sort_values(list(frame.columns)).to_csv(index=False) for frame in frames
    ]
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()


if __name__ == "__main__":
    main()
