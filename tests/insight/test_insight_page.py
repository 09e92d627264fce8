"""The page of Analytics draws itself, in both languages, whatever is chosen; so does Follow-up."""

import datetime as dt
import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import streamlit as st
from insight_truth import load
from sqlalchemy import Engine
from streamlit.testing.v1 import AppTest

from core.clock import today
from core.config import home
from core.demo.generate import history
from core.i18n import language
from core.insight import figures, view
from core.insight.filters import Filters
from core.settings import preferences
from core.store import db
from tests.first_look import known_pages

ROOT = Path(__file__).resolve().parents[2]
TODAY = today(ZoneInfo("Europe/Bucharest"))
YEAR = Filters(TODAY - dt.timedelta(days=365), TODAY)


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home of a desk with a history, to be copied."""
    folder = tmp_path_factory.mktemp("loaded")
    load(history(1_500, seed=6, today=TODAY, days=300), folder).dispose()
    return folder


@pytest.fixture
def desk(home_dir: Path, loaded: Path) -> Iterator[Engine]:
    shutil.copytree(loaded, home_dir)
    made = db.engine(home())
    yield made
    made.dispose()


def opened(query: dict[str, Any] | None = None, page: str = "analytics") -> AppTest:
    app = AppTest.from_file(str(ROOT / "pages" / "main.py"), default_timeout=60)
    for name, value in (query or {}).items():
        app.query_params[name] = value
    known_pages(app)
    app.switch_page(str(ROOT / "pages" / page / "page.py")).run()
    assert not app.exception
    assert not app.error
    return app


@pytest.mark.parametrize("tongue", ["en", "ro"])
def test_the_page_draws_every_chart_and_paper(desk: Engine, tongue: str) -> None:
    with db.writing(desk) as connection:
        preferences.save(connection, language=tongue)
    app = opened()
    assert len(app.metric) == 4
    assert len(app.get("plotly_chart")) == 11
    titles = [json.loads(one.proto.spec)["layout"]["title"]["text"]
            for one in app.get("plotly_chart")]  # fmt: skip
    note = {"en": "Left out of rates", "ro": "Lăsate deoparte din rate"}[tongue]
    assert sum(note in one.value for one in app.caption) == 1  # once, and in no chart
    assert not any(note in one for one in titles)
    assert len(app.expander) == 3


def test_without_parcels_the_page_says_what_to_do(engine: Engine) -> None:
    assert "Import orders" in opened().info[0].value


def test_the_costs_and_days_of_settings_are_the_ones_shown(desk: Engine) -> None:
    with db.writing(desk) as connection:
        preferences.save(
            connection, missing_after_days=40, shipping_out_minor=100,
            shipping_back_minor=100, cod_fee_minor=0, handling_minor=100,
        )  # fmt: skip
    app = opened()
    captions = " ".join(one.value for one in app.caption)
    figure = {one.label: one.value for one in app.metric}
    look = view.load(desk, YEAR, TODAY, 40)
    cost = figures.value_lost(look.cells, figures.Costs(100, 100, 0, 100))["cost_minor"].sum()
    assert figure["Lost to refusals"] == language.short_money(round(cost), "RON")
    assert "Called refused over 40 days ago" in captions
    assert figure["Never came back"] == f"{look.missing['n'].sum():,}"


def test_one_sentence_says_what_stands_out_and_how_sure_that_is(desk: Engine) -> None:
    """The made-up history has Cargus refused most, and the sentence follows the filters."""
    for query, filters in ({}, YEAR), ({"payment": "prepaid"}, YEAR.narrowed(payment="prepaid")):
        found = view.load(desk, filters, TODAY).standing_out()
        (sentence,) = [one.value for one in opened(query).info]
        if found is None:
            assert "Nothing stands out" in sentence
        else:
            assert f"{found.more * 100:,.1f} points more" in sentence
            assert f"among {found.looked} looked at" in sentence


def test_a_slice_is_picked_and_in_the_address(desk: Engine) -> None:
    app = opened({"slice": "weekday"})
    assert app.selectbox(key="slice").value == "weekday"
    for name in ("reason", "product", "customer"):
        app.selectbox(key="slice").set_value(name).run()
        assert not app.exception
        assert not app.error
        assert app.query_params["slice"] == name


def test_follow_up_lists_what_never_came_back_by_courier(desk: Engine) -> None:
    app = opened(page="follow_up")
    assert any("never came back" in one.label for one in app.expander)
    assert {"Cargus"} <= set(app.selectbox(key="missing-courier").options)


def test_the_files_of_what_never_came_back_are_named_by_their_day(
    desk: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    named: list[str] = []
    button = st.download_button

    def noted(label: str, data: Any, file_name: str, *rest: Any, **more: Any) -> bool:
        named.append(file_name)
        return button(label, data, file_name, *rest, **more)

    monkeypatch.setattr(st, "download_button", noted)
    app = opened(page="follow_up")
    courier = app.selectbox(key="missing-courier").value
    assert {f"claim-{courier}-{TODAY}.zip", f"refuz-missing-{TODAY}.csv"} <= set(named)
    assert not [name for name in named if not re.fullmatch(r"[\w.-]+", name)]


@pytest.mark.parametrize(
    "words",
    [
        "' OR 1=1 --",
        "<script>alert(1)</script>",
        "x'); DROP TABLE parcels; --",
        "\x00",
        "%",
        "é" * 5000,
    ],
)
def test_an_address_that_somebody_made_up_shows_the_page_and_changes_nothing(
    desk: Engine, words: str
) -> None:
    given = ("since", "until", "courier", "county", "product", "payment", "slice", "cohort",
             "value-band")  # fmt: skip
    app = opened(dict.fromkeys(given, words))
    assert "<script" not in "".join(str(one.value) for one in app.markdown)
    with desk.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM parcels").scalar()
