"""`refuz orders import`, `couriers import`, `sync`, `reconcile`."""

import datetime as dt
from pathlib import Path

import click

from core.cli import say
from core.errors import UserError
from core.i18n.reasons import sentence
from core.orders.imports import courier_report, door, importing
from core.orders.imports.codes import TableError
from core.orders.shop import sync
from core.reversal.checks.reconcile import reconcile as reconcile_report
from core.reversal.runs import external_cancellations
from core.settings import connections
from core.settings.connections import Connection
from core.store import db


def _shops() -> list[Connection]:
    with db.reading() as connection:
        found = connections.all_connections(connection, "shop")
    if not found:
        say.give_up("No shop is connected. Connect one in Settings first (`refuz serve`).")
    return found


def import_orders(
    file: Path, *, yes: bool, as_json: bool, invoices_at: str = "", day_first: bool | None = None
) -> int:
    """Import orders for the first shop; exit status 1 when anything is told."""
    choices = importing.FileChoices(day_first, invoices_at)
    db.migrate()
    shop = _shops()[0]
    try:
        table = door.open_table(file.read_bytes(), file.name)
        mapping = importing.guess_columns(table.headers)
    except (UserError, TableError) as error:
        say.give_up(str(error))
    for column, header in mapping.items():
        say.line(f"{column:16} ← {header}")
    if not yes:
        click.confirm("Are these the right columns?", abort=True, err=True)
    try:
        result = importing.import_orders(shop.id, table, mapping, choices=choices)
    except (UserError, TableError) as error:
        say.give_up(str(error))
    for one in result.notes:
        say.line(f"line {one.line}: {one}" if one.line else str(one))
    counts = {"rows": result.rows, "taken": result.taken, "added": result.added,
            "updated": result.updated, "bad": len(result.bad)}  # fmt: skip
    if as_json:
        say.record(counts)
    else:
        say.line(f"{result.added} added, {result.updated} updated, {len(result.bad)} bad rows")
    return 1 if result.bad else 0


def sync_shops(*, as_json: bool) -> int:
    """Follow every connected shop once; exit status 1 when one could not be read to the end."""
    db.migrate()
    failed = 0
    started: list[int] = []
    for shop in _shops():
        started.clear()
        result = sync.sync_shop(shop, lambda ids: started.extend(external_cancellations.take(ids)))
        failed += bool(result.failed)
        counts = {"shop": shop.name, "orders": result.orders, "cancelled by hand": len(started)}
        if as_json:
            why = sentence(result.failed)
            say.record({**counts, "failed": why, "without parcels": result.blind})
            continue
        say.line(f"{shop.name}: orders taken in: {result.orders}")
        if result.failed:
            say.line(f"{shop.name} could not be read to the end. {sentence(result.failed)}")
        if result.blind:
            say.line(f"{result.blind} shipped orders have no parcels here: see Follow-up.")
    return 1 if failed else 0


def import_report(file: Path, courier: str, *, as_json: bool) -> int:
    """Take in a courier's report; exit status 1 when lines could not be read."""
    db.migrate()
    try:
        table = door.open_table(file.read_bytes(), file.name)
        got = courier_report.take_report(table, courier)
    except importing.TableError as error:
        say.give_up(str(error))
    for problem in got.problems:
        say.line(problem)
    counts = {"rows": got.rows, "changed": got.changed, "learnt": got.learnt,
            "unknown": len(got.unknown), "bad": len(got.problems)}  # fmt: skip
    if as_json:
        say.record(counts)
    else:
        say.line(
            f"Rows read: {got.rows}, parcels changed: {got.changed}, return numbers learnt: "
            f"{got.learnt}, numbers that no parcel has: {len(got.unknown)}, bad rows: "
            f"{len(got.problems)}"
        )
    return 1 if got.problems else 0


def reconcile(days: int | None, *, as_json: bool) -> int:
    """Ask both services (None: about all orders); exit 1 when anything is other than once.

    A service that could not be asked counts as such: nobody knows then.
    """
    db.migrate()
    report = reconcile_report(None if days is None else dt.timedelta(days=days))
    if as_json:
        say.record(
            {
                "orders": report.orders,
                "invoices": report.invoices,
                "cannot be asked": report.unasked,
                "unanswered": [
                    {"order": one.order, "service": one.service, "why": sentence(one.why)}
                    for one in report.unanswered
                ],
                "alarms": [reason.as_json() for reason in report.alarms],
            }
        )
    else:
        for reason in report.alarms:
            say.line(sentence(reason))
        say.line(
            f"Asked about: orders {report.orders}, invoices {report.invoices}; invoices at a "
            f"service that cannot be asked: {report.unasked}; without an answer: "
            f"{len(report.unanswered)}; alarms: {len(report.alarms)}"
        )
    return 0 if report.ok else 1
