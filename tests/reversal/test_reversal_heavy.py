"""The long forms: a thousand parcels, a hundred kills, backups all the while, a clock turned."""

import random
import threading
import time
from pathlib import Path

import pytest
from reversal_heavy_support import (
    KILLS,
    PARCELS,
    PATIENCE,
    Supervisor,
    a_world,
    ended_once,
    under_faults,
)
from reversal_support import Desk, effect_times, scan_pile
from sqlalchemy import func, select

from core.audit import trail
from core.config import home
from core.reversal.runs import runs
from core.store import backup, db, engines
from core.store.tables import effects, invoices, orders

BACKUPS = KILLS

pytestmark = [pytest.mark.heavy, pytest.mark.timeout(2 * PATIENCE)]


def test_a_thousand_parcels_scanned_three_times_end_once_whatever_is_killed(desk: Desk) -> None:
    """T1."""
    a_world(desk, PARCELS)
    pile_id = scan_pile(desk, PARCELS)
    under_faults(desk)
    assert runs.start_run(pile_id).total == PARCELS
    supervisor = Supervisor(desk, KILLS)
    desk.wait(PATIENCE, supervisor.look)
    assert supervisor.killed == KILLS
    ended_once(desk, PARCELS)


@pytest.mark.parametrize("guard", ["asking", "settling", None])
def test_only_without_a_guard_many_parcels_are_doubled(desk: Desk, guard: str | None) -> None:
    """T2: half of the effects happen after a failure was told, and the worker is killed."""
    parcels = max(24, PARCELS // 5)
    a_world(desk, parcels)
    pile_id = scan_pile(desk, parcels)
    desk.faults(
        share=0.5, kinds=["applied_late", "error_after"], seed=5, late_seconds=0.8,
        slow_seconds=1, only_effects=True,
    )  # fmt: skip
    runs.start_run(pile_id)
    strange = {"WITHOUT": guard} if guard else {}
    desk.wait(PATIENCE, Supervisor(desk, KILLS // 5, **strange).look)
    if guard is None:
        ended_once(desk, parcels)
    else:
        assert max(effect_times(desk.ledger())) > 1


def test_every_backup_made_during_a_run_is_sound_and_keeps_the_rules(
    desk: Desk, tmp_path: Path
) -> None:
    """T11."""
    parcels = max(24, PARCELS // 2)
    a_world(desk, parcels)
    under_faults(desk)
    desk.run()
    ended = threading.Event()
    files: list[Path] = []

    def copy_now_and_then() -> None:
        chance = random.Random(3)
        while not ended.wait(chance.uniform(0.0, PATIENCE / KILLS / 30)):
            if len(files) < BACKUPS:
                target = tmp_path / f"backup-{len(files)}.db"
                assert backup.backup(home(), target) > 0
                files.append(target)

    copier = threading.Thread(target=copy_now_and_then)
    copier.start()
    try:
        desk.wait(PATIENCE, Supervisor(desk, KILLS // 5).look)
    finally:
        ended.set()
        copier.join()
    ended_once(desk, parcels)
    assert len(files) == BACKUPS
    for file in files:
        backup.check(file)
        _rules_hold(file)


def _rules_hold(file: Path) -> None:
    """The trail is unbroken, no storno without its confirmed effect and a cancelled order."""
    opened = engines.make_engine(f"sqlite:///{file}")
    with db.reading(opened) as connection:
        assert trail.verify(connection).ok
        reversed_ = set(
            connection.scalars(select(invoices.c.id).where(invoices.c.reversed_at.is_not(None)))
        )
        confirmed = connection.scalars(
            select(effects.c.invoice_id).where(
                effects.c.kind == "storno", effects.c.state == "confirmed"
            )
        ).all()
        assert sorted(confirmed) == sorted(reversed_)
        begun = select(invoices.c.order_id).join(effects, effects.c.invoice_id == invoices.c.id)
        too_soon = select(func.count()).where(
            orders.c.id.in_(begun), orders.c.cancelled_at.is_(None)
        )
        assert connection.scalar(too_soon) == 0
    opened.dispose()


@pytest.mark.parametrize("seconds", [-3600, 86400], ids=["back an hour", "forward a day"])
def test_a_clock_that_is_set_doubles_nothing_and_keeps_no_order_waiting(
    desk: Desk, tmp_path: Path, seconds: int
) -> None:
    """T12; it stays as it is set, and what waits for its time then must not wait an hour longer."""
    parcels = max(24, PARCELS // 10)
    a_world(desk, parcels)
    under_faults(desk)
    clock = tmp_path / "clock"
    desk.run()
    supervisor = Supervisor(desk, 0, CLOCK_FILE=str(clock))
    while not desk.states().get("waiting"):
        supervisor.look()
        time.sleep(0.02)
    clock.write_text(str(seconds))
    assert desk.open()
    desk.wait(300, supervisor.look)
    ended_once(desk, parcels)
