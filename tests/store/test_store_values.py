"""Small statements that others are made of: different values, who can sign in, keys."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import (
    Column,
    Engine,
    Integer,
    MetaData,
    String,
    Table,
    create_engine,
    delete,
    insert,
)
from sqlalchemy.exc import IntegrityError

from core.clock import now
from core.rights import ROLES, Right
from core.store import db, parts
from core.store.statements.distinct import values_of
from core.store.statements.signing import able
from core.store.tables import passkeys, people, piles, roles

# ---------------------------------------------------------------- different values


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=20)
@given(st.lists(st.text("abcxyz", max_size=3), max_size=12))
def test_each_value_of_a_column_is_told_once_and_in_its_order(
    either_engine: Engine, names: list[str]
) -> None:
    rows = [{"name": one, "created_at": now(), "created_by": "Ana"} for one in names]
    with db.writing(either_engine) as connection:
        connection.execute(delete(piles))
        if rows:
            connection.execute(insert(piles), rows)
        assert list(connection.scalars(values_of(piles.c.name))) == sorted(set(names))


# ---------------------------------------------------------------- who can sign in


def person(either_engine: Engine, login: str, role: str, **way: object) -> int:
    usual = {"login": login, "name": login, "role": role, "created_at": now(), **way}
    with db.writing(either_engine) as connection:
        made = insert(people).values(**usual).returning(people.c.id)
        return connection.scalar(made) or 0


def count(either_engine: Engine, right: Right) -> int:
    with db.reading(either_engine) as connection:
        return able(connection, right)


def test_whoever_has_a_way_in_and_the_right_by_their_role_counts(either_engine: Engine) -> None:
    assert count(either_engine, Right.PEOPLE) == 0
    person(either_engine, "ana", "owner", password_hash="x")
    person(either_engine, "radu", "admin", issuer="https://id.example", subject="7")
    key = person(either_engine, "ioana", "owner")
    person(either_engine, "paul", "scanner", password_hash="x")
    person(either_engine, "gone", "owner", password_hash="x", disabled_at=now())
    assert (count(either_engine, Right.PEOPLE), count(either_engine, Right.SCAN)) == (2, 3)
    with db.writing(either_engine) as connection:
        connection.execute(insert(passkeys).values(
            person_id=key, credential_id="c", public_key="p", user_handle="u", sign_count=0,
            name="key", created_at=now(),
        ))  # fmt: skip
    assert (count(either_engine, Right.PEOPLE), count(either_engine, Right.SCAN)) == (3, 4)


def test_a_role_of_the_shops_own_counts_by_its_rights_and_an_unknown_one_by_none(
    either_engine: Engine,
) -> None:
    with db.writing(either_engine) as connection:
        connection.execute(insert(roles).values(name="packers", rights=[Right.PILE.value]))
    person(either_engine, "ana", "packers", password_hash="x")
    person(either_engine, "radu", "nobody's", password_hash="x")
    assert [count(either_engine, one) for one in (Right.PILE, Right.SCAN)] == [1, 0]
    assert Right.PILE in ROLES["operator"]


# ---------------------------------------------------------------- what tables are made of


def test_a_column_of_a_few_words_takes_no_other_and_an_index_of_a_part_is_unique_there() -> None:
    metadata = MetaData(naming_convention=parts.metadata.naming_convention)
    table = Table(
        "things", metadata, parts.own_id(), Column("state", String(9)), Column("place", Integer),
        parts.one_of("state", "open", "shut"),
        parts.part_index("uq_open", "place", where="state = 'open'", unique=True),
    )  # fmt: skip
    made = create_engine("sqlite://")
    metadata.create_all(made)
    with made.begin() as connection:
        rows = [("open", 1), ("shut", 1), ("shut", 1), ("open", 2)]
        connection.execute(insert(table), [{"state": s, "place": p} for s, p in rows])
        assert list(connection.scalars(table.select().with_only_columns(table.c.id))) == [
            1, 2, 3, 4,
        ]  # fmt: skip
    for state, place in (("ajar", 3), ("open", 1)):
        with made.connect() as connection, pytest.raises(IntegrityError):
            connection.execute(insert(table).values(state=state, place=place))
    assert {one.name for one in table.constraints} == {"pk_things", "ck_things_state"}
    made.dispose()


def test_a_reference_has_an_index_and_may_be_empty_only_where_that_is_said() -> None:
    column = parts.ref("pile_id", "piles")
    assert (column.index, column.nullable) == (True, False)
    assert [one.target_fullname for one in column.foreign_keys] == ["piles.id"]
    assert parts.ref("pile_id", "piles", nullable=True).nullable
