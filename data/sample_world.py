"""The sandbox's outside world at its first start: Casa Verde's orders and all that hangs on them.

Every order is drawn for a part it plays (`PARTS`), so that each case the program must tell apart
is in the sample, and the photographed pile knows its parcels by that part.
"""

import random
import unicodedata
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sample_invoices import Books

from core.demo import retail
from core.demo.generate import tracking_numbers

Json = dict[str, Any]

# part: how many orders play it.  "pile" = refused, back at the desk and photographed.
PARTS = {
    "pile": 96,
    "pile_two_parcels": 2,
    "pile_cancelled": 3,
    "pile_delivered": 3,
    "pile_prepaid": 3,
    "pile_shared": 4,
    "renumbered": 3,
    "missing": 26,
    "travelling": 208,
    "two_parcels": 8,
    "not_shipped": 48,
    "delivered": 22,
    "cancelled": 12,
}
DELIVERED, CANCELLED = ("pile_delivered", "delivered"), ("pile_cancelled", "cancelled")
REFUSED = ("pile", "pile_two_parcels", "pile_prepaid", "pile_shared", "renumbered", "missing")
PILE_EURO, EUROS = 1, 3
LEI_TO_EURO = 4.97
COD, CARD = "Cash on Delivery (COD)", "card"


@dataclass
class World:
    """The world's JSON and, for the photographs, which order plays which part."""

    data: Json
    parts: dict[str, list[Json]] = field(default_factory=dict)


def build(seed: int, now: datetime) -> World:
    """The whole world for a seed; `now` (UTC) is the moment everything is told from."""
    rng = random.Random(seed)
    serials = iter(rng.sample(range(60_000_000, 90_000_000), 2_000))
    books = Books()
    world = World({"orders": [], "courier_events": [], "returns": []})
    roles = [part for part, count in PARTS.items() for _ in range(count)]
    for number, part in enumerate(sorted(roles, key=lambda _: rng.random()), start=100_001):
        order = _order(rng, number, part, now, serials)
        world.data["orders"].append(order)
        world.parts.setdefault(part, []).append(order)
    _euros(world)
    _share_numbers(world)
    for order in world.data["orders"]:
        part = next(p for p, orders in world.parts.items() if order in orders)
        world.data["courier_events"] += _events(rng, order, part, now)
    books.write(rng, world.parts, world.data["orders"])
    world.data["returns"] = _returns(world.parts["renumbered"], serials)
    return World(
        {
            "now": _iso(now),
            "shop": {
                "name": "Casa Verde",
                "domain": "casa-verde.myshopify.com",
                "currency": "RON",
                "vat_code": "RO12345674",
            },
            "orders": world.data["orders"],
            "invoices": books.invoices,
            "products": [
                {"sku": p.sku, "title": p.title, "stock": rng.randrange(0, 240)}
                for p in retail.PRODUCTS
            ],
            "courier_events": world.data["courier_events"],
            "returns": world.data["returns"],
        },
        world.parts,
    )


def _order(rng: random.Random, number: int, part: str, now: datetime, serials: Any) -> Json:
    created = now - timedelta(days=_age(rng, part), minutes=rng.randrange(1440))
    payment = _payment(rng, part)
    lines = _lines(rng, number)
    total = sum(line["price_minor"] * line["quantity"] for line in lines)
    total += 1999 if total < 20_000 else 0
    cancelled = created + timedelta(days=6) if part in CANCELLED else None
    shipped = None if part == "not_shipped" else created + timedelta(hours=rng.randrange(18, 54))
    return {
        "id": number,
        "name": f"#{number}",
        "created_at": _iso(created),
        "updated_at": _iso(cancelled or shipped or created),
        "cancelled_at": _iso(cancelled) if cancelled else None,
        "cancel_reason": "CUSTOMER" if cancelled else None,
        "payment": payment,
        "gateway": COD if payment == "cod" else CARD,
        "financial_status": _money_state(payment, part),
        "fulfillment_status": "FULFILLED" if shipped else "UNFULFILLED",
        **_person(rng, number),
        "total_minor": total,
        "currency": "RON",
        "note": rng.choice(["", "", "", "", "Sunați înainte de livrare", "Lăsați la vecin"]),
        "tags": ["ramburs"] if payment == "cod" else [],
        "restockable": True,
        "attributes": [],
        "lines": lines,
        "fulfillments": _fulfillments(rng, number, part, lines, shipped, serials),
    }


