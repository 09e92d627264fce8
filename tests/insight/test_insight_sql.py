"""Each figure of the page against SQL written for the purpose, on three seeds and PostgreSQL."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from insight_truth import TODAY, load
from sqlalchemy import Engine, text

from core.config import Home
from core.demo.generate import history
from core.insight import counting, figures, queries, view
from core.insight.filters import Filters
from core.insight.store import snapshot
from core.store import db

ALL = Filters(date(2020, 1, 1), TODAY)
WAYS = ["1", "2", "3", pytest.param("1 on postgresql", marks=pytest.mark.postgres)]
SLICES = {
    "courier": "courier",
    "payment": "payment",
    "county": "county",
    "product": "CASE WHEN sku = '' THEN product ELSE sku END",
    "customer": "CASE WHEN repeat_customer THEN 'repeat' ELSE 'first-time' END",
    "reason": "reason",
    "value band": (
        "CASE WHEN value_minor < 5000 THEN 'under 50' WHEN value_minor < 10000 THEN '50 to 100' "
        "WHEN value_minor < 20000 THEN '100 to 200' WHEN value_minor < 50000 THEN '200 to 500' "
        "ELSE '500 and more' END"
    ),
}
COUNTS = (
    "COUNT(*), SUM(CASE WHEN outcome = 'delivered' THEN 1 ELSE 0 END), "
    "SUM(CASE WHEN outcome = 'refused' THEN 1 ELSE 0 END), "
    "SUM(CASE WHEN outcome = 'lost' THEN 1 ELSE 0 END), "
    "SUM(CASE WHEN outcome IS NULL THEN 1 ELSE 0 END)"
)
NAMES = ["shipped", "delivered", "refused", "lost", "open"]


@pytest.fixture(scope="module", params=WAYS)
def source(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Engine]:
    """The history of a seed, on SQLite or PostgreSQL."""
    folder: Path = tmp_path_factory.mktemp("sql")
    seed, _, other = request.param.partition(" on ")
    home = Home(folder, request.getfixturevalue("postgres_of_module")) if other else None
    made = load(history(2_500, seed=int(seed), today=TODAY, days=300), folder, home)
    yield made
    made.dispose()


@pytest.fixture(scope="module")
def look(source: Engine) -> view.View:
    return view.load(source, ALL, TODAY, 14)


def ask(source: Engine, query: str, **values: Any) -> list[tuple[Any, ...]]:
    with db.reading(source) as connection:
        return [tuple(row) for row in connection.execute(text(query), values)]


def days(source: Engine, later: str, earlier: str) -> str:
    if source.dialect.name == "postgresql":
        return f"({later} - {earlier})"
    return f"CAST(julianday({later}) - julianday({earlier}) AS INTEGER)"


def day(source: Engine, value: date) -> Any:
    return value if source.dialect.name == "postgresql" else value.isoformat()


@pytest.mark.parametrize("name", SLICES)
def test_counts_and_rates_of_every_slice(source: Engine, look: view.View, name: str) -> None:
    table = look.sliced(name).set_index("slice")
    truth = ask(
        source,
        f"SELECT {SLICES[name]} AS slice, {COUNTS} FROM parcels WHERE shipped_on <= :until "
        "GROUP BY slice",
        until=day(source, look.until),
    )
    assert len(truth) == len(table)
    for value, *counts in truth:
        assert table.loc[value, NAMES].tolist() == counts
        shipped, refused = counts[0], counts[2]
        if shipped >= 20:
            assert table.loc[value, "rate"] == pytest.approx(refused / shipped)
        else:
            assert np.isnan(table.loc[value, "rate"])


FIRST_DAYS = {
    "day": lambda day: day,
    "week": lambda day: day - timedelta(days=day.weekday()),
    "month": lambda day: day.replace(day=1),
}


@pytest.mark.parametrize("span", FIRST_DAYS)
def test_cohorts_by_day_week_and_month(source: Engine, look: view.View, span: str) -> None:
    rates = look.cohorts(span)
    truth = ask(source, f"SELECT shipped_on, {COUNTS} FROM parcels GROUP BY shipped_on")
    cohorts: dict[date, np.ndarray] = {}
    youngest: dict[date, date] = {}
    for shipped_on, *counts in truth:
        shipped = date.fromisoformat(str(shipped_on))
        first = FIRST_DAYS[span](shipped)
        cohorts[first] = cohorts.get(first, np.zeros(5, int)) + np.array(counts, int)
        youngest[first] = max(youngest.get(first, shipped), shipped)
    rows = {row["cohort"].date(): row for row in rates.to_dict("records")}
    assert {first: [row[name] for name in NAMES] for first, row in rows.items()} == {
        first: counts.tolist() for first, counts in cohorts.items()
    }
    for first, row in rows.items():
        assert not (row["mature"] and youngest[first] > look.until)
        everything = ALL.in_cohort(first, span)
        assert len(queries.parcel_list(source, everything, limit=9_999)) == row["shipped"]


def test_maturity(source: Engine, look: view.View) -> None:
    waited = days(source, "outcome_on", "shipped_on")
    truth = ask(
        source,
        f"SELECT MIN(d) FROM (SELECT {waited} AS d, CUME_DIST() OVER (ORDER BY {waited}) AS c "
        "FROM parcels WHERE outcome_on IS NOT NULL) AS ranked WHERE c >= 0.95",
    )
    assert look.maturity_days == truth[0][0]
    last = look.as_of - timedelta(days=look.maturity_days + 1)
    assert look.until.weekday() == 6
    assert timedelta(0) <= last - look.until < timedelta(days=7)


def test_cumulative_incidence(source: Engine, look: view.View) -> None:
    shares = look.incidence().set_index(["courier", "days"])["share"]
    waited = days(source, "outcome_on", "shipped_on")
    for after in (3, 7, 14):
        truth = ask(
            source,
            f"SELECT courier, AVG(CASE WHEN outcome = 'refused' AND {waited} <= :after "
            "THEN 1.0 ELSE 0.0 END) FROM parcels WHERE shipped_on <= :until GROUP BY courier",
            after=after,
            until=day(source, look.until),
        )
        for courier, share in truth:
            assert shares[courier, after] == pytest.approx(float(share))


def test_mix_adjusted_rates(source: Engine, look: view.View) -> None:
    rates = figures.mix_adjusted(look.mature).set_index("courier")["adjusted"]
    truth = ask(
        source,
        "WITH old AS (SELECT courier, payment, CASE WHEN outcome = 'refused' THEN 1.0 ELSE 0.0 END "
        "AS refused FROM parcels WHERE shipped_on <= :until), "
        "mix AS (SELECT payment, COUNT(*) * 1.0 / (SELECT COUNT(*) FROM old) AS share FROM old "
        "GROUP BY payment), "
        "strata AS (SELECT courier, payment, AVG(refused) AS rate, COUNT(*) AS n FROM old "
        "GROUP BY courier, payment) "
        "SELECT courier, SUM(share * rate), MIN(n), COUNT(*) FROM strata JOIN mix "
        "ON mix.payment = strata.payment GROUP BY courier",
        until=day(source, look.until),
    )
    for courier, adjusted, fewest, payments in truth:
        if fewest >= 20 and payments == 2:
            assert rates[courier] == pytest.approx(float(adjusted))
        else:
            assert np.isnan(rates[courier])


def test_value_lost_and_its_cost(source: Engine, look: view.View) -> None:
    lost = figures.value_lost(look.cells, figures.Costs(1_800, 1_500, 400, 500, "RON"))
    truth = ask(
        source,
        "SELECT currency, COUNT(*), SUM(value_minor), COUNT(*) * (1800 + 1500 + 500) "
        "+ SUM(CASE WHEN payment = 'cod' THEN 400 ELSE 0 END) FROM parcels "
        "WHERE outcome = 'refused' GROUP BY currency",
    )
    assert [tuple(row) for row in lost.itertuples(index=False)] == [
        (currency, count, int(value), int(cost)) for currency, count, value, cost in truth
    ]


def test_missing_parcels_and_their_value(source: Engine, look: view.View) -> None:
    waited = days(source, ":today", "outcome_on")
    if source.dialect.name == "postgresql":
        waited = "(CAST(:today AS date) - outcome_on)"
    truth = ask(
        source,
        "SELECT currency, COUNT(*), SUM(value_minor) FROM parcels WHERE outcome = 'refused' "
        f"AND scanned_on IS NULL AND {waited} > 14 GROUP BY currency",
        today=day(source, look.as_of),
    )
    assert [tuple(row) for row in look.missing.itertuples(index=False)] == [
        (currency, count, int(value)) for currency, count, value in truth
    ]
    listed = queries.missing(source, ALL, look.as_of, 14)
    assert len(listed) == sum(count for _, count, _ in truth)


def test_median_and_p90_of_each_step(source: Engine, look: view.View) -> None:
    times = figures.time_to_process(look.process).set_index("step")
    for step, earlier, later in (
        ("refused to scanned", "outcome_on", "scanned_on"),
        ("scanned to cancelled", "scanned_on", "cancelled_on"),
        ("cancelled to reversed", "cancelled_on", "reversed_on"),
    ):
        waited = days(source, later, earlier)
        ranked = (
            f"SELECT {waited} AS d, CUME_DIST() OVER (ORDER BY {waited}) AS c FROM parcels "
            f"WHERE outcome = 'refused' AND {later} IS NOT NULL AND {earlier} IS NOT NULL"
        )
        truth = ask(
            source,
            f"SELECT COUNT(*), MIN(CASE WHEN c >= 0.5 THEN d END), "
            f"MIN(CASE WHEN c >= 0.9 THEN d END) FROM ({ranked}) AS ranked",
        )
        assert tuple(times.loc[step, ["n", "median", "p90"]]) == truth[0]


def test_back_at_the_desk(source: Engine, look: view.View) -> None:
    steps = figures.funnel(look.cells).set_index("step")
    truth = ask(
        source,
        "SELECT COUNT(*), SUM(CASE WHEN scanned_on IS NOT NULL THEN 1 ELSE 0 END) FROM parcels "
        "WHERE outcome = 'refused'",
    )
    refused, back = truth[0]
    assert steps.loc["back", "n"] == back
    assert steps.loc["back", "share"] == pytest.approx(back / refused)


def test_repeat_refusers(source: Engine) -> None:
    truth = ask(
        source,
        "SELECT customer_key, SUM(CASE WHEN outcome = 'refused' THEN 1 ELSE 0 END) AS refused, "
        "COUNT(*) FROM parcels WHERE customer_key <> '' GROUP BY customer_key "
        "HAVING SUM(CASE WHEN outcome = 'refused' THEN 1 ELSE 0 END) >= 2",
    )
    table = queries.repeaters(source, ALL)
    rows = table[["customer_key", "refused", "shipped"]].itertuples(index=False)
    assert sorted(map(tuple, rows)) == sorted((key, int(n), count) for key, n, count in truth)


def test_a_parcel_on_our_desk_was_refused_whatever_the_courier_says_not(source: Engine) -> None:
    """Without a courier's word the scan is the outcome; with one, the courier's word stands."""
    rows = snapshot.current(source).choose(ALL)
    before = counting.tally(rows, {"courier": rows.codes("courier")})["refused"].sum()
    find = "SELECT MIN(id) FROM parcels WHERE outcome"
    young, given = (ask(source, f"{find} {is_}")[0][0] for is_ in ("IS NULL", "= 'delivered'"))
    with db.writing(source) as connection:
        connection.execute(
            text("UPDATE parcels SET scanned_on = shipped_on WHERE id IN (:young, :given)"),
            {"young": young, "given": given},
        )
    rows = snapshot.current(source).choose(ALL)
    after = counting.tally(rows, {"courier": rows.codes("courier")})
    assert after["refused"].sum() == before + 1
    assert after["shipped"].sum() == len(rows)
