"""What was delivered to the same people stands against an open order, and is never offered."""

from typing import Any

import pytest
from box_desk import NOON, a_photo, an_order, look, prints
from sqlalchemy import Engine, update

from core.finding import boxes
from core.finding.known import Index, KnownOrder
from core.finding.open_orders import load
from core.store import db
from core.store.tables import orders, parcels

PEOPLE = ("Destinatar", "Ilinca Vrabie", "Bd. Carol 7", "310133 Arad", "Tel: 0744552013")
PHONE = "+40744552013"


def changed(engine: Engine, order_id: int, *, order: Any = None, parcel: Any = None) -> None:
    with db.writing(engine) as connection:
        if order:
            connection.execute(update(orders).where(orders.c.id == order_id).values(**order))
        if parcel:
            theirs = parcels.c.order_id == order_id
            connection.execute(update(parcels).where(theirs).values(**parcel))


def candidates(engine: Engine, monkeypatch: pytest.MonkeyPatch, *rows: str) -> Any:
    prints(monkeypatch, rows)
    a_photo(engine, "9900990099001")
    look(engine)
    return boxes.waiting(1)[0].candidates


CLOSED = {
    "delivered": {"parcel": {"outcome": "delivered"}},
    "cancelled": {"order": {"cancelled_at": NOON}},
}


@pytest.mark.parametrize("way", CLOSED)
@pytest.mark.parametrize(
    ("theirs", "rows"),
    [
        ({}, PEOPLE),
        ({"phone": "0722111000"}, PEOPLE[:4]),
        ({"street": "Str. Morii 2", "postcode": "310007"}, (*PEOPLE[:2], PEOPLE[-1])),
    ],
    ids=["both", "house", "phone"],
)
def test_a_label_of_people_with_a_closed_order_is_not_surely_the_open_ones(
    desk: Engine,
    monkeypatch: pytest.MonkeyPatch,
    way: str,
    theirs: dict[str, str],
    rows: tuple[str, ...],
) -> None:
    wanted = an_order(desk, "#88017", "Ilinca Vrabie", "5500112233", phone=PHONE)
    before = an_order(desk, "#87200", "Ilinca Vrabie", "5500110001", **{"phone": PHONE, **theirs})
    changed(desk, before, **CLOSED[way])
    found = candidates(desk, monkeypatch, *rows)
    assert [one["order_id"] for one in found] == [wanted]
    assert found[0]["sure"] <= 0.5


def test_a_closed_order_of_other_people_changes_nothing(
    desk: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = an_order(desk, "#88017", "Ilinca Vrabie", "5500112233", phone=PHONE)
    other = an_order(desk, "#87200", "Toma Iacob", "5500110001", phone="+40722000999",
                     street="Str. Morii 2", postcode="310007")  # fmt: skip
    changed(desk, other, parcel={"outcome": "delivered"})
    assert [one.order.order_id for one in load().prepared] == [wanted]
    (found,) = candidates(desk, monkeypatch, *PEOPLE)
    assert found["sure"] > 0.5


def test_a_box_that_was_scanned_already_is_no_rival(desk: Engine) -> None:
    wanted = an_order(desk, "#88017", "Ilinca Vrabie", "5500112233", phone=PHONE)
    before = an_order(desk, "#87200", "Ilinca Vrabie", "5500110001", phone=PHONE)
    changed(desk, before, parcel={"outcome": "delivered", "scanned_on": NOON.date()})
    assert [one.order.order_id for one in load().prepared] == [wanted]


def test_the_label_of_the_closed_order_itself_offers_nobody(
    desk: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    an_order(desk, "#88017", "Ilinca Vrabie", "5500112233", phone=PHONE)
    before = an_order(desk, "#87200", "Ilinca Vrabie", "5500110001", phone=PHONE)
    found = candidates(desk, monkeypatch, *PEOPLE, "Comanda: 87200")
    assert found[0]["order_id"] == before
    changed(desk, before, parcel={"outcome": "delivered"})
    boxes.look_again()
    assert boxes.waiting(1)[0].candidates == []


def test_orders_without_a_phone_and_an_address_are_nobodys_rivals(desk: Engine) -> None:
    blank = {"street": "", "postcode": "", "phone": ""}
    an_order(desk, "#88017", "Ilinca Vrabie", "5500112233", **blank)
    before = an_order(desk, "#87200", "Toma Iacob", "5500110001", **blank)
    changed(desk, before, parcel={"outcome": "delivered"})
    assert len(load().prepared) == 1


def test_closed_orders_count_in_no_share() -> None:
    open_one = KnownOrder(1, "#1", "Ilinca Vrabie", "Bd. Carol 7", "Arad", "310133")
    closed = KnownOrder(2, "#2", "Ilinca Vrabie", "Bd. Carol 7", "Arad", "310133", closed=True)
    both, alone = Index([open_one, closed]), Index([open_one])
    assert both.count == alone.count
    assert both.share("town", "ARAD") == alone.share("town", "ARAD")
