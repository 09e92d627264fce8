"""Review shows the next box that no code led to an order, and one tap answers."""

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, insert, select, update
from streamlit.testing.v1 import AppTest

from core.config import DATA
from core.finding import boxes
from core.finding.codes import FieldCode, FindCode
from core.orders.imports import importing
from core.orders.piles import piles, scans
from core.reasons import Reason
from core.settings import connections
from core.store import db
from core.store.states import BoxState
from core.store.tables import boxes as table
from core.store.tables import orders, pictures, pile_pictures
from tests.first_look import known_pages

ROOT = Path(__file__).resolve().parents[2]
THEN = dt.datetime(2026, 11, 3, 12, tzinfo=dt.UTC)


@pytest.fixture
def box(engine: Engine) -> Any:
    """A box with two candidates, the first one's order."""
    with db.writing() as connection:
        shop = connections.save(
            connection, kind="shop", service="shopify", name="Casa Verde",
            settings={"base_url": "https://casa.example"}, secrets_={},
        )  # fmt: skip
    sheet = importing.read_table((DATA / "orders.csv").read_bytes(), "orders.csv")
    importing.import_orders(shop, sheet, importing.guess_columns(sheet.headers))
    pile = piles.create("Monday")
    agrees = Reason.of(FindCode.AGREES, field=FieldCode.NAME, value="*Ana* [Pop](x)")
    with db.writing() as connection:
        first, second = connection.execute(select(orders).order_by(orders.c.id).limit(2)).all()
        connection.execute(
            insert(pictures).values(
                sha256="b" * 64, filename="p.jpg", mime="", size=1, width=0, height=0,
                created_at=THEN,
            )
        )  # fmt: skip
        picture = connection.scalar(
            insert(pile_pictures)
            .values(
                pile_id=pile, sha256="b" * 64, filename="p.jpg", state="read", added_at=THEN,
                added_by="Ana", boxes_made=True,
            )
            .returning(pile_pictures.c.id)
        )  # fmt: skip
        candidates = [
            {"order_id": one.id, "name": one.name, "sure": sure, "kinds": ["name"],
             "reasons": [agrees.as_json()], "marks": [[0.1, 0.1, 0.5, 0.2]]}
            for one, sure in ((first, 0.91), (second, 0.05))
        ]  # fmt: skip
        connection.execute(
            insert(table).values(
                pile_id=pile, picture_id=picture, paper=[[0, 0], [9, 0], [9, 9], [0, 9]],
                state=BoxState.OPEN, candidates=candidates, why=Reason.of(FindCode.FITS, count=2),
                created_at=THEN,
            )
        )  # fmt: skip
    return first


def review(page: str = "review") -> AppTest:
    app = AppTest.from_file(str(ROOT / "pages" / "main.py"), default_timeout=30)
    known_pages(app)
    app.switch_page(str(ROOT / "pages" / page / "page.py")).run()
    assert not app.exception
    return app


def test_one_tap_takes_the_order_and_the_card_goes(box: Any) -> None:
    app = review()
    (waiting,) = boxes.waiting(None)
    button = app.button(key=f"box-{waiting.id}-1")
    assert box.name.lstrip("#") in button.label
    assert "91" in button.label
    button.click().run()
    assert not app.exception
    assert boxes.waiting(None) == []
    with db.reading() as connection:
        taken = connection.execute(select(table)).one()
    assert (taken.state, taken.order_id) == (BoxState.FOUND, box.id)


def test_both_cards_of_a_pile_are_counted_once_and_nothing_is_told_as_certain(box: Any) -> None:
    """The number stands on the box alone: with two of them one adds what was counted already."""
    [pile] = piles.open_piles()
    for number in range(2):
        scans.take_scan(pile.id, f"9988776655443{number}", source="scanner", key=f"odd{number}")
    with db.writing() as connection:
        candidates = connection.scalar(select(table.c.candidates))
        surest = [{**one, "sure": 0.9996} for one in candidates or ()]
        connection.execute(update(table).values(candidates=surest))
    app = review()
    left = [one.value for one in app.caption if " left" in one.value]
    assert [one.split(" ")[0] for one in left] == ["3"]
    (waiting,) = boxes.waiting(None)
    assert "99% sure" in app.button(key=f"box-{waiting.id}-1").label


def test_what_was_read_is_drawn_letter_for_letter(box: Any) -> None:
    text = " ".join(one.value for one in review().caption)
    assert "\\*Ana\\*" in text


def test_none_of_these_keeps_the_box_without_candidates(box: Any) -> None:
    app = review()
    (waiting,) = boxes.waiting(None)
    app.button(key=f"box-{waiting.id}-none").click().run()
    assert not app.exception
    (after,) = boxes.waiting(None)
    assert after.candidates == []


def test_no_key_answers_two_questions_at_once(box: Any) -> None:
    """A box and a label of one pile wait together: the keys are the box's until it is answered."""
    [pile] = piles.open_piles()
    scans.take_scan(pile.id, "99887766554433", source="scanner", key="odd")

    def keys() -> dict[str, list[str]]:
        labels: dict[str, list[str]] = {}
        for one in review().button:
            if one.proto.shortcut:
                labels.setdefault(one.proto.shortcut.lower(), []).append(one.label)
        return labels

    asked = keys()
    assert asked["n"] == ["None of these"]
    assert [found for found in asked.values() if len(found) > 1] == []
    (waiting,) = boxes.waiting(None)
    boxes.none_of_these(waiting.id)  # it stays, and nothing of it has a key
    assert keys()["n"] == ["Not a parcel"]
    boxes.dismiss(waiting.id)
    assert keys()["n"] == ["Not a parcel"]


def test_follow_up_counts_boxes_and_labels_together_under_headings_of_one_size(box: Any) -> None:
    """And the box can be answered there; keys belong to Review."""
    [pile] = piles.open_piles()
    for number in range(2):
        scans.take_scan(pile.id, f"9988776655443{number}", source="scanner", key=f"odd{number}")
    app = review("follow_up")
    heads = [one.value for one in app.markdown if one.value.startswith("#")]
    assert "#### Needs a look · 3" in heads
    assert "#### Needs a person · 0" in heads
    assert not [one.label for one in app.button if one.proto.shortcut]
    (waiting,) = boxes.waiting(None)
    app.button(key=f"box-{waiting.id}-1").click().run()
    assert boxes.waiting(None) == []
    assert "#### Needs a look · 2" in [one.value for one in app.markdown]
