"""Passkeys: made by whoever is signed in or holds a link, shown to sign in, never twice."""

from collections.abc import Callable
from typing import Any

import pytest
from people_authenticator import PRESENT, Authenticator
from sqlalchemy import Engine, select, update

from core import rights
from core.audit import trail
from core.audit.actions import Action
from core.people import accounts, sessions, sign_in
from core.people.ways import passkeys
from core.people.ways.passkeys import Party, PasskeyRefused
from core.rights import Actor, NotAllowed, NotProved
from core.store import db
from core.store.tables import challenges, people
from core.store.tables import passkeys as table

pytestmark = pytest.mark.usefixtures("cheap_passwords")

GOOD = "correct horse battery"
HERE = Party("localhost", "http://localhost:8501")


def owner() -> int:
    return accounts.use_link(accounts.owner_link(), GOOD, login="ana", name="Ana")


def acting_as(person: int) -> Actor:
    _, session = sign_in.of_person(person, device="Chrome", address="10.0.0.1")
    return sessions.actor_of(session)


def with_key(person: int) -> Authenticator:
    made = Authenticator()
    with rights.acting(acting_as(person)):
        passkeys.add(HERE, made.create(passkeys.to_add(HERE)), "phone")
    return made


def come_in(device: Authenticator, answer: dict[str, Any] | None = None) -> sessions.Session:
    signed = answer or device.get(passkeys.to_sign_in(HERE))
    return passkeys.with_passkey(HERE, signed, device="Chrome", address="10.0.0.1")[1]


def test_a_passkey_signs_its_person_in_and_stands_in_the_record(engine: Engine) -> None:
    person = owner()
    session = come_in(with_key(person))
    assert (session.person_id, session.person) == (person, "Ana")
    assert sessions.actor_of(session).proved
    with db.reading(engine) as connection:
        found = trail.search(connection, actions=[Action.PASSKEY_ADDED, Action.SIGNED_IN])
    assert [one.action for one in found][:2] == [Action.SIGNED_IN, Action.PASSKEY_ADDED]
    assert found[0].detail["by"] == "passkey"


def test_a_link_is_used_up_by_a_passkey_and_other_sessions_end() -> None:
    person = owner()
    with rights.acting(acting_as(person)):
        radu, token = accounts.invite("radu", "Radu", "operator")
    device = Authenticator()
    options = passkeys.to_add_by_link(HERE, token)
    assert options["user"]["name"] == "radu"
    assert passkeys.add_by_link(HERE, token, device.create(options), "phone") == radu.id
    assert come_in(device).person == "Radu"
    with pytest.raises(accounts.LinkRefused):
        passkeys.to_add_by_link(HERE, token)
    with rights.acting(acting_as(person)):
        assert [one.ready for one in accounts.everybody()] == [True, True]


def test_the_first_owner_may_begin_with_a_passkey_and_remains_the_last_keeper() -> None:
    token, device = accounts.owner_link(), Authenticator()
    options = passkeys.to_add_by_link(HERE, token, "ana", "Ana Pop")
    person = passkeys.add_by_link(HERE, token, device.create(options), "phone")
    assert come_in(device).person == "Ana Pop"
    assert accounts.has_owner()
    with rights.acting(acting_as(person)):
        with pytest.raises(accounts.AccountError, match="must remain"):
            accounts.change(person, role="operator")
        [one] = passkeys.own()
        with pytest.raises(PasskeyRefused, match="could not sign in"):
            passkeys.remove(one.id)


def test_one_of_two_ways_may_be_taken_away_and_opens_nothing_afterwards() -> None:
    person = owner()
    device = with_key(person)
    with rights.acting(acting_as(person)):
        [one] = passkeys.own()
        passkeys.remove(one.id)
        assert passkeys.own() == []
    with pytest.raises(PasskeyRefused):
        come_in(device)


def test_a_passkey_is_shown_once_more_for_what_asks_for_it() -> None:
    person = owner()
    device = with_key(person)
    _, session = sign_in.of_person(person, device="x", address="10.0.0.1", proved=False)
    who = sessions.actor_of(session)
    with rights.acting(who):
        with pytest.raises(NotProved):
            passkeys.to_add(HERE)
        passkeys.prove(HERE, device.get(passkeys.to_prove(HERE)))
    [fresh] = [one for one in _sessions(person) if one.id == session.id]
    assert sessions.actor_of(fresh).proved


def _sessions(person: int) -> list[sessions.Session]:
    with rights.acting(Actor("Ana", rights.ALL_BUT_HOST, person_id=person)):
        return sessions.own()


