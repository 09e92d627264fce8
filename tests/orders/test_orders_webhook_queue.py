"""Each shop's messages and polls are worked on by themselves, and a failing shop hurts no other."""

import datetime as dt
import itertools
import json
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack

import pytest
import shopify_stub
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, delete
from test_orders_webhooks import SECRET, TODAY, connect, later, names, seen, signed

from core.orders.shop import patience, sync, webhook_queue, webhooks
from core.orders.shop.webhook_queue import process_pending
from core.orders.shop.webhooks import accept
from core.reversal.runs import follow_up
from core.reversal.worker import scheduled_jobs
from core.services.ports import ShopOrder
from core.services.shops import common as shops_common
from core.settings import connections
from core.store import db, desk
from core.store.tables import orders, sync_cursors, webhooks_seen

NUMBERS = itertools.count(1)


@pytest.fixture(autouse=True)
def shop_id(stub: shopify_stub.Shop, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> int:
    """A connected shop, on a day that stands still."""
    monkeypatch.setattr(shops_common, "TRIES", 0)
    for module in (webhooks, webhook_queue, patience):
        monkeypatch.setattr(module, "now", lambda: TODAY)
    return connect(stub, "Casa Verde", SECRET)


def tell(secret: str, *numbers: int) -> None:
    """A shop's messages about these orders."""
    for number in numbers:
        body = json.dumps({"id": number}).encode()
        headers = signed(body, secret, **{"X-Shopify-Webhook-Id": f"{secret}-{number}"})
        assert accept(body, headers) == "accepted"


def test_a_shop_that_cannot_be_asked_keeps_no_other_waiting(stub: shopify_stub.Shop) -> None:
    with shopify_stub.running() as dead:
        dead.down = True
        connect(dead, "Closed shop", "other secret")
        tell("other secret", *range(1, 206))
        stub.put(7, "2026-11-20T10:00:00Z")
        tell(SECRET, 7)
        assert len(process_pending()) == 1
        assert names() == ["#7"]
        assert len(dead.asked) == 1  # left alone after its first failure
        process_pending()
        assert len(dead.asked) == 1


def test_a_shop_that_fails_is_left_alone_longer_each_time_up_to_a_limit(
    stub: shopify_stub.Shop, shop_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    stub.down = True
    tell(SECRET, *range(1, 41))
    asked: list[int] = []
    for minute in range(6 * 60):
        at = TODAY + dt.timedelta(minutes=minute)
        for module in (patience, webhook_queue):
            monkeypatch.setattr(module, "now", lambda at=at: at)
        before = len(stub.asked)
        webhook_queue.process_shop(shop_id)
        asked += [minute] * (len(stub.asked) - before)
    waits = [after - before for before, after in itertools.pairwise(asked)]
    assert waits[:5] == [1, 1, 2, 4, 8]
    assert set(waits[5:]) == {10}


def test_an_order_that_cannot_be_read_waits_behind_the_others(
    stub: shopify_stub.Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(1, 6):
        stub.put(number, "2026-11-20T10:00:00Z")
    stub.broken = {1}
    tell(SECRET, *range(1, 6))
    assert process_pending() == []
    later(monkeypatch, seconds=40)
    assert len(process_pending()) == 4
    later(monkeypatch, minutes=3)
    stub.broken = set()
    assert len(process_pending()) == 1
    assert all(row.processed_at for row in seen())


def test_a_shop_that_never_answers_keeps_no_other_from_being_followed(
    stub: shopify_stub.Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scheduled_jobs, "ROUND_SECONDS", 0.2)
    with shopify_stub.running() as silent:
        silent.silent = threading.Event()
        connect(silent, "Silent shop", "other secret")
        stub.put(7, "2026-11-20T10:00:00Z")
        try:
            scheduled_jobs.follow_shops()
            assert wait_until(lambda: names() == ["#7"])
            scheduled_jobs.follow_shops()
            assert silent.asked == []  # it is still being waited for, and not asked once more
        finally:
            silent.silent.set()
        assert wait_until(lambda: desk.current().part(scheduled_jobs.Following).idle)


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 7)), min_size=3, max_size=3), st.data())
@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whichever_shops_are_down_the_others_messages_are_worked_on_in_the_same_pass(
    stub: shopify_stub.Shop, states: list[tuple[bool, int]], data: st.DataObject
) -> None:
    """The messages come in a drawn order; a shop that is down is asked once."""
    with db.writing() as connection:
        for table in (webhooks_seen, orders, sync_cursors):
            connection.execute(delete(table))
    with ExitStack() as stack:
        shops = [stub, *(stack.enter_context(shopify_stub.running()) for _ in range(2))]
        secrets, sent = [SECRET], []
        for place, ((down, count), shop) in enumerate(zip(states, shops, strict=True)):
            if place:
                secrets.append(f"secret {next(NUMBERS)}")
                connect(shop, secrets[-1], secrets[-1])
            shop.down = down
            shop.asked.clear()
            for number in range(place * 100, place * 100 + count):
                shop.put(number, "2026-11-20T10:00:00Z")
                sent.append((secrets[place], number))
        for secret, number in data.draw(st.permutations(sent)):
            tell(secret, number)
        process_pending()
        assert len(names()) == sum(count for down, count in states if not down)
        for (down, count), shop in zip(states, shops, strict=True):
            assert len(shop.asked) == (min(count, 1) if down else count)
        stub.down = False


