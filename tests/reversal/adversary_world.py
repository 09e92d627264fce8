"""Draws worlds of trouble from a seed; the truth is written down while they are drawn.

Two shops with the same order names, each with a company of its own at SmartBill, FGO and Oblio.
Series and numbers of both companies collide throughout: what is "CVZ 0042" at one is another
customer's at the other.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from reversal_support import order, world

VAT = ("RO12345674", "RO18547290")  # of each shop's company
COMPANY = ("12345674", "18547290")
SERIES = {"smartbill": "CVZ", "fgo": "FGO", "oblio": "OB"}
TROUBLE = 0.1  # the most of a world that is ambiguous by construction
Key = tuple[int, str]  # which outside world, "service:series:number"


@dataclass
class Truth:
    """What is right, written by the generator alone. Orders are (shop, name)."""

    right: dict[tuple[int, str], set[Key]] = field(default_factory=dict)  # documents of each order
    unclear: set[tuple[int, str]] = field(default_factory=set)  # must be asked about


@dataclass
class World:
    """Both outside worlds, the codes to scan, and the truth."""

    outside: tuple[dict[str, Any], dict[str, Any]]
    codes: list[str]
    truth: Truth


class Drawing:
    """One world while it is drawn."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)
        self.orders: tuple[list[Any], list[Any]] = ([], [])
        self.papers: dict[Key, dict[str, Any]] = {}
        self.codes: list[str] = []
        self.truth = Truth()
        self.number = 0

    def order(self, shop: int, **changes: Any) -> dict[str, Any]:
        """An order of its own sum and customer; both shops count their names alike."""
        self.number += 1
        made = order(self.number, invoice=None, **changes)
        made["name"] = f"#{1000 + len(self.orders[shop])}"
        made["total_minor"] = 5000 + 7 * self.number
        made["lines"][0]["price_minor"] = made["total_minor"]
        made["customer"] |= {"first_name": f"Ana{self.number}", "last_name": "Pop"}
        self.orders[shop].append(made)
        self.codes.append(made["fulfillments"][0]["tracking"][0]["number"])
        self.truth.right[shop, made["name"]] = set()
        return made

    def paper(self, shop: int, made: dict[str, Any], service: str, **changes: Any) -> Key:
        """The order's own document at its shop's company, and one of a stranger at the other's."""
        number = f"{len(self.papers) // 2 + 1:04}"
        told = {
            "service": service, "series": SERIES[service], "number": number,
            "order_name": made["name"], "total_minor": made["total_minor"], "currency": "RON",
            "issued_on": "2026-11-12", "state": "open",
            "customer": f"{made['customer']['first_name']} Pop", **changes,
        }  # fmt: skip
        key = f"{service}:{SERIES[service]}:{number}"
        strange = {**told, "order_name": f"#X{number}", "customer": "Altcineva Ionescu",
                   "total_minor": made["total_minor"] if self.dice.random() < 0.5 else 99900,
                   "currency": "RON", "issued_on": "2026-11-12", "collected": False}  # fmt: skip
        self.papers[shop, key] = told
        self.papers[1 - shop, key] = strange
        return shop, key

    def named(self, shop: int, made: dict[str, Any], key: Key, *, account: bool = True) -> None:
        """Let the order name the document, in one of the ways in which people write it."""
        service, series, number = key[1].split(":")
        series = self.dice.choice([series, series.lower(), f" {series} "])
        number = self.dice.choice([number, number.lstrip("0"), f"00{number}"])
        at = f"@{self.dice.choice([COMPANY[shop], VAT[shop]])}" if account else ""
        text = f"{service}{at}:{series}:{number}"
        made["attributes"] = [{"key": "invoice", "value": text}]


def service(it: Drawing) -> str:
    return it.dice.choice(list(SERIES))


# ---------------------------------------------------------------- what has one right answer


def plain(it: Drawing, shop: int) -> None:
    made = it.order(shop)
    key = it.paper(shop, made, service(it))
    it.named(shop, made, key)
    it.truth.right[shop, made["name"]] = {key}


def two_boxes_back(it: Drawing, shop: int) -> None:
    plain(it, shop)
    made = it.orders[shop][-1]
    second = f"70002{it.number:08}"
    made["fulfillments"][0]["tracking"].append({"company": "FAN Courier", "number": second})
    it.codes.append(second)


def without_invoice(it: Drawing, shop: int) -> None:
    """Only documents of "#1001-A", "#1001/2" and "#1001.1" are there."""
    made = it.order(shop)
    it.paper(shop, made, "oblio", order_name=made["name"] + it.dice.choice(["-A", "/2", ".1"]))


def found(it: Drawing, shop: int) -> None:
    """Named by nobody: only the document tells the order. The other shop has no such name."""
    made = it.order(shop)
    made["name"] = f"#{shop}F{it.number}"
    it.truth.right[shop, made["name"]] = {it.paper(shop, made, "oblio")}
    it.truth.right.pop((shop, f"#{999 + len(it.orders[shop])}"))


# ---------------------------------------------------------------- what only a person can tell


