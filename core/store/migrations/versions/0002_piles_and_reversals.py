"""Piles and scans, runs, reversals and effects, paired devices."""

import sqlalchemy as sa
from alembic import op

from core.store import types

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables; the once-only rules are their unique constraints."""
    op.create_table(
        "pictures",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("filename", sa.String(length=300), nullable=False),
        sa.Column("mime", sa.String(length=60), nullable=False),
        sa.Column("size", types.Key, nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_pictures")),
    )
    op.create_table(
        "piles",
        sa.Column("id", types.Key, autoincrement=True, nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=False),
        sa.Column("closed_at", types.UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_piles")),
    )
    op.create_table(
        "devices",
        sa.Column("id", types.Key, autoincrement=True, nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("person", sa.String(length=80), nullable=False),
        sa.Column("pile_id", types.Key, nullable=True),
        sa.Column("secret_hash", sa.String(length=64), nullable=False),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.Column("seen_at", types.UtcDateTime(), nullable=True),
        sa.Column("signed_out_at", types.UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["pile_id"], ["piles.id"], name=op.f("fk_devices_pile_id_piles")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_devices")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_devices_secret_hash")),
    )
    op.create_index(op.f("ix_devices_pile_id"), "devices", ["pile_id"], unique=False)
    op.create_table(
        "pairings",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("person", sa.String(length=80), nullable=False),
        sa.Column("pile_id", types.Key, nullable=True),
        sa.Column("expires_at", types.UtcDateTime(), nullable=False),
        sa.Column("used_at", types.UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["pile_id"], ["piles.id"], name=op.f("fk_pairings_pile_id_piles")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_pairings")),
    )
    op.create_index(op.f("ix_pairings_pile_id"), "pairings", ["pile_id"], unique=False)
    op.create_table(
        "pile_pictures",
        sa.Column("id", types.Key, autoincrement=True, nullable=False),
        sa.Column("pile_id", types.Key, nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("filename", sa.String(length=300), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("reading", types.Json, nullable=True),
        sa.Column("added_at", types.UtcDateTime(), nullable=False),
        sa.Column("added_by", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["pile_id"], ["piles.id"], name=op.f("fk_pile_pictures_pile_id_piles")
        ),
        sa.ForeignKeyConstraint(
            ["sha256"], ["pictures.sha256"], name=op.f("fk_pile_pictures_sha256_pictures")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pile_pictures")),
        sa.UniqueConstraint(
            "pile_id", "sha256", "kind", name=op.f("uq_pile_pictures_pile_id_sha256_kind")
        ),
    )
    op.create_index(op.f("ix_pile_pictures_pile_id"), "pile_pictures", ["pile_id"], unique=False)
    op.create_table(
        "runs",
        sa.Column("id", types.Key, autoincrement=True, nullable=False),
        sa.Column("pile_id", types.Key, nullable=True),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("finished_at", types.UtcDateTime(), nullable=True),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "state IN ('running', 'paused', 'stopped', 'finished')", name=op.f("ck_runs_state")
        ),
        sa.ForeignKeyConstraint(["pile_id"], ["piles.id"], name=op.f("fk_runs_pile_id_piles")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_runs")),
    )
    op.create_index(op.f("ix_runs_pile_id"), "runs", ["pile_id"], unique=False)
    op.create_table(
        "pile_orders",
        sa.Column("id", types.Key, autoincrement=True, nullable=False),
        sa.Column("pile_id", types.Key, nullable=False),
        sa.Column("order_id", types.Key, nullable=False),
        sa.Column("added_at", types.UtcDateTime(), nullable=False),
        sa.Column("included", sa.Boolean(), nullable=False),
        sa.Column("restock", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(length=24), nullable=False),
        sa.Column("staff_note", sa.String(length=255), nullable=False),
        sa.Column("notify", sa.Boolean(), nullable=False),
        sa.Column("refund", sa.Boolean(), nullable=False),
        sa.Column("document", sa.String(length=16), nullable=False),
        sa.Column("condition", sa.String(length=24), nullable=False),
        sa.Column("remark", sa.Text(), nullable=False),
        sa.Column("accept_partial", sa.Boolean(), nullable=False),
        sa.Column("cancel_fulfillments", sa.Boolean(), nullable=False),
        sa.Column("removed_at", types.UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_pile_orders_order_id_orders")
        ),
        sa.ForeignKeyConstraint(
            ["pile_id"], ["piles.id"], name=op.f("fk_pile_orders_pile_id_piles")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pile_orders")),
        sa.UniqueConstraint("pile_id", "order_id", name=op.f("uq_pile_orders_pile_id_order_id")),
    )
    op.create_index(op.f("ix_pile_orders_order_id"), "pile_orders", ["order_id"], unique=False)
    op.create_index(op.f("ix_pile_orders_pile_id"), "pile_orders", ["pile_id"], unique=False)
    op.create_table(
        "reversals",
        sa.Column("id", types.Key, autoincrement=True, nullable=False),
        sa.Column("order_id", types.Key, nullable=False),
        sa.Column("run_id", types.Key, nullable=True),
        sa.Column("origin", sa.String(length=16), nullable=False),
        sa.Column("requested_by", sa.String(length=80), nullable=False),
        sa.Column("options", types.Json, nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("wake_at", types.UtcDateTime(), nullable=True),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("dispatched", sa.Boolean(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("restocked", sa.Boolean(), nullable=True),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.Column("started_at", types.UtcDateTime(), nullable=True),
        sa.Column("finished_at", types.UtcDateTime(), nullable=True),
        sa.CheckConstraint(
            "state IN ('queued', 'working', 'waiting', 'needs_person', 'done', 'stopped')",
            name=op.f("ck_reversals_state"),
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_reversals_order_id_orders")
        ),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_reversals_run_id_runs")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reversals")),
        sa.UniqueConstraint("order_id", name=op.f("uq_reversals_order_id")),
    )
    op.create_index("ix_reversals_dispatched", "reversals", ["dispatched"], unique=False)
    op.create_index(op.f("ix_reversals_run_id"), "reversals", ["run_id"], unique=False)
    op.create_index("ix_reversals_run_id_state", "reversals", ["run_id", "state"], unique=False)
    op.create_index("ix_reversals_state", "reversals", ["state"], unique=False)
    op.create_table(
        "effects",
        sa.Column("id", types.Key, autoincrement=True, nullable=False),
        sa.Column("reversal_id", types.Key, nullable=False),
        sa.Column("connection_id", types.Key, nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("slot", sa.String(length=24), nullable=False),
        sa.Column("target", sa.String(length=160), nullable=False),
        sa.Column("invoice_id", types.Key, nullable=True),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("questions", sa.Integer(), nullable=False),
        sa.Column("sent_at", types.UtcDateTime(), nullable=True),
        sa.Column("marked", sa.String(length=160), nullable=False),
        sa.Column("wait_seconds", sa.Float(), nullable=False),
        sa.Column("outcome", sa.String(length=24), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("evidence", types.Json, nullable=True),
        sa.Column("result", types.Json, nullable=True),
        sa.Column("updated_at", types.UtcDateTime(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('cancel', 'storno', 'annul', 'fulfillment_cancel', 'tag')",
            name=op.f("ck_effects_kind"),
        ),
        sa.CheckConstraint(
            "slot IN ('cancel', 'document', 'fulfillment', 'tag')", name=op.f("ck_effects_slot")
        ),
        sa.CheckConstraint(
            "state IN ('planned', 'sent', 'unknown', 'confirmed', 'refused', 'held')",
            name=op.f("ck_effects_state"),
        ),
        sa.ForeignKeyConstraint(
            ["connection_id"], ["connections.id"], name=op.f("fk_effects_connection_id_connections")
        ),
        sa.ForeignKeyConstraint(
            ["invoice_id"], ["invoices.id"], name=op.f("fk_effects_invoice_id_invoices")
        ),
        sa.ForeignKeyConstraint(
            ["reversal_id"], ["reversals.id"], name=op.f("fk_effects_reversal_id_reversals")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_effects")),
        sa.UniqueConstraint(
            "connection_id", "slot", "target", name=op.f("uq_effects_connection_id_slot_target")
        ),
    )
    op.create_index(op.f("ix_effects_connection_id"), "effects", ["connection_id"], unique=False)
    op.create_index(op.f("ix_effects_invoice_id"), "effects", ["invoice_id"], unique=False)
    op.create_index(op.f("ix_effects_reversal_id"), "effects", ["reversal_id"], unique=False)
    op.create_index("ix_effects_state", "effects", ["state"], unique=False)
    op.create_table(
        "scans",
        sa.Column("id", types.Key, autoincrement=True, nullable=False),
        sa.Column("pile_id", types.Key, nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("at", types.UtcDateTime(), nullable=False),
        sa.Column("by", sa.String(length=80), nullable=False),
        sa.Column("source", sa.String(length=16), nullable=False),
        sa.Column("code", sa.String(length=400), nullable=False),
        sa.Column("code_key", sa.String(length=400), nullable=False),
        sa.Column("format", sa.String(length=40), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("corners", types.Json, nullable=True),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("verdict", sa.String(length=24), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("matched_by", sa.String(length=24), nullable=False),
        sa.Column("order_id", types.Key, nullable=True),
        sa.Column("parcel_id", types.Key, nullable=True),
        sa.Column("candidates", types.Json, nullable=True),
        sa.Column("undone_at", types.UtcDateTime(), nullable=True),
        sa.CheckConstraint(
            "outcome IN ('matched', 'ambiguous', 'unmatched')", name=op.f("ck_scans_outcome")
        ),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_scans_order_id_orders")),
        sa.ForeignKeyConstraint(
            ["parcel_id"], ["parcels.id"], name=op.f("fk_scans_parcel_id_parcels")
        ),
        sa.ForeignKeyConstraint(["pile_id"], ["piles.id"], name=op.f("fk_scans_pile_id_piles")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scans")),
        sa.UniqueConstraint("pile_id", "key", name=op.f("uq_scans_pile_id_key")),
    )
    op.create_index(op.f("ix_scans_order_id"), "scans", ["order_id"], unique=False)
    op.create_index(op.f("ix_scans_parcel_id"), "scans", ["parcel_id"], unique=False)
    op.create_index(op.f("ix_scans_pile_id"), "scans", ["pile_id"], unique=False)
    op.create_index("ix_scans_pile_id_code_key", "scans", ["pile_id", "code_key"], unique=False)
    # ### end Alembic commands ###
