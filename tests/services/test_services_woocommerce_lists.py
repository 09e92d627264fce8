"""Lists of orders lose none: the shop is played as it pages, while orders change meanwhile."""

import datetime as dt
import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from woocommerce_orders import order

from core.reasons import quoted
from core.services.http.failures import CannotRead
from core.services.outcome import Evidence, Refused, Unknown
from core.services.ports import OrderStamp
from core.services.shops import common
from core.services.shops.woocommerce import reading
from core.services.shops.woocommerce.api import JsonAnswer
from core.services.shops.woocommerce.orders import OrderForm
from core.services.shops.woocommerce.reading import Reader

START = dt.datetime(2026, 11, 20, tzinfo=dt.UTC)
NOTHING = Evidence("woocommerce", "GET /orders")


def written(second: int) -> str:
    return (START + dt.timedelta(seconds=second)).strftime("%Y-%m-%dT%H:%M:%S")


class Shop:
    """Pages as WooCommerce does: exclusive, whole seconds, ties by id, trash apart."""

    def __init__(self, changed: dict[int, int], trash: frozenset[int] = frozenset()) -> None:
        self.changed = dict(changed)  # order → second of its last change
        self.trash = trash
        self.later = max(changed.values(), default=0) + 1
        self.moves: list[int] = []  # which order changes after each call
        self.asked: list[dict[str, Any]] = []

    def get(self, _path: str, params: dict[str, Any]) -> JsonAnswer:
        self.asked.append(params)
        rows = self._include(params) if "include" in params else self._page(params)
        if self.moves:
            self.changed[self.moves.pop()] = self.later
            self.later += 1
        return JsonAnswer(rows, NOTHING)

    def _of(self, params: dict[str, Any]) -> list[int]:
        wanted = params["status"] == "trash"
        return [one for one in self.changed if (one in self.trash) == wanted]

    def _node(self, number: int) -> dict[str, Any]:
        status = "trash" if number in self.trash else "processing"
        at = written(self.changed[number])
        return order(number, status, date_modified_gmt=at, date_created_gmt=written(number))

    def _include(self, params: dict[str, Any]) -> list[dict[str, Any]]:
        wanted = {int(one) for one in params["include"].split(",")}
        return [self._node(one) for one in self._of(params) if one in wanted]

    def _page(self, params: dict[str, Any]) -> list[dict[str, Any]]:
        assert params["dates_are_gmt"] == "true"
        field = "date_modified_gmt" if params["orderby"] == "modified" else "date_created_gmt"
        after = params.get("modified_after") or params["after"]
        rows = [node for node in map(self._node, self._of(params)) if node[field] > after]
        rows.sort(key=lambda node: (node[field], node["id"]))
        begin = (params["page"] - 1) * params["per_page"]
        return rows[begin : begin + params["per_page"]]


@pytest.fixture(autouse=True)
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "PAGE", 3)
    monkeypatch.setattr(common, "TRIES", 0)


def follow(shop: Any, since: int = 0, known: Any = lambda _stamps: ()) -> list[Any]:
    at = START + dt.timedelta(seconds=since)
    return list(Reader(shop, OrderForm()).changed_orders(at, known))


def gids(parts: list[Any]) -> set[int]:
    return {int(gid) for part in parts for gid in part.gids}


@settings(max_examples=150, deadline=None)
@given(
    st.dictionaries(st.integers(1, 30), st.integers(0, 6), max_size=25),
    st.lists(st.integers(1, 30), max_size=12),
    st.integers(0, 6),
)
def test_no_change_is_lost_though_orders_move_and_share_seconds(
    changed: dict[int, int], moves: list[int], since: int
) -> None:
    reading.PAGE = 3
    shop = Shop(changed)
    shop.moves = [one for one in moves if one in changed]
    random.Random(len(moves)).shuffle(shop.moves)
    expected = {one for one, second in changed.items() if second >= since}
    assert gids(follow(shop, since)) >= expected


@settings(max_examples=100, deadline=None)
@given(
    st.dictionaries(st.integers(1, 40), st.integers(0, 5), max_size=30),
    st.frozensets(st.integers(1, 40), max_size=10),
)
def test_the_first_load_brings_every_order_once_and_those_in_the_trash(
    changed: dict[int, int], trash: frozenset[int]
) -> None:
    reading.PAGE = 3
    found = list(Reader(Shop(changed, trash), OrderForm()).all_orders())  # type: ignore[arg-type]
    assert sorted(int(one.gid) for one in found) == sorted(changed)
    held = {int(one.gid) for one in found if one.hold == "in_trash"}
    assert held == trash & set(changed)


def test_a_change_in_the_very_second_of_the_last_round_is_seen() -> None:
    assert gids(follow(Shop({1: 5, 2: 5, 3: 4}), since=5)) == {1, 2}


def test_what_is_known_is_not_read_again() -> None:
    shop = Shop({1: 1, 2: 2})
    seen: list[OrderStamp] = []

    def known(stamps: Any) -> list[str]:
        seen.extend(stamps)
        return ["1"]

    parts = follow(shop, known=known)
    assert [order.gid for part in parts for order in part.orders] == ["2"]
    assert [one.gid for one in seen] == ["1", "2"]
    assert [one["include"] for one in shop.asked if "include" in one] == ["2"]


def test_the_trash_is_told_and_moves_no_place_on() -> None:
    parts = follow(Shop({1: 50, 2: 3}, frozenset({1})))
    assert [(part.gids, part.until) for part in parts] == [
        (("1",), START), (("2",), START + dt.timedelta(seconds=2)),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "answer",
    [
        Unknown(quoted("a page")),
        Refused(quoted("no"), "no_permission"),
        JsonAnswer({"code": "x"}, NOTHING),
    ],
)
def test_a_list_that_cannot_be_read_says_so(answer: Any) -> None:
    class Silent:
        def get(self, *_: object) -> Any:
            return answer

    with pytest.raises(CannotRead):
        follow(Silent())


def test_one_unreadable_order_does_not_keep_the_others() -> None:
    shop = Shop({1: 1, 2: 2})
    whole = shop._node
    shop._node = lambda n: {**whole(n), "total": "?"} if n == 1 else whole(n)  # type: ignore[method-assign]
    found: list[str] = []
    with pytest.raises(CannotRead, match="about 1"):
        found.extend(one.gid for one in Reader(shop, OrderForm()).all_orders())  # type: ignore[arg-type]
    assert found == ["2"]


@pytest.mark.parametrize("stray", [None, "row", 7])
def test_a_row_that_is_none_does_not_make_the_page_look_like_the_last(stray: Any) -> None:
    class Broken(Shop):
        def _page(self, params: dict[str, Any]) -> list[dict[str, Any]]:
            return [*super()._page(params)[:-1], stray]

    shop = Broken({number: number for number in range(1, reading.PAGE + 50)})
    with pytest.raises(CannotRead):
        list(Reader(shop, OrderForm()).all_orders())  # type: ignore[arg-type]
