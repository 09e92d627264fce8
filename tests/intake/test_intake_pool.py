"""The pool of reading processes outlives what a picture does to one of them."""

import io
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from intake_jobs import answer_later, read_or_misbehave
from PIL import Image

from core.intake import PictureError, ReaderPool, process


def _files(folder: Path, *contents: bytes) -> list[Path]:
    paths = [folder / f"{number}.jpg" for number in range(len(contents))]
    for path, content in zip(paths, contents, strict=True):
        path.write_bytes(content)
    return paths


def test_pictures_that_end_their_process_are_named_and_the_others_are_read(tmp_path: Path) -> None:
    paths = _files(tmp_path, b"one", b"die", b"hoard", b"hang", b"three", b"stumble", b"fifth")
    with ReaderPool(2, read=read_or_misbehave, slowest=2.0) as pool:
        results = [result for _, result in sorted(pool.read_many(paths))]
    widths = [result[0].width for result in results if isinstance(result, list)]
    assert widths == [3, 5, 5]
    said = [str(result) for result in results if isinstance(result, PictureError)]
    assert "stopped at this picture" in said[0]
    assert "too much memory" in said[1]
    assert "took longer than 2 seconds" in said[2]
    assert "stopped at this picture" in said[3]


def test_few_pictures_are_taken_at_a_time_and_no_process_outlives_the_pool(tmp_path: Path) -> None:
    taken = []

    def pile() -> Iterator[Path]:
        for path in _files(tmp_path, *[b"x"] * 9, b"hang"):
            taken.append(path)
            yield path

    others = set(psutil.Process().children())  # readers of the pools that other tests share
    with ReaderPool(1, read=read_or_misbehave) as pool:
        results = pool.read_many(pile())
        next(results)
        assert len(taken) <= 2
        assert len([next(results) for _ in range(8)]) == 8
        children = [child.pid for child in set(psutil.Process().children()) - others]
        assert _readers(children)
    assert not any(psutil.pid_exists(pid) for pid in _readers(children))


def _readers(pids: list[int]) -> list[int]:
    """Without multiprocessing's own helper, which serves other pools, too."""
    return [pid for pid in pids if psutil.pid_exists(pid) and "spawn_main" in _line(pid)]


def _line(pid: int) -> str:
    return " ".join(psutil.Process(pid).cmdline())


def test_a_file_that_went_away_says_so(tmp_path: Path) -> None:
    gone = tmp_path / "gone.jpg"
    out = io.BytesIO()
    Image.new("L", (64, 64), 255).save(out, "JPEG")
    (there,) = _files(tmp_path, out.getvalue())
    with ReaderPool(1) as pool:
        results = dict(pool.read_many([gone, there]))
    assert "gone.jpg cannot be opened" in str(results[gone])
    assert isinstance(results[there], list)


ASKED = """
import os, sys

class Watch:
    def find_spec(self, name, path, target=None):
        if name == "numpy":
            print(os.environ.get("OPENBLAS_NUM_THREADS"))

sys.meta_path.insert(0, Watch())
from core.intake import read
"""


def test_numpy_is_told_to_keep_to_one_thread_before_it_is_loaded_to_read_pictures() -> None:
    env = {name: one for name, one in os.environ.items() if name != "OPENBLAS_NUM_THREADS"}
    asked = subprocess.run(
        [sys.executable, "-c", ASKED], env=env, capture_output=True, text=True, check=True
    )
    assert asked.stdout.split() == ["1"]


def test_a_reader_whose_asker_has_gone_ends_without_a_word(
    capfd: pytest.CaptureFixture[str],
) -> None:
    with process.ProcessPool(1) as pool:
        reader = pool._begin()
        reader.pipe.send((answer_later, (0.5,)))
        assert reader.pipe.recv() == process.BEGUN
        reader.pipe.close()
        reader.process.join(60)
        assert reader.process.exitcode == 0
    assert "Traceback" not in capfd.readouterr().err
