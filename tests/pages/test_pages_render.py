"""Every page draws itself without an exception, whatever the data and the language."""

from pathlib import Path

import pytest
from pages_support import every_tab, open_page
from sqlalchemy import Engine
from streamlit.testing.v1 import AppTest

from core import rights
from core.orders.piles import piles
from core.people import presence
from core.settings import connections, preferences
from core.store import db

ROOT = Path(__file__).resolve().parents[2]
PAGES = (
    "scan", "review", "follow_up", "analytics", "history", "settings",
)  # fmt: skip


def _app(language: str) -> AppTest:
    with db.writing() as connection:
        preferences.save(connection, language=language)
    return every_tab(AppTest.from_file(str(ROOT / "pages" / "main.py"), default_timeout=30))


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
    errors = [str(one.value) for one in app.error]
    assert errors
    assert all("nothing was lost" in one and "number" in one for one in errors)
    assert "secret detail" not in " ".join(errors)


@pytest.mark.parametrize("desk", ["finished"], indirect=True)
def test_a_tab_is_drawn_when_it_is_opened_and_stays_with_what_was_typed(desk: Engine) -> None:
    app = AppTest.from_file(str(ROOT / "pages" / "main.py"), default_timeout=30).run()
    app.switch_page(str(ROOT / "pages" / "history" / "page.py")).run()
    assert "refuz-words" not in [one.key for one in app.text_input]
    app.text_input(key="history-words").input("half a word").run()
    app.session_state["history-tab"] = "Finance"
    app.run()
    assert not app.exception
    words = {one.key: one.value for one in app.text_input if one.key != "person-field"}
    assert words == {"history-words": "half a word", "refuz-words": ""}


@pytest.mark.parametrize("page", ["scan", "history", "settings"])
def test_a_page_says_that_there_is_no_sign_in(desk: Engine, page: str) -> None:
    captions = [one.value for one in open_page(page).caption]
    assert "No sign-in: whoever opens this page here may do everything." in captions


@pytest.mark.parametrize(
    ("language", "word"),
    [
        ("en", "Sandbox without sign-in: nothing here is real."),
        ("ro", "Mediu de probă, fără autentificare: nimic de aici nu este real."),
    ],
)
def test_every_page_of_a_sandbox_says_that_it_is_one(
    desk: Engine, language: str, word: str
) -> None:
    app = _app(language)
    for page in PAGES:
        app.switch_page(str(ROOT / "pages" / page / "page.py")).run()
        assert next(one.value for one in app.caption) == word, page


def test_a_desk_with_a_service_of_its_own_is_no_sandbox_on_any_page(desk: Engine) -> None:
    with db.writing() as connection:
        connections.save(connection, kind="courier", service="dpd", name="DPD", settings={},
                         secrets_={"password": "real"})  # fmt: skip
    presence.look_again()
    app = _app("en")
    for page in PAGES:
        app.switch_page(str(ROOT / "pages" / page / "page.py")).run()
        assert not [one.value for one in app.caption if "nothing here is real" in one.value], page


@pytest.mark.parametrize("page", ["review", "analytics", "history", "follow_up"])
def test_a_page_shown_to_nobody_refuses_in_words_and_shows_no_data(desk: Engine, page: str) -> None:
    open_page(page)
    rights.refuse_unbound()
    try:
        app = AppTest.from_file(str(ROOT / "pages" / "main.py"), default_timeout=30).run()
        app.switch_page(str(ROOT / "pages" / page / "page.py")).run()
    finally:
        rights.of_process(rights.HOST)
    assert not app.exception
    assert any("a right that you do not have" in one.value for one in app.error)
    assert not app.dataframe


def test_who_may_only_scan_sees_no_way_to_a_page_that_is_not_theirs(desk: Engine) -> None:
    """A code without an order: the way to Review is there for those who have that page."""
    rights.of_process(rights.Actor("Ion", frozenset({rights.Right.SCAN})))
    try:
        app = AppTest.from_file(str(ROOT / "pages" / "main.py"), default_timeout=30).run()
    finally:
        rights.of_process(rights.HOST)
    assert not app.exception
    assert not app.error, [one.value for one in app.error]
    assert any("99999999999999" in one.value for one in app.markdown)
    assert not [one for one in app.button if one.label.startswith("Review")]
