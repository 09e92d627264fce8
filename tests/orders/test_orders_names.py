"""A name is the same however it is written, a company is none of its likes, and a question is
asked only where nobody whom the order names is the one its document is made out to."""

import itertools
import unicodedata
from typing import Any
from zoneinfo import ZoneInfo

import outside_world as world
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, select

from core.clock import now, today
from core.orders.documents import claims, readings
from core.orders.documents.accounts import load
from core.orders.documents.references import Reference
from core.orders.imports.importing import guess_columns, import_orders, read_table
from core.orders.judge.facts import Choices, of_order
from core.orders.judge.names import is_company, names_of, same_customer, written
from core.orders.judge.reasons import JudgeCode
from core.orders.judge.rules import documents
from core.services.outcome import Confirmed
from core.services.ports import InvoiceFacts
from core.settings import connections
from core.store import db
from core.store.tables import invoices, orders, parcels

numbers = itertools.count(1)
same_desk = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=20)
# Each company's form in the writings that are the same.
FORMS = {
    "srl": ("SRL", "S.R.L.", "srl", "S. R. L.", "S R L", "SRL-D", "S.R.L.-D"),
    "sa": ("SA", "S.A.", "s.a", "S. A."),
    "gmbh": ("GmbH", "GMBH"),
    "kft": ("Kft.", "KFT"),
    "spzoo": ("Sp. z o.o.", "sp. z o. o.", "SP Z O.O."),
    "sro": ("s.r.o.", "S. R. O.", "sro"),
    "doo": ("d.o.o.", "DOO"),
    "eood": ("EOOD", "ЕООД", "еоод"),
}
PERSONAL = ("PFA", "P.F.A.", "II", "I.I.", "Î.I.", "Întreprindere Individuală I.I.")
SYLLABLES = ("bra", "țu", "mir", "éle", "șan", "dor", "vî", "kol", "ğan", "жив", "полк", "rök")

word = st.lists(st.sampled_from(SYLLABLES), min_size=2, max_size=4).map("".join)
some_words = st.lists(word, min_size=1, max_size=3, unique=True)


