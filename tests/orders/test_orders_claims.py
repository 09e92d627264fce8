"""Whose an invoice is: claims that meet, orders that let go, and a person's word."""

import itertools
from collections import defaultdict
from typing import Any

import outside_world as world
import pytest
from sqlalchemy import Engine, select, update

from core.audit import trail
from core.audit.actions import Action
from core.clock import now
from core.errors import UserError
from core.orders.documents import accounts, claims
from core.orders.documents.references import Reference, parse
from core.orders.judge.reasons import JudgeCode
from core.settings import connections
from core.store import db
from core.store.tables import invoice_rivals, invoices, orders

numbers = itertools.count(1)


@pytest.fixture
def shop(engine: Engine) -> int:
    return world.connect_shop()


def order(shop: int, said: str) -> int:
    number = next(numbers)
    return world.add_order(shop, number, f"7{number:09}", attributes={"invoice": said})


def tell_again(shop: int, order_id: int, said: str) -> None:
    """The shop tells an order anew, with this in the place of what it said of its invoices."""
    with db.reading() as connection:
        gid = connection.scalar(select(orders.c.gid).where(orders.c.id == order_id))
    number = int(str(gid).rpartition("/")[2])
    changes: dict[str, Any] = {"updated_at": now(), "attributes": {"invoice": said}}
    assert world.add_order(shop, number, f"7{number:09}", **changes) == order_id


def reference(text: str) -> Reference:
    [found] = parse([text]).found
    return found


def write(*made: claims.Claim) -> list[str]:
    with db.writing() as connection:
        return [str(one) for one in claims.write(connection, made, accounts.load(connection))]


def paper() -> Any:
    """The only invoice."""
    with db.reading() as connection:
        return connection.execute(select(invoices)).one()


def rivals() -> set[int]:
    """Orders that claim an invoice which is another's."""
    with db.reading() as connection:
        return set(connection.scalars(select(invoice_rivals.c.order_id)))


# ---------------------------------------------------------------- claims that meet


@pytest.mark.parametrize(("by", "source"), [("person", "person"), ("order", "service")])
def test_what_was_found_by_its_name_is_a_person_s_once_a_person_names_it(
    shop: int, by: str, source: str
) -> None:
    order_id, named = order(shop, ""), reference("smartbill:CVZ:0042")
    assert write(claims.Claim(order_id, named, "service", 100, "RON")) == ["new"]
    assert write(claims.Claim(order_id, named, by, 250, "EUR")) == ["known"]
    assert (paper().source, paper().total_minor, paper().currency) == (source, 250, "EUR")


def test_a_sum_that_another_order_s_claim_tells_is_not_taken(shop: int) -> None:
    first, second = order(shop, ""), order(shop, "")
    named = reference("smartbill:CVZ:0042")
    write(claims.Claim(first, named, "csv", 100, "RON"))
    assert write(claims.Claim(second, named, "csv", 999, "EUR")) == ["contested"]
    assert (paper().total_minor, paper().currency, rivals()) == (100, "RON", {second})


def test_two_claims_of_one_document_in_one_list_are_one_invoice_and_a_question(shop: int) -> None:
    first, second = order(shop, ""), order(shop, "")
    became = write(
        claims.Claim(first, reference("smartbill:CVZ:42"), "csv"),
        claims.Claim(second, reference("smartbill:cvz:0042"), "csv"),
        claims.Claim(first, reference("smartbill:CVZ:042"), "csv"),
    )
    assert became == ["new", "contested", "known"]
    assert (paper().order_id, rivals()) == (first, {second})


