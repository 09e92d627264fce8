"""RapidOCR, loaded at its first use, its models from its own wheel: nothing is fetched."""

import functools
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.intake.types import Box, Gray, PrintLine
from core.intake.vision import cv2

SIDE = 960  # pixels; at 2,000 a reader takes twice the memory and time
LEAST_SCORE = 0.5
MOST_LINES = 80


@functools.cache
def _engine() -> Any:
    """Raises ImportError where the parts of the extra `text` are not installed."""
    from rapidocr import RapidOCR

    one_core = {  # lines one by one: in batches all are padded to the longest, for more memory
        "Rec.rec_batch_num": 1,
        "Cls.cls_batch_num": 1,
        "EngineConfig.onnxruntime.intra_op_num_threads": 1,
        "EngineConfig.onnxruntime.inter_op_num_threads": 1,
        "EngineConfig.onnxruntime.enable_cpu_mem_arena": False,
    }
    made = RapidOCR(params={"Global.max_side_len": SIDE, "Global.log_level": "error", **one_core})
    cv2.setNumThreads(1)
    return made


def why_unavailable() -> str:
    """Why print cannot be read here; "" where it can."""
    try:
        _engine()
    except Exception as error:  # noqa: BLE001 (a broken wheel raises whatever it likes)
        return f"{type(error).__name__}: {error}"
    return ""


def read_upright(cut: Gray) -> tuple[list[PrintLine], int]:
    """The lines of a cut-out, top to bottom, and how many quarter turns to the left made it
    upright. The boxes are those of the turned cut-out."""
    image = cv2.cvtColor(cut, cv2.COLOR_GRAY2BGR)
    engine = _engine()
    picture, record = engine.preprocess_img(image)
    found, sides, read, _ = engine.run_ocr_steps(picture, record)
    if found.boxes is None or read.txts is None:
        return [], 0
    scale = cut.shape[1] / picture.shape[1]
    boxes = np.asarray(found.boxes, np.float32) * scale
    turns = _turns(boxes, sides.cls_res or [])
    rows = [
        PrintLine(str(text), _box(_turned(corners, cut.shape, turns)), float(score))
        for text, corners, score in zip(read.txts, boxes, read.scores, strict=True)
        if float(score) >= LEAST_SCORE and str(text).strip()
    ]
    rows.sort(key=lambda one: (one.box[1], one.box[0]))
    return rows[:MOST_LINES], turns


def _turns(boxes: NDArray[np.float32], sides: Sequence[tuple[str, float]]) -> int:
    """The engine turns each tall line by itself, then each that stands on its head: as most do."""
    spans = np.ptp(boxes, axis=1)
    tall = spans[:, 1] > 1.5 * spans[:, 0]
    long = spans.max(axis=1)
    turns = 1 if long[tall].sum() > long[~tall].sum() else 0
    votes = [
        weight * (score if side == "180" else -score)
        for (side, score), weight, stands in zip(sides, long, tall, strict=False)
        if bool(stands) == bool(turns)
    ]
    return turns + (2 if sum(votes) > 0 else 0)


def _turned(
    corners: NDArray[np.float32], shape: tuple[int, ...], turns: int
) -> NDArray[np.float32]:
    """Points of a picture where they are after so many quarter turns to the left."""
    high, wide = shape[:2]
    for _ in range(turns):
        corners = np.stack([corners[:, 1], wide - corners[:, 0]], axis=1)
        high, wide = wide, high
    return corners


def _box(corners: Any) -> Box:
    xs, ys = [float(x) for x, _ in corners], [float(y) for _, y in corners]
    return math.floor(min(xs)), math.floor(min(ys)), math.ceil(max(xs)), math.ceil(max(ys))
