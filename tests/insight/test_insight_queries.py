"""Each figure counted by the database equals an independent count of the same rows, three seeds."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pandas as pd
import pytest
from insight_truth import TODAY, counts
from sqlalchemy import Engine, text

from core.insight import counting, figures, queries, view
from core.insight.filters import SLICES, Filters
from core.insight.store import snapshot
from core.insight.store.snapshot import Rows

World = tuple[Engine, pd.DataFrame]
ALL = Filters(date(2020, 1, 1), TODAY)
SOME = Filters(date(2026, 3, 1), date(2026, 9, 30), ("fan", "cargus"), ("Cluj", "Iași"), ("cod",))


def rows_of(source: Engine, filters: Filters) -> Rows:
    return snapshot.current(source).choose(filters)


def cells_of(source: Engine, filters: Filters) -> pd.DataFrame:
    return counting.cells(rows_of(source, filters))


def chosen(frame: pd.DataFrame, filters: Filters) -> pd.DataFrame:
    shipped = frame["shipped_on"].dt.date
    kept = frame[(shipped >= filters.since) & (shipped <= filters.until)]
    for name, values in (
        ("courier", filters.couriers), ("county", filters.counties), ("payment", filters.payments)
    ):  # fmt: skip
        kept = kept[kept[name].isin(values)] if values else kept
    return kept


@pytest.mark.parametrize("filters", [ALL, SOME], ids=["everything", "some"])
@pytest.mark.parametrize("by", ["courier", "county", "payment", "week"])
def test_rates_equal_a_count_of_the_rows(world: World, filters: Filters, by: str) -> None:
    source, frame = world
    answer = figures.rates(cells_of(source, filters), [by]).set_index(by)
    rows = chosen(frame, filters)
    monday = rows["shipped_on"] - pd.to_timedelta(rows["shipped_on"].dt.day_of_week, "D")
    truth = counts(rows.assign(week=monday), by)
    for name in truth.columns:
        assert answer[name].to_dict() == truth[name].to_dict(), name


def test_totals_equal_plain_sql(world: World) -> None:
    source, _ = world
    sql = (
        "SELECT courier, COUNT(*), SUM(outcome = 'refused'), SUM(outcome IS NULL) FROM parcels "
        "WHERE payment = 'cod' AND shipped_on >= '2026-01-01' GROUP BY courier"
    )
    with source.connect() as connection:
        truth = {row[0]: tuple(row[1:]) for row in connection.execute(text(sql))}
    cells = cells_of(source, Filters(date(2026, 1, 1), TODAY, payments=("cod",)))
    answer = figures.rates(cells, ["courier"])
    rows = answer[["courier", "shipped", "refused", "open"]].itertuples(index=False)
    assert {row[0]: tuple(row[1:]) for row in rows} == truth


@pytest.mark.parametrize("name", SLICES)
def test_every_slice_adds_up_to_what_was_shipped(world: World, name: str) -> None:
    source, frame = world
    answer = counting.by_slice(rows_of(source, ALL), name)
    assert answer["shipped"].sum() == len(frame)
    parts = answer[["delivered", "refused", "lost", "open"]].sum(axis=1)
    assert (parts == answer["shipped"]).all()


def test_a_weekday_slice_counts_from_monday(world: World) -> None:
    source, frame = world
    answer = (
        counting.by_slice(rows_of(source, ALL), "weekday").set_index("slice")["shipped"].to_dict()
    )
    assert answer == frame["shipped_on"].dt.day_name().value_counts().to_dict()


def test_products_and_money_equal_a_count_of_the_rows(world: World) -> None:
    source, frame = world
    until = TODAY - timedelta(days=20)
    rows = frame[frame["shipped_on"].dt.date <= until]
    answer = counting.by_slice(rows_of(source, ALL).until(until), "product").set_index("slice")
    assert answer["refused"].to_dict() == counts(rows, "sku")["refused"].to_dict()
    lost = figures.value_lost(cells_of(source, ALL), figures.Costs(1, 2, 40, 300, "RON"))
    refused = frame[frame["outcome"] == "refused"]
    assert lost["value_refused_minor"].tolist() == [refused["value_minor"].sum()]
    cod = (refused["payment"] == "cod").sum()
    assert lost["cost_minor"].tolist() == [len(refused) * 303 + cod * 40]


def test_money_and_days_by_cohort_add_up_to_those_of_all(world: World) -> None:
    """The lines under the headline's figures are of the same parcels as the figures."""
    source, frame = world
    look, costs = view.load(source, ALL, TODAY), figures.Costs(1, 2, 40, 300, "RON")
    whole = figures.value_lost(look.mature, costs)["cost_minor"].sum()
    assert look.line_of_costs("week", costs).sum() == whole
    assert figures.money_lost(look.mature, costs)["lost_minor"].sum() == whole
    assert look.cost_of_each(costs) == whole / look.mature["refused"].sum()
    assert look.line_of_missing("month").sum() == look.missing["n"].sum()
    back = frame[frame["scanned_on"].notna() & frame["outcome_on"].notna()]
    back = back[back["shipped_on"].dt.date <= look.until]
    days = (back["scanned_on"] - back["outcome_on"]).dt.days
    truth = days.groupby(back["shipped_on"].dt.strftime("%Y-%m")).quantile(
        0.5, interpolation="lower"
    )
    line = look.line_of_days("month")
    assert dict(zip(line.index.strftime("%Y-%m"), line, strict=True)) == truth.to_dict()


