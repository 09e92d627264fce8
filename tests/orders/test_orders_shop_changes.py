"""Which changes of a shop need no reading, and which imported orders it takes over."""

import datetime as dt

import pytest
from sqlalchemy import Engine, select, update
from test_orders_upsert import UPDATED, order, parcel

from core.orders.shop.change_filter import known_orders
from core.orders.shop.claim_imported import IMPORTED, claim_imported, is_part_of
from core.orders.shop.upsert import upsert_order
from core.services.ports import OrderStamp, ShopOrder
from core.settings import connections
from core.store import db
from core.store.tables import orders

SECOND = dt.timedelta(seconds=1)


@pytest.fixture
def shop(engine: Engine) -> int:
    with db.writing(engine) as connection:
        return connections.save(
            connection, kind="shop", service="shopify", name="Shop", settings={}, secrets_={}
        )


def keep(shop: int, shop_order: ShopOrder, *, read_after: dt.timedelta = 60 * SECOND) -> int:
    with db.writing() as connection:
        order_id = upsert_order(connection, shop, shop_order)
        at = shop_order.updated_at + read_after
        connection.execute(update(orders).where(orders.c.id == order_id).values(synced_at=at))
    return order_id


def known(shop: int, shop_order: ShopOrder, later: int = 0, *, gone: bool = False) -> bool:
    stamp = OrderStamp(shop_order.gid, shop_order.updated_at + later * SECOND, gone)
    return shop_order.gid in known_orders(shop, [stamp])


def test_an_order_is_read_again_only_when_it_changed_since(shop: int) -> None:
    shop_order = order(1)
    order_id = keep(shop, shop_order)
    stamp = OrderStamp(shop_order.gid, UPDATED, False)
    assert known_orders(shop, [stamp]) == {shop_order.gid: order_id}
    assert not known(shop, shop_order, 1)
    assert not known(shop, order(2))
    assert known_orders(shop + 1, [stamp]) == {}


@pytest.mark.parametrize(("seconds", "is_known"), [(0, False), (2, False), (3, True)])
def test_one_read_within_a_moment_of_its_change_may_have_changed_again(
    shop: int, seconds: int, is_known: bool
) -> None:
    shop_order = order(1)
    keep(shop, shop_order, read_after=seconds * SECOND)
    assert known(shop, shop_order) is is_known


@pytest.mark.parametrize(("ours", "theirs"), [(True, True), (True, False), (False, True)])
def test_of_a_cancelled_order_nothing_more_is_awaited_where_both_say_so(
    shop: int, ours: bool, theirs: bool
) -> None:
    shop_order = order(1, cancelled_at=UPDATED if ours else None)
    keep(shop, shop_order, read_after=0 * SECOND)
    assert known(shop, shop_order, gone=theirs) is (ours and theirs)


def test_a_shipped_order_without_parcels_is_read_again(shop: int) -> None:
    shown, hidden = order(1), order(2, parcels=())
    waiting = order(3, parcels=(), fulfillment_status="UNFULFILLED")
    for one in (shown, hidden, waiting):
        keep(shop, one)
    assert [known(shop, one) for one in (shown, hidden, waiting)] == [True, False, True]


# ---------------------------------------------------------------- orders of a spreadsheet


def imported(shop: int, name: str, *trackings: str, total: int = 10001) -> int:
    shop_order = order(7, gid=IMPORTED + name, name=name, total_minor=total,
                 parcels=tuple(parcel(one) for one in trackings))  # fmt: skip
    with db.writing() as connection:
        return upsert_order(connection, shop, shop_order)


def claimed(shop: int, *batch: ShopOrder) -> tuple[int, dict[int, str]]:
    with db.writing() as connection:
        count = claim_imported(connection, shop, batch)
        rows = connection.execute(select(orders.c.id, orders.c.gid)).all()
    return count, {row.id: row.gid for row in rows}


@pytest.mark.parametrize("name", ["#1", "1"])
def test_an_imported_order_keeps_its_row_under_the_shop_s_own_id(shop: int, name: str) -> None:
    mine = imported(shop, name, "1ONB24222309999")
    assert claimed(shop, order(1)) == (1, {mine: order(1).gid})
    assert claimed(shop, order(1)) == (0, {mine: order(1).gid})  # told once more


def test_a_part_of_the_name_claims_by_all_its_parcels_and_its_sum(shop: int) -> None:
    box, other = "1ONB24222301111", "1ONB24222302222"
    mine = imported(shop, "1001", box)
    theirs = order(4, name="RO1001-A", parcels=(parcel(box), parcel(other)))
    assert claimed(shop, theirs) == (1, {mine: theirs.gid})


@pytest.mark.parametrize(
    "changes", [{"total_minor": 10002}, {"name": "#11001"}, {"currency": "EUR"}, {"parcels": ()}]
)
def test_an_order_that_differs_claims_nothing(shop: int, changes: dict[str, object]) -> None:
    box = "1ONB24222301111"
    mine = imported(shop, "1001", box)
    theirs = order(4, **{"name": "RO1001-A", "parcels": (parcel(box),), **changes})
    assert claimed(shop, theirs) == (0, {mine: f"{IMPORTED}1001"})


def test_two_orders_that_fit_leave_the_imported_one_to_neither(shop: int) -> None:
    box = "1ONB24222301111"
    mine = imported(shop, "1001", box)
    rivals = [order(n, name=f"RO1001-{n}", parcels=(parcel(box),)) for n in (4, 5)]
    assert claimed(shop, *rivals) == (0, {mine: f"{IMPORTED}1001"})


@pytest.mark.parametrize(
    ("name", "longer", "part"),
    [
        ("1001", "RO1001-A", True), ("1001", "#11001", False), ("1001", "10010", False),
        ("A7", "BA7", False), ("A7", "B-A7/2", True), ("A7", "A72", False), ("", "1001", False),
        ("1.1", "1x1", False),
    ],
)  # fmt: skip
def test_a_name_stands_whole_in_a_longer_one(name: str, longer: str, part: bool) -> None:
    assert is_part_of(name, longer) is part
