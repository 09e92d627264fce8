"""One judge: each reason holds an order back at every way to an effect, and is told alike there.

An order is put into each situation that the table of reasons knows; a new reason needs one too.
"""

import datetime as dt
import io
import json
from collections.abc import Callable
from contextlib import redirect_stdout
from dataclasses import replace
from typing import Any

import outside_world as world
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, func, insert, select, update

from core.cli import plan
from core.clock import day, now
from core.errors import UserError
from core.i18n.reasons import sentence
from core.orders.documents import accounts, claims, readings
from core.orders.documents.references import Reference
from core.orders.judge import fit, rules
from core.orders.judge.facts import Choices, of_order
from core.orders.judge.reasons import OVER, RULES, JudgeCode
from core.orders.piles import edits, review
from core.reasons import Reason
from core.reversal.runs import commands, external_cancellations, runs
from core.server import scan_response
from core.server.machines import routes
from core.services.outcome import Confirmed, Refused
from core.services.ports import InvoiceFacts
from core.settings import connections, preferences
from core.store import db
from core.store.tables import invoices, order_questions, orders, parcels, pile_orders, reversals
from core.store.tables import runs as run_table

NUMBER = "81234567001"
TOLD = InvoiceFacts("MUR", "0077", 12100, "RON", day(now(), fit.DOCUMENTS), customer="Ana Pop")
C = JudgeCode


def order_id() -> int:
    with db.reading() as connection:
        return connection.scalars(select(orders.c.id).order_by(orders.c.id)).first() or 0


def changed(**values: Any) -> Callable[[int], None]:
    """Columns of the order."""
    return lambda _pile: write(update(orders).where(orders.c.id == order_id()).values(values))


def chosen(**values: Any) -> Callable[[int], None]:
    return lambda pile: edits.set_options(pile, [order_id()], **values)


def write(*statements: Any) -> None:
    with db.writing() as connection:
        for one in statements:
            connection.execute(one)


def company(vat: str, service: str = "smartbill") -> int:
    with db.writing() as connection:
        return connections.save(
            connection, kind="invoicing", service=service, name=f"{service} {vat}",
            settings={"vat_code": vat}, secrets_={},
        )  # fmt: skip


def name(source: str, *named: Reference, of: int = 0) -> None:
    with db.writing() as connection:
        wanted = [claims.Claim(of or order_id(), one, source) for one in named]
        claims.write(connection, wanted, accounts.load(connection))


def invoice_with(source: str = "order", refused: str = "", **facts: Any) -> Callable[[int], None]:
    """One invoice of the only company, with what its service says of it."""

    def put(_pile: int) -> None:
        company("RO77")
        name(source, Reference("smartbill", "MUR", "0077"))
        with db.writing() as connection:
            [paper] = connection.scalars(select(invoices.c.id)).all()
            said = Refused("no", refused) if refused else Confirmed(replace(TOLD, **facts))
            assert readings.keep(connection, paper, said)

    return put


def contested(_pile: int) -> None:
    company("RO77")
    other = world.add_order(shop_id(), 2, "81234567002")
    for one in (order_id(), other):
        name("order", Reference("smartbill", "MUR", "0077"), of=one)


def shop_id() -> int:
    with db.reading() as connection:
        return connection.scalar(select(orders.c.shop_id)) or 0


def two_companies(_pile: int) -> None:
    company("RO77")
    company("RO88")
    name("order", Reference("smartbill", "MUR", "0077"))


def unknown_company(_pile: int) -> None:
    company("RO77")
    name("order", Reference("smartbill", "MUR", "0077", "RO99"))


def several(_pile: int) -> None:
    company("RO77")
    name("service", Reference("smartbill", "MUR", "0077"), Reference("smartbill", "MUR", "0078"))


def annulling_what_is_reversed(pile: int) -> None:
    invoice_with(reversed=True)(pile)
    chosen(document="annul")(pile)
    with db.writing() as connection:
        preferences.save(connection, document="annul")


def question(code: JudgeCode) -> Callable[[int], None]:
    row = {"code": code, "text": "line 7", "source": "x", "created_at": dt.datetime.now(dt.UTC)}
    return lambda _pile: write(insert(order_questions).values(order_id=order_id(), **row))


def two_boxes(_pile: int) -> None:
    with db.writing() as connection:
        box = connection.execute(select(parcels)).one()._asdict()
        box |= {"tracking": "81234567009", "tracking_key": "81234567009", "scanned_on": None}
        connection.execute(insert(parcels).values({k: v for k, v in box.items() if k != "id"}))


