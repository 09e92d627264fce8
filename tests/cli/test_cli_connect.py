"""A desk is set up without a browser, by the rules of Settings and on the record."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine, insert, select

from core import rights
from core.audit import approvals
from core.cli.host import declared
from core.cli.main import main
from core.clock import now
from core.people import accounts
from core.settings import connections, preferences
from core.store import db
from core.store.tables import audit, people

SMARTBILL = ("connect", "add", "smartbill", "--name", "Casa Verde",
             "--set", "email=ana@example.com", "--set", "vat_code=RO12345674",
             "--secret", "token=env:MY_TOKEN")  # fmt: skip


@pytest.fixture(autouse=True)
def _token(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_TOKEN", "canary-7781")


def refuz(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(one) for one in arguments])


def saved() -> list[connections.Connection]:
    with db.reading() as connection:
        return connections.all_connections(connection, enabled=False)


def record() -> list[Any]:
    with db.reading() as connection:
        return list(connection.execute(select(audit).order_by(audit.c.id)))


def test_a_connection_is_added_as_by_the_form_and_the_record_says_by_whom() -> None:
    done = refuz(*SMARTBILL)
    assert done.exit_code == 0, done.output
    [one] = saved()
    assert (one.service, one.name, one.secrets) == ("smartbill", "Casa Verde",
                                                    {"token": "canary-7781"})  # fmt: skip
    assert one.settings["base_url"].startswith("https://")
    [row] = record()
    assert (row.action, row.way) == ("connection_saved", "host")
    assert "canary" not in json.dumps(row.detail) + done.output
    assert refuz(*SMARTBILL).exit_code == 0
    assert len(record()) == 1  # so already


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (("smartbll",), "smartbll"),
        (("smartbill",), "lacks"),
        (("smartbill", "--set", "colour=red"), "has no setting 'colour'"),
        (("smartbill", "--set", "token=open"), "is a secret"),
        (("smartbill", "--set", "email"), "NAME=VALUE"),
        (("smartbill", "--secret", "token=open"), "env:NAME or file:PATH"),
        (("smartbill", "--secret", "token=env:NOWHERE_AT_ALL"), "is empty"),
        (("smartbill", "--secret", "token=file:/nowhere/at/all"), "cannot be read"),
        (("smartbill", "--secret", "vat_code=env:MY_TOKEN"), "no secret 'vat_code'"),
        ((*SMARTBILL[2:], "--set", "base_url=http://evil.example"), "https"),
        ((*SMARTBILL[2:], "--set", "base_url=https://evil.example"), "other_host"),
        ((*SMARTBILL[2:], "--set", "other_host=evil.example"), "ws.smartbill.ro"),
    ],
)
def test_what_settings_would_refuse_is_refused_in_a_sentence(
    arguments: tuple[str, ...], word: str
) -> None:
    done = refuz("connect", "add", *arguments)
    assert done.exit_code == 1
    assert word in done.output
    assert "Traceback" not in done.output
    assert saved() == []


def test_another_address_empties_the_secrets_here_too() -> None:
    assert refuz(*SMARTBILL).exit_code == 0
    done = refuz("connect", "add", "smartbill", "--name", "Casa Verde",
                 "--set", "base_url=https://evil.example")  # fmt: skip
    assert done.exit_code == 1
    assert "lacks" in done.output
    [one] = saved()
    assert "evil" not in one.settings["base_url"]


def test_another_host_is_taken_where_it_is_chosen_by_name_and_the_record_says_so() -> None:
    chosen = ("--set", "base_url=https://test.example/api", "--set", "other_host=test.example")
    assert refuz(*SMARTBILL, *chosen).exit_code == 0
    settings = record()[-1].detail["settings"]
    assert (settings["base_url"], settings["other_host"]) == (
        "https://test.example/api",
        "test.example",
    )
    back = (*SMARTBILL, "--set", "base_url=https://ws.smartbill.ro/SBORO/api")
    assert refuz(*back).exit_code == 0
    assert "other_host" not in saved()[0].settings, "it was chosen for that address alone"
    assert refuz(*SMARTBILL, *chosen[:2]).exit_code == 1


def test_the_list_tells_no_secret() -> None:
    refuz(*SMARTBILL)
    done = refuz("connect", "list", "--json")
    assert json.loads(done.stdout)["name"] == "Casa Verde"
    assert "canary" not in done.output


def test_preferences_are_set_by_type_and_recorded() -> None:
    done = refuz("preferences", "set", "restock_default=yes", "missing_after_days=21",
                 "staff_note=a=b")  # fmt: skip
    assert done.exit_code == 0, done.output
    with db.reading() as connection:
        found = preferences.load(connection)
    assert (found.restock_default, found.missing_after_days, found.staff_note) == (True, 21, "a=b")
    assert record()[-1].action == "preferences_changed"
    for wrong in ("restock_default=perhaps", "missing_after_days=-3", "missing_after_days=x",
                  "time_zone=Mars/Base", "document=burn", "colour=red"):  # fmt: skip
        done = refuz("preferences", "set", wrong)
        assert (done.exit_code, "Traceback" in done.output) == (1, False), wrong


CONFIG = """
[preferences]
time_zone = "Europe/Berlin"
missing_after_days = 30

