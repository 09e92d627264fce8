"""Codes that a person said are no parcel: this one, or all like it. The answer stays.

A code that fits an order still does: the answer only stops the questions about it.
"""

import re

from sqlalchemy import ColumnElement, Connection, delete, select, tuple_, update

from core.audit import trail
from core.audit.actions import Action
from core.audit.redact import code_for_record
from core.clock import now
from core.errors import UserError
from core.labels import normalise, read_label
from core.labels.codes import LabelCode
from core.matching.codes import NotParcelCode
from core.reasons import Reason
from core.rights import Right, actor, door
from core.store import db
from core.store.statements.rows import insert_if_absent
from core.store.states import MatchOutcome, ScanVerdict
from core.store.tables import not_parcels, scans

CODE, SHAPE = "code", "shape"
LONGEST = 200


def shape_of(key: str) -> str:
    """What codes of one kind share: letters and signs stay, digits count ("REF7012" → "REF9999").

    Of a code of digits alone it is how many they are.
    """
    return re.sub(r"\d", "9", key)[:LONGEST]


def is_not_parcel(connection: Connection, key: str) -> bool:
    """Whether a person said so of this code, or of all like it."""
    return connection.scalar(select(not_parcels.c.id).where(_said_of(key)).limit(1)) is not None


def _said_of(key: str) -> ColumnElement[bool]:
    return tuple_(not_parcels.c.kind, not_parcels.c.key).in_(
        [(CODE, key[:LONGEST]), *([] if _may_be_tracking(key) else [(SHAPE, shape_of(key))])]
    )


def _may_be_tracking(key: str) -> bool:
    """Whether a courier's rule takes it for a number of its own: such are asked about singly."""
    return any(one.certainty in ("sure", "fair") for one in read_label(key).candidates)


@door(Right.PILE)
def say_not_parcel(code: str, *, all_like: bool = False) -> int:
    """Keep the answer, and give it to the scans that still ask; gives how many. Audited.

    A code that fits several orders asks no more about what was scanned, and again when it comes
    anew: it may be a parcel then.

    Raises UserError for an empty code, and for all like one that may be a courier's number.
    """
    key = normalise(code)
    if not key:
        raise UserError(NotParcelCode.EMPTY)
    if all_like and _may_be_tracking(key):
        raise UserError(NotParcelCode.LIKE_PARCELS)
    kind, kept = (SHAPE, shape_of(key)) if all_like else (CODE, key[:LONGEST])
    with db.writing() as connection:
        row = {"kind": kind, "key": kept, "created_at": now(), "created_by": actor().name[:80]}
        insert_if_absent(connection, not_parcels, row)
        asked = select(scans.c.id, scans.c.code_key, scans.c.outcome).where(
            scans.c.outcome != MatchOutcome.MATCHED,
            scans.c.verdict != ScanVerdict.NOT_TRACKING,
            scans.c.undone_at.is_(None),
        )
        found = [
            one.id
            for one in connection.execute(asked)
            if one.code_key == key
            or (
                all_like
                and one.outcome == MatchOutcome.UNMATCHED
                and shape_of(one.code_key) == kept
                and not _may_be_tracking(one.code_key)
            )
        ]
        for start in range(0, len(found), 400):
            connection.execute(
                update(scans)
                .where(scans.c.id.in_(found[start : start + 400]))
                .values(verdict=ScanVerdict.NOT_TRACKING, why=Reason(LabelCode.SAID_NOT_PARCEL))
            )
        named = code_for_record(key)
        detail = {"code": named, "all like this": all_like, "scans": len(found)}
        trail.record(connection, Action.NOT_A_PARCEL, f"code {named[:60]}", detail)
    return len(found)


@door(Right.PILE)
def take_back(code: str) -> int:
    """A person was wrong: codes like this are asked about again; gives how many answers went."""
    key = normalise(code)
    with db.writing() as connection:
        removed = delete(not_parcels).where(_said_of(key)).returning(not_parcels.c.id)
        gone = len(connection.execute(removed).all())
        if gone:
            trail.record(
                connection, Action.PARCEL_AFTER_ALL, f"code {code_for_record(key)[:60]}", {}
            )
    return gone
