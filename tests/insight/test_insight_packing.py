"""Every write of a parcel is seen by the next look, whoever wrote it and on either database."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from insight_truth import TODAY, load
from sqlalchemy import Engine, delete, insert, select, text, update

from core.config import Home
from core.demo.generate import history
from core.insight import counting
from core.insight.filters import SLICES, Filters
from core.insight.store import packing, snapshot
from core.store import db
from core.store.tables import packed_days, parcels, stale_days

ALL = Filters(date(2020, 1, 1), TODAY + timedelta(days=30))
KINDS = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)]


@pytest.fixture(params=KINDS)
def desk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    home = None
    if request.param == "postgresql":
        home = Home(tmp_path, request.getfixturevalue("migrated_postgres_url"))
    made = load(history(400, seed=9, today=TODAY, days=60), tmp_path, home)
    yield made
    made.dispose()


def truth(source: Engine) -> dict[str, tuple[int, ...]]:
    """Shipped, delivered, refused, lost, open of each courier, by plain SQL."""
    refused = "(outcome = 'refused' OR (outcome IS NULL AND scanned_on IS NOT NULL))"
    flags = ("outcome = 'delivered'", refused, "outcome = 'lost'",
             "outcome IS NULL AND scanned_on IS NULL")  # fmt: skip
    sums = ", ".join(f"SUM(CASE WHEN {flag} THEN 1 ELSE 0 END)" for flag in flags)
    query = (
        f"SELECT courier, COUNT(*), {sums} FROM parcels WHERE shipped_on IS NOT NULL "
        "GROUP BY courier"
    )
    with db.reading(source) as connection:
        return {row[0]: tuple(map(int, row[1:])) for row in connection.execute(text(query))}


def seen(source: Engine) -> dict[str, tuple[int, ...]]:
    frame = counting.by_slice(snapshot.current(source).choose(ALL), "courier")
    names = ["slice", "shipped", "delivered", "refused", "lost", "open"]
    return {row[0]: tuple(row[1:]) for row in frame[names].itertuples(index=False)}


def some(source: Engine) -> int:
    with db.reading(source) as connection:
        return connection.scalar(
            select(parcels.c.id).where(parcels.c.outcome.is_(None)).order_by(parcels.c.id).limit(1)
        )


WRITES = {
    "an outcome": {"outcome": "refused", "outcome_on": TODAY},
    "a scan": {"scanned_on": TODAY},
    "another courier": {"courier": "ups"},
    "another ship day": {"shipped_on": TODAY - timedelta(days=200)},
    "no ship day any more": {"shipped_on": None},
    "a reason": {"reason": "moved away"},
}


@pytest.mark.parametrize("change", WRITES.values(), ids=WRITES)
def test_a_look_after_a_write_sees_it(desk: Engine, change: dict[str, object]) -> None:
    assert seen(desk) == truth(desk)
    with db.writing(desk) as connection:
        connection.execute(update(parcels).where(parcels.c.id == some(desk)).values(**change))
    assert seen(desk) == truth(desk)
    if "reason" in change:
        rows = snapshot.current(desk).choose(ALL)
        assert "moved away" in set(counting.by_slice(rows, "reason")["slice"])


def test_new_and_deleted_parcels_are_seen(desk: Engine) -> None:
    before = seen(desk)
    with db.writing(desk) as connection:
        row = dict(connection.execute(select(parcels).limit(1)).one()._mapping)
        del row["id"]
        new = {"tracking": "N1", "tracking_key": "N1", "courier": "ups", "shipped_on": TODAY}
        connection.execute(insert(parcels).values(row | new))
    assert seen(desk) == truth(desk) != before
    with db.writing(desk) as connection:
        connection.execute(delete(parcels).where(parcels.c.tracking_key == "N1"))
    assert seen(desk) == truth(desk) == before


def test_a_write_that_is_rolled_back_leaves_no_mark(desk: Engine) -> None:
    before = seen(desk)
    with desk.connect() as connection:
        connection.execute(update(parcels).values(courier="ups"))
        connection.rollback()
    with db.reading(desk) as connection:
        assert connection.execute(select(stale_days)).all() == []
    assert seen(desk) == before


def test_a_change_that_no_figure_shows_packs_nothing_anew(desk: Engine) -> None:
    seen(desk)
    with db.writing(desk) as connection:
        connection.execute(update(parcels).values(status_text="in the depot"))
        connection.execute(update(parcels).values(courier=parcels.c.courier))
    assert packing.refresh(desk) == 0


def test_only_the_day_that_changed_is_packed_anew(desk: Engine) -> None:
    seen(desk)
    with db.writing(desk) as connection:
        connection.execute(
            update(parcels).where(parcels.c.id == some(desk)).values(scanned_on=TODAY)
        )
    assert packing.refresh(desk) == 1


def test_days_packed_by_another_release_are_packed_anew(desk: Engine) -> None:
    whole = seen(desk)
    with db.writing(desk) as connection:
        connection.execute(update(packed_days).values(layout=0, facts=b"", version=1))
    snapshot.forget()
    assert seen(desk) == whole


@pytest.mark.postgres
def test_a_parcel_written_while_its_day_is_packed_is_seen_later(
    migrated_postgres_url: str, tmp_path: Path
) -> None:
    """The writer's mark is not there yet when the packer takes marks away, so it outlives it."""
    desk = load(
        history(200, seed=3, today=TODAY, days=20), tmp_path, Home(tmp_path, migrated_postgres_url)
    )
    packing.refresh(desk)
    with desk.connect() as writer:
        one = writer.execute(
            update(parcels)
            .where(parcels.c.id == some(desk))
            .values(courier="ups")
            .returning(parcels.c.shipped_on)
        ).scalar_one()
        with db.writing(desk) as connection:  # meanwhile somebody marks and packs the same day
            connection.execute(insert(stale_days).values(day=one))
        assert packing.refresh(desk) == 1
        assert "ups" not in seen(desk)
        writer.commit()
    assert seen(desk)["ups"] == truth(desk)["ups"]
    desk.dispose()


