"""Turns rows of a spreadsheet into orders, parcels and invoices of ours."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from core.labels import guess_courier, normalise
from core.orders.imports import cell_parsers
from core.orders.shop.claim_imported import IMPORTED, writings
from core.orders.shop.invoice_refs import references
from core.services.ports import Payment, ShopLine, ShopOrder, ShopParcel
from core.settings import connections
from core.store.tables import invoices, orders, parcels
from core.store.types import now

CHUNK = 500


@dataclass
class Draft:
    """One order as a spreadsheet tells it; further rows of it join."""

    name: str
    line: int  # of its first row in the file
    created_at: dt.datetime
    payment: Payment
    total_minor: int
    currency: str
    person: dict[str, str]  # customer, phone, email, county, city
    invoice: str
    lines: list[ShopLine]
    parcels: list[ShopParcel]

    def join(self, other: "Draft") -> None:
        """Take in another row of the same order. Raises ValueError when it contradicts."""
        if (other.total_minor, other.currency) != (self.total_minor, self.currency):
            raise ValueError(f"order {self.name} has another total in a line above")
        known = {normalise(one.tracking) for one in self.parcels}
        self.parcels += [one for one in other.parcels if normalise(one.tracking) not in known]
        self.lines += [_numbered(one, len(self.lines) + n) for n, one in enumerate(other.lines)]
        self.invoice = ",".join(filter(None, dict.fromkeys([self.invoice, other.invoice])))

    def as_shop_order(self, invoice_attribute: str) -> ShopOrder:
        """As the shop would tell it; the gid says where it came from."""
        person = self.person
        return ShopOrder(
            gid=f"{IMPORTED}{self.name}",
            name=self.name,
            created_at=self.created_at,
            updated_at=now(),
            cancelled_at=None,
            cancel_reason="",
            payment=self.payment,
            financial_status="PENDING" if self.payment == "cod" else "PAID",
            fulfillment_status="FULFILLED" if self.parcels else "UNFULFILLED",
            total_minor=self.total_minor,
            currency=self.currency,
            customer_name=person["customer"],
            customer_key=person["email"].lower() or person["phone"],
            phone=person["phone"],
            email=person["email"],
            county=person["county"],
            city=person["city"],
            note="",
            tags=(),
            attributes={invoice_attribute: self.invoice} if self.invoice else {},
            can_notify=False,
            lines=tuple(self.lines),
            parcels=tuple(self.parcels),
        )


def read_order(line: int, row: dict[str, str], zone: ZoneInfo) -> Draft:
    """One row of a list of orders. Raises ValueError with what is wrong, without a full stop."""
    name, currency = row["order"], (row.get("currency") or "RON").upper()
    if not name or len(name) > 60:
        raise ValueError("there is no order number in it" if not name else "no order number")
    currency = {"LEI": "RON", "LEU": "RON", "€": "EUR"}.get(currency, currency)
    if len(currency) != 3 or not (currency.isascii() and currency.isalpha()):
        raise ValueError(f"“{currency}” is no currency; write RON or EUR")
    tracking = cell_parsers.tracking(row["tracking"])
    if not normalise(tracking):
        raise ValueError(f"order {name} has no tracking number")
    if not row["total"]:
        raise ValueError(f"order {name} has no total")
    created, shipped = row.get("created_at"), row.get("shipped_on")
    return Draft(
        name=name,
        line=line,
        created_at=cell_parsers.moment(created, zone) if created else now(),
        payment=cell_parsers.payment(row.get("payment", "")),
        total_minor=cell_parsers.minor(row["total"]),
        currency=currency,
        person={key: row.get(key, "") for key in ("customer", "phone", "email", "county", "city")},
        invoice=row.get("invoice", ""),
        lines=_lines(row),
        parcels=[
            ShopParcel(
                tracking=tracking,
                company=row.get("courier", ""),
                fulfillment_gid="",
                fulfillment_status="SUCCESS",
                display_status="",
                shipped_at=cell_parsers.moment(shipped, zone) if shipped else None,
            )
        ],
    )


def _lines(row: dict[str, str]) -> list[ShopLine]:
    title = row.get("product") or row.get("sku", "")
    if not title:
        return []
    price = cell_parsers.minor(row["price"]) if row.get("price") else 0
    quantity = cell_parsers.quantity(row.get("quantity", ""))
    return [ShopLine("line/0", title, row.get("sku", ""), quantity, price)]


def _numbered(line: ShopLine, number: int) -> ShopLine:
    return ShopLine(f"line/{number}", line.title, line.sku, line.quantity, line.price_minor)


# ---------------------------------------------------------------- orders we know already


def known_orders(
    connection: Connection, shop_id: int, names: Sequence[str]
) -> dict[str, tuple[str, int]]:
    """For each name that the shop has, with or without "#": the newest such order's gid and id."""
    wanted = list(dict.fromkeys(way for name in names for way in writings(name)))
    found: dict[str, tuple[str, int]] = {}
    for start in range(0, len(wanted), CHUNK):
        query = (
            select(orders.c.name, orders.c.gid, orders.c.id)
            .where(orders.c.shop_id == shop_id, orders.c.name.in_(wanted[start : start + CHUNK]))
            .order_by(orders.c.created_at, orders.c.id)
        )
        found |= {row.name: (row.gid, row.id) for row in connection.execute(query)}
    ways = {name: next((way for way in writings(name) if way in found), "") for name in names}
    return {name: found[way] for name, way in ways.items() if way}


