"""Fits `core/finding/weights.json` on drawn labels: `python -m benchmarks.finding_fit`.

How often each kind of field agrees on the label of the order and on one of another order is
counted; then how often the best order was right, by the strength of the whole and by what was read.
"""

import argparse
import json
import random
from collections import Counter
from pathlib import Path

import numpy as np

from benchmarks.finding_labels import Errors, as_read, boxes, partly, shop, traps
from core.finding import weights
from core.finding.compare import AGREES, LabelView, Level
from core.finding.fields import FieldKind, read_fields
from core.finding.known import Index, prepare

OUT = Path(weights.__file__).with_name("weights.json")
SEED = 2211
SHOPS = (90_001, 90_002, 90_003)
TRAPS_AMONG = 1 / 3  # of as many boxes: one label of four is another shop's
RIDGE, ROUNDS = 1.0, 30


def main() -> None:
    """Count, weigh, calibrate, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--labels", type=int, default=6000)
    parser.add_argument("--sheets", type=int, default=3000, help="boxes of each shop calibrated on")
    parser.add_argument("--calibrate", action="store_true", help="only how sure an answer is")
    asked = parser.parse_args()
    if asked.calibrate:
        _write({**weights._fitted(), "calibration": _calibration(asked.sheets)})
        return
    count = asked.labels
    draw = random.Random(SEED)
    orders = shop(draw, 5000)
    index = Index(orders)
    known = {one.order_id: prepare(one) for one in orders}
    views = [
        (LabelView(read_fields(as_read(draw, one, Errors())), index), one.order_id)
        for one in boxes(draw, orders, count)
    ]
    fitted: dict[str, dict[str, float]] = {
        kind: _rates(kind, views, known, draw) for kind in FieldKind
    }
    _write(fitted)
    fitted["calibration"] = _calibration(asked.sheets)
    _write(fitted)


def _write(fitted: dict[str, dict[str, float]]) -> None:
    OUT.write_text(json.dumps(fitted, indent=1) + "\n", encoding="utf-8")
    weights._fitted.cache_clear()


def _rates(kind: FieldKind, views: list, known: dict, draw: random.Random) -> dict[str, float]:  # type: ignore[type-arg]
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


def _level(view: LabelView, order: object, kind: FieldKind) -> list[Level]:
    """The best that any block says."""
    found = [a.level for part in view.compare(order) for a in part if a.kind is kind]  # type: ignore[arg-type]
    ranks = list(Level)
    return [min(found, key=ranks.index)] if found else []


def _calibration(count: int) -> dict[str, float]:
    """A logistic regression of whether the best order was right, on whole labels and on scraps of
    several shops: in one shop the same few namesakes would come again and again."""
    examples = []
    for seed in SHOPS:
        draw = random.Random(seed)
        orders = shop(draw, 5000)
        index = Index(orders)
        sheets = boxes(draw, orders, count) + traps(draw, orders, round(count * TRAPS_AMONG))
        for one in sheets:
            whole = as_read(draw, one, Errors())
            for lines in (whole, partly(draw, whole)):
                found = weights.rank(read_fields(lines), index, most=2)
                if found:
                    ahead = weights.lead(found, index)
                    evidence = weights.evidence(ahead, found[0].agreements, len(lines))
                    examples.append((evidence, found[0].order.order.order_id == one.order_id))
    return regressed(examples)


def regressed(examples: list[tuple[dict[str, float], bool]]) -> dict[str, float]:
    """Coefficients of a logistic regression by Newton's method, held towards 0 by RIDGE."""
    names = sorted({name for one, _ in examples for name in one})
    rows = np.array([[one.get(name, 0.0) for name in names] for one, _ in examples])
    right = np.array([float(one) for _, one in examples])
    found = np.zeros(len(names))
    for _ in range(ROUNDS):
        sure = 1 / (1 + np.exp(-rows @ found))
        slope = (rows.T * (sure * (1 - sure))) @ rows + RIDGE * np.eye(len(names))
        found += np.linalg.solve(slope, rows.T @ (right - sure) - RIDGE * found)
    return {name: round(float(one), 4) for name, one in zip(names, found, strict=True)}


if __name__ == "__main__":
    main()
