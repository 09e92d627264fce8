"""A report's column for the way back: yes, no, a number, or told; nothing else is learnt."""

import datetime as dt

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from set_clock import SetClock
from sqlalchemy import Engine, delete
from test_orders_import_files import everything, parcel_of, statuses

from core.clock import now, today
from core.labels import normalise
from core.orders.imports.courier_report import NO, YES, import_courier_report
from core.settings.preferences import Preferences
from core.store import db
from core.store.tables import aliases, order_lines, orders, parcels

NUMBERS = st.integers(10**12, 10**13 - 1)
SAYS_NO = [*sorted(NO - {"–"}), "N/A", "nan", "#REF!", "null", "lipsă"]
CUT = ["7.00013E+12", "8,1E+11", "9.4e15"]
WORDS = ["poate", "la depozit", "cu ramburs", "ora 12", "12 lei", "tel 0722123456"]
CELLS = st.one_of(
    st.sampled_from(sorted(YES)).map(lambda one: ("yes", one)),
    st.sampled_from(SAYS_NO).map(lambda one: ("no", one)),
    st.sampled_from(CUT + WORDS).map(lambda one: ("noted", one)),
    NUMBERS.map(lambda one: ("number", str(one))),
)


@given(
    st.lists(CELLS, min_size=1, max_size=5),
    st.sampled_from([str.lower, str.upper, str.title]),
    st.sampled_from(["{}", " {} ", '"{}"', "{}.", "({})"]),
)
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_only_numbers_are_learnt_and_only_what_goes_back_is_said_to(
    engine: Engine, shop: int, cells: list[tuple[str, str]], case: type, form: str
) -> None:
    """ "NU" had been a return number, every parcel of such a list on its way back, "DA." a no."""
    with db.writing() as connection:
        for table in (aliases, order_lines, parcels, orders):
            connection.execute(delete(table))
    boxes = [f"7000999{place:06}" for place in range(len(cells))]
    lines = ["AWB;Retur"]
    for place, (box, (_, cell)) in enumerate(zip(boxes, cells, strict=True)):
        parcel_of(engine, shop, f"R{place}", box)
        lines.append(f"{box};{form.format(case(cell))}")
    report = import_courier_report("\n".join(lines).encode())
    wanted = sorted(normalise(cell) for kind, cell in cells if kind == "number")
    assert list(everything(engine, aliases.c.code_key)) == wanted
    back = [kind in ("yes", "number") for kind, _ in cells]
    assert [outcome == "refused" for _, outcome in statuses(engine)] == back
    noted = {one.line for one in report.notes}
    assert {line for line, (kind, _) in enumerate(cells, 2) if kind == "noted"} <= noted
    assert (
        not {line for line, (kind, _) in enumerate(cells, 2) if kind in ("yes", "number")} & noted
    )


@pytest.mark.parametrize("hour", [3, 23])  # of UTC: the merchant's day is another one at night
@pytest.mark.parametrize("ahead", [2, 40, 365, 20_000])
def test_a_status_of_a_day_to_come_is_told_and_stands_before_nothing(
    engine: Engine, shop: int, set_clock: SetClock, hour: int, ahead: int
) -> None:
    """2062 for 2026: every later word of the courier was older than that for 36 years."""
    set_clock.stand_still(hour)
    parcel_of(engine, shop, "T1", "7000999000771")
    day = today(Preferences().zone) + dt.timedelta(days=ahead)
    report = import_courier_report(f"AWB;Status;Data\n7000999000771;Refuzat;{day}\n".encode())
    assert [(one.line, one.column) for one in report.notes] == [(2, "at")]
    later = import_courier_report(f"AWB;Status;Data\n7000999000771;Livrat;{now():%F}\n".encode())
    assert later.notes == []
    assert [status for status, _ in statuses(engine)] == ["delivered"]
