"""A large run waits for a second person, and runs just what that person said yes to."""

from collections.abc import Callable

import pytest
from reversal_support import Desk, order, paper, scan_each
from set_clock import SetClock
from sqlalchemy import Engine, func, insert, select, update

from core import rights
from core.audit import approvals
from core.audit.approvals import ApprovalKind, WaitsForAnother
from core.clock import now
from core.errors import UserError
from core.orders.piles import edits
from core.reversal.effects import ledger
from core.reversal.effects.ledger import AuditSubject
from core.reversal.runs import follow_up, runs
from core.reversal.runs.second import by_two
from core.rights import ROLES, Actor, Way
from core.settings import preferences
from core.store import db
from core.store.states import EffectKind, EffectState, ReversalState
from core.store.tables import effects, orders, people, reversals

ANA = Actor("Ana", ROLES["owner"], person_id=1, way=Way.BROWSER)
RADU = Actor("Radu", ROLES["owner"], person_id=2, way=Way.BROWSER)


def pile_of(desk: Desk, count: int, **rule: int | str) -> int:
    numbers = range(1, count + 1)
    desk.load_papers([order(n) for n in numbers], [paper(n) for n in numbers])
    pile = scan_each(*numbers)
    with db.writing() as connection:
        for name in ("ana", "radu"):
            connection.execute(insert(people).values(
                login=name, name=name, role="owner", password_hash="x", created_at=now()
            ))  # fmt: skip
        preferences.save(connection, two_people=True, **{"two_people_orders": 2, **rule})
    return pile


def begun() -> int:
    with db.reading() as connection:
        return connection.scalar(select(func.count()).select_from(reversals)) or 0


def ask(pile: int) -> int:
    with rights.acting(ANA), pytest.raises(WaitsForAnother) as waits:
        runs.start_run(pile)
    with rights.acting(ANA):
        return approvals.ask(waits.value)


def test_a_large_run_begins_with_another_persons_yes_and_not_before(desk: Desk) -> None:
    pile = pile_of(desk, 3)
    asked = ask(pile)
    assert begun() == 0
    with rights.acting(RADU):
        [waiting] = approvals.waiting()
        assert waiting.detail["sums"] == {"RON": 3 * 12345}
        approvals.answer(asked, yes=True)
    with rights.acting(ANA):
        assert runs.start_run(pile).total == 3


def test_a_pile_that_changed_after_the_yes_is_asked_about_anew(desk: Desk) -> None:
    pile = pile_of(desk, 4)
    asked = ask(pile)
    with rights.acting(RADU):
        approvals.answer(asked, yes=True)
    with db.reading() as connection:
        first = connection.scalar(select(func.min(orders.c.id))) or 0
    edits.set_options(pile, [first], restock=True)
    assert ask(pile) != asked
    edits.remove_order(pile, first)
    assert ask(pile) != asked
    assert begun() == 0


def test_a_small_run_asks_nobody(desk: Desk) -> None:
    pile = pile_of(desk, 2)
    with rights.acting(ANA):
        assert runs.start_run(pile).total == 2


def ids() -> list[int]:
    with db.reading() as connection:
        return list(connection.scalars(select(orders.c.id).order_by(orders.c.name)))


def test_a_pile_run_in_parts_is_one_run_and_the_second_person_is_told_of_what(desk: Desk) -> None:
    pile = pile_of(desk, 4)
    first, second, third, fourth = ids()
    with rights.acting(ANA):
        runs.start_run(pile, [first])
        runs.start_run(pile, [second])
        with pytest.raises(WaitsForAnother) as waits:
            runs.start_run(pile, [third])
        assert (waits.value.detail["orders"], waits.value.detail["together"]) == (1, 3)
        assert waits.value.detail["sums_together"] == {"RON": 3 * 12345}
    kim = Actor("Kim", ROLES["owner"], person_id=3, way=Way.BROWSER)
    with rights.acting(kim), pytest.raises(WaitsForAnother):  # the pile's, whoever goes on
        runs.start_run(pile, [fourth])
    assert begun() == 2