facts = st.fixed_dictionaries(
    {
        "outcome": st.sampled_from([None, "delivered", "refused", "lost"]),
        "scanned_on": st.sampled_from([None, TODAY]),
        "courier": st.sampled_from(["fan", "", "ups"]),
        "county": st.sampled_from(["", "Cluj", "Bistrița-Năsăud"]),
        "value_minor": st.sampled_from([0, 4_999, 5_000, 10**9]),
        "repeat_customer": st.booleans(),
        "reason": st.sampled_from(["", "=cmd", "refuz"]),
        "sku": st.sampled_from(["", "A-1"]),
    }
)


@settings(max_examples=25, deadline=None)
@given(drawn=st.lists(facts, min_size=1, max_size=25))
def test_totals_are_what_was_shipped_for_every_slice(
    desk_with_one: Engine, drawn: list[dict[str, object]]
) -> None:
    desk = desk_with_one
    with db.writing(desk) as connection:
        row = dict(connection.execute(select(parcels).limit(1)).one()._mapping)
        connection.execute(delete(parcels).where(parcels.c.id != row["id"]))
        del row["id"]
        rows = [
            row | one | {"tracking": f"T{n}", "tracking_key": f"T{n}"}
            for n, one in enumerate(drawn)
        ]
        connection.execute(insert(parcels), rows)
    look = snapshot.current(desk).choose(ALL)
    for name in SLICES:
        answer = counting.by_slice(look, name)
        assert answer["shipped"].sum() == len(drawn) + 1, name
        parts = answer[["delivered", "refused", "lost", "open"]].sum(axis=1)
        assert (parts == answer["shipped"]).all(), name
    assert seen(desk) == truth(desk)


@pytest.fixture(scope="module")
def desk_with_one(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    folder = tmp_path_factory.mktemp("one")
    return load(history(1, seed=1, today=TODAY, days=30), folder)
