"""A document is one document however it is written, and belongs to one order, or to a question."""

import itertools
import unicodedata
from typing import Any

import outside_world as world
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from set_clock import SetClock
from sqlalchemy import Engine, insert, select, update
from sqlalchemy.exc import IntegrityError

from core.clock import now
from core.i18n.reasons import sentence
from core.orders.documents import accounts, claims, readings
from core.orders.documents.references import Reference, parse, visible
from core.orders.judge.facts import Choices, of_order
from core.orders.judge.reasons import JudgeCode
from core.orders.judge.rules import judge
from core.reasons import quoted
from core.services.outcome import Refused
from core.settings import connections
from core.store import db, desk
from core.store.tables import invoices, orders

numbers = itertools.count(1)
same_desk = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)


@pytest.fixture
def shop(engine: Engine) -> int:
    return world.connect_shop()


def company(vat_code: str, service: str = "smartbill", name: str = "") -> int:
    with db.writing() as connection:
        return connections.save(
            connection, kind="invoicing", service=service,
            name=name or f"{service} {vat_code} {next(numbers)}",
            settings={"vat_code": vat_code}, secrets_={},
        )  # fmt: skip


def order(shop: int, said: str, **changes: Any) -> int:
    number = next(numbers)
    return world.add_order(shop, number, f"7{number:09}", attributes={"invoice": said}, **changes)


def code(order_id: int) -> str:
    with db.reading() as connection:
        facts = of_order(connection, order_id, Choices())
    assert facts is not None
    judged = judge(facts)
    return judged.reason.code if judged.reason else ""


def papers(order_id: int | None = None) -> list[Any]:
    query = select(invoices).order_by(invoices.c.id)
    if order_id is not None:
        query = query.where(invoices.c.order_id == order_id)
    with db.reading() as connection:
        return list(connection.execute(query))


def variants(series: str, number: int) -> st.SearchStrategy[str]:
    """The same document as people and spreadsheets write it."""
    return st.builds(
        lambda low, zeros: f"smartbill:{series.lower() if low else series}:{'0' * zeros}{number}",
        st.booleans(),
        st.integers(0, 6),
    )


@same_desk
@given(st.data())
def test_zeros_and_case_do_not_make_another_invoice(shop: int, data: Any) -> None:
    series, number = f"S{next(numbers)}", data.draw(st.integers(1, 99_999))
    said = data.draw(st.lists(variants(series, number), min_size=2, max_size=4))
    order_id = order(shop, ",".join(said))
    assert len(papers(order_id)) == 1


@same_desk
@given(st.data())
def test_a_letter_of_any_language_is_one_letter_however_it_is_written(shop: int, data: Any) -> None:
    """Small or large, in one sign or with its accent apart, with a comma or the old cedilla."""
    letters = data.draw(st.text("ȘȚĂÂÎÁÉŐŰŁŻČŠÄÖÜБЖЩΩ", min_size=1, max_size=6))
    series, number = f"{letters}{next(numbers)}", data.draw(st.integers(1, 99_999))
    ways = st.sampled_from([
        series,
        series.lower(),
        unicodedata.normalize("NFD", series),
        unicodedata.normalize("NFD", series.lower()),
        series.translate(str.maketrans("ȘȚ", "ŞŢ")).lower(),
    ])  # fmt: skip
    said = data.draw(st.lists(ways, min_size=2, max_size=4, unique=True))
    order_id = order(shop, ",".join(f"smartbill:{one}:{number}" for one in said))
    assert len(papers(order_id)) == 1


def test_the_database_itself_takes_no_second_writing_of_a_document(shop: int) -> None:
    order_id = order(shop, "smartbill:CVZ:0042")
    values = {"order_id": order_id, "service": "smartbill", "source": "csv"}
    with pytest.raises(IntegrityError), db.writing() as connection:
        connection.execute(insert(invoices).values(series="c vz", number="042 ", **values))


