"""The right order comes first, and is sure only where the label says so."""

import math
import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.finding_fit import regressed
from benchmarks.finding_labels import Errors, as_read, boxes, errors_of, shop, traps
from core.finding.compare import Agreement, Level
from core.finding.fields import FieldKind, PrintedLine, read_fields
from core.finding.known import Index, KnownOrder
from core.finding.weights import Lead, calibrated, evidence, rank, takes_itself


def label(*rows: str) -> list[PrintedLine]:
    return [
        PrintedLine(text, (0, 20 * at, 9 * len(text), 20 * at + 14)) for at, text in enumerate(rows)
    ]


ANA = KnownOrder(7, "#88017", "Ana Vrabie", "Bd. Carol 7", "Arad", "310133", "+40744000918",
                 (15500,), ((71, "CE123456785RO"),))  # fmt: skip
TWIN = KnownOrder(8, "#88090", "Ana Vrabie", "Bd. Carol 44", "Arad", "310133", "+40744000555",
                  (9900,), ((81, "CE123456799RO"),))  # fmt: skip


def index_of(*orders: KnownOrder) -> Index:
    others = shop(random.Random(4), 300)
    return Index([*orders, *(one for one in others if one.order_id > 20)])


def test_of_two_namesakes_the_one_whose_house_and_sum_stand_there_is_first() -> None:
    index = index_of(ANA, TWIN)
    read = read_fields(label("Destinatar", "VRABIE ANA", "Bulevardul Carol nr. 7", "310133 Arad",
                             "Ramburs: 155.00 LEI"))  # fmt: skip
    found = rank(read, index)
    assert [one.order.order.order_id for one in found[:2]] == [7, 8]
    levels = {one.kind: one.level for one in found[0].agreements}
    assert (
        levels[FieldKind.NAME] is levels[FieldKind.STREET] is levels[FieldKind.CASH] is Level.EXACT
    )
    assert found[0].sure > 0.5 > found[1].sure


def test_one_misread_letter_in_each_word_costs_no_order() -> None:
    read = read_fields(label("Destinatar", "Ana Vrahie", "Bd. Caroi 7", "Arod 310133",
                             "Ref 88017"))  # fmt: skip
    assert rank(read, index_of(ANA))[0].order.order.order_id == 7


def test_a_label_of_nobody_gives_nobody_that_is_sure() -> None:
    read = read_fields(label("Destinatar", "Zenobia Qwartz", "Hauptweg 3", "Wien 1010"))
    assert all(one.sure < 0.5 for one in rank(read, index_of(ANA, TWIN)))


def test_an_order_is_taken_alone_only_by_a_proven_number_and_another_witness() -> None:
    index = index_of(ANA, TWIN)
    number = "CE123456785RO"
    both = ("Destinatar", "Ana Vrabie", "Bd. Carol 7", "Arad 310133", number)
    assert takes_itself(rank(read_fields(label(*both)), index))
    assert not takes_itself(rank(read_fields(label(*both[:-1], "Ref 88017")), index))
    assert not takes_itself(rank(read_fields(label(number)), index))
    misread = number.replace("5RO", "6RO")
    assert not takes_itself(rank(read_fields(label(*both[:-1], misread)), index))


def test_an_old_label_below_a_new_one_takes_nothing() -> None:
    rows = ("Destinatar", "Zenobia Qwartz", "Hauptweg 3", "Wien 1010", "CE123456785RO")
    assert not takes_itself(rank(read_fields(label(*rows)), index_of(ANA, TWIN)))


def test_drawn_boxes_find_their_orders_and_traps_take_none() -> None:
    draw = random.Random(77)
    orders = shop(draw, 600)
    index = Index(orders)
    first = 0
    for one in boxes(draw, orders, 60):
        found = rank(read_fields(as_read(draw, one, Errors())), index)
        first += bool(found) and found[0].order.order.order_id == one.order_id
    assert first >= 57
    for one in traps(draw, orders, 60):
        assert not takes_itself(rank(read_fields(as_read(draw, one, Errors())), index))


agreed = st.dictionaries(st.sampled_from(FieldKind), st.sampled_from(Level), min_size=1).map(
    lambda levels: [Agreement(kind, level) for kind, level in levels.items()]
)


leads = st.builds(Lead, st.floats(-40, 40), st.floats(0, 40))


