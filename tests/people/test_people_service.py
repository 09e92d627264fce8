"""The service that signs people in is set up in Settings or by the file, by the same rules."""

import json
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from people_provider import FakeProvider
from sqlalchemy import Engine, insert, select
from streamlit.testing.v1 import AppTest

from core import rights
from core.audit import approvals
from core.cli.main import main
from core.clock import now
from core.people import accounts
from core.people.ways import openid, provider, service
from core.people.ways.service import ServiceRefused
from core.rights import ROLES, Actor, NotAllowed, NotProved, Right
from core.settings import preferences
from core.store import db
from core.store.tables import audit, people
from core.store.tables.people import sign_in_services

ROOT = Path(__file__).resolve().parents[2]
SECRET = "canary-se:cret-5521"
GOOD = {"issuer": "https://id.example/realms/shop", "client": "refuz", "name": "Our own",
        "roles": "groups: desk=admin", "trust_email": ""}  # fmt: skip


@pytest.fixture(autouse=True)
def _clean(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.delenv("REFUZ_OPENID_ISSUER", raising=False)
    monkeypatch.setenv("MY_SECRET", SECRET)
    yield
    accounts.look_again()


def save(settings: dict[str, str], secret: str = SECRET) -> bool:
    with db.writing() as connection:
        return service.save(connection, settings, secret)


def by_file(settings: dict[str, str], folder: Path) -> None:
    lines = [f"{key} = {json.dumps(value)}" for key, value in settings.items() if value]
    file = folder / "refuz.toml"
    file.write_text("\n".join(["[sign_in]", *lines, 'secret = "env:MY_SECRET"']))
    assert tomllib.loads(file.read_text())
    done = CliRunner().invoke(main, ["configure", str(file)])
    assert "Traceback" not in done.output
    if done.exit_code:
        raise ServiceRefused(done.output)


def rows_of_it() -> list[Any]:
    with db.reading() as connection:
        rows = connection.execute(select(audit).order_by(audit.c.id)).all()
    return [row for row in rows if row.action == "sign_in_service_saved"]


@pytest.mark.parametrize("way", ["settings", "file"])
def test_it_is_set_up_once_and_its_secret_is_sealed_and_shown_nowhere(
    way: str, tmp_path: Path
) -> None:
    for _ in range(2):  # the second time it is so already
        save(GOOD) if way == "settings" else by_file(GOOD, tmp_path)
    found = service.current()
    assert found is not None
    assert (found.issuer, found.client, found.secret) == (GOOD["issuer"], "refuz", SECRET)
    assert (found.claim, dict(found.roles), openid.name()) == ("groups", {"desk": "admin"},
                                                               "Our own")  # fmt: skip
    shown = service.for_show()
    assert (shown.settings["client"], shown.has_secret, shown.by_environment) == (
        "refuz", True, False
    )  # fmt: skip
    [row] = rows_of_it()
    assert row.actor == ("host" if way == "settings" else "REFUZ_CONFIG")
    with db.reading() as connection:
        kept = connection.execute(select(sign_in_services)).one()
    assert "canary" not in f"{kept} {row.detail} {shown} {found!r}"


WRONG = [
    ({"issuer": "http://id.example"}, "https"),
    ({"issuer": "https://ana:word@id.example"}, "https"),
    ({"issuer": "https://"}, "https"),
    ({"issuer": "https://id.example:99999"}, "https"),
    ({"issuer": "file:///etc/passwd"}, "https"),
    ({"client": ""}, "client id"),
    ({"roles": "groups"}, "roles"),
    ({"roles": "groups: desk=emperor"}, "emperor"),
    ({"name": "x" * 3000}, "too long"),
]


@pytest.mark.parametrize("way", ["settings", "file"])
@pytest.mark.parametrize(("change", "said"), WRONG)
def test_the_same_is_refused_in_both(
    way: str, change: dict[str, str], said: str, tmp_path: Path
) -> None:
    wanted = {**GOOD, **change}
    with pytest.raises(ServiceRefused, match=said):
        save(wanted) if way == "settings" else by_file(wanted, tmp_path)
    assert service.current() is None
    assert rows_of_it() == []


@pytest.mark.parametrize(
    ("change", "kept"),
    [({"name": "Another"}, True), ({"issuer": "https://evil.example"}, False),
     ({"client": "other"}, False)],
)  # fmt: skip
def test_the_secret_stays_only_with_the_address_and_client_it_was_typed_for(
    change: dict[str, str], kept: bool
) -> None:
    save(GOOD)
    save({**GOOD, **change}, "")
    found = service.current()
    assert found is not None
    assert found.secret == (SECRET if kept else "")


def test_an_empty_address_takes_it_away_and_the_record_keeps_what_was() -> None:
    save(GOOD)
    assert save({"issuer": ""}, "")
    assert service.current() is None
    assert not save({"issuer": ""}, "")
    assert rows_of_it()[-1].detail["before"]["issuer"] == GOOD["issuer"]


def test_the_environment_comes_first_and_is_changed_on_the_host_only(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    save(GOOD)
    monkeypatch.setenv("REFUZ_OPENID_ISSUER", "https://host.example")
    monkeypatch.setenv("REFUZ_OPENID_CLIENT", "hosts")
    found = service.current()
    assert found is not None
    assert found.client == "hosts"
    assert service.for_show().by_environment
    with pytest.raises(ServiceRefused, match="host"):
        save({**GOOD, "client": "mine"})


def test_only_who_may_do_everything_and_proved_it_chooses_who_says_who_somebody_is() -> None:
    """Else whoever looks after people would be the owner by a service of their own."""
    keeper = Actor("Kim", frozenset({Right.PEOPLE}), person_id=3)
    owner = Actor("Ana", ROLES["owner"], person_id=1)
    with rights.acting(keeper), pytest.raises(NotAllowed):
        save(GOOD)
    late = Actor("Ana", ROLES["owner"], person_id=1, proved=False)
    with rights.acting(late), pytest.raises(NotProved):
        save(GOOD)
    with rights.acting(owner):
        assert save(GOOD)


def test_by_the_two_person_rule_two_choose_it_and_the_question_holds_no_secret() -> None:
    with db.writing() as connection:
        for login in ("ana", "radu"):
            connection.execute(insert(people).values(
                login=login, name=login, role="owner", password_hash="x", created_at=now()
            ))  # fmt: skip
        preferences.save(connection, two_people=True)
    ana, radu = (Actor(name, ROLES["owner"], person_id=number) for number, name in
                 enumerate(("ana", "radu"), 1))  # fmt: skip
    with rights.acting(ana), pytest.raises(approvals.WaitsForAnother) as waits:
        save(GOOD)
    with rights.acting(ana):
        asked = approvals.ask(waits.value)
    with rights.acting(radu):
        [question] = approvals.waiting()
        assert "canary" not in str(question)
        approvals.answer(asked, yes=True)
    with rights.acting(ana):
        with pytest.raises(approvals.WaitsForAnother):
            save(GOOD, "another secret")
        assert save(GOOD)


def test_a_person_comes_in_by_the_service_that_the_desk_keeps(serve: Any) -> None:
    fake = FakeProvider()
    fake.base = serve(fake.app())
    with db.writing() as connection:
        connection.execute(insert(people).values(
            login="ana@shop.example", name="Ana", role="owner", password_hash="x",
            created_at=now(),
        ))  # fmt: skip
    save({"issuer": fake.base, "client": "refuz"}, "se:cret")
    address, browser = openid.begin("http://localhost/back", "/")
    _, session, _ = openid.finish(fake.answer(address), browser, device="x", address="10.0.0.1")
    assert session is not None
    assert session.person == "Ana"
    assert service.ask() == "127.0.0.1"


def test_a_service_that_does_not_answer_is_said_and_the_sign_in_page_stays() -> None:
    save({"issuer": "http://127.0.0.1:9", "client": "refuz", "name": "Gone"})
    with pytest.raises(ServiceRefused, match="does not answer as it must: There was no answer"):
        service.ask()
    assert openid.name() == "Gone"
    with db.writing() as connection:
        connection.execute(sign_in_services.update().values(settings={"issuer": "nothing"}))
    with pytest.raises(provider.WrongProvider):
        service.current()
    assert openid.name() == ""


def test_settings_sets_it_up_and_shows_no_secret_again() -> None:
    script = f"""
import sys
sys.path.insert(0, {str(ROOT)!r})
from pages.settings.other_sign_in import other_sign_in
other_sign_in()
"""
    app = AppTest.from_string(script, default_timeout=30).run()
    app.text_input(key="other-issuer").set_value(GOOD["issuer"])
    app.text_input(key="other-client").set_value("refuz")
    app.text_input(key="other-secret").set_value(SECRET)
    app.button(key="other-save").click().run()
    assert not app.exception
    found = service.current()
    assert found is not None
    assert found.secret == SECRET
    assert app.text_input(key="other-secret").value == ""
    assert app.text_input(key="other-secret").placeholder == "saved"
    assert SECRET not in str(app)
    app.text_input(key="other-issuer").set_value("http://id.example")
    app.button(key="other-save").click().run()
    assert "https" in app.error[0].value
