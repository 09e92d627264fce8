"""Whether every box finds its order: `make bench-finding`, the table of docs/finding.md."""

import argparse
import random
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.finding_labels import (
    PHOTOGRAPHED,
    Errors,
    Sheet,
    as_read,
    boxes,
    errors_of,
    partly,
    shop,
    traps,
)
from core.finding.fields import Fields, PrintedLine, read_fields
from core.finding.known import Index, KnownOrder
from core.finding.weights import rank, takes_itself

SEED = 5150


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--boxes", type=int, default=1000, help="read as text")
    parser.add_argument("--traps", type=int, default=10_000, help="read as text")
    parser.add_argument("--stated", type=int, default=10_000, help="boxes of stated confidence")
    parser.add_argument("--photos", type=int, default=200, help="boxes photographed and read")
    parser.add_argument("--trap-photos", type=int, default=50)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--keep", type=Path, help="a file of what was photographed and read: a "
                        "second run goes on where the first ended")  # fmt: skip
    parser.add_argument(
        "--gently", dest="errors", action="store_const", const=PHOTOGRAPHED, default=Errors(),
        help="read as text with no more errors than on photographs",
    )  # fmt: skip
    asked = parser.parse_args()
    draw = random.Random(asked.seed)
    orders = shop(draw, 5000)
    began = time.perf_counter()
    index = Index(orders)
    print(f"index of {len(orders)} open orders: {time.perf_counter() - began:.2f} s")
    made = boxes(draw, orders, asked.boxes)
    trapped = traps(draw, orders, asked.traps)
    tally = Tally(index)
    for one in made:
        tally.look(one, as_read(draw, one, asked.errors))
    print("boxes as text:", tally.row())
    traps_tally = Tally(index)
    for one in trapped:
        traps_tally.look(one, as_read(draw, one, asked.errors))
    print("traps as text:", traps_tally.row())
    # What a desk sees: one trap of four, and as many boxes as make the band count.
    mixed, scraps = Tally(index), Tally(index)
    draw = random.Random(f"{asked.seed} stated")
    sheets = boxes(draw, orders, asked.stated) + traps(draw, orders, asked.stated // 3)
    for one in sheets:
        lines = as_read(draw, one, asked.errors)
        mixed.look(one, lines)
        scraps.look(one, partly(draw, lines))
    both = Tally(index)
    both.answers = mixed.answers + scraps.answers
    print("said 85 to 95 % sure, of all:", both.band())
    print("said 85 to 95 % sure, whole labels:", mixed.band())
    print("said 85 to 95 % sure, parts of them:", scraps.band())
    print("parts of labels:", scraps.row())
    if asked.photos or asked.trap_photos:
        _photographed(asked, orders, index)


def _photographed(asked: argparse.Namespace, orders: list[KnownOrder], index: Index) -> None:
    from benchmarks.finding_photos import Reader

    reader = Reader(asked.seed, asked.keep)
    draw = random.Random(f"{asked.seed} photographed")  # the same labels whatever was read as text
    for name, sheets in (
        ("boxes photographed", boxes(draw, orders, max(1000, asked.photos))[: asked.photos]),
        ("traps photographed", traps(draw, orders, asked.trap_photos)),
    ):
        tally, read = Tally(index), []
        for at, one in enumerate(sheets):
            read.append((one, reader.read(one, at % 3 + 1, f"{name} {at}")))
            tally.look(*read[-1])
        print(f"{name}: {tally.row()}; {reader.timing()}; {errors_of(read)}")
        print("said 85 to 95 % sure:", tally.band())


class Tally:
    """Counts what was found, what would be taken without a person, and how honest it was."""

    def __init__(self, index: Index) -> None:
        self.index = index
        self.labels = self.first = self.three = self.taken = self.taken_right = 0
        self.answers: list[tuple[float, bool]] = []
        self.seconds: list[float] = []

    def look(self, made: Sheet, lines: Sequence[PrintedLine]) -> None:
        """One label."""
        began = time.perf_counter()
        fields: Fields = read_fields(lines)
        found = rank(fields, self.index)
        self.seconds.append(time.perf_counter() - began)
        ids = [one.order.order.order_id for one in found]
        self.labels += 1
        self.first += bool(ids) and ids[0] == made.order_id
        self.three += made.order_id in ids
        if takes_itself(found):
            self.taken += 1
            self.taken_right += ids[0] == made.order_id
        if found:
            self.answers.append((found[0].sure, ids[0] == made.order_id))

    def row(self) -> str:
        """A row of the table."""
        if not self.labels:
            return "no labels"
        n = self.labels
        slowest = sorted(self.seconds)[int(0.95 * (len(self.seconds) - 1))] * 1000
        return (
            f"{self.labels} labels, first {self.first / n:.1%}, among three {self.three / n:.1%}, "
            f"would be taken without a person {self.taken} ({self.taken - self.taken_right} "
            f"wrongly), weighed in {slowest:.0f} ms (95 of 100)"
        )

    def band(self, low: float = 0.85, high: float = 0.95) -> str:
        """How many answers said so, and how many of them were right."""
        within = [right for sure, right in self.answers if low <= sure <= high]
        return f"{len(within)} answers, {sum(within) / max(1, len(within)):.1%} right"


if __name__ == "__main__":
    main()
