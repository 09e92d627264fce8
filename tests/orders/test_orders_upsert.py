"""Orders as a shop tells them, written into our tables: once, newest state wins, nothing lost."""

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Engine, func, insert, select, update

from core.orders.documents.references import Reference, references
from core.orders.shop.upsert import upsert_order, upsert_orders
from core.services.ports import ShopLine, ShopOrder, ShopParcel
from core.settings import connections, preferences
from core.store import db
from core.store.tables import invoices, order_lines, orders, parcels

SHIPPED = dt.datetime(2026, 11, 2, 23, 30, tzinfo=dt.UTC)  # the next day in Bucharest
UPDATED = dt.datetime(2026, 11, 20, 10, tzinfo=dt.UTC)


def parcel(tracking: str, **changes: Any) -> ShopParcel:
    """One shipped parcel."""
    plain = ShopParcel(tracking, "Sameday", "gid://f/1", "SUCCESS", "IN_TRANSIT", SHIPPED)
    return replace(plain, **changes)


def order(number: int = 1, **changes: Any) -> ShopOrder:
    """An order with two lines and one parcel."""
    plain = ShopOrder(
        gid=f"gid://shopify/Order/{number}",
        name=f"#{number}",
        created_at=dt.datetime(2026, 11, 1, 10, tzinfo=dt.UTC),
        updated_at=UPDATED,
        cancelled_at=None,
        cancel_reason="",
        payment="cod",
        financial_status="PENDING",
        fulfillment_status="FULFILLED",
        total_minor=10001,
        currency="RON",
        customer_name="Ana Pop",
        customer_key=f"key-{number}",
        phone="0722123456",
        email="ana@example.com",
        county="Cluj",
        city="Cluj-Napoca",
        note="",
        tags=("vip",),
        attributes={"invoice": f"smartbill:CVZ:{number:04}"},
        can_notify=True,
        lines=(
            ShopLine(f"gid://l/{number}1", "Cutie", "C1", 1, 1000),
            ShopLine(f"gid://l/{number}2", "Lampă", "L1", 3, 3000),
        ),
        parcels=(parcel(f"1ONB2422230{number:04}"),),
    )
    return replace(plain, **changes)


@pytest.fixture
def shop_id(engine: Engine) -> int:
    """A connected shop."""
    return connect("shop", "shopify")


def connect(kind: str, service: str, *, enabled: bool = True) -> int:
    """A connection of this service."""
    with db.writing() as connection:
        return connections.save(
            connection,
            kind=kind,
            service=service,
            name=f"{service} {enabled}",
            settings={},
            secrets_={},
            enabled=enabled,
        )


def write(shop_id: int, *found: ShopOrder) -> dict[str, int]:
    """Write orders in a transaction of their own."""
    with db.writing() as connection:
        return upsert_orders(connection, shop_id, found)


def rows(table: Any) -> list[Any]:
    """Every row of a table, oldest first."""
    with db.reading() as connection:
        return list(connection.execute(select(table).order_by(table.c.id)))


def count(table: Any) -> int:
    """How many rows a table has."""
    with db.reading() as connection:
        return int(connection.scalar(select(func.count()).select_from(table)) or 0)


# ---------------------------------------------------------------- orders and lines


def test_an_order_is_written_with_its_lines_parcels_and_invoices(shop_id: int) -> None:
    account = connect("invoicing", "smartbill")
    ids = write(shop_id, order())
    [row] = rows(orders)
    assert ids == {"gid://shopify/Order/1": row.id}
    assert (row.name, row.total_minor, row.tags) == ("#1", 10001, ["vip"])
    assert [line.sku for line in rows(order_lines)] == ["C1", "L1"]
    [box] = rows(parcels)
    assert (box.tracking_key, box.courier, box.status) == ("1ONB24222300001", "sameday", "transit")
    assert (box.sku, box.product, box.value_minor) == ("L1", "Lampă", 10001)
    assert box.shipped_on == dt.date(2026, 11, 3)  # in the seller's time zone
    [invoice] = rows(invoices)
    assert (invoice.series, invoice.number, invoice.connection_id) == ("CVZ", "0001", account)


def test_the_same_order_again_changes_nothing(shop_id: int) -> None:
    first = write(shop_id, order())
    again = write(shop_id, order())
    assert first == again
    assert [count(table) for table in (orders, order_lines, parcels, invoices)] == [1, 2, 1, 1]


def test_one_order_alone_gives_its_id(shop_id: int) -> None:
    with db.writing() as connection:
        assert upsert_order(connection, shop_id, order()) == rows_id(connection)


def rows_id(connection: Any) -> int:
    """The id of the only order."""
    return int(connection.scalar(select(orders.c.id)))


def test_a_newer_state_wins_whichever_comes_last(shop_id: int) -> None:
    newer = order(updated_at=UPDATED + dt.timedelta(hours=1), note="new")
    write(shop_id, newer)
    ids = write(shop_id, order(note="old"))  # a late webhook
    assert rows(orders)[0].note == "new"
    assert ids == {"gid://shopify/Order/1": rows(orders)[0].id}
    write(shop_id, order(2, note="old"), order(2, note="new", updated_at=newer.updated_at))
    assert rows(orders)[1].note == "new"


