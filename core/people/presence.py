"""Whether people must sign in here at all; looked at now and then, for the whole process."""

from sqlalchemy import exists, select

from core.clock import uptime
from core.people import sessions
from core.reasons import N_, ReasonCode
from core.store import db, desk
from core.store.tables import connections, people

LOOK_SECONDS = 0.5  # between two looks whether sign-in is on


class Here(ReasonCode):
    """What a desk that plays says of itself on every page."""

    SANDBOX = "here_sandbox", N_("Sandbox: nothing here is real.")
    SANDBOX_OPEN = "here_sandbox_open", N_("Sandbox without sign-in: nothing here is real.")


class _Look:
    always = False  # of the process; the rest is of one home

    def __init__(self, _desk: desk.Desk) -> None:
        self.asked, self.found, self.plays = -LOOK_SECONDS, False, False


def _look() -> _Look:
    return desk.current().part(_Look)


def always_sign_in() -> None:
    """From now on this process asks everybody to sign in, whatever is connected."""
    _Look.always = True


def sign_in_seen() -> bool | None:
    """What `sign_in_on` found just now, None when it was not asked; asks no database."""
    if _Look.always:
        return True
    return _look().found if _seen() else None


def _seen() -> bool:
    return uptime() - _look().asked < LOOK_SECONDS


def sign_in_on() -> bool:
    """Whether people must sign in: a connection is not the sandbox's, or there is an account."""
    seen = sign_in_seen()
    return _found().found if seen is None else seen


def here() -> Here | None:
    """What every page says where all that is connected is the sandbox; None where it is not."""
    if not _found().plays:
        return None
    return Here.SANDBOX if sign_in_on() else Here.SANDBOX_OPEN


def _found() -> _Look:
    """The look of just now; another one where that is too long ago."""
    if _seen():
        return _look()
    real, plays = (exists().where(connections.c.sandbox.is_(one)) for one in (False, True))
    asked = select(real, plays, exists().where(people.c.id > 0))
    with db.reading() as connection:
        connected, played, peopled = connection.execute(asked).one()
    _look().found = bool(connected or peopled)
    _look().plays = bool(played and not connected)
    _look().asked = uptime()  # in this order: others read meanwhile
    return _look()


def look_again() -> None:
    """Forget whether sign-in was on, and who was signed in: something was changed."""
    _look().asked = -LOOK_SECONDS
    sessions.forget()
