"""Stornos on their way to e-Factura: asked where the service tells, listed where nobody knows."""

import datetime as dt
from typing import Any

import pytest
from reversal_support import Desk, order
from sqlalchemy import select, update

from core.audit import trail
from core.audit.actions import Action
from core.clock import now
from core.reversal.checks import filings
from core.services.invoicing.efactura import filing_deadline
from core.settings import connections
from core.store import db
from core.store.states import FilingState
from core.store.tables import invoices
from core.store.tables.invoices import filings as filings_table


def not_filed() -> list[filings.NotFiled]:
    """All of them; how many there are is said as well."""
    count, found = filings.not_known_filed()
    assert count == len(found)
    return found


def reversed_at_each(desk: Desk, services: list[str]) -> None:
    """One order an invoicing service, its invoice reversed for real at the sandbox."""
    desk.load([order(n, invoice=service) for n, service in enumerate(services, 1)])
    desk.start_worker()
    desk.run()
    desk.wait()


def say_of_stornos(desk: Desk, filing: dict[str, Any]) -> None:
    """What FGO says of its storno's way, from now on."""
    desk.settings(filing=filing)


def save(account: connections.Connection, **settings: str) -> None:
    with db.writing() as connection:
        connections.save(
            connection, kind=account.kind, service=account.service, name=account.name,
            settings={**account.settings, **settings}, secrets_=account.secrets, sandbox=True,
        )  # fmt: skip


def accounts() -> dict[str, connections.Connection]:
    with db.reading() as connection:
        return {one.service: one for one in connections.all_connections(connection, "invoicing")}


def test_what_fgo_tells_is_asked_and_the_others_are_listed(desk: Desk) -> None:
    reversed_at_each(desk, ["fgo", "smartbill", "oblio"])
    assert {one.service for one in not_filed()} == {"FGO", "SmartBill", "Oblio"}
    assert filings.ask() == 1
    left = not_filed()
    assert {one.service for one in left} == {"SmartBill", "Oblio"}
    assert all(one.due_on == filing_deadline(one.issued_on) for one in left)
    assert filings.ask() == 0  # what is filed is not asked about again


def test_a_refused_storno_stands_first_with_the_words_of_anaf(desk: Desk) -> None:
    reversed_at_each(desk, ["smartbill", "fgo"])
    say_of_stornos(desk, {"eroare_anaf": True, "detalii": "BR-RO-010"})
    assert filings.ask() == 0
    first = not_filed()[0]
    assert (first.service, first.refused, first.note) == ("FGO", True, "BR-RO-010")
    say_of_stornos(desk, {})
    assert filings.ask() == 1
    assert [one.service for one in not_filed()] == ["SmartBill"]


def test_oblio_is_asked_as_well(desk: Desk) -> None:
    reversed_at_each(desk, ["oblio"])
    assert filings.ask() == 0  # it says that nothing is set up there
    [one] = not_filed()
    assert (one.refused, one.note) == (False, "Neconfigurat")
    desk.settings(oblio_filing={"text": "e-Factura trimisa", "sent": True, "code": 1})
    assert filings.ask() == 1
    assert not_filed() == []


def test_what_was_refused_is_listed_though_the_service_files_by_itself(desk: Desk) -> None:
    reversed_at_each(desk, ["oblio"])
    save(accounts()["oblio"], files_itself="yes")
    assert not_filed() == []
    desk.settings(oblio_filing={"text": "BR-RO-010", "code": 2})
    filings.ask()
    [one] = not_filed()
    assert (one.refused, one.note) == (True, "BR-RO-010")


def test_a_service_that_files_by_itself_is_not_listed(desk: Desk) -> None:
    reversed_at_each(desk, ["smartbill", "oblio"])
    save(accounts()["smartbill"], files_itself="yes")
    assert [one.service for one in not_filed()] == ["Oblio"]


def test_what_a_person_has_seen_to_leaves_the_list_once_and_is_told(desk: Desk) -> None:
    reversed_at_each(desk, ["oblio"])
    [one] = not_filed()
    assert filings.seen_to(one.invoice_id)
    assert not filings.seen_to(one.invoice_id)
    assert not_filed() == []
    with db.reading() as connection:
        [row] = trail.search(connection, actions=[Action.FILING_SEEN_TO])
    assert row.detail["storno"] == one.storno


def test_of_a_long_list_the_refused_come_first_then_the_earliest_and_all_are_counted(
    desk: Desk,
) -> None:
    reversed_at_each(desk, ["fgo", "smartbill", "oblio", "fgo", "oblio"])
    with db.writing() as connection:
        ids = list(connection.scalars(select(invoices.c.id).order_by(invoices.c.id)))
        for days, one in enumerate(ids, 1):
            at = now() - dt.timedelta(days=days)
            connection.execute(update(invoices).where(invoices.c.id == one).values(reversed_at=at))
        row = {"invoice_id": ids[0], "state": FilingState.REFUSED, "note": "", "reported_at": now()}
        connection.execute(filings_table.insert().values(**row))
        # Of an account that was taken away: the only other one of its service speaks for it.
        gone = update(invoices).where(invoices.c.service == "smartbill").values(connection_id=None)
        connection.execute(gone)
    count, first = filings.not_known_filed(3)
    assert (count, [one.invoice_id for one in first]) == (5, [ids[0], ids[4], ids[3]])
    save(accounts()["smartbill"], files_itself="yes")
    save(accounts()["fgo"], files_itself="yes")
    assert [one.invoice_id for one in not_filed()] == [ids[0], ids[4], ids[2]]


@pytest.mark.parametrize(("days", "listed"), [(1, 1), (59, 1), (61, 0)])
def test_only_the_stornos_of_sixty_days_are_listed(desk: Desk, days: int, listed: int) -> None:
    reversed_at_each(desk, ["oblio"])
    with db.writing() as connection:
        connection.execute(update(invoices).values(reversed_at=now() - dt.timedelta(days=days)))
    assert len(not_filed()) == listed


def test_an_unreachable_service_leaves_what_is_known_as_it_is(desk: Desk) -> None:
    reversed_at_each(desk, ["fgo"])
    desk.faults(share=1.0, kinds=["error_before"], services=["fgo"])
    assert filings.ask() == 0
    desk.faults()
    assert len(not_filed()) == 1
    with db.reading() as connection:
        assert connection.scalars(select(filings_table.c.state)).all() == []
