"""The rows of the effects: who may write them, when they move, and what is told of it."""

import contextlib
import dataclasses
import datetime as dt
from typing import Any

import pytest
from effects_model import SAID, Bench, make_invoice
from set_clock import SetClock
from sqlalchemy import Engine, update

from core import clock
from core.clock import now
from core.reasons import quoted
from core.reversal.effects import ledger, marks
from core.reversal.effects.ledger import Change, Effect
from core.store import db
from core.store.states import EffectKind, EffectState
from core.store.tables import reversals

DONE = Change(EffectState.CONFIRMED, "confirmed", None, 0.0, SAID, {"number": "7"})
DOUBT = Change(EffectState.UNKNOWN, "unknown", quoted("no answer"), 90.0, SAID)


def claim(bench: Bench, effect: Effect, **more: bool) -> Effect | None:
    with db.writing(bench.engine) as connection:
        return ledger.claim(connection, effect, bench.subject, **more)


def claimed(bench: Bench, effect: Effect | None = None) -> Effect:
    made = claim(bench, effect or bench.fresh())
    assert made is not None
    return made


def settle(bench: Bench, effect: Effect, change: Change) -> Effect | None:
    with db.writing(bench.engine) as connection:
        return ledger.settle(connection, effect, bench.subject, change)


def write(bench: Bench, effect: Effect) -> Effect:
    with db.writing(bench.engine) as connection:
        return ledger.write(connection, effect)


# ---------------------------------------------------------------- one row


def test_a_new_effect_is_planned_and_has_no_row(bench: Bench) -> None:
    fresh = bench.fresh()
    with db.reading(bench.engine) as connection:
        assert ledger.of_reversal(connection, bench.subject.reversal_id) == []
        assert ledger.plan(connection, bench.subject, bench.shop_id, EffectKind.STORNO, "one") == (
            fresh
        )
    assert (fresh.id, fresh.state, fresh.attempt, fresh.questions) == (0, "planned", 0, 0)
    assert (fresh.wait, fresh.outcome, fresh.document) == (0.0, "", "")
    assert (fresh.marked, fresh.wait_seconds) == ("", 0.0)


def test_the_key_depends_on_the_target_alone(bench: Bench) -> None:
    keys = {
        bench.fresh(target, kind=kind).key
        for target in ("one", "two")
        for kind in (EffectKind.STORNO, EffectKind.CANCEL)
    }
    assert len(keys) == 4
    assert bench.fresh(kind=EffectKind.ANNUL).key == bench.fresh().key  # of one slot
    assert all(one.startswith("refuz-") and len(one) == 38 for one in keys)


def test_an_effect_is_written_once_and_found_again(bench: Bench) -> None:
    first = write(bench, bench.fresh())
    assert first.id != ledger.UNWRITTEN
    assert write(bench, bench.fresh()) == first
    assert write(bench, first) is first
    with db.reading(bench.engine) as connection:
        assert ledger.load(connection, first.id) == first
        assert ledger.plan(connection, bench.subject, bench.shop_id, EffectKind.ANNUL, "one") == (
            first
        )
        assert ledger.of_reversal(connection, bench.subject.reversal_id) == [first]


def test_effects_are_listed_as_they_were_planned(bench: Bench) -> None:
    made = [write(bench, bench.fresh(target)).id for target in ("b", "a", "c")]
    with db.reading(bench.engine) as connection:
        listed = ledger.of_reversal(connection, bench.subject.reversal_id)
    assert [one.id for one in listed] == made


def test_an_invoice_has_one_storno_through_whatever_account(bench: Bench) -> None:
    invoice = make_invoice(bench.engine, bench.subject, "1")
    first = write(bench, bench.fresh("one", invoice_id=invoice))
    assert write(bench, bench.fresh("another writing", invoice_id=invoice)) == first
    other = make_invoice(bench.engine, bench.subject, "2")
    assert write(bench, bench.fresh("two", invoice_id=other)).id != first.id


def test_a_document_that_another_order_reversed_is_not_taken_twice(bench: Bench) -> None:
    write(bench, bench.fresh("one", document="oblio RO1 S 1"))
    with pytest.raises(ledger.DocumentTakenError, match="oblio RO1 S 1"):
        write(bench, bench.fresh("two", document="oblio RO1 S 1"))
    assert write(bench, bench.fresh("three", document="oblio RO1 S 2")).document


# ---------------------------------------------------------------- the intent


def test_the_intent_of_a_new_effect_is_its_first_row(bench: Bench) -> None:
    effect = claimed(bench)
    assert bench.stands() == effect
    assert (effect.state, effect.attempt, effect.outcome, effect.why) == ("sent", 1, "", None)
    assert (effect.wait_seconds, marks.since(effect.marked)) == (0.0, 0.0)
    [entry] = bench.trail()
    assert (entry.action, entry.actor, entry.subject) == ("effect_sent", "ana", "order #1")
    assert entry.detail == {"kind": "storno", "target": "one", "attempt": 1, "key": effect.key}


