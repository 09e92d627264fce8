"""Draws worlds of trouble from a seed; the truth is written down while they are drawn.

Two shops with the same order names, each with a company of its own at SmartBill, FGO, Oblio and
Stripe. Invoices are named by the order or by a list of orders, or found by the order's name.
Series and numbers of both companies collide throughout: what is "CVZ 0042" at one is another
customer's at the other.
"""

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from reversal_support import order, world

VAT = ("RO12345674", "RO18547290")  # of each shop's company
COMPANY = ("12345674", "18547290")
STRIPE = ("acct_1Casa", "acct_1Verde")
SERIES = {"smartbill": "CVZ", "fgo": "FGO", "oblio": "OB", "stripe": "F"}
NUMBER = {"stripe": "in_1Adversary{:06}"}  # Stripe names invoices by id
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
    lists: tuple[list[str], list[str]]  # of each shop: the rows of a list of its orders
    kinds: Counter[str]  # how often each kind was drawn


class Drawing:
    """One world while it is drawn."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)
        self.orders: tuple[list[Any], list[Any]] = ([], [])
        self.papers: dict[Key, dict[str, Any]] = {}
        self.codes: list[str] = []
        self.lists: tuple[list[str], list[str]] = ([], [])
        self.kinds: Counter[str] = Counter()
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
        number = NUMBER.get(service, "{:04}").format(len(self.papers) // 2 + 1)
        document = {
            "service": service, "series": SERIES[service], "number": number,
            "order_name": made["name"], "total_minor": made["total_minor"], "currency": "RON",
            "issued_on": "2026-11-12", "state": "open",
            "customer": f"{made['customer']['first_name']} Pop", **changes,
        }  # fmt: skip
        key = f"{service}:{SERIES[service]}:{number}"
        strange = {**document, "order_name": f"#X{number}", "customer": "Altcineva Ionescu",
                   "total_minor": made["total_minor"] if self.dice.random() < 0.5 else 99900,
                   "currency": "RON", "issued_on": "2026-11-12", "collected": False}  # fmt: skip
        self.papers[shop, key] = document
        self.papers[1 - shop, key] = strange
        return shop, key

    def written(self, shop: int, key: Key, *, account: bool = True) -> str:
        """The document in one of the ways in which people write it."""
        service, series, number = key[1].split(":")
        names = [COMPANY[shop], VAT[shop]]
        if service == "stripe":  # an id is copied, never typed
            names = [STRIPE[shop]]
        else:
            series = self.dice.choice([series, series.lower(), f" {series} "])
            number = self.dice.choice([number, number.lstrip("0"), f"00{number}"])
        at = f"@{self.dice.choice(names)}" if account else ""
        return f"{service}{at}:{series}:{number}"

    def named(self, shop: int, made: dict[str, Any], key: Key, *, account: bool = True) -> None:
        """Let the order name the document."""
        text = self.written(shop, key, account=account)
        made["attributes"] = [{"key": "invoice", "value": text}]

    def listed(self, shop: int, made: dict[str, Any], text: str, total: str = "") -> None:
        """Let a list of orders name it; the order itself names none."""
        tracking = made["fulfillments"][0]["tracking"][0]["number"]
        total = total or f"{made['total_minor'] / 100:.2f}"
        made["attributes"] = []
        self.lists[shop].append(
            f"{made['name']};{tracking};{total};RON;10.11.2026;ramburs;FAN;{text}"
        )


def service(it: Drawing) -> str:
    return it.dice.choice(list(SERIES))


# ---------------------------------------------------------------- what has one right answer


def plain(it: Drawing, shop: int) -> None:
    made = it.order(shop)
    key = it.paper(shop, made, service(it))
    it.named(shop, made, key)
    it.truth.right[shop, made["name"]] = {key}


def two_boxes_back(it: Drawing, shop: int) -> None:
    """Two numbers of one shipment, or two shipments."""
    plain(it, shop)
    made = it.orders[shop][-1]
    second = f"70002{it.number:08}"
    box = {"company": "FAN Courier", "number": second}
    if it.dice.random() < 0.5:
        made["fulfillments"][0]["tracking"].append(box)
    else:
        first = made["fulfillments"][0]
        made["fulfillments"].append({**first, "id": first["id"] + 400000, "tracking": [box]})
    it.codes.append(second)


def listed(it: Drawing, shop: int) -> None:
    """Named by a list of orders alone."""
    made = it.order(shop)
    key = it.paper(shop, made, service(it))
    it.listed(shop, made, it.written(shop, key))
    it.truth.right[shop, made["name"]] = {key}


def without_invoice(it: Drawing, shop: int) -> None:
    """Only documents of "#1001-A", "#1001/2" and "#1001.1" are there."""
    made = it.order(shop)
    where = it.dice.choice(["oblio", "stripe"])
    it.paper(shop, made, where, order_name=made["name"] + it.dice.choice(["-A", "/2", ".1"]))


def found(it: Drawing, shop: int) -> None:
    """Named by nobody: only the document tells the order. The other shop has no such name."""
    made = it.order(shop)
    made["name"] = f"#{shop}F{it.number}"
    where = it.dice.choice(["oblio", "oblio", "stripe"])
    it.truth.right[shop, made["name"]] = {it.paper(shop, made, where)}
    it.truth.right.pop((shop, f"#{999 + len(it.orders[shop])}"))


def found_of_a_company(it: Drawing, shop: int) -> None:
    """A person took the parcel; the order bills a company, and so the document names that."""
    found(it, shop)
    made = it.orders[shop][-1]
    name = f"{it.dice.choice(['Țesături', 'Lumină', 'Moara'])} {it.number}"
    made["billing"] = {"company": it.dice.choice([f"S.C. {name} S.R.L.", f"{name} srl", name])}
    [key] = it.truth.right[shop, made["name"]]
    it.papers[key]["customer"] = it.dice.choice([f"SC {name.upper()} SRL", f"{name} S.R.L."])


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
def negated(it: Drawing, shop: int) -> None:
    """A whole reference, and a word that takes it back."""
    plain(it, shop)
    attribute = it.orders[shop][-1]["attributes"][0]
    word = it.dice.choice(["NU {}", "nu e {}", "{} anulata", "{} (storno partial)", "fara {}"])
    attribute["value"] = word.format(attribute["value"])


@asked
def list_not_understood(it: Drawing, shop: int) -> None:
    made = it.order(shop)
    it.truth.right[shop, made["name"]] = {it.paper(shop, made, service(it))}
    it.listed(shop, made, it.dice.choice(["factura 12", "CVZ0042", "nu are inca"]))


@asked
def list_row_refused(it: Drawing, shop: int) -> None:
    """It names the invoice rightly, and cannot be taken: nobody else names it."""
    made = it.order(shop)
    key = it.paper(shop, made, it.dice.choice(["smartbill", "fgo"]))
    it.listed(shop, made, it.written(shop, key), it.dice.choice(["1.2.3,4", "zece lei", "12-34"]))
    it.truth.right[shop, made["name"]] = {key}


@asked
def partly_credited(it: Drawing, shop: int) -> None:
    made = it.order(shop)
    it.named(shop, made, it.paper(shop, made, "stripe", credited_minor=made["total_minor"] // 4))


def number_used_again(it: Drawing, shop: int) -> None:
    """A courier gave one number twice: whose box it is, only its label can tell."""
    numbers = []
    for place in (shop, it.dice.randrange(2)):
        plain(it, place)
        it.truth.unclear.add((place, it.orders[place][-1]["name"]))
        numbers.append(it.codes.pop())
        it.orders[place][-1]["fulfillments"][0]["tracking"][0]["number"] = numbers[0]
    it.codes.append(numbers[0])


@asked
def other_sum(it: Drawing, shop: int) -> None:
    """The order was edited after its invoice was issued."""
    plain(it, shop)
    it.orders[shop][-1]["total_minor"] -= it.dice.choice([1, 700, 2500])


@asked
def other_currency(it: Drawing, shop: int) -> None:
    made = it.order(shop)
    where = it.dice.choice(["oblio", "stripe"])
    key = it.paper(shop, made, where, currency=it.dice.choice(["EUR", "HUF"]))
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
def foreign_company(it: Drawing, shop: int) -> None:
    """Of nearly the name of the one that the order bills."""
    found_of_a_company(it, shop)
    [key] = it.truth.right[shop, it.orders[shop][-1]["name"]]
    _change(it, shop, customer=f"{it.papers[key]['customer']} Trans")


@asked
def two_found(it: Drawing, shop: int) -> None:
    """Both over the order's sum."""
    found(it, shop)
    it.paper(shop, it.orders[shop][-1], "oblio")


