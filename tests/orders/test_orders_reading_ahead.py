"""While a pile is planned, what one answer means for the others: a name, a service, an account."""

import datetime as dt
import itertools
import threading
from collections.abc import Callable
from typing import Any

import outside_world as world
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from set_clock import SetClock
from sqlalchemy import Engine, event, select

from core import clock
from core.clock import day, now
from core.config import home
from core.orders.documents import asking, readings
from core.orders.documents.accounts import load
from core.orders.judge.fit import DOCUMENTS
from core.orders.piles import checks, piles
from core.reasons import Reason
from core.reversal.worker import planning
from core.services.outcome import Confirmed, NotSent, Outcome, Refused, RefusedForNow, Unknown
from core.services.ports import InvoiceFacts, InvoiceRef
from core.settings import connections
from core.store import db
from core.store.tables import connections as connections_table
from core.store.tables import invoice_searches, orders

numbers = itertools.count(1)
same_desk = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=10)
WHY = Reason("http_no_answer")
ACCOUNT = ("no_permission", "no_plan", "too_many")  # said of an account, whatever was asked


class Service:
    """An invoicing service that answers each question as the test says."""

    def __init__(self, answer: Callable[[str], Outcome[Any]]) -> None:
        self.answer, self.asked = answer, list[str]()

    def find_invoices(self, name: str) -> Outcome[list[InvoiceRef]]:
        self.asked.append(name)
        return self.answer(name)

    def read_invoice(self, invoice: InvoiceRef) -> Outcome[InvoiceFacts]:
        self.asked.append(f"{invoice.series} {invoice.number}")
        return self.answer(invoice.series)


def found(_: str) -> Outcome[Any]:
    return Confirmed([], {})


