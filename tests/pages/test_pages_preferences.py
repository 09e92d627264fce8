"""Preferences: what cannot work is refused where one sees it."""

import pytest
from pages_support import open_page
from sqlalchemy import Engine

from core.settings import preferences
from core.store import db
from pages.common.plain import plain

pytestmark = pytest.mark.parametrize("desk", ["empty"], indirect=True)


@pytest.mark.parametrize("typed", ["lei", "XYZ", "", "R1N"])
def test_a_limit_in_no_currency_is_refused_above_the_button(desk: Engine, typed: str) -> None:
    """Every run would wait for a second person; on a phone what is below Save is not seen."""
    app = open_page("settings")
    [field] = [one for one in app.text_input if one.label == "Currency of that sum"]
    field.input(typed)
    next(one for one in app.button if one.label == "Save").click().run()
    [sentence] = [plain(one.value) for one in app.error]
    assert typed.upper() in sentence
    drawn = [one for one in app.main if one.type == "error" or getattr(one, "label", "") == "Save"]
    assert [one.type for one in drawn] == ["error", "button"]
    with db.reading() as connection:
        assert preferences.load(connection).two_people_currency == "RON"
