"""A fault of ours during a reversal: a person is shown a number, the log has the rest."""

from typing import NoReturn

import pytest
from reversal_support import Desk, order
from sqlalchemy import select, update
from structlog.testing import capture_logs

from core.clock import now
from core.i18n.reasons import sentence
from core.reversal.codes import ReversalCode
from core.reversal.effects.executor import EffectExecutor
from core.reversal.steps import advance
from core.store import db
from core.store.tables import reversals


class Faulty(EffectExecutor):
    """Fails with a text that is made of what a customer wrote."""

    def execute(self, *_args: object, **_more: object) -> NoReturn:
        raise KeyError("Iulia Grigorescu, str. Macului 7")


@pytest.mark.parametrize("language", ["en", "ro"])
def test_a_fault_of_ours_is_shown_by_its_number_alone(desk: Desk, language: str) -> None:
    desk.load([order(1, invoice="fgo")])
    desk.run()
    with db.reading(desk.engine) as connection:
        row = connection.execute(select(reversals.c.id, reversals.c.generation)).one()
    with capture_logs() as lines:
        advance.advance(row.id, row.generation, Faulty)
    with db.reading(desk.engine) as connection:
        why = connection.scalar(select(reversals.c.why))
    assert why is not None
    assert (why.code, set(why.parameters)) == (ReversalCode.OWN_ERROR, {"reference"})
    failed = [line for line in lines if line["event"] == "reversal failed"]
    assert [line["reference"] for line in failed] == [why.parameters["reference"]]
    shown = sentence(why, language)
    assert str(why.parameters["reference"]) in shown
    assert "Macului" not in shown
    assert "KeyError" not in shown


class EndedMeanwhile(EffectExecutor):
    """Finds out late that another process took the same pass to its end."""

    def execute(self, *_args: object, **_more: object) -> NoReturn:
        with db.writing() as connection:
            connection.execute(update(reversals).values(state="done", finished_at=now()))
        raise KeyError


def test_a_pass_that_another_process_ended_waits_as_an_open_one(desk: Desk) -> None:
    desk.load([order(1, invoice="fgo")])
    desk.run()
    with db.reading(desk.engine) as connection:
        row = connection.execute(select(reversals.c.id, reversals.c.generation)).one()
    assert advance.advance(row.id, row.generation, EndedMeanwhile) == "waiting"
    with db.reading(desk.engine) as connection:
        assert connection.scalar(select(reversals.c.finished_at)) is None
