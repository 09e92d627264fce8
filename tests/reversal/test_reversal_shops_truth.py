"""The shop's and the couriers' truth, from their sandboxes through to the judge."""

from collections.abc import Sequence
from typing import Any

import pytest
from reversal_support import Desk, order
from sqlalchemy import select

from core.orders.couriers import tracking
from core.orders.judge.facts import Choices, of_order
from core.orders.judge.rules import judge
from core.orders.piles import piles, scans
from core.settings import connections
from core.store import db
from core.store.tables import orders, parcels


def sent(number: int, trackings: Sequence[str], company: str = "FAN Courier", **more: Any) -> Any:
    """One fulfillment of an order."""
    return {
        "id": number, "created_at": "2026-11-11T08:00:00Z", "status": "SUCCESS",
        "display_status": "IN_TRANSIT", "line_ids": [1],
        "tracking": [{"company": company, "number": one} for one in trackings], **more,
    }  # fmt: skip


def keys(desk: Desk, *, void: bool = False) -> list[str]:
    with db.reading(desk.engine) as connection:
        query = select(parcels.c.tracking_key).where(parcels.c.void == void)
        return list(connection.scalars(query.order_by(parcels.c.id)))


MANY = [f"70001216{number:05}" for number in range(43)]


@pytest.mark.parametrize("shape", ["fulfillments", "numbers"])
@pytest.mark.parametrize("first_load", [True, False])
def test_every_parcel_of_an_order_is_known_and_found_when_scanned(
    desk: Desk, shape: str, first_load: bool
) -> None:
    if not first_load:
        desk.load([order(7)])  # what comes later comes by the list of changes
    boxes = (
        [sent(700 + n, [one]) for n, one in enumerate(MANY)]
        if shape == "fulfillments"
        else [sent(700, MANY)]
    )
    changed = "2026-11-20T08:00:00Z"  # the world's own now
    desk.load([order(1, invoice=None, fulfillments=boxes, updated_at=changed)])
    assert set(MANY) <= set(keys(desk))
    pile = piles.create("Monday")
    for place in (0, 21, 42):
        result = scans.take_scan(pile, MANY[place], source="scanner", key=f"k{place}")
        assert result.verdict == "matched"


def test_an_order_whose_label_was_made_anew_runs_with_its_one_parcel(desk: Desk) -> None:
    old, new = "7000121650001", "7000121650002"
    boxes = [sent(1, [old], status="CANCELLED", display_status="CANCELED"), sent(2, [new])]
    desk.load([order(1, invoice=None, fulfillments=boxes)])
    assert (keys(desk), keys(desk, void=True)) == ([new], [old])
    pile = piles.create("Monday")
    scans.take_scan(pile, new, source="scanner", key="k")
    with db.reading(desk.engine) as connection:
        order_id = connection.scalar(select(orders.c.id)) or 0
        facts = of_order(connection, order_id, Choices())
    assert facts is not None
    assert judge(facts).reason is None


@pytest.mark.parametrize(
    ("service", "company", "written", "known"),
    [
        ("fan", "FAN Courier", "7000 1216 60001", "7000121660001"),
        ("cargus", "Cargus", "urgc10875277", "URGC10875277"),
        ("sameday", "Sameday", "1ONB24222308555001", "1ONB24222308555"),
        ("dpd", "DPD", " 13054001000077 ", "13054001000077"),
    ],
)
def test_a_courier_tells_of_a_parcel_that_the_shop_writes_otherwise(
    desk: Desk, service: str, company: str, written: str, known: str
) -> None:
    def add_event(world: dict[str, Any]) -> None:
        world["courier_events"] = [
            {"courier": service, "tracking": known,
             "events": [{"at": "2026-11-19T08:00:00Z", "code": "", "text": "Refuzat"}]}
        ]  # fmt: skip

    desk.load([order(1, invoice=None, fulfillments=[sent(1, [written], company)])], add_event)
    with db.reading(desk.engine) as connection:
        couriers = connections.all_connections(connection, "courier")
    [courier] = [one for one in couriers if one.service == service]
    report = tracking.poll_parcels(courier)
    assert not report.failed
    assert (report.asked, report.changed) == (1, 1)
    with db.reading(desk.engine) as connection:
        assert connection.scalar(select(parcels.c.outcome)) == "refused"