def test_an_invoice_that_somebody_wrote_at_the_same_moment_is_met_at_a_second_look(
    shop: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = order(shop, ""), order(shop, "")
    named = reference("smartbill:CVZ:0042")
    write(claims.Claim(first, named, "csv"))
    really, looks = claims._rows_by_number, itertools.count(1)

    def before_it_was_there(*given: Any) -> Any:
        return defaultdict(list) if next(looks) == 1 else really(*given)

    monkeypatch.setattr(claims, "_rows_by_number", before_it_was_there)
    assert write(claims.Claim(second, named, "csv")) == ["contested"]
    assert (paper().order_id, rivals()) == (first, {second})


@pytest.mark.parametrize("found_first", [True, False])
def test_what_was_found_by_a_name_gives_way_to_the_order_that_names_it(
    shop: int, *, found_first: bool
) -> None:
    """Two shops count their orders alike; one writes its invoices on them, one does not."""
    with db.writing() as connection:
        connections.save(
            connection, kind="invoicing", service="smartbill", name="SmartBill",
            settings={"vat_code": "RO1"}, secrets_={},
        )  # fmt: skip
    finding, naming = order(shop, ""), order(shop, "")
    named = reference("smartbill:CVZ:0042")
    both = [claims.Claim(finding, named, "service"), claims.Claim(naming, named, "order")]
    for one in both if found_first else reversed(both):
        write(one)
    assert (paper().order_id, rivals()) == (naming, set())


# ---------------------------------------------------------------- orders that let go


@pytest.mark.parametrize("again", ["smartbill:CVZ:0009", ""])
def test_an_order_that_names_another_s_invoice_no_more_is_no_rival_of_it(
    shop: int, again: str
) -> None:
    first = order(shop, "smartbill:CVZ:0002")
    second = order(shop, "smartbill:CVZ:2")
    assert rivals() == {second}
    tell_again(shop, second, again)
    assert rivals() == set()
    with db.reading() as connection:
        of_first = invoices.c.order_id == first
        assert connection.scalar(select(invoices.c.number).where(of_first)) == "0002"


def test_a_contested_invoice_that_its_order_still_names_stays_contested(shop: int) -> None:
    first, second = order(shop, "smartbill:CVZ:2"), order(shop, "smartbill:CVZ:2")
    tell_again(shop, first, "smartbill:CVZ:0002")
    assert (paper().order_id, rivals()) == (first, {second})


def test_what_its_order_lets_go_of_is_nobody_s_while_two_others_name_it(shop: int) -> None:
    first, second, third = (order(shop, "smartbill:CVZ:2") for _ in range(3))
    tell_again(shop, first, "")
    assert (paper().order_id, rivals()) == (first, {second, third})
    tell_again(shop, third, "")
    tell_again(shop, first, "")
    assert (paper().order_id, rivals()) == (second, set())


def test_a_reversed_invoice_is_not_handed_to_whoever_else_names_it(shop: int) -> None:
    first, second = order(shop, "smartbill:CVZ:2"), order(shop, "smartbill:CVZ:2")
    with db.writing() as connection:
        connection.execute(update(invoices).values(reversed_at=now()))
    tell_again(shop, first, "")
    assert (paper().order_id, rivals()) == (first, {second})


# ---------------------------------------------------------------- a person's word


@pytest.mark.parametrize("gone", ["reversed_at", "annulled_at", "nowhere"])
def test_nobody_is_given_an_invoice_that_is_reversed_or_gone(shop: int, gone: str) -> None:
    first, second = order(shop, "smartbill:CVZ:2"), order(shop, "smartbill:CVZ:2")
    number = paper().id + (gone == "nowhere")
    with db.writing() as connection:
        if gone != "nowhere":
            connection.execute(update(invoices).values({gone: now()}))
    with db.writing() as connection, pytest.raises(UserError) as refused:
        claims.belongs_to(connection, number, second)
    assert refused.value.reason.code == claims.ClaimCode.GONE
    assert (paper().order_id, rivals()) == (first, {second})


def test_a_person_s_word_is_in_the_record_and_ends_every_other_claim(shop: int) -> None:
    _, second, _ = (order(shop, "smartbill:CVZ:2") for _ in range(3))
    with db.writing() as connection:
        claims.belongs_to(connection, paper().id, second)
    assert (paper().order_id, paper().source, rivals()) == (second, "person", set())
    with db.reading() as connection:
        [entry] = trail.search(connection, actions=[Action.INVOICE_GIVEN], order_id=second)
    assert entry.detail["invoice"] == "smartbill CVZ 2"


# ---------------------------------------------------------------- what was not understood

ASKED = str(JudgeCode.IMPORT_ROW_REFUSED)


def answered(order_id: int) -> int:
    with db.writing() as connection:
        return claims.answer(connection, order_id, "looked")


def told_of(order_id: int) -> list[Any]:
    with db.reading() as connection:
        actions = [Action.QUESTION_ANSWERED]
        return list(trail.search(connection, actions=actions, order_id=order_id))


def test_a_question_is_answered_once_with_its_texts_in_the_record(shop: int) -> None:
    order_id = order(shop, "")
    with db.writing() as connection:
        claims.ask(connection, ASKED, {order_id: ["row 7", "row 9", "row 7"]}, "list")
    assert (answered(order_id), answered(order_id)) == (2, 0)
    [entry] = told_of(order_id)
    assert (sorted(entry.detail["texts"]), entry.detail["why"]) == (["row 7", "row 9"], "looked")


def test_an_order_without_a_question_has_no_answer_in_the_record(shop: int) -> None:
    order_id = order(shop, "")
    assert (answered(order_id), told_of(order_id)) == (0, [])


def test_what_a_source_does_not_tell_any_more_is_no_question_and_another_source_s_stays(
    shop: int,
) -> None:
    order_id = order(shop, "")
    for texts, source in ((["a", "b"], "list"), (["c"], "shop"), (["b"], "list")):
        with db.writing() as connection:
            claims.ask(connection, ASKED, {order_id: texts}, source)
    assert answered(order_id) == 2  # "b" and "c"
    assert sorted(told_of(order_id)[0].detail["texts"]) == ["b", "c"]
