"""Which lines of a label belong to its sender and which to its receiver, by where they stand."""

from collections.abc import Sequence
from typing import Literal

from core.finding.captions import BLOCKS, Caption

Role = Literal["sender", "receiver", ""]
Box = tuple[float, float, float, float]  # left, top, right, bottom


def by_block(
    boxes: Sequence[Box], captions: Sequence[Caption | None]
) -> list[tuple[Role, list[int]]]:
    """The lines of each block, the caption's own line included; "": of none, which may be anybody.

    A line belongs to the nearest caption above it in its column; captions side by side part the
    label into columns.
    """
    heads = [at for at, one in enumerate(captions) if one in BLOCKS]
    groups: dict[int, list[int]] = {head: [] for head in heads}
    loose: list[int] = []
    for at, box in enumerate(boxes):
        head = at if at in groups else _head_of(box, [h for h in heads if h != at], boxes)
        (loose if head is None else groups[head]).append(at)
    found: list[tuple[Role, list[int]]] = []
    for head, members in groups.items():
        found.append(("sender" if captions[head] is Caption.SENDER else "receiver", members))
    return [*found, ("", loose)] if loose else found


def _head_of(box: Box, heads: Sequence[int], boxes: Sequence[Box]) -> int | None:
    height = max(1.0, box[3] - box[1])
    above = [h for h in heads if boxes[h][1] <= box[1] + 0.3 * height]
    fitting = [h for h in above if not _in_other_column(box, h, heads, boxes)]
    return max(fitting, key=lambda h: (boxes[h][1], boxes[h][0]), default=None)


def _in_other_column(box: Box, head: int, heads: Sequence[int], boxes: Sequence[Box]) -> bool:
    """Whether a caption beside this one is nearer in width, or the line begins left of it."""
    slack = max(6.0, boxes[head][3] - boxes[head][1])
    if box[2] < boxes[head][0] - slack:
        return True
    if box[0] >= boxes[head][0] - 2 * slack:
        beside = [
            h for h in heads
            if abs(boxes[h][1] - boxes[head][1]) < 2 * slack and boxes[h][0] > boxes[head][2]
        ]  # fmt: skip
        return any(box[0] >= boxes[h][0] - slack for h in beside)
    return False
