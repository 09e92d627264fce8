"""How well and how dearly labels are read: ours beside zxing-cpp and pyzbar, in one run.

    python -m benchmarks.reading                      # everything, about 20 minutes on two cores
    python -m benchmarks.reading --parts found,cost --phone 4 --webcam 8
    python -m benchmarks.reading --parts real --real-every 3

Parts: found (drawn photos), real (real photos), cost (CPU), stages, many (processes), memory.
Needs the photo material (`../shared/photos`, or REFUZ_SHARED); says so when it is not there.
"""

import argparse
import sys
import tempfile
from pathlib import Path

from core.intake import readers_available  # first: the readers' processes load numpy so, too

from benchmarks import reading_cost, reading_found  # isort: skip
from benchmarks.reading_material import SHARED, Drawn, draw, drawn_in

PARTS = ("found", "real", "cost", "stages", "many", "memory")


def main() -> None:
    """Print the tables of the parts asked for."""
    options = _options()
    if not (SHARED / "photos").is_dir():
        sys.exit(f"The photo material is not at {SHARED}. Set REFUZ_SHARED to where it is.")
    parts = [part for part in PARTS if part in options.parts.split(",")]
    for reader, missing in readers_available().items():
        print(f"{reader}: {missing or 'there'}")
    with tempfile.TemporaryDirectory() as folder:
        photos = _photos(Path(folder), options) if set(parts) & {"found", "cost", "stages"} else []
        for part in parts:
            _run(part, photos, Path(folder), options)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--parts", default=",".join(PARTS))
    parser.add_argument("--phone", type=int, default=20, help="phone photos a level")
    parser.add_argument("--webcam", type=int, default=40, help="webcam photos a level")
    parser.add_argument("--levels", default="1-5")
    parser.add_argument("--seed", type=int, default=7000)
    parser.add_argument("--drawn", type=Path, help="a folder drawn before, instead of drawing")
    parser.add_argument("--not-alone", action="store_true", help="only ours, in found and real")
    parser.add_argument("--real-every", type=int, default=1, help="1 = all real photos")
    parser.add_argument("--many", type=int, default=200, help="photos over processes")
    parser.add_argument("--memory", type=int, default=300, help="photos of 4 MB")
    return parser.parse_args()


def _photos(folder: Path, options: argparse.Namespace) -> list[Drawn]:
    if options.drawn:
        return drawn_in(options.drawn)
    return draw(
        folder / "drawn",
        phone=options.phone,
        webcam=options.webcam,
        seed=options.seed,
        levels=options.levels,
    )


def _run(part: str, photos: list[Drawn], folder: Path, options: argparse.Namespace) -> None:
    if part == "found":
        reading_found.drawn(photos, options.seed, alone=not options.not_alone)
    elif part == "real":
        reading_found.real(options.real_every, alone=not options.not_alone)
    elif part == "cost":
        reading_cost.ratios(photos)
    elif part == "stages":
        reading_cost.by_stage(photos)
    elif part == "many":
        reading_cost.many(folder / "many", options.many, seed=options.seed)
    else:
        reading_cost.memory(options.memory, seed=options.seed)
    sys.stdout.flush()


if __name__ == "__main__":
    main()