@asked
def two_found_that_add_up(it: Drawing, shop: int) -> None:
    found(it, shop)
    made = it.orders[shop][-1]
    part = made["total_minor"] // it.dice.choice([2, 3])
    [first] = it.truth.right[shop, made["name"]]
    it.papers[first] |= {"total_minor": part}
    it.papers[it.paper(shop, made, "oblio")] |= {"total_minor": made["total_minor"] - part}


@asked
def partly_paid(it: Drawing, shop: int) -> None:
    plain(it, shop)
    it.orders[shop][-1] |= it.dice.choice(
        [
            {"financial_status": "PARTIALLY_PAID"},
            {"financial_status": "REFUNDED"},
            {"financial_status": "PARTIALLY_REFUNDED"},
            {"gateway": "gift_card"},
            {"return_status": "IN_PROGRESS"},
        ]
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


CLEAR = (
    plain, plain, plain, two_boxes_back, without_invoice, found, listed, found_of_a_company,
)  # fmt: skip
UNCLEAR = (
    account_not_told, not_understood, other_sum, other_currency, collected, foreign_and_older,
    foreign_of_the_same_sum, foreign_of_another_sum, two_found, partly_paid, one_box_of_two,
    two_name_one, negated, list_not_understood, partly_credited, number_used_again,
    two_found_that_add_up, list_row_refused, foreign_company,
)  # fmt: skip


def draw(seed: int, count: int, *, trouble: float = TROUBLE) -> World:
    """About `count` orders, of which at most this share must be asked about."""
    it = Drawing(seed)
    kinds = list(UNCLEAR)
    while it.number < count:
        shop = it.dice.randrange(2)
        room = len(it.truth.unclear) + 2 <= trouble * (it.number + 2)
        if room and kinds:
            kind = kinds.pop(it.dice.randrange(len(kinds)))
            kinds = kinds or list(UNCLEAR)
        else:
            kind = it.dice.choice(CLEAR)
        kind(it, shop)
        it.kinds[kind.__name__] += 1
    it.dice.shuffle(it.codes)
    outside = (_outside(it, 0), _outside(it, 1))
    return World(outside, it.codes, it.truth, it.lists, it.kinds)


def _outside(it: Drawing, shop: int) -> dict[str, Any]:
    whole = world([])
    whole["shop"] |= {"vat_code": VAT[shop]}
    papers = [paper for (where, _), paper in it.papers.items() if where == shop]
    return {**whole, "orders": it.orders[shop], "invoices": papers}
