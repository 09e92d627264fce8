"""Fits `core/finding/weights.json` on drawn labels: `python -m benchmarks.finding_fit`.

How often each kind of field agrees on the label of the order and on one of another order is
counted; then how often the best order was right at each strength of the whole.
"""

import argparse
import json
import random
from collections import Counter
from pathlib import Path

from benchmarks.finding_labels import Errors, as_read, boxes, shop, traps
from core.finding import weights
from core.finding.compare import AGREES, Level, View
from core.finding.fields import Kind, read_fields
from core.finding.known import Index, prepare

OUT = Path(weights.__file__).with_name("weights.json")
SEED = 2211
TRAPS_AMONG = 0.1  # of the boxes that a desk sees
STEPS = 24


def main() -> None:
    """Count, weigh, calibrate, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--labels", type=int, default=6000)
    count = parser.parse_args().labels
    draw = random.Random(SEED)
    orders = shop(draw, 5000)
    index = Index(orders)
    known = {one.order_id: prepare(one) for one in orders}
    views = [
        (View(read_fields(as_read(draw, one, Errors())), index), one.order_id)
        for one in boxes(draw, orders, count)
    ]
    fitted: dict[str, dict[str, float]] = {kind: _rates(kind, views, known, draw) for kind in Kind}
    _write(fitted)
    fitted["calibration"] = _calibration(draw, orders, index, count)
    _write(fitted)


def _write(fitted: dict[str, dict[str, float]]) -> None:
    OUT.write_text(json.dumps(fitted, indent=1) + "\n", encoding="utf-8")
    weights._fitted.cache_clear()


def _rates(kind: Kind, views: list, known: dict, draw: random.Random) -> dict[str, float]:  # type: ignore[type-arg]
    true, other = Counter[Level](), Counter[Level]()
    everybody = list(known.values())
    for view, order_id in views:
        true.update(_level(view, known[order_id], kind))
        other.update(_level(view, draw.choice(everybody), kind))
    return {
        **{f"match_{one}": _share(true, one) for one in Level},
        **{f"random_{one}": _share(other, one) for one in Level if one not in AGREES},
    }


def _share(counted: Counter[Level], level: Level) -> float:
    return round((counted[level] + 1) / (counted.total() + len(Level)), 5)


def _level(view: View, order: object, kind: Kind) -> list[Level]:
    """The best that any block says."""
    found = [a.level for part in view.compare(order) for a in part if a.kind is kind]  # type: ignore[arg-type]
    ranks = list(Level)
    return [min(found, key=ranks.index)] if found else []


def _calibration(draw: random.Random, orders: list, index: Index, count: int) -> dict[str, float]:  # type: ignore[type-arg]
    """Isotonic steps of raw log odds and the share that was right, by pooling what falls."""
    sheets = boxes(draw, orders, count) + traps(draw, orders, round(count * TRAPS_AMONG * 3))
    told = []
    for one in sheets:
        fields = read_fields(as_read(draw, one, Errors()))
        found = weights.rank(fields, index, most=weights.MOST_COMPARED)
        if found:
            right = found[0].order.order.order_id == one.order_id
            told.append((weights.raw_odds(found, index), right))
    told.sort()
    return pooled(told)


def pooled(told: list[tuple[float, bool]]) -> dict[str, float]:
    """Pool-adjacent-violators over bins of equal count; smoothed by one right and one wrong."""
    size = max(1, len(told) // 120)
    bins = [told[at : at + size] for at in range(0, len(told), size)]
    merged: list[list[float]] = []  # sum of odds, right, count
    for one in bins:
        merged.append([sum(o for o, _ in one), sum(r for _, r in one), len(one)])
        while len(merged) > 1 and merged[-2][1] / merged[-2][2] >= merged[-1][1] / merged[-1][2]:
            last = merged.pop()
            merged[-1] = [a + b for a, b in zip(merged[-1], last, strict=True)]
    return {f"{odds / n:.3f}": round((right + 0.5) / (n + 1), 4) for odds, right, n in merged}


if __name__ == "__main__":
    main()
