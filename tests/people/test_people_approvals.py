"""What two people must want is done once, by exactly what the second said yes to."""

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from people_two import asked, do, two, who
from set_clock import SetClock
from sqlalchemy import insert, select, update

from core import rights
from core.audit import approvals, trail
from core.audit.actions import Action
from core.audit.approvals import ApprovalError, ApprovalKind, WaitsForAnother
from core.clock import now
from core.rights import ROLES, NotAllowed, Way
from core.store import db
from core.store.tables import approvals as table
from core.store.tables import people, roles

__all__ = ["two"]  # the fixture of every test here


def test_a_question_goes_ninety_days_after_its_end_and_the_record_still_tells_it(
    set_clock: SetClock,
) -> None:
    old, newest = asked([1]), asked([2])
    with rights.acting(who(2)):
        approvals.answer(old, yes=True)
    with rights.acting(who(1)):
        do([1])
    set_clock.passed += (approvals.LIFE + approvals.KEPT).total_seconds() - 3600
    with db.writing() as connection:
        assert approvals.forget(connection) == 0
    set_clock.passed += 7200
    with db.writing() as connection:
        assert approvals.forget(connection) == 1
        assert connection.scalars(select(table.c.id)).all() == [newest]
        entries = [one for one in trail.search(connection) if one.detail.get("approval") == old]
    assert {one.action for one in entries} == {
        Action.APPROVAL_ASKED, Action.APPROVAL_GIVEN, Action.APPROVAL_USED,
    }  # fmt: skip


def test_it_waits_and_is_done_once_after_another_persons_yes() -> None:
    one = asked("these")
    with rights.acting(who(2)):
        assert [found.id for found in approvals.waiting()] == [one]
        approvals.answer(one, yes=True)
    with rights.acting(who(1)):
        do("these")
        with pytest.raises(WaitsForAnother):
            do("these")


def test_what_was_not_said_yes_to_is_not_done() -> None:
    one = asked({"orders": [1, 2]})
    with rights.acting(who(2)):
        approvals.answer(one, yes=True)
    with rights.acting(who(1)):
        for other in ({"orders": [1, 2, 3]}, {"orders": [2, 1]}, {"orders": [1]}, "other"):
            with pytest.raises(WaitsForAnother):
                do(other)
        with pytest.raises(WaitsForAnother):
            do({"orders": [1, 2]}, ApprovalKind.REFUND)
        do({"orders": [1, 2]})


def test_who_asked_cannot_say_yes_and_may_take_the_question_back() -> None:
    one = asked("these")
    with rights.acting(who(1)):
        with pytest.raises(ApprovalError, match="Another person"):
            approvals.answer(one, yes=True)
        approvals.answer(one, yes=False)
        assert approvals.waiting() == []


@pytest.mark.parametrize("way", [Way.API])
def test_a_program_says_no_yes(way: Way) -> None:
    one = asked("these")
    with rights.acting(who(2, way=way)), pytest.raises(ApprovalError):
        approvals.answer(one, yes=True)


@pytest.mark.parametrize("kind", list(ApprovalKind))
@pytest.mark.parametrize("role", sorted(ROLES))
def test_only_who_could_do_it_says_yes(kind: ApprovalKind, role: str) -> None:
    one = asked("these", kind)
    able = approvals.RIGHT_OF[kind] in ROLES[role]
    with rights.acting(who(2, role)):
        assert bool(approvals.waiting()) is able
        if able:
            approvals.answer(one, yes=True)
        else:
            with pytest.raises(NotAllowed):
                approvals.answer(one, yes=True)


def test_a_yes_is_too_old_after_a_day() -> None:
    one = asked("these")
    with rights.acting(who(2)):
        approvals.answer(one, yes=True)
    with db.writing() as connection:
        connection.execute(update(table).values(until=now()))
    again = asked("these")
    assert again != one


def ends(person: int) -> None:
    with db.writing() as connection:
        them = people.c.id == person
        connection.execute(update(people).where(them).values(disabled_at=now()))


def loses_the_right(person: int) -> None:
    with db.writing() as connection:
        connection.execute(update(people).where(people.c.id == person).values(role="scanner"))


@pytest.mark.parametrize("happens", [ends, loses_the_right])
def test_a_yes_ends_with_the_account_or_the_right_of_who_gave_it_and_can_be_given_anew(
    happens: Callable[[int], None],
) -> None:
    one = asked("these")
    with rights.acting(who(2)):
        approvals.answer(one, yes=True)
    happens(2)
    with rights.acting(who(1)), pytest.raises(WaitsForAnother):
        do("these")
    with rights.acting(who(3)):
        assert [found.id for found in approvals.waiting()] == [one]
        approvals.answer(one, yes=True)
    with rights.acting(who(1)):
        do("these")


