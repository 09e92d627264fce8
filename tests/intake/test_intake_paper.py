"""The paper around a code: where it lies, how it is turned, and what is cut out of it."""

import math
from pathlib import Path

import cv2
import numpy as np
import pytest

from core.intake.text.jobs import cut_out, find_papers
from core.intake.text.paper import Paper, guessed, paper_around, upright
from core.intake.types import Corners, Gray

WIDE, HIGH = 300, 200  # of the label
CODE = (-60.0, 20.0, 120.0, 50.0)  # from the label's middle: left, top, width, height
MARK = (-120.0, -80.0, 30.0, 20.0)  # a dark mark at the label's top left


def placed(middle: tuple[float, float], turn: float, box: tuple[float, ...]) -> Corners:
    """The corners of a box of the label in the picture, clockwise from its top left."""
    left, top, width, height = box
    c, s = math.cos(turn), math.sin(turn)
    points = [(left, top), (left + width, top), (left + width, top + height), (left, top + height)]
    return tuple((middle[0] + x * c - y * s, middle[1] + x * s + y * c) for x, y in points)


def picture(*labels: tuple[tuple[float, float], float], paper: int = 235) -> Gray:
    """Labels of WIDE x HIGH on a dark table, each with bars and a mark."""
    gray = np.full((600, 800), 60, np.uint8)
    for middle, turn in labels:
        whole = (-WIDE / 2, -HIGH / 2, WIDE, HIGH)
        _fill(gray, placed(middle, turn, whole), paper)
        _fill(gray, placed(middle, turn, MARK), 20)
        left, top, width, height = CODE
        for at in range(0, int(width), 6):
            _fill(gray, placed(middle, turn, (left + at, top, 3, height)), 20)
    return gray


def _fill(gray: Gray, corners: Corners, value: int) -> None:
    cv2.fillConvexPoly(gray, np.round(np.array(corners)).astype(np.int32), value)


def about(angle: float, turn: float) -> float:
    """How far two directions are apart, in radians."""
    return abs((angle - turn + math.pi) % (2 * math.pi) - math.pi)


PLACES = [((400.0, 300.0), 0.0), ((330.0, 320.0), 0.4), ((420.0, 280.0), -1.2),
          ((400.0, 300.0), math.pi - 0.2)]  # fmt: skip


@pytest.mark.parametrize(("middle", "turn"), PLACES)
@pytest.mark.parametrize("paper", [235, 150])
def test_a_label_is_found_around_its_code_however_it_is_turned(
    middle: tuple[float, float], turn: float, paper: int
) -> None:
    found = paper_around(picture((middle, turn), paper=paper), placed(middle, turn, CODE))
    assert found is not None
    assert math.dist((found.x, found.y), middle) < 6
    assert (found.width, found.height) == (pytest.approx(WIDE, abs=10), pytest.approx(HIGH, abs=10))
    assert about(found.angle, turn) < 0.05


def test_without_a_code_the_whole_picture_is_the_paper() -> None:
    found = paper_around(picture(), None)
    assert found == Paper(400, 300, 0.0, 800, 600)


def test_where_no_edge_is_seen_there_is_no_paper() -> None:
    middle, turn = PLACES[1]
    white = np.full((600, 800), 235, np.uint8)
    left, top, width, height = CODE
    for at in range(0, int(width), 6):
        _fill(white, placed(middle, turn, (left + at, top, 3, height)), 20)
    assert paper_around(white, placed(middle, turn, CODE)) is None


def test_a_lone_code_takes_the_picture_and_one_of_several_what_a_label_takes() -> None:
    middle, turn = (200.0, 150.0), math.pi / 2
    code = placed(middle, turn, CODE)
    alone = guessed(picture(), code, alone=True)
    assert (alone.x, alone.y) == (400, 300)
    assert (alone.width, alone.height) == (pytest.approx(600), pytest.approx(800))
    beside = guessed(picture(), code, alone=False)
    assert math.dist((beside.x, beside.y), np.mean(code, axis=0)) < 1e-3
    assert (beside.width, beside.height) == (pytest.approx(180), pytest.approx(312))


