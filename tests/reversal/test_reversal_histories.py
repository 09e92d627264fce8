"""T7: whatever people, services, the clock and crashes do, the rules that never bend hold.

The whole desk in one process: real scans, piles, runs and passes over a reversal, with models in
place of the services and of time. One effect alone has test_reversal_property; the same rules are
proved over HTTP, with real processes, in test_reversal_once.
"""

import contextlib
from typing import Any
from unittest import mock

import pytest
from guards import GUARDS
from histories_desk import CODES, Rows, first_told, ref_of, storno_of
from histories_rules import PILES, RulesThatNeverBend
from histories_world import ASKING_FAULTS, POINTS, SENDING_FAULTS, SETTLE, Crash
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule, run_state_machine_as_test
from sqlalchemy import select

from core.orders.piles import scans
from core.orders.shop.upsert import upsert_orders
from core.reversal.effects.executor import EffectExecutor
from core.reversal.runs import external_cancellations, follow_up, run_control, runs
from core.reversal.steps import advance
from core.services.ports import Storno
from core.settings import preferences
from core.store import db, tables

MOST_BY_HAND = 3  # in one history, so that something is left for the desk
ROUNDS = 12  # passes in which everything must come to its end once nothing goes wrong any more

ANY = st.integers(0, 30)  # one of those that there are then
PILE = st.sampled_from(PILES)
CODE = st.sampled_from(list(CODES))
SENDING = st.lists(st.sampled_from(SENDING_FAULTS), min_size=1, max_size=4)
ASKING = st.lists(st.sampled_from(ASKING_FAULTS), max_size=3)
FEW = st.integers(0, 3)
LOST = st.sampled_from(
    ["lost before", "lost after", "late", "slow job", "unseen job", "crash before", "crash after"]
)
WELL = st.sampled_from([1, 1, 2, 0])  # the storno is the second thing that is sent
# Seconds that pass before a turn begins, and by which somebody turns the clock on the wall.
LATER = st.sampled_from([(0, 0), (2, 0), (35, 0), (100, 0), (2, 86400), (2, -3600)])
DOCUMENT = st.sampled_from(["storno", "annul"])


def some(has: str) -> Any:
    """Only while there is one of these in the tables."""
    return precondition(lambda self: bool(getattr(self.seen, has)))


