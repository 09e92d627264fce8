"""A service blocks the account in the middle of a run: nobody is bothered, nothing is called."""

import datetime as dt
import time
from typing import Any

import pytest
import requests
from reversal_support import Desk, chain_holds, once_each, order
from sqlalchemy import select
from test_reversal_woocommerce import load as load_woo
from test_reversal_woocommerce import woo_order

from core.reversal.runs import runs
from core.services.limits import rate
from core.settings import connections
from core.store import db
from core.store.tables import reversals

ORDERS = 60
BLOCK_SECONDS = 8.0  # ten minutes out there
ON_THE_WAY = 0.5  # seconds in which calls arrive that were sent before the answer was read
UNTOLD_SECONDS = BLOCK_SECONDS + 1  # what the desk waits where the answer names no time


def inside_blocks(desk: Desk, since: float) -> dict[str, list[float]]:
    """The calls that came while their account was blocked, by account."""
    url = f"{desk.sandbox.base_url}/_sandbox/inside-blocks"
    calls: dict[str, list[float]] = requests.get(url, timeout=10).json()
    return {who: late for who, at in calls.items() if (late := [one for one in at if one > since])}


def block_now(desk: Desk, service: str, kind: str = "block", status: int = 403) -> None:
    """The next effect at the service is answered with its block, in its own words or in words."""
    desk.faults(share=1.0, kinds=[kind], services=[service], only_effects=True, words_status=status)


def scale_untold_blocks(desk: Desk) -> None:
    """How long a block lasts where its answer names no time, as Oblio's (ten minutes)."""
    with db.writing(desk.engine) as connection:
        for one in connections.all_connections(connection, "invoicing"):
            connections.save(
                connection, kind=one.kind, service=one.service, name=one.name,
                settings={**one.settings, "block_seconds": str(UNTOLD_SECONDS)},
                secrets_=one.secrets, sandbox=True,
            )  # fmt: skip


def blocked_until(desk: Desk) -> dt.datetime:
    """Wait until the desk knows of a block; gives until when."""
    for _ in range(1200):
        with db.reading(desk.engine) as connection:
            found = rate.blocked_services(connection)
        if found:
            return found[0][1]
        time.sleep(0.05)
    raise AssertionError("no breaker is open")


@pytest.mark.parametrize(
    ("service", "title"), [("smartbill", "SmartBill"), ("oblio", "Oblio")], ids=lambda one: one
)
def test_sixty_orders_wait_out_a_block_without_a_call_and_go_on_by_themselves(
    desk: Desk, service: str, title: str
) -> None:
    begun = time.time()
    desk.load([order(number, invoice=service) for number in range(1, ORDERS + 1)])
    desk.settings(rate_limits=True, limits_faster=1000, block_seconds=BLOCK_SECONDS)
    scale_untold_blocks(desk)
    run = desk.run()
    desk.start_worker()
    time.sleep(1.0)
    block_now(desk, service)
    until = blocked_until(desk)
    known_at = begun if service == "smartbill" else until.timestamp() - UNTOLD_SECONDS + ON_THE_WAY
    desk.faults()
    paused = runs.progress(run.id).paused_services
    assert [name for name, _, _ in paused] == [title]  # the run says whom it waits for
    desk.wait()
    assert dt.datetime.now(dt.UTC) >= until - dt.timedelta(seconds=0.5)
    once_each(desk.ledger(), ORDERS)
    with db.reading(desk.engine) as connection:
        assert set(connection.scalars(select(reversals.c.state))) == {"done"}
    assert inside_blocks(desk, known_at) == {}  # but for those on their way when the answer came
    assert chain_holds(desk)


def _order_of(service: str, number: int) -> dict[str, Any]:
    """An order with an invoice at this service; Stripe names invoices by id."""
    if service == "stripe":
        named = {"key": "invoice", "value": f"stripe:F:in_1Block{number:06}"}
        return order(number, attributes=[named])
    return order(number, invoice="fgo" if service == "fgo" else None)


@pytest.mark.parametrize(
    ("service", "title", "status"),
    [
        ("fgo", "FGO", 422),
        ("stripe", "Stripe", 400),
        ("shopify", "Casa Verde", 200),
        ("woocommerce", "WooCommerce", 403),
    ],
    ids=str,
)
def test_sixty_orders_wait_out_a_limit_in_words_at_every_other_service(
    desk: Desk, service: str, title: str, status: int
) -> None:
    if service == "woocommerce":
        load_woo(desk, [woo_order(number) for number in range(1, ORDERS + 1)])
    else:
        desk.load([_order_of(service, number) for number in range(1, ORDERS + 1)])
    desk.settings(rate_limits=True, limits_faster=1_000_000, block_seconds=BLOCK_SECONDS)
    run = desk.run()
    desk.start_worker()
    time.sleep(1.0)
    block_now(desk, service, "block_in_words", status)
    until = blocked_until(desk)
    known_at = until.timestamp() - BLOCK_SECONDS + ON_THE_WAY
    desk.faults()
    assert title in [name for name, _, _ in runs.progress(run.id).paused_services]
    desk.wait()
    assert dt.datetime.now(dt.UTC) >= until - dt.timedelta(seconds=0.5)
    ledger = desk.ledger()
    assert [one["cancelled"] for one in ledger["orders"].values()] == [1] * ORDERS
    assert {one["reversed"] for one in ledger["invoices"].values()} <= {1}
    assert desk.states() == {"done": ORDERS}
    assert inside_blocks(desk, known_at) == {}
    assert chain_holds(desk)
