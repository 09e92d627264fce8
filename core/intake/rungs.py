"""The rungs of the ladder: ways to look at one region, cheapest first."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from core.intake.regions import Gray, Region
from core.intake.vision import cv2

STRIPS = 16
ZOOM = 3.0  # along the code: a narrow bar then has four pixels or more
MARGIN = 0.08  # of the length, on both ends: the quiet zone
FEWEST_EDGES = 10  # the shortest code has 27; half of them may be blurred away
FLATTEST = 16.0  # grey levels between bars and spaces, after sharpening
LONGEST = 6000  # pixels of a cut-out


def cut_out(
    gray: Gray, region: Region, turn: float = 0.0, band: tuple[float, float] = (0, 1)
) -> Gray:
    """The region turned upright, ZOOM times its size along the code, STRIPS rows high.

    `turn` in radians; `band` takes a part of the height. Each row is the mean of what lies under
    it along the bars, so noise and scratches even out.
    """
    angle = region.angle + turn
    length = region.length * (1 + 2 * MARGIN)
    width = int(min(LONGEST, max(64, length * ZOOM)))
    height = max(STRIPS, int(region.height * (band[1] - band[0])))
    c, s = np.cos(angle), np.sin(angle)
    shift = region.height * ((band[0] + band[1]) / 2 - 0.5)
    x, y = region.x - s * shift, region.y + c * shift
    along, down = length / width, region.height * (band[1] - band[0]) / height
    matrix = np.array(
        [
            [c * along, -s * down, x - c * length / 2 + s * down * height / 2],
            [s * along, c * down, y - s * length / 2 - c * down * height / 2],
        ],
        np.float32,
    )
    flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
    cut = cv2.warpAffine(
        gray, matrix, (width, height), flags=flags, borderMode=cv2.BORDER_REPLICATE
    )
    rows = cv2.resize(cut, (width, STRIPS), interpolation=cv2.INTER_AREA)
    return np.asarray(rows, np.uint8)


def sharpen(rows: Gray, sigma: float, amount: float) -> Gray:
    """Unsharp across the bars only; sigma in source pixels."""
    values = rows.astype(np.float32)
    soft = cv2.GaussianBlur(values, (0, 0), sigmaX=sigma * ZOOM, sigmaY=0.01)
    return np.asarray(np.clip(values + amount * (values - soft), 0, 255), np.uint8)


def bar_like(rows: Gray) -> bool:
    """Whether the cut-out shows at least FEWEST_EDGES strong edges that its strips share."""
    profile = rows.mean(axis=0, dtype=np.float32)
    low, high = np.percentile(profile, (5, 95))
    if high - low < FLATTEST:
        return False
    state = np.sign(np.diff(profile > (low + high) / 2).astype(np.int8))
    return int(np.count_nonzero(state)) >= FEWEST_EDGES


def tall(rows: Gray, times: int = 2) -> Gray:
    """Each strip twice: zxing wants two lines that agree, and these are one strip's own."""
    repeated: NDArray[np.uint8] = np.repeat(rows, times, axis=0)
    return np.ascontiguousarray(repeated)


# (name, turn, band, sigma, amount, weak): what each rung does differently.
LADDER: tuple[tuple[str, float, tuple[float, float], float, float, bool], ...] = (
    ("upright", 0.0, (0.05, 0.95), 1.0, 2.0, False),
    ("sharper", 0.0, (0.05, 0.95), 1.6, 3.5, False),
    ("upper half", 0.0, (0.05, 0.5), 1.0, 2.0, False),
    ("lower half", 0.0, (0.5, 0.95), 1.0, 2.0, False),
    ("turned left", 0.025, (0.1, 0.9), 1.2, 2.5, False),
    ("turned right", -0.025, (0.1, 0.9), 1.2, 2.5, False),
    ("far left", 0.05, (0.2, 0.8), 1.2, 2.5, True),
    ("far right", -0.05, (0.2, 0.8), 1.2, 2.5, True),
)


def views(gray: Gray, region: Region) -> Iterator[tuple[str, Gray, bool]]:
    """Each rung's name, its cut-out, and whether what it reads is only weakly believed."""
    for name, turn, band, sigma, amount, weak in LADDER:
        yield name, sharpen(cut_out(gray, region, turn, band), sigma, amount), weak
