"""A scan that found no order is looked at again by itself: nobody waits, nothing is lost."""

from typing import Any

import outside_world as world
import pytest
from sqlalchemy import Engine, func, select

from core.audit import trail
from core.audit.actions import Action
from core.orders.aliases import learn
from core.orders.couriers import returns
from core.orders.piles import edits, piles
from core.orders.piles.scans import ScanCode
from core.reasons import Reason, together
from core.store import db
from core.store.tables import aliases, pile_orders, scans

PARCEL, RETURN = "81234567890", "89876543210"
SILENT = "http://127.0.0.1:9"  # nobody listens there


@pytest.fixture
def shop(engine: Engine, outside: str) -> int:
    """A shop, and a DPD that knows one parcel by the number on its return label."""
    world.load(outside, {PARCEL: ["Refuzat de destinatar"]}, {RETURN: PARCEL})
    return world.connect_shop()


def row(scan_id: int) -> Any:
    with db.reading() as connection:
        return connection.execute(select(scans).where(scans.c.id == scan_id)).one()


def test_a_return_number_is_put_to_the_courier_and_its_scan_finds_the_order(
    shop: int, outside: str
) -> None:
    """Unmatched when scanned; matched by schedule; the next parcel with it matches by alias."""
    order = world.add_order(shop, 1, PARCEL)
    world.connect_dpd(outside)
    pile = world.pile()
    first = world.scan(pile, RETURN)
    assert (first.outcome, first.verdict) == ("unmatched", "unknown")
    assert returns.resolve_scans() == returns.Resolved(matched=1, asked=1, learnt=1)
    kept = row(first.scan_id)
    assert (kept.outcome, kept.verdict, kept.matched_by) == ("matched", "matched", "alias")
    assert kept.order_id == order
    assert world.parcel(PARCEL).scanned_on is not None
    learnt = [Action.SCAN_MATCHED_LATER, Action.RETURN_NUMBER_LEARNT]
    with db.reading() as connection:
        held = connection.execute(select(pile_orders.c.pile_id, pile_orders.c.order_id)).all()
        entries = trail.search(
            connection, actions=[Action.SCAN_MATCHED_LATER, Action.RETURN_NUMBER_LEARNT]
        )
    assert held == [(pile, order)]
    assert [one.action for one in entries] == learnt
    again = world.scan(world.pile("Tuesday"), RETURN)
    assert again.outcome == "matched"
    assert again.why == together(Reason(ScanCode.OTHER_PILE), Reason(ScanCode.BY_ALIAS))
    assert row(again.scan_id).matched_by == "alias"


def test_an_unknown_code_is_asked_about_once(shop: int, outside: str) -> None:
    world.connect_dpd(outside)
    world.scan(world.pile(), "80000000001")
    before = world.calls(outside)
    assert returns.resolve_scans().asked == 1
    assert returns.resolve_scans().asked == 0
    assert world.calls(outside) == before + 1


def test_a_courier_that_does_not_answer_is_asked_again_and_no_scan_is_passed_over(
    shop: int, outside: str
) -> None:
    world.add_order(shop, 1, PARCEL)
    world.connect_dpd(SILENT)
    scan = world.scan(world.pile(), RETURN)
    broken = returns.resolve_scans()
    assert (broken.asked, broken.matched) == (0, 0)
    assert "could not be reached" in str(broken.failed)
    world.connect_dpd(outside)
    assert returns.resolve_scans().matched == 1
    assert row(scan.scan_id).outcome == "matched"


def test_a_code_that_is_never_answered_about_does_not_keep_the_others_waiting(
    shop: int, outside: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(returns, "TRIES", 2)
    world.add_order(shop, 1, PARCEL)
    pile = world.pile()
    world.scan(pile, "80000000001")
    world.scan(pile, RETURN)
    world.connect_dpd(SILENT)
    assert [bool(returns.resolve_scans().failed) for _ in range(2)] == [True, True]
    world.connect_dpd(outside)
    assert returns.resolve_scans() == returns.Resolved(matched=1, asked=1, learnt=1)


def test_a_return_number_of_two_orders_is_left_to_a_person(shop: int, outside: str) -> None:
    world.add_order(shop, 1, PARCEL)
    world.add_order(shop, 2, PARCEL)
    world.connect_dpd(outside)
    scan = world.scan(world.pile(), RETURN)
    assert returns.resolve_scans() == returns.Resolved(asked=1)
    assert row(scan.scan_id).outcome == "unmatched"
    with db.reading() as connection:
        assert connection.scalar(select(func.count()).select_from(aliases)) == 0


def test_a_number_learnt_from_a_file_matches_the_scans_made_before(shop: int) -> None:
    world.add_order(shop, 1, PARCEL)
    scan = world.scan(world.pile(), "80000000001")
    with db.writing() as connection:
        learn(connection, "80000000001", world.parcel(PARCEL).id, source="csv")
    assert returns.resolve_scans().matched == 1
    assert row(scan.scan_id).matched_by == "alias"


def test_an_order_that_came_in_after_its_parcel_was_scanned_is_found(shop: int) -> None:
    scan = world.scan(world.pile(), PARCEL)
    assert scan.outcome == "unmatched"
    world.add_order(shop, 1, PARCEL)
    assert returns.resolve_scans().matched == 1
    assert row(scan.scan_id).matched_by == "exact"


def test_scans_taken_back_and_piles_put_away_are_left_alone(shop: int) -> None:
    first, second = world.pile(), world.pile("Tuesday")
    undone, away = world.scan(first, PARCEL), world.scan(second, PARCEL)
    edits.undo_last_scan(first)
    piles.close(second)
    world.add_order(shop, 1, PARCEL)
    assert returns.resolve_scans().matched == 0
    assert row(undone.scan_id).outcome == row(away.scan_id).outcome == "unmatched"
