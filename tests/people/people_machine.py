"""People, devices, sessions, programs' tokens, approvals and revocations, in any order.

Beside the database stands a model of who may what. After each step every secret that was ever
handed out is alive exactly when the model says so, with exactly its rights; a door opens exactly
for these; and what two people must want is done only after another one's yes to exactly it.
"""

from collections.abc import Callable
from typing import Any

import hypothesis.strategies as st
import people_doors
from hypothesis.stateful import invariant, rule
from people_come_in import GIVEABLE, NUMBER, ComeIn
from people_model import DEPUTY, Question, WayIn

from core import rights
from core.audit import approvals
from core.audit.approvals import ApprovalError, ApprovalKind, WaitsForAnother
from core.clock import now
from core.people import accounts, roles, sessions
from core.people.accounts import AccountError
from core.people.sessions import SessionKind as Way
from core.rights import NotAllowed, NotProved, Right
from core.store import db

CALLED = people_doors.called()
DOORS = {
    name: one
    for name, one in CALLED.items()
    if rights.rights_of(one) and people_doors.lacks_arguments(one)
}
HOST_ONLY = frozenset({Right.HOST})
OF_A_ROLE = frozenset({Right.SCAN, Right.PILE, Right.RUN, Right.PEOPLE, Right.CONNECT})


