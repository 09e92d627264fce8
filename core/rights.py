"""Who acts, and what they may do: asked by every door of `core` (rule 17).

An `Actor` is bound to the request, the page's run or the process. A *door* is a function that
pages, routes or the command line call and that changes something, or shows personal data or money;
it begins with `require(Right.X)`, or is marked `@door(Right.X)`. What one door calls is not asked
again: it works on the first one's behalf.

A program started on the host (command line, worker) acts as the host's owner: whoever may read the
home's files may do everything anyway. The web process is closed instead: `refuse_unbound`.
"""

import functools
import inspect
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, ParamSpec, TypeVar

from core.errors import UserError
from core.reasons import N_, ReasonCode

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")


class Right(StrEnum):
    """One thing that may be done; a role is a set of them."""

    SCAN = "scan"  # scan, photograph, see what was scanned
    PILE = "pile"  # begin, arrange and check piles
    NAMES = "names"  # see and search customers
    RUN = "run"  # cancel orders and reverse invoices
    FOLLOW_UP = "follow_up"  # answer what waits for a person
    IMPORT = "import"  # take in tables and reports
    FIGURES = "figures"  # Analytics, without names
    MONEY = "money"  # stornos with their sums
    RECORD = "record"  # the audit trail
    EXPORT = "export"  # files with names or sums
    PREFER = "preferences"
    CONNECT = "connections"  # accounts at services, with their secrets
    PEOPLE = "people"  # accounts, roles, sessions
    ERASE = "erase"  # forget a customer
    HOST = "host"  # backup, restore, the worker: only on the machine itself


class Way(StrEnum):
    """How somebody came in."""

    BROWSER = "browser"
    PHONE = "phone"
    API = "api"
    LOCAL = "local"  # on the sandbox, from this computer, without sign-in
    HOST = "host"  # a program on the machine: the command line
    WORKER = "worker"
    STRANGER = "stranger"  # nobody: not signed in


EVERYTHING = frozenset(Right)
ALL_BUT_HOST = EVERYTHING - {Right.HOST}
OPERATOR = frozenset({Right.SCAN, Right.PILE, Right.NAMES})
ROLES: dict[str, frozenset[Right]] = {
    "scanner": frozenset({Right.SCAN}),
    "operator": OPERATOR,
    "reviewer": OPERATOR | {Right.RUN, Right.FOLLOW_UP, Right.IMPORT, Right.RECORD},
    "analyst": frozenset({Right.FIGURES}),
    "finance": frozenset(
        {Right.FIGURES, Right.MONEY, Right.RECORD, Right.NAMES, Right.EXPORT}
    ),
    "admin": ALL_BUT_HOST,
    "owner": ALL_BUT_HOST,
}  # fmt: skip


class RightCode(ReasonCode):
    """Why a door stays shut."""

    LACKING = (
        "right_lacking",
        N_("This needs a right that you do not have. Ask who looks after Refuz."),
    )
    NOT_PROVED = (
        "right_not_proved",
        N_("Confirm that it is you: enter your password once more, then try again."),
    )


class NotAllowed(UserError):
    """The actor lacks the right; the message says whom to ask."""

    code = "not_allowed"

    def __init__(self, right: Right) -> None:
        """`right` is the one that was asked for."""
        super().__init__(RightCode.LACKING)
        self.right = right


class NotProved(UserError):
    """Too long ago that they showed who they are; the message says what to do."""

    def __init__(self) -> None:
        """Nobody in particular: whoever acts."""
        super().__init__(RightCode.NOT_PROVED)


@dataclass(frozen=True)
class Actor:
    """Who does something. `person_id`: None for programs and for the sandbox without sign-in.

    `pile_id`: a paired phone may be bound to one pile. `proved`: a password or passkey was shown
    within the last minutes, where the way in has one at all. `narrowed`: by a badge or a token,
    with less than the person may.
    """

    name: str
    rights: frozenset[Right] = field(default=frozenset(), repr=False)
    person_id: int | None = None
    session_id: int | None = None
    way: Way = Way.STRANGER
    address: str = ""
    pile_id: int | None = None
    proved: bool = True
    narrowed: bool = False

    def may(self, right: Right) -> bool:
        """Whether the actor has this right."""
        return right in self.rights


NOBODY = Actor("")
HOST = Actor("host", EVERYTHING, way=Way.HOST)
WORKER = Actor("worker", EVERYTHING, way=Way.WORKER)