@same_desk
@given(st.data())
def test_two_orders_that_name_one_invoice_are_both_held_whoever_comes_first(
    shop: int, data: Any
) -> None:
    if not papers():
        company("RO111")
    series = f"T{next(numbers)}"
    said = data.draw(st.lists(variants(series, 7), min_size=2, max_size=3))
    ids = [order(shop, one) for one in said]
    assert {code(one) for one in ids} == {JudgeCode.CONTESTED}
    rightful = data.draw(st.sampled_from(ids))
    with db.writing() as connection:
        [paper] = connection.execute(
            select(invoices.c.id).where(invoices.c.series_key == series)
        ).scalars()
        claims.belongs_to(connection, paper, rightful)
    assert code(rightful) == ""
    assert [one.order_id for one in papers() if one.series_key == series] == [rightful]


def test_a_shop_that_corrects_the_wrong_order_frees_both(shop: int) -> None:
    company("RO111")
    wrong, right = order(shop, "smartbill:CVZ:2"), order(shop, "smartbill:CVZ:0002")
    assert code(right) == JudgeCode.CONTESTED
    with db.reading() as connection:
        wrong_order = connection.execute(select(orders).where(orders.c.id == wrong)).one()
    number = int(wrong_order.gid.rpartition("/")[2])
    changed = {"updated_at": now(), "attributes": {"invoice": "smartbill:CVZ:0009"}}
    assert world.add_order(shop, number, f"7{number:09}", **changed) == wrong
    assert (code(wrong), code(right)) == ("", "")
    assert [paper.number for paper in papers(right)] == ["2"]


def tell_again(shop: int, order_id: int, said: str) -> None:
    """The shop tells an order anew, with this in the place of what it said of its invoices."""
    with db.reading() as connection:
        known = connection.execute(select(orders).where(orders.c.id == order_id)).one()
    number = int(known.gid.rpartition("/")[2])
    changed = {"updated_at": now(), "attributes": {"invoice": said}}
    assert world.add_order(shop, number, f"7{number:09}", **changed) == order_id


@pytest.mark.parametrize(
    ("said", "again", "left"),
    [
        ("smartbill:MUR:0024", "smartbill:MUR:0042", ["0042"]),
        ("smartbill:MUR:24, smartbill:MUR:25", "smartbill:MUR:0025", ["25"]),
        ("smartbill:MUR:24", "oblio:MUR:24", ["24"]),
        ("smartbill:MUR:24", "smartbill:mur:0024", ["24"]),
        ("smartbill:MUR:24", "", ["24"]),  # it may not have been told whole
        ("smartbill:MUR:24", "see e-mail", ["24"]),  # a question holds it
    ],
)
def test_an_order_that_names_another_invoice_instead_keeps_no_claim_on_the_first(
    shop: int, said: str, again: str, left: list[str]
) -> None:
    company("RO111")
    order_id = order(shop, said)
    with db.writing() as connection:
        for paper in papers(order_id):
            assert readings.keep(connection, paper.id, Refused("no", "not_found"))
    tell_again(shop, order_id, again)
    assert [paper.number for paper in papers(order_id)] == left
    assert [paper.service for paper in papers(order_id)] == [
        "oblio" if "oblio" in again else "smartbill"
    ]


def test_what_was_begun_or_named_by_a_list_or_a_person_stays_whatever_the_shop_tells(
    shop: int,
) -> None:
    company("RO111")
    order_id = order(shop, "smartbill:MUR:31")
    with db.writing() as connection:
        listed = [claims.Claim(order_id, ref, "csv") for ref in parse(["smartbill:MUR:32"]).found]
        claims.write(connection, listed, accounts.load(connection))
        connection.execute(
            update(invoices).where(invoices.c.number == "31").values(reversed_at=now())
        )
    tell_again(shop, order_id, "smartbill:MUR:33")
    assert [paper.number for paper in papers(order_id)] == ["31", "32", "33"]


def test_an_invoice_of_one_of_two_companies_is_a_question_until_it_says_which(shop: int) -> None:
    first, second = company("RO111"), company("RO222", name="Atelier")
    vague = order(shop, "smartbill:CVZ:0042")
    assert code(vague) == JudgeCode.ACCOUNT_UNKNOWN
    by_tax_number = order(shop, "smartbill@RO 111:CVZ:0043")
    by_name = order(shop, "smartbill@atelier:CVZ:0043")
    assert (code(by_tax_number), code(by_name)) == ("", "")
    assert papers(by_tax_number)[0].connection_id == first
    assert papers(by_name)[0].connection_id == second


