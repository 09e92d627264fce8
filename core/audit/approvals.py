"""The two-person rule: some things wait until another person says yes to exactly them.

What will be done is hashed; the yes holds for that hash, once, for a day. Whoever asked does it
afterwards, in the transaction that uses the yes up. Asked, given, refused and used stand in the
record. Off unless the preference `two_people` is on.
"""

import datetime as dt
import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select, update

from core.audit import trail
from core.audit.actions import Action
from core.clock import now
from core.errors import RefuzError, UserError
from core.reasons import N_, ReasonCode
from core.rights import ROLES, Actor, NotAllowed, Right, Way, actor, require
from core.store import db
from core.store.statements.pruning import prune
from core.store.statements.rows import insert_new
from core.store.tables import approvals, people, preferences, roles

LIFE = dt.timedelta(days=1)
KEPT = dt.timedelta(days=90)  # after its end; the record has who asked, what, and who agreed
ALONE = "REFUZ_HOST_ALONE"  # set to 1, commands on the host need no second person


class ApprovalKind(ReasonCode):
    """What needs a second person."""

    RUN = "approve_run"
    ALL_THE_SAME = "approve_all_the_same"
    REFUND = "approve_refund"
    SEND_AGAIN = "approve_send_again"
    CONNECTION = "approve_connection"
    ERASE = "approve_erase"
    RULE = "approve_rule"
    PEOPLE = "approve_people"


RIGHT_OF = {
    ApprovalKind.RUN: Right.RUN,
    ApprovalKind.ALL_THE_SAME: Right.RUN,
    ApprovalKind.REFUND: Right.RUN,
    ApprovalKind.SEND_AGAIN: Right.FOLLOW_UP,
    ApprovalKind.CONNECTION: Right.CONNECT,
    ApprovalKind.ERASE: Right.ERASE,
    ApprovalKind.RULE: Right.PREFER,
    ApprovalKind.PEOPLE: Right.PEOPLE,
}


class ApprovalCode(ReasonCode):
    """Why a second person's word is asked for, or not taken."""

    WAITS = (
        "approval_waits",
        N_("Another person must say yes to this first; it waits in Follow-up."),
    )
    SETTLED = (
        "approval_settled",
        N_("This has been settled in the meantime; look at the list again."),
    )
    SAME_HAND = (
        "approval_same_hand",
        N_(
            "One of you made the other's account alone, so your yes does not count yet. Somebody "
            "else who looks after people must say that they know you (Settings, People)."
        ),
    )
    NOT_THIS_ONE = (
        "approval_not_this_one",
        N_("Another person must say this: one who signed in, not who asked."),
    )


class WaitsForAnother(RefuzError):
    """Nothing was done: another person must say yes first; `ask` writes the question down."""

    def __init__(
        self, kind: ApprovalKind, subject: str, digest: str, detail: Mapping[str, object]
    ) -> None:
        """What was about to be done, and its hash."""
        self.reason = ApprovalCode.WAITS.of()
        super().__init__(str(self.reason))
        self.kind, self.subject, self.digest, self.detail = kind, subject, digest, dict(detail)


class ApprovalError(UserError):
    """The yes cannot be given; the message says why."""


@dataclass(frozen=True)
class SecondPersonRule:
    """The preferences of the rule: whether it is on, and above what a run needs it.

    The sum is one of its own currency. There is none for any other: a run in it always needs it.
    """

    on: bool = False
    orders: int = 20
    sum_minor: int = 500_000
    currency: str = "RON"


@dataclass(frozen=True)
class Approval:
    """One question for a second person. `detail`: what will be done, for people."""

    id: int
    kind: ApprovalKind
    subject: str
    detail: dict[str, object]
    asked_name: str
    asked_by: int | None
    asked_at: dt.datetime
    given_name: str
    mine: bool


