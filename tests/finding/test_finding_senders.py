"""What is the shop's own on a label is learnt, and never weighed as the receiver's."""

import random
from collections.abc import Sequence

import pytest

from benchmarks import finding_labels
from benchmarks.finding_labels import Errors, as_read, boxes, shop
from core.finding.compare import Level
from core.finding.fields import FieldKind, Fields, PrintedLine, read_fields
from core.finding.folding import fold
from core.finding.known import Index, KnownOrder
from core.finding.senders import LEAST_LABELS, Sender, recurring, without
from core.finding.weights import rank

OWN = ("Casa Brândușa SRL", "Str. Teilor 41, et. 2", "Lugoj 305500")
ILEANA = KnownOrder(
    3, "#7001", "Ileana Stoian", "Str. Podului 9", "Lugoj", "305501", "+40755010203"
)


def label(*rows: str) -> list[PrintedLine]:
    return [
        PrintedLine(text, (0, 20 * at, 9 * len(text), 20 * at + 14)) for at, text in enumerate(rows)
    ]


def learnt(labels: Sequence[Fields]) -> tuple[str, ...]:
    return recurring([(one.blocks, one.phones) for one in labels])


def texts(fields: Fields) -> list[str]:
    return [row.text for block in fields.blocks for row in block.lines]


def a_sender(draw: random.Random) -> tuple[str, str, str]:
    """A shop's name and address that no other test uses."""
    word = "".join(draw.choice("bdfglmnprst") + draw.choice("aeiou") for _ in range(4))
    town = draw.choice(finding_labels.TOWNS)
    street = f"Str. {draw.choice(finding_labels.STREETS)} {draw.randrange(190, 900)}"
    return f"{word.title()} Comert SRL", street, f"{town} {draw.randrange(600_000, 999_999)}"


@pytest.mark.parametrize("seed", range(8))
def test_the_lines_on_every_label_of_a_pile_are_its_senders(
    monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    draw = random.Random(f"senders {seed}")
    own = a_sender(draw)
    monkeypatch.setattr(finding_labels, "SENDER", own)
    orders = shop(draw, 400)
    read = [read_fields(as_read(draw, one, Errors())) for one in boxes(draw, orders, 14)]
    found = learnt(read)
    assert {fold(one) for one in own} <= set(found)
    customers = {fold(one.customer) for one in orders} | {fold(one.street) for one in orders}
    assert not customers & set(found)


def test_boxes_of_one_customer_teach_nothing() -> None:
    rows = ("Expeditor", *OWN, "Destinatar", "Ileana Stoian", "Str. Podului 9", "Lugoj 305501")
    for count in (4, 9):
        read = [read_fields(label(*rows, f"Zona {at}", f"Colet {at}")) for at in range(count)]
        assert learnt(read) == ()


def test_a_town_most_customers_live_in_is_not_the_senders() -> None:
    people = ("Ada Moga", "Horia Lup", "Ilie Bors", "Nora Tamas", "Petru Zaharia")
    read = [
        read_fields(label("Destinatar", name, f"Bd. Revoltei {at}", "Deva"))
        for at, name in enumerate(people)
    ]
    assert learnt(read) == ()
    beside = [
        read_fields(
            label("Expeditor", "Mobila Fina SRL", "Deva", "Destinatar", name, f"Aleea {at}")
        )
        for at, name in enumerate(people)
    ]
    assert set(learnt(beside)) == {"MOBILA FINA SRL", "DEVA"}


def test_fewer_labels_than_four_teach_nothing() -> None:
    people = ("Ada Moga", "Horia Lup", "Ilie Bors", "Nora Tamas", "Petru Zaharia")
    read = [read_fields(label("Expeditor", *OWN, "Destinatar", one, "Deva")) for one in people]
    assert learnt(read[: LEAST_LABELS - 1]) == ()
    assert set(learnt(read[:LEAST_LABELS])) == {fold(one) for one in OWN}


def test_a_customer_in_the_shops_own_town_and_street_keeps_their_lines() -> None:
    rows = ("Expeditor", *OWN, "Destinatar", "Ileana Stoian", "Str. Teilor 40", "Lugoj 305500")
    left = without(read_fields(label(*rows)), Sender(OWN))
    assert texts(left) == ["ILEANA STOIAN", "STR TEILOR 40", "LUGOJ 305500"]
    assert [one.text for block in left.blocks for one in block.postcodes] == ["305500"]


@pytest.mark.parametrize("phone", ["0256 351 777", "+40 256 351 777", "0256.351.777"])
def test_the_shops_phone_is_nobody_elses(phone: str) -> None:
    rows = ("Destinatar", "Ileana Stoian", "Str. Podului 9", "Lugoj 305501", f"Tel: {phone}")
    known = Sender(["Tel 0256351777"])
    order = rank(without(read_fields(label(*rows)), known), Index([ILEANA]))[0]
    levels = {one.kind: one.level for one in order.agreements}
    assert levels[FieldKind.PHONE] is Level.ABSENT
    order = rank(read_fields(label(*rows)), Index([ILEANA]))[0]
    assert {one.kind: one.level for one in order.agreements}[FieldKind.PHONE] is Level.OTHER


def test_an_order_to_the_shop_itself_is_not_the_receiver_of_a_way_back() -> None:
    """A trial order to the shop's own address had outweighed the customer on each such label."""
    trial = KnownOrder(9, "#6999", OWN[0], OWN[1], "Lugoj", "305500", "+40256351777")
    index = Index([ILEANA, trial, *shop(random.Random(31), 200)[20:]])
    rows = label("Expeditor", "Ileana Stoian", "Str. Podului 9", "Lugoj 305501", "Destinatar", *OWN)
    assert rank(read_fields(rows), index)[0].order.order.order_id == 9
    found = rank(without(read_fields(rows), Sender(OWN)), index)
    assert found[0].order.order.order_id == 3
    assert 9 not in [one.order.order.order_id for one in found]


def test_nothing_known_leaves_everything() -> None:
    fields = read_fields(label("Expeditor", *OWN, "Destinatar", "Ileana Stoian", "Deva"))
    assert without(fields, Sender()) == fields
    assert without(fields, Sender(["", "  ", "–"])) == fields