def accounts(connection: Connection) -> dict[str, int]:
    """The first switched-on connection of each invoicing service."""
    everything = connections.all_connections(connection, "invoicing")
    return {account.service: account.id for account in reversed(everything)}


def add_to_known(connection: Connection, shop_id: int, order_id: int, draft: Draft) -> None:
    """Give an order that the shop told the parcels and invoices that the file adds.

    Raises ValueError, before anything is written, for another order's invoice.
    """
    known = accounts(connection)
    for ref in references({"invoice": draft.invoice}):
        add_invoice(connection, order_id, asdict(ref), known)
    order = connection.execute(select(orders).where(orders.c.id == order_id)).one()
    for one in draft.parcels:
        values = {
            "order_id": order_id,
            "shop_id": shop_id,
            "tracking": one.tracking,
            "tracking_key": normalise(one.tracking),
            "courier": guess_courier(one.company, one.tracking),
            "shipped_on": one.shipped_at.date() if one.shipped_at else None,
            "payment": order.payment,
            "county": order.county,
            "city": order.city,
            "customer_key": order.customer_key,
            "value_minor": 0,  # the shop's own parcels hold the order's value
            "currency": order.currency,
        }
        insert_ = (postgresql if connection.dialect.name == "postgresql" else sqlite).insert
        connection.execute(insert_(parcels).values(**values).on_conflict_do_nothing())


def add_invoice(
    connection: Connection,
    order_id: int,
    row: dict[str, Any],
    known: dict[str, int],
    source: str = "csv",
) -> bool:
    """Say that an invoice belongs to an order; True when it is new. Raises ValueError."""
    service, number = row["service"].strip().lower(), row["number"].strip()
    series = row.get("series", "").strip()
    if not service or not number or max(map(len, (service, series, number))) > 32:
        raise ValueError("an invoice needs a service (smartbill, oblio, fgo, stripe) and a number")
    same = (
        (invoices.c.service == service) & (invoices.c.series == series)
        & (invoices.c.number == number)
    )  # fmt: skip
    found = connection.scalar(select(invoices.c.order_id).where(same))
    if found is not None and found != order_id:
        raise ValueError(f"invoice {series} {number} belongs to another order already")
    total = cell_parsers.minor(row["total"]) if row.get("total") else None
    values = {
        "total_minor": total,
        "currency": row.get("currency", "").upper()[:3],
        "connection_id": known.get(service),
    }
    if found is not None:
        told = {name: value for name, value in values.items() if value}
        if told:
            connection.execute(update(invoices).where(same).values(**told))
        return False
    connection.execute(
        insert(invoices).values(
            order_id=order_id, service=service, series=series, number=number, source=source,
            **values,
        )
    )  # fmt: skip
    return True
