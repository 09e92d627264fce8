"""What was asked of a browser and is answered once, within minutes; kept by its hash."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Row, delete, insert

from core.clock import now
from core.people.sessions import hash_of
from core.store.tables import challenges

LIFE = dt.timedelta(minutes=10)


def ask(
    connection: Connection,
    kind: str,
    token: str,
    context: Mapping[str, object],
    person_id: int | None = None,
) -> None:
    """Remember that `token` was given out for this, and forget what nobody answered."""
    connection.execute(delete(challenges).where(challenges.c.expires_at < now()))
    values = {"kind": kind, "person_id": person_id, "context": dict(context)}
    connection.execute(
        insert(challenges).values(
            token_hash=hash_of(token), asked_at=now(), expires_at=now() + LIFE, **values
        )
    )


def answered(connection: Connection, kind: str, token: str) -> Row[Any] | None:
    """What was asked with this token, used up by this call; None when there is no such."""
    return connection.execute(
        delete(challenges)
        .where(
            challenges.c.token_hash == hash_of(token),
            challenges.c.kind == kind,
            challenges.c.expires_at > now(),
        )
        .returning(challenges)
    ).one_or_none()
