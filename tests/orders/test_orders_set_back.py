"""An order that was cancelled and that somebody set back at its shop: seen, told, rung for."""

import datetime as dt
from typing import Any

import pytest
from sqlalchemy import Engine, insert, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from core.audit import trail
from core.audit.actions import Action
from core.clock import now
from core.orders.shop.set_back import SetBackCode, cancelled_or_set_back, tell_set_back
from core.store import db
from core.store.states import EffectKind, EffectState, ReversalState
from core.store.tables import alarms, effects, orders, parcels, reversals

MORNING = dt.datetime(2026, 11, 20, 8, tzinfo=dt.UTC)
NOON = MORNING + dt.timedelta(hours=4)


def add(engine: Engine, shop: int, **values: Any) -> int:
    """A cancelled order of that shop, changed last in the morning; gives its id."""
    row = {"shop_id": shop, "gid": "9", "name": "#9", "created_at": MORNING, "payment": "cod",
           "updated_at": MORNING, "cancelled_at": MORNING, "synced_at": MORNING, "tags": [],
           "total_minor": 1, "currency": "RON", "attributes": {}, **values}  # fmt: skip
    with db.writing(engine) as connection:
        return connection.scalar(insert(orders).values(**row).returning(orders.c.id)) or 0


def read_again(
    engine: Engine, shop: int, updated_at: dt.datetime, cancelled_at: dt.datetime | None
) -> dt.datetime | None:
    """The shop tells the order once more; gives when it counts as cancelled."""
    row = {"shop_id": shop, "gid": "9", "name": "#9", "created_at": MORNING, "payment": "cod",
           "updated_at": updated_at, "cancelled_at": cancelled_at, "synced_at": MORNING,
           "tags": [], "total_minor": 1, "currency": "RON", "attributes": {}}  # fmt: skip
    made = upsert(orders).values(**row)
    became = cancelled_or_set_back(made.excluded)
    same = made.on_conflict_do_update(
        index_elements=[orders.c.shop_id, orders.c.gid], set_={"cancelled_at": became}
    )
    with db.writing(engine) as connection:
        connection.execute(same)
        return connection.scalar(select(orders.c.cancelled_at))


@pytest.mark.parametrize(
    ("updated", "cancelled", "counts"),
    [(NOON, None, None), (MORNING, None, MORNING), (NOON, NOON, MORNING),
     (MORNING - dt.timedelta(1), None, MORNING)],
    ids=["set back later", "in the same second", "the moment first seen", "an older reading"],
)  # fmt: skip
def test_only_a_later_reading_takes_a_cancel_away(
    engine: Engine, shop: int, updated: dt.datetime, cancelled: dt.datetime | None,
    counts: dt.datetime | None,
) -> None:  # fmt: skip
    add(engine, shop)
    assert read_again(engine, shop, updated, cancelled) == counts


@pytest.mark.parametrize(
    ("state", "counts"),
    [(EffectState.SENT, MORNING), (EffectState.UNKNOWN, MORNING), (EffectState.CONFIRMED, None)],
)
def test_while_we_put_stock_back_nobody_has_set_the_order_back(
    engine: Engine, shop: int, state: EffectState, counts: dt.datetime | None
) -> None:
    reversal = reversed_of(engine, add(engine, shop), ReversalState.WORKING)
    with db.writing(engine) as connection:
        needed = {
            "slot": "stock",
            "kind": EffectKind.RESTOCK,
            "target": "9",
            "state": state,
            "key": "9",
        }
        connection.execute(insert(effects).values(
            reversal_id=reversal, connection_id=shop, updated_at=now(), **needed
        ))  # fmt: skip
    assert read_again(engine, shop, NOON, None) == counts


def reversed_of(engine: Engine, order: int, state: ReversalState) -> int:
    with db.writing(engine) as connection:
        row = {"order_id": order, "origin": "pile", "requested_by": "ana", "options": {}}
        made = insert(reversals).values(**row, state=state, created_at=now())
        return connection.scalar(made.returning(reversals.c.id)) or 0


def tellers(engine: Engine, order: int) -> list[str]:
    """Who told in the record that the order was set back."""
    with db.reading(engine) as connection:
        found = trail.search(connection, actions=[Action.SET_BACK_AT_SHOP], order_id=order)
    return [one.actor for one in found]


@pytest.mark.parametrize(
    ("state", "rings"), [(ReversalState.DONE, True), (ReversalState.STOPPED, False), (None, False)]
)
def test_an_order_set_back_is_told_and_rung_for_once_a_reversal_of_ours_is_done(
    engine: Engine, shop: int, state: ReversalState | None, rings: bool
) -> None:
    order = add(engine, shop, cancelled_at=None)
    if state is not None:
        reversed_of(engine, order, state)
    with db.writing(engine) as connection:
        connection.execute(insert(parcels).values(
            order_id=order, shop_id=shop, tracking="1", tracking_key="1", payment="cod",
            cancelled_on=MORNING.date(),
        ))  # fmt: skip
        tell_set_back(connection, [order])
        rung = [one.code for one in connection.scalars(select(alarms.c.reason))]
        assert connection.scalar(select(parcels.c.cancelled_on)) is None
    assert rung == [SetBackCode.ORDER_SET_BACK] * rings
    assert tellers(engine, order) == ["sync"]


def test_an_order_that_is_still_cancelled_is_not_told(engine: Engine, shop: int) -> None:
    order = add(engine, shop)
    with db.writing(engine) as connection:
        tell_set_back(connection, [order])
        tell_set_back(connection, [])
    assert tellers(engine, order) == []
    with db.writing(engine) as connection:
        connection.execute(update(orders).values(cancelled_at=None))
        tell_set_back(connection, [order])
    assert tellers(engine, order) == ["sync"]
