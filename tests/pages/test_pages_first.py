"""Each person's first page, by its own name and at the root."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Engine
from streamlit.testing.v1 import AppTest

from core import rights
from core.rights import ROLES, Actor

MAIN = Path(__file__).resolve().parents[2] / "pages" / "main.py"


Open = Callable[..., AppTest]


@pytest.fixture
def opened(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Open:
    """The root, as somebody of a role opens it; a page's run is a thread of its own."""

    def at_the_root(role: str, **query: str) -> AppTest:
        monkeypatch.setattr(rights, "actor", lambda: Actor("Ana", ROLES[role]))
        app = AppTest.from_file(str(MAIN), default_timeout=60)
        for name, value in query.items():
            app.query_params[name] = value
        app.run()
        assert not app.exception
        return app

    return at_the_root


@pytest.mark.parametrize("role", ["scanner", "analyst", "finance", "owner"])
def test_the_root_shows_the_first_page_that_one_may_open(opened: Open, role: str) -> None:
    named = [one.value for one in opened(role).subheader]
    assert any("Analytics" in one for one in named) == (role in ("analyst", "finance"))


def test_what_stands_in_the_address_goes_along_to_the_first_page(opened: Open) -> None:
    assert opened("analyst", span="month").query_params["span"] == "month"


@pytest.mark.parametrize("role", sorted(ROLES))
def test_every_page_in_the_bar_but_scan_has_a_name_in_the_address(opened: Open, role: str) -> None:
    """A link to it, shared by somebody who has more pages, finds it."""
    links = opened(role).get("page_link")
    addresses = {one.proto.label: one.proto.page for one in links}
    assert addresses
    assert [name for name, page in addresses.items() if not page] == (
        ["Scan"] if "Scan" in addresses else []
    )