def test_two_connections_of_one_company_are_no_question(shop: int) -> None:
    company("RO111")
    company("111")
    first, second = order(shop, "smartbill:CVZ:1"), order(shop, "smartbill:CVZ:01")
    assert code(order(shop, "smartbill:CVZ:77")) == ""
    assert {code(first), code(second)} == {JudgeCode.CONTESTED}


def test_an_account_that_is_not_connected_is_not_taken_for_the_one_that_is(shop: int) -> None:
    company("RO111")
    assert code(order(shop, "smartbill@RO999:CVZ:3")) == JudgeCode.ACCOUNT_NOT_CONNECTED


def test_a_claim_that_learns_its_company_is_still_the_same_document(shop: int) -> None:
    vague = order(shop, "smartbill:CVZ:5")
    assert papers(vague)[0].account == ""
    company("RO111")
    assert order(shop, "smartbill:CVZ:0005") != vague
    assert [paper.account for paper in papers()] == ["111"]
    assert code(vague) == JudgeCode.CONTESTED


@pytest.mark.parametrize(
    "said",
    ["CVZ 0042", "CVZ0042", "smartbill CVZ 0042", "smartbill:CVZ-0042", "smartbill:52",
     "factura CVZ 47 / 10.11.2026", "oblio:OB:1 and more", "see e-mail"],
)  # fmt: skip
def test_an_order_whose_invoice_was_not_understood_is_held(shop: int, said: str) -> None:
    company("RO111")
    order_id = order(shop, said)
    assert code(order_id) == JudgeCode.REFERENCE_UNCLEAR
    with db.writing() as connection:
        assert claims.answer(connection, order_id, "it has none") == 1
    assert code(order_id) == ""


NAME = st.text("ABCDEFGH", min_size=1, max_size=5)


@given(
    st.lists(st.tuples(NAME, st.integers(1, 10**9)), min_size=1, max_size=5, unique=True),
    st.sampled_from([",", ", ", ";", " ; ", "\n", " ", "\r\n", "|"]),
)
def test_a_list_of_references_is_never_read_as_one(
    pairs: list[tuple[str, int]], between: str
) -> None:
    named = parse([between.join(f"smartbill:{series}:{number}" for series, number in pairs)])
    assert [(one.series, one.number) for one in named.found] == [(s, str(n)) for s, n in pairs]
    assert named.unclear == ()


@given(st.text(max_size=60))
def test_nothing_of_an_invoice_cell_is_dropped_in_silence(text: str) -> None:
    named = parse([text])
    seen = visible(text)  # marks that nobody sees say nothing
    if any(part.strip() for part in seen.replace("|", ",").replace(";", ",").split(",")):
        assert named.found or named.unclear


# ---------------------------------------------------------------- which company serves which shop


def account(vat_code: str, service: str = "oblio") -> accounts.ConnectedAccount:
    return accounts.ConnectedAccount(1, service, vat_code, service)


def test_a_company_that_serves_another_shop_alone_is_not_asked_for_this_shops_orders() -> None:
    used = {("oblio", "1"): {10: 900}, ("oblio", "2"): {20: accounts.PROOF}}
    assert accounts.is_another_shops(account("1"), 20, used)
    assert accounts.is_another_shops(account("2"), 10, used)
    assert not accounts.is_another_shops(account("1"), 10, used)
    assert not accounts.is_another_shops(account("2"), 20, used)


@pytest.mark.parametrize(
    "used",
    [
        {},
        {("oblio", "1"): {10: 900}},  # this shop has none of its own that is known
        {("oblio", "1"): {10: 900}, ("oblio", "2"): {20: accounts.PROOF - 1}},
        {("oblio", "1"): {10: accounts.PROOF - 1}, ("oblio", "2"): {20: 900}},
        {("oblio", "1"): {10: 900, 20: 1}, ("oblio", "2"): {20: 900}},  # it serves both
        {("oblio", "1"): {10: 900}, ("fgo", "2"): {20: 900}},  # its own is of another service
    ],
)
def test_without_proof_of_both_every_company_is_asked(used: accounts.Use) -> None:
    assert not accounts.is_another_shops(account("1"), 20, used)


