"""Review offers only what a shop of the pile can do."""

import datetime as dt

import pytest
from sqlalchemy import Engine, insert

from core.clock import now
from core.orders.piles import piles
from core.orders.piles.shop_choices import ASKED_OF_THE_SHOP, offered
from core.orders.shop.upsert import upsert_order
from core.services import registry
from core.services.ports import ShopOrder
from core.settings import connections
from core.store import db
from core.store.tables import pile_orders

AT = dt.datetime(2026, 11, 3, tzinfo=dt.UTC)


def order(gid: str) -> ShopOrder:
    return ShopOrder(
        gid=gid, name=f"#{gid}", created_at=AT, updated_at=AT, cancelled_at=None, cancel_reason="",
        payment="cod", financial_status="", fulfillment_status="", total_minor=1, currency="RON",
        customer_name="", customer_key="", phone="", email="", county="", city="", note="",
        tags=(), attributes={}, can_notify=False, lines=(), parcels=(),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("services", "expected"),
    [
        ([], set()),
        (["woocommerce"], set()),
        (["shopify"], set(ASKED_OF_THE_SHOP)),
        (["woocommerce", "shopify"], set(ASKED_OF_THE_SHOP)),
    ],
)
def test_a_choice_is_offered_where_one_shop_of_the_pile_can(
    engine: Engine, services: list[str], expected: set[str]
) -> None:
    pile_id = piles.create("pile")
    with db.writing(engine) as connection:
        for number, service in enumerate(services, 1):
            shop_id = connections.save(
                connection, kind="shop", service=service, name=service,
                settings={"base_url": "https://x.ro"}, secrets_={},
            )  # fmt: skip
            order_id = upsert_order(connection, shop_id, order(str(number)))
            connection.execute(
                insert(pile_orders).values(
                    pile_id=pile_id, order_id=order_id, added_at=now(), restock=False,
                    reason="DECLINED",
                )
            )  # fmt: skip
    assert offered(pile_id) == expected


def test_what_woocommerce_cannot_do_is_a_capability() -> None:
    able = registry.shop_capabilities("woocommerce")
    assert able.confirms_at_once
    assert able.tells_stock
    assert (able.note_length, able.can_tag, able.can_refund) == (0, False, False)
