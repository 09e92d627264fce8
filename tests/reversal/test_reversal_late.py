"""What comes to be known late: an invoice after its order was done, a cancel told by a webhook."""

import base64
import hashlib
import hmac
import json

import requests
from reversal_support import Desk, chain_holds, order
from sqlalchemy import select

from core.audit import trail
from core.audit.actions import Action
from core.i18n.reasons import sentence
from core.orders.imports import importing
from core.orders.shop import webhook_queue, webhooks
from core.reversal.runs import external_cancellations, results, runs
from core.reversal.worker import scheduled_jobs
from core.settings import connections
from core.store import db
from core.store.tables import orders, reversals

SECRET = "sandbox-client-secret"


def shop_id(desk: Desk) -> int:
    with db.reading(desk.engine) as connection:
        return connections.all_connections(connection, "shop")[0].id


def test_an_invoice_typed_in_after_its_order_was_done_is_reversed_once(desk: Desk) -> None:
    """The order says that it had no invoice; then somebody finds it. Nothing else is done again."""
    desk.settings(refuse_repeats=False)
    made = order(1)
    hidden = {**made, "attributes": [{"key": "paper", "value": "oblio:OB:0001"}]}
    desk.load([hidden])  # the rule looks at another attribute
    desk.start_worker()
    desk.run()
    desk.wait()
    assert desk.ledger()["totals"]["reversed"] == 0
    row = {"order": made["name"], "service": "oblio", "series": "OB", "number": "0001"}
    order_id, new = importing.type_in_invoice(shop_id(desk), row)
    assert new
    assert external_cancellations.go_on_with(order_id)
    desk.wait()
    totals = desk.ledger()["totals"]
    assert (totals["reversed"], totals["cancelled"]) == (1, 1)
    assert chain_holds(desk)


def send(desk: Desk, number: int) -> str:
    """The shop sends the webhook of a cancelled order."""
    body = json.dumps({"id": 100000 + number}).encode()
    made = base64.b64encode(hmac.new(SECRET.encode(), body, hashlib.sha256).digest()).decode()
    headers = {
        "X-Shopify-Topic": "orders/cancelled",
        "X-Shopify-Webhook-Id": f"id-{number}",
        "X-Shopify-Hmac-SHA256": made,
    }
    return webhooks.accept(body, headers)


def test_a_webhook_about_a_cancelled_order_reverses_its_invoice_in_the_name_of_the_shop(
    desk: Desk,
) -> None:
    """Also while the shop's list of changes cannot be read."""
    desk.load([order(1)])
    with db.writing(desk.engine) as connection:
        every = connections.all_connections(connection, "shop")
        [shop] = [one for one in every if one.service == "shopify"]
        connections.save(
            connection, kind="shop", service="shopify", name=shop.name,
            settings=shop.settings, secrets_={**shop.secrets, "client_secret": SECRET},
            sandbox=True,
        )  # fmt: skip
    url = f"{desk.sandbox.base_url}/_sandbox/orders/100001/cancel"
    requests.post(url, timeout=10).raise_for_status()
    assert send(desk, 1) == "accepted"
    assert send(desk, 1) == "duplicate"
    started = external_cancellations.take(webhook_queue.process_pending())
    assert len(started) == 1
    desk.start_worker()
    desk.wait()
    scheduled_jobs.JOBS["sync"]()  # the poll finds the same order, and starts nothing more
    totals = desk.ledger()["totals"]
    assert (totals["reversed"], totals["cancelled"]) == (1, 1)
    with db.reading(desk.engine) as connection:
        asked = trail.search(connection, actions=[Action.REVERSAL_ASKED_FOR])
        states = connection.scalars(select(reversals.c.state)).all()
        cancelled = connection.scalar(select(orders.c.cancelled_at))
    assert [one.actor for one in asked] == ["Casa Verde"]
    assert states == ["done"]
    assert cancelled is not None


def test_stock_that_was_asked_back_and_is_not_seen_there_is_flagged(desk: Desk) -> None:
    """The shop's location is deactivated: the order is cancelled, and the result says the rest."""
    desk.settings(location_active=False)
    desk.load([order(1), order(2)])
    with db.reading(desk.engine) as connection:
        first, second = connection.scalars(select(orders.c.id).order_by(orders.c.id)).all()
    desk.start_worker()
    run = runs.reverse_order(first, restock=True)
    plain = runs.reverse_order(second, restock=False)
    desk.wait()
    [flagged] = results.results(run.id)["what"]
    [quiet] = results.results(plain.id)["what"]
    assert sentence(flagged) == "order cancelled, restock asked for, not seen, invoice reversed"
    assert sentence(quiet) == "order cancelled, invoice reversed"
    assert desk.ledger()["stock"] == {"V1": 100}