@given(leads, st.floats(0, 30), st.floats(0, 30), st.integers(0, 40), agreed)
def test_a_stronger_answer_is_never_said_less_surely(
    weaker: Lead, none: float, others: float, lines: int, agreements: list[Agreement]
) -> None:
    stronger = Lead(weaker.none + none, weaker.next + others)
    less, more = (calibrated(evidence(one, agreements, lines)) for one in (weaker, stronger))
    assert 0 <= less <= more <= 1


def test_the_same_lead_says_more_on_a_scrap_than_on_a_whole_label() -> None:
    """Of a scrap little can agree; a whole label that agrees as little is another order's."""
    agreements = [Agreement(FieldKind.NAME, Level.EXACT)]
    scrap, whole = (calibrated(evidence(Lead(9.0, 9.0), agreements, lines)) for lines in (3, 12))
    assert scrap > whole + 0.2


def test_a_next_order_that_fits_as_well_leaves_the_first_unsure() -> None:
    """However much likelier both are than that neither is right."""
    twin = replace(TWIN, street=ANA.street)
    rows = ("Destinatar", "Ana Vrabie", "Bd. Carol 7", "Arad 310133")
    both = rank(read_fields(label(*rows)), index_of(ANA, twin))
    alone = rank(read_fields(label(*rows)), index_of(ANA))
    assert both[0].sure < 0.6
    assert alone[0].sure > both[0].sure + 0.2


def test_what_is_said_to_be_nine_in_ten_is_right_nine_times_in_ten() -> None:
    draw = random.Random(12)
    examples = []
    for _ in range(20_000):
        strength, scrap = draw.gauss(0, 2), float(draw.random() < 0.5)
        right = draw.random() < 1 / (1 + math.exp(-(strength + 2 * scrap)))
        examples.append(({"one": 1.0, "strength": strength, "scrap": scrap}, right))
    found = regressed(examples)
    assert {name: round(value, 1) for name, value in found.items()} == {
        "one": pytest.approx(0, abs=0.11),
        "strength": pytest.approx(1, abs=0.11),
        "scrap": pytest.approx(2, abs=0.11),
    }


def test_a_readers_errors_are_counted_as_they_were_drawn() -> None:
    draw = random.Random(5)
    orders = shop(draw, 300)
    made = boxes(draw, orders, 250)
    for drawn in (Errors(0.0, 0.0, 0.0), Errors(0.03, 0.01, 0.1)):
        found = errors_of([(one, as_read(draw, one, drawn)) for one in made])
        assert found.line_lost == pytest.approx(drawn.line_lost, abs=0.02)
        assert found.wrong == pytest.approx(drawn.wrong, abs=0.008)
        assert found.lost == pytest.approx(drawn.lost, abs=0.008)


HOUSE = ("Destinatar", "{}", "Bd. Carol 7", "Arad 310133", "Tel: 0744000918")


@pytest.mark.parametrize(
    ("name", "rest"),
    [
        ("Ana Vrabie", ("Comanda: 91422",)),  # the customer's other order
        ("Ana Vrabie", ("Ramburs: 71.30 LEI",)),
        ("Ana Vrabie", ("Comanda: 91422", "Ramburs: 71.30 LEI")),
        ("Doru Vrabie", ()),  # the father's label
        ("DORU VRABIE", ("Ramburs: 71.30 LEI",)),
    ],
)
def test_another_order_of_the_same_house_and_phone_is_never_said_to_be_sure(
    name: str, rest: tuple[str, ...]
) -> None:
    read = read_fields(label(*(row.format(name) for row in HOUSE), *rest))
    found = rank(read, index_of(ANA, TWIN))
    assert found[0].order.order.order_id == 7
    assert found[0].sure <= 0.5


@pytest.mark.parametrize(
    ("name", "rest"),
    [
        ("Ana Vrabie", ()),
        ("Ana Vrabie", ("Comanda: 88017", "Ramburs: 71.30 LEI")),  # the reference is the order's
        ("Ana", ()),  # the surname is lost, and nobody else's stands there
        ("Ana Vrahie", ()),
    ],
)
def test_the_same_house_and_phone_are_sure_where_nothing_says_another(
    name: str, rest: tuple[str, ...]
) -> None:
    read = read_fields(label(*(row.format(name) for row in HOUSE), *rest))
    assert rank(read, index_of(ANA, TWIN))[0].sure > 0.8
