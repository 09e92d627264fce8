"""An unknown way of paying of unpaid orders is asked about at once, and the answer stays."""

from typing import Any

import pytest
import shopify_stub
from sqlalchemy import Engine, select

from core.audit import alarms
from core.clock import now
from core.orders.shop import ways_of_paying
from core.orders.shop.sync import sync_shop
from core.reasons import Reason
from core.settings import connections
from core.settings.connections import ALARMS, Connection
from core.store import db
from core.store.tables import orders, parcels


@pytest.fixture
def shop(stub: shopify_stub.Shop, engine: Engine) -> Connection:
    return save(stub)


def save(stub: shopify_stub.Shop, **settings: str) -> Connection:
    """The shop's connection with these settings."""
    quick = {"base_url": stub.base_url, "rate_per_second": "1e6", "rate_capacity": "1e6"}
    with db.writing() as connection:
        id_ = connections.save(
            connection, kind="shop", service="shopify", name="Lumina",
            settings=quick | settings, secrets_={"token": "shpat_abcdef"},
        )  # fmt: skip
        return connections.load(connection, id_)


def put(stub: shopify_stub.Shop, number: int, *gateways: str, **more: Any) -> None:
    """An order that is paid so; unpaid unless it says otherwise."""
    stub.put(number, now().strftime("%Y-%m-%dT%H:%M:%SZ"))
    track = [{"company": "FAN", "number": f"70001217{number:05}"}]
    sent = {"id": f"gid://f/{number}", "status": "SUCCESS", "displayStatus": "IN_TRANSIT",
            "createdAt": None, "trackingInfo": track}  # fmt: skip
    stub.orders[number] |= {"paymentGatewayNames": list(gateways), "fulfillments": [sent], **more}


def asked(shop: Connection) -> Reason | None:
    with db.reading() as connection:
        return alarms.reason_of(connection, ALARMS["shop"], ways_of_paying.subject(shop))


def payments(table: Any = orders) -> list[str]:
    with db.reading() as connection:
        return list(connection.scalars(select(table.c.payment).order_by(table.c.id)))


@pytest.mark.parametrize(
    "name",
    ["Plata la curier", "Plată cash la livrare", "Utánvét", "Plata la primirea coletului",
     "Nachnahme", "Dobírka", "Наложен платеж", "Ramburs (+15 lei)", "Cash on Delivery (COD)",
     "POUZEĆE", "Αντικαταβολή", "COD - Packeta", "Numerar sau card la livrare"],
)  # fmt: skip
def test_a_known_name_of_cash_on_delivery_is_not_asked_about(
    stub: shopify_stub.Shop, shop: Connection, name: str
) -> None:
    put(stub, 1, name)
    sync_shop(shop)
    assert (payments(), asked(shop)) == (["cod"], None)


@pytest.mark.parametrize("name", ["Netopia Payments", "Bank Deposit", "Shopify Payments", "Klarna"])
def test_a_known_name_of_paying_before_is_not_asked_about(
    stub: shopify_stub.Shop, shop: Connection, name: str
) -> None:
    put(stub, 1, name)
    sync_shop(shop)
    assert (payments(), asked(shop)) == (["prepaid"], None)


@pytest.mark.parametrize("name", ["Livrare BG", "Plateste cand vine omul", "manual", "Zxcvb"])
def test_an_unknown_name_of_unpaid_orders_is_asked_about_at_the_first_reading(
    stub: shopify_stub.Shop, shop: Connection, name: str
) -> None:
    put(stub, 1, name)
    put(stub, 2, name)
    put(stub, 3, name, displayFinancialStatus="PAID")
    sync_shop(shop)
    reason = asked(shop)
    assert reason is not None
    assert (reason.parameters["gateways"], reason.parameters["count"]) == ((name,), 2)


def test_the_answer_at_the_door_counts_for_the_orders_that_are_here(
    stub: shopify_stub.Shop, shop: Connection
) -> None:
    put(stub, 1, "Omul cu banii")
    put(stub, 2, "Shopify Payments", displayFinancialStatus="PAID")
    sync_shop(shop)
    saved = save(stub, cod_words="cod, omul cu banii")
    sync_shop(saved)
    assert (payments(), payments(parcels)) == (["cod", "prepaid"], ["cod", "prepaid"])
    assert asked(saved) is None


def test_the_answer_before_stays(stub: shopify_stub.Shop, shop: Connection) -> None:
    put(stub, 1, "Portofel Lumina")
    sync_shop(shop)
    saved = save(stub, prepaid_words="portofel lumina")
    sync_shop(saved)
    assert (payments(), asked(saved)) == (["prepaid"], None)
    put(stub, 2, "Portofel Lumina")
    sync_shop(saved)
    assert asked(saved) is None