class Desk(RulesThatNeverBend):
    """One desk, its people and its worker."""

    performer: type[EffectExecutor] = EffectExecutor

    # -------------------------------------------------------------- a history begins and ends

    @initialize(
        document=DOCUMENT,
        scanned=st.lists(st.tuples(PILE, CODE), min_size=4, max_size=14),
        confirmed=st.sampled_from([[1], [1, 2], []]),
    )
    def begin(self, document: str, scanned: list[tuple[int, str]], confirmed: list[int]) -> None:
        """Most begin with parcels on the table, so that there is something to go wrong."""
        self.open_the_desk()
        self.hands = 0
        self.choose_the_document(document)
        for pile, code in scanned:
            self.scan(pile, code)
        for pile in confirmed:
            self.confirm(pile, 1)

    def teardown(self) -> None:
        if self.patches is None:
            return
        with self.patches:
            if not self.sound:
                return  # it is told already, and the rest would only hide it
            self.everything_comes_to_its_end()
            self.the_trail_is_whole()

    def everything_comes_to_its_end(self) -> None:
        """Nothing is left lying once all goes well and people answer what they are asked."""
        for run in self.seen.runs:
            run_control.resume(run.id)
        for _ in range(ROUNDS):
            self.everybody_works()
            with self.doing():
                for effect in self.seen.held:
                    self._answer(effect)
            self.the_rules_hold()
        assert not self.seen.open
        assert not self.seen.held
        assert all(run.state != "running" for run in self.seen.runs)
        assert not any(target.due for target in self.world.targets.values())

    # -------------------------------------------------------------- people

    @rule(pile=PILE, code=CODE)
    def scan(self, pile: int, code: str) -> None:
        with self.doing():
            found = self._scan(pile, code, f"key {len(self.scans)}")
        self.scans.append((pile, code))
        self.outcomes[pile][found.outcome] += 1
        expected = CODES[code]
        if expected in ("ambiguous", "unmatched"):
            assert (found.outcome, found.order_id) == (expected, None)
        else:
            assert (found.outcome, found.order_name) == ("matched", expected)
            self.matched[pile].add(expected)

    @precondition(lambda self: bool(self.scans))
    @rule(which=ANY)
    def the_same_scan_is_delivered_again(self, which: int) -> None:
        number = which % len(self.scans)
        with self.doing():
            assert self._scan(*self.scans[number], f"key {number}").repeated

    @rule(pile=PILE, code=CODE, point=st.sampled_from(["match", "_result"]))
    def scan_through_a_crash(self, pile: int, code: str, point: str) -> None:
        """Before or after its scan is stored; whoever had no answer sends it once more."""
        with self.doing(), mock.patch.object(scans, point, side_effect=Crash):
            self._scan(pile, code, f"key {len(self.scans)}")
        self.scan(pile, code)

    def _scan(self, pile: int, code: str, key: str) -> scans.ScanResult:
        return scans.take_scan(pile, code, source="scanner", key=key)

    @rule(pile=PILE, presses=st.integers(1, 2))
    def confirm(self, pile: int, presses: int) -> None:
        with self.doing():
            for _ in range(presses):
                with contextlib.suppress(runs.NothingToRun):
                    runs.start_run(pile)

    @some("chosen")
    @rule(which=ANY, restock=st.booleans())
    def reverse_one(self, which: int, restock: bool) -> None:
        row = self.seen.chosen[which % len(self.seen.chosen)]
        with self.doing(), contextlib.suppress(runs.NothingToRun):
            runs.reverse_order(row.order_id, restock=restock, pile_id=row.pile_id)

    @some("run_by_run")
    @rule(which=ANY, what=st.sampled_from(["pause", "resume", "stop", "retry"]))
    def steer(self, which: int, what: str) -> None:
        run_id = self.seen.run_by_run[which % len(self.seen.run_by_run)].run_id
        with self.doing():
            getattr(run_control, what)(run_id)

    @rule(document=DOCUMENT)
    def choose_the_document(self, document: str) -> None:
        with self.doing(), db.writing(self.engine) as connection:
            preferences.save(connection, document=document)

    @some("needing")
    @rule(
        which=ANY,
        how=st.sampled_from(["answer", "answer", "try again", "try the run again", "give up"]),
    )
    def a_person_sees_to_it(self, which: int, how: str) -> None:
        row = self.seen.needing[which % len(self.seen.needing)]
        held = [one for one in self.seen.held if one.reversal_id == row.id]
        with self.doing():
            if how == "give up":
                follow_up.give_up(row.id, "done by phone")
                self.by_hand.add(self.seen.names[row.order_id])
            elif how == "try the run again" and row.run_id is not None:
                run_control.retry(row.run_id)
            elif how == "try again" and not held:
                follow_up.retry_reversal(row.id)
            elif how == "try again":
                with pytest.raises(follow_up.AnswerError):
                    follow_up.retry_reversal(row.id)
            for effect in held if how == "answer" else ():
                self._answer(effect)

    def _answer(self, effect: Any) -> None:
        """By the truth, and once nothing can come late any more."""
        self.world.ripen()
        target = self.world.targets[effect.slot, effect.target]
        if target.due:
            return
        if target.done:
            storno = storno_of(ref_of(target.name)) if target.slot == "document" else Storno()
            follow_up.answer_exists(effect.id, storno.series, storno.number)
        else:
            follow_up.answer_absent(effect.id)
        target.doubt = None

    # -------------------------------------------------------------- the worker

    # More than one way, since hypothesis leaves half of the rules out of a history.

    @some("open")
    @rule(which=ANY, later=LATER)
    def work(self, which: int, later: tuple[int, int]) -> None:
        self._work(which, later)

    @some("open")
    @rule(which=ANY, later=LATER, sending=SENDING)
    def work_with_faults(self, which: int, later: tuple[int, int], sending: list[str]) -> None:
        self._work(which, later, sending)

    @some("open")
    @rule(which=ANY, later=LATER, well=WELL, lost=LOST)
    def work_with_a_lost_answer(
        self, which: int, later: tuple[int, int], well: int, lost: str
    ) -> None:
        self._work(which, later, [*["ok"] * well, lost])

    @some("open")
    @rule(which=ANY, later=LATER, sending=SENDING, point=st.sampled_from(POINTS), passed=FEW)
    def work_until_a_crash(
        self, which: int, later: tuple[int, int], sending: list[str], point: str, passed: int
    ) -> None:
        self._work(which, later, sending, crash=(point, passed))

    @some("open")
    @rule(which=ANY, sending=SENDING, asking=ASKING)
    def work_after_a_while(self, which: int, sending: list[str], asking: list[str]) -> None:
        """Settled by now; and the services may not tell."""
        self._work(which, (SETTLE + 1, 0), sending, asking)

    def everybody_works(self) -> None:
        """Every open reversal has a turn in which all goes well, and a while passes."""
        for row in self.seen.open:
            with self.doing():
                self._turn(row.id)
        self.world.time.up += 100
        self.world.ripen()
        with self.doing():
            runs.finish()

    @some("open")
    @rule(which=ANY)
    def an_old_turn_comes_late(self, which: int) -> None:
        """The engine runs a workflow that has been replaced: there is nothing to do in it."""
        row = self.seen.open[which % len(self.seen.open)]
        sendings = self.world.sendings
        with self.doing():
            assert advance.advance(row.id, row.generation - 1, self.performer) is None
        assert self.world.sendings == sendings

    def _work(
        self,
        which: int,
        later: tuple[int, int],
        sending: list[str] | None = None,
        asking: list[str] | None = None,
        crash: tuple[str, int] | None = None,
    ) -> None:
        row = self.seen.open[which % len(self.seen.open)]
        paused = {run.id for run in self.seen.runs if run.state == "paused"}
        sendings = self.world.sendings
        self.world.time.pass_by(*later)
        with self.doing():
            self.world.faults, self.world.untold = list(sending or ()), list(asking or ())
            self.world.crash = crash
            self.world.meanwhile = lambda: self._turn(row.id)
            self._turn(row.id)
            runs.finish()
        if row.run_id in paused:
            assert self.world.sendings == sendings

    def _turn(self, reversal_id: int) -> None:
        query = select(tables.reversals.c.generation).where(tables.reversals.c.id == reversal_id)
        with db.reading(self.engine) as connection:
            generation = connection.scalar(query) or 0
        advance.advance(reversal_id, generation, self.performer)

    # -------------------------------------------------------------- the world

    @rule(later=LATER)
    def time_passes(self, later: tuple[int, int]) -> None:
        self.world.time.pass_by(*later)
        self.world.ripen()

    @precondition(lambda self: self.hands < MOST_BY_HAND)
    @rule(slot=st.sampled_from(["cancel", "document"]), which=ANY)
    def somebody_does_it_by_hand(self, slot: str, which: int) -> None:
        """In the shop's or the service's own pages, while nothing about it is on its way."""
        self.hands += 1
        self.world.ripen()
        fitting = [one for one in self.world.of(slot) if not one.done and not one.pending]
        if fitting:
            target = fitting[which % len(fitting)]
            target.by_hand, target.done_at = True, self.world.time.up

    @rule(old=st.booleans())
    def the_shop_tells_of_its_orders(self, old: bool) -> None:
        """A sync; or webhooks that were sent at first and come only now."""
        read = first_told if old else self.world.services["shop"].order
        with self.doing():
            with db.writing(self.engine) as connection:
                upsert_orders(connection, 1, map(read, self.seen.names.values()))
            known = Rows(self.engine).orders
            external_cancellations.take([row.id for row in known if row.cancelled_at])


