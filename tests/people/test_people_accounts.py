"""Accounts begin by a one-time link; nobody gives more than they have; somebody always remains."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, update

from core import rights
from core.audit import trail
from core.audit.actions import Action
from core.clock import now
from core.people import accounts, passwords, presence, roles, sessions, sign_in
from core.people.accounts import AccountError, LinkRefused
from core.people.passwords import WeakPassword
from core.rights import NotAllowed, NotProved, Right
from core.settings import connections
from core.store import db
from core.store.tables import invitations, people, sign_in_tries
from core.store.tables import sessions as sessions_table

GOOD = "correct horse battery"


pytestmark = pytest.mark.usefixtures("cheap_passwords")


def owner() -> rights.Actor:
    """The first owner, signed in."""
    accounts.use_link(accounts.owner_link(), GOOD, login="Ana@shop.ro", name="Ana")
    return signed_in("ana@shop.ro")


def signed_in(login: str, password: str = GOOD) -> rights.Actor:
    _, session = sign_in.with_password(login, password, device="Firefox", address="10.0.0.1")
    return sessions.actor_of(session)


def member(role: str, login: str = "radu") -> accounts.Person:
    one, token = accounts.invite(login, login.title(), role)
    accounts.use_link(token, GOOD)
    return one


def test_the_first_owner_is_made_by_a_link_of_the_host_once() -> None:
    token = accounts.owner_link()
    accounts.use_link(token, GOOD, login="ana", name="Ana")
    who = signed_in("ana")
    assert (who.name, who.rights) == ("Ana", rights.ALL_BUT_HOST)
    with pytest.raises(LinkRefused):
        accounts.use_link(token, GOOD, login="eve", name="Eve")


def test_a_second_first_owner_is_not_made_by_an_old_link() -> None:
    old = accounts.owner_link()
    accounts.use_link(accounts.owner_link(), GOOD, login="ana", name="Ana")
    with pytest.raises(LinkRefused):
        accounts.use_link(old, GOOD, login="eve", name="Eve")


def test_only_the_host_prints_an_owner_link() -> None:
    with rights.acting(owner()), pytest.raises(NotAllowed):
        accounts.owner_link("ana@shop.ro")


def test_a_locked_out_owner_gets_back_in_on_the_host_and_all_old_sessions_end() -> None:
    ana = owner()
    secret, _ = sign_in.of_person(ana.person_id or 0, device="old", address="")
    accounts.use_link(accounts.owner_link("ana@shop.ro"), "another good password")
    assert sessions.of_secret(secret) is None
    with pytest.raises(sign_in.SignInRefused):
        signed_in("ana@shop.ro")
    assert signed_in("ana@shop.ro", "another good password").may(Right.PEOPLE)


@pytest.mark.parametrize("change", [{"used_at": now()}, {"expires_at": now()}])
def test_a_link_that_was_used_or_is_old_opens_nothing(
    engine: Engine, change: dict[str, dt.datetime]
) -> None:
    with rights.acting(owner()):
        _, token = accounts.invite("radu", "Radu", "operator")
    with db.writing(engine) as connection:
        connection.execute(update(invitations).values(**change))
    for attempt in (accounts.look_at_link, lambda one: accounts.use_link(one, GOOD)):
        with pytest.raises(LinkRefused):
            attempt(token)


@pytest.mark.parametrize("role", sorted(rights.ROLES))
def test_who_was_invited_may_what_the_role_may(role: str) -> None:
    with rights.acting(owner()):
        member(role)
    assert signed_in("radu").rights == rights.ROLES[role]


def test_an_ended_account_ends_its_open_sessions_and_signs_in_no_more() -> None:
    ana = owner()
    with rights.acting(ana):
        radu = member("reviewer")
        secret, _ = sign_in.of_person(radu.id, device="one", address="")
        accounts.change(radu.id, disabled=True)
    assert sessions.of_secret(secret) is None
    with pytest.raises(sign_in.SignInRefused):
        signed_in("radu")
    with pytest.raises(sign_in.SignInRefused):
        sign_in.of_person(radu.id, device="one", address="")
    with rights.acting(ana):
        accounts.change(radu.id, disabled=False)
    assert sessions.of_secret(secret) is None, "what has ended begins no more"
    assert signed_in("radu").may(Right.RUN)


def test_another_role_holds_at_once_in_sessions_that_are_open() -> None:
    with rights.acting(owner()):
        radu = member("reviewer")
        secret, _ = sign_in.of_person(radu.id, device="one", address="")
        accounts.change(radu.id, role="scanner")
    session = sessions.of_secret(secret)
    assert session is not None
    assert sessions.actor_of(session).rights == {Right.SCAN}


@pytest.mark.parametrize(("role", "opens"), [("owner", False), ("analyst", False),
                                             ("scanner", True)])  # fmt: skip
def test_a_link_of_before_opens_no_account_that_may_do_more_now(role: str, opens: bool) -> None:
    """Whoever made it knows it, and could not have given that role."""
    with rights.acting(owner()):
        kim, token = accounts.invite("kim", "Kim", "operator")
        accounts.change(kim.id, role=role)
        fresh = accounts.new_link(kim.id) if not opens else token
    if not opens:
        with pytest.raises(LinkRefused):
            accounts.use_link(token, GOOD)
    accounts.use_link(fresh, GOOD)
    assert signed_in("kim").rights == rights.ROLES[role]


def test_nobody_gives_rights_that_they_do_not_have() -> None:
    ana = owner()
    with rights.acting(ana):
        roles.save_role("keeper", {Right.PEOPLE, Right.SCAN})
        roles.save_role("payer", {Right.MONEY, Right.SCAN})
        member("keeper", "kim")
    with rights.acting(signed_in("kim")):
        member("scanner", "sam")
        for attempt in (
            lambda: accounts.invite("eve", "Eve", "owner"),
            lambda: roles.save_role("more", {Right.SCAN, Right.RUN}),
            lambda: roles.save_role("keeper", {Right.SCAN, Right.PEOPLE, Right.ERASE}),
            lambda: roles.save_role("payer", {Right.SCAN}),  # takes what she could not give
            lambda: accounts.change(ana.person_id or 0, role="scanner"),
            lambda: accounts.change(ana.person_id or 0, disabled=True),
            lambda: accounts.new_link(ana.person_id or 0),
        ):
            with pytest.raises(NotAllowed):
                attempt()


def test_the_last_who_looks_after_people_can_neither_be_ended_nor_given_another_role() -> None:
    ana = owner()
    with rights.acting(ana):
        for attempt in (
            lambda: accounts.change(ana.person_id or 0, role="operator"),
            lambda: accounts.change(ana.person_id or 0, disabled=True),
        ):
            with pytest.raises(AccountError, match="must remain"):
                attempt()
        member("owner", "second")
        accounts.change(ana.person_id or 0, role="operator")
    assert signed_in("ana@shop.ro").rights == rights.OPERATOR


def test_a_role_of_the_shops_own_is_a_set_of_rights_and_stays_while_somebody_has_it() -> None:
    with rights.acting(owner()):
        roles.save_role("night shift", {Right.SCAN, Right.FIGURES})
        member("night shift")
        assert signed_in("radu").rights == {Right.SCAN, Right.FIGURES}
        roles.save_role("night shift", {Right.SCAN})
        assert signed_in("radu").rights == {Right.SCAN}
        with pytest.raises(AccountError, match="has this role"):
            roles.remove_role("night shift")
        for name in ("owner", "", "x" * 41):
            with pytest.raises(AccountError):
                roles.save_role(name, {Right.SCAN})
        with pytest.raises(AccountError):
            roles.save_role("none", set())


def test_what_changes_people_asks_for_a_password_shown_of_late(engine: Engine) -> None:
    ana = owner()
    old = now() - sessions.PROOF_LASTS
    with db.writing(engine) as connection:
        connection.execute(update(sessions_table).values(proved_at=old))
    secret, begun = sign_in.of_person(ana.person_id or 0, device="one", address="")
    with db.writing(engine) as connection:
        connection.execute(update(sessions_table).values(proved_at=old))
    stale = sessions.of_secret(secret)
    assert stale is not None
    with rights.acting(sessions.actor_of(stale)):
        with pytest.raises(NotProved):
            accounts.invite("radu", "Radu", "operator")
        with pytest.raises(sign_in.SignInRefused):
            sign_in.prove("not the password")
        sign_in.prove(GOOD)
    fresh = sessions.of_secret(secret)
    assert fresh is not None
    assert fresh.id == begun.id
    with rights.acting(sessions.actor_of(fresh)):
        accounts.invite("radu", "Radu", "operator")


def test_failures_make_the_next_try_wait_twice_as_long_each_time(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner()
    clock = [now()]
    monkeypatch.setattr(sign_in, "now", lambda: clock[0])
    waited = []
    for _ in range(12):
        try:
            signed_in("ana@shop.ro", "wrong password")
        except sign_in.MustWait as refused:
            waited.append(refused.seconds)
            clock[0] += dt.timedelta(seconds=refused.seconds)
            with pytest.raises(sign_in.SignInRefused):
                signed_in("ana@shop.ro", "wrong password")
        except sign_in.SignInRefused:
            pass
    assert waited == [1, 2, 4, 8, 16, 32, 64]
    with pytest.raises(sign_in.MustWait):
        signed_in("ana@shop.ro")  # the right one is not looked at either
    clock[0] += dt.timedelta(seconds=128)
    assert signed_in("ana@shop.ro").name == "Ana"
    with db.reading(engine) as connection:
        failed = trail.search(connection, actions=[Action.SIGN_IN_FAILED])
    assert len(failed) == 12
    assert {one.address for one in failed} == {"10.0.0.1"}


def test_one_name_guessed_from_many_addresses_waits_a_minute_at_most(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that nobody can shut an owner out by guessing."""
    owner()
    with db.writing(engine) as connection:
        key = sign_in._keys("ana@shop.ro", "")["login"]
        connection.execute(sign_in_tries.insert().values(
            key=key, failures=5000, last_at=now()))  # fmt: skip
    with pytest.raises(sign_in.MustWait) as refused:
        signed_in("ana@shop.ro")
    assert refused.value.seconds <= 60


