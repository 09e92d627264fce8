"""A person is shown what is meant for a person; a fault of ours is logged under a number."""

from unittest import mock

import pytest
from pages_support import ROOT
from sqlalchemy import Engine
from streamlit.testing.v1 import AppTest

from core.errors import UserError
from core.settings import preferences

SCRIPT = f"""
import sys
sys.path.insert(0, {str(ROOT)!r})
from pages.common import session
from pages.settings.preferences import preferences_tab
session.prepare()
with session.guard():
    preferences_tab()
session.show_done()
"""


@pytest.mark.parametrize("desk", ["empty"], indirect=True)
@pytest.mark.parametrize(
    ("raised", "shown"),
    [
        (UserError("The shelf is full: begin another pile."), True),
        (ValueError("not enough values to unpack (expected 2, got 1)"), False),
        (LookupError("pile_id"), False),
        (TypeError("unsupported operand"), False),
    ],
)
def test_only_what_is_meant_for_a_person_is_on_the_page(
    desk: Engine, raised: Exception, shown: bool
) -> None:
    app = AppTest.from_string(SCRIPT, default_timeout=30).run()
    with mock.patch.object(preferences, "save", side_effect=raised):
        next(one for one in app.button if one.label == "Save").click().run()
    text = " ".join(one.value for one in app.error)
    assert text
    assert (str(raised.args[0]) in text) is shown
