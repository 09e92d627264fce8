"""The order is cancelled at its shop: proved first, sent once, believed when the shop shows it."""

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from cancelling_shop import (
    AT_ONCE,
    BEGINS,
    CANCELLED,
    CHANGED,
    GONE,
    STANDS,
    Shop,
    as_seen,
    as_told,
    parcel,
)
from effects_model import LOST, SAID, Bench, later, needs_person, waits
from one_pass import AtShop, pass_over
from set_clock import SetClock
from sqlalchemy import update

from core.orders.holds import HELD
from core.orders.judge.reasons import JudgeCode
from core.reasons import quoted
from core.reversal.codes import ReversalCode
from core.reversal.effects import ledger
from core.reversal.effects.ledger import Effect
from core.reversal.steps.cancel import cancel_order
from core.services.outcome import Confirmed, NotSent, Outcome, Refusal, Refused, Unknown
from core.services.ports import (
    CancelRequest,
    CancelState,
    Hold,
    ShopCapabilities,
)
from core.store import db
from core.store.states import EffectOutcome, EffectSlot, EffectState
from core.store.tables import orders, parcels

BLOCKING = Refused(quoted("fulfillments"), Refusal.OUTSTANDING_FULFILLMENTS, SAID)

Pass = Callable[..., AtShop]


@pytest.fixture
def one_pass(bench: Bench) -> Pass:
    """Begins a pass at this shop over a shipped, unpaid order with one parcel."""
    with db.writing(bench.engine) as connection:
        connection.execute(
            update(orders).values(
                updated_at=CHANGED, fulfillment_status="FULFILLED", financial_status="PENDING"
            )
        )
        connection.execute(
            parcels.insert().values(
                order_id=bench.subject.order_id, shop_id=bench.shop_id, tracking="1ONB1",
                tracking_key="1ONB1", courier="sameday", fulfillment_gid="f/1", payment="cod",
            )
        )  # fmt: skip
    return lambda shop, **options: pass_over(bench, shop, **options)


def stands(bench: Bench) -> Effect:
    return bench.stands("gid/1", EffectSlot.CANCEL)


def nothing_was_sent(bench: Bench) -> bool:
    with db.reading(bench.engine) as connection:
        found = ledger.find(connection, bench.shop_id, EffectSlot.CANCEL, "gid/1")
    return found is None or not found.attempt


# ---------------------------------------------------------------- sent


def test_an_order_is_cancelled_once_and_its_parcels_are_that_day_s(
    bench: Bench, one_pass: Pass
) -> None:
    shop = Shop([as_seen(GONE)], [as_seen(STANDS)])
    assert cancel_order(one_pass(shop)) is None
    assert cancel_order(one_pass(shop)) is None  # nothing is asked or sent a second time
    assert (len(shop.requests), shop.states) == (1, [])
    with db.reading(bench.engine) as connection:
        order = connection.execute(orders.select()).one()
        box = connection.execute(parcels.select()).one()
    assert (order.cancelled_at, order.updated_at) == (CANCELLED, GONE.updated_at)
    assert order.financial_status == "VOIDED"
    assert box.cancelled_on == dt.date(2026, 11, 21)
    assert stands(bench).outcome == EffectOutcome.CONFIRMED


@pytest.mark.parametrize(
    ("able", "notify", "refund", "note"),
    [(AT_ONCE, True, True, "n" * 255),
     (replace(AT_ONCE, can_notify=False, can_refund=False, note_length=10), False, False, "n" * 10),
     (replace(AT_ONCE, note_length=0), True, True, "")],
)  # fmt: skip
def test_the_shop_is_asked_for_what_was_chosen_as_far_as_it_can(
    bench: Bench, one_pass: Pass, able: ShopCapabilities, notify: bool, refund: bool, note: str
) -> None:
    shop = Shop([as_seen(GONE)], [as_seen(STANDS)], capabilities=able)
    chosen = {"reason": "FRAUD", "restock": True, "notify": True, "refund": True}
    assert cancel_order(one_pass(shop, **chosen, staff_note="n" * 300)) is None
    assert shop.requests == [
        CancelRequest(
            gid="gid/1", reason="FRAUD", restock=True, notify=notify, refund=refund,
            staff_note=note, mark=f"{stands(bench).key}-1",
        )
    ]  # fmt: skip


def test_a_shop_that_only_begins_is_asked_by_its_job_until_it_shows_the_order_cancelled(
    bench: Bench, one_pass: Pass
) -> None:
    working = CancelState(None, running=True)
    shop = Shop(
        [Confirmed("job/7", SAID)],
        [as_seen(STANDS), as_seen(working), as_seen(GONE)],
        capabilities=BEGINS,
    )
    assert cancel_order(one_pass(shop)) is None
    assert shop.jobs == ["", "job/7", "job/7"]
    kept = stands(bench).result or {}
    assert (kept["job"], kept["cancelled_at"]) == ("job/7", CANCELLED.isoformat())


