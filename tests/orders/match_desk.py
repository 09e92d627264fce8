"""Orders with one parcel each, for the tests of what a code finds."""

from sqlalchemy import Connection, insert

from core.clock import now
from core.labels import normalise
from core.store.tables import aliases, orders, parcels

NUMBERS = (
    "1ONB24222308781", "7000121083646", "804419419", "URGC10875236", "51234567890",
    "13054001000001", "Z1234567890", "RR123456785RO", "1Z5R89390357567127",
)  # fmt: skip


def add(connection: Connection, name: str, tracking: str) -> int:
    order_id = connection.scalar(
        insert(orders).values(
            shop_id=1, gid=f"test/{name}", name=name, created_at=now(), updated_at=now(),
            payment="cod", total_minor=1, currency="RON", tags=[], attributes={}, synced_at=now(),
        ).returning(orders.c.id)
    )  # fmt: skip
    parcel = insert(parcels).values(
        order_id=order_id, shop_id=1, tracking=tracking, tracking_key=normalise(tracking),
        payment="cod",
    )  # fmt: skip
    return connection.scalar(parcel.returning(parcels.c.id)) or 0


def learn(connection: Connection, code: str, parcel_id: int) -> None:
    values = {"source": "person", "created_at": now(), "created_by": "ana"}
    connection.execute(insert(aliases).values(code_key=code, parcel_id=parcel_id, **values))
