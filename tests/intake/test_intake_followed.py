"""Bars whose region holds a part of them only, or is turned away from their code."""

import math

import cv2
import numpy as np
import pytest

from benchmarks.reading_drawing import Draw, modules, number, taken
from core.intake.decode import readers, stages
from core.intake.decode.frame import WholeFrame
from core.intake.decode.linear import RegionReader
from core.intake.decode.regions import Region, joined
from core.intake.types import Code, Gray

PAPER, INK, SIDE = 214, 28, 520


def _label(text: str, pixels: float, high: float, angle: float, draw: Draw) -> tuple[Gray, Region]:
    """A blurred Code 128 in the middle of a picture, and where it lies: `pixels` a module."""
    row = modules("Code128", text)[:1]
    wide = row.shape[1] * pixels
    fine = np.kron(row, np.ones((round(high * 4), 8), np.uint8))
    sheet = np.full((fine.shape[0] * 2, fine.shape[1] + 160), PAPER, np.uint8)
    top = fine.shape[0] // 2
    sheet[top : top + len(fine), 80:-80] = np.clip(fine, INK, PAPER)
    scale = (pixels / 8, 1 / 4)
    c, s = math.cos(angle), math.sin(angle)
    turn = np.array([[c * scale[0], -s * scale[1], 0], [s * scale[0], c * scale[1], 0]])
    middle = np.array([sheet.shape[1] / 2, sheet.shape[0] / 2])
    turn[:, 2] = SIDE / 2 - turn[:, :2] @ middle
    soft = cv2.GaussianBlur(sheet, (0, 0), 2.0)
    flat = cv2.warpAffine(soft, turn, (SIDE, SIDE), flags=cv2.INTER_AREA, borderValue=PAPER)
    gray = cv2.GaussianBlur(flat, (0, 0), 0.45 * pixels)
    shot = taken(np.asarray(gray, np.uint8), draw, light=0.8, noise=3)
    return shot, Region(SIDE / 2, SIDE / 2, angle, wide, high, 4000.0)


def _part(whole: Region, begin: float, end: float, turn: float = 0.0, aside: float = 0.0) -> Region:
    """From one share of the length to another, moved aside by pixels along the bars."""
    along = ((begin + end) / 2 - 0.5) * whole.length
    c, s = math.cos(whole.angle), math.sin(whole.angle)
    return Region(
        whole.x + along * c - aside * s,
        whole.y + along * s + aside * c,
        whole.angle + turn,
        (end - begin) * whole.length,
        whole.height,
        whole.strength,
    )


def _ends(region: Region) -> list[tuple[float, float]]:
    c, s = (region.length / 2 * one(region.angle) for one in (math.cos, math.sin))
    return sorted([(region.x - c, region.y - s), (region.x + c, region.y + s)])


@pytest.mark.parametrize("angle", [0.0, 0.9, 2.4, -1.3])
@pytest.mark.parametrize("cut", [0.35, 0.5, 0.6])
def test_two_parts_in_one_line_are_the_whole_code(angle: float, cut: float) -> None:
    whole = Region(300, 200, angle, 240, 60, 900.0)
    parts = (_part(whole, 0, cut, 0.06), _part(whole, cut, 1, -0.05))
    for one, other in (parts, parts[::-1]):
        both = joined(one, other)
        assert both is not None
        assert np.array(_ends(both)) == pytest.approx(np.array(_ends(whole)), abs=2)
        assert both.height == pytest.approx(60)


def test_regions_that_are_no_parts_of_one_code_are_not_joined() -> None:
    whole = Region(300, 200, 0.4, 240, 60)
    first = _part(whole, 0, 0.5)
    assert joined(first, _part(whole, 0.5, 1)) is not None
    assert joined(first, _part(whole, 0.5, 1, turn=0.6)) is None  # bars of another direction
    assert joined(first, _part(whole, 0, 0.5, aside=70)) is None  # a line above the other
    assert joined(first, _part(whole, 1.1, 1.6)) is None  # far away
    assert joined(first, _part(whole, 0.05, 0.55)) is None  # the same bars twice
    low = _part(Region(300, 200, 0.4, 240, 20), 0.5, 1)
    assert joined(first, low) is None  # a line of print beside a code


@pytest.mark.parametrize("angle", [0.0, 1.1, -2.2])
@pytest.mark.parametrize(
    ("begin", "end", "turn"), [(0, 1, 0.17), (0, 1, -0.2), (0.25, 1, 0.1), (0, 0.7, -0.12)]
)
def test_bars_are_followed_to_the_ends_of_their_code(
    angle: float, begin: float, end: float, turn: float
) -> None:
    gray, whole = _label("JD014650118842", 1.7, 60, angle, np.random.default_rng(8))
    region = stages.followed(gray, _part(whole, begin, end, turn))
    assert region is not None
    assert abs(math.sin(region.angle - whole.angle)) < 0.04
    assert math.dist((region.x, region.y), (whole.x, whole.y)) < 8
    assert region.length == pytest.approx(whole.length, rel=0.1)
    assert region.height == pytest.approx(whole.height, rel=0.25)


def test_paper_without_bars_is_not_followed() -> None:
    blank = np.full((300, 400), 190, np.uint8)
    assert stages.followed(blank, Region(200, 150, 0.3, 120, 40)) is None


def test_a_code_is_read_whose_region_is_turned_away_from_it() -> None:
    wanted = frozenset(readers.LINEAR_NAMES)
    draw = np.random.default_rng(620)
    first = again = 0
    for _ in range(12):
        text, angle = number(draw), float(draw.uniform(-3, 3))
        gray, whole = _label(text, draw.uniform(1.5, 1.8), 32, angle, draw)
        turn = float(draw.choice([-1, 1]) * draw.uniform(0.2, 0.24))
        reader = RegionReader(gray, _part(whole, 0, 1, turn), WholeFrame(gray, wanted), wanted)
        code = reader.costly()
        if isinstance(code, Code):
            first += 1
        else:
            code = reader.again()
            again += isinstance(code, Code)
        assert not isinstance(code, Code) or code.text == text
    assert again >= 6
    assert first + again >= 9