@pytest.mark.parametrize("code", [Refusal.ALREADY_CANCELLED, Refusal.IN_PROGRESS])
def test_a_shop_that_says_it_is_done_is_not_believed_before_it_shows_it(
    bench: Bench, one_pass: Pass, code: Refusal
) -> None:
    no = Refused(quoted("already"), code, SAID)
    shop = Shop([no], [as_seen(STANDS)] * 60, capabilities=BEGINS)
    assert waits(cancel_order(one_pass(shop))) > 0
    assert stands(bench).state == EffectState.UNKNOWN
    with db.reading(bench.engine) as connection:
        assert connection.execute(orders.select()).one().cancelled_at is None


def test_a_yes_without_a_word_about_the_order_is_a_doubt(bench: Bench, one_pass: Pass) -> None:
    shop = Shop([Confirmed(None, SAID)], [as_seen(STANDS)])
    assert waits(cancel_order(one_pass(shop))) == 90
    assert stands(bench).state == EffectState.UNKNOWN


@pytest.mark.parametrize(
    ("before", "after", "taken", "left", "ours"),
    [(True, False, True, False, True), (True, True, True, True, True),
     (False, False, False, False, True)],
)  # fmt: skip
def test_what_became_of_the_stock_is_kept_with_the_cancel(
    bench: Bench, one_pass: Pass, before: bool, after: bool, taken: bool, left: bool, ours: bool
) -> None:
    shop = Shop([], [as_seen(replace(STANDS, stock_left=before))])

    def cancel(request: CancelRequest) -> Outcome[CancelState]:
        return as_seen(replace(GONE, stock_left=after, mark=request.mark))

    shop.cancel = cancel  # type: ignore[method-assign]
    assert cancel_order(one_pass(shop)) is None
    kept = stands(bench).result or {}
    assert (kept["stock_taken"], kept["stock_left"], kept["ours"]) == (taken, left, ours)


def test_a_cancel_that_bears_another_s_mark_is_not_ours(bench: Bench, one_pass: Pass) -> None:
    by_hand = replace(GONE, stock_left=True, mark="")
    shop = Shop([], [as_seen(replace(GONE, updated_at=CHANGED)), as_seen(by_hand)])
    assert cancel_order(one_pass(shop)) is None
    assert (stands(bench).outcome, shop.requests) == (EffectOutcome.DONE_BEFORE, [])
    assert (stands(bench).result or {})["ours"] is False


# ---------------------------------------------------------------- the proof before


def test_an_order_cancelled_by_hand_that_is_open_again_is_a_person_s(
    bench: Bench, one_pass: Pass
) -> None:
    why, _ = needs_person(cancel_order(one_pass(Shop([], [as_seen(STANDS)]), cancel=False)))
    assert why is not None
    assert why.code == ReversalCode.NOT_CANCELLED_ANY_MORE
    assert nothing_was_sent(bench)


@pytest.mark.parametrize("hold", sorted(HELD))
def test_an_order_that_its_shop_holds_is_not_cancelled(
    bench: Bench, one_pass: Pass, hold: Hold
) -> None:
    why, code = needs_person(
        cancel_order(one_pass(Shop([], [as_seen(replace(STANDS, hold=hold))])))
    )
    assert why is not None
    assert (why.code, code) == (HELD[hold], hold)
    assert nothing_was_sent(bench)


@pytest.mark.parametrize(
    ("changes", "code"),
    [({"financial_status": "PAID"}, JudgeCode.PAID_AND_SHIPPED),
     ({"has_returns": True}, JudgeCode.RETURN_IN_PROGRESS),
     ({"hold": "draft"}, "draft")],
)  # fmt: skip
def test_an_order_that_changed_since_is_read_whole_and_judged_as_it_is_now(
    bench: Bench, one_pass: Pass, changes: dict[str, Any], code: str
) -> None:
    moved = replace(STANDS, updated_at=CHANGED + dt.timedelta(hours=2))
    shop = Shop([], [as_seen(moved)], [as_told(**changes)])
    assert needs_person(cancel_order(one_pass(shop)))[1] == code
    assert nothing_was_sent(bench)