def nothing_sent(_pile: int) -> None:
    write(
        update(parcels).values(void=True), update(orders).values(fulfillment_status="UNFULFILLED")
    )


# Every reason that holds back an order which nobody has begun.
SITUATIONS: dict[JudgeCode, Callable[[int], None]] = {
    C.CANCELLED: changed(cancelled_at=dt.datetime(2026, 11, 20, tzinfo=dt.UTC)),
    C.HISTORY: changed(gid="history/7"),
    C.LEFT_OUT: chosen(included=False),
    C.DELIVERED: lambda _pile: write(update(parcels).values(outcome="delivered")),
    C.PARCELS_OUT: two_boxes,
    C.NOT_SHIPPED: nothing_sent,
    C.PARTLY_SHIPPED: changed(fulfillment_status="PARTIALLY_FULFILLED"),
    C.PAID_AND_SHIPPED: changed(financial_status="PAID"),
    C.REFUND_NOT_CHOSEN: changed(financial_status="PAID", fulfillment_status="UNFULFILLED"),
    C.PARTLY_PAID: changed(financial_status="PARTIALLY_PAID"),
    C.REFUNDED: changed(financial_status="REFUNDED"),
    C.PARTLY_REFUNDED: changed(financial_status="PARTIALLY_REFUNDED"),
    C.STORE_CREDIT: changed(gateways="Card cadou"),
    C.RETURN_IN_PROGRESS: changed(has_returns=True),
    **{one: question(one) for one in (C.REFERENCE_UNCLEAR, C.IMPORT_ROW_REFUSED, C.LISTED_STATE)},
    C.CONTESTED: contested,
    C.SERVICE_NOT_CONNECTED: lambda _pile: name("order", Reference("fgo", "MUR", "77")),
    C.ACCOUNT_UNKNOWN: two_companies,
    C.ACCOUNT_NOT_CONNECTED: unknown_company,
    C.SEVERAL_FOUND: several,
    C.TOTAL_DIFFERS: invoice_with(total_minor=12101),
    C.CURRENCY_DIFFERS: invoice_with(currency="HUF"),
    C.ISSUED_BEFORE: invoice_with("service", issued_on=dt.date(2001, 5, 6)),
    C.ISSUED_AHEAD: invoice_with(issued_on=dt.date(2099, 5, 6)),
    C.CUSTOMER_DIFFERS: invoice_with("service", customer="Ilinca Dobre"),
    C.OTHER_ORDER: invoice_with("service", order_text="comanda #7781"),
    C.FOUND_UNPROVED: invoice_with("service", total_minor=None),
    C.PARTLY_REVERSED: invoice_with(partly_reversed=True),
    C.INVOICE_PAID: invoice_with(paid=True),
    C.STATUS_UNCLEAR: invoice_with(unclear="status_plata: la casa"),
    C.IS_STORNO: invoice_with(is_storno=True),
    C.ALREADY_ANNULLED: invoice_with(annulled=True),
    C.ALREADY_REVERSED: annulling_what_is_reversed,
    C.NOT_FOUND: invoice_with(refused="not_found"),
    C.UNREADABLE: invoice_with(refused="no_plan"),
}
BEGUN = {C.QUEUED, C.WORKING, C.WAITING, C.NEEDS_PERSON, C.DONE}
ABOUT_DOCUMENTS = set(list(C)[list(C).index(C.REFERENCE_UNCLEAR) : -1])


def test_every_reason_of_the_table_has_its_situation() -> None:
    """A run alone knows CHANGED: what was shown is not what it would do (its own tests)."""
    assert set(SITUATIONS) | BEGUN | {C.CHANGED} == set(JudgeCode) == set(RULES)


@pytest.fixture
def pile(engine: Engine) -> int:
    """A pile with one order that would run, and whose parcel was scanned."""
    world.add_order(world.connect_shop(), 1, NUMBER)
    made = world.pile()
    world.scan(made, NUMBER)
    assert review.runnable_orders(made) == [order_id()]
    return made


def begun() -> int:
    with db.reading() as connection:
        counts = [select(func.count()).select_from(one) for one in (reversals, run_table)]
        return sum(connection.scalar(one) or 0 for one in counts)


def planned(pile: int) -> dict[str, Any]:
    out = io.StringIO()
    with redirect_stdout(out):
        plan.plan(str(pile), as_json=True)
    [first] = [line for line in out.getvalue().splitlines() if json.loads(line)["order"] == "#1"]
    return dict(json.loads(first))


