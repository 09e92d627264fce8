"""WooCommerce as a second shop on one desk: cancelled once, its stock right, whatever happens."""

import time
from collections.abc import Sequence
from typing import Any

import pytest
import requests
from reversal_heavy_support import KILLS, PARCELS, PATIENCE, Supervisor
from reversal_support import CREW, Desk, chain_holds, order
from sqlalchemy import select

from core.audit import trail
from core.reversal.runs import runs
from core.store import db
from core.store.tables import alarms, effects, invoices, orders, reversals

STOCK = 1000
FAULTS_LAST = 40.0  # seconds of the short proof; the long one has them to its end
FAULTS = [
    "too_many_requests", "error_before", "error_after", "answer_lost", "applied_late", "slow",
    "reset", "html_after",
]  # fmt: skip


def woo_order(number: int, **changes: Any) -> dict[str, Any]:
    """One order of two vases, on delivery, with an invoice at Oblio."""
    meta = {
        "oblio_invoice_series_name": "WOO", "oblio_invoice_number": f"{number:04}",
        "awb_fan": f"70002{number:08}",
    }  # fmt: skip
    address = {"first_name": "Ion", "last_name": "Popa", "city": "Cluj", "state": "CJ",
               "country": "RO", "phone": "0733000000", "email": "ion@example.ro"}  # fmt: skip
    return {
        "shop": "woocommerce", "name": f"#{100000 + number}",
        "id": number, "number": str(100000 + number), "status": "processing", "currency": "RON",
        "date_created_gmt": "2026-11-10T08:00:00", "date_modified_gmt": "2026-11-12T08:00:00",
        "date_paid_gmt": None, "total": "121.00", "total_tax": "21.00",
        "billing": address, "shipping": address, "customer_note": "",
        "payment_method": "cod", "payment_method_title": "Ramburs", "refunds": [],
        "meta_data": [{"id": n, "key": k, "value": v} for n, (k, v) in enumerate(meta.items())],
        "line_items": [
            {"id": number, "name": "Vas", "sku": "V1", "quantity": 2, "total": "100.00",
             "total_tax": "21.00",
             "meta_data": [{"id": 1, "key": "_reduced_stock", "value": "2"}]}
        ],
        **changes,
    }  # fmt: skip


def load(desk: Desk, made: Sequence[dict[str, Any]], shopify: Sequence[Any] = ()) -> None:
    def add(world: dict[str, Any]) -> None:
        world["orders"] = [*shopify, *made]
        world["products"] = [{"sku": "V1", "title": "Vas", "stock": STOCK}]
        world["invoices"] += [
            {
                "service": "oblio", "series": "WOO", "number": f"{one['id']:04}",
                "order_name": f"#{one['number']}", "total_minor": 12100, "currency": "RON",
                "issued_on": "2026-11-10", "state": "open",
            }
            for one in made
        ]  # fmt: skip

    desk.load(list(shopify), add)


def of_woo(desk: Desk) -> dict[str, dict[str, Any]]:
    """What was done to each order there."""
    ledger = desk.ledger()["orders"]
    return {key: one for key, one in ledger.items() if key.startswith("woocommerce:")}


def at_the_shop(desk: Desk, number: int) -> str:
    return f"{desk.sandbox.base_url}/woocommerce/wp-json/wc/v3/orders/{number}"


def change_there(desk: Desk, number: int, **body: Any) -> None:
    """Somebody changes the order in the shop's own admin."""
    sign_in = ("ck_sandbox", "cs_sandbox")
    url = at_the_shop(desk, number)
    requests.put(url, json=body, auth=sign_in, timeout=10).raise_for_status()


def stock_and_orders_are_right(desk: Desk, count: int) -> None:
    """Each order cancelled once, no two calls of one order at a time, two vases back of each."""
    ledger, done = desk.ledger(), of_woo(desk)
    assert len(done) == count
    assert {one["cancelled"] for one in done.values()} == {1}
    assert {one["overlapped"] for one in done.values()} == {0}
    assert ledger["stock"]["V1"] == STOCK + 2 * count
    reversed_ = [one["reversed"] for key, one in ledger["invoices"].items() if ":WOO:" in key]
    assert reversed_ == [1] * count