def test_one_tap_after_another_by_one_person_is_one_run(desk: Desk) -> None:
    pile = pile_of(desk, 3)
    first, second, third = ids()
    with rights.acting(ANA):
        runs.reverse_order(first, restock=False, pile_id=pile)
        runs.reverse_order(second, restock=False)
        with pytest.raises(WaitsForAnother):
            runs.reverse_order(third, restock=False)
    with rights.acting(RADU):
        runs.reverse_order(third, restock=False)
    assert begun() == 3


def test_small_parts_of_a_large_sum_are_one_run(desk: Desk) -> None:
    pile = pile_of(desk, 2, two_people_orders=100, two_people_minor=2 * 12345 - 1)
    first, second = ids()
    with rights.acting(ANA):
        runs.start_run(pile, [first])
        with pytest.raises(WaitsForAnother):
            runs.start_run(pile, [second])


@pytest.mark.parametrize(
    ("limit", "currencies", "waits"),
    [
        ("RON", ("RON", "LEI"), False),  # one currency under two names
        ("EUR", ("EUR", "EUR"), False),
        ("RON", ("EUR", "RON"), True),  # one order in euro is enough
        ("EUR", ("RON", "RON"), True),
        ("HUF", ("BGN", "HUF"), True),
    ],
)
def test_a_run_in_another_currency_than_the_limit_s_waits_however_small(
    desk: Desk, limit: str, currencies: tuple[str, str], waits: bool
) -> None:
    pile = pile_of(desk, 2, two_people_minor=10**9, two_people_currency=limit)
    with db.writing() as connection:
        for order_id, currency in zip(ids(), currencies, strict=True):
            mine = update(orders).where(orders.c.id == order_id)
            connection.execute(mine.values(currency=currency, total_minor=100))
    wanted = [{"order_id": one, "options": {}, "proof": []} for one in ids()]
    with rights.acting(ANA), db.writing() as connection:
        if not waits:
            assert not by_two(connection, pile, wanted)
            return
        with pytest.raises(WaitsForAnother) as asked:
            by_two(connection, pile, wanted)
    assert asked.value.detail["no_limit"] == sorted({*currencies} - {limit})


def test_two_names_of_the_limit_s_currency_are_one_sum(desk: Desk) -> None:
    pile = pile_of(desk, 2, two_people_minor=2 * 12345 - 1)
    with db.writing() as connection:
        connection.execute(update(orders).where(orders.c.id == ids()[0]).values(currency="LEI"))
    wanted = [{"order_id": one, "options": {}, "proof": []} for one in ids()]
    with rights.acting(ANA), db.writing() as connection, pytest.raises(WaitsForAnother) as asked:
        by_two(connection, pile, wanted)
    assert "no_limit" not in asked.value.detail


@pytest.mark.parametrize("currency", ["ron", "EURO", "", "€", "R0N"])
def test_the_limit_s_currency_is_three_letters(engine: Engine, currency: str) -> None:
    with db.writing(engine) as connection, pytest.raises(UserError):
        preferences.save(connection, two_people_currency=currency)


def test_what_had_its_yes_or_was_begun_a_day_ago_counts_no_more(
    desk: Desk, set_clock: SetClock
) -> None:
    pile = pile_of(desk, 5)
    first, second, third, fourth, fifth = ids()
    with rights.acting(ANA), pytest.raises(WaitsForAnother) as waits:
        runs.start_run(pile, [first, second, third])
    with rights.acting(ANA):
        asked = approvals.ask(waits.value)
    with rights.acting(RADU):
        approvals.answer(asked, yes=True)
    with rights.acting(ANA):
        runs.start_run(pile, [first, second, third])
        runs.start_run(pile, [fourth, fifth])
    with db.writing() as connection:
        connection.execute(update(reversals).values(approved=False))
        connection.execute(update(reversals).where(reversals.c.order_id == fifth).values(
            state=ReversalState.STOPPED, run_id=None))  # fmt: skip
    with rights.acting(ANA), pytest.raises(WaitsForAnother):
        runs.start_run(pile, [fifth])
    set_clock.passed += 24 * 3600 + 60
    with rights.acting(ANA):
        assert runs.start_run(pile, [fifth]).total == 1


