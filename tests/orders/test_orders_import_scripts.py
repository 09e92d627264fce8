"""What a cell says counts in any script, and marks that nobody sees count in none."""

import itertools
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, select
from test_orders_import_files import codes, everything, take

from core.labels.cells import PLACEHOLDERS, is_placeholder
from core.orders.documents.references import parse
from core.orders.imports.cell_parsers import payment
from core.orders.imports.codes import ImportCode, ImportNote
from core.orders.imports.courier_report import import_courier_report
from core.orders.imports.invoice_cells import invoices_in
from core.orders.imports.rows import FileChoices
from core.services.payments import payment_of
from core.store import db
from core.store.tables import invoices, order_questions, orders, parcels
from core.store.tables.invoices import document_keys

numbers = itertools.count(1)
same_desk = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=15)
SERVICES = frozenset({"smartbill", "oblio", "fgo", "stripe"})
UNSEEN = ("\u200b", "\u200e", "\ufeff", "\u00ad", "\u2060", "\u202a")
BLANK = ("\u00a0", "\u2009", "\u202f", "\u3000")
# Letters alone, of scripts that have no Latin letter.
foreign = st.text(
    st.sampled_from("абвгдежзклмпрстфхцчшъюяαβγδεζηθικλμνξπρσאבגדהוזחט未送達配送中ابجدهوز"),
    min_size=3, max_size=12,
).filter(lambda one: one.upper() not in PLACEHOLDERS)  # fmt: skip


@given(foreign)
def test_a_word_of_another_script_is_no_placeholder(text: str) -> None:
    assert not is_placeholder(text)
    assert not is_placeholder(f" {text.upper()}! ")


@pytest.mark.parametrize("text", ["няма", "НЕ", "да", "nincs", "brak", "—", "✗", "0", "№"])
def test_what_says_nothing_is_a_placeholder_in_any_script(text: str) -> None:
    assert is_placeholder(text)


@given(foreign)
def test_a_way_of_paying_in_another_script_is_told_and_never_cash(text: str) -> None:
    assume(payment_of(text) is None)  # "карта" is a word
    with pytest.raises(ImportNote) as refused:
        payment(text)
    assert refused.value.reason.code == ImportCode.UNKNOWN_PAYMENT


@pytest.mark.parametrize(
    ("text", "status"),
    [("Доставена", "delivered"), ("Отказана от получателя", "refused"),
     ("Върната на подателя", "returned"), ("Недоставена", "failed")],
)  # fmt: skip
def test_a_status_in_another_script_is_read_from_a_report(
    engine: Engine, shop: int, text: str, status: str
) -> None:
    box = f"7600{next(numbers):09}"
    take(engine, shop, f"Order;AWB;Total\nS{box};{box};10\n")
    report = f"AWB;Status\n{box};{text}\n".encode()
    result = import_courier_report(report)
    assert result.notes == []
    with db.reading(engine) as connection:
        row = connection.execute(select(parcels).where(parcels.c.tracking == box)).one()
    assert row.status_text == text
    assert row.status == status


@same_desk
@given(foreign)
def test_a_status_that_nobody_knows_is_shown_and_told(engine: Engine, shop: int, text: str) -> None:
    box = f"7700{next(numbers):09}"
    take(engine, shop, f"Order;AWB;Total\nS{box};{box};10\n")
    report = f"AWB;Status\n{box};{text}\n".encode()
    result = import_courier_report(report)
    with db.reading(engine) as connection:
        kept = select(parcels.c.status_text).where(parcels.c.tracking == box)
        assert connection.scalar(kept) == text
    assert all(one.reason.code == ImportCode.UNKNOWN_STATUS for one in result.notes)


@same_desk
@given(foreign)
def test_a_date_in_another_script_is_told_and_never_today(
    engine: Engine, shop: int, text: str
) -> None:
    number = next(numbers)
    row = f"D{number};7800{number:09};10;{text}"
    result = take(engine, shop, f"Order;AWB;Total;Data\n{row}\n")
    assert codes(result) == [(2, "created_at", ImportCode.NOT_DATE)]
    assert f"D{number}" not in everything(engine, orders.c.name)


# ---------------------------------------------------------------- invoices


@st.composite
def strewn(draw: Any, text: str) -> str:
    """With marks that nobody sees anywhere in it."""
    out = list(text)
    for _ in range(draw(st.integers(1, 3))):
        out.insert(draw(st.integers(0, len(out))), draw(st.sampled_from(UNSEEN)))
    return draw(st.sampled_from(["", *BLANK])) + "".join(out) + draw(st.sampled_from(["", *BLANK]))


@given(data=st.data(), service=st.sampled_from(["smartbill", "oblio"]), number=st.integers(1, 9999))
def test_marks_that_nobody_sees_make_no_other_invoice(data: Any, service: str, number: int) -> None:
    plain = f"{service}:CVZ:{number:04}"
    marked = data.draw(strewn(plain))
    wide = plain.translate({ord(str(n)): chr(0xFF10 + n) for n in range(10)})
    for text in (marked, wide):
        [read] = parse([text]).found
        assert (read.service, document_keys(read.series, read.number)) == (
            service,
            ("CVZ", f"{number}"),
        )
        [written], unclear = invoices_in(text, SERVICES)
        assert str(written) == plain
        assert unclear == []


@given(
    st.sampled_from(["{}?", "{}!", "{}*", "?{}", "({})", "{}…", "{} ?", "≈{}", '"{}"?', "{}(?)"]),
    st.integers(1, 9999),
)  # fmt: skip
def test_a_number_that_is_doubted_is_told(mark: str, number: int) -> None:
    for text in (f"smartbill:CVZ:{mark.format(number)}", f"oblio:{mark.format('OB')}:{number}"):
        if mark in ("({})", "≈{}", "{}…", "{}(?)") and text.startswith("oblio"):
            continue  # a series may be anything that its service takes
        assert parse([text]).found == ()
        assert parse([text]).unclear
        found, unclear = invoices_in(text, SERVICES)
        assert found == []
        assert [one.reason.code for one in unclear] == [ImportCode.NOT_INVOICE]


@same_desk
@given(text=st.one_of(foreign, st.sampled_from(
    ["da", "DA", "x", "yes", "igen", "✓", "?", "#REF!", "#VALUE!", "in curs", "TBD", "emisă",
     "unknown", "необходима", "vezi nota", "AWB"])))  # fmt: skip
def test_a_cell_that_speaks_of_an_invoice_and_names_none_holds_its_order(
    engine: Engine, shop: int, text: str
) -> None:
    number = next(numbers)
    row = f"I{number};7900{number:09};10;{text}"
    result = take(
        engine, shop, f"Order;AWB;Total;Factura\n{row}\n", FileChoices(invoice_service="smartbill")
    )
    assert codes(result) == [(2, "invoice", ImportCode.NOT_INVOICE)]
    with db.reading(engine) as connection:
        asked = select(order_questions.c.text).join(
            orders, orders.c.id == order_questions.c.order_id
        )
        assert connection.scalar(asked.where(orders.c.name == f"I{number}"))
    assert everything(engine, invoices.c.id) == []


@pytest.mark.parametrize("text", ["", "-", "—", "0", "000", "N/A", "n / a", "nu", "NONE", "fără",
                                  "няма", "nincs", "  "])  # fmt: skip
def test_a_cell_that_says_there_is_no_invoice_asks_nothing(text: str) -> None:
    assert invoices_in(text, SERVICES) == ([], [])
