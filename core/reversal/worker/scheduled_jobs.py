"""What the worker does by schedule: follow the shops and couriers, reconcile, tidy up."""

import contextvars
import datetime as dt
import threading
from collections.abc import Callable
from typing import Any

import structlog
from dbos import DBOS

from core import logs
from core.audit import alarms, anchor, approvals, timestamps
from core.clock import now, uptime
from core.config import home
from core.finding import boxes
from core.orders.couriers import proposals, returns, tracking
from core.orders.privacy import retention
from core.orders.shop import patience, sync, ways_of_paying, webhook_queue
from core.people import sessions
from core.reasons import N_, Reason
from core.reversal.checks import filings, reconcile
from core.reversal.runs import external_cancellations
from core.settings import connections, preferences
from core.store import db, desk

log = structlog.get_logger(__name__)

SCHEDULES = {
    "follow the shops": ("*/30 * * * * *", "sync"),
    "ask the couriers": ("0 */15 * * * *", "couriers"),
    "look again at unmatched scans": ("15 * * * * *", "returns"),
    "reconcile": ("0 15 3 * * *", "reconcile"),
    "tidy up": ("0 45 3 * * *", "tidy"),
    "sign the record's head": ("45 * * * * *", "anchor"),
    "have the record's head stamped": ("30 50 3 * * *", "stamp"),
}

POLLS, MESSAGES = "changes", webhook_queue.QUEUE
STAMPS = N_("time stamps of the record")  # the subject of their alarm
PURGED_AT_ONCE = 5_000
ROUND_SECONDS = 60.0  # that a round waits for its shops; slower ones go on by themselves


class Following:
    """The shops that a thread of this process is at: a part of the desk."""

    def __init__(self, _desk: desk.Desk) -> None:
        """Nobody is at any."""
        self._lock = threading.Lock()
        self._shops: set[int] = set()

    def begins(self, shop_id: int) -> bool:
        """Whether the caller is to follow it; False while another thread does."""
        with self._lock:
            if shop_id in self._shops:
                return False
            self._shops.add(shop_id)
            return True

    def ended(self, shop_id: int) -> None:
        """The caller is done with it."""
        with self._lock:
            self._shops.discard(shop_id)

    @property
    def idle(self) -> bool:
        """Whether no thread is at any shop."""
        return not self._shops


@DBOS.workflow(name="scheduled_job")
def run_job(_planned: dt.datetime, name: Any) -> None:
    """One scheduled job; its errors are kept in the log, the next turn tries again."""
    try:
        JOBS[name]()
    except Exception:
        log.exception("scheduled job failed", job=name)


def keep_hours(zone: str = "") -> str:
    """Have the engine run every job at its hours of the seller's day; gives whose hours those are.

    `zone`: what this gave the last time; nothing is told to the engine while that is still so.
    """
    with db.reading() as connection:
        wanted = preferences.load(connection).time_zone
    if wanted != zone:
        _register(wanted)
    return wanted


def _register(zone: str) -> None:
    DBOS.apply_schedules(
        [
            {
                "schedule_name": title,
                "workflow_fn": run_job,
                "schedule": cron,
                "context": name,
                "automatic_backfill": False,
                "cron_timezone": zone,
                "queue_name": None,
            }
            for title, (cron, name) in SCHEDULES.items()
        ]
    )


def follow_shops() -> None:
    """Take in what changed at each shop; reverse the invoices of orders cancelled by hand.

    Each shop in a thread of its own: one that does not answer keeps no other waiting. A shop that
    is still being followed since the last round is left to that.
    """
    with db.reading() as connection:
        shops = connections.all_connections(connection, "shop")
    following = desk.current().part(Following)
    threads = [
        threading.Thread(
            target=contextvars.copy_context().run, args=(_follow, shop), daemon=True,
            name=f"follow shop {shop.id}",
        )
        for shop in shops
        if following.begins(shop.id)
    ]  # fmt: skip
    for thread in threads:
        thread.start()
    until = uptime() + ROUND_SECONDS
    for thread in threads:
        thread.join(max(0.0, until - uptime()))
    webhook_queue.forget()


def _follow(shop: connections.Connection) -> None:
    """The shop's messages, then its list of changes: trouble with one keeps nobody from the other.

    What we cannot take in of a shop is its trouble as well as what it does not answer.
    """
    try:
        for work, queue in ((_take_messages, MESSAGES), (_poll, POLLS)):
            try:
                work(shop)
            except Exception as error:
                log.exception("a shop could not be followed", shop=shop.id)
                _is_troubled(shop, queue, error)
    finally:
        desk.current().part(Following).ended(shop.id)