def test_a_run_cancels_once_puts_the_stock_back_and_reverses_the_invoices(desk: Desk) -> None:
    load(desk, [woo_order(n) for n in range(1, 13)])
    desk.start_worker()
    desk.run(restock=True)
    desk.wait()
    assert desk.states() == {"done": 12}
    stock_and_orders_are_right(desk, 12)
    with db.reading(desk.engine) as connection:
        assert set(connection.scalars(select(reversals.c.restocked))) == {True}
        assert set(connection.scalars(select(effects.c.kind))) == {"cancel", "storno"}
        marked = connection.scalars(select(effects.c.key).where(effects.c.kind == "cancel")).all()
    answer = requests.get(
        at_the_shop(desk, 1), auth=("ck_sandbox", "cs_sandbox"), timeout=10
    ).json()
    [mark] = [row["value"] for row in answer["meta_data"] if row["key"] == "_refuz_effect"]
    assert mark.rpartition("-")[0] in marked
    desk.follow_shops()
    with db.reading(desk.engine) as connection:
        assert connection.scalars(select(orders.c.cancelled_at)).all().count(None) == 0
        assert connection.scalars(select(alarms.c.reason)).all() == []
    assert chain_holds(desk)


def test_without_restock_the_stock_stays_where_it_was(desk: Desk) -> None:
    load(desk, [woo_order(n) for n in range(1, 5)])
    desk.start_worker()
    desk.run(restock=False)
    desk.wait()
    assert desk.states() == {"done": 4}
    assert desk.ledger()["stock"]["V1"] == STOCK
    with db.reading(desk.engine) as connection:
        assert set(connection.scalars(select(reversals.c.restocked))) == {False}


def test_a_shop_that_dies_half_way_has_its_stock_put_right_by_an_effect_of_its_own(
    desk: Desk,
) -> None:
    load(desk, [woo_order(n) for n in range(1, 7)])
    desk.settings(dies_halfway=1.0)
    desk.start_worker()
    desk.run(restock=True)
    desk.wait()
    assert desk.states() == {"done": 6}
    stock_and_orders_are_right(desk, 6)
    assert {one["corrected"] for one in of_woo(desk).values()} == {1}
    with db.reading(desk.engine) as connection:
        states = connection.scalars(select(effects.c.state).where(effects.c.kind == "restock"))
        assert list(states) == ["confirmed"] * 6
    assert chain_holds(desk)


def test_stock_is_right_and_orders_are_cancelled_once_under_faults_and_kills(desk: Desk) -> None:
    _under_faults(desk, 16, kills=2, seconds=170)


@pytest.mark.heavy
@pytest.mark.timeout(2 * PATIENCE)
def test_a_thousand_orders_under_faults_and_kills(any_desk: Desk) -> None:
    """The last few take minutes: two of three corrections of a stock fail, and wait longer."""
    desk = any_desk
    _a_run_under_faults(desk, PARCELS)
    crew = Supervisor(desk, KILLS, CREW if desk.engine.dialect.name == "postgresql" else 1)
    desk.wait(PATIENCE, crew.look)
    assert crew.killed == KILLS
    _ended_right(desk, PARCELS)


def _under_faults(desk: Desk, count: int, *, kills: int, seconds: float) -> None:
    _a_run_under_faults(desk, count)
    desk.start_crew()
    began = time.monotonic()
    turns = [began + 4.0 * (1 + turn) for turn in range(kills)]
    ends = [began + FAULTS_LAST]

    def kill_sometimes() -> None:
        if turns and time.monotonic() > turns[0]:
            turns.pop(0)
            desk.workers[0].kill()
        if ends and time.monotonic() > ends[0]:  # one in a hundred would be unlucky for minutes
            ends.pop()
            desk.faults()
        desk.replace_dead()

    desk.wait(seconds, kill_sometimes)
    _ended_right(desk, count)


def _a_run_under_faults(desk: Desk, count: int) -> None:
    load(desk, [woo_order(n) for n in range(1, count + 1)])
    desk.settings(dies_halfway=0.3)
    desk.faults(
        share=0.3, kinds=FAULTS, seed=11, late_seconds=0.6, slow_seconds=1.8,
        services=["woocommerce"],
    )  # fmt: skip
    desk.run(restock=True)


def _ended_right(desk: Desk, count: int) -> None:
    desk.faults()
    assert desk.states() == {"done": count}
    stock_and_orders_are_right(desk, count)
    assert chain_holds(desk)


