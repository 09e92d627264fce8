"""The dialog that lets a phone in, at a desk that phones cannot reach yet."""

import pytest
from pages_support import ROOT
from sqlalchemy import Engine
from streamlit.testing.v1 import AppTest

OPEN = f"""
import sys
sys.path.insert(0, {str(ROOT)!r})
from pages.common import session
from pages.scan import phone
session.prepare()
phone.phone_dialog(1)
"""


@pytest.mark.parametrize(
    ("desk", "command"),
    [("empty", "refuz serve --https --host 0.0.0.0"), ("sample", "make run HTTPS=1")],
    indirect=["desk"],
)
def test_the_command_that_lets_phones_in_starts_this_kind_of_desk(
    desk: Engine, command: str
) -> None:
    """ "make run" would have opened the sandbox to whoever runs a shop's own desk."""
    app = AppTest.from_string(OPEN, default_timeout=30).run()
    assert not app.exception
    assert [one.value for one in app.markdown] == [f"`{command}`"]
