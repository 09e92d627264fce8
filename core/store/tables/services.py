"""Tables of the outside services: connections, their rates, how far each was read, its messages."""

from sqlalchemy import (
    Boolean,
    Column,
    Float,
    ForeignKey,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from core.store.parts import metadata, one_of, own_id, part_index
from core.store.types import Json, Key, ReasonText, UtcDateTime

connections = Table(
    "connections",
    metadata,
    own_id(),
    Column("kind", String(16), nullable=False),
    Column("service", String(32), nullable=False),
    Column("name", String(120), nullable=False),
    Column("settings", Json, nullable=False),
    Column("secrets", Text, nullable=False, default=""),  # encrypted, see core.settings.secrets
    Column("sandbox", Boolean, nullable=False, default=False),
    Column("enabled", Boolean, nullable=False, default=True),
    Column("created_at", UtcDateTime, nullable=False),
    one_of("kind", "shop", "invoicing", "courier"),
    UniqueConstraint("service", "name"),
)

# One token bucket and one breaker per connection, shared by every process.
throttles = Table(
    "throttles",
    metadata,
    Column("key", String(80), primary_key=True),
    Column("capacity", Float, nullable=False),
    Column("rate", Float, nullable=False),
    Column("tokens", Float, nullable=False),
    Column("updated_at", Float, nullable=False),
    Column("blocked_until", Float, nullable=False, default=0.0),
    Column("blocked_why", ReasonText, nullable=False, server_default=""),
)

# The places of a service's sliding window, so many a connection; see services.limits.
window_places = Table(
    "window_places",
    metadata,
    Column("key", String(80), primary_key=True),  # of the connection's throttle
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("free_at", Float, nullable=False),  # by the database's clock, seconds since 1970
)

sync_cursors = Table(
    "sync_cursors",
    metadata,
    Column("key", String(120), primary_key=True),
    Column("value", Json, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
)

webhooks_seen = Table(
    "webhooks_seen",
    metadata,
    Column("webhook_id", String(120), primary_key=True),
    Column("topic", String(60), nullable=False),
    Column("shop_id", Key, ForeignKey("connections.id"), nullable=False),
    Column("body", Json, nullable=False),
    Column("received_at", UtcDateTime, nullable=False, index=True),
    Column("processed_at", UtcDateTime),
    Column("failures", Integer, nullable=False, default=0, server_default="0"),
    Column("retry_at", UtcDateTime),  # not before
    part_index("ix_webhooks_seen_pending", "shop_id", where="processed_at IS NULL"),
)