def test_only_one_claims(bench: Bench) -> None:
    effect = claimed(bench)
    assert claim(bench, bench.fresh()) is None
    assert claim(bench, effect) is None
    assert len(bench.trail()) == 1


def test_a_repeat_is_an_attempt_more_and_forgets_what_was_said(bench: Bench) -> None:
    planned = settle(bench, claimed(bench), Change(EffectState.PLANNED, "absent", quoted("no"), 5))
    assert planned is not None
    again = claimed(bench, planned)
    assert (again.attempt, again.outcome, again.why, again.wait_seconds) == (2, "", None, 0.0)
    assert claim(bench, planned) is None  # seen at its first attempt


def test_the_first_claim_shows_the_reversal_as_working(bench: Bench, set_clock: SetClock) -> None:
    claimed(bench)
    begun = bench.reversal()
    assert (begun.state, begun.started_at) == ("working", clock.now())
    set_clock.passed += 60
    claimed(bench, bench.fresh("two"))
    assert bench.reversal().started_at == begun.started_at


def test_a_later_claim_of_a_pass_looks_at_the_reversal_no_more(bench: Bench) -> None:
    assert claim(bench, bench.fresh(), shown_working=True) is not None
    assert bench.reversal().state == "queued"


def test_an_order_that_is_worked_on_again_has_not_ended(bench: Bench) -> None:
    with db.writing(bench.engine) as connection:
        connection.execute(update(reversals).values(state="needs_person", finished_at=now()))
    claimed(bench)
    assert (bench.reversal().state, bench.reversal().finished_at) == ("working", None)


def test_a_pass_that_was_overtaken_sends_nothing(bench: Bench) -> None:
    with db.writing(bench.engine) as connection:
        connection.execute(update(reversals).values(generation=1))
    with pytest.raises(ledger.OvertakenError, match="#1"):
        claim(bench, bench.fresh())
    with db.reading(bench.engine) as connection:
        assert ledger.find(connection, bench.shop_id, "document", "one") is None


# ---------------------------------------------------------------- what became of it


def test_what_became_of_it_is_the_row_and_the_trail(bench: Bench, set_clock: SetClock) -> None:
    effect = claimed(bench)
    set_clock.passed += 3
    settled = settle(bench, effect, DOUBT)
    assert settled == bench.stands()
    assert settled is not None
    assert (settled.state, settled.outcome, settled.why) == ("unknown", "unknown", DOUBT.why)
    assert (settled.evidence, settled.result) == (SAID.as_json(), None)
    assert (settled.questions, settled.wait) == (0, 90.0)
    entry = bench.trail()[-1]
    assert entry.action == "effect_unknown"
    assert entry.detail["attempt"] == 1
    assert entry.detail["outcome"] == "unknown"
    assert entry.detail["evidence"] == SAID.as_json()
    assert entry.detail["result"] == {}


def test_a_success_notes_what_else_is_known(bench: Bench) -> None:
    noted: list[object] = []
    with db.writing(bench.engine) as connection:
        ledger.settle(
            connection, claimed_in(bench, connection), bench.subject, DONE,
            lambda _db, result: noted.append(result),
        )  # fmt: skip
    assert noted == [{"number": "7"}]
    assert bench.stands().result == {"number": "7"}


def claimed_in(bench: Bench, connection: object) -> Effect:
    made = ledger.claim(connection, bench.fresh(), bench.subject)  # type: ignore[arg-type]
    assert made is not None
    return made


def test_only_a_success_notes_anything(bench: Bench) -> None:
    noted: list[object] = []
    effect = claimed(bench)
    with db.writing(bench.engine) as connection:
        ledger.settle(
            connection, effect, bench.subject, DOUBT, lambda _db, result: noted.append(result)
        )
    assert noted == []


def test_questions_are_counted_and_what_was_shown_is_kept(bench: Bench) -> None:
    settle(bench, claimed(bench), dataclasses.replace(DOUBT, result={"job": "j"}))
    asked = settle(bench, bench.stands(), Change(EffectState.UNKNOWN, "asking", None, 1.0))
    assert asked is not None
    assert (asked.questions, asked.evidence, asked.result) == (1, SAID.as_json(), {"job": "j"})
    again = settle(bench, asked, Change(EffectState.PLANNED, "absent"))
    assert again is not None
    assert (again.questions, bench.stands().questions) == (2, 2)


@pytest.mark.parametrize(
    "late", [Change(EffectState.REFUSED, "refused"), Change(EffectState.PLANNED, "not_sent"), DOUBT]
)
def test_a_late_answer_changes_nothing_and_is_told(bench: Bench, late: Change) -> None:
    effect = claimed(bench)
    settle(bench, effect, Change(EffectState.HELD, "unknown"))
    assert settle(bench, effect, late) is None
    assert bench.stands().state == "held"
    assert bench.trail()[-1].action == "effect_late"


