"""What a restored backup must not bring back: ways in that ended since it was made."""

from sqlalchemy import Connection, delete, update

from core.clock import now
from core.people import sessions
from core.rights import Right, door
from core.store.tables import approvals, challenges, invitations, pairings
from core.store.tables.people import badges, stations


@door(Right.HOST)
def close(connection: Connection) -> int:
    """End all sessions, stations, badges, one-time links and open questions; gives how many
    sessions.

    A phone or a token that was signed out since, a badge that was lost, a link or a yes that was
    used, would be good again.
    """
    for once in (invitations, pairings, challenges):
        connection.execute(delete(once))
    still_open = approvals.c.used_at.is_(None) & approvals.c.refused_at.is_(None)
    connection.execute(update(approvals).where(still_open).values(refused_at=now()))
    for lasting in (stations, badges):
        still_good = lasting.c.ended_at.is_(None)
        connection.execute(update(lasting).where(still_good).values(ended_at=now()))
    return sessions.end(connection)
