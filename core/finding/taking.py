"""When an order may be taken without a person: two witnesses that do not know of each other."""

from collections.abc import Sequence

from core.finding.compare import Agreement, Level
from core.finding.fields import Kind
from core.finding.weights import Candidate

SURE_ENOUGH = 0.97
# What a courier prints from the order itself; a town or a postcode alone is no witness.
WITNESSES = (Kind.REFERENCE, Kind.NAME, Kind.PHONE, Kind.CASH)
RARE = 0.01  # of the shop's orders share it
AGAINST = (Kind.NAME, Kind.REFERENCE, Kind.CASH, Kind.PHONE)


def takes_itself(candidates: Sequence[Candidate]) -> bool:
    """Whether the best is certain: its printed number with a check digit, and a second field.

    Nothing else on the label may speak against it, or for another number: an old label on a box
    that was used again shows a right number beside another person's name. The preference
    `take_found_orders` is asked besides.
    """
    if not candidates or candidates[0].sure < SURE_ENOUGH:
        return False
    best = candidates[0].agreements
    numbers = [one for one in best if one.kind is Kind.TRACKING]
    proven = any(one.level is Level.EXACT and one.sure for one in numbers)
    seconds = [one for one in best if one.kind in WITNESSES and _witness(one)]
    against = [one for one in best if one.kind in AGAINST and one.level is Level.OTHER]
    rival = any(
        one.kind is Kind.TRACKING and one.level is Level.EXACT
        for other in candidates[1:]
        for one in other.agreements
    )
    return proven and bool(seconds) and not against and not rival


def _witness(one: Agreement) -> bool:
    return one.level is Level.EXACT and one.share <= RARE
