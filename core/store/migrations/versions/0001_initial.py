"""Every table, the audit trail that only grows, and the triggers that mark a ship day stale.

The tables come from `0001_sqlite.sql` or `0001_postgresql.sql` (`core.store.migrations.schema`).
A later migration that rebuilds `parcels` (SQLite's batch mode copies the table) must make its
triggers again: `mark_stale_days` below.
"""

from pathlib import Path

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

APPEND_ONLY_SQLITE = """
CREATE TRIGGER audit_no_{verb} BEFORE {verb} ON audit
BEGIN SELECT RAISE(ABORT, 'the audit trail only grows'); END
"""

APPEND_ONLY_POSTGRESQL = """
CREATE FUNCTION audit_only_grows() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'the audit trail only grows'; END $$;
CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
FOR EACH STATEMENT EXECUTE FUNCTION audit_only_grows();
"""

# The lock, the last hash and the new rows in one trip: fetched by a client, each of them would
# keep all other writers waiting until a busy process comes to read its answer. The statements of
# a plpgsql function see what was committed before the lock was granted.
APPEND = """
CREATE FUNCTION audit_append(entries json) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    last_hash text;
    entry record;
BEGIN
    PERFORM pg_advisory_xact_lock(783511);
    SELECT hash INTO last_hash FROM audit ORDER BY id DESC LIMIT 1;
    last_hash := coalesce(last_hash, repeat('0', 64));
    FOR entry IN
        SELECT * FROM json_to_recordset(entries) AS told(
            at timestamptz, actor text, person_id bigint, session_id bigint, way text,
            address text, action text, subject text, order_id bigint, detail jsonb,
            canonical text)
    LOOP
        INSERT INTO audit (at, actor, person_id, session_id, way, address, action, subject,
            order_id, detail, previous_hash, hash)
        VALUES (
            entry.at, entry.actor, entry.person_id, entry.session_id, entry.way,
            entry.address, entry.action, entry.subject, entry.order_id, entry.detail,
            last_hash,
            encode(sha256(convert_to(last_hash || E'\\n' || entry.canonical, 'UTF8')), 'hex'))
        RETURNING hash INTO last_hash;
    END LOOP;
END $$
"""


# The columns of a parcel that packed facts are made of; a change of another one packs nothing anew.
FACTS = (
    "shipped_on", "courier", "payment", "county", "sku", "product", "value_minor", "currency",
    "repeat_customer", "outcome", "outcome_on", "reason", "scanned_on", "cancelled_on",
    "reversed_on", "void",
)  # fmt: skip


def upgrade() -> None:
    """Make the tables, functions and triggers."""
    dialect = op.get_bind().dialect.name
    script = Path(__file__).with_name(f"0001_{dialect}.sql").read_text(encoding="utf-8")
    for statement in script.split(";\n"):
        if statement:
            op.execute(statement)
    if dialect == "postgresql":
        # Packed facts are read far more often than written: not compressed.
        op.execute("ALTER TABLE packed_days ALTER COLUMN facts SET STORAGE EXTERNAL")
    _only_grow(dialect)
    mark_stale_days()


def _only_grow(dialect: str) -> None:
    if dialect == "postgresql":
        op.execute(APPEND_ONLY_POSTGRESQL)
        op.execute(APPEND)
        return
    for verb in ("UPDATE", "DELETE"):
        op.execute(APPEND_ONLY_SQLITE.format(verb=verb))


def mark_stale_days() -> None:
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
    # Rows are only added here, never looked for first: two writers of one day must not wait for
    # each other, and a mark set while the day is being packed must outlive that.
    def make(event: str, tables: str, query: str) -> None:
        name = f"parcels_stale_{event.lower()}"
        op.execute(
            f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"INSERT INTO stale_days (day) {query}; RETURN NULL; END $$"
        )
        op.execute(
            f"CREATE TRIGGER {name} AFTER {event} ON parcels REFERENCING {tables} "
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
