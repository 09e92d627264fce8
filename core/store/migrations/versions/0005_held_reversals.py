"""What to hand to the engine, and how much it holds, is asked five times a second."""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Let two indexes answer it by themselves, however many reversals there are."""
    op.drop_index("ix_reversals_state", "reversals")
    op.drop_index("ix_reversals_dispatched", "reversals")
    op.create_index("ix_reversals_state_dispatched", "reversals", ["state", "dispatched"])
    op.create_index("ix_reversals_dispatched_run_id", "reversals", ["dispatched", "run_id"])
