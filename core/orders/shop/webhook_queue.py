"""Works on the messages that shops sent, each shop's by itself.

A webhook says that an order changed; what it became is read from the shop, so that order of
arrival and forged or old bodies do not matter. What a run has changed itself is not read again.
A shop that cannot be asked is left alone after the first failure of a pass, and longer each time;
so is a message whose order cannot be read, behind those that were not tried yet.
"""

import datetime as dt
from collections.abc import Sequence
from typing import Any, Literal

import structlog
from sqlalchemy import Row, delete, or_, select, update

from core import logs
from core.clock import now
from core.orders.shop import patience
from core.orders.shop.change_filter import known_orders
from core.orders.shop.upsert import upsert_order
from core.services import registry
from core.services.outcome import Confirmed, Refusal, Refused
from core.services.ports import OrderStamp
from core.settings import connections
from core.store import db
from core.store.tables import webhooks_seen

log = structlog.get_logger(__name__)

KEEP = dt.timedelta(days=30)  # for people who look
GIVE_UP = dt.timedelta(days=1)  # by then the poll has read the order
BATCH = 200  # messages of one shop in one pass
QUEUE = "webhooks"

_PENDING = webhooks_seen.c.processed_at.is_(None)


def process_pending() -> list[int]:
    """Work on the messages of every shop, one after the other; gives our ids of their orders."""
    with db.reading() as connection:
        shops = connection.scalars(select(webhooks_seen.c.shop_id).where(_PENDING).distinct())
        waiting = sorted(shops)
    written = [order_id for shop_id in waiting for order_id in process_shop(shop_id)]
    forget()
    return written


def process_shop(shop_id: int) -> list[int]:
    """Read the orders that a shop's messages were about and write them; gives our ids of them.

    A message whose order cannot be read now stays for a later time.
    """
    began = now()
    with db.reading() as connection:
        if patience.is_resting(connection, QUEUE, shop_id):
            return []
        pending = connection.execute(
            select(webhooks_seen)
            .where(
                _PENDING,
                webhooks_seen.c.shop_id == shop_id,
                webhooks_seen.c.received_at > began - GIVE_UP,
                or_(webhooks_seen.c.retry_at.is_(None), webhooks_seen.c.retry_at <= began),
            )
            .order_by(webhooks_seen.c.failures, webhooks_seen.c.received_at)
            .limit(BATCH)
        ).all()
    asked: dict[str, list[Row[Any]]] = {}
    for row in pending:
        asked.setdefault(row.body.get("order", ""), []).append(row)
    written: list[int] = []
    for gid, messages in asked.items():
        if gid:
            done, order_id = _nothing_newer(shop_id, gid, messages) or _tried(shop_id, gid)
            written += [] if order_id is None else [order_id]
            if not done:
                _later(shop_id, messages)
                break
        _mark([one.webhook_id for one in messages], began)
    else:
        patience.is_well(QUEUE, shop_id)
    return written


def _nothing_newer(
    shop_id: int, gid: str, messages: Sequence[Row[Any]]
) -> tuple[Literal[True], int] | None:
    """The order as we have it, where none of the messages tells anything newer."""
    if not all("updated_at" in one.body for one in messages):
        return None
    stamps = [
        OrderStamp(gid, dt.datetime.fromisoformat(one.body["updated_at"]), one.body["cancelled"])
        for one in messages
    ]
    newest = max(stamps, key=lambda one: (one.updated_at, one.cancelled))
    order_id = known_orders(shop_id, [newest]).get(gid)
    return None if order_id is None else (True, order_id)


def _tried(shop_id: int, gid: str) -> tuple[bool, int | None]:
    """As `_take_in`; an order that we cannot write waits like one that cannot be read."""
    try:
        return _take_in(shop_id, gid)
    except Exception:
        log.exception("an order named by a webhook could not be taken in", order=gid)
        return False, None


def _take_in(shop_id: int, gid: str) -> tuple[bool, int | None]:
    """Whether the message is done with, and the order that was written."""
    try:
        with db.reading() as connection:
            shop = registry.shop(connections.load(connection, shop_id))
    except (registry.UnknownService, registry.WrongSetting) as error:
        log.warning(
            "a shop that sends webhooks cannot be asked", shop=shop_id, why=logs.what(error)
        )
        return False, None
    outcome = shop.read_order(gid)
    match outcome:
        case Confirmed(order):
            with db.writing() as connection:
                return True, upsert_order(connection, shop_id, order)
        case Refused(why, Refusal.NOT_FOUND):
            log.info("a webhook named an order that is gone", order=gid, why=why)
            return True, None
        case _:
            log.warning("an order named by a webhook could not be read", order=gid, why=outcome.why)
            return False, None


def _later(shop_id: int, messages: Sequence[Row[Any]]) -> None:
    """These wait, longer each time, and the shop with them."""
    with db.writing() as connection:
        patience.rest(connection, QUEUE, shop_id)
        for one in messages:
            connection.execute(
                update(webhooks_seen)
                .where(webhooks_seen.c.webhook_id == one.webhook_id)
                .values(
                    failures=one.failures + 1, retry_at=now() + patience.of_message(one.failures)
                )
            )


def _mark(webhook_ids: list[str], began: dt.datetime) -> None:
    """Done with, unless told again since we began to read."""
    with db.writing() as connection:
        connection.execute(
            update(webhooks_seen)
            .where(
                webhooks_seen.c.webhook_id.in_(webhook_ids), webhooks_seen.c.received_at <= began
            )
            .values(processed_at=now())
        )


def forget() -> None:
    """Drop what was kept for long enough."""
    with db.writing() as connection:
        old = webhooks_seen.c.received_at < now() - KEEP
        connection.execute(delete(webhooks_seen).where(old))
