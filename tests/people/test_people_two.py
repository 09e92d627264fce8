"""What the two-person rule covers: the host, roles, accounts, connections, the rule itself."""

from collections.abc import Callable
from typing import Any

import pytest
from people_two import agreed, connect, do, two, who
from sqlalchemy import select, update

from core import rights
from core.audit import approvals
from core.audit.approvals import WaitsForAnother
from core.clock import now
from core.errors import UserError
from core.people import accounts
from core.settings import connections, preferences
from core.store import db
from core.store.tables import people
from core.store.tables import preferences as preference_table

__all__ = ["two"]  # the fixture of every test here


def test_the_host_waits_too_unless_its_configuration_waives_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with pytest.raises(WaitsForAnother):
        do("these")
    monkeypatch.setenv(approvals.ALONE, "1")
    do("these")


def test_the_rule_is_turned_off_by_two_only() -> None:
    with rights.acting(who(1)), pytest.raises(WaitsForAnother), db.writing() as connection:
        preferences.save(connection, two_people=False)


def test_the_rule_is_not_begun_by_one_alone() -> None:
    with db.writing() as connection:
        connection.execute(preference_table.delete())
        connection.execute(update(people).where(people.c.id > 1).values(disabled_at=now()))
        with pytest.raises(UserError, match="two people"):
            preferences.save(connection, two_people=True)


def test_a_connection_comes_and_goes_by_two_so_no_address_is_changed_that_way() -> None:
    given: dict[str, Any] = {
        "kind": "invoicing", "service": "oblio", "name": "Oblio", "secrets_": {"token": "word"},
        "settings": {"base_url": "https://one.example"},
    }  # fmt: skip
    agreed(lambda: connect(given))
    with db.reading() as connection:
        [kept] = connections.all_connections(connection)

    def take_away() -> None:
        with db.writing() as connection:
            connections.remove(connection, kept.id)

    agreed(take_away)
    with rights.acting(who(1)), pytest.raises(WaitsForAnother):
        connect({**given, "settings": {"base_url": "https://evil.example"}})


def test_a_second_account_for_the_second_yes_is_another_yes() -> None:
    """Invitations, new links, other roles and accounts let in again; an end needs nobody."""
    acts: list[Callable[[], object]] = [
        lambda: accounts.invite("second", "Second", "owner"),
        lambda: accounts.new_link(3),
        lambda: accounts.change(3, role="operator"),
        lambda: accounts.change(3, disabled=False),
    ]
    for act in acts:
        if act is acts[-1]:
            with rights.acting(who(1)):
                accounts.change(3, disabled=True)
        agreed(act)
    with db.reading() as connection:
        assert connection.scalar(select(people.c.role).where(people.c.id == 3)) == "operator"


def test_another_role_is_given_by_two_also_where_the_account_ends_with_it() -> None:
    """Else one person would give the role, and a second yes only let it in again."""
    with rights.acting(who(1)):
        with pytest.raises(WaitsForAnother):
            accounts.change(3, role="finance", disabled=True)
        accounts.change(3, disabled=True)
    with db.reading() as connection:
        assert connection.scalar(select(people.c.role).where(people.c.id == 3)) == "owner"


def test_a_yes_to_one_account_is_none_to_another() -> None:
    with rights.acting(who(1)), pytest.raises(WaitsForAnother) as refused:
        accounts.invite("second", "Second", "scanner")
    with rights.acting(who(1)):
        one = approvals.ask(refused.value)
    with rights.acting(who(2)):
        approvals.answer(one, yes=True)
    with rights.acting(who(1)):
        for login, role in (("second", "owner"), ("third", "scanner")):
            with pytest.raises(WaitsForAnother):
                accounts.invite(login, "Second", role)


def test_an_owner_who_is_locked_out_gets_in_on_the_host_where_its_file_waives_the_rule(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with pytest.raises(WaitsForAnother):
        accounts.owner_link("ana")
    monkeypatch.setenv(approvals.ALONE, "1")
    assert accounts.look_at_link(accounts.owner_link("ana")).login == "ana"


@pytest.mark.parametrize("role", ["reviewer", "scanner", "finance"])
def test_the_rule_is_not_begun_where_nobody_else_could_end_it(role: str) -> None:
    with db.writing() as connection:
        connection.execute(preference_table.delete())
        connection.execute(update(people).where(people.c.id > 1).values(role=role))
        with pytest.raises(UserError, match="two people"):
            preferences.save(connection, two_people=True)


@pytest.mark.parametrize(
    ("changed", "waits"),
    [
        ({"settings": {"base_url": "https://other.example"}}, True),
        ({"secrets_": {"token": "another"}}, True),
        ({"enabled": False}, False),
        ({"settings": {"base_url": "https://one.example", "series": "CVZ"}}, False),
    ],
)
def test_a_changed_address_or_password_of_a_connection_waits(
    changed: dict[str, Any], waits: bool
) -> None:
    given: dict[str, Any] = {
        "kind": "invoicing", "service": "oblio", "name": "Oblio",
        "settings": {"base_url": "https://one.example"}, "secrets_": {"token": "secret-word"},
    }  # fmt: skip
    agreed(lambda: connect(given))
    with rights.acting(who(1)):
        if not waits:
            with db.writing() as connection:
                connections.save(connection, **{**given, **changed})
            return
        with pytest.raises(WaitsForAnother) as refused, db.writing() as connection:
            connections.save(connection, **{**given, **changed})
    assert "another" not in str(refused.value.detail)
    with db.reading() as connection:
        kept, *_ = connections.all_connections(connection)
    assert (kept.settings, kept.secrets) == (given["settings"], given["secrets_"])
