"""Large photos and piles: more pixels and more labels never mean fewer codes."""

import cv2
import numpy as np
import pytest

from benchmarks.reading_drawing import bars, corners_of, label, lay, modules, table, taken
from benchmarks.reading_hard import pictures
from core.intake import read
from core.intake.codes import PictureCode
from core.intake.decode import pipeline
from core.intake.decode.pipeline import read_gray


def _page(height: int, width: int) -> np.ndarray:
    return np.full((height, width), 225, np.uint8)


def _put(page: np.ndarray, code: np.ndarray, x: int, y: int) -> None:
    page[y : y + code.shape[0], x : x + code.shape[1]] = np.minimum(code, 225)


def _texts(gray: np.ndarray) -> set[str]:
    return {code.text for code in read_gray(gray).codes}


@pytest.mark.parametrize("gap", [14, 30])
def test_two_codes_that_stand_close_below_each_other_are_both_read(gap: int) -> None:
    page = _page(700, 900)
    _put(page, bars("Code128", "1ONB24222308781", 90, 3), 120, 200)
    _put(page, bars("ITF", "903417550218", 90, 3), 160, 290 + gap)
    assert _texts(page) == {"1ONB24222308781", "903417550218"}


def test_each_of_two_close_codes_has_the_corners_of_its_own_bars() -> None:
    page = _page(700, 900)
    _put(page, bars("Code128", "RR473124829RO", 80, 3), 120, 200)
    _put(page, bars("Code128", "JD014600123456", 80, 3), 120, 300)
    tops = {code.text: min(y for _, y in code.corners) for code in read_gray(page).codes}
    assert tops["RR473124829RO"] == pytest.approx(200, abs=14)
    assert tops["JD014600123456"] == pytest.approx(300, abs=14)


@pytest.mark.parametrize("kind", ["DataMatrix", "QRCode", "Aztec"])
@pytest.mark.parametrize("module", [4, 14])
def test_a_square_code_is_read_in_a_large_photo_whatever_its_size(kind: str, module: int) -> None:
    code = np.kron(modules(kind, "M00968628436"), np.ones((module, module), np.uint8))
    size = code.shape[0] + 200
    patch = np.full((size, size), 225, np.uint8)
    patch[100:-100, 100:-100] = np.minimum(code, 225)
    turn = cv2.getRotationMatrix2D((size / 2, size / 2), 25, 1.0)
    page = _page(2160, 3840)
    page[800 : 800 + size, 1500 : 1500 + size] = cv2.warpAffine(
        patch, turn, (size, size), borderValue=225
    )
    assert _texts(taken(page, np.random.default_rng(4))) == {"M00968628436"}


@pytest.mark.parametrize(
    ("kind", "module"), [("PDF417", 10), ("PDF417", 15), ("DataMatrix", 7), ("DataMatrix", 33)]
)
@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_a_square_code_that_lies_is_read_beside_one_that_stands(
    kind: str, module: int, degrees: int
) -> None:
    page = _page(2500, 3600)
    code = np.kron(modules(kind, "R7730118264"), np.ones((module, module), np.uint8))
    _put(page, np.rot90(code, degrees // 90), 700, 300)
    _put(page, np.kron(modules("QRCode", "https://example.com"), np.ones((8, 8))), 3000, 2000)
    assert _texts(taken(page, np.random.default_rng(6))) == {"R7730118264", "https://example.com"}


def test_speckled_bars_of_many_pixels_a_module_are_read() -> None:
    for one in pictures(["large"], 2, 31):
        wanted = {code.text for code in one.codes if code.linear}
        assert wanted <= {code.text for code in read(one.data).codes}


def test_all_labels_of_a_pile_are_read_when_they_are_more_than_sixty() -> None:
    draw = np.random.default_rng(8)
    page = table(draw, 3200, 2400)
    wanted = set()
    for row in range(8):
        for column in range(5):
            one = label(draw, ("Code128", "Code128"))
            at = ((column + 0.5) * 640, (row + 0.5) * 300)
            wanted |= {code.text for code in lay(page, one, at, 0.33, 2.0, 0.0, draw)}
    assert len(wanted) > 60
    seen = _texts(taken(page, draw, blur=0.4, noise=2))
    assert len(wanted - seen) <= 1


def test_what_time_does_not_reach_is_marked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipeline, "COSTLY_SECONDS", 0.0)
    page = _page(900, 1200)
    code = bars("Code128", "1ONB24222308781", 120, 3)
    code[:, 200:330] = np.random.default_rng(1).choice([0, 255], (1, 130))
    _put(page, code, 200, 300)
    reading = read_gray(page)
    assert reading.codes == ()
    (unread,) = reading.unread
    assert unread.reason == PictureCode.NOT_LOOKED_AT
    outline = np.array(unread.corners, np.float32)
    assert cv2.pointPolygonTest(outline, (400.0, 360.0), measureDist=False) > 0
    assert corners_of(200, 300, 520, 120)[0][0] == pytest.approx(outline[:, 0].min(), abs=80)


@pytest.mark.parametrize("order", [(0, 1), (1, 0)], ids=["above", "below"])
def test_what_the_search_missed_beside_a_code_that_the_whole_picture_shows_is_read(
    monkeypatch: pytest.MonkeyPatch, order: tuple[int, int]
) -> None:
    page = _page(900, 900)
    texts = ("LX553107246RO", "7731904425608")
    for text, y in zip(texts, (380, 455), strict=True):
        _put(page, bars("Code128", text, 50, 2), 240, y)
    seen, missed = (texts[at] for at in order)
    monkeypatch.setattr(pipeline.RegionSearch, "regions", lambda _: [])
    monkeypatch.setattr(pipeline.RegionSearch, "more", lambda *_: [])
    shown = list(pipeline.WholeFrame(page, frozenset({"Code128"})).straight)
    alone = [one for one in shown if one.text == seen]
    assert len(alone) == 1
    monkeypatch.setattr(pipeline.WholeFrame, "straight", alone)
    assert {missed, seen} <= _texts(page)


def test_of_forty_labels_in_fine_print_the_second_code_of_each_is_read_as_well() -> None:
    """At half its size the picture shows some of them grey; they stand below one that is read."""
    picture = list(pictures(["forty"], 3, 8101))[-1]
    second = {code.text for code in picture.codes if code.kind == "Code39"}
    assert len(second) == 40
    assert len(second & {code.text for code in read(picture.data).codes}) >= 39