@pytest.fixture
def planner(
    engine: Engine, set_clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> planning.Planner:
    made = planning.Planner(home(), threading.Event())
    monkeypatch.setattr(planning, "PAUSE", 0.0)
    return made


def look(planner: planning.Planner) -> float:
    pause = planner._look()
    for one in list(planner._at_work.values()):
        one.result()
    return pause


@pytest.fixture
def ask(monkeypatch: pytest.MonkeyPatch) -> Callable[[Service], None]:
    """Let every account be this service."""

    def use(service: Service) -> None:
        monkeypatch.setattr(planning.registry, "invoicing", lambda *_: service)

    return use


def account(vat_code: str = "RO111", service: str = "oblio") -> int:
    with db.writing() as connection:
        return connections.save(
            connection, kind="invoicing", service=service, name=f"{service} {vat_code}",
            settings={"vat_code": vat_code}, secrets_={},
        )  # fmt: skip


def planned(*attributes: dict[str, str]) -> list[str]:
    """A pile with an order each, scanned in this order; gives the orders' names."""
    for one in piles.all_piles():
        piles.close(one.id)
    pile, names = world.pile(f"P{next(numbers)}"), []
    shop = world.connect_shop() if not _shops() else _shops()[0]
    for one in attributes:
        number = next(numbers) + 100_000
        world.add_order(shop, number, f"7{number:012}", attributes=one)
        world.scan(pile, f"7{number:012}")
        names.append(f"#{number}")
    return names


def _shops() -> list[int]:
    with db.reading() as connection:
        return [one.id for one in connections.all_connections(connection, "shop")]


def searched() -> set[str]:
    query = select(orders.c.name).join(invoice_searches, invoice_searches.c.order_id == orders.c.id)
    with db.reading() as connection:
        return set(connection.scalars(query))


@same_desk
@given(
    refused=st.lists(st.booleans(), min_size=1, max_size=12),
    code=st.sampled_from(["", "invalid", "not_found", "closed", "a code of its own"]),
    window=st.integers(1, 5),
)
def test_a_name_that_is_refused_waits_and_every_other_is_looked_for(
    planner: planning.Planner, ask: Callable[[Service], None], refused: list[bool], code: str,
    window: int,
) -> None:  # fmt: skip
    if not _filed():
        account()
    names = planned(*[{} for _ in refused])
    bad = {name for name, one in zip(names, refused, strict=True) if one}
    service = Service(lambda name: Refused(WHY, code) if name in bad else found(name))
    ask(service)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(checks, "WINDOW", window)
        for _ in range(2 * len(names) + 2):
            look(planner)
    assert searched() >= set(names) - bad
    assert not searched() & bad
    assert sorted(service.asked) == sorted(names)  # the refused ones once, within the minute


def test_a_refused_name_is_asked_for_again_ever_later(
    planner: planning.Planner, ask: Callable[[Service], None], set_clock: SetClock
) -> None:
    account()
    [name] = planned({})
    service = Service(lambda _: Refused(WHY, "invalid"))
    ask(service)
    times: list[float] = []
    set_clock.stand_still()
    for second in range(0, 400, 10):
        before = len(service.asked)
        look(planner)
        if len(service.asked) > before:
            times.append(second)
        set_clock.passed += 10
    assert service.asked == [name] * 3
    assert times == [0, 60, 180]


OUTAGES = {
    "limit": lambda: RefusedForNow(WHY, now() + dt.timedelta(seconds=45)),
    "outage": lambda: NotSent(WHY),
    "silence": lambda: Unknown(WHY),
    **{code: (lambda code=code: Refused(WHY, code)) for code in ACCOUNT},
}


@pytest.mark.parametrize("kind", OUTAGES)
def test_what_is_the_services_own_trouble_stops_the_search_for_all(
    planner: planning.Planner, ask: Callable[[Service], None], kind: str
) -> None:
    account()
    names = planned({}, {}, {})
    service = Service(lambda _: OUTAGES[kind]())
    ask(service)
    for _ in range(5):
        look(planner)
    assert service.asked == names[:1]
    service.answer = found
    for _ in range(10):
        planner._not_before.clear()
        planner._unfound.clear()
        look(planner)
    assert searched() == set(names)
    assert not checks.pauses()


def test_a_name_that_never_gets_an_answer_does_not_keep_the_others_waiting(
    planner: planning.Planner, ask: Callable[[Service], None], set_clock: SetClock
) -> None:
    account()
    names = planned({}, {}, {})
    service = Service(lambda name: Unknown(WHY) if name == names[0] else found(name))
    ask(service)
    for _ in range(8):
        look(planner)
        set_clock.passed += 1
    assert searched() == set(names[1:])


def test_a_refusal_of_the_account_is_none_of_the_name() -> None:
    for code in ACCOUNT:
        assert not asking.is_about_one(Refused(WHY, code))
    assert asking.is_about_one(Refused(WHY, "invalid"))
    assert not asking.is_about_one(NotSent(WHY))


# ---------------------------------------------------------------- what cannot be read is not listed


def _filed() -> list[int]:
    with db.reading() as connection:
        return [one.connection_id for one in load(connection).everything]


def wanted(**how: Any) -> list[str]:
    with db.reading() as connection:
        return [one.name for one in checks.wanted(connection, **how).invoices]


@pytest.fixture
def some(engine: Engine) -> dict[str, int]:
    """Two companies at Oblio, one at SmartBill."""
    return {
        "one": account("RO111"), "two": account("RO222"), "smartbill": account("RO111", "smartbill")
    }  # fmt: skip


@pytest.mark.parametrize("busy", [(), ("one",), ("two",), ("smartbill",), ("one", "two")])
def test_only_invoices_of_accounts_that_can_be_asked_now_are_listed(
    some: dict[str, int], busy: tuple[str, ...]
) -> None:
    planned(
        {"invoice": "oblio@111:OB:1"}, {"invoice": "oblio@RO222:OB:2"},
        {"invoice": "smartbill:CVZ:3"}, {"invoice": "oblio:OB:4"}, {"invoice": "oblio@999:OB:5"},
        {"invoice": "fgo:FGO:6"}, {"invoice": "oblio@oblio RO222:OB:7"},
    )  # fmt: skip
    theirs = {"one": ["OB 1"], "two": ["OB 2", "OB 7"], "smartbill": ["CVZ 3"]}
    expected = sorted(name for key in theirs if key not in busy for name in theirs[key])
    assert sorted(wanted(busy=[some[one] for one in busy])) == expected


def test_an_invoice_whose_connection_was_made_anew_is_read_by_its_company(
    some: dict[str, int],
) -> None:
    planned({"invoice": "oblio@111:OB:1"}, {"invoice": "smartbill:CVZ:3"})
    assert sorted(wanted()) == ["CVZ 3", "OB 1"]
    with db.writing() as connection:
        for one in ("one", "smartbill"):
            connection.execute(
                connections_table.update()
                .where(connections_table.c.id == some[one])
                .values(enabled=False)
            )
    assert wanted() == []
    account("111", "oblio"), account("RO 333", "smartbill")
    assert wanted() == ["OB 1"]  # SmartBill's is another company's account


def test_a_pile_that_cannot_be_read_costs_one_question_a_second(
    planner: planning.Planner, some: dict[str, int], monkeypatch: pytest.MonkeyPatch, engine: Engine
) -> None:
    monkeypatch.setattr(checks, "WINDOW", 3)
    planned(*[{"invoice": f"oblio:OB:{n}"} for n in range(1, 11)])  # whose, nobody knows
    said: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *arguments: said.append(arguments[2]))
    assert look(planner) == planning.IDLE_PAUSE
    assert sum("invoice_readings" in one for one in said) == 1


@given(st.timedeltas(dt.timedelta(days=-2), dt.timedelta(days=2)))
def test_a_services_word_is_believed_for_an_hour_and_never_from_the_future(
    age: dt.timedelta,
) -> None:
    today = day(now(), DOCUMENTS)
    said = InvoiceFacts("MUR", "0077", 12100, "RON", today, customer="Ana Pop")
    with clock.use(made := SetClock()):
        made.stand_still()
        at = made.now() - age
        facts, why = readings.understood(at, readings.as_json(said), None)
    is_believed = dt.timedelta(0) <= age < dt.timedelta(hours=1)
    assert (facts, why) == (said if is_believed else None, None)
