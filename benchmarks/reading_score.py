"""What is read of pictures made hard, and which wrong texts lured ones give: beside others alone.

python -m benchmarks.reading_score --count 12 --seed 5
python -m benchmarks.reading_score --hunt --count 40
python -m benchmarks.reading_score --kinds defocus,low_light --not-alone
"""

import argparse
from collections import Counter
from collections.abc import Iterator

from benchmarks import reading_hard, reading_hunt
from benchmarks.reading_drawing import Picture
from benchmarks.reading_material import by_pyzbar, by_zxing
from core.intake import read

ALONE = {"zxing-cpp": by_zxing, "pyzbar": by_pyzbar}
COSTLY = {"forty": 10, "tiny": 4, "large": 4}  # of these so many times fewer are drawn


def main() -> None:
    """Draw, read, print a line a kind."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--kinds", help="comma separated; all, if not given")
    parser.add_argument("--hunt", action="store_true", help="pictures made to lure")
    parser.add_argument("--count", type=int, default=12, help="pictures a kind")
    parser.add_argument("--seed", type=int, default=5)
    parser.add_argument("--not-alone", action="store_true", help="only ours")
    parser.add_argument("--misses", action="store_true", help="name what was not read")
    asked = parser.parse_args()
    known = reading_hunt.KINDS if asked.hunt else reading_hard.KINDS
    kinds = asked.kinds.split(",") if asked.kinds else list(known)
    score(kinds, asked)


def score(kinds: list[str], asked: argparse.Namespace) -> None:
    """Print what was found by kind, with `asked` as on the command line, and the sum."""
    readers = {} if asked.not_alone else ALONE
    total: Counter[str] = Counter()
    for kind in kinds:
        count: Counter[str] = Counter()
        for one in _drawn(kind, asked):
            _count(count, one, misses=asked.misses)
            for name, reader in readers.items():
                texts = reader(one.data)
                count[name] += len(_linear(one) & texts)
                count[f"{name} square"] += len(_square(one) & texts)
                count[f"{name} wrong"] += len(texts - {code.text for code in one.codes})
        print(_row(kind, count, list(readers)), flush=True)
        total += count
    print(_row("all", total, list(readers)), flush=True)


def _drawn(kind: str, asked: argparse.Namespace) -> Iterator[Picture]:
    if asked.hunt:
        return reading_hunt.pictures([kind], asked.count, asked.seed)
    return reading_hard.pictures([kind], max(1, asked.count // COSTLY.get(kind, 1)), asked.seed)


def _linear(one: Picture) -> set[str]:
    return {code.text for code in one.codes if code.linear}


def _square(one: Picture) -> set[str]:
    return {code.text for code in one.codes if not code.linear}


def _count(count: Counter[str], one: Picture, *, misses: bool) -> None:
    reading = read(one.data)
    texts = {code.text for code in reading.codes}
    truth = {code.text for code in one.codes}
    count["pictures"] += 1
    count["bars"] += len(_linear(one))
    count["squares"] += len(_square(one))
    count["ours"] += len(_linear(one) & texts)
    count["ours square"] += len(_square(one) & texts)
    count["unread places"] += len(reading.unread)
    for code in reading.codes:
        if code.text not in truth:
            count["ours wrong" if code.confidence == "sure" else "ours weak and wrong"] += 1
            print(f"  {one.name}: {code.confidence} {code.format} {code.text!r} by {code.stage}")
    if misses:
        for printed in one.codes:
            if printed.text not in texts:
                print(f"  {one.name}: not read {printed.kind} {printed.text!r}")


def _row(kind: str, count: Counter[str], readers: list[str]) -> str:
    parts = [
        f"{kind:14} bars of {count['bars']:4}, squares of {count['squares']:4}: ours "
        f"{count['ours']:4}, {count['ours square']:4}, {count['ours wrong']} wrong "
        f"({count['ours weak and wrong']} weak)"
    ]
    parts += [
        f"{name} {count[name]:4}, {count[f'{name} square']:4}, {count[f'{name} wrong']} wrong"
        for name in readers
    ]
    return "; ".join(parts)


if __name__ == "__main__":
    main()
