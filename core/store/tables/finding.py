"""The table of boxes that no code led to an order."""

from sqlalchemy import Column, Index, Integer, String, Table

from core.store.parts import metadata, one_of, own_id, ref
from core.store.states import BoxState
from core.store.types import Json, ReasonText, UtcDateTime

# A box keeps its id as its own number until its order is found. `fields`: what was taken out of the
# print, `refused`: order ids that a person said it is not; both go when the order is found.
boxes = Table(
    "boxes",
    metadata,
    own_id(),
    ref("pile_id", "piles"),
    ref("picture_id", "pile_pictures"),
    Column("page", Integer, nullable=False, default=0),
    Column("paper", Json, nullable=False),  # corners of its label in the picture
    ref("scan_id", "scans", nullable=True),  # of a code on it that leads to no order
    Column("state", String(16), nullable=False),
    Column("fields", Json),
    Column("candidates", Json),
    Column("refused", Json),
    Column("why", ReasonText, nullable=False, server_default=""),
    ref("order_id", "orders", nullable=True),
    Column("found_by", String(80), nullable=False, default=""),
    Column("created_at", UtcDateTime, nullable=False),
    Column("looked_at", UtcDateTime),
    one_of("state", *BoxState),
    Index("ix_boxes_state_pile_id", "state", "pile_id"),
)