class PeopleMachine(ComeIn):
    """Whoever is in acts; each rule does nothing where there is nobody or nothing to act on."""

    # ------------------------------------------------------------ who is shown out

    @rule(number=NUMBER, other=NUMBER)
    def somebody_ends_a_session(self, number: int, other: int) -> None:
        way = self.way(number)
        if way is None:
            return
        ended = self.model.ways[other % len(self.model.ways)]
        mine = ended.person == way.person
        try:
            with rights.acting(self.actor(way)):
                sessions.sign_out(ended.id)
        except NotAllowed:
            assert not mine
            assert Right.PEOPLE not in self.model.rights(way)
            return
        assert mine or Right.PEOPLE in self.model.rights(way)
        ended.over = True

    @rule(number=NUMBER, other=NUMBER)
    def somebody_ends_an_account(self, number: int, other: int) -> None:
        self.ends(self.way(number), self.person(other))

    @rule(number=NUMBER, other=NUMBER)
    def somebody_ends_an_account_whose_yes_stands(self, number: int, other: int) -> None:
        said = [one.yes_of for one in self.model.open.values() if one.yes_of is not None]
        if said:
            self.ends(self.way(number), said[other % len(said)])

    def ends(self, way: WayIn | None, person: int) -> None:
        if way is None:
            return
        if self.changed(way, person, lambda: accounts.change(person, disabled=True)):
            self.model.people[person].disabled = True
            for theirs in self.model.ways:
                theirs.over = theirs.over or theirs.person == person

    @rule(number=NUMBER, other=NUMBER)
    def somebody_lets_an_account_in_again(self, number: int, other: int) -> None:
        way, person = self.way(number), self.person(other)
        if way is None or not self.model.people[person].disabled:
            return
        key = (ApprovalKind.PEOPLE, person, "disabled", False)
        if self.changed(way, person, lambda: accounts.change(person, disabled=False), key):
            self.model.people[person].disabled = False

    @rule(number=NUMBER, other=NUMBER, role=st.sampled_from(GIVEABLE))
    def somebody_gives_another_role(self, number: int, other: int, role: str) -> None:
        way, person = self.way(number), self.person(other)
        if way is None or self.model.people[person].role == role:
            return
        key, before = (ApprovalKind.PEOPLE, person, "role", role), self.model.people[person].role
        act = lambda: accounts.change(person, role=role)  # noqa: E731
        if self.changed(way, person, act, key, role):
            self.model.people[person].role = role
            assert before != role

    @rule(number=NUMBER, wanted=st.sets(st.sampled_from(sorted(OF_A_ROLE)), min_size=1))
    def somebody_changes_the_role_of_the_shop(self, number: int, wanted: set[Right]) -> None:
        way, model = self.way(number), self.model
        if way is None:
            return
        held, before, after = model.rights(way), model.deputy, frozenset(wanted)
        key = (ApprovalKind.PEOPLE, DEPUTY, *sorted(after)) if after - before else None
        act = lambda: roles.save_role(DEPUTY, after)  # noqa: E731
        try:
            done = self.by_two(way, act, key) if key else self.alone(way, act)
        except NotAllowed:
            assert Right.PEOPLE not in held or not (before | after) <= held
            return
        except NotProved:
            assert not model.proved(way)
            return
        except AccountError:
            model.deputy = after
            assert model.keepers() == 0
            model.deputy = before
            return
        assert Right.PEOPLE in held
        assert model.proved(way)
        assert before | after <= held
        if done:
            model.deputy = after

    def changed(
        self,
        way: WayIn,
        person: int,
        act: Callable[[], None],
        key: tuple[Any, ...] | None = None,
        role: str = "",
    ) -> bool:
        """Whether it was done; each refusal must have its cause in the model."""
        model, held = self.model, self.model.rights(way)
        wanted = model.role(role) if role else frozenset[Right]()
        above = not (model.role(model.people[person].role) | wanted) <= held
        try:
            done = self.by_two(way, act, key) if key else self.alone(way, act)
        except NotAllowed:
            assert Right.PEOPLE not in held or above
            return False
        except NotProved:
            assert not model.proved(way)
            return False
        except AccountError:
            lost = model.people[person]
            assert Right.PEOPLE in model.role(lost.role)
            assert not lost.disabled
            assert model.keepers() == 1
            return False
        assert Right.PEOPLE in held
        assert model.proved(way)
        assert not above
        return done

    def alone(self, way: WayIn, act: Callable[[], None]) -> bool:
        with rights.acting(self.actor(way)):
            act()
        return True

    # ------------------------------------------------------------ what two must want

    def by_two(self, way: WayIn, act: Callable[[], None], key: tuple[Any, ...]) -> bool:
        """Do it, or ask for another person's yes; the model says which it must be."""
        known, who = self.model.open.get(key), self.actor(way)
        right = approvals.RIGHT_OF[key[0]]
        agreed = known is not None and self.model.counts(known, right, way.person)
        try:
            with rights.acting(who):
                act()
        except WaitsForAnother as waits:
            assert not agreed
            with rights.acting(who):
                found = approvals.ask(waits)
            if known is None or now() >= known.until:
                self.model.open[key] = Question(found, way.person, now() + approvals.LIFE)
            else:
                known.yes_of = None  # what counts no longer is asked anew
            return False
        assert agreed, "no second person's yes, or one that counts no longer"
        del self.model.open[key]
        return True

    @rule(number=NUMBER, what=st.sampled_from("ab"))
    def somebody_starts_a_large_run(self, number: int, what: str) -> None:
        way = self.way(number)
        if way is None or Right.RUN not in self.model.rights(way):
            return

        def run() -> None:
            with db.writing() as connection:
                approvals.need(connection, ApprovalKind.RUN, "pile 1", what, {"orders": 50})

        self.by_two(way, run, (ApprovalKind.RUN, what))

    @rule(number=NUMBER, other=NUMBER, yes=st.booleans())
    def somebody_answers(self, number: int, other: int, yes: bool) -> None:
        way, keys = self.way(number), list(self.model.open)
        if way is None or not keys:
            return
        key = keys[other % len(keys)]
        question = self.model.open[key]
        own = question.asked_by == way.person
        able = approvals.RIGHT_OF[key[0]] in self.model.rights(way)
        try:
            with rights.acting(self.actor(way)):
                approvals.answer(question.id, yes=yes)
        except ApprovalError:
            assert now() >= question.until or (yes and (own or way.kind is Way.API))
            return
        except NotAllowed:
            assert not own
            assert not able
            return
        assert own or able
        assert now() < question.until
        if yes:
            assert not own, "one person asked and said yes"
            assert way.kind is not Way.API, "a program said yes"
            question.yes_of = way.person
        else:
            del self.model.open[key]

    # ------------------------------------------------------------ doors, and time

    @rule(number=NUMBER, name=st.sampled_from(sorted(DOORS)))
    def somebody_tries_a_door(self, number: int, name: str) -> None:
        """Past the door the call lacks its arguments: TypeError, before anything is done."""
        way = self.way(number)
        if way is None:
            return
        wanted = frozenset(rights.rights_of(DOORS[name]))
        with rights.acting(self.actor(way)):
            try:
                DOORS[name]()
            except NotAllowed:
                assert wanted.isdisjoint(self.model.rights(way))
            except NotProved:
                assert not self.model.proved(way)
            except TypeError:
                assert not wanted.isdisjoint(self.model.rights(way))

    @rule(minutes=st.sampled_from([2, 6, 11, 9 * 60, 25 * 60, 31 * 24 * 60]))
    def time_passes(self, minutes: int) -> None:
        self.clock.passed += 60 * minutes

    @invariant()
    def every_secret_opens_what_the_model_says(self) -> None:
        """Looked at without being used: only `actor` keeps a session from idling."""
        known = sessions.of_secrets([way.secret for way in self.model.ways])
        for way in self.model.ways:
            alive, found = self.model.alive(way), known[way.secret]
            assert (found is not None) is alive, way
            if found is None:
                way.over = True  # what ended does not begin again
                continue
            who = sessions.actor_of(found)
            assert who.rights == self.model.rights(way), way
            assert who.rights.isdisjoint(HOST_ONLY)
            assert who.proved is self.model.proved(way)

    @invariant()
    def somebody_who_looks_after_people_remains(self) -> None:
        assert not self.model.people or self.model.keepers() > 0
