"""Whether people must sign in here at all; looked at now and then, for the whole process."""

from sqlalchemy import exists, or_, select

from core.clock import uptime
from core.people import sessions
from core.store import db, desk
from core.store.tables import connections, people

LOOK_SECONDS = 0.5  # between two looks whether sign-in is on


class _Look:
    always = False  # of the process; the rest is of one home

    def __init__(self, _desk: desk.Desk) -> None:
        self.asked, self.found = -LOOK_SECONDS, False


def _look() -> _Look:
    return desk.current().part(_Look)


def always_sign_in() -> None:
    """From now on this process asks everybody to sign in, whatever is connected."""
    _Look.always = True


def sign_in_seen() -> bool | None:
    """What `sign_in_on` found just now, None when it was not asked; asks no database."""
    if _Look.always:
        return True
    return _look().found if uptime() - _look().asked < LOOK_SECONDS else None


def sign_in_on() -> bool:
    """Whether people must sign in: a connection is not the sandbox's, or there is an account."""
    seen = sign_in_seen()
    if seen is not None:
        return seen
    real = exists().where(connections.c.sandbox.is_(False))
    with db.reading() as connection:
        found = bool(connection.scalar(select(or_(real, exists().where(people.c.id > 0)))))
    _look().found, _look().asked = found, uptime()  # in this order: others read meanwhile
    return found


def look_again() -> None:
    """Forget whether sign-in was on, and who was signed in: something was changed."""
    _look().asked = -LOOK_SECONDS
    sessions.forget()
