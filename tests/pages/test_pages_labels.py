"""Whatever is pressed or filled in has a name, also where an icon is all that one sees."""

import pytest
from pages_support import open_page
from sqlalchemy import Engine

PAGES = ("scan", "review", "follow_up", "analytics", "history", "settings")


@pytest.mark.parametrize("desk", ["empty", "finished"], indirect=True)
def test_every_button_and_field_has_a_name(desk: Engine) -> None:
    """A screen reader said "help icon" of the one on Scan, in English to everybody."""
    for page in PAGES:
        app = open_page(page)
        fields = (app.button, app.text_input, app.selectbox, app.checkbox, app.toggle, app.radio,
                  app.number_input, app.date_input, app.text_area)  # fmt: skip
        nameless = [repr(one) for kind in fields for one in kind if not one.label.strip()]
        assert nameless == [], page


@pytest.mark.parametrize("desk", ["empty"], indirect=True)
def test_without_a_pile_the_first_step_is_the_strong_button(desk: Engine) -> None:
    [first] = [one for one in open_page("scan").button if one.label == "New pile"]
    assert first.proto.type == "primary"
