"""What does not agree within our own record: each kind of it by rows that are written here."""

import datetime as dt
from typing import Any

import pytest
from effects_model import make_invoice, make_reversal
from sqlalchemy import Engine, insert, update

from core.clock import now
from core.reversal.checks import record
from core.reversal.checks.codes import MisfitCode
from core.reversal.effects import ledger
from core.reversal.effects.ledger import AuditSubject
from core.store import db
from core.store.states import EffectKind, EffectState, ReversalState
from core.store.tables import connections, effects, invoices, orders, reversals

LONG_AGO = dt.timedelta(days=40)
NIGHT = dt.timedelta(days=2)


def found(engine: Engine, since: dt.timedelta | None = None) -> list[tuple[str, str]]:
    with db.reading(engine) as connection:
        return [(subject, why.code) for subject, why in record.misfits(connection, since)]


def change(engine: Engine, table: Any, row: int, **values: Any) -> None:
    with db.writing(engine) as connection:
        connection.execute(update(table).where(table.c.id == row).values(**values))


def stands(engine: Engine, subject: AuditSubject, state: ReversalState) -> None:
    change(engine, reversals, subject.reversal_id, state=state)


def effect(
    engine: Engine, subject: AuditSubject, through: int, kind: EffectKind, state: EffectState,
    invoice: int | None = None, **more: Any,
) -> int:  # fmt: skip
    """An effect of that reversal, in this state."""
    planned = ledger.new(subject, through, kind, f"target {invoice}", invoice_id=invoice)
    with db.writing(engine) as connection:
        made = ledger.write(connection, planned)
    change(engine, effects, made.id, state=state, **more)
    return made.id


def test_a_desk_without_effects_agrees_with_itself(engine: Engine) -> None:
    make_reversal(engine)
    assert found(engine) == []


@pytest.mark.parametrize("left", [EffectState.SENT, EffectState.UNKNOWN])
@pytest.mark.parametrize(
    ("state", "expected"),
    [(ReversalState.DONE, True), (ReversalState.STOPPED, True), (ReversalState.WAITING, False),
     (ReversalState.WORKING, False), (ReversalState.NEEDS_PERSON, False)],
)  # fmt: skip
def test_a_call_without_outcome_is_told_once_nobody_works_on_it(
    engine: Engine, left: EffectState, state: ReversalState, expected: bool
) -> None:
    subject, shop = make_reversal(engine)
    effect(engine, subject, shop, EffectKind.CANCEL, left)
    stands(engine, subject, state)
    assert found(engine) == [("order #1", MisfitCode.EFFECT_LEFT_OPEN)] * expected


@pytest.mark.parametrize("settled", [EffectState.CONFIRMED, EffectState.REFUSED, EffectState.HELD])
def test_a_call_with_an_outcome_is_never_left_open(engine: Engine, settled: EffectState) -> None:
    subject, shop = make_reversal(engine)
    effect(engine, subject, shop, EffectKind.CANCEL, settled)
    stands(engine, subject, ReversalState.DONE)
    assert found(engine) == []


@pytest.fixture
def reversed_one(engine: Engine) -> tuple[AuditSubject, int, int]:
    """A done reversal with a confirmed storno, all of it written down: subject, invoice, shop."""
    subject, shop = make_reversal(engine)
    invoice = make_invoice(engine, subject, "0042")
    effect(engine, subject, shop, EffectKind.STORNO, EffectState.CONFIRMED, invoice)
    change(engine, invoices, invoice, reversed_at=now())
    change(engine, orders, subject.order_id, cancelled_at=now())
    stands(engine, subject, ReversalState.DONE)
    return subject, invoice, shop


def test_a_storno_that_is_written_down_agrees(
    engine: Engine, reversed_one: tuple[AuditSubject, int, int]
) -> None:
    assert found(engine) == []


def test_a_confirmed_storno_whose_invoice_still_counts_as_open_is_told(
    engine: Engine, reversed_one: tuple[AuditSubject, int, int]
) -> None:
    change(engine, invoices, reversed_one[1], reversed_at=None)
    assert found(engine) == [("invoice S 0042", MisfitCode.NOT_WRITTEN_DOWN)]
    change(engine, invoices, reversed_one[1], annulled_at=now())
    assert found(engine) == []