def test_a_name_that_is_nobodys_is_refused_with_the_same_words_and_not_written_down(
    engine: Engine,
) -> None:
    owner()
    refusals = set()
    for login in ("ana@shop.ro", "My secret password typed here"):
        with pytest.raises(sign_in.SignInRefused) as refused:
            signed_in(login, "wrong")
        refusals.add(str(refused.value))
    assert len(refusals) == 1
    with db.reading(engine) as connection:
        assert "secret" not in str(list(trail.export(connection))).casefold()
        assert "secret" not in str(connection.execute(sign_in_tries.select()).all()).casefold()


@given(st.text(max_size=9) | st.sampled_from(["1234567890", "aaaaaaaaaaaa", "ana@shop.ro 1",
                                              "abcdefghijkl", "x" * 201]))  # fmt: skip
def test_passwords_that_are_short_or_guessed_first_are_not_taken(password: str) -> None:
    with pytest.raises(WeakPassword):
        passwords.check_new(password, "ana@shop.ro", "Ana")


def test_a_link_is_not_used_up_by_a_password_that_is_not_taken() -> None:
    token = accounts.owner_link()
    with pytest.raises(WeakPassword):
        accounts.use_link(token, "short", login="ana", name="Ana")
    accounts.use_link(token, GOOD, login="ana", name="Ana")


