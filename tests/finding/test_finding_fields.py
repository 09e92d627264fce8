"""A label's lines become fields, whatever the courier, the language and the reader's slips."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.finding.captions import Caption, caption_of
from core.finding.fields import PrintedLine, minor_units, read_fields
from core.finding.folding import digit_like, distance, fold
from core.finding.senders import Sender, without


def label(*rows: str) -> list[PrintedLine]:
    return [
        PrintedLine(text, (0, 20 * at, 9 * len(text), 20 * at + 14)) for at, text in enumerate(rows)
    ]


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Șos. Ștefan cel Mare nr. 5", "SOS STEFAN CEL MARE NR 5"),
        ("Łódź, ul. Świętokrzyska", "LODZ UL SWIETOKRZYSKA"),
        ("Győr, Kossuth út", "GYOR KOSSUTH UT"),
        ("Straße 9, Köln", "STRASSE 9 KOLN"),
        ("бул. Цариградско шосе", "BUL TSARIGRADSKO SHOSE"),
    ],
)
def test_marks_and_alphabets_are_folded(text: str, folded: str) -> None:
    assert fold(text) == folded


@given(st.text(max_size=40))
def test_what_is_folded_stays_as_it_is(text: str) -> None:
    assert fold(fold(text)) == fold(text)
    assert fold(text.lower()) in (fold(text), fold(text.lower().upper()))


@given(st.text("ABCD", max_size=8), st.text("ABCD", max_size=8))
def test_a_distance_is_the_same_both_ways_and_nothing_only_for_the_same(a: str, b: str) -> None:
    assert distance(a, b, 9) == distance(b, a, 9)
    assert (distance(a, b, 9) == 0) == (a == b)


def test_letters_and_digits_that_readers_mix_up_compare_alike() -> None:
    assert digit_like("1ONB24") == digit_like("10N824") == digit_like("lONB24".upper())


@pytest.mark.parametrize(
    ("text", "caption", "rest"),
    [
        ("Destinatar: Ana Pop", Caption.RECEIVER, "Ana Pop"),
        ("Címzett", Caption.RECEIVER, ""),
        ("Наложен платеж: 12,00 лв", Caption.CASH, "12,00 лв"),
        ("Nr zamówienia 88123", Caption.REFERENCE, "88123"),
        ("Rücksendung zu 00340434", Caption.ORIGINAL, "00340434"),
        ("AWB inițial 5512345678", Caption.ORIGINAL, "5512345678"),
    ],
)
def test_a_caption_is_known_in_its_language(text: str, caption: Caption, rest: str) -> None:
    found = caption_of(text)
    assert found is not None
    assert (found.caption, found.rest) == (caption, rest)


@pytest.mark.parametrize("name", ["Toma Ion", "An der Alster 3", "Client Maria Ene", "Ordeanu Ion"])
def test_a_name_that_begins_like_a_caption_is_none(name: str) -> None:
    assert caption_of(name) is None


@pytest.mark.parametrize(
    ("text", "minor"),
    [("104.89 LEI", 10489), ("1.234,50 lei", 123450), ("1 234.50", 123450), ("88", 8800),
     ("0.00", 0), ("2,500 RON", 250000), ("7.5", 750), ("lei", None)],
)  # fmt: skip
def test_an_amount_is_read_as_it_is_written(text: str, minor: int | None) -> None:
    assert minor_units(text) == minor


@given(st.integers(0, 99_999_999))
def test_every_amount_is_read_in_every_writing(minor: int) -> None:
    whole, cents = divmod(minor, 100)
    for text in (f"{whole}.{cents:02d} lei", f"{whole},{cents:02d}", f"{whole:,}.{cents:02d} RON"):
        assert minor_units(text) == minor


def test_a_label_gives_numbers_reference_cash_phone_and_weight() -> None:
    found = read_fields(
        label(
            "Expeditor",
            "Depozit Sud SRL",
            "Str. Lunga 1, Arad 310001",
            "Destinatar",
            "Ilinca Vrabie",
            "Bd. Carol 7",
            "Referinta: 55021",
            "Suma de incasat: 1.020,40 lei",
            "Tel: 0744 *** 918",
            "CE123456785RO",
            "Greutate 2,5 kg",
        )
    )
    assert [one.key for one in found.numbers if one.sure] == ["CE123456785RO"]
    assert [one.text for one in found.references] == ["55021"]
    assert [one.text for one in found.cash] == ["102040"]
    assert [one.text for one in found.phones] == ["918"]
    assert [one.text for one in found.weights] == ["2500"]
    roles = {block.role: [one.text for one in block.lines] for block in found.blocks}
    assert roles["receiver"][:2] == ["ILINCA VRABIE", "BD CAROL 7"]
    assert roles["sender"][0] == "DEPOZIT SUD SRL"


def test_blocks_side_by_side_keep_their_own_lines() -> None:
    rows = [
        ("From", 0, 0),
        ("Depozit Sud SRL", 0, 20),
        ("Arad", 0, 40),
        ("Deliver to", 300, 0),
        ("Ilinca Vrabie", 300, 20),
        ("Bd. Carol 7", 300, 40),
    ]
    found = read_fields([PrintedLine(t, (x, y, x + 8 * len(t), y + 14)) for t, x, y in rows])
    roles = {block.role: [one.text for one in block.lines] for block in found.blocks}
    assert roles == {
        "sender": ["DEPOZIT SUD SRL", "ARAD"], "receiver": ["ILINCA VRABIE", "BD CAROL 7"],
    }  # fmt: skip


def test_the_shops_own_address_is_left_out_on_whichever_side_it_stands() -> None:
    own = ["Depozit Sud SRL", "Str. Lunga 1, Arad 310001"]
    back = label("Expeditor", "Ilinca Vrabie", "Bd. Carol 7", "Destinatar", "DEPOZIT SUD S.R.L",
                 "Str Lunga 1 Arad", "310001")  # fmt: skip
    found = without(read_fields(back), Sender(own))
    assert [one.text for block in found.blocks for one in block.lines] == [
        "ILINCA VRABIE", "BD CAROL 7",
    ]  # fmt: skip


@given(st.lists(st.text(max_size=60), max_size=12))
def test_no_print_breaks_the_reading(rows: list[str]) -> None:
    found = without(read_fields(label(*rows)), Sender(rows[:1]))
    assert all(one.line < len(found.lines) for one in found.numbers)
