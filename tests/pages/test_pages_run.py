"""Review while its run goes."""

import pytest
from pages_support import open_dialog, open_page
from sqlalchemy import Engine
from streamlit.testing.v1 import AppTest

from core.reversal.runs import runs


def _warns(app: AppTest) -> bool:
    return any("The worker is not running" in str(one.value) for one in app.warning)


def test_who_watches_a_run_is_told_when_the_worker_goes(
    desk: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It goes after the page was drawn; the part that follows the run has the page say so."""
    looks: list[bool] = []  # what the next looks see; the later ones see none
    for place in ("pages.common.frame", "pages.review.run"):
        monkeypatch.setattr(f"{place}.worker_alive", lambda: looks.pop(0) if looks else False)
    monkeypatch.setattr("pages.common.frame.worker_hangs", lambda: False)
    runs.start_run(1)
    app = open_page("review")
    looks[:] = [True, True]
    assert not _warns(app.run())
    looks[:] = [True]
    assert _warns(app.run())


def test_who_is_late_to_start_a_run_is_led_to_the_one_that_was_started_meanwhile(
    desk: Engine,
) -> None:
    app = open_dialog("run._question(1, seen(range(1, 9)))")
    assert [one.label for one in app.button] == ["Start"]
    runs.start_run(1)
    app.run()
    assert ["started meanwhile" in str(one.value) for one in app.info] == [True]
    assert [one.label for one in app.button] == ["See the run"]


def test_before_what_cannot_be_taken_back_a_name_is_asked_for_where_none_was_given(
    desk: Engine,
) -> None:
    app = open_page("review").run()
    next(one for one in app.button if one.label.startswith("Run th")).click().run()
    [field] = [one for one in app.text_input if one.key == "run-who"]
    field.input("Ana").run()
    assert app.session_state["person"] == "Ana"
