"""What reading costs: CPU against decoding the JPEG, by stage, over processes; memory."""

import io
import itertools
import os
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any
from unittest.mock import patch

import numpy as np
import psutil
from PIL import Image

from benchmarks.reading_material import Drawn, cpu, draw, jpeg_cpu
from core.intake import ReaderPool, opening, read, read_frame
from core.intake.decode import frame, linear, pipeline, regions, square, stages
from core.intake.decode.readers import LINEAR_NAMES

PHONE_GOALS = {1: 4.0, 5: 8.0}
SQUARE_GOAL, EMPTY_GOAL, BARCODE_GOAL = 10.0, 4.0, 8.0
PHOTO_BYTES = 4_000_000
Way = Callable[[bytes], object]


def ratios(photos: Sequence[Drawn]) -> None:
    """Print CPU over JPEG decoding: phone photos with 1-D codes only and with all, webcam frames
    on the fast path with and without a barcode. Medians."""
    read(photos[0].path.read_bytes())  # tables that are made once
    print("\nCPU ÷ decoding the same JPEG to gray, medians")
    for level in sorted({photo.level for photo in photos}):
        some = [
            one.path.read_bytes() for one in photos if (one.kind, one.level) == ("phone", level)
        ]
        frames = [
            one.path.read_bytes() for one in photos if (one.kind, one.level) == ("webcam", level)
        ]
        if some:
            linear_only = _ratio(some, lambda data: read(data, LINEAR_NAMES))
            goal = PHONE_GOALS.get(level)
            print(
                f"  level {level} phone, 1-D path   {linear_only:5.1f}  {_word(linear_only, goal)}"
            )
            both = _ratio(some, read)
            print(f"  level {level} phone, with 2-D   {both:5.1f}  {_word(both, SQUARE_GOAL)}")
        if frames:
            ratio = _ratio(frames, read_frame)
            print(f"  level {level} webcam, fast path {ratio:5.1f}  {_word(ratio, BARCODE_GOAL)}")
    ratio = _ratio([_without_labels(seed) for seed in range(12)], read_frame)
    print(f"  empty webcam frame, fast path {ratio:3.1f}  {_word(ratio, EMPTY_GOAL)}")


def _ratio(pictures: Sequence[bytes], way: Way) -> float:
    return median(cpu(partial(way, data)) / jpeg_cpu(data) for data in pictures)


def _word(ratio: float, goal: float | None) -> str:
    if goal is None:
        return ""
    return f"(goal {goal:g}: {'holds' if ratio <= goal else 'MISSED'})"


def _without_labels(seed: int) -> bytes:
    """A webcam frame of a table: light that falls off, grain, edges, print; no barcode."""
    draw = np.random.default_rng(seed)
    light = np.linspace(90, 190, 1280)[None] * np.linspace(0.8, 1.1, 720)[:, None]
    frame_ = np.clip(light + draw.normal(0, 5, (720, 1280)), 0, 255)
    for _ in range(12):
        y, x = draw.integers(0, 600), draw.integers(0, 1100)
        height, width = draw.integers(8, 120), draw.integers(8, 180)
        frame_[y : y + height, x : x + width] = draw.integers(30, 230)
    out = io.BytesIO()
    Image.fromarray(frame_.astype(np.uint8)).convert("RGB").save(out, "JPEG", quality=80)
    return out.getvalue()


# ---------------------------------------------------------------- by stage


class Clock:
    """Adds up CPU time by stage; a stage inside another one stops the outer one's time."""

    def __init__(self) -> None:
        """Nothing is running."""
        self.ms: dict[str, float] = defaultdict(float)
        self._stack: list[tuple[str, float]] = []

    @contextmanager
    def timed(self, stage: str) -> Iterator[None]:
        """Count what runs inside."""
        now = time.process_time()
        if self._stack:
            outer, since = self._stack[-1]
            self.ms[outer] += (now - since) * 1000
        self._stack.append((stage, now))
        try:
            yield
        finally:
            now = time.process_time()
            _, since = self._stack.pop()
            self.ms[stage] += (now - since) * 1000
            if self._stack:
                self._stack[-1] = (self._stack[-1][0], now)

    def wrap(self, target: object, name: str, stage: str) -> Any:
        """A patch that times a function of the reader."""
        real = getattr(target, name)

        def timed(*values: Any, **options: Any) -> Any:
            with self.timed(stage):
                return real(*values, **options)

        return patch.object(target, name, timed)

    def wrap_views(self) -> Any:
        """A patch that times each cheap look, from cutting it out until the next is asked for."""
        real = stages.views

        def timed(*values: Any) -> Iterator[stages.RegionView]:
            looks = real(*values)
            for name in itertools.chain(("upright", "coarse"), itertools.repeat("fine")):
                with self.timed(name):
                    view = next(looks, None)
                if view is None:
                    return
                yield view

        return patch.object(stages, "views", timed)


