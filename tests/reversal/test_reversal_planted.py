"""Reconcile finds each wrong that is planted in what was done, and finds nothing where all is well.

What was done is written down as the worker writes it, and stands in the sandbox as done; a wrong
is planted in one of both. That real runs are well is shown beside each of their own tests.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from reversal_support import Desk, order, world
from sqlalchemy import delete, insert, select, update

from core.clock import now
from core.i18n.reasons import sentence
from core.orders.judge import names
from core.reversal.checks import fitting, reconcile
from core.reversal.checks.reconcile import MisfitCode
from core.services.ports import InvoiceFacts
from core.store import db
from core.store.tables import effects, invoices, orders, reversals

DAY = "2026-11-10"


pytestmark = pytest.mark.usefixtures("hurried")


@dataclass
class Done:
    """Two orders that were cancelled and reversed, as both sides know them."""

    desk: Desk
    prefix: str  # of a storno's number, as the service tells it
    world: dict[str, Any] = field(default_factory=dict)

    def invoice(self, number: int = 1) -> dict[str, Any]:
        """The invoice of an order, out there."""
        return next(
            one for one in self.world["invoices"]
            if one["order_name"] == f"#{100000 + number}" and "of" not in one
        )  # fmt: skip

    def order(self, number: int = 1) -> dict[str, Any]:
        return next(one for one in self.world["orders"] if one["id"] == 100000 + number)

    def write(self, statement: Any) -> Any:
        with db.writing(self.desk.engine) as connection:
            return connection.execute(statement)

    def ids(self, number: int = 1) -> dict[str, int]:
        """Our ids around an order."""
        with db.reading(self.desk.engine) as connection:
            order_id = connection.scalar(
                select(orders.c.id).where(orders.c.name == f"#{100000 + number}")
            )
            invoice = connection.execute(
                select(invoices).where(invoices.c.order_id == order_id)
            ).first()
            reversal = connection.scalar(
                select(reversals.c.id).where(reversals.c.order_id == order_id)
            )
        return {
            "order": int(order_id or 0),
            "invoice": int(invoice.id) if invoice else 0,
            "account": int(invoice.connection_id or 0) if invoice else 0,
            "reversal": int(reversal or 0),
        }

    def found(self) -> list[tuple[str, str]]:
        """What reconcile finds: the subject's code, and the sentence."""
        self.desk._control("POST", "load", self.world)
        report = reconcile.reconcile()
        assert report.unanswered == ()
        return [(str(one.code), sentence(one)) for one in report.alarms]


def storno_of(invoice: dict[str, Any], number: str) -> dict[str, Any]:
    key = f"{invoice['service']}:{invoice['series']}:{invoice['number']}"
    return {
        **invoice, "number": number, "total_minor": -invoice["total_minor"], "state": "open",
        "of": key, "issued_on": "2026-11-19",
    }  # fmt: skip


def done(desk: Desk, *services: str) -> Done:
    """As after a run over an order of each of these services."""
    made = [order(n, invoice=service) for n, service in enumerate(services, 1)]
    for n, service in enumerate(services, 1):
        if service == "stripe":
            made[n - 1]["attributes"] = [{"key": "invoice", "value": f"stripe:STR:in_{n}"}]
    desk.load(made)
    whole = world(made)
    for one in whole["orders"]:
        one |= {
            "cancelled_at": "2026-11-19T08:00:00Z", "updated_at": "2026-11-19T08:00:00Z",
            "financial_status": "VOIDED", "restocked": False,
        }  # fmt: skip
    stornos = []
    for n, one in enumerate(whole["invoices"], 1):
        storno = storno_of(one, f"90{n:02}")
        stornos.append(storno)
        key = f"{storno['service']}:{storno['series']}:{storno['number']}"
        one |= {"state": "reversed", "storno": key}
    whole["invoices"] += stornos
    known = Done(desk, "STR-CN-" if "stripe" in services else "", whole)
    for n in range(1, len(services) + 1):
        _write_down(known, n)
    return known


def _write_down(made: Done, number: int) -> None:
    ids, moment = made.ids(number), now()
    with db.writing(made.desk.engine) as connection:
        shop_id = connection.scalar(select(orders.c.shop_id).where(orders.c.id == ids["order"]))
        connection.execute(
            update(orders).where(orders.c.id == ids["order"]).values(cancelled_at=moment)
        )
        reversal_id = connection.scalar(
            insert(reversals)
            .values(
                order_id=ids["order"], origin="pile", requested_by="ana", state="done",
                options={"cancel": True, "document": "storno", "restock": False, "refund": None},
                created_at=moment, finished_at=moment,
            )
            .returning(reversals.c.id)
        )  # fmt: skip
        for kind, slot, target, account, invoice in (
            ("cancel", "cancel", f"gid://shopify/Order/{100000 + number}", shop_id, None),
            ("storno", "document", f"invoice {number}", ids["account"], ids["invoice"]),
        ):
            connection.execute(
                insert(effects).values(
                    reversal_id=reversal_id,
                    connection_id=account,
                    kind=kind,
                    slot=slot,
                    target=target,
                    invoice_id=invoice,
                    key=f"{kind}-{number}",
                    state="confirmed",
                    updated_at=moment,
                )
            )
        connection.execute(
            update(invoices)
            .where(invoices.c.id == ids["invoice"])
            .values(reversed_at=moment, storno_number=f"{made.prefix}90{number:02}")
        )