def test_a_cancelled_order_is_never_taken_for_open_again(shop_id: int) -> None:
    at = dt.datetime(2026, 11, 21, tzinfo=dt.UTC)
    write(shop_id, order())
    with db.writing() as connection:  # our own cancel was seen, its sync has not come yet
        connection.execute(update(orders).values(cancelled_at=at))
    write(shop_id, order())
    assert rows(orders)[0].cancelled_at == at


def test_a_line_taken_out_of_an_order_goes_and_no_other(shop_id: int) -> None:
    one, two = order(1), order(2)
    write(shop_id, one, two)
    write(shop_id, replace(one, lines=one.lines[:1]))
    assert [line.gid for line in rows(order_lines)] == ["gid://l/11", "gid://l/21", "gid://l/22"]


def test_a_cancel_leaves_the_sum_and_the_lines_as_they_were_after_the_last_edit(
    shop_id: int,
) -> None:
    edited = order(total_minor=4321, lines=(ShopLine("gid://l/11", "Cutie", "C1", 1, 1000),))
    write(shop_id, edited)
    later = UPDATED + dt.timedelta(hours=1)
    write(shop_id, replace(order(), updated_at=later, cancelled_at=later))
    [row] = rows(orders)
    assert (row.total_minor, row.cancelled_at) == (4321, later)
    assert [one.gid for one in rows(order_lines)] == ["gid://l/11"]


def test_an_order_known_only_once_cancelled_has_what_was_ordered(shop_id: int) -> None:
    write(shop_id, order(cancelled_at=UPDATED))
    assert rows(orders)[0].total_minor == 10001
    assert count(order_lines) == 2


def test_text_longer_than_its_column_is_cut_and_nul_is_dropped(shop_id: int) -> None:
    write(shop_id, order(customer_name="A\x00" + "x" * 500, city="y" * 500))
    row = rows(orders)[0]
    assert (len(row.customer_name), row.customer_name[:2]) == (200, "Ax")
    assert len(row.city) == 120


# ---------------------------------------------------------------- parcels


def test_many_parcels_of_one_order_share_its_value_to_the_last_ban(shop_id: int) -> None:
    write(shop_id, order(parcels=(parcel("A1"), parcel("A2"), parcel("A3"))))
    values = [box.value_minor for box in rows(parcels)]
    assert sum(values) == 10001
    assert max(values) - min(values) <= 1


def test_one_number_on_two_orders_is_two_parcels(shop_id: int) -> None:
    write(shop_id, order(1, parcels=(parcel("SAME"),)), order(2, parcels=(parcel("SAME"),)))
    assert len({box.order_id for box in rows(parcels)}) == 2


def test_two_writings_of_one_number_are_one_parcel(shop_id: int) -> None:
    write(shop_id, order(parcels=(parcel("1onb 123"), parcel("1ONB123"))))
    [box] = rows(parcels)
    assert box.value_minor == 10001


def test_what_no_label_can_carry_is_no_parcel(shop_id: int) -> None:
    write(shop_id, order(parcels=(parcel("9" * 61), parcel("  "), parcel("OK1"))))
    assert [box.tracking_key for box in rows(parcels)] == ["OK1"]


def test_parcels_that_the_token_cannot_see_are_left_as_they_are(shop_id: int) -> None:
    write(shop_id, order())
    write(shop_id, order(parcels=None, updated_at=UPDATED + dt.timedelta(hours=1)))
    assert count(parcels) == 1


def test_what_a_courier_told_is_stronger_than_the_shops_hint(shop_id: int) -> None:
    write(shop_id, order())
    with db.writing() as connection:
        connection.execute(update(parcels).values(status="refused", status_at=UPDATED))
    late = parcel("1ONB24222300001", display_status="DELIVERED")
    write(shop_id, order(parcels=(late,)))
    assert rows(parcels)[0].status == "refused"


def test_the_facts_of_shipping_stay_as_they_were(shop_id: int) -> None:
    write(shop_id, order())
    later = order(updated_at=UPDATED + dt.timedelta(days=1), county="Dolj", payment="prepaid")
    write(shop_id, replace(later, cancelled_at=UPDATED))
    [box] = rows(parcels)
    assert (box.county, box.payment) == ("Cluj", "cod")
    assert box.cancelled_on == dt.date(2026, 11, 20)


def test_a_customers_second_order_is_a_repeat_and_the_first_is_not(shop_id: int) -> None:
    first = order(1, customer_key="ana")
    second = order(2, customer_key="ana", created_at=first.created_at + dt.timedelta(days=3))
    stranger = order(3, customer_key="")
    write(shop_id, second, first, stranger)
    repeats = {box.tracking: box.repeat_customer for box in rows(parcels)}
    assert repeats == {
        "1ONB24222300001": False,
        "1ONB24222300002": True,
        "1ONB24222300003": False,
    }


# ---------------------------------------------------------------- invoices


