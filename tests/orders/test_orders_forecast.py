"""How long a run will take, and what a paid order loses by it, is told before it starts."""

import pytest
from outside_world import add_order, connect_shop, pile, scan
from sqlalchemy import Engine, insert

from core.orders.piles.forecast import forecast
from core.settings import connections
from core.store import db
from core.store.tables import invoices


def connect(service: str, **secrets: str) -> None:
    with db.writing() as connection:
        connections.save(
            connection, kind="invoicing", service=service, name=service,
            settings={"email": "a@b.ro", "vat_code": "RO12345674"}, secrets_=secrets,
        )  # fmt: skip


def orders_with(service: str, count: int, payment: str = "cod", first: int = 1) -> int:
    """A pile of so many scanned orders, each with one open invoice at the service."""
    shop, made = connect_shop(), pile()
    for number in range(first, first + count):
        order = add_order(shop, number, f"8000000{number:04d}", payment=payment)
        with db.writing() as connection:
            values = {"order_id": order, "service": service, "series": "A", "number": str(number)}
            connection.execute(insert(invoices).values(**values, source="order"))
        scan(made, f"8000000{number:04d}")
    return made


@pytest.mark.parametrize(("count", "seconds"), [(4, 0), (22, 40)])
def test_oblios_documents_take_as_long_as_their_own_limit(
    engine: Engine, count: int, seconds: float
) -> None:
    """30 in 100 seconds, ten of them at once."""
    connect("oblio", secret="a-secret")
    expected = forecast(orders_with("oblio", count))
    assert expected.seconds == pytest.approx(seconds)
    assert (expected.slowest, expected.payments) == ("Oblio", {})


@pytest.mark.parametrize(("service", "lost"), [("oblio", {"Oblio": 3}), ("smartbill", {})])
def test_a_paid_order_is_told_that_its_recorded_payment_goes(
    engine: Engine, service: str, lost: dict[str, int]
) -> None:
    connect(service, secret="a-secret", token="a-token")
    assert forecast(orders_with(service, 3, "prepaid")).payments == lost


def test_a_pile_without_invoices_foretells_nothing(engine: Engine) -> None:
    connect_shop()
    expected = forecast(pile())
    assert (expected.seconds, expected.slowest, expected.payments) == (0.0, "", {})
