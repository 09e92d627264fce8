"""A shop with a few shipped orders, for the tests of the routes."""

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import Engine, insert, select

from core.settings import connections
from core.store import db
from core.store.tables import connections as connections_table
from core.store.tables import orders, parcels


def put_orders(engine: Engine, trackings: Sequence[str]) -> None:
    """One shipped order a tracking number: #100000, #100001, …"""
    moment = dt.datetime.now(dt.UTC)
    with db.writing(engine) as connection:
        connections.save(
            connection,
            kind="shop",
            service="shopify",
            name="Casa Verde",
            settings={},
            secrets_={},
            sandbox=True,
        )
        shop = connection.scalar(select(connections_table.c.id))
        for number, tracking in enumerate(trackings):
            order = connection.scalar(
                insert(orders)
                .values(
                    shop_id=shop,
                    gid=f"gid://shopify/Order/{number}",
                    name=f"#{100000 + number}",
                    created_at=moment,
                    updated_at=moment,
                    synced_at=moment,
                    payment="cod",
                    fulfillment_status="FULFILLED",
                    total_minor=12350,
                    currency="RON",
                    customer_name="Ioana Popescu",
                    tags=[],
                    attributes=[],
                )
                .returning(orders.c.id)
            )
            connection.execute(
                insert(parcels).values(
                    order_id=order,
                    shop_id=shop,
                    tracking=tracking,
                    tracking_key=tracking,
                    courier="sameday",
                    fulfillment_gid=f"gid://shopify/Fulfillment/{number}",
                    payment="cod",
                )
            )
