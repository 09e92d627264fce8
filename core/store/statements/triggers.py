"""The triggers that keep the audit table append-only, and which of them are there."""

from sqlalchemy import Connection, text

EXPECTED = {"sqlite": {"audit_no_update", "audit_no_delete"}, "postgresql": {"audit_append_only"}}
ACTIVE = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
    "postgresql": "SELECT tgname FROM pg_trigger WHERE tgenabled <> 'D'",
}


def missing(connection: Connection) -> set[str]:
    """Names of the audit table's triggers that were dropped or switched off."""
    kind = connection.dialect.name
    there = {str(name).lower() for name in connection.scalars(text(ACTIVE[kind]))}
    return EXPECTED[kind] - there
