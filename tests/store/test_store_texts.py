"""What no database and no page can hold of a text is gone before it is kept, whatever its way."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, func, insert, select

from core.audit import trail
from core.clock import now
from core.services.http.texts import plain
from core.store import db
from core.store.tables import audit, piles, preferences
from core.store.types import json_of, storable, storable_json

# Any code point, halves of pairs and NUL among them more often than by chance.
TEXTS = st.text(
    st.one_of(st.sampled_from("\0\ud83d\ude00\udfff"), st.characters(exclude_categories=()))
)
DEEP = st.recursive(
    st.one_of(TEXTS, st.integers(), st.none(), st.booleans()),
    lambda inner: st.lists(inner) | st.lists(inner).map(tuple) | st.dictionaries(TEXTS, inner),
    max_leaves=12,
)


def texts(value: Any) -> list[str]:
    """Every text within."""
    match value:
        case str():
            return [value]
        case dict():
            return [one for pair in value.items() for part in pair for one in texts(part)]
        case list() | tuple():
            return [one for part in value for one in texts(part)]
    return []


@given(DEEP)
def test_every_text_can_be_written_and_what_could_be_before_is_the_same(value: Any) -> None:
    kept = storable(value)
    for one in texts(kept):
        one.encode()
        assert "\0" not in one
    assert storable(kept) is kept
    assert texts(json.loads(json_of(value))) == texts(json.loads(json.dumps(kept)))


@given(st.text())
def test_a_text_of_characters_is_left_alone(text: str) -> None:
    clean = text.replace("\0", "")
    assert storable(clean) is clean


CUT = "Ana \ud83d"  # a name that was cut in the middle of an emoji
KEPT = "Ana \ufffd"


@pytest.fixture
def either(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Engine:
    """A migrated desk on the database that the test is asked for."""
    if request.param == "sqlite":
        return request.getfixturevalue("engine")  # type: ignore[no-any-return]
    request.getfixturevalue("home_dir").mkdir()
    monkeypatch.setenv("REFUZ_DATABASE_URL", request.getfixturevalue("migrated_postgres_url"))
    return db.engine()


BOTH = pytest.mark.parametrize(
    "either", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)], indirect=True
)


@BOTH
def test_a_column_a_search_and_json_take_what_is_no_text(either: Engine) -> None:
    row = {"key": "x\0", "value": {"a\0": [CUT, "b\0c"]}, "updated_at": now()}
    many = [{"key": one, "value": 1, "updated_at": now()} for one in (CUT, "y")]
    with db.writing(either) as connection:
        connection.execute(insert(preferences).values(**row))
        connection.execute(insert(preferences), many)
    with db.reading(either) as connection:
        value = connection.scalar(select(preferences.c.value).where(preferences.c.key == "\0x"))
        named = connection.scalar(select(func.count()).where(preferences.c.key == CUT))
        kept = connection.scalars(select(preferences.c.key)).all()
        nothing = connection.execute(select(piles.c.id).where(piles.c.name == CUT)).all()
    assert value == {"a": [KEPT, "bc"]}
    assert (named, KEPT in kept, nothing) == (1, True, [])


@BOTH
def test_the_record_tells_it_and_its_chain_holds(either: Engine) -> None:
    with db.writing(either) as connection:
        trail.record(connection, "tested", f"order {CUT}\0", {"said": [CUT], "b\0": 1}, name=CUT)
    with db.reading(either) as connection:
        row = connection.execute(select(audit).order_by(audit.c.id.desc())).first()
        verdict = trail.verify(connection)
    assert row is not None
    assert (row.actor, row.subject) == (KEPT, f"order {KEPT}")
    assert row.detail == {"said": [KEPT], "b": 1}
    assert verdict.ok


@given(DEEP, st.booleans(), st.booleans())
def test_an_answer_is_looked_through_wherever_its_json_gives_cause(
    value: Any, escaped: bool, capitals: bool
) -> None:
    text = json.dumps(value, ensure_ascii=escaped)
    if capitals:
        text = text.replace("\\ud", "\\uD")
    read = json.loads(text)
    assert storable_json(read, text) == storable(read)


@given(st.text(st.characters(max_codepoint=127)))
def test_a_text_of_plain_letters_is_made_alike_as_any_other(text: str) -> None:
    other = plain(text + " ș")  # goes the long way
    assert f"{plain(text)} s".strip() == other
