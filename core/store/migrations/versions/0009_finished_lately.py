"""How many orders of a run were finished lately is counted without reading the others."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """An index of what a run has finished, by time."""
    told = sa.text("finished_at IS NOT NULL")
    op.create_index(
        "ix_reversals_finished",
        "reversals",
        ["run_id", "finished_at"],
        sqlite_where=told,
        postgresql_where=told,
    )
