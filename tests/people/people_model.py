"""Who may what, beside the database: what the state machine of people holds it against."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from core.clock import now
from core.people.sessions import IDLE, PROOF_LASTS, Scope
from core.people.sessions import SessionKind as Way
from core.rights import ROLES, Right

DEPUTY = "deputy"  # a role of the shop's own: looks after people, may not do everything itself
DEPUTY_MAY = frozenset({Right.SCAN, Right.PILE, Right.NAMES, Right.PEOPLE})


@dataclass
class Person:
    role: str
    disabled: bool = False


@dataclass
class WayIn:
    """One session that was handed out."""

    secret: str
    id: int
    kind: Way
    person: int
    scope: Scope
    born: dt.datetime
    ends: dt.datetime
    proved: dt.datetime | None
    given: frozenset[Right] | None = None  # of a token
    seen: dt.datetime | None = None
    over: bool = False


@dataclass
class Question:
    id: int
    asked_by: int
    until: dt.datetime
    yes_of: int | None = None  # who said yes


@dataclass
class Pairing:
    token: str
    person: int
    scope: Scope
    until: dt.datetime
    used: bool = False


@dataclass
class Model:
    people: dict[int, Person] = field(default_factory=dict)
    ways: list[WayIn] = field(default_factory=list)
    pairings: list[Pairing] = field(default_factory=list)
    open: dict[tuple[Any, ...], Question] = field(default_factory=dict)
    at_station: dict[int, str] = field(default_factory=dict)  # a session's station
    deputy: frozenset[Right] = DEPUTY_MAY

    def role(self, name: str) -> frozenset[Right]:
        return self.deputy if name == DEPUTY else ROLES[name]

    def alive(self, way: WayIn) -> bool:
        seen = way.seen or way.born
        idle = seen < now() - IDLE[way.kind]
        return not (way.over or idle or way.ends <= now() or self.people[way.person].disabled)

    def rights(self, way: WayIn) -> frozenset[Right]:
        held = self.role(self.people[way.person].role)
        if way.given is not None:
            held &= way.given
        return held if way.scope is Scope.OPERATE else held & {Right.SCAN}

    def proved(self, way: WayIn) -> bool:
        return way.proved is not None and way.proved > now() - PROOF_LASTS

    def let_in(self, person: int, right: Right | None = None) -> bool:
        one = self.people[person]
        return not one.disabled and (right is None or right in self.role(one.role))

    def counts(self, question: Question, right: Right, doer: int) -> bool:
        """Whether its yes is still that of a second person: let in, able, another than the doer.

        Whoever said yes may do it themselves while the one they said it to is still let in.
        """
        who = question.yes_of
        if who is None or now() >= question.until or not self.let_in(who, right):
            return False
        return who != doer or self.let_in(question.asked_by)

    def keepers(self) -> int:
        able = (one for one in self.people.values() if not one.disabled)
        return sum(Right.PEOPLE in self.role(one.role) for one in able)
