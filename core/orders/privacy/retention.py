"""Forgets by time what the preferences say: names, contacts, evidence, photos, scans."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Text, case, cast, func, null, or_, select, update

from core.audit import trail
from core.audit.actions import Action
from core.clock import now
from core.orders.photos import storage
from core.orders.privacy import old_piles
from core.orders.privacy.forget import (
    CONTACT,
    FORGOTTEN,
    PART,
    forget_alarms,
    forget_pictures,
    forget_rows,
    words_of,
)
from core.settings import preferences
from core.store import db
from core.store.scrub import forget_copies, scrub
from core.store.states import OPEN_REVERSALS
from core.store.tables import effects, orders, pictures, pile_pictures, reversals

KEPT_IN_ANY_CASE = dt.timedelta(days=7)  # of pictures, whatever their quota
COPIES_KEPT = dt.timedelta(days=30)  # of the database before upgrades, once names go by time


def expire(today: dt.datetime | None = None) -> dict[str, int]:
    """Forget by time what the preferences say (months, 0: kept); the worker does it each night."""
    moment = today or now()
    done: dict[str, int] = {}
    with db.writing() as connection:
        wanted = preferences.load(connection)
        done["contacts"] = _expire_fields(connection, _before(moment, wanted.keep_contacts_months),
                                          CONTACT)  # fmt: skip
        done["names"] = _expire_names(connection, _before(moment, wanted.keep_names_months))
        done["evidence"] = _expire_evidence(
            connection, _before(moment, wanted.keep_evidence_months)
        )
        photos = _expired_photos(connection, _before(moment, wanted.keep_photos_months))
        photos += _beyond_quota(connection, wanted.keep_photos_gb, moment, photos)
        forget_pictures(connection, photos)
        done["photos"] = len(photos)
        done["scans"], let_go = _expire_scans(connection, _before(moment, wanted.keep_scans_months))
        if any(done.values()):
            trail.record(connection, Action.NAMES_EXPIRED, "retention", done)
    for sha256 in {*photos, *let_go}:
        storage.forget(sha256)
    if any(done.values()):
        scrub()
        forget_copies(COPIES_KEPT)
    return done


def _expire_scans(connection: Connection, before: dt.datetime | None) -> tuple[int, list[str]]:
    """As `old_piles.expire`; nothing where scans are kept for ever (`before` is None)."""
    return (0, []) if before is None else old_piles.expire(connection, before)


def _before(moment: dt.datetime, months: int) -> dt.datetime | None:
    return moment - dt.timedelta(days=months * 30.44) if months else None


def _settled(before: dt.datetime) -> Any:
    """Orders older than that, with nothing under way."""
    under_way = select(reversals.c.order_id).where(reversals.c.state.in_(OPEN_REVERSALS))
    return (orders.c.created_at < before) & orders.c.id.not_in(under_way)


def _expire_fields(
    connection: Connection, before: dt.datetime | None, fields: Sequence[str]
) -> int:
    if before is None:
        return 0
    held = or_(*(orders.c[name] != "" for name in fields))
    blank = dict.fromkeys(fields, "")
    changed = connection.execute(
        update(orders).where(_settled(before), held).values(**blank).returning(orders.c.id)
    )
    return len(changed.all())


def _expire_names(connection: Connection, before: dt.datetime | None) -> int:
    if before is None:
        return 0
    query = select(orders).where(_settled(before), orders.c.forgotten_at.is_(None))
    rows = connection.execute(query.order_by(orders.c.id).limit(20 * PART)).all()
    for at in range(0, len(rows), PART):
        forget_rows(connection, rows[at : at + PART])
    if rows:
        forget_alarms(connection, words_of(rows))
    return len(rows)


def _expire_evidence(connection: Connection, before: dt.datetime | None) -> int:
    if before is None:
        return 0
    old = effects.c.updated_at < before
    said = cast(effects.c.evidence, Text) != "null"  # without evidence a row holds JSON's null
    mine = effects.c.reversal_id.in_(
        select(reversals.c.id).where(reversals.c.state.not_in(OPEN_REVERSALS))
    )
    changed = connection.execute(
        update(effects).where(old, mine, said).values(evidence=null()).returning(effects.c.id)
    )
    return len(changed.all())


def _expired_photos(connection: Connection, before: dt.datetime | None) -> list[str]:
    if before is None:
        return []
    kept = select(pile_pictures.c.sha256).where(pile_pictures.c.added_at >= before)
    query = (
        select(pile_pictures.c.sha256)
        .where(pile_pictures.c.sha256.not_in(kept), pile_pictures.c.filename != FORGOTTEN)
        .distinct()
    )
    return list(connection.scalars(query))


def _beyond_quota(
    connection: Connection, gigabytes: int, moment: dt.datetime, gone: Sequence[str]
) -> list[str]:
    """The oldest pictures beyond the quota; none of the last days, and none still to be read.

    As they came: the small copies for the screen are a tenth more, and go with them.
    """
    if not gigabytes:
        return []
    newest = func.max(pile_pictures.c.added_at)
    unread = func.max(case((pile_pictures.c.state.in_(("waiting", "reading")), 1), else_=0))
    query = (
        select(pictures.c.sha256, pictures.c.size, newest.label("at"), unread.label("unread"))
        .join(pile_pictures, pile_pictures.c.sha256 == pictures.c.sha256)
        .where(pictures.c.filename != FORGOTTEN)
        .group_by(pictures.c.sha256, pictures.c.size)
        .order_by(newest.desc(), pictures.c.sha256)
    )
    already, held, found = set(gone), 0, []
    for row in connection.execute(query):
        held += 0 if row.sha256 in already else row.size
        beyond = held > gigabytes * 10**9 and row.sha256 not in already
        if beyond and not row.unread and row.at < moment - KEPT_IN_ANY_CASE:
            found.append(row.sha256)
    return found
