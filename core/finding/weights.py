"""What an agreement is worth, and how sure the best order is.

Weights after Fellegi and Sunter (A Theory for Record Linkage, JASA 1969): the logarithm of how much
likelier a comparison is for the label of the order than for one of another. For a value that
agrees, the second likelihood is its share among the shop's own orders; for the rest it was counted.
`weights.json` is written by `benchmarks.finding_fit`, from drawn labels.
"""

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

from core.finding.compare import ADDRESS, AGREES, Agreement, LabelView, Level
from core.finding.fields import FieldKind, Fields
from core.finding.known import Index, Prepared

# A value that agrees by chance at least so often, however rare it is among the shop's orders: a
# label of another shop, an old label below, a misread. For near and part more values would fit.
FLOORS = {
    FieldKind.TRACKING: 1e-6,
    FieldKind.REFERENCE: 2e-5,
    FieldKind.NAME: 2e-6,
    FieldKind.STREET: 2e-5,
    FieldKind.TOWN: 5e-4,
    FieldKind.POSTCODE: 1e-4,
    FieldKind.PHONE: 2e-6,
    FieldKind.CASH: 2e-4,
}
WIDER = {Level.EXACT: 1.0, Level.NEAR: 8.0, Level.PART: 2.0}
COMING_BACK = 1.5  # a courier says so: e to this power times as likely
ROLE = {"receiver": 0.0, "": -0.7, "sender": -2.5}  # whether a block is the customer's
MOST_COMPARED = 1000
LEAST_ODDS, MOST_ODDS, MOST_LINES = -8.0, 20.0, 12  # beyond, more of it says nothing new
MOST_KINDS = 5
ITS_OWN = (FieldKind.TRACKING, FieldKind.REFERENCE, FieldKind.PHONE, FieldKind.CASH)
UNDECIDED = 0.5  # how sure of one of two orders of the same people
SOMEBODY = 0.8  # how sure at most of who lives in a house
COMMON = 0.02  # of the shop's orders share it: no sum that says which order
IN_SHOP = 0.9  # of the boxes that no bars led to, those whose order is open here


@dataclass(frozen=True)
class OrderCandidate:
    """An order that a label may belong to. `sure`: 0 to 1, as often as such answers are right."""

    order: Prepared
    weight: float
    agreements: tuple[Agreement, ...]
    sure: float = 0.0


@cache
def _fitted() -> dict[str, dict[str, float]]:
    text = resources.files(__package__).joinpath("weights.json").read_text(encoding="utf-8")
    found: dict[str, dict[str, float]] = json.loads(text)
    return found


def worth(one: Agreement) -> float:
    """The weight of one comparison, in natural logarithms; below 0 it speaks against the order."""
    fitted = _fitted().get(one.kind, {})
    seen = fitted.get(f"match_{one.level}", 0.5)
    if one.level in AGREES:
        chance = max(FLOORS[one.kind], min(1.0, one.share * WIDER[one.level]))
        return math.log(seen / chance)
    return math.log(seen / fitted.get(f"random_{one.level}", 0.5))


def weigh(view: LabelView, order: Prepared) -> OrderCandidate:
    """One order against a label: what stands anywhere, and the address that fits best."""
    anywhere, *addresses = view.compare(order)
    best: Sequence[Agreement] = ()
    best_weight = sum(worth(Agreement(kind, Level.ABSENT)) for kind in ADDRESS)
    for block, found in zip(view.blocks, addresses, strict=True):
        role = 0.0 if view.turned else ROLE[block.role]
        weight = role + sum(worth(one) for one in found)
        if weight > best_weight:
            best, best_weight = found, weight
    if not addresses:
        best_weight = 0.0
    back = COMING_BACK if order.order.coming_back else 0.0
    weight = best_weight + back + sum(worth(one) for one in anywhere)
    return OrderCandidate(order, weight, (*anywhere, *best))


