"""A reader for the tests of single pictures: its process takes half a second to begin."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from core.intake import PictureError, ReaderPool, Reading

ReadAs = Callable[[bytes], list[Reading] | PictureError]


@pytest.fixture(scope="module")
def one_reader() -> Iterator[ReaderPool]:
    """One process that reads picture after picture, as a desk's do."""
    with ReaderPool(1) as pool:
        yield pool


@pytest.fixture
def read_there(one_reader: ReaderPool, tmp_path: Path) -> ReadAs:
    """Reads a file of these bytes in that process; gives its pages, or what is wrong with it."""

    def read(data: bytes) -> list[Reading] | PictureError:
        file = tmp_path / "of a stranger"
        file.write_bytes(data)
        [(_, result)] = one_reader.read_many([file])
        return result

    return read