def _is_troubled(shop: connections.Connection, queue: str, error: Exception) -> None:
    """Leave it alone for longer each time, and tell it; a message's order the list brings too."""
    with db.writing() as connection:
        patience.rest(connection, queue, shop.id)
        if queue == MESSAGES:
            return
        why = f"{type(error).__name__}: {logs.what(error)}"[:200]
        reason = Reason.of(sync.ShopCode.SHOP_UNREADABLE, shop=shop.id, why=why)
        alarms.ring(connection, sync.ALARM, sync.subject(shop), reason)


def _take_messages(shop: connections.Connection) -> None:
    written = webhook_queue.process_shop(shop.id)
    external_cancellations.take(written)
    if written:
        with db.writing() as connection:
            ways_of_paying.look(connection, shop, fresh=True)


def _poll(shop: connections.Connection) -> None:
    with db.reading() as connection:
        if patience.is_resting(connection, POLLS, shop.id):
            return
    result = sync.sync_shop(shop, external_cancellations.take)
    if result.failed:
        with db.writing() as connection:
            patience.rest(connection, POLLS, shop.id)
    else:
        patience.is_well(POLLS, shop.id)


def ask_couriers() -> None:
    """Ask each courier about its parcels that have no outcome yet; propose those that are back."""
    with db.reading() as connection:
        couriers = connections.all_connections(connection, "courier")
    for courier in couriers:
        try:
            report = tracking.poll_parcels(courier, limit=500)
        except Exception:
            log.exception("a courier could not be asked", courier=courier.id)
            continue
        log.info(
            "courier asked",
            courier=courier.id,
            parcels=report.asked,
            why=report.failed or "",
        )
    log.info("proposed", parcels=proposals.propose_returned())


def resolve_returns() -> None:
    """Look again at scans that found no order, and ask the couriers about unknown numbers."""
    found = returns.resolve_scans()
    if found.matched or found.asked or found.failed:
        log.info(
            "unmatched scans", matched=found.matched, asked=found.asked, why=found.failed or ""
        )
    if there := boxes.look_again():  # their orders may have come in since
        log.info("boxes looked at again", boxes=there)


def nightly() -> None:
    """Ask both services about every order reversed lately; misfits and silence are alarms.

    And those that tell it whether stornos were filed.
    """
    report = reconcile.reconcile()
    unanswered = len(report.unanswered)
    log.info("reconciled", orders=report.orders, unanswered=unanswered, alarms=len(report.alarms))
    log.info("filings asked", filed=filings.ask())


def purge(keep: dt.timedelta = dt.timedelta(days=7)) -> int:
    """Let the engine forget the workflows that ended so long ago; gives how many.

    The record of what was done is in our own tables; only the engine's notes go.
    """
    before, gone = (now() - keep).isoformat(), 0
    while True:
        done = DBOS.list_workflows(
            status=["SUCCESS", "ERROR", "CANCELLED"],
            end_time=before,
            limit=PURGED_AT_ONCE,
            load_input=False,
            load_output=False,
        )
        DBOS.delete_workflows([one.workflow_id for one in done])
        gone += len(done)
        if len(done) < PURGED_AT_ONCE:
            return gone


def tidy() -> None:
    """Let go of whom the desk need not know, of what ended long ago, of the engine's old notes."""
    log.info("forgotten by time", **retention.expire())
    with db.writing() as connection:
        ended, cleared = sessions.forget_ended(connection), alarms.forget(connection)
        asked = approvals.forget(connection)
    with anchor.alone(home()):
        heads = anchor.thin(home())
    log.info("tidied", sessions=ended, alarms=cleared, approvals=asked, heads=heads,
             workflows=purge())  # fmt: skip


def anchor_record() -> None:
    """Sign the end of the record, where something was written since."""
    with anchor.alone(home()):
        with db.reading() as connection:
            kept = anchor.keep_head(connection, home())
        if kept is not None:
            with db.writing() as connection:
                anchor.note_kept(connection, home())


def stamp_record() -> None:
    """Have the record's head stamped by the authority that is configured; its silence rings."""
    try:
        with db.reading() as connection:
            timestamps.keep_stamp(connection, home())
    except timestamps.StampError as error:
        with db.writing() as connection:
            alarms.ring(connection, "stamp", STAMPS, error.reason)
        return
    with db.writing() as connection:
        alarms.settle(connection, "stamp", STAMPS)


JOBS: dict[str, Callable[[], None]] = {
    "sync": follow_shops,
    "couriers": ask_couriers,
    "returns": resolve_returns,
    "reconcile": nightly,
    "tidy": tidy,
    "anchor": anchor_record,
    "stamp": stamp_record,
}
