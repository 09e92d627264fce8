"""Labels of people who share what a label tells: one house, one phone, one surname, one name.

An open order of one of them stands beside another order, open or not, and a label of either is
read: `python -m benchmarks.finding_households` prints how often an answer is wrong and said sure.
"""

import argparse
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from benchmarks.finding import Tally
from benchmarks.finding_labels import Errors, Sheet, as_read, order, partly, sheet, shop
from core.finding.known import Index, KnownOrder

SEED = 5151
FIRST_OTHER = 2_000_000  # the numbers of the orders that are added
SHARED_PHONE = 0.5  # of those of one house
CODES = ("new", "torn", "covered")


class Tie(StrEnum):
    """What two orders share."""

    FATHER = "father and son"  # surname and address, every second time the phone
    COUPLE = "couple of two surnames"  # address, every second time the phone
    CUSTOMER = "one customer, both open"  # all but number, reference and sum
    DELIVERED = "one customer, one delivered"
    BLOCK = "neighbours of one block"  # street, house, town and postcode


@dataclass(frozen=True)
class Pair:
    """An open order of the shop, and the other; `is_open`: a box of the other is waited for."""

    tie: Tie
    known: KnownOrder
    other: KnownOrder
    is_open: bool


def pairs(draw: random.Random, orders: Sequence[KnownOrder], count: int) -> list[Pair]:
    """So many, each tie as often, each of another order of the shop."""
    ties = tuple(Tie)
    chosen = draw.sample(list(orders), count)
    return [_pair(draw, ties[at % len(ties)], one, at) for at, one in enumerate(chosen)]


def _pair(draw: random.Random, tie: Tie, known: KnownOrder, at: int) -> Pair:
    other = order(draw, FIRST_OTHER + at)
    first, _, last = other.customer.partition(" ")
    house = replace(
        other, street=known.street, town=known.town, postcode=known.postcode,
        phone=known.phone if draw.random() < SHARED_PHONE else other.phone,
    )  # fmt: skip
    surname = known.customer.partition(" ")[2]
    if tie is Tie.FATHER:
        own = known.customer.partition(" ")[0]
        other = replace(house, customer=f"{_but(draw, own, first)} {surname}")
    elif tie is Tie.COUPLE:
        other = replace(house, customer=f"{first} {_but(draw, surname, last)}")
    elif tie is Tie.BLOCK:
        street = known.street.partition(",")[0]
        block = known.street.partition("bl. ")[2].partition(",")[0] or f"B{draw.randrange(1, 30)}"
        street = f"{street}, bl. {block}, ap. {draw.randrange(60, 120)}"
        other = replace(house, phone=other.phone, street=street)
    else:
        other = replace(house, phone=known.phone, customer=known.customer)
    is_open = tie is Tie.CUSTOMER or (tie is not Tie.DELIVERED and draw.random() < 0.5)
    return Pair(tie, known, other, is_open)


def _but(draw: random.Random, taken: str, name: str) -> str:
    """A name that is not `taken`."""
    while name == taken:
        name = draw.choice(("Ilarie", "Zamfira", "Octav", "Despina"))
    return name


def opened(orders: Sequence[KnownOrder], drawn: Sequence[Pair]) -> list[KnownOrder]:
    """The shop's open orders with those of the pairs."""
    return [*orders, *(one.other for one in drawn if one.is_open)]


def known_to(orders: Sequence[KnownOrder], drawn: Sequence[Pair]) -> list[KnownOrder]:
    """As `opened`, and those that are not open as closed ones: what a desk knows."""
    closed = [replace(one.other, closed=True) for one in drawn if not one.is_open]
    return [*opened(orders, drawn), *closed]


def labels_of(draw: random.Random, drawn: Sequence[Pair]) -> list[tuple[Pair, Sheet]]:
    """A label of either order of each pair; of one that is not open it is a trap."""
    made = []
    for one in drawn:
        which = draw.choice((one.known, one.other))
        right = which.order_id if which is one.known or one.is_open else None
        made.append((one, sheet(draw, which, draw.choice(CODES), right)))
    return made


def main() -> None:
    """Print a row for each tie, of whole labels and of parts of them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pairs", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--closed", action="store_true", help="the shop has the closed orders, too")
    asked = parser.parse_args()
    draw = random.Random(f"{asked.seed} households")
    orders = shop(draw, 5000)
    drawn = pairs(draw, orders, asked.pairs)
    index = Index(known_to(orders, drawn) if asked.closed else opened(orders, drawn))
    tallies = {(tie, part): Tally(index) for tie in Tie for part in ("whole", "part")}
    for one, made in labels_of(draw, drawn):
        lines = as_read(draw, made, Errors())
        tallies[one.tie, "whole"].look(made, lines)
        tallies[one.tie, "part"].look(made, partly(draw, lines))
    for (tie, part), tally in tallies.items():
        wrong = sum(sure > 0.95 and not right for sure, right in tally.answers)
        print(f"{tie}, {part}: said over 95 % sure and wrong {wrong}; {tally.row()}")
    together = Tally(index)
    together.answers = [answer for tally in tallies.values() for answer in tally.answers]
    print("said 85 to 95 % sure, of all:", together.band())


if __name__ == "__main__":
    main()