@pytest.mark.parametrize("service", ["oblio", "fgo", "stripe", "smartbill"])
def test_what_was_done_right_is_well(desk: Desk, service: str) -> None:
    made = done(desk, service, service)
    assert made.found() == []


# ---------------------------------------------------------------- one wrong each


def other_company(made: Done) -> None:
    """The storno was made in the account of another company than the invoice is of."""
    mine = invoices.c.id == made.ids()["invoice"]
    made.write(update(invoices).where(mine).values(account="99887766"))


def other_customer(made: Done) -> None:
    made.invoice()["customer"] = "Maria Ionescu"


def other_company_than_billed(made: Done) -> None:
    """The order bills a company, and the invoice is of another one of nearly its name."""
    bills(made, "Casa Verde SRL")
    made.invoice()["customer"] = "S.C. CASA VERDE TRANS S.R.L."


def bills(made: Done, *names_: str) -> None:
    mine = orders.c.id == made.ids()["order"]
    made.write(update(orders).where(mine).values(billed_to=names.written(names_)))


def other_sum(made: Done) -> None:
    """Of the invoice, and so of its storno: one of a part is another wrong."""
    made.invoice()["total_minor"] = 99_900
    for one in made.world["invoices"]:
        if one["order_name"] == "#100001" and "of" in one:
            one["total_minor"] = -99_900


def other_currency(made: Done) -> None:
    made.invoice()["currency"] = "EUR"


def storno_twice(made: Done) -> None:
    made.world["invoices"].append(storno_of(made.invoice(), "9077"))


def done_without_storno(made: Done) -> None:
    invoice = made.invoice()
    invoice["state"] = "open"
    key = invoice.pop("storno")
    made.world["invoices"] = [
        one for one in made.world["invoices"]
        if f"{one['service']}:{one['series']}:{one['number']}" != key
    ]  # fmt: skip


def storno_without_order(made: Done) -> None:
    """Its order was never cancelled, here or there, and nothing was ever asked for it."""
    ids = made.ids()
    made.write(delete(effects).where(effects.c.reversal_id == ids["reversal"]))
    made.write(delete(reversals).where(reversals.c.id == ids["reversal"]))
    made.write(update(orders).where(orders.c.id == ids["order"]).values(cancelled_at=None))
    made.order().update({"cancelled_at": None, "financial_status": "PENDING"})


def not_cancelled_at_the_shop(made: Done) -> None:
    made.order().update({"cancelled_at": None, "financial_status": "PENDING"})


def restocked_unasked(made: Done) -> None:
    made.order()["restocked"] = True


def date_before_the_order(made: Done) -> None:
    made.invoice()["issued_on"] = "2026-01-05"


def effect_in_the_air(made: Done) -> None:
    mine = effects.c.reversal_id == made.ids()["reversal"]
    made.write(update(effects).where(mine, effects.c.kind == "cancel").values(state="unknown"))


def effect_on_another_orders_invoice(made: Done) -> None:
    first, second = made.ids(1), made.ids(2)
    made.write(delete(effects).where(effects.c.invoice_id == second["invoice"]))
    made.write(
        update(effects).where(effects.c.invoice_id == first["invoice"])
        .values(invoice_id=second["invoice"])
    )  # fmt: skip


def refund_not_chosen(made: Done) -> None:
    made.order()["financial_status"] = "REFUNDED"


def another_storno(made: Done) -> None:
    mine = invoices.c.id == made.ids()["invoice"]
    made.write(update(invoices).where(mine).values(storno_number="4711"))


def confirmed_and_still_open_here(made: Done) -> None:
    mine = invoices.c.id == made.ids()["invoice"]
    made.write(update(invoices).where(mine).values(reversed_at=None))


