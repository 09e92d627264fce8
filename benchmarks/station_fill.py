"""Desks of two sizes for `benchmarks.station`: orders, a pile, scans, a record, past stornos."""

import datetime as dt
import itertools
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, func, insert, literal, select, text, update

from core.audit import trail
from core.clock import now
from core.demo import generate, loading
from core.insight.store import packing
from core.orders.piles import piles
from core.settings import connections
from core.store import db
from core.store.tables import invoices, order_lines, orders, parcels, pile_orders, scans
from core.store.tables import piles as piles_table

CHUNK = 50_000
OLD_PILE = 1_000  # scans of each pile that was put away


@dataclass(frozen=True)
class Size:
    """How much is in a desk."""

    name: str
    orders: int
    pile: int
    scans: int
    record: int  # lines of the audit trail


SMALL = Size("small", 2_000, 30, 600, 300)
LARGE = Size("large", 200_000, 5_000, 500_000, 20_000)


def fill(size: Size, unscanned: int) -> tuple[int, list[str]]:
    """Fill the desk of REFUZ_HOME; gives the pile and so many numbers that are not in it yet."""
    db.migrate()
    with db.writing() as connection:
        shop = _connections(connection)
    history = generate.history(size.orders, seed=1, today=now().date())
    loading.load_frame(db.engine(), shop, history)
    pile = piles.create("Today")
    with db.writing() as connection:
        _details(connection)
        fresh = _came_back(connection, size.pile + unscanned)
        _into_pile(connection, pile, [order for order, _, _ in fresh[unscanned:]])
        _scan(connection, size, pile, fresh[unscanned:])
        _record(connection, size.record)
    packing.refresh(db.engine())
    return pile, [tracking for _, _, tracking in fresh[:unscanned]]


def _connections(connection: Connection) -> int:
    """A shop and an invoicing service behind a port that nobody listens on."""
    nowhere = {"base_url": "http://127.0.0.1:9"}
    made: dict[str, Any] = {"settings": nowhere, "secrets_": {"token": "x", "secret": "x"}}
    connections.save(connection, kind="invoicing", service="oblio", name="Oblio", **made)
    return connections.save(
        connection, kind="shop", service="shopify", name="Shop", enabled=False, **made
    )


def _details(connection: Connection) -> None:
    """A customer, two lines and an invoice for every order; stornos for what was reversed."""
    connection.execute(
        update(orders).values(
            customer_name=text("'Ana Pop ' || orders.id"),
            phone=text("'07' || (10000000 + orders.id)"),
        )
    )
    for line in ("first", "second"):
        made = select(
            orders.c.id, literal("line/") + literal(line), literal("Vas " + line),
            literal("V1"), literal(1), orders.c.total_minor / 2, literal(""),
        )  # fmt: skip
        names = ["order_id", "gid", "title", "sku", "quantity", "price_minor", "image_url"]
        connection.execute(insert(order_lines).from_select(names, made))
    number = func.substr(orders.c.name, 3)
    made = select(
        orders.c.id, literal("oblio"), literal("OB"), number, orders.c.total_minor, literal("RON"),
        literal("order"), literal(""), literal(""), literal("OB"), func.ltrim(number, "0"),
    )  # fmt: skip
    names = [
        "order_id", "service", "series", "number", "total_minor", "currency", "source",
        "storno_series", "storno_number", "series_key", "number_key",
    ]  # fmt: skip
    connection.execute(insert(invoices).from_select(names, made))
    past = select(parcels.c.order_id).where(parcels.c.reversed_on.is_not(None))
    connection.execute(
        update(invoices)
        .where(invoices.c.order_id.in_(past))
        .values(storno_series="OS", storno_number=invoices.c.number, reversed_at=now())
    )


def _came_back(connection: Connection, count: int) -> list[tuple[int, int, str]]:
    """The newest orders, as refused and not yet cancelled: (order, parcel, tracking number)."""
    query = (
        select(orders.c.id, parcels.c.id, parcels.c.tracking)
        .join(parcels, parcels.c.order_id == orders.c.id)
        .order_by(orders.c.id.desc())
        .limit(count)
    )
    rows = [(row[0], row[1], row[2]) for row in connection.execute(query)]
    oldest = min(order for order, _, _ in rows)
    connection.execute(update(orders).where(orders.c.id >= oldest).values(cancelled_at=None))
    back: dict[str, Any] = {
        "outcome": "refused", "outcome_on": now().date(), "cancelled_on": None,
        "reversed_on": None, "scanned_on": None,
    }  # fmt: skip
    connection.execute(update(parcels).where(parcels.c.order_id >= oldest).values(**back))
    return rows


def _into_pile(connection: Connection, pile: int, order_ids: list[int]) -> None:
    common = {"pile_id": pile, "added_at": now(), "restock": False, "reason": "DECLINED"}
    connection.execute(insert(pile_orders), [{**common, "order_id": one} for one in order_ids])


def _scan(connection: Connection, size: Size, pile: int, here: list[tuple[int, int, str]]) -> None:
    """One scan in five is of the pile at hand; the others are in piles that were put away."""
    at_hand = max(len(here), size.scans // 5 if size.scans < 5 * CHUNK else 3 * len(here))
    places = itertools.chain(
        itertools.repeat(pile, at_hand), _old_piles(connection, size.scans - at_hand)
    )
    moment = now()
    every = zip(places, itertools.cycle(here), range(size.scans), strict=False)
    rows = (
        {
            "pile_id": place, "key": f"bench-{number}", "at": moment + dt.timedelta(0, 0, number),
            "by": "Ana", "source": "scanner", "code": tracking, "code_key": tracking,
            "outcome": "matched", "verdict": "matched" if number < len(here) else "seen",
            "order_id": order, "parcel_id": parcel,
        }
        for place, (order, parcel, tracking), number in every
    )  # fmt: skip
    while chunk := list(itertools.islice(rows, CHUNK)):
        connection.execute(insert(scans), chunk)


def _old_piles(connection: Connection, count: int) -> Any:
    """The pile of each of so many scans."""
    moment = now()
    for number in range(-(-count // OLD_PILE)):
        values = {"name": f"Old {number}", "created_at": moment, "created_by": "Ana"}
        made = insert(piles_table).values(**values, closed_at=moment)
        old = connection.scalar(made.returning(piles_table.c.id))
        yield from itertools.repeat(old, OLD_PILE)


def _record(connection: Connection, lines: int) -> None:
    newest = select(orders.c.id, orders.c.name).order_by(orders.c.id.desc()).limit(lines)
    for order in connection.execute(newest).all():
        detail = {"reason": "DECLINED", "restock": True}
        subject = f"order {order.name}"
        trail.record(connection, "order cancelled", subject, detail, order.id, name="Ana")