def agreed(act: Callable[[], object], kind: ApprovalKind) -> None:
    """Ana does it, once Radu said yes to just that."""
    with rights.acting(ANA):
        with pytest.raises(WaitsForAnother) as waits:
            act()
        assert waits.value.kind == kind
        assert ("against" in waits.value.detail) == (kind == ApprovalKind.ALL_THE_SAME)
        asked = approvals.ask(waits.value)
    with rights.acting(RADU):
        approvals.answer(asked, yes=True)
    with rights.acting(ANA):
        act()


def test_money_paid_back_waits_in_a_run_of_one(desk: Desk) -> None:
    pile = pile_of(desk, 2)
    one, other = ids()
    edits.set_options(pile, [one], refund=True)
    agreed(lambda: runs.start_run(pile, [one]), ApprovalKind.REFUND)
    with rights.acting(ANA):
        runs.start_run(pile, [other])
    assert begun() == 2


def test_going_against_the_judge_waits_wherever_its_reason_was_given(desk: Desk) -> None:
    """On the card at once, or in the review of a pile that runs later."""
    pile = pile_of(desk, 2)
    card, reviewed = ids()
    with db.writing() as connection:
        connection.execute(update(orders).values(financial_status="PARTIALLY_REFUNDED"))
    agreed(
        lambda: runs.reverse_order(card, restock=False, pile_id=pile, all_the_same="half paid"),
        ApprovalKind.ALL_THE_SAME,
    )
    assert edits.all_the_same(pile, reviewed, "half paid as well")
    agreed(lambda: runs.start_run(pile, [reviewed]), ApprovalKind.ALL_THE_SAME)
    assert begun() == 2


def test_going_against_the_judge_in_follow_up_waits(desk: Desk) -> None:
    pile = pile_of(desk, 1)
    with rights.acting(ANA):
        runs.start_run(pile)
    with db.writing() as connection:
        connection.execute(update(orders).values(financial_status="PARTIALLY_REFUNDED"))
        connection.execute(update(reversals).values(state=ReversalState.NEEDS_PERSON))
        reversal = connection.scalars(select(reversals.c.id)).one()
    with rights.acting(ANA):
        follow_up.retry_reversal(reversal)  # asks the judge again, and goes against nobody
    with db.writing() as connection:
        connection.execute(update(reversals).values(state=ReversalState.NEEDS_PERSON))
    agreed(
        lambda: follow_up.retry_reversal(reversal, all_the_same="half paid"),
        ApprovalKind.ALL_THE_SAME,
    )


def test_the_word_that_it_does_not_exist_is_two_persons(desk: Desk) -> None:
    """What is sent again could be there twice; asking the service once more is anybody's."""
    pile = pile_of(desk, 1)
    with rights.acting(ANA):
        runs.start_run(pile)
    with db.writing() as connection:
        row = connection.execute(select(reversals)).one()
        subject = AuditSubject(row.id, row.order_id, "#100001", "Ana")
        shop = connection.scalars(select(orders.c.shop_id)).one()
        cancel = ledger.new(subject, shop, EffectKind.CANCEL, "one")
        assert ledger.claim(connection, cancel, subject) is not None
        connection.execute(update(effects).values(state=EffectState.HELD))
        effect = connection.scalars(select(effects.c.id)).one()
    with rights.acting(ANA):
        follow_up.ask_again(effect)
    with db.writing() as connection:
        connection.execute(update(effects).values(state=EffectState.HELD))
    agreed(lambda: follow_up.answer_absent(effect), ApprovalKind.SEND_AGAIN)
    with db.reading() as connection:
        assert connection.scalar(select(effects.c.state)) == EffectState.PLANNED