def test_who_said_yes_to_somebody_who_has_gone_does_not_do_it_alone() -> None:
    one = asked("these")
    with rights.acting(who(2)):
        approvals.answer(one, yes=True)
    ends(1)
    with rights.acting(who(2)), pytest.raises(WaitsForAnother):
        do("these")
    with rights.acting(who(3)):
        approvals.answer(one, yes=True)
    with rights.acting(who(2)):
        do("these")


def test_a_merchant_s_own_role_says_yes_while_it_has_the_right() -> None:
    with db.writing() as connection:
        connection.execute(insert(roles).values(name="night", rights=["run", "scan"]))
        connection.execute(update(people).where(people.c.id == 2).values(role="night"))
    one = asked("these")
    with rights.acting(who(2)):
        approvals.answer(one, yes=True)
    with db.writing() as connection:
        connection.execute(update(roles).values(rights=["scan"]))
    with rights.acting(who(1)), pytest.raises(WaitsForAnother):
        do("these")
    with db.writing() as connection:
        connection.execute(update(roles).values(rights=["scan", "run"]))
    with rights.acting(who(2)):
        approvals.answer(one, yes=True)
    with rights.acting(who(1)):
        do("these")


def test_a_no_ends_the_question() -> None:
    one = asked("these")
    with rights.acting(who(2)):
        approvals.answer(one, yes=False)
    with rights.acting(who(3)), pytest.raises(ApprovalError, match="meantime"):
        approvals.answer(one, yes=True)


def test_a_yes_is_not_used_up_by_what_fails() -> None:
    one = asked("these")
    with rights.acting(who(2)):
        approvals.answer(one, yes=True)
    with rights.acting(who(1)):
        with pytest.raises(ZeroDivisionError):
            _fail_half_way()
        do("these")


def _fail_half_way() -> None:
    with db.writing() as connection:
        approvals.need(connection, ApprovalKind.RUN, "pile 1", "these", {})
        raise ZeroDivisionError


def test_the_same_question_twice_is_one() -> None:
    assert asked("these") == asked("these")


def test_asked_given_and_used_stand_in_the_record_with_the_hash() -> None:
    one = asked("these")
    with rights.acting(who(2)):
        approvals.answer(one, yes=True)
    with rights.acting(who(1)):
        do("these")
    with db.reading() as connection:
        found = {entry.action: entry for entry in trail.search(connection)}
        assert trail.verify(connection).ok
    entries = [found[one] for one in
            (Action.APPROVAL_ASKED, Action.APPROVAL_GIVEN, Action.APPROVAL_USED)]  # fmt: skip
    assert [entry.actor for entry in entries] == ["Ana", "Radu", "Ana"]
    assert {entry.detail["digest"] for entry in entries} == {
        approvals.digest_of(ApprovalKind.RUN, "pile 1", "these")
    }


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["do", "yes", "no"]), st.sampled_from([1, 2, 3]), st.sampled_from("ab")
    ),
    max_size=30,
)


@settings(max_examples=60)
@given(STEPS)
def test_in_any_order_of_asking_and_answering_nothing_is_done_by_one_alone(
    steps: list[tuple[str, int, str]],
) -> None:
    """An oracle beside it: what is done was asked for by one and given, unused, by another."""
    with db.writing() as connection:
        connection.execute(table.delete())
    open_ones: dict[str, int] = {}
    given_ones: set[str] = set()
    for step, person, what in steps:
        with rights.acting(who(person)):
            if step == "do":
                if what in given_ones:
                    do(what)
                    given_ones.discard(what)
                    open_ones.pop(what)
                    continue
                with pytest.raises(WaitsForAnother):
                    do(what)
                open_ones.setdefault(what, person)
                continue
            found = [one.id for one in approvals.waiting() if what in _whats(one.id)]
            own = open_ones.get(what) == person
            if not found:
                continue
            try:
                approvals.answer(found[0], yes=step == "yes")
            except ApprovalError:
                assert own
                assert step == "yes"
                continue
            if step == "yes":
                assert not own
                given_ones.add(what)
            else:
                open_ones.pop(what)
                given_ones.discard(what)


def _whats(approval: int) -> str:
    with db.reading() as connection:
        digest = connection.scalar(select(table.c.digest).where(table.c.id == approval))
    return "".join(
        what for what in "ab" if digest == approvals.digest_of(ApprovalKind.RUN, "pile 1", what)
    )
