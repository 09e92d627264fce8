"""Tables that Analytics reads: each ship day's parcels packed, and which days are out of date.

Everything here is derived from `parcels` and can be built anew from it at any time.
"""

from sqlalchemy import BigInteger, Column, Date, Index, Integer, LargeBinary, String, Table

from core.store.parts import metadata, own_id

# Ship days whose parcels were written since they were packed.  Triggers on `parcels` add a row in
# the writer's own transaction, so no writer can forget it; see the migration.
stale_days = Table(
    "stale_days",
    metadata,
    own_id(),
    Column("day", Date, nullable=False, index=True),
)

# One row a ship day: the facts of its parcels as an array of `core.insight.facts.LAYOUT`.
packed_days = Table(
    "packed_days",
    metadata,
    Column("day", Date, primary_key=True),
    Column("layout", Integer, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("parcels", Integer, nullable=False),
    Column("facts", LargeBinary, nullable=False),
)

# The words that packed facts name by number: couriers, counties, products …
fact_words = Table(
    "fact_words",
    metadata,
    Column("kind", String(16), primary_key=True),
    Column("code", Integer, primary_key=True, autoincrement=False),
    Column("word", String(300), nullable=False),
    Column("title", String(300), nullable=False, default=""),  # of a product: what people call it
    Index("uq_fact_words_kind_word", "kind", "word", unique=True),
)