def test_sign_in_is_on_with_the_first_account() -> None:
    assert not presence.sign_in_on()
    owner()
    assert presence.sign_in_on()


def test_a_desk_says_that_it_is_a_sandbox_while_nothing_else_is_connected() -> None:
    def connect(service: str, *, sandbox: bool) -> None:
        with db.writing() as connection:
            connections.save(connection, kind="courier", service=service, name=service,
                             settings={}, secrets_={}, sandbox=sandbox)  # fmt: skip
        presence.look_again()

    assert presence.here() is None  # nothing is connected
    connect("dpd", sandbox=True)
    assert presence.here() is presence.Here.SANDBOX_OPEN
    owner()
    presence.look_again()
    assert presence.here() is presence.Here.SANDBOX
    with rights.acting(rights.HOST):
        connect("gls", sandbox=False)
    assert presence.here() is None


def test_neither_password_nor_link_is_kept_as_it_is(engine: Engine) -> None:
    owner()
    with rights.acting(signed_in("ana@shop.ro")):
        _, token = accounts.invite("radu", "Radu", "operator")
    with db.reading(engine) as connection:
        held = str([*connection.execute(people.select()), *connection.execute(
            invitations.select()), *trail.export(connection)])  # fmt: skip
    assert GOOD not in held
    assert token not in held


def test_the_real_hash_is_argon2id(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    kept = passwords.hashed(GOOD)
    assert kept.startswith("$argon2id$")
    assert passwords.fits(GOOD, kept)
    assert not passwords.fits(GOOD + "x", kept)
    assert not passwords.fits(GOOD, "")


def test_a_password_is_the_same_however_a_device_composes_its_letters() -> None:
    whole, apart = "șapte ouă în coș", "s\u0326apte oua\u0306 i\u0302n cos\u0326"
    assert whole != apart
    assert passwords.fits(apart, passwords.hashed(whole))
    assert passwords.fits(whole, passwords.hashed(apart))
    assert not passwords.fits("sapte oua in cos", passwords.hashed(whole))
