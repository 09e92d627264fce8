"""Who can sign in at all: by a password, a passkey or another service's word."""

from sqlalchemy import Connection, select

from core.rights import ROLES, Right
from core.store.tables import passkeys, people, roles

HAS_A_WAY = (
    (people.c.password_hash != "")
    | (people.c.subject != "")
    | people.c.id.in_(select(passkeys.c.person_id))
)
CAN_SIGN_IN = people.c.disabled_at.is_(None) & HAS_A_WAY


def able(connection: Connection, right: Right) -> int:
    """How many people can sign in and have this right."""
    own = {row.name: row.rights for row in connection.execute(select(roles))}
    found = connection.scalars(select(people.c.role).where(CAN_SIGN_IN))
    return sum(right in ROLES.get(role, own.get(role, ())) for role in found)
