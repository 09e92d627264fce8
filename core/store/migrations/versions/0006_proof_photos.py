"""A photo that proves how a parcel came back belongs to its order."""

import sqlalchemy as sa
from alembic import op

from core.store import types

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Photos of labels have no order of their own: their scans do."""
    op.add_column(
        "pile_pictures",
        sa.Column("order_id", types.Key, sa.ForeignKey("orders.id"), nullable=True),
        inline_references=True,
    )
    op.create_index("ix_pile_pictures_order_id", "pile_pictures", ["order_id"])
