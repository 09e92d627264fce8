"""The stock of a cancelled order: put back where the cancel left it, once, and never unasked."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from effects_model import SAID, Bench, needs_person, waits
from one_pass import AtShop, pass_over
from set_clock import SetClock
from sqlalchemy import update

from core.reasons import quoted
from core.reversal.effects import ledger
from core.reversal.steps import stock
from core.services.outcome import Confirmed, Outcome, Refusal, Refused, Unknown
from core.services.ports import CancelState, Rate, ShopCapabilities
from core.store import db
from core.store.states import EffectKind, EffectSlot, EffectState
from core.store.tables import effects, orders

CANCELLED = dt.datetime(2026, 11, 20, 8, tzinfo=dt.UTC)
LEFT = {"stock_left": True, "ours": True}
BACK = CancelState(CANCELLED, stock_left=False, updated_at=CANCELLED + dt.timedelta(minutes=5))
STILL_LEFT = CancelState(CANCELLED, stock_left=True)
OPEN_AGAIN = CancelState(None, stock_left=False)
TELLS = ShopCapabilities(Rate(1000.0), can_be_asked=True, settle_seconds=90.0, tells_stock=True)
LOST: Outcome[CancelState] = Unknown(quoted("no answer"), SAID)


@dataclass
class Shop:
    """A shop that answers each call with the next of these, and counts what it was asked to do."""

    answers: list[Outcome[CancelState]]
    states: list[Outcome[CancelState]] = field(default_factory=list)
    capabilities: ShopCapabilities = TELLS
    put: int = 0

    def put_stock_back(self, _gid: str) -> Outcome[CancelState]:
        self.put += 1
        return self.answers.pop(0)

    def cancel_state(self, _gid: str) -> Outcome[CancelState]:
        return self.states.pop(0)


Pass = Callable[..., AtShop]


@pytest.fixture
def one_pass(bench: Bench) -> Pass:
    """Begins a pass at this shop, after a cancel that kept this."""
    with db.writing(bench.engine) as connection:
        connection.execute(update(orders).values(cancelled_at=CANCELLED, updated_at=CANCELLED))

    def begin(
        shop: Shop, kept: dict[str, Any] | None = None, state: EffectState = EffectState.CONFIRMED,
        **options: Any,
    ) -> AtShop:  # fmt: skip
        if kept is not None:
            planned = ledger.new(bench.subject, bench.shop_id, EffectKind.CANCEL, "gid/1")
            with db.writing(bench.engine) as connection:
                made = ledger.write(connection, planned)
                connection.execute(
                    update(effects).where(effects.c.id == made.id).values(state=state, result=kept)
                )
        return pass_over(bench, shop, **{"restock": True, **options})

    return begin


def test_stock_that_a_cancel_of_ours_left_is_put_back_once(bench: Bench, one_pass: Pass) -> None:
    shop = Shop([Confirmed(BACK, SAID)])
    first = one_pass(shop, LEFT)
    assert stock.put_stock_back(first) is None
    assert stock.restocked(first) is True
    assert stock.put_stock_back(one_pass(shop)) is None
    assert shop.put == 1
    found = bench.stands("gid/1", EffectSlot.STOCK)
    assert (found.state, found.result) == (
        EffectState.CONFIRMED,
        {"stock_left": False, "updated_at": "2026-11-20T08:05:00+00:00"},
    )
    with db.reading(bench.engine) as connection:
        at = connection.execute(orders.select()).one().updated_at
    assert at == BACK.updated_at


@pytest.mark.parametrize(
    "kept",
    [{"stock_left": False, "ours": True}, {"stock_left": None, "ours": True},
     {"stock_left": True, "ours": False}, {"stock_left": True}, {}],
)  # fmt: skip
def test_nothing_is_put_back_unless_our_cancel_is_known_to_have_left_it(
    one_pass: Pass, kept: dict[str, Any]
) -> None:
    shop = Shop([])
    assert stock.put_stock_back(one_pass(shop, kept)) is None
    assert shop.put == 0


@pytest.mark.parametrize("options", [{"restock": False}, {"cancel": False}])
def test_nothing_is_put_back_that_nobody_asked_for(
    one_pass: Pass, options: dict[str, bool]
) -> None:
    shop = Shop([])
    assert stock.put_stock_back(one_pass(shop, LEFT, **options)) is None
    assert shop.put == 0


def test_a_shop_that_does_not_tell_its_stock_is_left_alone(one_pass: Pass) -> None:
    silent = Shop([])
    silent.capabilities = replace(silent.capabilities, tells_stock=False)
    assert stock.put_stock_back(one_pass(silent, LEFT)) is None
    assert silent.put == 0


@pytest.mark.parametrize("state", [EffectState.SENT, EffectState.UNKNOWN, EffectState.REFUSED])
def test_before_the_cancel_is_certain_no_stock_is_moved(one_pass: Pass, state: EffectState) -> None:
    shop = Shop([])
    begun = one_pass(shop, LEFT, state)
    assert stock.put_stock_back(begun) is None
    assert (shop.put, stock.restocked(begun)) == (0, None)


def test_an_answer_that_does_not_show_the_stock_back_is_asked_about_before_it_is_believed(
    bench: Bench, one_pass: Pass, set_clock: SetClock
) -> None:
    shop = Shop([Confirmed(STILL_LEFT, SAID)], [Confirmed(BACK, SAID)])
    assert waits(stock.put_stock_back(one_pass(shop, LEFT))) == 90
    assert bench.stands("gid/1", EffectSlot.STOCK).state == EffectState.UNKNOWN
    set_clock.passed += 91
    assert stock.put_stock_back(one_pass(shop)) is None
    assert shop.put == 1


@pytest.mark.parametrize("seen", [STILL_LEFT, OPEN_AGAIN])
def test_what_is_seen_not_to_have_happened_is_done_again(
    one_pass: Pass, set_clock: SetClock, seen: CancelState
) -> None:
    """Also an order that is not cancelled: its stock only looks as if it were back."""
    shop = Shop([LOST, Confirmed(BACK, SAID)], [Confirmed(seen, SAID)])
    stock.put_stock_back(one_pass(shop, LEFT))
    set_clock.passed += 91
    assert stock.put_stock_back(one_pass(shop)) is None
    assert (shop.put, shop.states) == (2, [])


def test_a_shop_that_cannot_tell_leaves_it_to_a_person(one_pass: Pass, set_clock: SetClock) -> None:
    no: Outcome[CancelState] = Refused(quoted("no such order"), Refusal.NOT_FOUND, SAID)
    shop = Shop([LOST], [no])
    stock.put_stock_back(one_pass(shop, LEFT))
    set_clock.passed += 91
    why, _ = needs_person(stock.put_stock_back(one_pass(shop)))
    assert why is not None
    assert shop.put == 1


def test_a_shop_that_is_silent_when_asked_is_asked_again(
    one_pass: Pass, set_clock: SetClock
) -> None:
    shop = Shop([LOST], [LOST, Confirmed(BACK, SAID)])
    stock.put_stock_back(one_pass(shop, LEFT))
    set_clock.passed += 91
    assert stock.put_stock_back(one_pass(shop)) is None
    assert (shop.put, shop.states) == (1, [])


@pytest.mark.parametrize(
    ("kept", "back"),
    [({"stock_taken": False, "stock_left": False}, None), ({"stock_left": False}, True),
     ({"stock_left": True}, False), ({"stock_left": None}, None), ({}, None), (None, None)],
)  # fmt: skip
def test_whether_stock_is_back_is_what_the_shop_showed_and_nothing_where_none_was_taken(
    one_pass: Pass, kept: dict[str, Any] | None, back: bool | None
) -> None:
    assert stock.restocked(one_pass(Shop([]), kept)) is back
