"""What waits for a person is found without reading what is done."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Indexes of open invoices, cancelled orders, stornos and scans without an order."""
    reversed_at = sa.text("coalesce(reversed_at, annulled_at)")
    _part("ix_orders_cancelled", "orders", "cancelled_at", "cancelled_at IS NOT NULL")
    _part("ix_invoices_open", "invoices", "order_id", "reversed_at IS NULL AND annulled_at IS NULL")
    _part("ix_invoices_reversed", "invoices", reversed_at, f"{reversed_at} IS NOT NULL")
    _part("ix_scans_unresolved", "scans", "id", "outcome <> 'matched' AND undone_at IS NULL")


def _part(name: str, table: str, column: str | sa.TextClause, where: str) -> None:
    told = sa.text(where)
    op.create_index(name, table, [column], sqlite_where=told, postgresql_where=told)
