"""Tables of the record: the audit trail, preferences, alarms."""

from sqlalchemy import Column, Index, String, Table

from core.store.parts import metadata, own_id, part_index
from core.store.types import Json, Key, ReasonText, UtcDateTime

audit = Table(
    "audit",
    metadata,
    own_id(),
    Column("at", UtcDateTime, nullable=False),
    Column("actor", String(80), nullable=False, index=True),
    Column("person_id", Key, index=True),
    Column("session_id", Key),
    Column("way", String(12), nullable=False),
    Column("address", String(60), nullable=False),
    Column("action", String(60), nullable=False),
    Column("subject", String(160), nullable=False, index=True),
    Column("order_id", Key, index=True),
    Column("detail", Json, nullable=False),
    Column("previous_hash", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
    Index("ix_audit_action", "action"),
)

preferences = Table(
    "preferences",
    metadata,
    Column("key", String(80), primary_key=True),
    Column("value", Json, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
)

alarms = Table(
    "alarms",
    metadata,
    own_id(),
    Column("kind", String(40), nullable=False),
    Column("subject", String(160), nullable=False),
    Column("reason", ReasonText, nullable=False),
    Column("raised_at", UtcDateTime, nullable=False),
    Column("cleared_at", UtcDateTime),
    part_index("uq_alarms_open", "kind", "subject", unique=True, where="cleared_at IS NULL"),
)
