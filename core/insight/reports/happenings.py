"""Tells other programs what became of reversals: by the signed webhook that alarms go by.

`reversal.done` and `reversal.needs_person`, in the order of the record, each until it was taken;
nothing of what was before the webhook was set. No customer's data goes along.
"""

from typing import Any

import structlog
from sqlalchemy import func, select

from core import logs
from core.audit.actions import Action
from core.errors import UserError
from core.insight.reports import notices
from core.rights import Right, door
from core.store import db
from core.store.statements import cursors
from core.store.tables import audit

log = structlog.get_logger(__name__)

CURSOR = "happenings:webhook"
MOST = 200  # told at one look
TOLD = {
    Action.REVERSAL_DONE: "reversal.done",
    Action.REVERSAL_NEEDS_PERSON: "reversal.needs_person",
}


@door(Right.RECORD)
def post_new() -> int:
    """Post what happened since the last look, as far as it is taken; how many were."""
    posted = 0
    with notices.alone("happenings") as free:
        try:
            hook = notices.hook() if free else None
            if hook is None:
                return 0
            for row in _fresh():
                posted += _posted(hook, row)
                with db.writing() as connection:
                    cursors.save(connection, CURSOR, {"after": row.id})
        except UserError as error:
            log.warning("happening_not_delivered", why=logs.what(error))
    return posted


def _posted(hook: notices.Hook, row: Any) -> bool:
    """True where it was taken, False where it never will be. Raises notices.NotDelivered."""
    data = {"order": row.subject, "order_id": row.order_id, "record": row.id}
    try:
        hook.post(TOLD[Action(row.action)], f"record_{row.id}", row.at, data)
    except notices.NotDelivered as error:
        if not notices.given_up(error, row.at, f"record {row.id}"):
            raise
        return False
    return True


def _fresh() -> list[Any]:
    with db.writing() as connection:
        kept = cursors.load(connection, CURSOR)
        if kept is None:  # begins with what comes now
            newest = connection.scalar(select(func.max(audit.c.id))) or 0
            cursors.save(connection, CURSOR, {"after": newest})
            return []
        query = select(audit).where(audit.c.id > kept["after"], audit.c.action.in_(list(TOLD)))
        return list(connection.execute(query.order_by(audit.c.id).limit(MOST)))