def _age(rng: random.Random, part: str) -> int:
    """Days since the order came in: what is back is older than what still travels."""
    low, high = {
        "travelling": (3, 12),
        "two_parcels": (3, 12),
        "not_shipped": (0, 3),
        "missing": (28, 55),
    }.get(part, (12, 34))
    return rng.randrange(low, high)


def _payment(rng: random.Random, part: str) -> str:
    if part == "pile_prepaid":
        return "prepaid"
    if part.startswith("pile") or part in ("missing", "renumbered"):
        return "cod"
    return "cod" if rng.random() < 0.58 else "prepaid"


def _money_state(payment: str, part: str) -> str:
    if payment == "prepaid":
        return "REFUNDED" if part in CANCELLED else "PAID"
    if part in CANCELLED:
        return "VOIDED"
    return "PAID" if part in DELIVERED else "PENDING"


def _lines(rng: random.Random, number: int) -> list[Json]:
    goods = rng.sample(retail.PRODUCTS, rng.choice([1, 1, 1, 1, 2, 2, 3, 4]))
    return [
        {
            "id": number * 10 + index,
            "title": product.title,
            "sku": product.sku,
            "quantity": rng.choice([1, 1, 1, 1, 2, 3]),
            "price_minor": product.price_minor,
            "image": None,
        }
        for index, product in enumerate(goods)
    ]


def _person(rng: random.Random, number: int) -> Json:
    first, last = rng.choice(retail.FIRST_NAMES), rng.choice(retail.LAST_NAMES)
    county = rng.choices(retail.COUNTIES, [c.share for c in retail.COUNTIES])[0]
    mailbox = plain(f"{first}.{last}{number % 97}").lower()
    street = rng.choice(
        ["Florilor", "Libertății", "Mihai Eminescu", "Unirii", "Păcii", "Lalelelor"]
    )
    return {
        "customer": {
            "id": number - 93_000,
            "first_name": first,
            "last_name": last,
            "email": f"{mailbox}@example.com",
            "phone": f"+4070000{rng.randrange(10**4):04d}",
        },
        "address": {
            "city": county.city,
            "province": county.name,
            "zip": county.zip,
            "address1": f"Str. {street} nr. {rng.randrange(1, 180)}",
        },
    }


def _fulfillments(
    rng: random.Random,
    number: int,
    part: str,
    lines: list[Json],
    shipped: datetime | None,
    serials: Any,
) -> list[Json]:
    if shipped is None:
        return []
    courier = _courier(rng, part)
    parcels = 2 if "two_parcels" in part else 1
    apart = parcels == 2 and len(lines) > 1 and part != "pile_two_parcels"
    numbers = [str(tracking_numbers(courier.slug, [next(serials)])[0]) for _ in range(parcels)]
    groups = [(numbers[:1], lines[:1]), (numbers[1:], lines[1:])] if apart else [(numbers, lines)]
    return [
        {
            "id": 400_000 + number * 2 + index,
            "created_at": _iso(shipped),
            "status": "SUCCESS",  # cancelling an order leaves "shipped" standing
            "display_status": _display(rng, part),
            "tracking": [{"company": courier.name, "number": awb} for awb in awbs],
            "line_ids": [line["id"] for line in goods],
        }
        for index, (awbs, goods) in enumerate(groups)
    ]


def _courier(rng: random.Random, part: str) -> retail.Courier:
    if part == "renumbered":
        return next(c for c in retail.COURIERS if c.slug == "dpd")
    couriers = retail.COURIERS
    if "two_parcels" in part:  # Sameday numbers the parcels of one AWB by a suffix instead
        couriers = tuple(c for c in couriers if c.slug not in ("sameday", "posta"))
    return rng.choices(couriers, [c.share for c in couriers])[0]


def _display(rng: random.Random, part: str) -> str:
    if part in DELIVERED:
        return "DELIVERED"
    if part in REFUSED + CANCELLED:
        return rng.choice(
            ["ATTEMPTED_DELIVERY", "ATTEMPTED_DELIVERY", "NOT_DELIVERED", "IN_TRANSIT"]
        )
    return rng.choice(["IN_TRANSIT", "IN_TRANSIT", "OUT_FOR_DELIVERY", "CONFIRMED"])


