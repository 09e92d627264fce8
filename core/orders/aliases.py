"""Other numbers that lead to a parcel: a courier's new number for the way back."""

from sqlalchemy import Connection, and_, insert, select

from core.audit import trail
from core.audit.actions import Action
from core.audit.redact import code_for_record
from core.clock import now
from core.labels import normalise
from core.rights import actor
from core.store.tables import aliases, parcels


def learn(connection: Connection, code: str, parcel_id: int, *, source: str) -> int:
    """Remember that a number belongs to a parcel, in the caller's transaction; 1 if it is new."""
    key = normalise(code)[:80]
    same = and_(aliases.c.code_key == key, aliases.c.parcel_id == parcel_id)
    if not key or connection.scalar(select(aliases.c.id).where(same)) is not None:
        return 0
    connection.execute(
        insert(aliases).values(
            code_key=key,
            parcel_id=parcel_id,
            source=source,
            created_at=now(),
            created_by=actor().name,
        )
    )
    parcel = connection.execute(
        select(parcels.c.tracking, parcels.c.order_id).where(parcels.c.id == parcel_id)
    ).one()
    detail = {"code": code_for_record(code), "tracking": parcel.tracking, "source": source}
    trail.record(connection, Action.RETURN_NUMBER_LEARNT, f"parcel {parcel.tracking}", detail)
    return 1
