"""Labels whose print had led to a wrong order, or had spoken against the right one."""

import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.finding_labels import shop
from core.finding.compare import Level
from core.finding.fields import FieldKind, PrintedLine, as_json, fields_of, read_fields
from core.finding.folding import fold
from core.finding.known import Index, KnownOrder, house_numbers
from core.finding.weights import OrderCandidate, rank, takes_itself

DORA = KnownOrder(7, "#61204", "Mihai Hanganu", "Str. 1 Decembrie 1918 nr. 40", "Deva", "330025",
                  "+40731204466", (18450,), ((71, "CE123456785RO"),))  # fmt: skip
OTHERS = [one for one in shop(random.Random(8), 250) if one.order_id > 20]


def label(*rows: str) -> list[PrintedLine]:
    return [
        PrintedLine(text, (0, 20 * at, 9 * len(text), 20 * at + 14)) for at, text in enumerate(rows)
    ]


def found_of(order: KnownOrder, *rows: str) -> OrderCandidate:
    """The order as the label was weighed against it, whichever place it has."""
    candidates = rank(read_fields(label(*rows)), Index([order, *OTHERS]), most=200)
    return next(one for one in candidates if one.order.order.order_id == order.order_id)


def levels(order: KnownOrder, *rows: str) -> dict[FieldKind, Level]:
    return {one.kind: one.level for one in found_of(order, *rows).agreements}


RECEIVER = ("Destinatar", "Mihai Hanganu", "Str. 1 Decembrie 1918 nr. 40", "330025 Deva")


# ---------------------------------------------------------------- sums


@pytest.mark.parametrize(
    ("text", "sums"),
    [
        ("Ramburs: RON 184,50", [("18450", "RON")]),
        ("Suma de incasat: EURO 45,00", [("4500", "EUR")]),
        ("Utánvét: 15 500 Ft", [("1550000", "HUF")]),
        ("COD: 1O4,5O LEI", [("10450", "LEI")]),
        ("Наложен платеж: 19,95 лв / 10,20 €", [("1995", "BGN"), ("1020", "EUR")]),
        ("Pobranie: PLN 88,10 EUR 20,70", [("8810", "PLN"), ("2070", "EUR")]),
        ("COD 12.00 (1 colet)", [("1200", "")]),
        ("Ramburs: € 7", [("700", "EUR")]),
    ],
)
def test_a_sum_is_read_with_the_currency_beside_it(text: str, sums: list[tuple[str, str]]) -> None:
    """RON before a comma had been read as nought lei."""
    assert [(one.text, one.currency) for one in read_fields(label(text)).cash] == sums


@given(
    st.integers(1, 9_999_999),
    st.sampled_from(
        [("RON", "RON"), ("lei", "LEI"), ("EURO", "EUR"), ("Ft", "HUF"), ("лв", "BGN")]
    ),
    st.booleans(),
    st.sampled_from(".,"),
)
def test_a_currency_on_either_side_changes_no_sum(
    minor: int, written: tuple[str, str], before: bool, mark: str
) -> None:
    number = f"{minor // 100}{mark}{minor % 100:02d}"
    text = f"{written[0]} {number}" if before else f"{number} {written[0]}"
    (one,) = read_fields(label(f"Ramburs: {text}")).cash
    assert (one.text, one.currency) == (str(minor), written[1])


@pytest.mark.parametrize(
    ("printed", "currency", "level"),
    [
        ("184,50 RON", "RON", Level.EXACT), ("184,50 lei", "RON", Level.EXACT),
        ("184,50", "RON", Level.EXACT), ("184,50 EUR", "RON", Level.ABSENT),
        ("184,50 lei", "EUR", Level.ABSENT), ("36,90 EUR", "RON", Level.ABSENT),
        ("184,50 lei", "MDL", Level.EXACT), ("185,50 LEI", "LEI", Level.OTHER),
    ],
)  # fmt: skip
def test_a_sum_agrees_only_in_the_orders_currency(
    printed: str, currency: str, level: Level
) -> None:
    order = replace(DORA, currency=currency)
    assert levels(order, *RECEIVER, f"Ramburs: {printed}")[FieldKind.CASH] is level


# ---------------------------------------------------------------- names, streets


def test_a_street_called_like_the_son_does_not_make_the_fathers_label_his() -> None:
    rows = ("Destinatar", "Octavian Hanganu", "Str. Mihai Viteazu 9", "330025 Deva")
    assert levels(DORA, *rows)[FieldKind.NAME] is Level.PART
    assert levels(DORA, *RECEIVER)[FieldKind.NAME] is Level.EXACT


@pytest.mark.parametrize(
    "rows",
    [
        ("Destinatar", "HANGANU MIHAI", "Deva"),
        ("Destinatar", "Hanganu", "Mihai", "Str. 1 Decembrie 1918 nr. 40"),
        ("Destinatar", "HanganuMihai", "Deva"),
        ("Destinatar", "Mihai Hanganu", "Str. Mihai Viteazu 4", "330025 Deva"),
    ],
)
def test_a_name_in_either_order_or_in_two_lines_is_the_name(rows: tuple[str, ...]) -> None:
    assert levels(DORA, *rows)[FieldKind.NAME] in (Level.EXACT, Level.NEAR)


