"""Figures against worlds whose truth is known, and against the textbook."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.insight import figures

TODAY = date(2026, 11, 20)


def cell(**values: object) -> dict[str, object]:
    row = {"week": pd.Timestamp("2026-06-01"), "courier": "fan", "payment": "cod"}
    row |= {"county": "Cluj", "currency": "RON"} | dict.fromkeys(figures.SUMS, 0)
    return row | values


def cells_of(days_ago: np.ndarray, refused: np.ndarray, delay: np.ndarray) -> pd.DataFrame:
    """Cells as the database would count them, of parcels with a known fate and delay."""
    shipped_on = pd.Timestamp(TODAY) - pd.to_timedelta(days_ago, "D")
    known = delay <= days_ago
    frame = pd.DataFrame({"shipped": 1, "refused": refused & known, "delivered": ~refused & known})
    frame["week"] = shipped_on - pd.to_timedelta(shipped_on.day_of_week, "D")
    return frame.groupby("week", as_index=False).sum()


@pytest.mark.parametrize(
    ("k", "n", "low", "high"),
    [(0, 20, 0.0, 0.1611), (10, 100, 0.0552, 0.1744), (81, 263, 0.2553, 0.3662), (5, 5, 0.5655, 1)],
)
def test_the_interval_is_wilsons(k: int, n: int, low: float, high: float) -> None:
    """Newcombe 1998, table I, gives 81/263 → 0.2553 to 0.3662."""
    answer = figures.wilson(k, n)
    assert [float(bound) for bound in answer] == pytest.approx([low, high], abs=5e-5)


@given(st.integers(1, 10**7), st.floats(0, 1))
def test_the_interval_holds_the_rate_and_stays_within_0_and_1(n: int, share: float) -> None:
    k = round(n * share)
    low, high = figures.wilson(k, n)
    assert 0 <= low <= k / n + 1e-12
    assert k / n - 1e-12 <= high <= 1


def test_under_20_shipped_there_are_counts_and_no_rate() -> None:
    frame = pd.DataFrame([cell(shipped=19, refused=5), cell(courier="gls", shipped=20, refused=5)])
    answer = figures.rates(frame, ["courier"]).set_index("courier")
    assert answer.loc["fan", ["rate", "low", "high"]].isna().all()
    assert answer.loc["fan", "refused"] == 5
    assert answer.loc["gls", "rate"] == 0.25


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_headline_finds_12_percent_where_last_weeks_figure_does_not(seed: int) -> None:
    """Deliveries resolve in days, refusals in weeks: young cohorts look too good."""
    rng = np.random.default_rng(seed)
    count = 60_000
    days_ago, refused = rng.integers(0, 365, count), rng.random(count) < 0.12
    delay = np.where(refused, 4 + rng.gamma(3, 3, count), 1 + rng.gamma(2, 0.8, count)).astype(int)
    frame = cells_of(days_ago, refused, delay)
    known = pd.DataFrame({"days": delay[delay <= days_ago], "n": 1})
    until = figures.mature_until(TODAY, figures.days_to_maturity(known))
    headline = figures.headline(frame, frame.head(0), until)
    naive = frame[frame["week"] >= pd.Timestamp(TODAY) - pd.Timedelta(days=10)].sum(
        numeric_only=True
    )
    assert headline.rate == pytest.approx(0.12, abs=0.02)
    assert naive["refused"] / naive["shipped"] < 0.06


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_couriers_equal_at_one_mix_agree_once_adjusted(seed: int) -> None:
    rng = np.random.default_rng(seed)
    rows = [
        cell(courier=courier, payment=payment, shipped=n, refused=rng.binomial(n, chance))
        for courier, cod in (("packeta", 0.2), ("cargus", 0.9))
        for payment, n, chance in (
            ("cod", int(40_000 * cod), 0.16),
            ("prepaid", int(40_000 * (1 - cod)), 0.03),
        )
    ]
    answer = figures.mix_adjusted(pd.DataFrame(rows)).set_index("courier")
    assert abs(answer["rate"].diff().iloc[-1]) > 0.07
    assert abs(answer["adjusted"].diff().iloc[-1]) < 0.01


def test_a_courier_without_one_of_the_payments_gets_no_adjusted_rate() -> None:
    rows = [
        cell(courier="fan", shipped=500, refused=50),
        cell(courier="fan", payment="prepaid", shipped=500, refused=5),
        cell(courier="gls", shipped=500, refused=50),
    ]
    answer = figures.mix_adjusted(pd.DataFrame(rows)).set_index("courier")
    assert answer.loc["fan", "adjusted"] == pytest.approx(0.1 * 2 / 3 + 0.01 / 3)
    assert np.isnan(answer.loc["gls", "adjusted"])


def test_a_week_is_mature_once_its_last_day_is() -> None:
    weeks = pd.Series(pd.to_datetime(["2026-11-02", "2026-11-09"]))
    assert figures.is_mature(weeks, date(2026, 11, 8)).tolist() == [True, False]
    assert figures.is_mature(weeks, date(2026, 11, 7)).tolist() == [False, False]


def test_money_of_two_currencies_is_never_added() -> None:
    rows = [
        cell(shipped=1, refused=1, value_refused_minor=500),
        cell(shipped=1, refused=1, value_refused_minor=70, currency="EUR"),
    ]
    lost = figures.value_lost(pd.DataFrame(rows), figures.Costs(1, 1, 1, 1)).set_index("currency")
    assert lost["value_refused_minor"].to_dict() == {"EUR": 70, "RON": 500}
    assert lost.loc["RON", "cost_minor"] == 4
    assert np.isnan(lost.loc["EUR", "cost_minor"])


outcomes = st.lists(
    st.tuples(
        st.sampled_from(["delivered", "refused", "lost", "open"]),
        st.sampled_from(["fan", "gls"]),
        st.sampled_from(["cod", "prepaid"]),
    ),
    min_size=1,
    max_size=60,
)


@given(outcomes, st.sampled_from(["courier", "payment", "week", "county"]))
def test_totals_are_what_was_shipped_for_every_slice(
    drawn: list[tuple[str, str, str]], by: str
) -> None:
    rows = [
        cell(courier=courier, payment=payment, shipped=1, **{outcome: 1})
        for outcome, courier, payment in drawn
    ]
    answer = figures.rates(pd.DataFrame(rows), [by])
    assert answer["shipped"].sum() == len(drawn)
    parts = answer[["delivered", "refused", "lost", "open"]].sum(axis=1)
    assert (parts == answer["shipped"]).all()


def test_each_step_of_the_funnel_is_a_share_of_the_one_before() -> None:
    frame = pd.DataFrame([cell(shipped=100, refused=20, back=10, cancelled=10, reversed=9)])
    answer = figures.funnel(frame)
    assert answer["n"].tolist() == [100, 20, 10, 10, 9]
    assert answer["share"].tolist()[1:] == [0.2, 0.5, 1.0, 0.9]
