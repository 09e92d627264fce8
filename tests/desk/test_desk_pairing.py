"""A device is let in once per token, as the person who showed the code, until signed out."""

import datetime as dt

import pytest
from sqlalchemy import Engine, select

from core import rights
from core.audit import trail
from core.audit.actions import Action
from core.people import devices as pairing
from core.people import sessions
from core.store import db
from core.store.tables import pairings
from core.store.tables import sessions as held_sessions


def test_a_token_lets_one_device_in_as_the_person_who_showed_it(engine: Engine) -> None:
    token = pairing.invite("Ana")
    secret, device = pairing.redeem(token, "Chrome on Android")
    assert device.person == "Ana"
    again = sessions.of_secret(secret)
    assert again is not None
    assert again.id == device.id
    with pytest.raises(pairing.PairingRefused, match="used already"):
        pairing.redeem(token, "a second phone")


def test_a_token_is_dead_after_its_time(engine: Engine) -> None:
    token = pairing.invite("Ana", life=dt.timedelta(seconds=-1))
    with pytest.raises(pairing.PairingRefused, match="5 minutes"):
        pairing.redeem(token, "phone")


def test_a_made_up_token_or_secret_opens_nothing(engine: Engine) -> None:
    with pytest.raises(pairing.PairingRefused):
        pairing.redeem("made-up", "phone")
    assert sessions.of_secret("made-up") is None


def test_a_signed_out_device_is_a_stranger_and_the_trail_says_who_did_it(engine: Engine) -> None:
    secret, device = pairing.redeem(pairing.invite("Ana"), "phone")
    assert [one.id for one in sessions.signed_in()] == [device.id]
    with rights.acting(rights.local_owner("Radu")):
        sessions.sign_out(device.id)
    assert sessions.of_secret(secret) is None
    assert sessions.signed_in() == []
    with db.reading(engine) as connection:
        newest, *_ = trail.search(connection)
    assert (newest.actor, newest.action) == ("Radu", Action.DEVICE_SIGNED_OUT)


def test_neither_tokens_nor_secrets_are_stored_as_they_are(engine: Engine) -> None:
    token = pairing.invite("Ana")
    secret, _ = pairing.redeem(token, "phone")
    with db.reading(engine) as connection:
        held = [*connection.execute(select(pairings)), *connection.execute(select(held_sessions))]
    assert not any(text in str(held) for text in (token, secret))
