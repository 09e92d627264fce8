"""Rules 1 to 10 of docs/rules.md, each as an invariant of test_reversal_histories."""

import contextlib
from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any
from unittest import mock

from histories_desk import Rows, database
from histories_world import Crash, Target, World
from hypothesis.stateful import RuleBasedStateMachine, invariant
from reversal_support import the_trail_is_whole

from core import clock, config
from core.audit.actions import Action
from core.orders.piles import card
from core.reversal.codes import ReversalCode
from core.reversal.effects import executor
from core.reversal.steps import context

PILES = (1, 2)


class RulesThatNeverBend(RuleBasedStateMachine):
    """What must hold after every step, whatever it was: `seen` is what the tables hold now."""

    patches: contextlib.ExitStack | None = None

    def open_the_desk(self) -> None:
        """A new desk in a new world, with nothing on its table."""
        self.engine = database().begin_anew()
        self.world = World(self.engine)
        self.patches = contextlib.ExitStack()
        for patch in (
            config.at(database().home),
            clock.use(self.world.time),
            mock.patch.object(executor, "failpoint", self.world.failpoint),
            mock.patch.object(context, "adapter", self.world.adapter),
        ):
            self.patches.enter_context(patch)
        self.scans: list[tuple[int, str]] = []
        self.outcomes = {pile: Counter[str]() for pile in PILES}
        self.matched: dict[int | None, set[str]] = defaultdict(set)  # orders scanned, by pile
        self.by_hand: set[str] = set()  # orders of which a person took the rest on
        self.seen = self.before = Rows(self.engine)
        self.sound = True  # no rule was found broken

    @contextlib.contextmanager
    def doing(self) -> Iterator[None]:
        """One thing that happens; the process may die of it, and another begins."""
        with contextlib.suppress(Crash):
            yield
        self.world.calm()
        self.seen = Rows(self.engine)

    @invariant()
    def the_rules_hold(self) -> None:
        """All in one, so that a failing history is printed in few lines."""
        self.sound = False
        for name in dir(self):
            if name.startswith("rule_"):
                try:
                    getattr(self, name)()
                except AssertionError as error:
                    raise AssertionError(f"{name}: {error}") from error
        self.sound, self.before = True, self.seen

    def kept(self, number: int) -> None:
        complaints = [text for broken, text in self.world.broken if broken == number]
        assert not complaints, complaints

    def target(self, effect: Any) -> Target:
        return self.world.targets[effect.slot, effect.target]

    def rule_1_one_reversal_an_order_one_effect_a_target(self) -> None:
        most = Counter(row.order_id for row in self.seen.reversals).values()
        assert max(most, default=0) <= 1
        once = [one for one in self.world.targets.values() if one.slot != "tag"]
        twice = [one.name for one in once if one.applied + len(one.due) > 1]
        assert not twice, twice

    def rule_2_documents_are_only_added(self) -> None:
        assert self.seen.trail[: len(self.before.trail)] == self.before.trail
        now = {row.id: row for row in self.seen.invoices}
        for old in self.before.invoices:
            new = now[old.id]
            assert (new.series, new.number) == (old.series, old.number)
            if old.reversed_at or old.annulled_at:
                assert new == old

    def rule_3_the_intent_comes_first_and_success_has_evidence(self) -> None:
        self.kept(3)
        for effect in self.seen.effects:
            if effect.state == "confirmed":
                assert self.target(effect).done
                assert effect.evidence or effect.outcome == "seen_by_a_person"

    def rule_4_nothing_unknown_is_sent_again_before_it_was_asked_about(self) -> None:
        self.kept(4)

    def rule_5_what_cannot_be_asked_about_waits_for_a_person(self) -> None:
        self.kept(5)
        for effect in self.seen.effects:
            assert effect.service != "silent" or effect.state != "unknown"
        finished = {row.id for row in self.seen.reversals if row.state == "needs_person"}
        for effect in self.seen.effects:
            doubted = effect.service == "silent" and self.target(effect).doubt is not None
            if doubted and effect.reversal_id in finished:
                assert effect.state == "held"

    def rule_6_no_storno_before_its_order_is_seen_cancelled(self) -> None:
        self.kept(6)
        cancelled = {row.id for row in self.seen.orders if row.cancelled_at}
        for effect in self.seen.effects:
            assert effect.slot != "document" or effect.order_id in cancelled

    def rule_7_only_a_certain_match_goes_into_a_run(self) -> None:
        pile_of = {run.id: run.pile_id for run in self.seen.runs}
        for row in self.seen.chosen:
            assert self.seen.names[row.order_id] in self.matched[row.pile_id]
        for row in self.seen.reversals:
            name = self.seen.names[row.order_id]
            if row.run_id is None:  # cancelled by hand at the shop, so nobody need scan it
                assert self.world.targets["cancel", name].by_hand
            else:
                assert name in self.matched[pile_of[row.run_id]]

    def rule_8_no_scan_is_lost(self) -> None:
        for pile in PILES:
            assert card.outcomes(pile) == dict(self.outcomes[pile])

    def rule_9_a_change_is_whole(self) -> None:
        papers = {row.id: row for row in self.seen.invoices}
        cancelled = {row.id for row in self.seen.orders if row.cancelled_at}
        for effect in self.seen.effects:
            confirmed = effect.state == "confirmed"
            if effect.slot == "document":
                paper = papers[effect.invoice_id]
                assert bool(paper.reversed_at or paper.annulled_at) == confirmed
            elif effect.slot == "cancel" and confirmed:
                assert effect.order_id in cancelled
        ours = (ReversalCode.OWN_ERROR, ReversalCode.WRITTEN_AT_ONCE, ReversalCode.NOT_WRITABLE)
        whys = [row.why for row in self.seen.reversals if row.why is not None]
        assert not [why for why in whys if why.code in ours]
        done = {row.order_id for row in self.seen.reversals if row.state == "done"}
        news = self.seen.trail[len(self.before.trail) :]
        reported = {row.order_id for row in news if row.action == Action.REVERSAL_DONE}
        assert reported <= done, "told as done, and it is not"

    def the_trail_is_whole(self) -> None:
        """The chain holds; each effect was told about as often as it moved, up to where it is."""
        the_trail_is_whole(self.engine, self.seen.effects)

    def rule_10_what_has_begun_is_finished_or_handed_to_a_person(self) -> None:
        begun = {effect.reversal_id for effect in self.seen.effects if effect.attempt}
        for row in self.seen.reversals:
            name = self.seen.names[row.order_id]
            if row.state != "stopped":
                self.by_hand.discard(name)
            elif name not in self.by_hand:
                assert row.id not in begun
            if row.state == "done":
                ends = [*self.world.of("cancel", name), *self.world.of("document", name)]
                assert all(target.done for target in ends)
        still = {row.id for row in self.seen.orders if row.cancelled_at}
        assert {row.id for row in self.before.orders if row.cancelled_at} <= still