@pytest.mark.parametrize("code", list(SITUATIONS))
def test_a_reason_holds_at_every_way_in_and_is_told_alike(pile: int, code: JudgeCode) -> None:
    SITUATIONS[code](pile)
    group = RULES[code].group
    # what is shown: the table, the counts, the plan of the host and of programs, the card, a scan
    [row] = review.review(pile, order_ids=[order_id()]).to_dict("records")
    reason = row["held_by"]
    assert (reason.code, row["group"], row["may_waive"]) == (code, group, RULES[code].may_waive)
    groups = review.groups(pile)
    assert dict(zip(groups["order_id"], groups["group"], strict=True))[order_id()] == group
    assert review.totals(pile, [order_id()]).orders == 0
    line = planned(pile)
    assert (line["group"], line["reason"]) == (group, reason.as_json())
    [told_to_programs] = [one for one in routes._planned(pile) if one["order"] == "#1"]
    assert (told_to_programs["group"], told_to_programs["why"]) == (group, sentence(reason))
    assert (told_to_programs["what"], told_to_programs["shown"]) == ("", "")  # nothing will run
    judged = runs.judged(order_id(), pile)
    assert (judged.group, judged.reason) == (group, reason)
    answer = scan_response.scan_code(pile, NUMBER, key="again", source="scanner")
    assert answer.sound != "good"
    # what would be done: the pile, some of it, the card, a barcode
    for only in (None, [order_id()]):
        with pytest.raises(runs.NothingToRun):
            runs.start_run(pile, only)
    held = pytest.raises(runs.NothingToRun if group in OVER else runs.HeldByJudge)
    with held as caught:
        runs.reverse_order(order_id(), restock=False, pile_id=pile)
    if group not in OVER:
        assert caught.value.reason == reason
    outcome = commands.obey(commands.Command.RESTOCK, pile, order_id())
    assert not outcome.done
    assert begun() == 0


@pytest.mark.parametrize("code", [one for one in SITUATIONS if RULES[one].group not in OVER])
def test_a_person_goes_against_it_with_a_reason_where_its_rule_allows_that_and_not_else(
    pile: int, code: JudgeCode
) -> None:
    SITUATIONS[code](pile)
    may = RULES[code].may_waive
    for act in (
        lambda: edits.all_the_same(pile, order_id(), "  "),
        lambda: runs.reverse_order(order_id(), restock=False, pile_id=pile, all_the_same=" "),
    ):
        with pytest.raises(UserError):
            act()
    assert begun() == 0
    if may:
        edits.all_the_same(pile, order_id(), "seen by hand")
        left = runs.judged(order_id(), pile).reason
        assert left is None or left.code != code
        return
    with pytest.raises(UserError):
        edits.all_the_same(pile, order_id(), "seen by hand")
    with pytest.raises(runs.HeldByJudge) as caught:
        runs.reverse_order(order_id(), restock=False, pile_id=pile, all_the_same="seen by hand")
    assert (caught.value.reason.code, caught.value.may_waive) == (code, False)
    assert begun() == 0


@pytest.mark.parametrize("code", sorted(ABOUT_DOCUMENTS))
def test_an_order_cancelled_at_its_shop_is_asked_about_by_the_same_rules(
    pile: int, code: JudgeCode
) -> None:
    """Its message and the poll take the invoices along, where the documents are believed."""
    with db.writing() as connection:
        preferences.save(connection, revert_invoice_on_cancel=True)
    SITUATIONS[code](pile)
    changed(cancelled_at=now())(pile)
    assert external_cancellations.take([order_id()]) == []
    with pytest.raises(runs.HeldByJudge) as caught:
        runs.reverse_invoices(order_id())
    assert caught.value.reason.code == code
    assert begun() == 0


# Shopify's words of an order that has unsent items, in its own documentation of the enum.
NOT_ALL_SENT = ["ON_HOLD", "SCHEDULED", "IN_PROGRESS", "PENDING_FULFILLMENT", "REQUEST_DECLINED"]


@pytest.mark.parametrize("status", NOT_ALL_SENT)
def test_an_order_with_items_still_to_be_sent_is_held_though_its_parcel_is_back(
    pile: int, status: str
) -> None:
    """Shopify says "partially fulfilled" of such orders only while nothing holds the rest."""
    changed(fulfillment_status=status)(pile)
    assert runs.judged(order_id(), pile).reason == Reason.of(C.PARTLY_SHIPPED)
    with db.reading() as connection:  # as the last look before the cancel asks
        facts = of_order(connection, order_id(), Choices())
    assert facts is not None
    assert list(rules.at_shop(facts)) == [Reason.of(C.PARTLY_SHIPPED)]
    edits.all_the_same(pile, order_id(), "the rest will not go out")
    assert runs.judged(order_id(), pile).group == "will run"


