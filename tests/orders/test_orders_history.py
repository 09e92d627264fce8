"""A long history is loaded in bulk, once, moved to today."""

import csv
import datetime as dt
import gzip
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, func, insert, select

from core.clock import now
from core.demo import history
from core.demo.history import COLUMNS, HistoryError, load_history
from core.orders.piles import piles, review, scans
from core.reversal.runs import runs
from core.store import db
from core.store.tables import connections, orders, parcels

TODAY = dt.date(2026, 11, 20)


@pytest.fixture
def shop(engine: Engine) -> int:
    with db.writing(engine) as connection:
        return add_shop(connection)


def add_shop(connection: Connection) -> int:
    values = {"kind": "shop", "service": "shopify", "name": "Casa", "settings": {}, "secrets": ""}
    made = insert(connections).values(**values, created_at=now()).returning(connections.c.id)
    return connection.scalar(made) or 0


def row(number: int, **changes: str) -> dict[str, str]:
    return {
        "order_name": f"#H{number}", "created_at": "2026-10-01T08:00:00Z",
        "shipped_on": "2026-10-02", "courier": "fan", "tracking": f"70001{number:08d}",
        "payment": "cod", "county": "Cluj", "city": "Cluj-Napoca", "customer_key": f"c{number % 9}",
        "sku": "S1", "product": "Cană", "quantity": "1", "value_minor": "4990", "currency": "RON",
        "outcome": "delivered", "outcome_on": "2026-10-05", "reason": "", "scanned_on": "",
        "cancelled_on": "", "reversed_on": "", **changes,
    }  # fmt: skip


def write(file: Path, rows: list[dict[str, str]], columns: tuple[str, ...] = COLUMNS) -> Path:
    with gzip.open(file, "wt", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, columns, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
    return file


def test_a_history_is_loaded_once_however_often_it_is_given(
    tmp_path: Path, engine: Engine, shop: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history, "CHUNK", 2_000)  # rows in memory at once: fewer than there are
    file = write(tmp_path / "h.csv.gz", [row(number) for number in range(2_100)])
    first = load_history(file, shop, today=TODAY)
    again = load_history(file, shop, today=TODAY)
    assert (first.orders, first.parcels) == (2_100, 2_100)
    assert (again.orders, again.parcels) == (0, 0)
    with db.reading(engine) as connection:
        assert connection.scalar(select(func.count()).select_from(parcels)) == 2_100
        repeats = select(func.count()).where(parcels.c.repeat_customer)
        assert connection.scalar(repeats) == 2_100 - 9


def test_every_day_moves_so_that_the_newest_is_today(
    tmp_path: Path, engine: Engine, shop: int
) -> None:
    refused = {"outcome": "refused", "outcome_on": "2026-10-20", "scanned_on": "2026-10-30"}
    rows = [row(1), row(2, **refused, cancelled_on="2026-10-31", reversed_on="2026-10-31")]
    load_history(write(tmp_path / "h.csv.gz", rows), shop, today=TODAY)
    with db.reading(engine) as connection:
        found = connection.execute(select(parcels).order_by(parcels.c.tracking)).all()
        cancelled = connection.scalars(
            select(orders.c.cancelled_at).where(orders.c.cancelled_at.is_not(None))
        ).all()
    assert [one.shipped_on for one in found] == [dt.date(2026, 10, 22)] * 2
    assert (found[1].outcome, found[1].reversed_on) == ("refused", TODAY)
    assert [one.date() for one in cancelled] == [TODAY]


def test_two_parcels_of_one_order_are_one_order_with_their_sum(
    tmp_path: Path, engine: Engine, shop: int
) -> None:
    rows = [row(1, tracking="7000100000001"), row(1, tracking="7000100000002")]
    load_history(write(tmp_path / "h.csv.gz", rows), shop, today=TODAY)
    with db.reading(engine) as connection:
        assert connection.scalars(select(orders.c.total_minor)).all() == [9980]
        assert len(connection.execute(select(parcels)).all()) == 2


@pytest.mark.parametrize(
    ("changes", "word"),
    [({"value_minor": "49,90"}, "amount"), ({"shipped_on": "soon"}, "date")],
)
def test_a_row_that_cannot_be_read_loads_nothing_and_says_which_value(
    tmp_path: Path, engine: Engine, shop: int, changes: dict[str, str], word: str
) -> None:
    file = write(tmp_path / "h.csv.gz", [row(1), row(2, **changes)])
    with pytest.raises(HistoryError, match=word):
        load_history(file, shop, today=TODAY)
    with db.reading(engine) as connection:
        assert connection.scalar(select(func.count()).select_from(orders)) == 0


def test_a_file_that_is_no_history_is_refused_with_a_sentence(
    tmp_path: Path, engine: Engine, shop: int
) -> None:
    short = write(tmp_path / "short.csv.gz", [row(1)], COLUMNS[:5])
    cut = tmp_path / "cut.csv.gz"
    cut.write_bytes(write(tmp_path / "h.csv.gz", [row(n) for n in range(500)]).read_bytes()[:300])
    empty = write(tmp_path / "empty.csv.gz", [])
    for file in (short, cut, empty, tmp_path / "absent.csv.gz"):
        with pytest.raises(HistoryError):
            load_history(file, shop, today=TODAY)


@pytest.mark.parametrize("outcome", ["", "refused", "lost", "delivered"])
def test_a_parcel_of_the_history_says_so_and_is_never_run(
    tmp_path: Path, engine: Engine, shop: int, outcome: str
) -> None:
    """It is at no shop: an order of it could not even be read there."""
    one = row(7, outcome=outcome, outcome_on="2026-10-05" if outcome else "")
    load_history(write(tmp_path / "h.csv.gz", [one]), shop, today=TODAY)
    pile = piles.create("Monday")
    scans.take_scan(pile, one["tracking"], source="scanner", key="k")
    (shown,) = review.review(pile).to_dict("records")
    assert (shown["group"], shown["held_by"].code) == ("held", "judge_history")
    assert not shown["may_waive"]
    with pytest.raises(runs.NothingToRun):
        runs.start_run(pile)
    with pytest.raises(runs.HeldByJudge):
        runs.reverse_order(shown["order_id"], restock=True, pile_id=pile, all_the_same="so")
