"""Sessions are looked up a few times a second, however many pages are open."""

import pytest
from set_clock import SetClock
from sqlalchemy import Engine, event, update

from core.clock import now
from core.people import sessions
from core.people.sessions import CACHE_SECONDS, SessionKind
from core.server.sign_in import cookies
from core.store import db
from core.store.tables import sessions as table

PAGES = 30


@pytest.fixture
def moment(set_clock: SetClock) -> SetClock:
    """The clock, which goes on only where a test says so."""
    set_clock.stand_still()
    return set_clock


def opened(count: int) -> list[str]:
    with db.writing() as connection:
        return [
            sessions.begin(
                connection, kind=SessionKind.BROWSER, name=f"page {number}", person="Ana"
            )[0]
            for number in range(count)
        ]


def test_thirty_open_pages_are_one_look_at_the_database(engine: Engine, moment: SetClock) -> None:
    secrets, looks = opened(PAGES), []
    event.listen(db.engine(), "before_cursor_execute", lambda *call: looks.append(call[2]))
    seconds = 20
    for _ in range(round(seconds / cookies.LOOK_SECONDS)):
        moment.passed += cookies.LOOK_SECONDS
        for secret in secrets:
            assert sessions.cached_of_secret(secret) is not None
    asked = [one for one in looks if "FROM sessions" in one]
    assert len(asked) <= seconds / CACHE_SECONDS + PAGES
    assert len(asked) < PAGES * seconds / CACHE_SECONDS / 5


def test_what_another_process_ended_is_known_within_a_second(
    engine: Engine, moment: SetClock
) -> None:
    first, second = opened(2)
    assert sessions.cached_of_secret(first) is not None
    assert sessions.cached_of_secret(second) is not None
    with db.writing(engine) as connection:
        ended = update(table).where(table.c.secret_hash == sessions.hash_of(first))
        connection.execute(ended.values(signed_out_at=now()))
    moment.passed += CACHE_SECONDS + 0.01
    assert sessions.cached_of_secret(second) is not None
    assert sessions.cached_of_secret(first) is None
    assert CACHE_SECONDS + 2 * cookies.LOOK_SECONDS < 1.0


def test_what_was_forgotten_while_it_was_looked_up_is_looked_up_again(
    engine: Engine, moment: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else what was read just before a sign-out would be believed after it."""
    [secret] = opened(1)
    look = sessions.of_secrets

    def ended_meanwhile(wanted: set[str]) -> dict[str, sessions.Session | None]:
        found = look(wanted)
        with db.writing(engine) as connection:
            sessions.end(connection)
        return found

    monkeypatch.setattr(sessions, "of_secrets", ended_meanwhile)
    sessions.cached_of_secret(secret)
    monkeypatch.setattr(sessions, "of_secrets", look)
    assert sessions.cached_of_secret(secret) is None


def test_a_page_that_is_closed_is_not_looked_up_for_ever(
    engine: Engine, moment: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = opened(2)
    sessions.cached_of_secret(first)
    moment.passed += sessions.WANTED_SECONDS + 0.1
    asked: list[set[str]] = []
    look = sessions.of_secrets
    monkeypatch.setattr(sessions, "of_secrets", lambda some: asked.append(set(some)) or look(some))
    sessions.cached_of_secret(second)
    assert asked == [{second}]