@pytest.mark.parametrize(("newest", "verdict"), [(0.3, "worse"), (0.03, "better"), (0.13, "")])
def test_a_trend_is_told_where_the_newest_quarter_differs_beyond_chance(
    newest: float, verdict: str
) -> None:
    weeks = pd.date_range("2026-01-05", periods=12, freq="7D")
    refused = [13.0] * 9 + [100 * newest] * 3
    frame = pd.DataFrame(
        {"cohort": weeks, "courier": "fan", "shipped": 100, "refused": refused, "mature": True}
    )
    young = frame.assign(refused=100, mature=False, cohort=frame["cohort"] + pd.Timedelta("90D"))
    (row,) = figures.trend(pd.concat([frame, young])).to_dict("records")
    assert (row["courier"], row["verdict"]) == ("fan", verdict)
    assert row["change"] == pytest.approx(newest - 0.13)
    few = frame.assign(shipped=10, refused=frame["refused"] / 10)
    assert figures.trend(few)["verdict"].tolist() == [""]


def test_maturity_is_the_95th_percentile_of_days_to_outcome(world: World) -> None:
    source, frame = world
    days = (frame["outcome_on"] - frame["shipped_on"]).dt.days.dropna()
    truth = int(days.quantile(0.95, interpolation="higher"))
    answer = figures.days_to_maturity(counting.delays(rows_of(source, ALL)))
    assert abs(answer - truth) <= 1
    assert (days <= answer).mean() >= 0.95 > (days <= answer - 1).mean()


def test_missing_parcels_are_refused_long_ago_and_never_scanned(world: World) -> None:
    source, frame = world
    truth = frame[
        (frame["outcome"] == "refused")
        & frame["scanned_on"].isna()
        & (frame["outcome_on"].dt.date < TODAY - timedelta(days=14))
    ]
    answer = queries.missing(source, ALL, TODAY, 14)
    assert set(answer["tracking"]) == set(truth["tracking"])
    waited = (pd.Timestamp(TODAY) - truth.set_index("tracking")["outcome_on"]).dt.days.to_dict()
    assert dict(zip(answer["tracking"], answer["days"], strict=True)) == waited


def test_time_to_process_is_the_median_and_p90_of_each_step(world: World) -> None:
    source, frame = world
    answer = figures.time_to_process(counting.process_days(rows_of(source, ALL))).set_index("step")
    days = (frame["scanned_on"] - frame["outcome_on"]).dt.days.dropna()
    step = answer.loc["refused to scanned"]
    assert step["n"] == len(days)
    assert step["median"] == days.quantile(0.5, interpolation="lower")
    assert (days <= step["p90"]).mean() >= 0.9 > (days <= step["p90"] - 1).mean()


def test_cumulative_incidence_ends_at_the_couriers_rate(world: World) -> None:
    source, frame = world
    look = view.load(source, ALL, TODAY)
    curve = look.incidence()
    assert (curve.groupby("courier")["share"].diff().dropna() >= 0).all()
    rows = frame[frame["shipped_on"].dt.date <= look.until]
    truth = counts(rows, "courier")
    ends = curve.groupby("courier")["share"].last()
    for courier, end in ends.items():
        row: Any = truth.loc[courier]
        assert end == pytest.approx(row["refused"] / row["shipped"])


def test_repeat_refusers_have_at_least_two_refusals(world: World) -> None:
    source, frame = world
    refused = frame[frame["outcome"] == "refused"]["customer_key"].value_counts()
    answer = queries.repeaters(source, ALL).set_index("customer_key")["refused"].to_dict()
    assert answer == refused[refused >= 2].to_dict()


def test_the_parcels_behind_a_mark_are_as_many_as_the_mark_says(world: World) -> None:
    source, frame = world
    one = ALL.narrowed(courier="fan", county="București")
    rows = chosen(frame, one)
    for outcome, truth in (
        ("refused", rows["outcome"] == "refused"),
        ("open", rows["outcome"] == ""),
        (None, rows["outcome"] != "?"),
    ):
        assert len(queries.parcel_list(source, one, outcome, limit=9_999)) == truth.sum()


def test_the_period_before_ends_where_this_one_begins() -> None:
    before = SOME.before()
    assert before.until == SOME.since - timedelta(days=1)
    assert before.until - before.since == SOME.until - SOME.since
    assert replace(before, since=SOME.since, until=SOME.until) == SOME


def test_each_step_of_the_funnel_is_counted_among_the_step_before(world: World) -> None:
    source, frame = world
    rows = frame[frame["outcome"] == "refused"]
    truth = {"shipped": len(frame), "refused": len(rows)}
    for name, day in (("back", "scanned_on"), ("cancelled", "cancelled_on")):
        rows = rows[rows[day].notna()]
        truth[name] = len(rows)
    truth["reversed"] = int(rows["reversed_on"].notna().sum())
    steps = figures.funnel(cells_of(source, ALL)).set_index("step")["n"].to_dict()
    assert steps == truth
    for name, count in truth.items():
        assert len(queries.parcel_steps(source, ALL, name, limit=99_999)) == count
