"""What the worker does by schedule: follow the shops and couriers, reconcile, tidy up."""

from collections.abc import Callable

import structlog

from core.audit import anchor
from core.config import home
from core.finding import boxes
from core.orders.couriers import proposals, returns, tracking
from core.orders.shop import sync, webhooks
from core.reversal.checks import reconcile
from core.reversal.runs import external_cancellations
from core.reversal.worker import engine
from core.settings import connections
from core.store import db

log = structlog.get_logger(__name__)


def follow_shops() -> None:
    """Take in what changed at each shop; reverse the invoices of orders cancelled by hand.

    What a webhook told is acted on even while the shop's list of changes cannot be read.
    """
    external_cancellations.take(webhooks.process_pending())
    with db.reading() as connection:
        shops = connections.all_connections(connection, "shop")
    for shop in shops:
        result = sync.sync_shop(shop)
        external_cancellations.take(result.hand_cancelled)


def ask_couriers() -> None:
    """Ask each courier about its parcels that have no outcome yet; propose those that are back."""
    with db.reading() as connection:
        couriers = connections.all_connections(connection, "courier")
    for courier in couriers:
        report = tracking.poll_parcels(courier, limit=500)
        log.info("courier asked", courier=courier.name, parcels=report.asked, why=report.failed)
    log.info("proposed", parcels=proposals.propose_returned())


def resolve_returns() -> None:
    """Look again at scans that found no order, and ask the couriers about unknown numbers."""
    found = returns.resolve_scans()
    if found.matched or found.asked or found.failed:
        log.info("unmatched scans", matched=found.matched, asked=found.asked, why=found.failed)
    if there := boxes.look_again():  # their orders may have come in since
        log.info("boxes looked at again", boxes=there)


def nightly() -> None:
    """Ask both services about every order reversed lately; misfits and silence are alarms."""
    report = reconcile.reconcile()
    unanswered = len(report.unanswered)
    log.info("reconciled", orders=report.orders, unanswered=unanswered, alarms=len(report.alarms))


def tidy() -> None:
    """Let the engine forget what it finished a week ago."""
    log.info("tidied", workflows=engine.purge())


def anchor_record() -> None:
    """Sign the end of the record, where something was written since."""
    with db.reading() as connection:
        anchor.keep_head(connection, home())


CHORES: dict[str, Callable[[], None]] = {
    "sync": follow_shops,
    "couriers": ask_couriers,
    "returns": resolve_returns,
    "reconcile": nightly,
    "tidy": tidy,
    "anchor": anchor_record,
}