_bound: ContextVar[Actor | None] = ContextVar("actor", default=None)
_inside: ContextVar[bool] = ContextVar("inside a door", default=False)
# Who a process works for is said once, at its start, before any home is known; both are below
# `core.store`, whose doors ask them.
_of_process: Actor = HOST
_finder: Callable[[], Actor | None] | None = None


def local_owner(name: str = "", address: str = "") -> Actor:
    """Whoever sits at this computer while the desk knows its sandbox only."""
    return Actor(name or "desk", ALL_BUT_HOST, way=Way.LOCAL, address=address)


def actor() -> Actor:
    """Who acts now: bound, else found by the page that runs, else the process's own."""
    bound = _bound.get()
    if bound is not None:
        return bound
    found = _finder() if _finder is not None else None
    return found or _of_process


@contextmanager
def acting(who: Actor) -> Iterator[None]:
    """Bind an actor to this block (and to the threads that copy its context)."""
    token = _bound.set(who)
    within = _inside.set(False)  # the doors in the block ask anew, whoever passed one outside it
    try:
        yield
    finally:
        _inside.reset(within)
        _bound.reset(token)


@contextmanager
def named(name: str) -> Iterator[None]:
    """Act with the same rights under another name in this block.

    For a part of the program, and for whom it works; on this computer a page says who works there.
    Whoever signed in keeps their own name.
    """
    who = actor()
    token = _bound.set(
        who if who.person_id is not None else replace(who, name=name.replace("\0", ""))
    )
    try:
        yield
    finally:
        _bound.reset(token)


def find_by(finder: Callable[[], Actor | None] | None) -> None:
    """Ask this where nothing is bound: a page's callbacks run before the page does."""
    global _finder
    _finder = finder


def of_process(who: Actor) -> None:
    """Make this the actor wherever nobody is bound in this process."""
    global _of_process
    _of_process = who


def refuse_unbound() -> None:
    """From now on this process does nothing for nobody: it serves strangers."""
    of_process(NOBODY)


def may(*any_of: Right) -> bool:
    """Whether the one who acts has one of these rights; pages hide what is not allowed."""
    return not actor().rights.isdisjoint(any_of)


def require(*any_of: Right) -> Actor:
    """The one who acts, if they have one of these rights. Raises NotAllowed."""
    who = actor()
    if not _inside.get() and who.rights.isdisjoint(any_of):
        raise NotAllowed(any_of[0])
    return who


def require_proof() -> None:
    """Raise NotProved where whoever acts has not shown a password or passkey of late."""
    if not actor().proved:
        raise NotProved


def require_pile(pile_id: int) -> None:
    """Raise NotAllowed where a phone is bound to another pile."""
    bound_to = actor().pile_id
    if bound_to is not None and bound_to != pile_id:
        raise NotAllowed(Right.SCAN)


def _require_pile_of(args: tuple[Any, ...], kwargs: Mapping[str, Any], place: int) -> None:
    given = args[place] if len(args) > place else kwargs.get("pile_id")
    if given is not None:
        require_pile(given)


def door(
    *any_of: Right, proved: bool = False
) -> Callable[[Callable[Parameters, Result]], Callable[Parameters, Result]]:
    """Mark a function as a door: it asks for one of these rights before it begins.

    `proved`: and that whoever acts has shown a password or passkey of late (step-up). A phone that
    is bound to a pile passes for that one alone, wherever the function takes a `pile_id`.
    """

    def mark(function: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
        """The function behind its door; doors within it ask no more."""
        names = list(inspect.signature(function).parameters)
        place = names.index("pile_id") if "pile_id" in names else None

        @functools.wraps(function)
        def asked(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Result:
            require(*any_of)
            if proved and not _inside.get():
                require_proof()
            if place is not None and not _inside.get():
                _require_pile_of(args, kwargs, place)
            within = _inside.set(True)
            try:
                return function(*args, **kwargs)
            finally:
                _inside.reset(within)

        asked.__door__ = any_of  # type: ignore[attr-defined]
        return asked

    return mark


def rights_of(door_function: Callable[..., object]) -> tuple[Right, ...]:
    """The rights a door asks for, one of which is enough; empty for what is no door."""
    marked: tuple[Right, ...] = getattr(door_function, "__door__", ())
    return marked


def narrowed(who: Actor, rights: frozenset[Right], pile_id: int | None = None) -> Actor:
    """The same actor with no more than these rights: a phone in its scope."""
    return replace(who, rights=who.rights & rights, pile_id=pile_id)
