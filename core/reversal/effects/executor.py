"""Takes one effect as far as it goes now: send, settle, ask (rules 3 to 5)."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import assert_never

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from core import clock
from core.reasons import Reason
from core.reversal.codes import EffectCode, ReversalCode
from core.reversal.effects import ledger, lines, marks
from core.reversal.effects.calls import (
    Absent,
    Answer,
    CannotTell,
    EffectCall,
    Failed,
    Found,
    NotYet,
    Result,
    StepBlocked,
)
from core.reversal.effects.ledger import AuditSubject, Change, Effect
from core.services.http.client import Stale, fenced
from core.services.outcome import (
    Confirmed,
    Evidence,
    NotSent,
    Outcome,
    Refusal,
    Refused,
    RefusedForNow,
    Unknown,
)
from core.store import db
from core.store.states import EffectOutcome, EffectState, ReversalState

INLINE_WAIT = 1.0  # a shorter wait is slept through, a longer one gives the thread back
# After so many questions in vain, which take about an hour, it is a person's.
OFTEN, MAX_QUESTIONS = 20, 75
PAUSE, LONG_PAUSE = 30.0, 60.0  # seconds at most between two of the first ones, and afterwards
LEASE_SECONDS = 15.0  # an intent older than this is not sent any more: its sender was frozen
FRESH_SECONDS = 60.0  # so long a service's word is believed that there is nothing yet
DEADLOCKS = 3  # in a row, of one writing
MAX_ROUNDS = 50
PROOF_PAUSES = (0.05, 0.25, 0.7)  # seconds; a shop's job takes about a second


def failpoint(_point: str, _effect: Effect) -> None:
    """Called at each named point around an effect; the crash tests put a crash here."""


# What a service calls temporary is tried so often, first after so many seconds, then twice as many.
LATER_ATTEMPTS, LATER_FIRST = 6, 120.0


class EffectExecutor:
    """Moves effects of one reversal; each move is one transaction with its audit row."""

    def __init__(self, engine: Engine, subject: AuditSubject) -> None:
        """Work on this database for this reversal."""
        self._engine = engine
        self._subject = subject
        self._shown_working = False  # the reversal is shown as working
        self._deferred: tuple[Effect, EffectCall, Change] | None = (
            None  # known, and not written yet
        )

    def execute(self, effect: Effect, call: EffectCall) -> StepBlocked | None:
        """None once the effect is confirmed, otherwise why not."""
        for _ in range(MAX_ROUNDS):
            match effect.state:
                case EffectState.CONFIRMED:
                    return None
                case EffectState.REFUSED | EffectState.HELD:
                    return StepBlocked(ReversalState.NEEDS_PERSON, effect.why, code=effect.outcome)
            wait = effect.wait
            if wait > INLINE_WAIT:
                return StepBlocked(ReversalState.WAITING, effect.why, wait)
            if wait > 0:  # even a sleep of nothing hands the interpreter to another thread
                clock.sleep(wait)
            effect = self._move(effect, call)
        return StepBlocked(ReversalState.WAITING, Reason(EffectCode.TAKES_LONG), 30.0)

    def _move(self, effect: Effect, call: EffectCall) -> Effect:
        match effect.state:
            case EffectState.PLANNED:
                return self._send(effect, call)
            case EffectState.SENT:
                return self._found_open(effect, call)
            case _:
                return self._ask(effect, call)

    # -------------------------------------------------------------- send

    def _send(self, effect: Effect, call: EffectCall) -> Effect:
        failpoint("planned", effect)
        pause = call.blocked()
        if pause is not None:
            wait, why = pause
            return self._settle(
                effect, call, Change(EffectState.PLANNED, EffectOutcome.PAUSED, why, wait)
            )
        if call.ask_first and call.ask is not None and self._may_be_there(effect):
            answer = _with_evidence(call.ask(effect))
            if not isinstance(answer, Absent):
                return self._before_first(effect, call, answer)
        return self._claim_and_send(effect, call)

    def _claim_and_send(self, effect: Effect, call: EffectCall) -> Effect:
        lease = _lease()  # from before the commit: its answer may be what comes late
        claimed = self._claim(effect)
        if claimed is None:
            return self._again(effect)
        failpoint("intent committed", claimed)
        with fenced(lease):
            outcome = call.send(claimed)
        failpoint("sent", claimed)
        return self._settle(claimed, call, self._change_by(claimed, call, outcome))

    def _may_be_there(self, effect: Effect) -> bool:
        """Whether to ask before this sending: unless it was just said that there is nothing.

        Before a repeat as well: it may come days later, or from a backup older than the storno.
        """
        absent = effect.outcome == EffectOutcome.ABSENT
        return not (absent and 0 <= marks.since(effect.marked) < FRESH_SECONDS)

    def _change_by(self, effect: Effect, call: EffectCall, outcome: Outcome[Result]) -> Change:
        if isinstance(outcome, Confirmed) and not _shows(outcome.evidence):  # rule 3
            outcome = Unknown(EffectCode.NO_EVIDENCE.of(), outcome.evidence)
        if isinstance(outcome, Confirmed) and call.proved_by_asking:
            return self._prove(effect, call, outcome)
        return self._after_sending(effect, call, outcome)

    def _prove(self, effect: Effect, call: EffectCall, outcome: Confirmed[Result]) -> Change:
        """The service has begun: look a few times whether it is done, before writing anything.

        A crash in here leaves an intent without an outcome, which is asked about later.
        """
        begun = {**outcome.value, "accepted": marks.mark()}
        asked = replace(effect, result=begun)
        for pause in PROOF_PAUSES:
            clock.sleep(pause)
            answer = _with_evidence(call.ask(asked)) if call.ask is not None else NotYet(None)
            if isinstance(answer, Found):
                result = {**begun, **answer.result}
                return Change(
                    EffectState.CONFIRMED, EffectOutcome.CONFIRMED, None, 0, answer.evidence, result
                )
        return Change(
            EffectState.UNKNOWN, EffectOutcome.ACCEPTED, None, 1.0, outcome.evidence, begun
        )

    def _claim(self, effect: Effect) -> Effect | None:
        with self.writing() as connection:
            claimed = ledger.claim(
                connection, effect, self._subject, shown_working=self._shown_working
            )
        self._shown_working = self._shown_working or claimed is not None
        if claimed is not None:
            lines.sent(claimed)
        return claimed

    def _before_first(self, effect: Effect, call: EffectCall, answer: Answer) -> Effect:
        match answer:
            case Found(result, evidence):
                known = Reason(EffectCode.DONE_BEFORE)
                change = Change(
                    EffectState.CONFIRMED, EffectOutcome.DONE_BEFORE, known, 0, evidence, result
                )
            case Failed(why, evidence) | CannotTell(why, evidence):
                change = Change(EffectState.REFUSED, EffectOutcome.FAILED, why, 0, evidence)
            case NotYet(why, wait):
                change = Change(EffectState.PLANNED, EffectOutcome.ASKING, why, wait or 5.0)
            case Absent():
                return effect
            case _:
                assert_never(answer)
        return self._settle(effect, call, change)

    def _after_sending(self, effect: Effect, call: EffectCall, outcome: Outcome[Result]) -> Change:
        """What an outcome makes of an effect that was sent (rules 3 and 4)."""
        match outcome:
            case Confirmed(value, evidence, before):
                word = EffectOutcome.DONE_BEFORE if before else EffectOutcome.CONFIRMED
                return Change(EffectState.CONFIRMED, word, None, 0, evidence, value)
            case NotSent(why):
                wait = min(60.0, 2.0 ** min(effect.attempt, 6))
                return Change(EffectState.PLANNED, EffectOutcome.NOT_SENT, why, wait)
            case RefusedForNow(why):
                wait = outcome.seconds()
                return Change(EffectState.PLANNED, EffectOutcome.REFUSED_FOR_NOW, why, wait)
            case Refused(why, Refusal.LATER, evidence) if effect.attempt < LATER_ATTEMPTS:
                wait = LATER_FIRST * 2.0 ** (effect.attempt - 1)
                # It says that it did nothing; where it can be asked, that is not taken on trust.
                state = EffectState.PLANNED if call.ask is None else EffectState.UNKNOWN
                wait = max(wait, call.settle_seconds)
                return Change(state, EffectOutcome.REFUSED_FOR_NOW, why, wait, evidence)
            case Refused(why, code, evidence):
                return Change(EffectState.REFUSED, code or EffectOutcome.REFUSED, why, 0, evidence)
            case Unknown(why, evidence):
                return self._doubt(call, why, evidence)
            case _:
                assert_never(outcome)

    def _doubt(self, call: EffectCall, why: Reason | None, evidence: Evidence | None) -> Change:
        if call.resend_when_unknown:
            return Change(EffectState.PLANNED, EffectOutcome.UNKNOWN, why, 5.0, evidence)
        if call.ask is None:
            reason = Reason.of(EffectCode.IN_DOUBT, why=why)
            return Change(EffectState.HELD, EffectOutcome.UNKNOWN, reason, 0, evidence)
        return Change(
            EffectState.UNKNOWN, EffectOutcome.UNKNOWN, why, call.settle_seconds, evidence
        )

    def _found_open(self, effect: Effect, call: EffectCall) -> Effect:
        """An intent without an outcome: the program ended, or froze, around the sending."""
        why = Reason(EffectCode.PROGRAM_STOPPED)
        return self._settle(effect, call, self._doubt(call, why, None))

    # -------------------------------------------------------------- ask

    def _ask(self, effect: Effect, call: EffectCall) -> Effect:
        """Ask whether an effect in doubt was done, and settle it by the answer (rules 4 and 5)."""
        if call.ask is None:
            unasked = Reason(EffectCode.CANNOT_BE_ASKED)
            return self._settle(
                effect, call, Change(EffectState.HELD, EffectOutcome.UNKNOWN, unasked)
            )
        answer = _with_evidence(call.ask(effect))
        failpoint("asked", effect)
        match answer:
            case Found(result, evidence):
                result = {**(effect.result or {}), **result}
                change = Change(
                    EffectState.CONFIRMED, EffectOutcome.FOUND, None, 0, evidence, result
                )
            case Absent(evidence):
                again = Reason(EffectCode.SENT_AGAIN)
                change = Change(EffectState.PLANNED, EffectOutcome.ABSENT, again, 0, evidence)
            case Failed(why, evidence):
                change = Change(EffectState.REFUSED, EffectOutcome.FAILED, why, 0, evidence)
            case CannotTell(why, evidence):
                reason = Reason.of(EffectCode.CANNOT_TELL, why=why)
                change = Change(EffectState.HELD, EffectOutcome.CANNOT_TELL, reason, 0, evidence)
            case NotYet(why, wait):
                change = _not_yet(effect, why, wait)
            case _:
                assert_never(answer)
        return self._settle(effect, call, change)

    # -------------------------------------------------------------- record

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction about this reversal; what is deferred is written in it first.

        A crash before it leaves an intent without an outcome, as any crash after a sending does.
        """
        settled = None
        with db.writing(self._engine, group_commit=True) as connection:
            if self._deferred is not None:
                settled = self._write(connection, *self._deferred)
            yield connection
        self._deferred = None
        if settled is not None:
            failpoint("outcome committed", settled)

    def write_down(self) -> None:
        """Write what is deferred, now: somebody is going to be asked."""
        if self._deferred is not None:
            with self.writing():
                pass

    def drop(self) -> None:
        """Leave what is deferred in doubt: it may be what cannot be written."""
        self._deferred = None

    def _settle(self, effect: Effect, call: EffectCall, change: Change) -> Effect:
        if call.deferred_write and change.state == EffectState.CONFIRMED:
            self.write_down()
            self._deferred = (effect, call, change)
            lines.settled(effect, change)
            return replace(effect, state=EffectState.CONFIRMED)
        settled = self._write_alone(effect, call, change)
        lines.settled(settled, change)
        failpoint("outcome committed", settled)
        return settled

    def _write_alone(self, effect: Effect, call: EffectCall, change: Change) -> Effect:
        """Again where PostgreSQL chose it to give way: what a service said is not lost for that."""
        turn = 1
        while True:
            try:
                with self.writing() as connection:
                    return self._write(connection, effect, call, change)
            except DBAPIError as error:
                if turn == DEADLOCKS or not db.gave_way(error):
                    raise
                turn += 1

    def _write(
        self, connection: Connection, effect: Effect, call: EffectCall, change: Change
    ) -> Effect:
        effect = replace(effect, id=ledger.write(connection, effect).id)
        moved = ledger.settle(connection, effect, self._subject, change, call.on_confirmed)
        settled = moved or ledger.load(connection, effect.id)
        failpoint("outcome written", settled)
        return settled

    def _again(self, effect: Effect) -> Effect:
        with self.writing() as connection:
            return ledger.load(connection, ledger.write(connection, effect).id)


