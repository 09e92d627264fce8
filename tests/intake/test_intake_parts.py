"""A short product code is believed only where it can be no part of a longer one."""

from collections.abc import Iterator

import numpy as np
import pytest

from benchmarks.reading_drawing import bars, modules, text_for
from core.intake.decode import belief, readers
from core.intake.decode.pipeline import read_gray
from core.intake.decode.readers import ReaderFound

PAPER, MODULE, LEFT, HIGH = 225, 4, 90, 130
HALF = 51  # modules: the left half of an EAN-13, its middle guard and one bar more


def _page(code: np.ndarray, left: int = LEFT) -> np.ndarray:
    page = np.full((480, 640), PAPER, np.uint8)
    page[180 : 180 + HIGH, left : left + code.shape[1]] = np.minimum(code, PAPER)
    return page


def _halves(seed: int) -> Iterator[np.ndarray]:
    """Left halves of EAN-13 codes that are another kind's bars to zxing-cpp."""
    draw = np.random.default_rng(seed)
    for _ in range(60):
        half = bars("EAN13", text_for("EAN13", draw), HIGH, MODULE)[:, : HALF * MODULE]
        if readers.zxing(_page(half), readers.LINEAR, thorough=False):
            yield half


@pytest.mark.parametrize("seed", [61, 62])
def test_a_covered_half_of_a_product_code_is_no_short_one(seed: int) -> None:
    halves = list(_halves(seed))
    assert halves
    for half in halves:
        assert read_gray(_page(half)).codes == ()
        assert read_gray(np.ascontiguousarray(np.rot90(_page(half)))).codes == ()


@pytest.mark.parametrize(("kind", "text"), [("UPCE", "06543217"), ("EAN8", "73513537")])
def test_a_short_product_code_is_read_where_the_picture_shows_its_quiet_zones(
    kind: str, text: str
) -> None:
    row = np.repeat(modules(kind, text)[:1], MODULE, axis=1)
    code = np.repeat(row, HIGH, axis=0)
    whole = read_gray(_page(code)).codes
    assert [(one.format, one.confidence) for one in whole] == [(kind, "sure")]
    cut = np.ascontiguousarray(_page(code)[:, LEFT - MODULE :])
    assert read_gray(cut).codes == ()
    assert read_gray(np.ascontiguousarray(cut[:, ::-1])).codes == ()


def test_number_system_1_is_known_however_a_reader_writes_it_out() -> None:
    corners = ((100.0, 100.0), (300.0, 100.0), (300.0, 200.0), (100.0, 200.0))
    page = np.full((480, 640), PAPER, np.uint8)
    for text in ("0154867000052", "154867000052", "15486752"):
        assert belief.may_be_part(ReaderFound(text, "UPCE", corners), page), text
    for text in ("0031470000030", "031470000030", "03147340"):
        assert not belief.may_be_part(ReaderFound(text, "UPCE", corners), page), text