@pytest.mark.parametrize("turn", [0.0, 0.7, -2.0])
def test_a_paper_holds_its_corners_and_nothing_beyond(turn: float) -> None:
    paper = Paper(100.0, 80.0, turn, 60.0, 20.0)
    corners = paper.corners()
    middle = np.array([100.0, 80.0])
    for corner in corners:
        inside, outside = (middle + (corner - middle) * share for share in (0.99, 1.01))
        assert paper.holds(*inside)
        assert not paper.holds(*outside)
    along = corners[1] - corners[0]
    assert about(math.atan2(along[1], along[0]), turn) < 1e-5
    assert np.hypot(*along) == pytest.approx(60, rel=1e-5)


@pytest.mark.parametrize(("middle", "turn"), PLACES)
@pytest.mark.parametrize(("most", "scale"), [(1000, 1.0), (102, 1 / 3)])
def test_a_label_is_cut_out_upright_and_not_larger_than_asked(
    middle: tuple[float, float], turn: float, most: int, scale: float
) -> None:
    gray = picture((middle, turn))
    cut, by = upright(gray, Paper(*middle, turn, WIDE, HIGH), most)
    assert by == pytest.approx(scale, rel=0.02)
    assert max(cut.shape) <= most
    high, wide = cut.shape
    assert wide / high == pytest.approx(WIDE / HIGH, rel=0.05)
    x, y = (0.5 + (MARK[0] + 15) / WIDE, 0.5 + (MARK[1] + 10) / HIGH)
    assert cut[round(y * high), round(x * wide)] < 60
    assert cut[round(y * high), round((1 - x) * wide)] > 180
    assert cut[round((1 - y) * high), round(x * wide)] > 180


# ---------------------------------------------------------------- as a reader process does it


@pytest.fixture
def two(tmp_path: Path) -> Path:
    """A picture file with two labels side by side."""
    made = picture(((200.0, 200.0), 0.0), ((590.0, 380.0), 0.3))
    file = tmp_path / "two.png"
    file.write_bytes(bytes(cv2.imencode(".png", made)[1]))
    return file


def test_two_codes_of_one_label_are_one_paper_and_another_label_is_another(two: Path) -> None:
    first, second = placed((200.0, 200.0), 0.0, CODE), placed((590.0, 380.0), 0.3, CODE)
    beside = placed((200.0, 200.0), 0.0, (-60, -40, 120, 40))
    found = find_papers(two, 0, [first, second, beside])
    assert [one.anchors for one in found] == [(0, 2), (1,)]
    for one in found:
        assert (one.width, one.height) == (pytest.approx(WIDE, abs=10), pytest.approx(HIGH, abs=10))
        assert one.lines == ()


def test_a_cut_out_label_shows_the_marks_that_were_asked_for(two: Path) -> None:
    corners = placed((590.0, 380.0), 0.3, (-WIDE / 2, -HIGH / 2, WIDE, HIGH))
    plain, marked = (
        cv2.imdecode(np.frombuffer(cut_out(two, 0, corners, marks, 1000), np.uint8), 1)
        for marks in ([], [(0.5, 0.1, 0.9, 0.3)])
    )
    high, wide = plain.shape[:2]
    assert wide / high == pytest.approx(WIDE / HIGH, rel=0.05)
    changed = np.argwhere(np.abs(marked.astype(int) - plain).max(axis=2) > 60)
    (top, left), (bottom, right) = changed.min(axis=0), changed.max(axis=0)
    assert (left / wide, right / wide) == (
        pytest.approx(0.5, abs=0.03),
        pytest.approx(0.9, abs=0.03),
    )
    assert (top / high, bottom / high) == (
        pytest.approx(0.1, abs=0.05),
        pytest.approx(0.3, abs=0.05),
    )
    blue, green, red = marked[round(0.1 * high) - 3, round(0.7 * wide)]
    assert green > max(blue, red)