def _shows(evidence: Evidence | None) -> bool:
    return evidence is not None and evidence.shows


def _with_evidence(answer: Answer) -> Answer:
    """A yes that shows nothing tells nothing, whichever adapter gave it (rule 3)."""
    if isinstance(answer, Found) and not _shows(answer.evidence):
        return CannotTell(EffectCode.NO_EVIDENCE.of(), answer.evidence)
    return answer


def _not_yet(effect: Effect, why: Reason | None, wait: float | None) -> Change:
    if effect.questions >= MAX_QUESTIONS:
        return Change(
            EffectState.HELD,
            EffectOutcome.CANNOT_TELL,
            Reason.of(EffectCode.ASKED_IN_VAIN, why=why, count=effect.questions),
        )
    often = effect.questions >= OFTEN
    pause = LONG_PAUSE if often else min(PAUSE, 0.3 * 2.0**effect.questions)
    # "Too many calls, wait a second" is no answer either: it is asked less and less often, too.
    return Change(EffectState.UNKNOWN, EffectOutcome.ASKING, why, max(wait or 0.0, pause))


def _lease() -> Callable[[], None]:
    began = clock.uptime()

    def check() -> None:
        if clock.uptime() - began > LEASE_SECONDS:
            raise Stale(ReversalCode.TOO_LONG.of())

    return check
