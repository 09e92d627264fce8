"""What Analytics reads: packed ship days, and the triggers that say which are out of date.

A later migration that rebuilds `parcels` (SQLite's batch mode copies the table) must make the
triggers again: `make_triggers` below.
"""

import sqlalchemy as sa
from alembic import op

from core.store import types

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

MISSING = sa.text("outcome = 'refused' AND scanned_on IS NULL")

# The columns of a parcel that packed facts are made of; a change of another one packs nothing anew.
FACTS = (
    "shipped_on", "courier", "payment", "county", "sku", "product", "value_minor", "currency",
    "repeat_customer", "outcome", "outcome_on", "reason", "scanned_on", "cancelled_on",
    "reversed_on",
)  # fmt: skip


def upgrade() -> None:
    """Make the tables, mark every ship day there is, and keep marking from now on."""
    op.create_table(
        "stale_days",
        sa.Column("id", types.Key, primary_key=True, autoincrement=True),
        sa.Column("day", sa.Date(), nullable=False),
    )
    op.create_index("ix_stale_days_day", "stale_days", ["day"])
    op.create_table(
        "packed_days",
        sa.Column("day", sa.Date(), primary_key=True),
        sa.Column("layout", sa.Integer(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("parcels", sa.Integer(), nullable=False),
        sa.Column("facts", sa.LargeBinary(), nullable=False),
    )
    op.create_table(
        "fact_words",
        sa.Column("kind", sa.String(16), primary_key=True),
        sa.Column("code", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("word", sa.String(300), nullable=False),
        sa.Column("title", sa.String(300), nullable=False),
    )
    op.create_index("uq_fact_words_kind_word", "fact_words", ["kind", "word"], unique=True)
    op.create_index(
        "ix_parcels_missing",
        "parcels",
        ["outcome_on"],
        sqlite_where=MISSING,
        postgresql_where=MISSING,
    )
    op.execute(
        "INSERT INTO stale_days (day) "
        "SELECT DISTINCT shipped_on FROM parcels WHERE shipped_on IS NOT NULL"
    )
    make_triggers()


def make_triggers() -> None:
    """Mark a ship day stale in the transaction that writes one of its parcels."""
    if op.get_bind().dialect.name == "postgresql":
        _postgresql()
    else:
        _sqlite()


def _sqlite() -> None:
    # Not INSERT OR IGNORE: a trigger takes over the conflict rule of the statement that fired it.
    def mark(row: str) -> str:
        return (
            f"INSERT INTO stale_days (day) SELECT {row}.shipped_on WHERE {row}.shipped_on "  # noqa: S608
            f"IS NOT NULL AND NOT EXISTS (SELECT 1 FROM stale_days WHERE day = {row}.shipped_on);"
        )

    changed = " OR ".join(f"NEW.{name} IS NOT OLD.{name}" for name in FACTS)
    for event, when, rows in (
        ("INSERT", "", ("NEW",)),
        ("UPDATE", f"WHEN {changed}", ("OLD", "NEW")),
        ("DELETE", "", ("OLD",)),
    ):
        body = " ".join(mark(row) for row in rows)
        name = f"parcels_stale_{event.lower()}"
        op.execute(f"CREATE TRIGGER {name} AFTER {event} ON parcels {when} BEGIN {body} END")


def _postgresql() -> None:
    # Packed facts are read far more often than written: not compressed.
    op.execute("ALTER TABLE packed_days ALTER COLUMN facts SET STORAGE EXTERNAL")

    # Rows are only added here, never looked for first: two writers of one day must not wait for
    # each other, and a mark set while the day is being packed must outlive that.
    def make(event: str, told: str, query: str) -> None:
        name = f"parcels_stale_{event.lower()}"
        op.execute(
            f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"INSERT INTO stale_days (day) {query}; RETURN NULL; END $$"
        )
        op.execute(
            f"CREATE TRIGGER {name} AFTER {event} ON parcels REFERENCING {told} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION {name}()"
        )

    one = "SELECT DISTINCT shipped_on FROM {} WHERE shipped_on IS NOT NULL"
    make("INSERT", "NEW TABLE AS fresh", one.format("fresh"))
    make("DELETE", "OLD TABLE AS gone", one.format("gone"))
    before, after = (", ".join(f"{row}.{name}" for name in FACTS) for row in ("gone", "fresh"))
    differ = f"gone JOIN fresh USING (id) WHERE ROW({before}) IS DISTINCT FROM ROW({after})"
    make(
        "UPDATE",
        "OLD TABLE AS gone NEW TABLE AS fresh",
        f"SELECT gone.shipped_on FROM {differ} AND gone.shipped_on IS NOT NULL UNION "  # noqa: S608
        f"SELECT fresh.shipped_on FROM {differ} AND fresh.shipped_on IS NOT NULL",
    )
