"""What stands out is told only where chance does not explain it, and at one mix of payments."""

import itertools
import math

import numpy as np
import pandas as pd
import pytest

from core.insight import figures, standing_out


def counts(*rows: tuple[str, str, int, int]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["slice", "payment", "shipped", "refused"])


def stand_out(frame: pd.DataFrame) -> standing_out.StandOut | None:
    return standing_out.standing_out({"courier": frame})


def test_one_stratum_is_the_textbook_difference_of_two_shares() -> None:
    """30 of 100 against 20 of 200: .2 more; its variance .3 × .7 / 100 + .1 × .9 / 200."""
    answer = standing_out.against_the_rest(
        counts(("a", "cod", 100, 30), ("b", "cod", 200, 20))
    ).set_index("slice")
    half = figures.Z95 * math.sqrt(0.3 * 0.7 / 100 + 0.1 * 0.9 / 200)
    assert answer.loc["a", "more"] == pytest.approx(0.2)
    assert answer.loc["a", "low"] == pytest.approx(0.2 - half)
    assert answer.loc["a", "high"] == pytest.approx(0.2 + half)
    assert answer.loc["b", "more"] == pytest.approx(-0.2)
    fisher = sum(math.comb(50, k) * math.comb(250, 100 - k) for k in range(30, 51))
    assert answer.loc["a", "chance"] == pytest.approx(fisher / math.comb(300, 100))


def test_two_strata_are_counted_out_exactly() -> None:
    frame = counts(("a", "cod", 6, 4), ("b", "cod", 8, 3), ("a", "prepaid", 5, 2),
                   ("b", "prepaid", 4, 1))  # fmt: skip
    answer = standing_out.against_the_rest(frame).set_index("slice")
    likely = 0.0
    for k, j in itertools.product(range(7), range(4)):
        if k + j >= 6:
            cod = math.comb(7, k) * math.comb(7, 6 - k) / math.comb(14, 6)
            prepaid = math.comb(3, j) * math.comb(6, 5 - j) / math.comb(9, 5)
            likely += cod * prepaid
    assert answer.loc["a", "chance"] == pytest.approx(likely)


def test_a_courier_that_only_has_more_cash_on_delivery_does_not_stand_out() -> None:
    """As shipped it has 25.5 % against 10.5 %; at the same payment all are alike."""
    frame = counts(("much cash", "cod", 1_700, 510), ("much cash", "prepaid", 300, 0),
                   ("little cash", "cod", 700, 210),
                   ("little cash", "prepaid", 1_300, 0))  # fmt: skip
    assert stand_out(frame) is None


def test_what_differs_much_is_found_with_its_size_and_how_sure_that_is() -> None:
    frame = counts(
        ("bad", "cod", 1_000, 250), ("good", "cod", 2_000, 240), ("fair", "cod", 900, 110)
    )
    found = stand_out(frame)
    assert found is not None
    assert (found.slice, found.value, found.looked) == ("courier", "bad", 3)
    assert found.more == pytest.approx(0.25 - 350 / 2900)
    assert found.parcels == pytest.approx(found.more * 1_000)
    assert found.low < found.more < found.high
    assert found.chance < 1e-9


def test_few_parcels_and_a_value_without_a_name_say_nothing() -> None:
    assert stand_out(counts(("bad", "cod", 40, 40), ("good", "cod", 900, 90))) is None
    assert stand_out(counts(("", "cod", 400, 400), ("good", "cod", 900, 90))) is None
    assert stand_out(counts(("alone", "cod", 400, 100))) is None


def test_where_all_are_alike_nothing_is_told_almost_always() -> None:
    """73 values of one rate, 200 times: chance alone finds 2 by the limit of 1 in 100."""
    rng = np.random.default_rng(23)
    found = 0
    for _ in range(200):
        shipped = rng.integers(60, 800, 73)
        refused = rng.binomial(shipped, 0.13)
        frame = pd.DataFrame({"slice": [f"v{n}" for n in range(73)], "payment": "cod",
                              "shipped": shipped, "refused": refused})  # fmt: skip
        found += stand_out(frame) is not None
    assert found <= 5
