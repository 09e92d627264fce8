"""Shopify ends the pages of a search at 25,000 objects: a longer list is read in windows."""

import datetime as dt
import json
from collections.abc import Iterator
from typing import Any, cast

import pytest
import requests
from services_answering import connected
from sqlalchemy import Engine
from test_services_shopify_sandbox import order

from core.sandbox import process
from core.services import registry
from core.services.http.failures import CannotRead
from core.services.shops.shopify import Shopify, reading

LIMIT, ORDERS = 60, 200


@pytest.fixture(scope="module")
def outside(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("windows")
    started = process.start(folder / "state")
    settings = {"rate_limits": False, "search_limit": LIMIT}
    requests.put(f"{started.base_url}/_sandbox/settings", json=settings, timeout=30)
    yield started.base_url
    started.stop()


@pytest.fixture
def shop(outside: str, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Shopify:
    """A shop whose searches end at 60 orders, read without bulk jobs in pages of 25."""
    monkeypatch.setattr(reading, "MOST_OF_A_SEARCH", LIMIT)
    monkeypatch.setattr(reading, "PAGE_OF_CHANGES", 25)
    monkeypatch.setattr(reading, "LARGEST_PAGE", 25)

    def no_bulk(_self: object) -> str:
        raise reading._NoBulk

    monkeypatch.setattr(reading.Reader, "_bulk", no_bulk)
    connection = connected("shopify", "shop", f"{outside}/shopify", token="shpat_sandbox")
    connection.settings.update(rate_per_second="1e6", rate_capacity="1e6")
    return cast("Shopify", registry.adapter(connection))


def load(outside: str, at: dict[int, str]) -> None:
    """Orders by number, each changed at its moment."""
    world: dict[str, Any] = {
        "now": "2026-11-20T08:00:00Z",
        "shop": {"name": "S", "domain": "s.myshopify.com", "currency": "RON", "vat_code": "RO1"},
        "orders": [{**order(number), "updated_at": moment} for number, moment in at.items()],
        "invoices": [], "products": [], "courier_events": [], "returns": [],
    }  # fmt: skip
    answer = requests.post(f"{outside}/_sandbox/load", data=json.dumps(world), timeout=10)
    answer.raise_for_status()


def spread(each: int) -> dict[int, str]:
    """`each` orders a minute."""
    begin = dt.datetime(2026, 11, 10, 8, tzinfo=dt.UTC)
    return {
        number: (begin + dt.timedelta(minutes=number // each)).isoformat()
        for number in range(1, ORDERS + 1)
    }


@pytest.mark.parametrize("each", [1, 7, 20])
def test_every_order_beyond_the_limit_is_read(shop: Shopify, outside: str, each: int) -> None:
    """Also where several changed at one moment, over which a window's edge may fall."""
    load(outside, spread(each))
    names = {one.name for one in shop.all_orders()}
    assert names == {f"#{number}" for number in range(1, ORDERS + 1)}


def test_every_change_beyond_the_limit_is_listed(shop: Shopify, outside: str) -> None:
    load(outside, spread(7))
    since = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    everything = set()
    for part in shop.changed_orders(since, lambda stamps: {one.gid for one in stamps}):
        everything |= set(part.gids)
    assert len(everything) == ORDERS


def test_more_changes_at_one_moment_than_a_search_gives_are_said_and_not_lost(
    shop: Shopify, outside: str
) -> None:
    load(outside, dict.fromkeys(range(1, ORDERS + 1), "2026-11-10T08:00:00+00:00"))
    with pytest.raises(CannotRead, match="changed at"):
        list(shop.all_orders())
