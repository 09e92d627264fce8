"""Following a shop: all of it once, then changes; interrupted anywhere it goes on from there."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
import shopify_stub
from sqlalchemy import Engine, insert, select, update

from core.audit import trail
from core.audit.actions import Action
from core.clock import now
from core.i18n.reasons import sentence
from core.orders.shop import sync
from core.orders.shop.sync import sync_shop
from core.reversal.runs import follow_up
from core.services.shops import common as shops_common
from core.settings import connections
from core.settings.connections import Connection
from core.store import db
from core.store.tables import connections as connections_table
from core.store.tables import orders, reversals

EARLY = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)


@pytest.fixture
def shop(stub: shopify_stub.Shop, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Connection:
    """A connection made long ago, with a reader that gives up at once."""
    monkeypatch.setattr(shops_common, "TRIES", 0)
    with db.writing() as connection:
        id_ = connections.save(
            connection,
            kind="shop",
            service="shopify",
            name="Casa Verde",
            settings={"base_url": stub.base_url, "rate_per_second": "1e6", "rate_capacity": "1e6"},
            secrets_={"token": "shpat_abcdef"},
        )
        connection.execute(update(connections_table).values(created_at=EARLY))
        return connections.load(connection, id_)


def ago(**much: float) -> str:
    """A moment of the past as Shopify writes it."""
    return (now() - dt.timedelta(**much)).strftime("%Y-%m-%dT%H:%M:%SZ")


def known() -> dict[str, Any]:
    """Our orders by name."""
    with db.reading() as connection:
        return {row.name: row for row in connection.execute(select(orders))}


def test_the_first_round_takes_in_everything_the_next_only_what_changed(
    stub: shopify_stub.Shop, shop: Connection
) -> None:
    for number in range(5):
        stub.put(number, ago(days=10))
    assert sync_shop(shop).orders == 5
    stub.put(7, ago(minutes=1))
    assert sync_shop(shop).orders == 1
    assert len(known()) == 6
    assert stub.names("BulkStart") == 1


def test_a_change_made_while_we_were_reading_is_found_by_the_overlap(
    stub: shopify_stub.Shop, shop: Connection
) -> None:
    stub.put(1, ago(days=10))
    sync_shop(shop)
    stub.put(2, ago(minutes=1))
    sync_shop(shop)
    stub.put(3, ago(minutes=4))  # older than what was seen last
    sync_shop(shop)
    assert set(known()) == {"#1", "#2", "#3"}


def test_what_is_known_already_is_listed_and_not_read_again(
    stub: shopify_stub.Shop, shop: Connection
) -> None:
    """The cancels of a run are changes at the shop too; the run has seen how they ended."""
    stub.put(1, ago(days=10))
    sync_shop(shop)
    at = now().replace(microsecond=0)
    stub.put(1, at.strftime("%Y-%m-%dT%H:%M:%SZ"), cancelled_at=at.isoformat())
    with db.writing() as connection:
        connection.execute(update(orders).values(cancelled_at=at, updated_at=at))
    stub.asked.clear()
    result = sync_shop(shop)
    assert (result.orders, result.external_cancellations) == (0, [known()["#1"].id])
    assert [name for name, _ in stub.asked] == ["ListChanges"]


def test_an_order_read_within_the_second_of_its_change_is_read_once_more(
    stub: shopify_stub.Shop, shop: Connection
) -> None:
    """It may have changed again in that second, and the shop tells no more than seconds."""
    stub.put(1, ago(days=10))
    sync_shop(shop)
    stub.put(1, ago(seconds=0))
    assert sync_shop(shop).orders == 1
    assert sync_shop(shop).orders == 1
    with db.writing() as connection:
        connection.execute(update(orders).values(synced_at=now() + dt.timedelta(minutes=1)))
    assert sync_shop(shop).orders == 0


def test_a_round_that_breaks_off_keeps_what_it_read_and_goes_on_from_there(
    stub: shopify_stub.Shop, shop: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sync, "BATCH", 2)
    stub.put(0, ago(days=10))
    sync_shop(shop)
    for number in range(1, 9):
        stub.put(number, ago(minutes=50 - 5 * number))
    stub.answer_no_more = True
    broken = sync_shop(shop)
    assert broken.failed
    assert len(known()) == 1 + 3  # one page came whole
    stub.answer_no_more = stub.down = False
    stub.asked.clear()
    whole = sync_shop(shop)
    assert not whole.failed
    assert len(known()) == 9
    place = stub.asked[0][1]["query"]
    assert ago(minutes=46) < place.split("'")[1]  # not from the very beginning


def test_a_first_load_that_broke_off_is_made_good_page_by_page(
    stub: shopify_stub.Shop, shop: Connection
) -> None:
    for number in range(5):
        stub.put(number, ago(days=100 + number))
    stub.down = True
    assert sync_shop(shop).failed
    stub.down = False
    stub.asked.clear()
    assert sync_shop(shop).orders == 5
    assert stub.names("BulkStart") == 0
    stub.put(9, ago(minutes=1))
    sync_shop(shop)
    assert "#9" in known()


def test_a_first_load_with_an_unreadable_order_keeps_all_the_others(
    stub: shopify_stub.Shop, shop: Connection
) -> None:
    for number in range(5):
        stub.put(number, ago(days=10))
    stub.orders[3]["totalPriceSet"] = None
    assert "#3" in str(sync_shop(shop).failed)
    assert set(known()) == {"#0", "#1", "#2", "#4"}


def test_an_order_cancelled_at_the_shop_is_handed_on_until_there_is_a_reversal(
    stub: shopify_stub.Shop, shop: Connection
) -> None:
    stub.put(1, ago(days=1))
    stub.put(2, ago(days=1))
    assert sync_shop(shop).external_cancellations == []
    stub.put(2, ago(minutes=1), cancelled_at=ago(minutes=1))
    order_id = known()["#2"].id
    assert sync_shop(shop).external_cancellations == [order_id]
    assert sync_shop(shop).external_cancellations == [order_id]  # nobody took it yet
    with db.writing() as connection:
        connection.execute(
            insert(reversals).values(
                order_id=order_id,
                origin="shopify",
                requested_by="Shopify",
                options={},
                state="queued",
                created_at=now(),
            )
        )
    assert sync_shop(shop).external_cancellations == []


def test_cancelled_orders_are_handed_on_before_the_place_moves_behind_them(
    stub: shopify_stub.Shop, shop: Connection
) -> None:
    """A process that dies while it hands them on, an hour of changes behind it, loses none."""
    stub.put(0, ago(days=10))
    sync_shop(shop)
    for number in range(1, 8):
        moment = ago(minutes=60 - 8 * number)
        stub.put(number, moment, cancelled_at=moment if number in {1, 2, 5, 7} else None)
    taken: set[int] = set()
    parts: list[list[int]] = []

    def dies(order_ids: Sequence[int]) -> None:
        parts.append(list(order_ids))
        if len(parts) in {1, 3, 4}:
            raise RuntimeError("killed")
        taken.update(order_ids)

    for _ in range(3):
        with pytest.raises(RuntimeError, match="killed"):
            sync_shop(shop, dies)
    sync_shop(shop, dies)
    assert taken == {known()[f"#{number}"].id for number in (1, 2, 5, 7)}


def test_what_was_cancelled_before_the_shop_was_connected_is_history(
    stub: shopify_stub.Shop, shop: Connection
) -> None:
    with db.writing() as connection:
        connection.execute(update(connections_table).values(created_at=now()))
    stub.put(1, ago(days=3), cancelled_at=ago(days=3))
    assert sync_shop(shop).external_cancellations == []
    assert known()["#1"].cancelled_at is not None


def test_two_shops_are_followed_each_from_its_own_place(
    stub: shopify_stub.Shop, shop: Connection
) -> None:
    stub.put(1, ago(days=1))
    sync_shop(shop)
    with db.writing() as connection:
        id_ = connections.save(
            connection,
            kind="shop",
            service="shopify",
            name="Second",
            settings=shop.settings,
            secrets_=shop.secrets,
        )
        second = connections.load(connection, id_)
    assert sync_shop(second).orders == 1
    with db.reading() as connection:
        assert len(connection.execute(select(orders)).all()) == 2


def test_a_shop_with_a_wrong_setting_is_told_and_stops_no_other(shop: Connection) -> None:
    wrong = replace(shop, settings={**shop.settings, "base_url": ""})
    result = sync_shop(wrong)
    assert result.orders == 0
    assert "Shop address" in str(result.failed)
    [alarm] = follow_up.open_alarms()
    assert alarm.subject == "shop Casa Verde"
    assert "Shop address" in sentence(alarm.reason)


def test_a_round_that_failed_is_an_alarm_until_one_comes_to_its_end(
    stub: shopify_stub.Shop, shop: Connection
) -> None:
    """Raised once, however often it fails; cleared by itself, and both are in the record."""
    stub.put(1, ago(days=1))
    stub.down = True
    for _ in range(2):
        assert sync_shop(shop).failed
        [alarm] = follow_up.open_alarms()
    assert (alarm.kind, alarm.subject) == ("sync", "shop Casa Verde")
    assert alarm.reason.code == "shop_unreadable"
    stub.down = False
    assert not sync_shop(shop).failed
    assert follow_up.open_alarms() == []
    with db.reading() as connection:
        rows = trail.search(connection, actions=[Action.ALARM_RAISED, Action.ALARM_CLEARED])
    assert sorted(row.action for row in rows) == [Action.ALARM_CLEARED, Action.ALARM_RAISED]