def test_an_order_that_we_cannot_write_keeps_neither_the_others_nor_the_poll_waiting(
    stub: shopify_stub.Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It had ended the whole round of its shop, for as long as its message was tried."""
    written = webhook_queue.upsert_order

    def strange(connection: Connection, shop: int, order: ShopOrder) -> int:
        if order.name == "#1":
            raise OverflowError("a number too large for its column")
        return written(connection, shop, order)

    monkeypatch.setattr(webhook_queue, "upsert_order", strange)
    for number in range(1, 5):
        stub.put(number, "2026-11-20T10:00:00Z")
    tell(SECRET, *range(1, 5))
    assert process_pending() == []  # it came first
    later(monkeypatch, seconds=40)
    assert len(process_pending()) == 3
    assert names() == ["#2", "#3", "#4"]
    stub.asked.clear()
    scheduled_jobs.follow_shops()
    assert stub.names("BulkStart") == 1


@pytest.mark.parametrize("part", ["_take_messages", "sync_shop"])
def test_what_breaks_in_one_shops_round_is_told_and_waits_and_stops_nothing_else(
    stub: shopify_stub.Shop, monkeypatch: pytest.MonkeyPatch, part: str
) -> None:
    room = scheduled_jobs if part == "_take_messages" else sync
    does, broken = getattr(room, part), []

    def breaks(shop: connections.Connection, *more: object) -> object:
        if shop.name == "Broken shop":
            broken.append(part)
            raise RuntimeError("cannot be")
        return does(shop, *more)

    monkeypatch.setattr(room, part, breaks)
    with shopify_stub.running() as other:
        broken_id = connect(other, "Broken shop", "other secret")
        other.put(5, "2026-11-20T10:00:00Z")
        stub.put(7, "2026-11-20T10:00:00Z")
        for _ in range(3):
            scheduled_jobs.follow_shops()
    assert names() == (["#5", "#7"] if part == "_take_messages" else ["#7"])
    queue = scheduled_jobs.MESSAGES if part == "_take_messages" else scheduled_jobs.POLLS
    with db.reading() as connection:
        assert patience.is_resting(connection, queue, broken_id)
    if part == "_take_messages":
        assert follow_up.open_alarms() == []  # the list of changes brings what they told
    else:
        assert len(broken) == 1  # left alone after its first failure
        [alarm] = follow_up.open_alarms()
        assert (alarm.subject, alarm.reason.code) == ("shop Broken shop", "shop_unreadable")


def wait_until(done: Callable[[], bool], seconds: float = 60) -> bool:
    """Whether it came true in time."""
    until = time.monotonic() + seconds
    while not done() and time.monotonic() < until:
        time.sleep(0.02)
    return done()