@pytest.mark.parametrize(
    "stands",
    [EffectState.UNKNOWN, EffectState.HELD, EffectState.PLANNED, EffectState.REFUSED],
)
def test_proof_of_success_counts_late_while_nothing_was_sent_since(
    bench: Bench, stands: EffectState
) -> None:
    effect = claimed(bench)
    settle(bench, effect, Change(stands, "meanwhile"))
    assert settle(bench, effect, DONE) is not None
    assert bench.stands().state == "confirmed"
    assert settle(bench, effect, DONE) is None  # it is known already


def test_proof_of_an_earlier_attempt_does_not_settle_the_next(bench: Bench) -> None:
    first = claimed(bench)
    planned = settle(bench, first, Change(EffectState.PLANNED, "absent"))
    assert planned is not None
    claimed(bench, planned)
    assert settle(bench, first, DONE) is None
    assert (bench.stands().state, bench.stands().attempt) == ("sent", 2)


def test_what_is_settled_before_it_was_written_is_written_then(bench: Bench) -> None:
    settled = settle(bench, bench.fresh(), Change(EffectState.PLANNED, "paused", None, 20.0))
    assert settled == bench.stands()
    assert settled is not None
    assert settled.wait == 20.0


# ---------------------------------------------------------------- how long ago


class Machine(clock.Clock):
    """A computer of its own, whose clocks stand where they stand."""

    def __init__(self, boot: str, wall: dt.datetime, up: float) -> None:
        self.boot, self.wall, self.up = boot, wall, up

    def now(self) -> dt.datetime:
        return self.wall

    def uptime(self) -> float:
        return self.up


NOON = dt.datetime(2026, 11, 27, 12, tzinfo=dt.UTC)


def test_within_one_boot_a_turned_clock_changes_no_delay() -> None:
    machine = Machine("one", NOON, 100.0)
    with clock.use(machine):
        mark = marks.mark()
        machine.wall, machine.up = NOON + dt.timedelta(days=1), 130.0
        assert marks.since(mark) == 30.0
        assert marks.remaining(mark, 90.0) == 60.0
        assert marks.remaining(mark, 20.0) == 0.0
        assert marks.remaining("", 90.0) == 0.0


def test_across_boots_the_wall_clock_counts_and_a_wait_never_grows() -> None:
    with clock.use(Machine("one", NOON, 100.0)):
        mark = marks.mark()
    with clock.use(Machine("two", NOON + dt.timedelta(seconds=30), 5.0)):
        assert marks.since(mark) == 30.0
        assert marks.remaining(mark, 90.0) == 60.0
    with clock.use(Machine("two", NOON - dt.timedelta(hours=1), 5.0)):
        assert marks.remaining(mark, 90.0) == 90.0


def test_without_a_name_for_the_boot_the_wall_clock_counts() -> None:
    machine = Machine("", NOON, 100.0)
    with clock.use(machine):
        mark = marks.mark()
        machine.wall, machine.up = NOON + dt.timedelta(seconds=40), 999.0
        assert marks.since(mark) == 40.0


def test_a_shared_clock_counts_from_the_seconds_since_boot() -> None:
    machine = Machine("one", NOON, 100.0)
    machine.ahead = NOON.timestamp() + 3600.0 - 100.0
    with clock.use(machine):
        assert marks.moment() == NOON + dt.timedelta(hours=1)
        assert marks.ahead() == machine.ahead
        machine.wall += dt.timedelta(days=1)
        assert marks.moment() == NOON + dt.timedelta(hours=1)
    alone = Machine("one", NOON, 100.0)
    with clock.use(alone):
        assert marks.ahead() == NOON.timestamp() - 100.0


class Server:
    """A database server's connection that takes two seconds to tell its time."""

    def __init__(self, machine: Machine, moment: dt.datetime) -> None:
        self.machine, self.moment = machine, moment

    def scalars(self, _asked: Any) -> "Server":
        self.machine.up += 2.0
        return self

    def one(self) -> dt.datetime:
        return self.moment


def test_a_shared_clock_was_read_halfway_between_the_question_and_its_answer(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine = Machine("one", NOON, 100.0)
    server = Server(machine, NOON + dt.timedelta(hours=1))
    monkeypatch.setattr(marks.db, "reading", lambda _engine: contextlib.nullcontext(server))
    monkeypatch.setattr(marks.bulk, "on_server", lambda _connection: True)
    with clock.use(machine):
        marks.follow(engine)
        assert machine.ahead == NOON.timestamp() + 3600.0 - 101.0
        assert marks.moment() == NOON + dt.timedelta(hours=1, seconds=1)


def test_a_database_of_one_machine_shares_no_clock(engine: Engine) -> None:
    machine = Machine("one", NOON, 100.0)
    with clock.use(machine):
        marks.follow(engine)
        assert machine.ahead is None
        assert marks.moment() == NOON
