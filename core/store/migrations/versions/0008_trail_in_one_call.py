"""On PostgreSQL the trail's rows are chained inside the server: its lock is held for one call."""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

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
            at timestamptz, actor text, action text, subject text, order_id bigint,
            detail jsonb, canonical text)
    LOOP
        INSERT INTO audit (at, actor, action, subject, order_id, detail, previous_hash, hash)
        VALUES (
            entry.at, entry.actor, entry.action, entry.subject, entry.order_id, entry.detail,
            last_hash,
            encode(sha256(convert_to(last_hash || E'\\n' || entry.canonical, 'UTF8')), 'hex'))
        RETURNING hash INTO last_hash;
    END LOOP;
END $$
"""


def upgrade() -> None:
    """Make the function; SQLite needs none, its writing transaction is alone."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(APPEND)
