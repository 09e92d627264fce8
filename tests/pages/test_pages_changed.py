"""What was changed in Settings stands in History by the words of Settings."""

from dataclasses import fields, replace

import pytest
from pages_support import open_page
from sqlalchemy import Engine

from core.i18n.details import detail_line
from core.i18n.language import translate
from core.i18n.preference_labels import LABELS
from core.settings import preferences
from core.settings.preferences import Preferences
from core.store import db
from pages.common.plain import plain

pytestmark = pytest.mark.parametrize("desk", ["empty"], indirect=True)


@pytest.mark.parametrize("language", ["en", "ro"])
def test_every_preference_is_called_in_the_record_what_the_page_calls_it(
    desk: Engine, language: str
) -> None:
    assert {one.name for one in fields(Preferences)} == set(LABELS)
    app = open_page("settings", language)
    kinds = (app.toggle, app.text_input, app.text_area, app.number_input, app.selectbox, app.radio)
    drawn = {plain(one.label) for kind in kinds for one in kind}
    assert {plain(translate(one, language)) for one in LABELS.values()} - drawn == set()


@pytest.mark.parametrize(
    ("change", "english", "romanian"),
    [
        ({"two_people_minor": 1_250_050},
         "Runs of a larger sum than: 5,000.00 → 12,500.50",
         "O sumă mai mare de: 5.000,00 → 12.500,50"),
        ({"restock_default": True}, "Put the goods back to stock: no → yes",
         "Repune produsele în stoc: nu → da"),
        ({"tag_after": ""}, "Tag put on the order afterwards: refused-returned → –",
         "Eticheta pusă apoi pe comandă: refused-returned → –"),
    ],
)  # fmt: skip
def test_a_change_is_told_from_what_to_what(
    desk: Engine, change: dict[str, object], english: str, romanian: str
) -> None:
    with db.writing() as connection:
        before = preferences.load(connection)
        preferences.save(connection, **change)
    after = replace(before, **change)  # type: ignore[arg-type]  # names of its own fields
    detail = {name: [getattr(before, name), getattr(after, name)] for name in change}
    assert detail_line(detail) == english
    assert detail_line(detail, "ro") == romanian
    shown = [one.value for one in open_page("history", "ro").dataframe if len(one.value) > 0]
    assert any(romanian in str(cell) for table in shown for cell in table.to_numpy().ravel())