def test_nobody_proves_themselves_by_anothers_passkey() -> None:
    person = owner()
    device = with_key(person)
    with rights.acting(acting_as(person)):
        radu, token = accounts.invite("radu", "Radu", "operator")
    accounts.use_link(token, GOOD)
    with rights.acting(acting_as(radu.id)):
        options = passkeys.to_prove(HERE)
        with pytest.raises(PasskeyRefused):
            passkeys.prove(HERE, device.get({**options, "allowCredentials": []}))
    asked = passkeys.to_sign_in(HERE)
    with rights.acting(acting_as(radu.id)), pytest.raises(PasskeyRefused):
        passkeys.prove(HERE, device.get(asked))  # asked for another purpose


def _signed_by_another(device: Authenticator, options: dict[str, Any]) -> dict[str, Any]:
    stranger = Authenticator()
    stranger.create({"rp": {"id": "localhost"}, "challenge": "AAAA"})
    [key] = stranger.keys.values()
    return Authenticator(keys=dict.fromkeys(device.keys, key)).get(options)


def _from(origin: str) -> Callable[[Authenticator, dict[str, Any]], dict[str, Any]]:
    def answer(device: Authenticator, options: dict[str, Any]) -> dict[str, Any]:
        device.origin = origin
        return device.get(options)

    return answer


def _unverified(device: Authenticator, options: dict[str, Any]) -> dict[str, Any]:
    device.flags = PRESENT
    return device.get(options)


def _of_another_site(device: Authenticator, options: dict[str, Any]) -> dict[str, Any]:
    return device.get(options, "evil.example")


def _unasked(device: Authenticator, options: dict[str, Any]) -> dict[str, Any]:
    return device.get({**options, "challenge": "A" * 43})


def _garbled(device: Authenticator, options: dict[str, Any]) -> dict[str, Any]:
    answer = device.get(options)
    del answer["response"]["signature"]
    return answer


@pytest.mark.parametrize(
    "forge",
    [
        _signed_by_another, _from("https://evil.example"), _from("http://localhost:9999"),
        _unverified, _of_another_site, _unasked, _garbled, lambda _device, _options: {},
        lambda _device, _options: {"id": 7, "response": {"clientDataJSON": ["x"]}},
    ],
)  # fmt: skip
def test_a_forged_answer_opens_nothing_and_is_counted(
    forge: Callable[[Authenticator, dict[str, Any]], dict[str, Any]], engine: Engine
) -> None:
    device = with_key(owner())
    options = passkeys.to_sign_in(HERE)
    with pytest.raises(PasskeyRefused):
        come_in(device, forge(device, options) or {"x": 1})
    with db.reading(engine) as connection:
        [failed] = trail.search(connection, actions=[Action.SIGN_IN_FAILED])
    assert (failed.detail["by"], failed.address) == ("passkey", "10.0.0.1")


def test_an_answer_is_taken_once_and_never_after_its_minutes(engine: Engine) -> None:
    device = with_key(owner())
    answer = device.get(passkeys.to_sign_in(HERE))
    come_in(device, answer)
    with pytest.raises(PasskeyRefused):
        come_in(device, answer)
    late = device.get(passkeys.to_sign_in(HERE))
    with db.writing(engine) as connection:
        connection.execute(update(challenges).values(expires_at=challenges.c.asked_at))
    with pytest.raises(PasskeyRefused):
        come_in(device, late)


def test_a_copied_key_whose_count_goes_back_is_refused() -> None:
    device = with_key(owner())
    come_in(device)
    come_in(device)
    device.count = 0
    with pytest.raises(PasskeyRefused):
        come_in(device)


def test_a_passkey_ends_with_its_person(engine: Engine) -> None:
    person = owner()
    device = with_key(person)
    with db.writing(engine) as connection:
        connection.execute(update(people).values(disabled_at=accounts.now()))
    with pytest.raises(PasskeyRefused):
        come_in(device)


def test_many_false_passkeys_of_one_address_must_wait() -> None:
    device = with_key(owner())
    for _ in range(20):
        with pytest.raises(PasskeyRefused):
            come_in(device, {"x": 1})
    with pytest.raises(sign_in.MustWait):
        come_in(device)


def test_a_passkey_is_kept_once_and_made_only_for_oneself() -> None:
    person = owner()
    made = Authenticator()
    who = acting_as(person)
    with rights.acting(who):
        answer = made.create(passkeys.to_add(HERE))
        passkeys.add(HERE, answer, "phone")
        with pytest.raises(PasskeyRefused):
            passkeys.add(HERE, answer, "phone")
        _, token = accounts.invite("radu", "Radu", "operator")
        theirs = Authenticator().create(passkeys.to_add_by_link(HERE, token))
        with pytest.raises(PasskeyRefused):
            passkeys.add(HERE, theirs, "phone")
    with rights.acting(rights.NOBODY), pytest.raises(NotAllowed):
        passkeys.to_add(HERE)
    with db.reading() as connection:
        assert connection.scalars(select(table.c.person_id)).all() == [person]