def rule(connection: Connection) -> SecondPersonRule:
    """The rule as it is now."""
    named = {
        "two_people": "on", "two_people_orders": "orders", "two_people_minor": "sum_minor",
        "two_people_currency": "currency",
    }  # fmt: skip
    query = select(preferences.c.key, preferences.c.value).where(preferences.c.key.in_(named))
    return SecondPersonRule(**{named[row.key]: row.value for row in connection.execute(query)})


def digest_of(kind: ApprovalKind, subject: str, what: object) -> str:
    """The hash of exactly what will be done."""
    text = json.dumps([kind, subject, what], sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def need(
    connection: Connection,
    kind: ApprovalKind,
    subject: str,
    what: object,
    detail: Mapping[str, object],
) -> bool:
    """Use another person's yes to exactly this up (True), or raise WaitsForAnother.

    Inside the transaction that does it: if that fails, the yes is still there. False where the
    rule asks nobody.
    """
    if not rule(connection).on or _is_alone(actor()):
        return False
    digest = digest_of(kind, subject, what)
    given = (
        (approvals.c.kind == kind) & (approvals.c.digest == digest)
        & approvals.c.given_at.is_not(None) & approvals.c.used_at.is_(None)
        & approvals.c.refused_at.is_(None) & (approvals.c.until > now())
    )  # fmt: skip
    used = connection.execute(
        update(approvals).where(given).values(used_at=now()).returning(approvals)
    ).one_or_none()
    if used is None or not _still_counts(connection, used):  # what was used up is rolled back
        raise WaitsForAnother(kind, subject, digest, detail)
    _record(connection, Action.APPROVAL_USED, used.id, subject, {"kind": kind, "digest": digest})
    return True


def _is_alone(who: Actor) -> bool:
    """The worker carries out what was approved; the host's owner may waive the rule."""
    host = who.way is Way.HOST and os.environ.get(ALONE, "") == "1"
    return host or who.way is Way.WORKER


def ask(waits: WaitsForAnother) -> int:
    """Write the question down for other people; the same question twice is one. Gives its id."""
    who = require(*Right)
    same = (
        (approvals.c.kind == waits.kind) & (approvals.c.digest == waits.digest)
        & approvals.c.used_at.is_(None) & approvals.c.refused_at.is_(None)
    )  # fmt: skip
    with db.writing() as connection:
        old = same & (approvals.c.until <= now())
        connection.execute(update(approvals).where(old).values(refused_at=now()))
        found = connection.execute(select(approvals).where(same)).one_or_none()
        if found is not None:
            if found.given_at is not None and not _still_counts(connection, found):
                mine = approvals.c.id == found.id
                nobody = {"given_at": None, "given_by": None, "given_name": ""}
                connection.execute(update(approvals).where(mine).values(**nobody))
            return int(found.id)
        as_json = json.loads(json.dumps(waits.detail, default=str))
        values = {
            "kind": waits.kind, "subject": waits.subject[:160], "digest": waits.digest,
            "detail": as_json, "asked_name": who.name[:80],
            "asked_by": who.person_id, "asked_at": now(), "until": now() + LIFE,
        }  # fmt: skip
        made = insert_new(connection, approvals, values)
        if made is None:  # the same question, asked at this moment in another process
            return int(connection.scalars(select(approvals.c.id).where(same)).one())
        detail = {"kind": waits.kind, "digest": waits.digest, **waits.detail}
        _record(connection, Action.APPROVAL_ASKED, made, waits.subject, detail)
    return int(made)


def waiting() -> list[Approval]:
    """The questions that the one who acts may answer, or asked; those with a yes are the asker's.

    Oldest first.
    """
    who = actor()
    query = select(approvals).where(
        approvals.c.used_at.is_(None), approvals.c.refused_at.is_(None), approvals.c.until > now()
    )
    with db.reading() as connection:
        rows = connection.execute(query.order_by(approvals.c.id)).all()
    found = []
    for row in rows:
        mine = _is_own(row, who)
        if mine or (row.given_at is None and who.may(RIGHT_OF[ApprovalKind(row.kind)])):
            found.append(_approval(row, mine=mine))
    return found


def answer(approval_id: int, *, yes: bool) -> None:
    """Another person's yes or no. Whoever asked may only take the question back (no).

    Raises ApprovalError, and NotAllowed for somebody who could not do it themselves.
    """
    who = require(*Right)
    with db.writing() as connection:
        row = connection.execute(
            select(approvals).where(
                approvals.c.id == approval_id,
                approvals.c.used_at.is_(None),
                approvals.c.refused_at.is_(None),
                approvals.c.until > now(),
            )
        ).one_or_none()
        if row is None:
            raise ApprovalError(ApprovalCode.SETTLED)
        own = _is_own(row, who)
        if yes and (own or who.person_id is None or who.way is Way.API):
            raise ApprovalError(ApprovalCode.NOT_THIS_ONE)
        if yes and hand_of(connection, row.asked_by) == hand_of(connection, who.person_id):
            raise ApprovalError(ApprovalCode.SAME_HAND)
        if not own and not who.may(RIGHT_OF[ApprovalKind(row.kind)]):
            raise NotAllowed(RIGHT_OF[ApprovalKind(row.kind)])
        values: dict[str, object] = {"refused_at": now()}
        if yes:
            values = {"given_at": now(), "given_by": who.person_id, "given_name": who.name[:80]}
        connection.execute(update(approvals).where(approvals.c.id == row.id).values(**values))
        action = Action.APPROVAL_GIVEN if yes else Action.APPROVAL_REFUSED
        _record(connection, action, row.id, row.subject, {"kind": row.kind, "digest": row.digest})


def forget(connection: Connection) -> int:
    """Let go of questions that ended long ago, with or without a yes; gives how many."""
    return prune(connection, approvals, approvals.c.until < now() - KEPT)


def _still_counts(connection: Connection, row: Any) -> bool:
    """Whether the yes is still that of another person than whoever stands behind the deed.

    Whoever gave it must still be let in and hold the right; it was their yes to somebody else, so
    where only they are left (who asked has ended), it is one person's.
    """
    if RIGHT_OF[ApprovalKind(row.kind)] not in _rights_of(connection, row.given_by):
        return False
    theirs, who = hand_of(connection, row.given_by), actor()
    if hand_of(connection, who.person_id) != theirs:
        return True
    asker = row.asked_by
    return asker is None or bool(_rights_of(connection, asker))


def _rights_of(connection: Connection, person_id: int | None) -> frozenset[str]:
    """What a person may do now; nothing where their account has ended."""
    query = (
        select(people.c.role, roles.c.rights)
        .outerjoin(roles, roles.c.name == people.c.role)
        .where(people.c.id == person_id, people.c.disabled_at.is_(None))
    )
    row = connection.execute(query).one_or_none()
    if row is None:
        return frozenset()
    return frozenset(ROLES.get(row.role) or row.rights or ())


def hand_of(connection: Connection, person_id: int | None) -> int | None:
    """Who may be behind an account: whoever made it alone, who could have used its link."""
    if person_id is None:
        return None
    made_by = connection.scalar(select(people.c.made_by).where(people.c.id == person_id))
    return int(made_by or person_id)


def _is_own(row: Any, who: Actor) -> bool:
    """Whether an actor asked for it; without accounts everybody is one and the same."""
    if row.asked_by is None or who.person_id is None:
        return row.asked_by is None and who.person_id is None
    return bool(row.asked_by == who.person_id)


def _approval(row: Any, *, mine: bool) -> Approval:
    return Approval(
        id=row.id,
        kind=ApprovalKind(row.kind),
        subject=row.subject,
        detail=dict(row.detail),
        asked_name=row.asked_name,
        asked_by=row.asked_by,
        asked_at=row.asked_at,
        given_name=row.given_name,
        mine=mine,
    )


def _record(
    connection: Connection,
    action: Action,
    approval_id: int | None,
    subject: str,
    detail: Mapping[str, object],
) -> None:
    trail.record(connection, action, subject, {"approval": approval_id, **detail})