def form(histories: int) -> settings:
    """So many histories of 40 steps."""
    return settings(
        max_examples=histories,
        stateful_step_count=40,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )


class DeskAtLength(Desk):
    """The same desk for the long form."""


Desk.TestCase.settings = form(20)
DeskAtLength.TestCase.settings = form(200)


class TestDesk(Desk.TestCase):  # type: ignore[name-defined, misc]
    """20 histories of 40 steps keep the ten rules."""


@pytest.mark.heavy
@pytest.mark.timeout(1800)
class TestDeskAtLength(DeskAtLength.TestCase):  # type: ignore[name-defined, misc]
    """200 histories of 40 steps keep the ten rules."""


@pytest.mark.parametrize(
    ("guard", "broken"),
    [("settling", "rule_[14]_"), ("asking", "rule_[145]_"), ("intent", "rule_3_")],
)
def test_a_desk_without_one_of_its_guards_is_found_out(guard: str, broken: str) -> None:
    class Unguarded(Desk):
        performer = GUARDS[guard]

    wanted = settings(
        form(100), derandomize=True, database=None, phases=[Phase.generate],
        report_multiple_bugs=False,
    )  # fmt: skip
    with pytest.raises(AssertionError, match=broken):
        run_state_machine_as_test(Unguarded, settings=wanted)


def test_a_pass_that_was_overtaken_does_not_tell_of_an_end_that_it_did_not_bring_about() -> None:
    """A second worker takes the order while the first waits for the shop's answer."""
    desk = Desk()
    desk.begin("storno", [(1, "4200000000011")], [1])
    desk.work_with_faults(0, (0, 0), ["meanwhile"])
    desk.the_rules_hold()
    desk.teardown()
