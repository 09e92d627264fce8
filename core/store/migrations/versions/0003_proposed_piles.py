"""Piles that were made of what couriers report as returned."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Every pile so far was begun by a person."""
    op.add_column(
        "piles",
        sa.Column("proposed", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
