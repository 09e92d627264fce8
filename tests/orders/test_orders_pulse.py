"""The pile's pulse differs with what its page shows, and costs the same however large it is."""

from collections.abc import Callable

from sqlalchemy import Engine, Executable, insert, select, update
from sqlite_steps import steps
from test_orders_scans import add, scan

from core.clock import now
from core.orders.piles import edits, piles
from core.orders.piles.pulse import pulse
from core.server.scan_response import scan_code
from core.store import db
from core.store.tables import pictures, pile_pictures, reversals, scans

FIRST, SECOND = "1ONB24222308781", "1ONB24222308799"
MANY = 3_000


def test_a_pulse_differs_with_each_scan_undo_removal_picture_and_reversal(
    engine: Engine, shop: int
) -> None:
    order, pile = add(engine, shop, FIRST), piles.create("Today")

    def put(*statements: Executable) -> None:
        with db.writing(engine) as connection:
            for one in statements:
                connection.execute(one)

    picture = {"sha256": "a" * 64, "filename": "label.jpg", "mime": "image/jpeg", "size": 1,
               "width": 1, "height": 1, "created_at": now()}  # fmt: skip
    shown = {"pile_id": pile, "sha256": "a" * 64, "filename": "label.jpg", "state": "waiting",
             "added_at": now(), "added_by": "Ana"}  # fmt: skip
    reversal = {"order_id": order, "origin": "pile", "requested_by": "Ana", "options": {},
                "state": "waiting", "created_at": now()}  # fmt: skip
    changes: list[Callable[[], object]] = [
        lambda: scan(engine, pile, FIRST, "a"),
        lambda: scan(engine, pile, "no number of ours", "b"),
        lambda: edits.undo_last_scan(pile),
        lambda: edits.undo_last_scan(pile),
        lambda: scan(engine, pile, FIRST, "c"),
        lambda: edits.remove_order(pile, order),
        lambda: put(insert(pictures).values(picture), insert(pile_pictures).values(shown)),
        lambda: put(update(pile_pictures).values(state="read")),
        lambda: scan(engine, pile, FIRST, "d"),
        lambda: put(insert(reversals).values(reversal)),
        lambda: put(update(reversals).values(state="done")),
    ]
    before = pulse(pile)
    for number, change in enumerate(changes):
        change()
        assert pulse(pile) != before, number
        before = pulse(pile)
        assert pulse(pile) == before


def test_another_pile_leaves_a_pulse_as_it_is(engine: Engine, shop: int) -> None:
    add(engine, shop, FIRST)
    pile, other = piles.create("Today"), piles.create("Other")
    before = pulse(pile)
    scan(engine, other, FIRST, "a")
    edits.undo_last_scan(other)
    assert pulse(pile) == before


def test_a_scan_into_a_pile_of_thousands_costs_the_steps_of_one_into_a_small_pile(
    engine: Engine, shop: int
) -> None:
    add(engine, shop, FIRST)
    add(engine, shop, SECOND)
    small, large = piles.create("Small"), piles.create("Large")
    scan(engine, small, "warm", "w")
    with db.writing(engine) as connection:
        row = dict(connection.execute(select(scans)).mappings().one())
        del row["id"]
        connection.execute(
            insert(scans), [{**row, "pile_id": large, "key": f"{one}"} for one in range(MANY)]
        )
    cheap = steps(engine, lambda: scan_code(small, FIRST, key="a", source="camera"))
    dear = steps(engine, lambda: scan_code(large, SECOND, key="a", source="camera"))
    assert dear < 1.2 * cheap
