"""Review while its run goes."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from pages_support import open_dialog, open_page
from sqlalchemy import Engine, func, select, update
from streamlit.testing.v1 import AppTest

from core.clock import now
from core.reversal.runs import runs
from core.services.codes import ServiceCode
from core.settings import connections
from core.store import db
from core.store.states import EffectKind, EffectSlot, EffectState, ReversalState
from core.store.tables import effects, reversals
from core.store.tables import runs as run_table


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


def _under_way(state: ReversalState, **values: object) -> None:
    """Every order of the run is in this state, handed to the worker."""
    with db.writing() as connection:
        row = {"state": state, "dispatched": True, **values}
        connection.execute(update(reversals).values(**row))


def _captions(app: AppTest) -> str:
    marked = "\n".join(str(one.value) for one in app.caption)
    return marked.replace("\\", "").replace("\u2060", "")  # what keeps it from being Markdown


def _ago(seconds: float) -> dt.datetime:
    return now() - dt.timedelta(seconds=seconds)


def test_a_run_whose_shop_hangs_says_what_it_waits_for_and_since_when(desk: Engine) -> None:
    """The orders are still in line: nothing is sent before the shop was read."""
    run = runs.start_run(1)
    _under_way(ReversalState.QUEUED)
    said = _captions(open_page("review"))
    assert f"{run.total} in line" in said
    assert "0 done" not in said
    assert "nothing came of it" not in said  # it has only begun
    with db.writing(desk) as connection:
        begun = _ago(75)
        connection.execute(update(run_table).values(created_at=begun))
        shops = connections.all_connections(connection, "shop")
        [shop] = [one for one in shops if one.service == "shopify"]
    said = _captions(open_page("review"))
    since = begun.astimezone(ZoneInfo("Europe/Bucharest"))
    assert f"{run.total} are to be read at {shop.name} first; nothing came of it since" in said
    assert f"since {since:%H:%M:%S}." in said


def test_a_run_that_goes_on_says_nothing_of_those_in_line(desk: Engine) -> None:
    run = runs.start_run(1)
    _under_way(ReversalState.QUEUED)
    with db.writing(desk) as connection:
        connection.execute(update(run_table).values(created_at=_ago(75)))
        first = select(func.min(reversals.c.id)).scalar_subquery()
        done = {"state": ReversalState.DONE, "finished_at": _ago(2)}
        connection.execute(update(reversals).where(reversals.c.id == first).values(**done))
    said = _captions(open_page("review"))
    assert f"1 done · {run.total - 1} in line" in said
    assert "nothing came of it" not in said


@pytest.mark.parametrize(
    ("ahead", "words"),
    [(40, "wait: Shopify did not answer in time. They are tried again at"),
     (-40, "are being tried again, since")],
)  # fmt: skip
def test_those_that_are_tried_again_say_why_and_when(
    desk: Engine, ahead: float, words: str
) -> None:
    run = runs.start_run(1)
    why = ServiceCode.NO_ANSWER_IN_TIME.of(title="Shopify")
    _under_way(ReversalState.WAITING, why=why, wake_at=_ago(-ahead))
    assert f"{run.total} {words}" in _captions(open_page("review"))


def test_what_was_sent_and_has_no_answer_yet_names_its_service_and_its_moment(
    desk: Engine,
) -> None:
    runs.start_run(1)
    _under_way(ReversalState.WORKING)
    sent = _ago(25)
    with db.writing(desk) as connection:
        first = connection.scalar(select(func.min(reversals.c.id)))
        bill = next(
            one for one in connections.all_connections(connection, "invoicing")
            if one.service == "oblio"
        )  # fmt: skip
        row = {
            "reversal_id": first, "connection_id": bill.id, "kind": EffectKind.STORNO,
            "slot": EffectSlot.DOCUMENT, "target": "x", "key": "k", "state": EffectState.SENT,
            "sent_at": sent, "updated_at": sent,
        }  # fmt: skip
        connection.execute(effects.insert().values(**row))
    said = _captions(open_page("review", "ro"))
    since = sent.astimezone(ZoneInfo("Europe/Bucharest"))
    assert f"1 așteaptă răspunsul de la {bill.name} din {since:%H:%M:%S}." in said
