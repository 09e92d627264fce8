"""Labels of people who share a house, a phone or a name are not said to be surely an order's."""

import random

import pytest

from benchmarks.finding_households import Tie, known_to, labels_of, opened, pairs
from benchmarks.finding_labels import Errors, as_read, partly, shop
from core.finding.fields import PrintedLine, read_fields
from core.finding.known import Index, KnownOrder
from core.finding.weights import SOMEBODY, UNDECIDED, rank, takes_itself

OTHERS = [one for one in shop(random.Random(19), 200) if one.order_id > 20]
SON = KnownOrder(7, "#70331", "Silviu Brândaș", "Aleea Nucului 31", "Sebeș", "515800",
                 "+40756880142", (9250,))  # fmt: skip


def sure_of(*rows: str) -> float:
    lines = [PrintedLine(text, (0, 20 * at, 200, 20 * at + 14)) for at, text in enumerate(rows)]
    found = rank(read_fields(lines), Index([SON, *OTHERS]))
    assert found[0].order.order.order_id == 7
    return found[0].sure


@pytest.mark.parametrize("seed", [4410, 9027])
def test_what_a_shop_knows_of_both_orders_is_never_wrong_and_sure(seed: int) -> None:
    """Whole labels and parts of them, the other order open or closed; none is taken by itself."""
    draw = random.Random(f"households {seed}")
    orders = shop(draw, 250)
    drawn = pairs(draw, orders, 40)
    index = Index(known_to(orders, drawn))
    for one, made in labels_of(draw, drawn):
        whole = as_read(draw, made, Errors())
        for lines in (whole, partly(draw, whole)):
            found = rank(read_fields(lines), index)
            if found and found[0].order.order.order_id != made.order_id:
                assert found[0].sure <= 0.95, one.tie
                assert not takes_itself(found)
            closed = {pair.other.order_id for pair in drawn if not pair.is_open}
            assert not closed & {each.order.order.order_id for each in found}


def test_each_tie_shares_what_it_says_and_nothing_that_tells_the_order() -> None:
    draw = random.Random(33)
    for one in pairs(draw, shop(draw, 120), 60):
        known, other = one.known, one.other
        assert (known.name, known.trackings) != (other.name, other.trackings)
        assert known.postcode == other.postcode
        same = known.customer == other.customer
        assert same == (one.tie in (Tie.CUSTOMER, Tie.DELIVERED))
        if one.tie is Tie.FATHER:
            assert known.customer.partition(" ")[2] == other.customer.partition(" ")[2]
        if one.tie is Tie.BLOCK:
            assert known.street != other.street
            assert known.phone != other.phone
    assert len(opened([], pairs(draw, shop(draw, 60), 50))) < 50


@pytest.mark.parametrize(
    "rows",
    [
        ("Tel: 0756880142",),
        ("Destinatar", "Aleea Nucului 31", "515800 Sebes", "Tel: 0756880142"),
        ("Destinatar", "Aleea Nucului 31", "515800 Sebes"),
        ("Aleea Nucului 31", "Telefon 0756****142"),
    ],
)
def test_a_scrap_with_a_house_or_a_phone_and_no_name_is_of_somebody_there(
    rows: tuple[str, ...],
) -> None:
    assert sure_of(*rows) <= SOMEBODY


@pytest.mark.parametrize(
    "rows",
    [
        ("Tel: 0756880142", "Comanda: 70331"),
        ("Destinatar", "Aleea Nucului 31", "515800 Sebes", "Ramburs: 92,50 lei"),
        ("Destinatar", "Silviu Brandas", "Aleea Nucului 31", "515800 Sebes", "Tel: 0756880142"),
    ],
)
def test_a_name_or_what_only_the_order_bears_says_more(rows: tuple[str, ...]) -> None:
    assert sure_of(*rows) > SOMEBODY


@pytest.mark.parametrize("rest", ["Comanda: 81992", "Ramburs: 41,00 lei"])
def test_another_order_of_the_same_people_is_as_likely_without_a_phone(rest: str) -> None:
    rows = ("Destinatar", "Silviu Brandas", "Aleea Nucului 31", "515800 Sebes")
    assert sure_of(*rows, rest) <= UNDECIDED
