"""What the worker does by schedule: follow the shops and couriers, reconcile, tidy up."""

from collections.abc import Callable

import structlog

from core.desk import connections
from core.orders import sync, tracking, webhooks
from core.reversal import hand_cancelled, reconcile, workflow
from core.store import db

log = structlog.get_logger(__name__)


def follow_shops() -> None:
    """Take in what changed at each shop; reverse the invoices of orders cancelled by hand."""
    webhooks.process_pending()
    with db.reading() as connection:
        shops = connections.all_connections(connection, "shop")
    for shop in shops:
        result = sync.sync_shop(shop)
        hand_cancelled.take(result.hand_cancelled)


def ask_couriers() -> None:
    """Ask each courier about its parcels that have no outcome yet."""
    with db.reading() as connection:
        couriers = connections.all_connections(connection, "courier")
    for courier in couriers:
        tracking.poll_parcels(courier, limit=500)


def nightly() -> None:
    """Ask both services about every order reversed lately; alarms are kept for the page."""
    report = reconcile.reconcile()
    log.info("reconciled", orders=report.orders, alarms=len(report.alarms))


def tidy() -> None:
    """Let the engine forget what it finished a week ago."""
    log.info("tidied", workflows=workflow.purge())


CHORES: dict[str, Callable[[], None]] = {
    "sync": follow_shops,
    "couriers": ask_couriers,
    "reconcile": nightly,
    "tidy": tidy,
}
