"""Reconcile: what is out there is asked for, and silence is no answer."""

import datetime as dt
import json
from typing import Any

import pytest
from click.testing import CliRunner, Result
from reversal_support import Desk, order
from sqlalchemy import select, update

from core.cli.main import main
from core.clock import now
from core.i18n.reasons import sentence
from core.reasons import quoted
from core.reversal.checks import probe, reconcile
from core.reversal.runs import follow_up, runs
from core.services.outcome import Confirmed, NotSent, Outcome, RefusedForNow, Unknown
from core.settings import connections
from core.settings.connections import Connection
from core.store import db
from core.store.tables import invoice_readings, invoices, orders, reversals

NOWHERE = "http://127.0.0.1:9"


pytestmark = pytest.mark.usefixtures("hurried")


def reversed_orders(desk: Desk, made: list[dict[str, Any]], *left_alone: int) -> None:
    """These orders are cancelled and reversed for real, but for those with these numbers."""
    desk.load(made)
    with db.reading(desk.engine) as connection:
        known = connection.execute(select(orders.c.id, orders.c.name)).all()
    for one in known:
        if one.name not in [f"#{100000 + number}" for number in left_alone]:
            runs.reverse_order(one.id, restock=False)
    desk.start_worker()
    desk.wait()
    desk.kill_workers()
    assert set(desk.states()) == {"done"}


def connect(desk: Desk, service: str, **changes: Any) -> str:
    """Change a connection's settings, secrets or whether it is on; gives its name."""
    with db.writing(desk.engine) as connection:
        everything = connections.all_connections(connection, enabled=False)
        (one,) = (one for one in everything if one.service == service)
        connections.save(
            connection, kind=one.kind, service=service, name=one.name, sandbox=True,
            settings={**one.settings, **changes.get("settings", {})},
            secrets_={**one.secrets, **changes.get("secrets", {})},
            enabled=changes.get("enabled", True),
        )  # fmt: skip
    return one.name


def address(desk: Desk, service: str) -> str:
    with db.reading(desk.engine) as connection:
        everything = connections.all_connections(connection)
    return next(one.settings["base_url"] for one in everything if one.service == service)


def storno(*words: str) -> Result:
    return CliRunner().invoke(main, ["reconcile", *words])


def alarms(desk: Desk) -> list[tuple[str, str]]:
    return [(one.subject, sentence(one.reason)) for one in follow_up.open_alarms()]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"total_minor": 99900}, reconcile.MisfitCode.ANOTHER_SUM),
        ({"currency": "EUR"}, reconcile.MisfitCode.ANOTHER_SUM),
        ({"customer": "Maria Ionescu"}, reconcile.MisfitCode.ANOTHER_CUSTOMER),
    ],
)
def test_a_document_over_another_sum_or_of_another_customer_than_was_believed_is_an_alarm(
    desk: Desk, changes: dict[str, Any], code: reconcile.MisfitCode
) -> None:
    reversed_orders(desk, [order(1), order(2)])
    assert reconcile.reconcile().ok
    with db.writing(desk.engine) as connection:
        row = connection.execute(select(invoice_readings).limit(1)).one()
        mine = invoice_readings.c.invoice_id == row.invoice_id
        connection.execute(
            update(invoice_readings).where(mine).values(facts={**row.facts, **changes})
        )
    report = reconcile.reconcile()
    assert [one.code for one in report.alarms] == [code]


def make_old(desk: Desk) -> None:
    """All of it happened last week."""
    with db.writing(desk.engine) as connection:
        connection.execute(update(reversals).values(finished_at=now() - dt.timedelta(days=7)))


def test_a_service_that_is_down_is_one_alarm_and_its_orders_are_asked_about_until_it_answers(
    desk: Desk,
) -> None:
    reversed_orders(desk, [order(1), order(2)])
    good = address(desk, "oblio")
    assert storno().exit_code == 0
    name = connect(desk, "oblio", settings={"base_url": NOWHERE})

    result = storno("--json")
    assert result.exit_code == 1
    said = json.loads(result.stdout)
    assert (said["orders"], said["invoices"]) == (2, 0)
    assert [one["order"] for one in said["unanswered"]] == ["#100001", "#100002"]
    assert {one["service"] for one in said["unanswered"]} == {name}
    assert "could not be reached" in said["unanswered"][0]["why"]
    ((subject, text),) = alarms(desk)
    assert subject == name
    assert "could not be asked" in text
    assert "#100001, #100002" in text
    assert "Settings" in text
    assert "could not be asked" in storno().stderr

    make_old(desk)
    assert storno().exit_code == 1
    connect(desk, "oblio", settings={"base_url": good})
    report = reconcile.reconcile()
    assert (report.ok, report.orders, report.invoices) == (True, 2, 2)
    assert alarms(desk) == []
    assert reconcile.reconcile().orders == 0
    assert reconcile.reconcile(None).orders == 2
    assert json.loads(storno("--all", "--json").stdout)["orders"] == 2