[[connections]]
service = "smartbill"
name = "Casa Verde"
set = { email = "ana@example.com", vat_code = "RO12345674" }
secret = { token = "env:MY_TOKEN" }
"""


def test_a_file_sets_the_desk_up_once_and_changes_nothing_the_second_time(tmp_path: Path) -> None:
    file = tmp_path / "refuz.toml"
    file.write_text(CONFIG)
    for _ in range(2):
        assert refuz("configure", file).exit_code == 0
        assert len(record()) == 2
    assert {row.actor for row in record()} == {"REFUZ_CONFIG"}
    with db.reading() as connection:
        assert preferences.load(connection).time_zone == "Europe/Berlin"
    assert [one.name for one in saved()] == ["Casa Verde"]


def test_a_file_names_another_host_twice_or_nothing_of_it_is_applied(tmp_path: Path) -> None:
    file = tmp_path / "refuz.toml"
    address = 'set = { base_url = "https://proxy.example", '
    file.write_text(CONFIG.replace("set = { ", address))
    done = refuz("configure", file)
    assert (done.exit_code, saved(), record()) == (1, [], [])
    assert "proxy.example" in done.output
    file.write_text(CONFIG.replace("set = { ", address + 'other_host = "proxy.example", '))
    assert refuz("configure", file).exit_code == 0
    assert saved()[0].settings["other_host"] == "proxy.example"


@pytest.mark.parametrize(
    "harm",
    ["x", "[other]\n", "[[connections]]\nservice = 7\n", "[[connections]]\nservice='smartbill'\n",
     "preferences = 3\n", "[[connections]]\nservice='smartbill'\ntoken='open'\n"],
)  # fmt: skip
def test_a_file_that_is_wrong_anywhere_changes_nothing(tmp_path: Path, harm: str) -> None:
    file = tmp_path / "refuz.toml"
    file.write_text(CONFIG.replace("[preferences]", "[preferences]\nlanguage = 'ro'") + harm)
    done = refuz("configure", file)
    assert done.exit_code == 1
    assert "Traceback" not in done.output
    assert saved() == []
    assert record() == []


@pytest.fixture
def two(engine: Engine) -> Iterator[None]:
    """The two-person rule is on; Ana and Radu have accounts, and SmartBill is connected."""
    assert refuz(*SMARTBILL).exit_code == 0
    with db.writing(engine) as connection:
        for login in ("ana", "radu"):
            connection.execute(insert(people).values(
                login=login, name=login.title(), role="owner", password_hash="x", created_at=now()
            ))  # fmt: skip
        preferences.save(connection, two_people=True)
    accounts.look_again()
    yield
    accounts.look_again()


ANA = rights.Actor("Ana", rights.ROLES["owner"], person_id=1, way=rights.Way.BROWSER)


def agree() -> None:
    with rights.acting(ANA):
        [question] = approvals.waiting()
        approvals.answer(question.id, yes=True)


@pytest.mark.parametrize(
    "way",
    [SMARTBILL, ("preferences", "set", "two_people=no"), ("configure",)],
)
def test_what_needs_two_people_is_asked_for_and_done_after_the_yes(
    two: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, way: tuple[str, ...]
) -> None:
    monkeypatch.setenv("MY_TOKEN", "another-token")
    file = tmp_path / "refuz.toml"
    file.write_text(CONFIG)
    command = (*way, file) if way == ("configure",) else way
    before = saved()
    waits = refuz(*command)
    assert (waits.exit_code, "Traceback" in waits.output) == (1, False)
    assert "Another person" in waits.output
    assert saved() == before
    agree()
    assert refuz(*command).exit_code == 0
    with db.reading() as connection:
        off = not preferences.load(connection).two_people
    assert off if way[0] == "preferences" else saved()[0].secrets == {"token": "another-token"}


def test_a_desk_whose_file_waits_for_a_second_person_starts_as_it_was(
    two: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Whoever must say yes needs the desk up for it."""
    monkeypatch.setenv("MY_TOKEN", "another-token")
    file = tmp_path / "refuz.toml"
    file.write_text(CONFIG)
    declared.apply_at_start(file)
    assert saved()[0].secrets == {"token": "canary-7781"}
    agree()
    declared.apply_at_start(file)
    assert saved()[0].secrets == {"token": "another-token"}
