"""What a page shows first fits the window it was opened in."""

import pytest
from pages_support import open_page
from sqlalchemy import Engine

from pages.analytics import filters
from pages.common import session
from pages.review import orders

TICKS = 34  # pixels of the column that ticks rows
ROOM = {"desk": 1216, "tablet": 780, "phone": 366}  # of a list in windows of 1,280, 820, 390


@pytest.mark.parametrize("where", sorted(ROOM))
@pytest.mark.parametrize("labels", [True, False])
def test_order_and_what_will_happen_are_in_sight_in_every_window(
    where: str, *, labels: bool
) -> None:
    columns = orders._columns([], where, done=False)
    listed = orders._in_sight(where, labels=labels)
    assert set(listed) | {"label"} == set(columns)
    upto = listed[: listed.index("what") + 1]
    assert "order" in upto
    assert TICKS + sum(columns[one]["width"] for one in upto) <= ROOM[where]


def test_on_a_desk_all_six_columns_are_in_sight() -> None:
    columns = orders._columns([], "desk", done=False)
    assert TICKS + sum(one["width"] for one in columns.values()) <= ROOM["desk"]


@pytest.mark.parametrize("where", ["desk", "phone"])
def test_the_list_of_a_pile_has_its_columns_in_that_order(
    desk: Engine, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    monkeypatch.setattr(orders, "window", lambda: where)
    (shown,) = [one.value for one in open_page("review").dataframe if "what" in one.value]
    assert list(shown.columns) == orders._in_sight(where, labels=False)


@pytest.mark.parametrize(("where", "folded"), [("desk", 0), ("phone", 4)])
def test_analytics_folds_all_but_its_first_screen_on_a_phone(
    desk: Engine, monkeypatch: pytest.MonkeyPatch, where: str, folded: int
) -> None:
    """`session.window` is what the page asks; its script is read anew at each run."""
    monkeypatch.setattr(session, "window", lambda: where)
    monkeypatch.setattr(filters, "window", lambda: where)
    app = open_page("analytics")
    parts = [one for one in app.expander if one.label in PARTS]
    assert len(parts) == folded
    charts = len(app.get("plotly_chart"))
    assert charts == (2 if folded else 11), charts


PARTS = ("Couriers", "Counties", "Products and customers", "What became of the parcels")
