"""One storno or annulment per invoice, whatever account it is asked for through (rule 1)."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A unique index of the effects that are about an invoice."""
    told = sa.text("invoice_id IS NOT NULL")
    op.create_index(
        "ix_effects_invoice",
        "effects",
        ["invoice_id", "slot"],
        unique=True,
        sqlite_where=told,
        postgresql_where=told,
    )
