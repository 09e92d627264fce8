"""Five working days for a storno's way to e-Factura, Romania's holidays left out."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.services.invoicing.efactura import filing_deadline, is_working_day


@pytest.mark.parametrize(
    ("issued", "by"),
    [
        ("2026-02-02", "2026-02-09"),  # a plain week
        ("2026-02-06", "2026-02-13"),  # on a Friday
        ("2026-02-07", "2026-02-13"),  # on a Saturday
        ("2026-04-08", "2026-04-17"),  # Orthodox Good Friday the 10th, Monday the 13th
        ("2027-04-28", "2027-05-07"),  # Good Friday 30 April, Easter Monday 3 May
        ("2026-05-28", "2026-06-05"),  # Whit Monday is 1 June, and Children's Day
        ("2026-12-23", "2026-12-31"),  # Christmas
        ("2026-12-30", "2027-01-11"),  # New Year, Epiphany, Saint John
        ("2026-11-27", "2026-12-08"),  # Saint Andrew, the national day
    ],
)
def test_the_deadline_is_the_fifth_working_day_after_the_issue(issued: str, by: str) -> None:
    assert filing_deadline(dt.date.fromisoformat(issued)) == dt.date.fromisoformat(by)


@given(st.dates(dt.date(2025, 1, 1), dt.date(2035, 12, 31)))
def test_between_issue_and_deadline_lie_exactly_five_working_days(issued: dt.date) -> None:
    by = filing_deadline(issued)
    days = [issued + dt.timedelta(days=one) for one in range(1, (by - issued).days + 1)]
    assert sum(is_working_day(day) for day in days) == 5
    assert is_working_day(by)
