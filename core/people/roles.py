"""Roles: sets of rights, the program's and the shop's own; nobody gives more than they have."""

from collections.abc import Iterable

from sqlalchemy import Connection, delete, insert, select

from core.audit import approvals, trail
from core.audit.actions import Action
from core.errors import UserError
from core.people import presence
from core.people.codes import PeopleCode
from core.people.sessions import as_rights
from core.rights import ROLES, NotAllowed, Right, actor, door
from core.store import db
from core.store.statements.signing import HAS_A_WAY, able
from core.store.tables import people, roles


class AccountError(UserError):
    """The account cannot be made or changed like this; the message says why."""


def rights_of_role(connection: Connection, role: str) -> frozenset[Right]:
    """What a role may do. Raises AccountError for an unknown one."""
    if role in ROLES:
        return ROLES[role]
    held = connection.scalar(select(roles.c.rights).where(roles.c.name == role))
    if held is None:
        raise AccountError(PeopleCode.NO_ROLE)
    return as_rights(held)


def all_roles(connection: Connection) -> dict[str, frozenset[Right]]:
    """Every role by its name: those that come with the program, then the shop's own."""
    own = connection.execute(select(roles).order_by(roles.c.name))
    return {**ROLES, **{row.name: as_rights(row.rights) for row in own}}


@door(Right.PEOPLE, proved=True)
def save_role(name: str, rights: Iterable[Right]) -> None:
    """Make or change a role of the shop's own; more rights for one need another person's yes.

    Raises AccountError, NotAllowed (as `change`), WaitsForAnother.
    """
    wanted = frozenset(rights)
    name = " ".join(name.split())
    if not name or len(name) > 40 or name in ROLES:
        raise AccountError(PeopleCode.ROLE_NAME)
    if Right.HOST in wanted or not wanted:
        raise AccountError(PeopleCode.ROLE_RIGHTS)
    with db.writing() as connection:
        before = connection.scalar(select(roles.c.rights).where(roles.c.name == name))
        not_above(wanted | as_rights(before or ()))
        more = sorted(wanted - as_rights(before or ()))
        if before is not None and more:  # whoever has the role may be the second person then
            approvals.need(
                connection,
                approvals.ApprovalKind.PEOPLE,
                f"role {name}",
                sorted(wanted),
                {"more": more},
            )
        connection.execute(delete(roles).where(roles.c.name == name))
        connection.execute(insert(roles).values(name=name, rights=sorted(wanted)))
        still_kept(connection)
        detail = {"before": before, "rights": sorted(wanted)}
        trail.record(connection, Action.ROLE_CHANGED, f"role {name}", detail)
    presence.look_again()


@door(Right.PEOPLE, proved=True)
def remove_role(name: str) -> None:
    """Take one of the shop's own roles away. Raises AccountError while somebody has it."""
    with db.writing() as connection:
        if connection.scalar(select(people.c.id).where(people.c.role == name).limit(1)):
            raise AccountError(PeopleCode.ROLE_IN_USE)
        connection.execute(delete(roles).where(roles.c.name == name))
        trail.record(connection, Action.ROLE_CHANGED, f"role {name}", {})
    presence.look_again()


def not_above(rights: frozenset[Right]) -> None:
    """Raise NotAllowed where whoever acts lacks one of these rights."""
    missing = sorted(rights - actor().rights)
    if missing:
        raise NotAllowed(Right(missing[0]))


def still_kept(connection: Connection) -> None:
    """Raise AccountError where people have accounts and none of them looks after people."""
    some = connection.scalar(select(people.c.id).where(HAS_A_WAY).limit(1))
    if some is not None and not keepers(connection):
        raise AccountError(PeopleCode.LAST_ONE)


def keepers(connection: Connection) -> int:
    """How many can sign in and look after people."""
    return able(connection, Right.PEOPLE)