def plainly(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(one for one in decomposed if not unicodedata.combining(one))


@st.composite
def writing(draw: Any, words: list[str], form: str) -> str:
    """One company as somebody writes it."""
    legal = draw(st.sampled_from(FORMS[form]))
    before = draw(st.sampled_from(["", "SC ", "S.C. ", "s.c. "])) if form in ("srl", "sa") else ""
    name = draw(st.sampled_from([" ", "  ", "-"])).join(words)
    whole = f"{before}{name} {legal}" if draw(st.booleans()) else f"{before}{legal} {name}"
    cased = draw(st.sampled_from([str, str.upper, str.title]))
    stripped = draw(st.sampled_from([str, plainly]))
    return stripped(cased(whole) if "." not in whole else whole)


@given(st.data(), some_words, st.sampled_from(sorted(FORMS)))
def test_a_company_is_the_same_however_it_is_written(
    data: Any, words: list[str], form: str
) -> None:
    one, other = (data.draw(writing(data.draw(st.permutations(words)), form)) for _ in range(2))
    assert is_company(one)
    assert same_customer(one, other)
    assert same_customer(one, " ".join(words))  # the shop's form asks for no "SRL"


@given(st.data(), some_words, st.sampled_from(sorted(FORMS)), word)
def test_a_company_with_another_word_or_another_form_is_another(
    data: Any, words: list[str], form: str, more: str
) -> None:
    one = data.draw(writing(words, form))
    if more not in words:
        assert not same_customer(one, data.draw(writing([*words, more], form)))
        assert not same_customer(one, " ".join([*words, more]))
    other = data.draw(st.sampled_from([name for name in FORMS if name != form]))
    assert not same_customer(one, data.draw(writing(words, other)))


@given(st.data(), some_words, word)
def test_a_person_may_say_more_and_trade_under_the_own_name(
    data: Any, words: list[str], more: str
) -> None:
    mixed = data.draw(st.permutations([*words, more]))
    person = " ".join(words).title()
    assert same_customer(person, plainly(" ".join(mixed).upper()))
    assert same_customer(f"{person} {data.draw(st.sampled_from(PERSONAL[:5]))}", " ".join(mixed))


@given(st.lists(st.text(max_size=30), max_size=5))
def test_names_that_are_kept_come_back_each_once(names: list[str]) -> None:
    kept = names_of(written(names))
    assert kept == list(dict.fromkeys(" ".join(one.split()) for one in names if one.split()))


# ---------------------------------------------------------------- of a found document


@pytest.fixture
def shop(engine: Engine) -> int:
    with db.writing() as connection:
        connections.save(
            connection, kind="invoicing", service="oblio", name="Oblio",
            settings={"vat_code": "RO111"}, secrets_={},
        )  # fmt: skip
    return world.connect_shop()


def asked(shop: int, customer: str, recipient: str, billed_to: tuple[str, ...]) -> list[str]:
    """What is asked about an order whose document was found and agrees in all but the customer."""
    number = next(numbers)
    order_id = world.add_order(
        shop, number, f"7{number:012}", customer_name=recipient, billed_to=billed_to
    )
    with db.writing() as connection:
        named = claims.Claim(order_id, Reference("oblio", "OB", str(number), "111"), "service")
        claims.write(connection, [named], load(connection))
        paper = connection.scalar(select(invoices.c.id).where(invoices.c.order_id == order_id))
        answered = InvoiceFacts(
            "OB", str(number), 12100, "RON", issued_on=today(ZoneInfo("Europe/Bucharest")),
            customer=customer, order_text=f"#{number}",
        )  # fmt: skip
        readings.keep(connection, paper or 0, Confirmed(answered, {}))
        facts = of_order(connection, order_id, Choices())
    assert facts is not None
    return [one.code for one in documents(facts)]


@same_desk
@given(
    data=st.data(), words=some_words, form=st.sampled_from(sorted(FORMS)),
    person=st.lists(word, min_size=2, max_size=3, unique=True), place=st.integers(0, 2),
)  # fmt: skip
def test_a_company_that_the_order_bills_is_no_question_and_another_one_is(
    shop: int, data: Any, words: list[str], form: str, person: list[str], place: int
) -> None:
    company, recipient = data.draw(writing(words, form)), " ".join(person).title()
    others = ["Depozit Central", recipient][:place]
    billed = (*others, data.draw(writing(words, form)))
    assert asked(shop, company, recipient, billed) == []
    assert asked(shop, recipient.upper(), recipient, billed) == []
    assert asked(shop, f"{recipient} PFA", recipient, ()) == []
    assert asked(shop, company, "", ()) == []  # the shop tells nobody at all
    foreign = data.draw(writing([*words, "zzyx"], form))
    for billed_to in (billed, (), ("Depozit Central",)):
        assert asked(shop, foreign, recipient, billed_to) == [JudgeCode.CUSTOMER_DIFFERS]


def test_a_question_shows_everybody_whom_the_order_names(shop: int) -> None:
    number = next(numbers)
    order_id = world.add_order(
        shop, number, f"7{number:012}", billed_to=("Casa Verde SRL", " Ana  Pop ", "Ana Pop")
    )
    with db.reading() as connection:
        row = connection.execute(select(orders).where(orders.c.id == order_id)).one()
    assert row.billed_to == "Casa Verde SRL\nAna Pop"


SHOPIFYS = (
    "Name,Email,Total,Currency,Billing Name,Billing Company,Shipping Name,Shipping Company,"
    "Tracking Number\n"
)


@same_desk
@given(company=st.lists(word, min_size=1, max_size=2).map(" ".join))
def test_the_company_of_a_list_is_billed_and_is_no_courier(shop: int, company: str) -> None:
    number = next(numbers)
    row = f"#L{number},a@b.ro,10.00,RON,Ana Pop,{company} SRL,Ion Pop,{company} SRL,8{number:012}"
    table = read_table((SHOPIFYS + row).encode(), "orders_export.csv")
    mapping = guess_columns(table.headers)
    import_orders(shop, table, mapping)
    with db.reading() as connection:
        made = connection.execute(select(orders).where(orders.c.name == f"#L{number}")).one()
        box = select(parcels.c.courier).where(parcels.c.order_id == made.id)
        assert connection.scalar(box) != f"{company} SRL"
    assert (made.billed_to, made.customer_name) == (f"{company} SRL", "Ion Pop")


def test_what_names_the_courier_of_a_plain_list_still_does() -> None:
    assert guess_columns(["Order", "AWB", "Total", "Shipping company"])["courier"]


def test_an_order_that_was_forgotten_comes_in_without_whom_it_bills(shop: int) -> None:
    number = next(numbers)
    order_id = world.add_order(shop, number, "7000000000001", billed_to=("Casa SRL",))
    with db.writing() as connection:
        connection.execute(
            orders.update().values(forgotten_at=now(), billed_to="").where(orders.c.id == order_id)
        )
    world.add_order(shop, number, "7000000000001", billed_to=("Casa SRL",), updated_at=now())
    with db.reading() as connection:
        assert connection.scalar(select(orders.c.billed_to)) == ""
