"""The tables against the record: calls it does not know, stornos that it names otherwise."""

import pytest
from effects_model import DONE, Bench, Model, make_invoice
from sqlalchemy import update

from core.reversal.checks import recorded
from core.reversal.checks.codes import MisfitCode
from core.reversal.effects import ledger
from core.store import db
from core.store.states import EffectKind, EffectState
from core.store.tables import effects, invoices


def found(bench: Bench) -> list[tuple[str, str]]:
    with db.reading(bench.engine) as connection:
        return [(subject, why.code) for subject, why in recorded.misfits(connection)]


def reversed_one(bench: Bench) -> int:
    """An invoice whose storno is number 7 by the record; gives its id."""
    invoice = make_invoice(bench.engine, bench.subject, "0001")
    assert bench.execute(Model([DONE]), bench.fresh(invoice_id=invoice)) is None
    bench.performer.write_down()
    return invoice


def number_is(bench: Bench, invoice: int, number: str) -> None:
    with db.writing(bench.engine) as connection:
        connection.execute(
            update(invoices).where(invoices.c.id == invoice).values(storno_number=number)
        )


@pytest.mark.parametrize("number", ["7", ""])
def test_a_storno_that_the_record_names_alike_is_no_misfit(bench: Bench, number: str) -> None:
    """Nor is one whose number the service gives only later."""
    number_is(bench, reversed_one(bench), number)
    assert found(bench) == []


@pytest.mark.parametrize("number", ["8", "70", "07"])
def test_a_storno_of_another_number_than_the_record_has_is_told(bench: Bench, number: str) -> None:
    number_is(bench, reversed_one(bench), number)
    assert found(bench) == [("order #1", MisfitCode.RECORD_NAMES_ANOTHER)]


@pytest.mark.parametrize("kind", [EffectKind.CANCEL, EffectKind.STORNO, EffectKind.ANNUL])
def test_a_call_that_only_the_tables_know_as_confirmed_is_told(
    bench: Bench, kind: EffectKind
) -> None:
    """Somebody has written into the tables, or the record was put back to an older one."""
    reversed_one(bench)
    with db.writing(bench.engine) as connection:
        planned = ledger.write(connection, bench.fresh("two", kind=kind))
        connection.execute(
            update(effects).where(effects.c.id == planned.id).values(state=EffectState.CONFIRMED)
        )
    assert found(bench) == [("order #1", MisfitCode.NOT_IN_THE_RECORD)]


def test_what_is_planned_sent_or_refused_is_no_confirmed_call(bench: Bench) -> None:
    for place, state in enumerate(EffectState):
        with db.writing(bench.engine) as connection:
            planned = ledger.write(connection, bench.fresh(f"target {place}"))
            if state != EffectState.CONFIRMED:
                connection.execute(
                    update(effects).where(effects.c.id == planned.id).values(state=state)
                )
    assert found(bench) == []