def by_stage(photos: Sequence[Drawn]) -> None:
    """Print for each stage the codes it read and its CPU, on all drawn photos."""
    clock, codes = Clock(), Counter[str]()
    looks = linear.RegionReader._look  # the one place where a look is read

    def look(reader: linear.RegionReader, view: stages.RegionView) -> Any:
        with clock.timed(view.name):
            return looks(reader, view)

    with ExitStack() as patches:
        for target, name, stage in (
            (opening, "_jpeg", "(opening the JPEG)"),
            (regions.RegionSearch, "__init__", "(finding regions)"),
            (regions.RegionSearch, "regions", "(finding regions)"),
            (regions.RegionSearch, "more", "(finding regions)"),
            (square, "look", "2-D"),
            (square, "patches", "2-D patch"),
            (square, "again", "2-D again"),
            (pipeline._Bars, "floor", "floor"),
            (stages, "grown", "straightened"),
            (stages, "straightened", "straightened"),
            (linear.RegionReader, "_model", "model"),
            (frame.WholeFrame, "codes", "whole frame"),
        ):
            patches.enter_context(clock.wrap(target, name, stage))
        patches.enter_context(clock.wrap_views())
        patches.enter_context(patch.object(linear.RegionReader, "_look", look))
        for photo in photos:
            reading = read(photo.path.read_bytes())
            codes.update(code.stage for code in reading.codes)
    print(f"\nWhat each stage reads and costs, {len(photos)} drawn photos")
    for stage, ms in sorted(clock.ms.items(), key=lambda item: -item[1]):
        print(f"  {stage:20} {codes[stage]:5} codes  {ms / len(photos):7.1f} ms of CPU a photo")


# ---------------------------------------------------------------- many photos


def many(folder: Path, count: int, *, seed: int) -> None:
    """Print how much faster two processes are than one, over `count` phone photos."""
    photos = draw(folder, phone=4, webcam=0, seed=seed, levels="1-3", quiet=True)
    paths = [photos[number % len(photos)].path for number in range(count)]
    seconds = {workers: _read_all(paths, workers) for workers in (1, 2)}
    ratio = seconds[1] / seconds[2]
    print(
        f"\n{count} photos: {seconds[1]:.1f} s in one process, {seconds[2]:.1f} s in two:", end=" "
    )
    print(
        f"{ratio:.2f} x (goal 1.8: {'holds' if ratio >= 1.8 else 'MISSED'}; needs two idle cores)"
    )


def _read_all(paths: Sequence[Path], workers: int) -> float:
    with ReaderPool(workers) as pool:
        for _ in pool.read_many(paths[: 2 * workers]):
            pass  # the processes are up
        began = time.perf_counter()
        for _ in pool.read_many(paths):
            pass
        return time.perf_counter() - began


def memory(count: int, *, seed: int) -> None:
    """Print the memory of this process and its readers while `count` photos of 4 MB are read."""
    with tempfile.TemporaryDirectory() as folder:
        paths = _large(Path(folder), count, seed)
        size = sum(path.stat().st_size for path in paths) / count / 1e6
        at: dict[int, float] = {}
        highest = 0.0
        with ReaderPool(2) as pool:
            for number, _ in enumerate(pool.read_many(paths), 1):
                now = _resident()
                highest = max(highest, now)
                if number in {count // 6, count // 3, count // 2, 2 * count // 3, count}:
                    at[number] = now
    steps = ", ".join(f"{mb:.0f} MB after {number}" for number, mb in at.items())
    print(f"\nMemory, {count} photos of {size:.1f} MB in two processes: {steps}")
    print(f"  at most {highest:.0f} MB")
    values = list(at.values())
    flat = values[-1] < 1.15 * values[0]
    print(f"  {'flat' if flat else 'NOT flat'}: last ÷ first {values[-1] / values[0]:.2f}")


def _large(folder: Path, count: int, seed: int) -> list[Path]:
    """`count` names for eight phone photos, written so that each has 4 MB."""
    photos = draw(folder, phone=2, webcam=0, seed=seed, levels="1-4", quiet=True)
    for photo in photos:
        image = Image.open(photo.path)
        image.load()
        for quality in (85, 90, 93, 95, 97, 99):
            image.save(photo.path, "JPEG", quality=quality)
            if photo.path.stat().st_size >= PHOTO_BYTES:
                break
    paths = []
    for number in range(count):
        path = folder / f"photo-{number}.jpg"
        os.link(photos[number % len(photos)].path, path)
        paths.append(path)
    return paths


def _resident() -> float:
    """MB of this process and its readers, memory that they share counted once."""
    me = psutil.Process()
    everyone = [me, *me.children(recursive=True)]
    return sum(_of(one) for one in everyone) / 1e6


def _of(process: psutil.Process) -> float:
    try:
        return float(process.memory_full_info().uss)
    except psutil.Error:  # it has just ended
        return 0.0