def rank(fields: Fields, index: Index, most: int = 3) -> list[OrderCandidate]:
    """The likeliest orders of a label, best first, with how sure each is."""
    found = ranked(fields, index)
    if not found:
        return []
    # Against all other open orders, and against none of them.
    prior = math.log(IN_SHOP / index.count)
    odds = [one.weight + prior for one in found]
    none = math.log(1 - IN_SHOP)
    top = max([none, *odds])
    whole = math.exp(none - top) + sum(math.exp(one - top) for one in odds)
    shares = [math.exp(one - top) / whole for one in odds]
    ahead = lead(found, index)
    probability = calibrated(evidence(ahead, found[0].agreements, len(fields.lines)))
    # Of two that fit alike neither is surer than a half, whatever was seen of answers like it.
    best = min(probability, 1 / (1 + math.exp(-ahead.next)))
    if of_the_household(found[0].agreements):
        best = min(best, UNDECIDED)
    elif nameless(found[0].agreements):
        best = min(best, SOMEBODY)
    rest = max(1e-9, 1 - shares[0])
    sures = [best, *(min(best, (1 - best) * share / rest) for share in shares[1:])]
    return [
        OrderCandidate(one.order, one.weight, one.agreements, round(sure, 3))
        for one, sure in zip(found, sures, strict=True)
        if not one.order.order.closed
    ][:most]


def ranked(fields: Fields, index: Index) -> list[OrderCandidate]:
    """The orders that share something with a label, weighed but not said how surely: the likeliest
    open one, then the others by their weight, closed ones among them. Empty without an open one."""
    view = LabelView(fields, index)
    found = [weigh(view, one) for one in index.rough(view.keys())]
    found = [one for one in found if any(a.level in AGREES for a in one.agreements)]
    found.sort(key=lambda one: (-one.weight, one.order.order.order_id))
    first = next((one for one in found if not one.order.order.closed), None)
    return [] if first is None else [first, *(one for one in found if one is not first)]


def of_the_household(agreements: Sequence[Agreement]) -> bool:
    """Whether the label is as likely of another order of the same people: nothing agrees that only
    this order bears, and the reference, the sum or the first name says another.

    A phone and an address are of a customer, or of father and son.
    """
    if its_own(agreements):
        return False
    levels = {one.kind: one.level for one in agreements}
    denied = any(levels.get(kind) is Level.OTHER for kind in (FieldKind.REFERENCE, FieldKind.CASH))
    return denied or any(one.kind is FieldKind.NAME and one.another for one in agreements)


def nameless(agreements: Sequence[Agreement]) -> bool:
    """Whether a house or a phone agrees and neither a name nor what only this order bears: it is
    somebody's who lives there."""
    return not its_own(agreements) and not any(
        one.kind is FieldKind.NAME and one.level in AGREES for one in agreements
    )


def its_own(agreements: Sequence[Agreement]) -> list[FieldKind]:
    """The kinds that agree and that only one order bears, which its household does not share.

    Many orders ask for nothing, or for one sum; of two numbers that follow each other one reads
    nearly as the other.
    """
    return [
        one.kind for one in agreements
        if one.kind in ITS_OWN and one.kind is not FieldKind.PHONE
        and one.level in AGREES and one.share <= COMMON
        and not (one.kind is FieldKind.REFERENCE and one.level is not Level.EXACT)
    ]  # fmt: skip


@dataclass(frozen=True)
class Lead:
    """How much likelier the best order is, in natural logarithms: than that none of the shop's is
    right, and than the next one."""

    none: float
    next: float


def lead(candidates: Sequence[OrderCandidate], index: Index) -> Lead:
    """Of the first of these, best first; alone it leads by as much as counts."""
    best, *others = (one.weight for one in candidates)
    none = best + math.log(IN_SHOP / index.count) - math.log(1 - IN_SHOP)
    return Lead(none, best - others[0] if others else MOST_ODDS)