def test_who_clears_the_alarm_of_a_silent_service_ends_the_asking(desk: Desk) -> None:
    reversed_orders(desk, [order(1)])
    connect(desk, "oblio", settings={"base_url": NOWHERE})
    assert not reconcile.reconcile().ok
    make_old(desk)
    (alarm,) = follow_up.open_alarms()
    follow_up.clear_alarm(alarm.id)
    assert reconcile.reconcile().ok
    assert alarms(desk) == []


def test_a_service_that_does_not_let_us_in_or_is_switched_off_is_not_taken_for_well(
    desk: Desk,
) -> None:
    reversed_orders(desk, [order(1)])
    shop = connect(desk, "shopify", secrets={"token": "shpat_of_yesterday"})
    oblio = connect(desk, "oblio", secrets={"secret": "of yesterday"})
    report = reconcile.reconcile()
    assert (report.ok, report.orders, report.invoices) == (False, 0, 0)
    assert [one.service for one in report.unanswered] == [shop, oblio]
    assert {subject for subject, _ in alarms(desk)} == {shop, oblio}

    connect(desk, "oblio", secrets={"secret": "sandbox-secret"}, enabled=False)
    off = reconcile.reconcile().unanswered[-1]
    assert (off.order, off.service, off.why.code) == ("#100001", oblio, "service_is_switched_off")


def test_an_invoice_that_came_after_the_run_is_asked_about_unless_none_was_wanted(
    desk: Desk,
) -> None:
    reversed_orders(desk, [order(1), order(2)], 2)
    late = invoices.c.number == "0002"
    with db.writing(desk.engine) as connection:
        first = select(invoices.c.order_id).where(invoices.c.number == "0001").scalar_subquery()
        connection.execute(update(invoices).where(late).values(order_id=first))
    result = storno()
    assert result.exit_code == 1
    missing = "Invoice OB 0002 of order #100001 has no storno."
    assert missing in result.stderr
    assert alarms(desk) == [("invoice OB 0002", missing)]

    with db.writing(desk.engine) as connection:
        connection.execute(update(invoices).where(late).values(service="smartbill"))
    (nobody,) = reconcile.reconcile().alarms
    assert nobody.code == reconcile.MisfitCode.REVERSED_NOT_KNOWN
    assert nobody.parameters["invoice"] == "OB 0002"

    with db.writing(desk.engine) as connection:
        chosen = connection.scalar(select(reversals.c.options))
        options = {**(chosen or {}), "document": "none"}
        connection.execute(update(reversals).values(options=options))
    report = reconcile.reconcile()
    assert (report.ok, report.invoices, report.unasked) == (True, 1, 0)


def test_an_invoice_that_the_service_does_not_know_is_an_alarm(desk: Desk) -> None:
    reversed_orders(desk, [order(1)])
    desk.load([])
    report = reconcile.reconcile()
    assert report.unanswered == ()
    of_order, of_invoice = report.alarms
    assert sentence(of_order).startswith("Order #100001: The shop does not show")
    assert sentence(of_invoice).startswith("Invoice OB 0001 of order #100001: Oblio has no invoice")


@pytest.mark.parametrize("invoice", ["fgo:FGO:0001", "stripe:STR:in_1"])
def test_two_stornos_of_one_invoice_are_an_alarm_where_the_service_tells(
    desk: Desk, invoice: str
) -> None:
    desk.settings(refuse_repeats=False)
    reversed_orders(desk, [order(1, attributes=[{"key": "invoice", "value": invoice}])])
    assert storno().exit_code == 0
    desk.reverse_by_hand(*invoice.split(":"))
    result = storno()
    assert result.exit_code == 1
    ((_, text),) = alarms(desk)
    assert "has 2 stornos; only one may stand" in text
    assert text in result.stderr


# ---------------------------------------------------------------- patience

ACCOUNT = Connection(1, "invoicing", "oblio", "Oblio", {}, {})


def test_a_hiccup_or_a_short_pause_is_waited_out() -> None:
    answers: list[Outcome[int]] = [
        Unknown(quoted("A hiccup.")),
        RefusedForNow(quoted("Wait."), now()),
        Confirmed(7),
    ]
    asked = probe.Questions([ACCOUNT])
    assert asked.ask(1, lambda: answers.pop(0)) == 7


def test_a_long_pause_is_not_waited_out() -> None:
    until = now() + dt.timedelta(minutes=10)
    with pytest.raises(probe.NoAnswer, match="Blocked"):
        probe.Questions([ACCOUNT]).ask(1, lambda: RefusedForNow(quoted("Blocked."), until))


def test_a_service_that_stays_silent_is_left_alone_for_the_rest_of_the_round() -> None:
    calls: list[int] = []

    def question() -> Outcome[int]:
        calls.append(1)
        return NotSent(quoted("Not reached."))

    asked = probe.Questions([ACCOUNT])
    for _ in range(10):
        with pytest.raises(probe.NoAnswer, match="Not reached"):
            asked.ask(1, question)
    assert len(calls) == probe.TRIES * probe.MOST_SILENCES