@pytest.mark.parametrize("status", ["OPEN", "RESTOCKED", *NOT_ALL_SENT])
def test_an_order_without_a_parcel_of_which_nothing_was_sent_is_held_whatever_the_shop_calls_it(
    pile: int, status: str
) -> None:
    nothing_sent(pile)
    changed(fulfillment_status=status, financial_status="PAID")(pile)
    chosen(refund=True)(pile)  # paid and unsent: Shopify cancels it
    with db.reading() as connection:
        facts = of_order(connection, order_id(), Choices(refund=True))
    assert facts is not None
    assert list(rules.reasons(facts)) == [Reason.of(C.NOT_SHIPPED)]


STATUSES = [
    "", "PENDING", "AUTHORIZED", "EXPIRED", "VOIDED", "PAID", "PARTIALLY_PAID", "REFUNDED",
    "PARTIALLY_REFUNDED",
]  # fmt: skip


@given(
    st.sampled_from(STATUSES), st.sampled_from([None, True, False]), st.booleans(), st.booleans(),
    st.booleans(), st.sampled_from(["", "Ramburs", "Card cadou, Stripe", "Carduri"]),
)  # fmt: skip
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_money_taken_or_on_its_way_back_is_held_alike_wherever_it_is_asked(
    pile: int, status: str, refund: bool | None, frees: bool, returns: bool, shipped: bool,
    gateways: str,
) -> None:  # fmt: skip
    changed(
        financial_status=status, has_returns=returns, gateways=gateways,
        fulfillment_status="FULFILLED" if shipped else "UNFULFILLED",
    )(pile)  # fmt: skip
    chosen(refund=refund, cancel_fulfillments=frees)(pile)
    held = returns or "cadou" in gateways or "REFUNDED" in status
    held |= "PAID" in status and refund is None
    held |= status == "PAID" and shipped and not frees
    assert (review.runnable_orders(pile) == []) is held
    assert (runs.judged(order_id(), pile).group == "held") is held
    assert review.groups(pile)["group"].tolist() == ["held" if held else "will run"]
    assert planned(pile)["group"] == ("held" if held else "will run")
    with db.reading() as connection:  # as the last look before the cancel asks
        facts = of_order(connection, order_id(), Choices(refund=refund, cancel_fulfillments=frees))
    assert facts is not None
    assert bool(list(rules.at_shop(facts))) is held


def test_a_label_made_anew_does_not_hold_its_order_at_any_way_in(pile: int) -> None:
    """Review had shown that it would run, while the run and the card held it."""
    two_boxes(pile)
    write(update(parcels).where(parcels.c.tracking != NUMBER).values(void=True))
    [row] = review.review(pile).to_dict("records")
    assert (row["group"], row["parcels"]) == ("will run", 1)
    assert list(review.groups(pile)["group"]) == ["will run"]
    assert runs.judged(order_id(), pile).reason is None
    assert planned(pile)["group"] == "will run"
    assert runs.start_run(pile).total == 1


def test_what_was_chosen_for_a_pile_reaches_the_judge_of_each_order_in_it(pile: int) -> None:
    with db.reading() as connection:
        assert connection.scalar(select(pile_orders.c.refund)) is None
    changed(financial_status="PARTIALLY_PAID")(pile)
    edits.set_options_of_pile(pile, refund=False)
    assert runs.judged(order_id(), pile).reason is None


@pytest.mark.parametrize(
    ("document", "answer"),
    [("storno", {"reversed": True}), ("annul", {"annulled": True}), ("none", {"annulled": True})],
)
def test_what_was_done_before_by_the_same_kind_of_document_holds_nothing(
    pile: int, document: str, answer: dict[str, bool]
) -> None:
    """Before it is sent the service is asked, and finds it done."""
    invoice_with(**answer)(pile)
    chosen(document=document)(pile)
    assert runs.judged(order_id(), pile).group == "will run"


@pytest.mark.parametrize(
    ("ours", "theirs", "held"),
    [("LEI", "RON", False), ("RON", "Lei", False), ("LEI", "EUR", True), ("RON", "ROL", True)],
)
def test_lei_is_another_writing_of_ron(pile: int, ours: str, theirs: str, held: bool) -> None:
    changed(currency=ours)(pile)
    invoice_with(currency=theirs)(pile)
    reason = runs.judged(order_id(), pile).reason
    assert (reason is not None and reason.code == C.CURRENCY_DIFFERS) is held
