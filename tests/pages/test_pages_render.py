"""Every page draws itself without an exception, whatever the data and the language."""

from pathlib import Path

import pytest
from sqlalchemy import Engine
from streamlit.testing.v1 import AppTest

from core.orders.piles import piles
from core.settings import preferences
from core.store import db

ROOT = Path(__file__).resolve().parents[2]
PAGES = (
    "scan", "review", "follow_up", "analytics", "history", "settings",
)  # fmt: skip


def _app(language: str) -> AppTest:
    with db.writing() as connection:
        preferences.save(connection, "Ana", language=language)
    return AppTest.from_file(str(ROOT / "pages" / "main.py"), default_timeout=30)


@pytest.mark.parametrize("language", ["en", "ro"])
@pytest.mark.parametrize("desk", ["empty", "sample", "finished"], indirect=True)
def test_each_page_draws_itself(desk: Engine, language: str) -> None:
    """Empty, with a pile, and after a run, in both languages: no exception, raw or caught."""
    app = _app(language)
    for page in PAGES:
        app.switch_page(str(ROOT / "pages" / page / "page.py")).run()
        assert not app.exception, (page, app.exception)
        assert not [one.value for one in app.error], (page, [one.value for one in app.error])
        assert app.session_state["_language"] == language


def test_a_page_that_fails_says_so_calmly_and_names_a_number(
    desk: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error boundary: a sentence that says what to do, and no trace of the program."""

    def broken(*_: object) -> None:
        raise RuntimeError("secret detail of the program")

    monkeypatch.setattr(piles, "get", broken)
    monkeypatch.setattr(piles, "open_piles", broken)
    app = _app("en").switch_page(str(ROOT / "pages" / "review" / "page.py")).run()
    assert not app.exception
    told = [str(one.value) for one in app.error]
    assert told
    assert all("nothing was lost" in one and "number" in one for one in told)
    assert "secret detail" not in " ".join(told)
