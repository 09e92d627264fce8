"""A folded code is read strip by strip from both ends; what nothing holds together is not sure."""

from collections import Counter

import cv2
import numpy as np
import pytest

from benchmarks.reading_drawing import bars, taken
from core.intake.decode import code128, pipeline
from core.intake.decode.fitted import stitched
from core.intake.decode.pipeline import read_gray
from core.intake.types import Code, Gray

HEIGHT, MODULE = 128, 4
FOLDED = "TZ930046283RO"
TEXTS = ("RB604418275RO", "80552917640", "2NXB41785523096")


def _code(text: str) -> Gray:
    """Bars on white, MODULE pixels a module, with quiet zones."""
    return np.pad(bars("Code128", text, HEIGHT, MODULE), 12 * MODULE, constant_values=255)[
        12 * MODULE : -12 * MODULE
    ]


def _folded(code: Gray, at: float, slant: float, hidden: float) -> Gray:
    """`hidden` modules of paper are gone from a fold, and as many from its other side lie where
    they would not; `at` of the width, moving by `slant` widths from the first row to the last."""
    height, width = code.shape
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float32)
    away = columns - width * (at + slant * (rows / height - 0.5))
    moved = hidden * MODULE / 2 * np.sign(away) * np.exp(-np.abs(away) / (8 * MODULE))
    bent = cv2.remap(code, columns + moved, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(bent * (1 - 0.5 * np.exp(-((away / 5) ** 2))), np.uint8)


def _strips(code: Gray) -> np.ndarray:
    return cv2.resize(code, (code.shape[1], stitched.STRIPS), interpolation=cv2.INTER_AREA).astype(
        np.float32
    )


def _read(code: Gray) -> stitched.Stitched | None:
    strips = _strips(code)
    ends = code128.find_ends(strips.mean(axis=0))
    return ends and stitched.read(strips, ends)


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("backwards", [False, True])
@pytest.mark.parametrize(("at", "slant", "hidden"), [(0.4, 0.5, 4.0), (0.6, -0.6, -5.0)])
def test_a_code_folded_aslant_is_read_and_is_certain(
    text: str, backwards: bool, at: float, slant: float, hidden: float
) -> None:
    folded = _folded(_code(text), at, slant, hidden)
    found = _read(folded[:, ::-1] if backwards else folded)
    assert found is not None
    assert (found.text, found.certain) == (text, True)
    inside = folded.shape[1] - 24 * MODULE
    assert found.end - found.begin == pytest.approx(inside, abs=3 * MODULE)
    assert (found.first, found.last) == (0, stitched.STRIPS)


def test_what_a_fold_along_the_bars_parts_is_never_certain() -> None:
    """No strip shows both sides of it in one piece: two labels' halves look the same."""
    found = [
        _read(_folded(_code(text), at, 0.0, 5.0)) for text in TEXTS for at in (0.35, 0.5, 0.65)
    ]
    assert not any(one.certain for one in found if one)


def test_halves_of_two_codes_side_by_side_are_never_certain() -> None:
    """Their bars stand on two grids, and their check characters agree as seldom as by chance."""
    read: Counter[str] = Counter()
    for seed in range(60):
        draw = np.random.default_rng(seed)
        left, right = (_code("".join(draw.choice(list("0123456789ABCDEFX"), 11))) for _ in range(2))
        cut = int(draw.uniform(0.3, 0.7) * left.shape[1])
        slope = draw.uniform(-0.2, 0.2)
        width = min(left.shape[1], right.shape[1])
        rows, columns = np.mgrid[0:HEIGHT, 0:width]
        moved = np.roll(right, int(draw.integers(0, 11 * MODULE)), axis=1)
        both = np.where(columns < cut + slope * rows, left[:, :width], moved[:, -width:])
        found = _read(np.asarray(both, np.uint8))
        read["texts"] += found is not None
        read["certain"] += found is not None and found.certain
    assert read["certain"] == 0
    assert read["texts"] <= 3


def test_noise_and_print_give_no_text() -> None:
    noise = np.random.default_rng(7).normal(128, 40, (stitched.STRIPS, 700)).astype(np.float32)
    ends = code128.Ends(44.0, 1.8)
    assert stitched.read(noise, ends) is None
    page = np.full((HEIGHT, 700), 255, np.uint8)
    for line in range(5):
        cv2.putText(page, "Str. Morii 14", (20, 22 + 24 * line), 0, 1.2, 0, 3)
    assert stitched.read(_strips(page), ends) is None


@pytest.mark.parametrize("degrees", [8, 97])
def test_in_a_photo_a_folded_code_is_weak_and_the_one_below_it_is_read_as_well(
    degrees: int,
) -> None:
    label = np.full((560, 900), 240, np.uint8)
    folded = _folded(_code(FOLDED), 0.45, 0.6, 5.0)
    label[60 : 60 + HEIGHT, 60 : 60 + folded.shape[1]] = np.minimum(folded, 240)
    below = _code("7305518824")
    label[220 : 220 + HEIGHT, 60 : 60 + below.shape[1]] = np.minimum(below, 240)
    turn = cv2.getRotationMatrix2D((450, 280), degrees, 0.6)
    turn[:, 2] += (190, 220)
    page = cv2.warpAffine(label, turn, (1280, 1000), borderValue=150, flags=cv2.INTER_AREA)
    codes = {code.text: code for code in read_gray(taken(page, np.random.default_rng(3))).codes}
    assert {text: (code.confidence, code.stage) for text, code in codes.items()} == {
        FOLDED: ("weak", "stitched"),
        "7305518824": ("sure", "upright"),
    }


@pytest.mark.parametrize(
    ("stage", "hard"), [("upright", False), ("straightened", True), ("stitched", True)]
)
def test_a_picture_of_which_a_costly_look_read_a_code_is_searched_again(
    stage: str, hard: bool
) -> None:
    corners = ((90.0, 90.0), (300.0, 90.0), (300.0, 150.0), (90.0, 150.0))
    codes = [
        Code("7305518824", "Code128", corners, "sure", "upright"),
        Code(FOLDED, "Code128", corners, "weak", stage),
    ]
    assert pipeline._is_hard(np.zeros((400, 400), np.uint8), codes, []) is hard
