"""What of a run needs a second person: its size, its sum, money paid back, a judge gone against."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from effects_model import make_reversal
from sqlalchemy import Engine, delete, insert, update

from core import rights
from core.audit.approvals import ApprovalKind, WaitsForAnother
from core.clock import now
from core.reversal.runs.second import TOGETHER, by_two
from core.rights import ROLES, Actor, Way
from core.settings import preferences
from core.store import db
from core.store.tables import orders, people, reversals
from core.store.tables import preferences as kept

ANA = Actor("Ana", ROLES["owner"], person_id=1, way=Way.BROWSER)


@pytest.fixture
def ids(engine: Engine) -> Iterator[list[int]]:
    """Five orders of 100.00 that nobody has begun lately; the rule asks beyond two and 250.00."""
    made = [make_reversal(engine, number)[0].order_id for number in range(1, 6)]
    with db.writing(engine) as connection:
        for login in ("ana", "radu"):
            row = {"login": login, "name": login, "role": "owner", "password_hash": "x"}
            connection.execute(insert(people).values(**row, created_at=now()))
        preferences.save(connection, two_people=True, two_people_orders=2, two_people_minor=25_000)
        connection.execute(update(orders).values(total_minor=10_000))
        connection.execute(update(reversals).values(created_at=now() - 2 * TOGETHER))
    with rights.acting(ANA):
        yield made


def ask(engine: Engine, ids: list[int], **options: Any) -> bool:
    wanted = [{"order_id": one, "options": options, "proof": []} for one in ids]
    with db.writing(engine) as connection:
        return by_two(connection, None, wanted)


def waits(engine: Engine, ids: list[int], **options: Any) -> WaitsForAnother:
    with pytest.raises(WaitsForAnother) as raised:
        ask(engine, ids, **options)
    return raised.value


def test_a_run_at_its_bounds_needs_nobody_and_one_order_more_does(
    engine: Engine, ids: list[int]
) -> None:
    assert not ask(engine, ids[:2])
    asked = waits(engine, ids[:3])
    assert (asked.kind, asked.detail["orders"]) == (ApprovalKind.RUN, 3)
    assert asked.detail["sums"] == {"RON": 30_000}


@pytest.mark.parametrize(("minor", "needed"), [(25_000, False), (25_001, True)])
def test_a_sum_above_the_bound_needs_a_yes(
    engine: Engine, ids: list[int], minor: int, needed: bool
) -> None:
    with db.writing(engine) as connection:
        one, other = (update(orders).where(orders.c.id == ids[place]) for place in (0, 1))
        connection.execute(one.values(total_minor=minor - 4_000))
        connection.execute(other.values(total_minor=4_000))
    if needed:
        assert waits(engine, ids[:2]).detail["sums"] == {"RON": minor}
    else:
        assert not ask(engine, ids[:2])


def test_a_sum_in_a_currency_without_a_bound_needs_a_yes(engine: Engine, ids: list[int]) -> None:
    with db.writing(engine) as connection:
        mine = update(orders).where(orders.c.id == ids[1])
        connection.execute(mine.values(total_minor=1, currency="EUR"))
    asked = waits(engine, ids[:2])
    assert asked.detail["no_limit"] == ["EUR"]
    assert asked.detail["sums"]["EUR"] == 1


def test_a_refund_needs_a_yes_however_small(engine: Engine, ids: list[int]) -> None:
    assert waits(engine, ids[:1], refund=True).kind == ApprovalKind.REFUND
    assert not ask(engine, ids[:1], refund=False)


def test_going_against_the_judge_comes_before_a_refund(engine: Engine, ids: list[int]) -> None:
    asked = waits(engine, ids[:2], refund=True, waived=["judge_delivered"])
    assert (asked.kind, asked.detail["against"]) == (ApprovalKind.ALL_THE_SAME, 2)


def test_what_the_same_person_began_within_a_day_counts_with_it(
    engine: Engine, ids: list[int]
) -> None:
    def begun(order: int, hours: float, **values: Any) -> None:
        moment = now() - dt.timedelta(hours=hours)
        with db.writing(engine) as connection:
            connection.execute(
                update(reversals).where(reversals.c.order_id == order)
                .values(created_at=moment, requested_by="Ana", **values)
            )  # fmt: skip

    begun(ids[3], 25)
    begun(ids[4], 23, approved=True)  # a second person said yes to it
    assert not ask(engine, ids[:2])
    begun(ids[2], 23)
    asked = waits(engine, ids[:2])
    assert (asked.detail["orders"], asked.detail["together"]) == (2, 3)
    assert asked.detail["sums_together"] == {"RON": 30_000}
    begun(ids[2], 23, approved=True)
    assert not ask(engine, ids[:2])


def test_the_order_in_which_they_are_named_asks_for_the_same_yes(
    engine: Engine, ids: list[int]
) -> None:
    assert waits(engine, ids[:3]).digest == waits(engine, ids[2::-1]).digest
    assert waits(engine, ids[:3]).digest != waits(engine, ids[1:4]).digest


def test_nobody_is_asked_while_the_rule_is_off(engine: Engine, ids: list[int]) -> None:
    with db.writing(engine) as connection:
        connection.execute(delete(kept).where(kept.c.key == "two_people"))
    assert not ask(engine, ids, refund=True, waived=["x"])