WRONGS: list[tuple[Callable[[Done], None], set[MisfitCode], tuple[str, ...]]] = [
    (other_company, {MisfitCode.OTHER_COMPANY}, ("oblio", "fgo")),
    (other_customer, {MisfitCode.DOES_NOT_FIT_ORDER}, ("oblio", "fgo", "stripe")),
    (other_company_than_billed, {MisfitCode.DOES_NOT_FIT_ORDER}, ("oblio", "fgo")),
    (other_sum, {MisfitCode.DOES_NOT_FIT_ORDER}, ("oblio", "fgo", "stripe", "smartbill")),
    (other_currency, {MisfitCode.DOES_NOT_FIT_ORDER}, ("oblio", "stripe")),
    (storno_twice, {MisfitCode.TOO_MANY_STORNOS}, ("fgo", "stripe")),
    (done_without_storno, {MisfitCode.NO_STORNO}, ("oblio", "fgo", "stripe")),
    (storno_without_order, {MisfitCode.STORNO_WITHOUT_ORDER}, ("oblio", "smartbill")),
    (not_cancelled_at_the_shop, {MisfitCode.ORDER_NOT_CANCELLED}, ("oblio",)),
    (restocked_unasked, {MisfitCode.RESTOCKED_UNASKED}, ("oblio",)),
    (date_before_the_order, {MisfitCode.DOES_NOT_FIT_ORDER}, ("oblio", "fgo")),
    (effect_in_the_air, {MisfitCode.EFFECT_LEFT_OPEN}, ("oblio",)),
    (
        effect_on_another_orders_invoice,
        {MisfitCode.EFFECT_OF_ANOTHER_ORDER},
        ("oblio",),
    ),
    (refund_not_chosen, {MisfitCode.REFUNDED_UNASKED}, ("oblio",)),
    (another_storno, {MisfitCode.ANOTHER_STORNO}, ("oblio", "fgo", "stripe")),
    (confirmed_and_still_open_here, {MisfitCode.NOT_WRITTEN_DOWN}, ("oblio",)),
]


@pytest.mark.parametrize(
    ("plant", "codes", "service"),
    [
        pytest.param(plant, codes, service, id=f"{plant.__name__}-{service}")
        for plant, codes, services in WRONGS
        for service in services
    ],
)
def test_a_planted_wrong_is_found_and_nothing_else(
    desk: Desk, plant: Callable[[Done], None], codes: set[MisfitCode], service: str
) -> None:
    made = done(desk, service, service)
    plant(made)
    found = made.found()
    assert {code for code, _ in found} == codes
    assert len(found) == 1
    assert "#100001" in found[0][1] or "0001" in found[0][1]


@pytest.mark.parametrize("service", ["oblio", "fgo", "stripe"])
def test_an_invoice_to_the_company_that_the_order_bills_is_well(desk: Desk, service: str) -> None:
    made = done(desk, service, service)
    bills(made, "Ana Pop", "Casa Verde SRL")
    made.invoice()["customer"] = "S.C. CASA VERDE S.R.L."
    made.invoice(2)["customer"] = "Lumina SRL"  # of an order that tells nobody who is billed
    assert made.found() == []


def test_what_a_person_went_against_is_no_misfit(desk: Desk) -> None:
    made = done(desk, "oblio")
    other_sum(made)
    assert len(made.found()) == 1
    with db.reading(desk.engine) as connection:
        order_id = made.ids()["order"]
        facts = {made.ids()["invoice"]: InvoiceFacts("OB", "0001", 99_900, "RON")}
        [(_, why)] = fitting.misfits(connection, order_id, {}, facts)
    options = {"cancel": True, "document": "storno", "waived": [why.dumps()]}
    made.write(update(reversals).values(options=options))
    assert made.found() == []


@pytest.mark.parametrize(("outcome", "well"), [("done_before", True), ("confirmed", False)])
def test_an_invoice_that_another_one_had_replaced_before_is_no_misfit(
    desk: Desk, outcome: str, well: bool
) -> None:
    """Of two that the reversal itself made for one order, each over all of it, one is wrong."""
    made = done(desk, "oblio")
    order_id, first = made.ids()["order"], made.ids()["invoice"]
    with db.writing(desk.engine) as connection:
        row = connection.execute(select(invoices).where(invoices.c.id == first)).one()._asdict()
        for gone in ("id", "number_key", "series_key"):
            del row[gone]
        another = insert(invoices).values(row | {"number": "7781"}).returning(invoices.c.id)
        second = connection.scalar(another) or 0
        mine = select(effects).where(effects.c.invoice_id == first)
        row = connection.execute(mine).one()._asdict()
        del row["id"]
        row |= {"invoice_id": second, "target": "OB 7781", "document": "7", "outcome": outcome}
        connection.execute(insert(effects).values(row))
    with db.reading(desk.engine) as connection:
        total = connection.scalar(select(orders.c.total_minor).where(orders.c.id == order_id))
        word = InvoiceFacts("OB", "", total, "RON", reversed=True)
        found = list(fitting.misfits(connection, order_id, {}, {first: word, second: word}))
    assert (found == []) is well


@pytest.mark.parametrize(
    "name",
    ["Lumina SRL", "S.C. Casa Verde S.R.L.", "Pop Ana PFA", "Müller GmbH", "Alfa Kft.",
     "Primăria Cluj-Napoca", "Beta EOOD", "Gama d.o.o.", "Delta Sp. z o.o.", "Epsilon s.r.o."],
)  # fmt: skip
def test_an_invoice_to_a_company_says_nothing_of_who_took_the_parcel(name: str) -> None:
    assert names.is_company(name)


@pytest.mark.parametrize("name", ["Ana Pop", "Sara Iffrig", "Ion Basarab", "Agnes Iisakki"])
def test_a_person_is_no_company(name: str) -> None:
    assert not names.is_company(name)
