"""History is asked: what did Ana do on Monday, from where, in which session?"""

import datetime as dt

import pytest
from pages_support import open_page, words
from set_clock import SetClock
from sqlalchemy import Engine

from core import clock, rights
from core.audit import trail
from core.audit.actions import Action
from core.rights import ROLES, Actor, Way
from core.store import db

MONDAY = dt.datetime(2026, 11, 23, 9, 30, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("language", "came"),
    [("en", "browser · session 4 · 10.0.0.7"), ("ro", "browser · sesiunea 4 · 10.0.0.7")],
)
@pytest.mark.parametrize("desk", ["empty"], indirect=True)
def test_who_and_when_narrow_the_record_and_each_line_says_from_where(
    desk: Engine, set_clock: SetClock, language: str, came: str
) -> None:
    set_clock.passed += (MONDAY - clock.now()).total_seconds()
    for after, name, pile in ((0, "Ana", 1), (0, "Radu", 2), (1, "Ana", 3)):
        set_clock.passed += after * 86400
        who = Actor(name, ROLES["owner"], session_id=4, way=Way.BROWSER, address="10.0.0.7")
        with rights.acting(who), db.writing() as connection:
            detail = {"evidence": {"service": "smartbill", "status": 200}}
            trail.record(connection, Action.PILE_BEGUN, f"pile {pile}", detail)
    app = open_page("history", language)
    app.selectbox(key="history-who").select("Ana")
    for key in ("history-since", "history-until"):
        app.date_input(key=key).set_value(MONDAY.date())
    app.run()
    [shown] = [one.value for one in app.dataframe if len(one.value.columns) == 6]
    assert shown.shape[0] == 1
    assert list(shown.iloc[0])[1] == "Ana"
    assert str(shown.iloc[0].iloc[3]).endswith(" 1")
    assert shown.iloc[0].iloc[4].startswith("SmartBill ")  # as people call it
    assert shown.iloc[0].iloc[5] == came


@pytest.mark.parametrize("desk", ["empty", "sample"], indirect=True)
def test_finance_says_that_nothing_was_reversed_yet_and_proves_nothing_by_it(desk: Engine) -> None:
    """No green "0 twice", and no month or company to choose from none."""
    app = open_page("history")
    assert "No storno yet" in words(app)
    assert not app.success
    assert "twice" not in words(app)
    assert "finance-month" not in {one.key for one in app.selectbox}