def asked(draw: Callable[[Drawing, int], None]) -> Callable[[Drawing, int], None]:
    """The order that is drawn last must be asked about."""

    def drawn(it: Drawing, shop: int) -> None:
        draw(it, shop)
        it.truth.unclear.add((shop, it.orders[shop][-1]["name"]))

    drawn.__name__ = draw.__name__
    return drawn


@asked
def account_not_told(it: Drawing, shop: int) -> None:
    plain(it, shop)
    made = it.orders[shop][-1]
    [key] = it.truth.right[shop, made["name"]]
    it.named(shop, made, key, account=False)


@asked
def not_understood(it: Drawing, shop: int) -> None:
    plain(it, shop)
    text = it.dice.choice(["factura 0042", "CVZ0042", "smartbill CVZ 0042", "nu are", "vezi nota"])
    it.orders[shop][-1]["attributes"] = [{"key": "invoice", "value": text}]


@asked
def other_sum(it: Drawing, shop: int) -> None:
    """The order was edited after its invoice was issued."""
    plain(it, shop)
    it.orders[shop][-1]["total_minor"] -= it.dice.choice([1, 700, 2500])


@asked
def other_currency(it: Drawing, shop: int) -> None:
    made = it.order(shop)
    key = it.paper(shop, made, "oblio", currency=it.dice.choice(["EUR", "HUF"]))
    it.named(shop, made, key)


@asked
def collected(it: Drawing, shop: int) -> None:
    made = it.order(shop)
    it.named(shop, made, it.paper(shop, made, "oblio", collected=True))


@asked
def foreign_and_older(it: Drawing, shop: int) -> None:
    found(it, shop)
    _change(it, shop, issued_on="2026-10-30")


@asked
def foreign_of_the_same_sum(it: Drawing, shop: int) -> None:
    found(it, shop)
    _change(it, shop, customer="Maria Ionescu")


@asked
def foreign_of_another_sum(it: Drawing, shop: int) -> None:
    found(it, shop)
    _change(it, shop, total_minor=77700)


def _change(it: Drawing, shop: int, **changes: Any) -> None:
    """The only document that tells the order's name is not the order's."""
    [key] = it.truth.right[shop, it.orders[shop][-1]["name"]]
    it.truth.right[shop, it.orders[shop][-1]["name"]] = set()
    it.papers[key] |= changes


@asked
def two_found(it: Drawing, shop: int) -> None:
    """Both over the order's sum, or over parts of it that add up."""
    found(it, shop)
    made = it.orders[shop][-1]
    part = it.dice.choice([0, made["total_minor"] // 3])
    second = it.paper(shop, made, "oblio")
    if part:
        [first] = it.truth.right[shop, made["name"]]
        it.papers[first] |= {"total_minor": part}
        it.papers[second] |= {"total_minor": made["total_minor"] - part}


@asked
def partly_paid(it: Drawing, shop: int) -> None:
    plain(it, shop)
    it.orders[shop][-1]["financial_status"] = it.dice.choice(
        ["PARTIALLY_PAID", "REFUNDED", "PARTIALLY_REFUNDED"]
    )


@asked
def one_box_of_two(it: Drawing, shop: int) -> None:
    two_boxes_back(it, shop)
    it.codes.pop()


def two_name_one(it: Drawing, shop: int) -> None:
    """A typing mistake: which of the two has the document, nobody can tell."""
    first, second = it.order(shop), it.order(shop)
    second["total_minor"] = first["total_minor"]
    rightful = it.dice.choice([first, second])
    key = it.paper(shop, first, service(it))
    for made in (first, second):
        it.named(shop, made, key)
        it.truth.unclear.add((shop, made["name"]))
    it.truth.right[shop, rightful["name"]] = {key}


CLEAR = (plain, plain, plain, two_boxes_back, without_invoice, found)
UNCLEAR = (
    account_not_told, not_understood, other_sum, other_currency, collected, foreign_and_older,
    foreign_of_the_same_sum, foreign_of_another_sum, two_found, partly_paid, one_box_of_two,
    two_name_one,
)  # fmt: skip


def draw(seed: int, count: int, *, trouble: float = TROUBLE) -> World:
    """About `count` orders, of which at most this share must be asked about."""
    it = Drawing(seed)
    kinds = list(UNCLEAR)
    while it.number < count:
        shop = it.dice.randrange(2)
        room = len(it.truth.unclear) + 2 <= trouble * (it.number + 2)
        if room and kinds:
            kinds.pop(it.dice.randrange(len(kinds)))(it, shop)
            kinds = kinds or list(UNCLEAR)
        else:
            it.dice.choice(CLEAR)(it, shop)
    it.dice.shuffle(it.codes)
    return World((_outside(it, 0), _outside(it, 1)), it.codes, it.truth)


def _outside(it: Drawing, shop: int) -> dict[str, Any]:
    whole = world([])
    whole["shop"] |= {"vat_code": VAT[shop]}
    papers = [paper for (where, _), paper in it.papers.items() if where == shop]
    return {**whole, "orders": it.orders[shop], "invoices": papers}