@pytest.mark.parametrize(
    ("attributes", "found"),
    [
        ({"invoice": "smartbill:CVZ:0042"}, [("smartbill", "CVZ", "0042")]),
        (
            {"invoice_2": "fgo:F:7", "invoice": "SmartBill:CVZ:1 , oblio:OB:2"},
            [("smartbill", "CVZ", "1"), ("oblio", "OB", "2"), ("fgo", "F", "7")],
        ),
        ({"invoice": "stripe::in_123"}, [("stripe", "", "in_123")]),
        ({"invoice": "smartbill:A:1,smartbill:A:1"}, [("smartbill", "A", "1")]),
        ({"invoice": "see the e-mail", "invoices": "x:y:1", "other": "x:y:2"}, []),
        ({"invoice": ""}, []),
        ({"invoice": f"smartbill:A:{'9' * 41}"}, []),
    ],
)
def test_invoices_are_found_by_the_rule(
    attributes: dict[str, str], found: list[tuple[str, str, str]]
) -> None:
    assert list(references(attributes).found) == [Reference(*one) for one in found]


@pytest.mark.parametrize(
    ("field", "tags", "found"),
    [
        ("smartbill:CVZ:0042", (), ["0042"]),
        ('["smartbill:CVZ:1", "smartbill:CVZ:2"]', (), ["1", "2"]),
        ("", ("vip", "Invoice:smartbill:CVZ:7", "invoices:smartbill:CVZ:8"), ["7"]),
        ("smartbill:CVZ:7", ("invoice:smartbill:CVZ:7",), ["7"]),
        ("see the e-mail", ("invoice:",), []),
        ("[1, {", ("invoice",), []),
    ],
)
def test_metafields_and_tags_name_invoices_by_the_same_rule(
    field: str, tags: tuple[str, ...], found: list[str]
) -> None:
    read = references({}, field=field, tags=tags).found
    assert [(one.service, one.series, one.number) for one in read] == [
        ("smartbill", "CVZ", number) for number in found
    ]


def test_an_order_is_written_with_the_invoices_of_its_field_and_tags(shop_id: int) -> None:
    write(shop_id, order(attributes={}, invoice_field="oblio:OB:5", tags=("invoice:fgo:F:6",)))
    assert sorted(one.number for one in rows(invoices)) == ["5", "6"]


def test_the_name_of_the_attribute_is_a_preference(shop_id: int) -> None:
    with db.writing() as connection:
        preferences.save(connection, invoice_attribute="factura")
    write(shop_id, order(attributes={"factura": "oblio:OB:5", "invoice": "oblio:OB:6"}))
    assert [invoice.number for invoice in rows(invoices)] == ["5"]


def test_an_invoice_without_an_account_gets_it_when_the_service_is_connected(
    shop_id: int,
) -> None:
    connect("invoicing", "smartbill", enabled=False)
    write(shop_id, order())
    assert rows(invoices)[0].connection_id is None
    account = connect("invoicing", "smartbill")
    write(shop_id, order())
    assert rows(invoices)[0].connection_id == account


def test_an_invoice_stays_with_the_order_that_named_it_first(shop_id: int) -> None:
    write(shop_id, order(1))
    write(shop_id, order(2, attributes={"invoice": "smartbill:CVZ:0001"}))
    [invoice] = rows(invoices)
    assert invoice.order_id == rows(orders)[0].id


def test_an_invoice_typed_in_by_a_person_is_not_doubled(shop_id: int) -> None:
    [order_id] = write(shop_id, order(attributes={})).values()
    with db.writing() as connection:
        connection.execute(
            insert(invoices).values(
                order_id=order_id, service="smartbill", series="CVZ", number="0001", source="person"
            )
        )
    write(shop_id, order())
    assert [invoice.source for invoice in rows(invoices)] == ["person"]


def test_a_thousand_orders_are_written_in_batches(shop_id: int) -> None:
    ids = write(shop_id, *(order(number) for number in range(1000)))
    assert (len(ids), count(parcels), count(order_lines)) == (1000, 1000, 2000)


@pytest.mark.parametrize("mark", [", ", ";", "\n", " / "])
def test_two_numbers_in_the_shops_field_are_two_parcels(
    engine: Engine, shop_id: int, mark: str
) -> None:
    numbers = ["7000121099101", "7000121099102"]
    box = ShopParcel(mark.join(numbers), "FAN", "gid://f/1", "SUCCESS", "", None)
    with db.writing(engine) as connection:
        upsert_orders(connection, shop_id, [order(1, parcels=(box,))])
    with db.reading(engine) as connection:
        found = connection.scalars(select(parcels.c.tracking_key).order_by(parcels.c.id)).all()
    assert found == numbers


def test_what_a_shop_calls_a_number_and_is_none_stays_as_it_came(
    engine: Engine, shop_id: int
) -> None:
    box = ShopParcel("curier propriu", "", "gid://f/1", "SUCCESS", "", None)
    with db.writing(engine) as connection:
        upsert_orders(connection, shop_id, [order(1, parcels=(box,))])
    with db.reading(engine) as connection:
        assert connection.scalars(select(parcels.c.tracking)).all() == ["curier propriu"]