def test_both_shops_with_one_order_name_are_two_orders(desk: Desk) -> None:
    load(desk, [woo_order(n) for n in range(1, 6)], [order(n) for n in range(1, 6)])
    with db.reading(desk.engine) as connection:
        names = connection.scalars(select(orders.c.name)).all()
        assert sorted(names) == sorted(2 * [f"#{100000 + n}" for n in range(1, 6)])
        assert len(set(connection.scalars(select(orders.c.shop_id)))) == 2
    desk.start_worker()
    desk.run(restock=False)
    desk.wait()
    assert desk.states() == {"done": 10}
    ledger = desk.ledger()
    assert [one["cancelled"] for one in ledger["orders"].values()] == [1] * 10
    assert [one["reversed"] for one in ledger["invoices"].values()] == [1] * 10
    with db.reading(desk.engine) as connection:
        pairs = connection.execute(
            select(orders.c.shop_id, invoices.c.series).join(
                invoices, invoices.c.order_id == orders.c.id
            )
        ).all()
        assert len({series for _, series in pairs}) == len(set(map(tuple, pairs))) == 2


def test_an_order_cancelled_by_hand_there_has_its_invoices_reversed(desk: Desk) -> None:
    load(desk, [woo_order(1), woo_order(2)])
    change_there(desk, 1, status="cancelled")
    desk.follow_shops()
    with db.reading(desk.engine) as connection:
        found = connection.scalars(select(orders.c.id).where(orders.c.cancelled_at.is_not(None)))
        [order_id] = list(found)
    assert runs.reverse_invoices(order_id) is not None
    desk.start_worker()
    desk.wait()
    ledger = desk.ledger()
    assert ledger["invoices"]["oblio:WOO:0001"]["reversed"] == 1
    assert ledger["invoices"]["oblio:WOO:0002"]["reversed"] == 0
    assert of_woo(desk)["woocommerce:1"]["cancelled"] == 1


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"status": "trash"}, "held_in_trash"),
        ({"refunds": [{"id": 5, "total": "-21.00"}]}, "held_partly_refunded"),
        (
            {"payment_method": "stripe", "payment_method_title": "Card",
             "date_paid_gmt": "2026-11-10T08:00:00"},
            "held_prepaid",
        ),
    ],
)  # fmt: skip
def test_what_a_person_must_decide_is_never_sent(
    desk: Desk, changes: dict[str, Any], code: str
) -> None:
    load(desk, [woo_order(1, **changes)])
    desk.start_worker()
    desk.run(restock=True)
    desk.wait()
    assert desk.states() == {"needs_person": 1}
    with db.reading(desk.engine) as connection:
        why = connection.scalar(select(reversals.c.why))
        assert why is not None
        assert why.code == code
        assert connection.scalars(select(effects.c.state)).all() in ([], ["planned"])
    assert of_woo(desk)["woocommerce:1"]["cancelled"] == 0


def test_an_order_trashed_since_it_was_read_is_not_taken_out_of_the_trash(desk: Desk) -> None:
    load(desk, [woo_order(1)])
    time.sleep(1.1)  # the shop tells whole seconds
    requests.delete(
        at_the_shop(desk, 1), auth=("ck_sandbox", "cs_sandbox"), timeout=10
    ).raise_for_status()
    desk.start_worker()
    desk.run(restock=True)
    desk.wait()
    assert desk.states() == {"needs_person": 1}
    assert of_woo(desk)["woocommerce:1"]["cancelled"] == 0


def test_an_order_set_back_by_hand_after_its_reversal_is_told(desk: Desk) -> None:
    load(desk, [woo_order(1)])
    desk.start_worker()
    desk.run(restock=True)
    desk.wait()
    time.sleep(1.1)
    change_there(desk, 1, status="processing")
    desk.follow_shops()
    with db.reading(desk.engine) as connection:
        assert connection.scalar(select(orders.c.cancelled_at)) is None
        [why] = connection.scalars(select(alarms.c.reason)).all()
        assert (why.code, why.parameters) == ("order_set_back", {"order": "#100001"})
        actions = [entry.action for entry in trail.export(connection)]
    assert actions.count("set_back_at_shop") == 1
    assert of_woo(desk)["woocommerce:1"]["cancelled"] == 1  # nothing is cancelled again by itself
