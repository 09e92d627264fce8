"""Whoever has a whole network of addresses is made to wait as one caller."""

import ipaddress
import secrets
import sqlite3
from contextlib import closing

import pytest
from sqlalchemy import Engine, select, update

from core.clock import now
from core.config import home
from core.people import accounts, sign_in
from core.people.neighbours import neighbours
from core.server.lanes import Failures
from core.store import db
from core.store.tables import sign_in_tries

pytestmark = pytest.mark.usefixtures("cheap_passwords")


def of_one_line(network: str) -> str:
    """Any address of an IPv6 network."""
    whole = ipaddress.IPv6Network(network)
    return str(whole[secrets.randbelow(whole.num_addresses)])


@pytest.mark.parametrize(
    ("address", "counted_with"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("2002:cb00:7109::7", "203.0.113.9"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::", "2001:db8:1:3::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::1", "::1"),
        ("::ffff:127.0.0.1", "127.0.0.1"),
        ("", ""),
        ("testclient", "testclient"),
    ],
)
def test_an_address_is_counted_with_its_neighbours(address: str, counted_with: str) -> None:
    assert neighbours(address) == counted_with


def test_guesses_from_ever_new_addresses_of_one_line_wait_for_each_other(engine: Engine) -> None:
    """Each names another account, so that only the address can be what is counted."""
    refused = waited = 0
    for number in range(40):
        line = of_one_line("2001:db8:7:8::/64")
        try:
            sign_in.with_password(f"user{number}", "a guess of mine", device="x", address=line)
        except sign_in.MustWait:
            waited += 1
        except sign_in.SignInRefused:
            refused += 1
    assert (refused, waited) == (20, 20)
    with pytest.raises(sign_in.SignInRefused):
        sign_in.with_password("ana", "a guess", device="x", address="2001:db8:7:9::1")
    with pytest.raises(sign_in.MustWait):
        sign_in.must_not_wait(of_one_line("2001:db8:7:8::/64"))


def test_wrong_tokens_from_one_line_are_counted_together_and_many_lines_free_nobody() -> None:
    failures = Failures()
    for _ in range(Failures.MOST):
        failures.note(of_one_line("2001:db8:7:8::/64"))
    assert failures.too_many(of_one_line("2001:db8:7:8::/64"))
    assert not failures.too_many("2001:db8:7:9::1")
    for number in range(Failures.KNOWN - 1):
        failures.note(f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}")
    assert failures.too_many("2001:db8:7:8::5")


def test_tries_are_let_go_of_after_a_day_whatever_way_failed_since(engine: Engine) -> None:
    with pytest.raises(sign_in.SignInRefused):
        sign_in.with_password("typed here by mistake", "x", device="x", address="192.0.2.1")
    with db.writing() as connection:
        aged = now() - 2 * sign_in.FORGOTTEN
        connection.execute(update(sign_in_tries).values(last_at=aged))
    sign_in.failed_otherwise("192.0.2.2", "badge")
    with db.reading() as connection:
        assert len(connection.scalars(select(sign_in_tries.c.key)).all()) == 1


def test_a_name_typed_wrongly_cannot_be_found_again_without_this_desk_s_key(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may have been a password: whoever has the database alone could try a list of them."""
    typed, address = "hunter2hunter2", "192.0.2.77"
    with pytest.raises(sign_in.SignInRefused):
        sign_in.with_password(typed, "", device="x", address=address)
    file = home().database_file
    assert file is not None
    with closing(sqlite3.connect(file)) as copy:
        mine = {key for (key,) in copy.execute("SELECT key FROM sign_in_tries")}
    assert set(sign_in._keys(typed, address).values()) == mine
    monkeypatch.setenv("REFUZ_SECRET_KEY", "another desk's key")
    assert not mine & set(sign_in._keys(typed, address).values())


def test_every_way_that_fails_is_a_line_in_the_log_with_its_address(
    engine: Engine, capfd: pytest.CaptureFixture[str]
) -> None:
    from core import logs

    logs.configure({"REFUZ_LOG_FORMAT": "json"})
    accounts.use_link(accounts.owner_link(), "correct horse battery", login="ana", name="Ana")
    with pytest.raises(sign_in.SignInRefused):
        sign_in.with_password("ana", "no", device="x", address="192.0.2.1")
    for way in ("passkey", "badge", "openid"):
        sign_in.failed_otherwise("192.0.2.1", way)
    warnings = [line for line in capfd.readouterr().err.splitlines() if "sign_in_failed" in line]
    assert len(warnings) == 4
    assert all('"client": "192.0.2.1"' in line for line in warnings)