def test_only_what_is_named_proves_which_shop_a_company_serves(shop: int, engine: Engine) -> None:
    company("RO111")
    named = [
        claims.Claim(order(shop, ""), Reference("smartbill", "CVZ", str(next(numbers))), source)
        for source in ("order", "csv", "person", "service")
    ]
    with db.writing() as connection:
        claims.write(connection, named, accounts.load(connection))
    assert accounts.used_by_shops(engine) == {("smartbill", "111"): {shop: 3}}


def test_which_company_serves_which_shop_is_counted_again_after_half_a_minute(
    shop: int, engine: Engine, set_clock: SetClock
) -> None:
    company("RO222")

    def name_one() -> None:
        named = claims.Claim(
            order(shop, ""), Reference("smartbill", "CVZ", str(next(numbers))), "order"
        )
        with db.writing() as connection:
            claims.write(connection, [named], accounts.load(connection))

    name_one()
    use = desk.current().part(accounts.CompanyUse)
    assert use.lately() == {("smartbill", "222"): {shop: 1}}
    name_one()
    set_clock.passed += accounts.USE_SECONDS - 1
    assert use.lately() == {("smartbill", "222"): {shop: 1}}
    set_clock.passed += 1
    assert use.lately() == {("smartbill", "222"): {shop: 2}}


@pytest.mark.parametrize("said", ["Serie inactiva", "Plafon depasit 3/3"])
def test_a_service_that_refuses_to_tell_of_an_invoice_holds_the_order_in_its_own_words(
    engine: Engine, shop: int, said: str
) -> None:
    company("RO1")
    order_id = order(shop, "smartbill:A:1")
    with db.writing() as connection:
        refusal = Refused(quoted(said), "refused")
        assert readings.keep(connection, papers(order_id)[0].id, refusal)
        facts = of_order(connection, order_id, Choices())
    assert facts is not None
    reason = judge(facts).reason
    assert reason is not None
    assert reason.code == JudgeCode.UNREADABLE
    assert said in sentence(reason)


@same_desk
@given(services=st.sampled_from(["smartbill", "oblio"]), which=st.integers(0, 1))
def test_what_is_found_by_one_orders_name_says_not_whose_anothers_document_is(
    shop: int, services: str, which: int
) -> None:
    """Two shops count their orders alike, and each company has this number."""
    codes = [f"RO{next(numbers)}11", f"RO{next(numbers)}22"]
    for one in codes:
        company(one, services)
    series = f"F{next(numbers)}"
    unsaid = order(shop, f"{services}:{series}:42")
    nameless = order(shop, "")
    found = Reference(services, series, "0042", codes[which])
    with db.writing() as connection:
        known = accounts.load(connection)
        [taken] = claims.write(connection, [claims.Claim(nameless, found, "service")], known)
    assert taken == "contested"
    assert [one.account for one in papers(unsaid)] == [""]
    assert {code(unsaid), code(nameless)} <= {JudgeCode.CONTESTED, JudgeCode.ACCOUNT_UNKNOWN}
    said = order(shop, f"{services}@{codes[which]}:{series}:43")
    with db.writing() as connection:
        again = Reference(services, series, "43", codes[which])
        [taken] = claims.write(connection, [claims.Claim(nameless, again, "service")], known)
    assert taken == "named elsewhere"
    assert code(said) == ""


@pytest.mark.parametrize("second", ["stripe:CVEUR:in_1QtZk77Ab", "stripe:cveur:in_1QtZk77Ab"])
def test_an_id_of_its_own_is_one_document_whatever_series_stands_before_it(
    shop: int, second: str
) -> None:
    """Else the second order's run finds it credited, and its own invoice stands."""
    company("", "stripe")
    one, other = order(shop, "stripe::in_1QtZk77Ab"), order(shop, second)
    assert len(papers()) == 1
    assert code(one) == code(other) == JudgeCode.CONTESTED


@pytest.mark.parametrize("number", ["0", "0000", "00/0", "0-0"])
def test_a_number_of_zeros_names_no_document(number: str) -> None:
    named = parse([f"smartbill:CVZ:{number}"])
    assert (named.found, named.unclear) == ((), (f"smartbill:CVZ:{number}",))