def test_a_storno_of_an_invoice_that_is_another_orders_is_told_with_both(
    engine: Engine, reversed_one: tuple[AuditSubject, int, int]
) -> None:
    other, _ = make_reversal(engine, 2)
    change(engine, invoices, reversed_one[1], order_id=other.order_id)
    change(engine, orders, other.order_id, cancelled_at=now())
    with db.reading(engine) as connection:
        [(subject, why)] = record.misfits(connection, None)
    assert (subject, why.code) == ("invoice S 0042", MisfitCode.EFFECT_OF_ANOTHER_ORDER)
    assert why.parameters == {"invoice": "S 0042", "order": "#1", "other": "#2"}


@pytest.mark.parametrize(
    ("company", "account", "expected"),
    [("RO 555", "777", True), ("RO 555", "555", False), ("", "777", False), ("RO 555", "", False)],
)
def test_a_storno_through_another_companys_account_is_told(
    engine: Engine, reversed_one: tuple[AuditSubject, int, int], company: str, account: str,
    expected: bool,
) -> None:  # fmt: skip
    with db.writing(engine) as connection:
        through = connection.scalar(
            insert(connections).values(
                kind="invoicing", service="oblio", name="Oblio", settings={"vat_code": company},
                secrets="", sandbox=True, enabled=True, created_at=now(),
            ).returning(connections.c.id)
        )  # fmt: skip
        connection.execute(update(effects).values(connection_id=through))
    change(engine, invoices, reversed_one[1], account=account)
    assert found(engine) == [("invoice S 0042", MisfitCode.OTHER_COMPANY)] * expected


@pytest.mark.parametrize("how", ["reversed_at", "annulled_at"])
@pytest.mark.parametrize(
    ("state", "expected"), [(ReversalState.DONE, True), (ReversalState.QUEUED, False)]
)
def test_a_document_that_is_gone_while_its_order_stands_is_told_unless_it_is_worked_on(
    engine: Engine, how: str, state: ReversalState, expected: bool
) -> None:
    """Rule 6: the order is cancelled first."""
    subject, _ = make_reversal(engine)
    change(engine, invoices, make_invoice(engine, subject, "7"), **{how: now()})
    stands(engine, subject, state)
    assert found(engine) == [("invoice S 7", MisfitCode.STORNO_WITHOUT_ORDER)] * expected


def test_a_confirmed_cancel_is_as_good_as_the_shops_word(engine: Engine) -> None:
    subject, shop = make_reversal(engine)
    change(engine, invoices, make_invoice(engine, subject, "7"), reversed_at=now())
    cancel = effect(engine, subject, shop, EffectKind.CANCEL, EffectState.SENT)
    stands(engine, subject, ReversalState.NEEDS_PERSON)
    assert found(engine) == [("invoice S 7", MisfitCode.STORNO_WITHOUT_ORDER)]
    change(engine, effects, cancel, state=EffectState.CONFIRMED)
    assert found(engine) == []


def test_only_what_was_written_lately_is_looked_at_where_that_is_asked(
    engine: Engine, reversed_one: tuple[AuditSubject, int, int]
) -> None:
    subject, invoice, shop = reversed_one
    old = now() - LONG_AGO
    sent = effect(engine, subject, shop, EffectKind.CANCEL, EffectState.SENT, updated_at=old)
    change(engine, orders, subject.order_id, cancelled_at=None)
    change(engine, invoices, invoice, reversed_at=old)
    assert found(engine, NIGHT) == []
    assert {code for _, code in found(engine)} == {
        MisfitCode.EFFECT_LEFT_OPEN, MisfitCode.STORNO_WITHOUT_ORDER,
    }  # fmt: skip
    change(engine, effects, sent, updated_at=now())
    assert found(engine, NIGHT) == [("order #1", MisfitCode.EFFECT_LEFT_OPEN)]