def evidence(ahead: Lead, agreements: Sequence[Agreement], lines: int) -> dict[str, float]:
    """What is asked of a best order before it is said how sure it is: how far it leads, how many
    lines could be read, and how each kind of field compares.

    The same lead means another thing on a scrap of a label, where little can agree or speak against
    it, than on a whole one; without an address; and by name and town alone, which a namesake of the
    same street shares, than by what only one order bears (number, reference, phone, sum).
    """
    none = min(MOST_ODDS, max(LEAST_ODDS, ahead.none)) / 10
    next_one = min(MOST_ODDS, max(0.0, ahead.next)) / 10
    read = min(MOST_LINES, lines) / 10
    levels = {one.kind: one.level for one in agreements}
    speak_for = [kind for kind, level in levels.items() if level in AGREES]
    against = [kind for kind, level in levels.items() if level is Level.OTHER]
    own = [kind for kind in ITS_OWN if kind in speak_for]
    # Of a number that is not the order's nothing is learnt: a new one is what brought the box here.
    denied = [kind for kind in ITS_OWN if kind in against and kind is not FieldKind.TRACKING]
    place = [kind for kind in ADDRESS if kind in speak_for]
    person = (levels.get(kind, Level.ABSENT) for kind in (FieldKind.NAME, FieldKind.STREET))
    by = "own" if own else "place"
    alone = f"own_{min(2, len(own))}_{min(2, len(denied))}"
    features = {
        "one": 1.0, "none": none, "next": next_one, "least": min(none, next_one),
        f"none_{by}": none, f"next_{by}": next_one, "read": read, "read_squared": read**2,
        f"for_{min(MOST_KINDS, len(speak_for))}": 1.0,
        f"against_{min(MOST_KINDS, len(against))}": 1.0,
        alone: 1.0, f"{alone}_read": read,
        _named("person", person): 1.0, _named("place", place): 1.0,
        _named("said", [kind for kind in own if kind is not FieldKind.TRACKING]): 1.0,
    }  # fmt: skip
    if FieldKind.NAME not in levels:
        features |= {"bare": 1.0, f"{alone}_bare": 1.0, "bare_none": none, "bare_next": next_one}
    return features | {f"{kind}_{level}": 1.0 for kind, level in levels.items()}


def _named(what: str, values: Iterable[str]) -> str:
    return "_".join([what, *values])


def calibrated(features: Mapping[str, float]) -> float:
    """How often an answer of this evidence was right on the labels of the fit (a logistic
    regression, `benchmarks.finding_fit`)."""
    table = _fitted().get("calibration", {"least": 10.0})
    score = sum(table.get(name, 0.0) * value for name, value in features.items())
    return 1 / (1 + math.exp(-score))


# ---------------------------------------------------------------- without a person

SURE_ENOUGH = 0.97
# What a courier prints from the order itself; a town or a postcode alone is no witness.
WITNESSES = (FieldKind.REFERENCE, FieldKind.NAME, FieldKind.PHONE, FieldKind.CASH)
RARE = 0.01  # of the shop's orders share it
AGAINST = (FieldKind.NAME, FieldKind.REFERENCE, FieldKind.CASH, FieldKind.PHONE)


def takes_itself(candidates: Sequence[OrderCandidate]) -> bool:
    """Whether the best is certain: its printed number with a check digit, and a second field.

    Nothing else on the label may speak against it, or for another number: an old label on a box
    that was used again shows a right number beside another person's name. The preference
    `take_found_orders` is asked besides.
    """
    if not candidates or candidates[0].sure < SURE_ENOUGH:
        return False
    best = candidates[0].agreements
    numbers = [one for one in best if one.kind is FieldKind.TRACKING]
    proven = any(one.level is Level.EXACT and one.sure for one in numbers)
    seconds = [one for one in best if one.kind in WITNESSES and _witness(one)]
    against = [
        one for one in best if one.kind in AGAINST and (one.level is Level.OTHER or one.another)
    ]
    rival = any(
        one.kind is FieldKind.TRACKING and one.level is Level.EXACT
        for other in candidates[1:]
        for one in other.agreements
    )
    return proven and bool(seconds) and not against and not rival


def _witness(one: Agreement) -> bool:
    return one.level is Level.EXACT and one.share <= RARE
