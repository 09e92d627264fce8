"""Connections keep their secrets sealed; preferences keep their promises."""

from pathlib import Path

import pytest
from sqlalchemy import Engine, exc

from core.audit import trail
from core.audit.actions import Action
from core.errors import UserError
from core.settings import connections, preferences, secrets
from core.store import db


def save_shop(engine: Engine, **changes: object) -> int:
    values = {
        "kind": "shop",
        "service": "shopify",
        "name": "Casa Verde",
        "settings": {"base_url": "https://casa-verde.example"},
        "secrets_": {"token": "shpat_very_secret"},
    }
    with db.writing(engine) as connection:
        return connections.save(connection, **{**values, **changes})  # type: ignore[arg-type]


def test_a_secret_comes_back_but_is_nowhere_readable_in_the_files(
    engine: Engine, home_dir: Path
) -> None:
    number = save_shop(engine)
    with db.reading(engine) as connection:
        assert connections.load(connection, number).secrets == {"token": "shpat_very_secret"}
        assert "shpat" not in repr(connections.load(connection, number))
    engine.dispose()
    for file in home_dir.iterdir():
        assert b"shpat_very_secret" not in file.read_bytes()


def test_saving_the_same_name_again_changes_the_one_there_is(engine: Engine) -> None:
    first = save_shop(engine)
    second = save_shop(engine, settings={"base_url": "https://other.example"})
    assert first == second
    with db.reading(engine) as connection:
        assert [c.settings for c in connections.all_connections(connection, "shop")] == [
            {"base_url": "https://other.example"}
        ]
        assert len(trail.search(connection, actions=[Action.CONNECTION_SAVED])) == 2


def test_another_key_is_told_in_words(engine: Engine, home_dir: Path) -> None:
    save_shop(engine)
    (home_dir / secrets.KEY_FILE).unlink()
    with (
        pytest.raises(secrets.SecretsError, match="another key"),
        db.reading(engine) as connection,
    ):
        connections.all_connections(connection)


def test_an_unknown_kind_is_refused_by_the_database(engine: Engine) -> None:
    with pytest.raises(exc.IntegrityError):
        save_shop(engine, kind="friend")


def test_preferences_remember_only_what_was_changed_and_say_who_did(engine: Engine) -> None:
    with db.writing(engine) as connection:
        preferences.save(connection, restock_default=True, tag_after="refused")
    with db.reading(engine) as connection:
        loaded = preferences.load(connection)
        entries = trail.search(connection, actions=[Action.PREFERENCES_CHANGED])
    assert (loaded.restock_default, loaded.tag_after, loaded.notify_default) == (
        True,
        "refused",
        False,
    )
    assert entries[0].detail == {
        "restock_default": [False, True],
        "tag_after": ["refused-returned", "refused"],
    }


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"time_zone": "Mars/Base"}, "time zone"),
        ({"document": "delete"}, "storno or annulled"),
        ({"two_people_currency": "LEI"}, "“LEI” is no currency"),
    ],
)
def test_a_preference_that_cannot_work_is_refused_with_a_sentence(
    engine: Engine, change: dict[str, str], words: str
) -> None:
    with pytest.raises(UserError, match=words), db.writing(engine) as connection:
        preferences.save(connection, **change)