def test_an_order_cancelled_between_two_readings_is_not_sent(bench: Bench, one_pass: Pass) -> None:
    moved = replace(STANDS, updated_at=CHANGED + dt.timedelta(hours=2))
    shop = Shop([], [as_seen(moved), as_seen(GONE)], [as_told(cancelled_at=CANCELLED)])
    assert cancel_order(one_pass(shop)) is None
    assert stands(bench).outcome == EffectOutcome.DONE_BEFORE
    assert shop.requests == []


@pytest.mark.parametrize("wait", [2, 40], ids=["not sent", "refused for now"])
def test_before_a_repeat_the_judge_is_asked_again(
    bench: Bench, one_pass: Pass, set_clock: SetClock, wait: int
) -> None:
    """Rule 12: by the time a service lets us in again the order may have been paid."""
    shop = Shop([NotSent(quoted("no network")) if wait == 2 else later(wait)], [as_seen(STANDS)])
    assert waits(cancel_order(one_pass(shop))) == wait
    set_clock.passed += wait + 1
    moved = replace(STANDS, updated_at=CHANGED + dt.timedelta(hours=2))
    shop.states, shop.orders = [as_seen(moved)], [as_told(financial_status="PAID")]
    assert needs_person(cancel_order(one_pass(shop)))[1] == JudgeCode.PAID_AND_SHIPPED
    assert len(shop.requests) == 1
    shop.states, shop.answers = [as_seen(moved)], [as_seen(GONE)]
    with db.writing(bench.engine) as connection:
        connection.execute(update(orders).values(financial_status="PENDING"))
    assert cancel_order(one_pass(shop)) is None
    assert len(shop.requests) == 2


def test_what_a_person_lets_be_tried_again_is_judged_as_it_is_by_then(
    bench: Bench, one_pass: Pass
) -> None:
    no = Refused(quoted("not now"), Refusal.INVALID, SAID)
    shop = Shop([no], [as_seen(STANDS)])
    needs_person(cancel_order(one_pass(shop)))
    again = ledger.Change(EffectState.PLANNED, EffectOutcome.TRIED_AGAIN)
    with db.writing(bench.engine) as connection:
        ledger.settle(connection, stands(bench), bench.subject, again)
        connection.execute(update(orders).values(has_returns=True))
    shop.states = [as_seen(STANDS)]
    assert needs_person(cancel_order(one_pass(shop)))[1] == JudgeCode.RETURN_IN_PROGRESS
    assert len(shop.requests) == 1


@pytest.mark.parametrize("whole", [False, True])
def test_an_order_that_cannot_be_read_is_not_cancelled(
    bench: Bench, one_pass: Pass, whole: bool
) -> None:
    moved = [as_seen(replace(STANDS, updated_at=CHANGED + dt.timedelta(hours=2)))] if whole else []
    gone: Outcome[Any] = Refused(quoted("no such order"), Refusal.NOT_FOUND, SAID)
    silent: Outcome[Any] = Unknown(quoted("no answer"), SAID)
    for answer in (gone, silent):
        shop = Shop([], [*moved] if whole else [answer], [answer] if whole else [])
        halt = cancel_order(one_pass(shop))
        if answer is gone:
            why, code = needs_person(halt)
            assert (why and why.code, code) == (ReversalCode.ORDER_UNREADABLE, Refusal.NOT_FOUND)
        else:
            assert waits(halt) == 3
    assert nothing_was_sent(bench)


# ---------------------------------------------------------------- asked about, in doubt


def in_doubt(one_pass: Pass, shop: Shop, clock: SetClock) -> None:
    """A cancel whose answer was lost, long enough ago to ask."""
    shop.answers.insert(0, LOST)
    shop.states.insert(0, as_seen(STANDS))
    assert waits(cancel_order(one_pass(shop))) == 90
    clock.passed += 91


def test_a_cancel_that_is_seen_not_to_have_happened_is_sent_again(
    bench: Bench, one_pass: Pass, set_clock: SetClock
) -> None:
    shop = Shop([as_seen(GONE)], [as_seen(STANDS), as_seen(STANDS)])
    in_doubt(one_pass, shop, set_clock)
    assert cancel_order(one_pass(shop)) is None
    assert [one.mark[-2:] for one in shop.requests] == ["-1", "-2"]
    assert stands(bench).attempt == 2


def test_an_order_that_was_set_back_after_our_cancel_is_not_cancelled_a_second_time(
    bench: Bench, one_pass: Pass, set_clock: SetClock
) -> None:
    shop = Shop()
    in_doubt(one_pass, shop, set_clock)
    back = replace(STANDS, mark=shop.requests[0].mark)
    shop.states = [as_seen(STANDS), as_seen(back)]
    why, code = needs_person(cancel_order(one_pass(shop)))
    assert why is not None
    assert (code, len(shop.requests)) == (EffectOutcome.FAILED, 1)