def _euros(world: World) -> None:
    """Turn a few orders into euro orders, one of them in the pile."""
    chosen = world.parts["pile"][:PILE_EURO] + world.parts["travelling"][: EUROS - PILE_EURO]
    for order in chosen:
        order["currency"] = "EUR"
        for line in order["lines"]:
            line["price_minor"] = round(line["price_minor"] / LEI_TO_EURO)
        order["total_minor"] = sum(x["price_minor"] * x["quantity"] for x in order["lines"]) + 499


def _share_numbers(world: World) -> None:
    """Two pairs of orders hold one number each: one box for two orders, and a slip of the hand."""
    one, two, three, four = world.parts["pile_shared"]
    two["fulfillments"][0]["tracking"] = [dict(t) for t in one["fulfillments"][0]["tracking"]]
    four["fulfillments"][0]["tracking"] = [dict(t) for t in three["fulfillments"][0]["tracking"]]
    two["customer"], two["address"] = dict(one["customer"]), dict(one["address"])


# What each courier's API says; an empty code means the courier tells it by text only.
_WORDS = {
    "sameday": {"picked": ("4", "Colet ridicat"), "out": ("33", "In livrare"),
                "delivered": ("9", "Colet livrat"), "refused": ("", "Colet refuzat de destinatar"),
                "returning": ("", "Retur catre expeditor")},
    "fan": {"picked": ("C0", "Expeditie ridicata"), "out": ("S1", "In livrare"),
            "delivered": ("S2", "Livrat"), "refused": ("S6", "Refuz primire"),
            "returning": ("S43", "Retur")},
    "cargus": {"picked": ("1", "Preluat"), "out": ("20", "In livrare"),
               "delivered": ("21", "Confirmat livrat"), "refused": ("", "Refuzat"),
               "returning": ("", "Retur catre expeditor")},
    "gls": {"picked": ("1", "Colet preluat de GLS"), "out": ("4", "In livrare"),
            "delivered": ("5", "Livrat"), "refused": ("17", "Refuzat de destinatar"),
            "returning": ("23", "Returnat la expeditor")},
    "dpd": {"picked": ("1", "Preluata"), "out": ("12", "In livrare"),
            "delivered": ("-14", "Livrata"), "refused": ("123", "Refuzata de destinatar"),
            "returning": ("111", "Retur la expeditor")},
    "packeta": {"picked": ("2", "arrived"), "out": ("5", "ready for pickup"),
                "delivered": ("7", "delivered"), "refused": ("17", "rejected by recipient"),
                "returning": ("9", "posted back")},
    "posta": {"picked": ("", "Preluat"), "out": ("", "In livrare"), "delivered": ("", "Livrat"),
              "refused": ("", "Refuzat de destinatar"), "returning": ("", "Retur la expeditor")},
}  # fmt: skip


def _events(rng: random.Random, order: Json, part: str, now: datetime) -> list[Json]:
    """The courier's word on each parcel of an order, oldest first, nothing later than `now`."""
    steps = ["picked"] if part == "travelling" and rng.random() < 0.5 else ["picked", "out"]
    if part in REFUSED:
        steps += ["refused", "returning"]
    elif part in DELIVERED:
        steps.append("delivered")
    elif part in CANCELLED:
        steps += ["refused", "returning"]
    answer = []
    for fulfillment in order["fulfillments"]:
        for tracking in fulfillment["tracking"]:
            slug = next(c.slug for c in retail.COURIERS if c.name == tracking["company"])
            at = datetime.fromisoformat(fulfillment["created_at"]) + timedelta(hours=2)
            events = []
            for step in steps:
                code, text = _WORDS[slug][step]
                events.append({"at": _iso(at), "code": code, "text": text})
                at += timedelta(hours=rng.randrange(14, 40))
            past = [e for e in events if e["at"] <= _iso(now)]
            answer.append({"courier": slug, "tracking": tracking["number"], "events": past})
    return answer


def _returns(orders: list[Json], serials: Any) -> list[Json]:
    """DPD sends these back as shipments of their own, with a number of their own."""
    return [
        {
            "courier": "dpd",
            "return_number": str(tracking_numbers("dpd", [next(serials)])[0]),
            "tracking": order["fulfillments"][0]["tracking"][0]["number"],
        }
        for order in orders
    ]


def plain(text: str) -> str:
    """Romanian text without its diacritics, as couriers print it."""
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()


def _iso(moment: datetime) -> str:
    return moment.replace(microsecond=0).isoformat().replace("+00:00", "Z")