@pytest.mark.parametrize(
    ("text", "houses"),
    [
        ("Str. 1 Decembrie 1918 nr. 40", ["40"]), ("Str. 1 Decembrie 1918, 40", ["40"]),
        ("Bd. 1 Mai 7", ["7"]), ("ul. 3 Maja 12", ["12"]), ("Calea Victoriei nr. 5, ap. 12", ["5"]),
        ("Kossuth u. 12", ["12"]), ("22 Baker Street", ["22"]), ("Str. Florilor", []),
        ("Str. 13 Septembrie", []),
    ],
)  # fmt: skip
def test_a_streets_date_is_no_house(text: str, houses: list[str]) -> None:
    assert house_numbers(text) == houses


@given(st.integers(2, 400), st.integers(2, 400), st.sampled_from(["1 Mai", "1 Decembrie 1918"]))
def test_another_house_of_a_street_that_is_a_date_is_another_address(
    own: int, other: int, street: str
) -> None:
    order = replace(DORA, street=f"Str. {street} nr. {own}")
    rows = ("Destinatar", "Mihai Hanganu", f"Str. {street} nr. {other}", "330025 Deva")
    found = levels(order, *rows)[FieldKind.STREET]
    assert (found is Level.EXACT) == (own == other)


@pytest.mark.parametrize(
    ("cyrillic", "latin"),
    [("Мария Илиева", "Maria Ilieva"), ("София", "Sofia"), ("Юлия Щерева", "Yulia Shtereva"),
     ("Ірина Сич", "Irina Sich"), ("Љубинка Ђорђевић", "Ljubinka Djordjevic")],
)  # fmt: skip
def test_cyrillic_names_are_folded_as_their_passports_write_them(cyrillic: str, latin: str) -> None:
    assert fold(cyrillic) == fold(latin)


# ---------------------------------------------------------------- references and phones


@pytest.mark.parametrize(
    ("name", "printed", "level"),
    [
        ("#61204", "61204-F1", Level.EXACT), ("#61204", "2026/61204", Level.EXACT),
        ("RO61204", "61204", Level.NEAR), ("RO61204", "RO-61204", Level.EXACT),
        ("RO61204", "HU61204", Level.OTHER), ("#61204", "71388-F1", Level.OTHER),
    ],
)  # fmt: skip
def test_a_reference_is_the_orders_with_what_couriers_add_or_leave_out(
    name: str, printed: str, level: Level
) -> None:
    found = levels(replace(DORA, name=name), *RECEIVER, f"Comanda: {printed}")
    if level is Level.OTHER and name.startswith("RO"):  # one letter off reads as a misread
        assert found[FieldKind.REFERENCE] is not Level.EXACT
    else:
        assert found[FieldKind.REFERENCE] is level


@pytest.mark.parametrize(
    "printed",
    ["0731204466", "+40 731 204 466", "0731***466", "0731....466", "0731…466", "07#####466"],
)
def test_the_end_of_a_phone_agrees_however_it_is_masked(printed: str) -> None:
    assert levels(DORA, *RECEIVER, f"Tel: {printed}")[FieldKind.PHONE] is Level.EXACT


def test_a_phone_masked_at_its_end_says_nothing() -> None:
    assert levels(DORA, *RECEIVER, "Tel: 0731204***")[FieldKind.PHONE] is Level.ABSENT


@pytest.mark.parametrize("kept", ["0731***466", "+40 731 *** *66"])
def test_a_phone_that_the_shop_masked_speaks_against_nothing(kept: str) -> None:
    found = levels(replace(DORA, phone=kept), *RECEIVER, "Tel: 0731204466")
    assert found.get(FieldKind.PHONE) in (None, Level.EXACT)


def test_of_two_phones_of_an_order_the_first_is_compared() -> None:
    order = replace(DORA, phone="0731204466 / 0722000111")
    assert levels(order, *RECEIVER, "Tel: 0731204466")[FieldKind.PHONE] is Level.EXACT


# ---------------------------------------------------------------- labels of two boxes


def test_a_number_beside_another_is_proven_only_where_a_caption_says_it_is_the_first() -> None:
    """A box that was used again within a house shows the open order's number, phone and name."""
    index = Index([DORA, *OTHERS])
    old = (*RECEIVER, "Tel: 0731204466", "CE123456785RO")
    assert takes_itself(rank(read_fields(label(*old)), index))
    assert not takes_itself(rank(read_fields(label(*old, "90055512340077")), index))
    back = (*RECEIVER, "Tel: 0731204466", "AWB initial: CE123456785RO", "90055512340077")
    assert takes_itself(rank(read_fields(label(*back)), index))


def test_a_brothers_first_name_beside_a_proven_number_takes_nothing() -> None:
    rows = ("Destinatar", "Octavian Hanganu", *RECEIVER[2:], "Tel: 0731204466", "CE123456785RO")
    assert not takes_itself(rank(read_fields(label(*rows)), Index([DORA, *OTHERS])))


def test_what_is_kept_of_a_label_comes_back_and_an_older_box_is_read() -> None:
    fields = read_fields(label(*RECEIVER, "Ramburs: 20,40 EUR", "AWB initial: CE123456785RO"))
    kept = as_json(fields, (400, 560))
    assert fields_of(kept) == (fields, (400, 560))
    older = {**kept, "cash": [["2040", 4]], "numbers": [["CE123456785RO", True, 5]]}
    back, _ = fields_of(older)
    assert (back.cash[0].currency, back.numbers[0].original) == ("", False)