def test_a_cancel_that_the_shop_tried_and_could_not_do_is_a_person_s(
    bench: Bench, one_pass: Pass, set_clock: SetClock
) -> None:
    shop = Shop()
    in_doubt(one_pass, shop, set_clock)
    shop.states = [as_seen(STANDS), as_seen(replace(STANDS, failed=quoted("refund failed")))]
    assert needs_person(cancel_order(one_pass(shop)))[0] == quoted("refund failed")
    assert len(shop.requests) == 1


def test_a_question_that_is_refused_leaves_the_cancel_to_a_person(
    bench: Bench, one_pass: Pass, set_clock: SetClock
) -> None:
    shop = Shop()
    in_doubt(one_pass, shop, set_clock)
    shop.states = [as_seen(STANDS), Refused(quoted("no"), Refusal.NO_PERMISSION, SAID)]
    needs_person(cancel_order(one_pass(shop)))
    assert (stands(bench).state, len(shop.requests)) == (EffectState.HELD, 1)


@pytest.mark.parametrize("silence", ["lost", "not sent", "refused for now"])
def test_a_shop_that_is_silent_when_asked_is_asked_again_and_nothing_is_sent(
    bench: Bench, one_pass: Pass, set_clock: SetClock, silence: str
) -> None:
    shop = Shop()
    in_doubt(one_pass, shop, set_clock)
    if silence == "refused for now":
        shop.states = [as_seen(STANDS), later(7)]
        assert waits(cancel_order(one_pass(shop))) == 7
        set_clock.passed += 8
        shop.states = [as_seen(STANDS), as_seen(GONE)]
    else:
        none = LOST if silence == "lost" else NotSent(quoted("no network"))
        shop.states = [as_seen(STANDS), none, as_seen(GONE)]
    assert cancel_order(one_pass(shop)) is None
    assert len(shop.requests) == 1


def test_a_cancel_that_the_shop_accepted_is_given_its_time_before_it_is_sent_again(
    bench: Bench, one_pass: Pass, set_clock: SetClock
) -> None:
    """An order read as open seconds after the job was accepted is no proof that it failed."""
    shop = Shop([Confirmed("job/1", SAID)], [as_seen(STANDS)] * 60, capabilities=BEGINS)
    began = set_clock.passed
    while set_clock.passed - began < 85:
        set_clock.passed += waits(cancel_order(one_pass(shop))) + 0.5
    assert len(shop.requests) == 1
    set_clock.passed += 40
    shop.answers = [as_seen(GONE)]
    shop.states = [as_seen(STANDS), as_seen(STANDS), as_seen(GONE)]
    assert cancel_order(one_pass(shop)) is None
    assert len(shop.requests) == 2


# ---------------------------------------------------------------- outstanding fulfillments

SENT = (parcel("f/2", "SUCCESS"), parcel("f/1", "SUCCESS"), parcel("f/3", "CANCELLED"))


def test_fulfillments_are_cancelled_only_where_the_merchant_allows_it(
    bench: Bench, one_pass: Pass
) -> None:
    shop = Shop([BLOCKING], [as_seen(STANDS)])
    assert needs_person(cancel_order(one_pass(shop)))[1] == Refusal.OUTSTANDING_FULFILLMENTS
    assert shop.fulfillments == []


def test_what_stands_in_the_way_is_cancelled_once_each_and_then_the_order(
    bench: Bench, one_pass: Pass
) -> None:
    shop = Shop([BLOCKING, as_seen(GONE)], [as_seen(STANDS)], [as_told(parcels=SENT)])
    assert cancel_order(one_pass(shop, cancel_fulfillments=True)) is None
    assert shop.fulfillments == ["f/1", "f/2"]  # not the one that is cancelled already
    assert len(shop.requests) == 2


def test_an_order_whose_fulfillment_stays_is_not_cancelled(bench: Bench, one_pass: Pass) -> None:
    shop = Shop([BLOCKING], [as_seen(STANDS)], [as_told(parcels=SENT)], stays={"f/1"})
    assert needs_person(cancel_order(one_pass(shop, cancel_fulfillments=True)))[1] == (
        Refusal.INVALID
    )
    assert (shop.fulfillments, len(shop.requests)) == (["f/1"], 1)


def test_fulfillments_of_an_order_that_cannot_be_read_are_left_alone(
    bench: Bench, one_pass: Pass
) -> None:
    shop = Shop([BLOCKING], [as_seen(STANDS)], [Unknown(quoted("no answer"), SAID)])
    assert waits(cancel_order(one_pass(shop, cancel_fulfillments=True))) == 3
    assert (shop.fulfillments, len(shop.requests)) == ([], 1)
