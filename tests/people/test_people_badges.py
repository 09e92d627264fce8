"""A badge signs its person on at a station: for a shift, for scanning, until it is lost."""

import pytest
from set_clock import SetClock
from sqlalchemy import Engine

from core import rights
from core.audit import trail
from core.audit.actions import Action
from core.orders.piles import piles
from core.people import accounts, devices, sessions, sign_in
from core.people.codes import PeopleCode
from core.people.sessions import Scope
from core.people.ways import badges, stations
from core.people.ways.badges import BadgeRefused
from core.rights import OPERATOR, ROLES, Actor, NotAllowed, NotProved, Right
from core.store import db

pytestmark = pytest.mark.usefixtures("cheap_passwords")


@pytest.fixture
def ana() -> Actor:
    person = accounts.use_link(
        accounts.owner_link(), "correct horse battery", login="ana", name="Ana"
    )
    _, session = sign_in.of_person(person, device="Chrome", address="10.0.0.1")
    return sessions.actor_of(session)


def printed(who: Actor) -> str:
    with rights.acting(who):
        return badges.make()


@pytest.fixture(autouse=True)
def here(engine: Engine) -> str:
    """The secret of the station that the tests stand at."""
    global _here
    _here = stations.make("Packing table")
    return _here


_here = ""


def sign_on(code: str, station: str | None = None) -> tuple[str, sessions.Session]:
    there = _here if station is None else station
    return badges.sign_on(code, there, device="Chrome", address="10.0.0.1")


def test_a_badge_gives_an_owner_the_table_of_parcels_and_nothing_else(ana: Actor) -> None:
    _, session = sign_on(printed(ana))
    who = sessions.actor_of(session)
    assert (who.name, who.person_id, who.rights) == ("Ana", ana.person_id, OPERATOR)
    assert not who.proved
    with rights.acting(who):
        for door in (accounts.everybody, lambda: rights.require(Right.RUN)):
            with pytest.raises(NotAllowed):
                door()
        with pytest.raises(NotProved):
            badges.make()
    with db.reading() as connection:
        newest, *_ = trail.search(connection, actions=[Action.SIGNED_IN])
    assert (newest.detail["by"], newest.actor) == ("badge", "Ana")


def test_a_shift_ends_and_the_badge_begins_another(ana: Actor, set_clock: SetClock) -> None:
    code = printed(ana)
    secret, session = sign_on(code)
    assert badges.is_by_badge(session)
    for _ in range(3):
        set_clock.passed += 3 * 3600
        assert sessions.of_secret(secret) is not None
    set_clock.passed += 3 * 3600 + 60
    assert sessions.of_secret(secret) is None
    assert sign_on(code)[1].person == "Ana"


@pytest.mark.parametrize("how", ["lost", "printed anew", "account ended"])
def test_a_badge_that_ended_opens_nothing(ana: Actor, how: str) -> None:
    code = printed(ana)
    if how == "account ended":
        with rights.acting(ana):
            other, token = accounts.invite("radu", "Radu", "owner")
        accounts.use_link(token, "correct horse battery")
        _, session = sign_in.of_person(other.id, device="x", address="10.0.0.2")
        with rights.acting(sessions.actor_of(session)):
            accounts.change(ana.person_id or 0, disabled=True)
    else:
        with rights.acting(ana):
            badges.end() if how == "lost" else badges.make()
    with pytest.raises(BadgeRefused):
        sign_on(code)


@pytest.mark.parametrize(
    ("typed", "is_one"),
    [
        ("desk7" + "1" * 24, True), (" DESK7" + "0" * 24 + "\r", True), ("DESK7" + "1" * 23, False),
        ("DESK9001", False), ("7000201520995", False), ("", False), ("DESK7" + "1" * 25, False),
    ],
)  # fmt: skip
def test_what_a_scanner_types_is_known_as_a_badge(typed: str, is_one: bool) -> None:
    assert bool(badges.code_in(typed)) is is_one


def test_guessed_badges_make_their_address_wait(ana: Actor) -> None:
    for number in range(20):
        with pytest.raises(BadgeRefused):
            sign_on(f"DESK7{number:024}")
    with pytest.raises(sign_in.MustWait):
        sign_on(printed(ana))


def test_nobody_without_an_account_has_a_badge() -> None:
    with pytest.raises(accounts.AccountError), rights.acting(rights.local_owner()):
        badges.make()


def test_a_phone_let_in_by_a_badge_scans_one_pile_and_is_not_its_person(ana: Actor) -> None:
    """Whoever finds an owner's badge would else be the owner, by a phone, for half a year."""
    pile = piles.create("Monday")
    _, session = sign_on(printed(ana))
    with rights.acting(sessions.actor_of(session)):
        for scope in (Scope.OPERATE, Scope.SCAN):
            with pytest.raises(NotAllowed):
                devices.invite("", pile, scope=scope)
        token = devices.invite("", pile, scope=Scope.PILE)
    _, phone = devices.redeem(token, "Chrome on Android")
    who = sessions.actor_of(phone)
    assert (who.rights, who.pile_id) == ({Right.SCAN}, pile)


@pytest.mark.parametrize("elsewhere", ["", "no such station", "ended", "another's cookie"])
def test_a_badge_opens_nothing_where_no_station_is(ana: Actor, here: str, elsewhere: str) -> None:
    code = printed(ana)
    with rights.acting(ana):
        if elsewhere == "ended":
            there = stations.make("Old table")
            stations.end(stations.listed()[0].id)
        else:
            there = elsewhere
    for tried in (code, "DESK7" + "1" * 24):  # a good badge is told from no badge by nobody
        with pytest.raises(BadgeRefused, match="no station"):
            sign_on(tried, there)
    assert sign_on(code, here)[1].person == "Ana"
    with db.reading() as connection:
        failed = trail.search(connection, actions=[Action.SIGN_IN_FAILED])
    assert [one.detail["why"]["code"] for one in failed] == [PeopleCode.NO_STATION] * 2


def test_a_station_that_ends_signs_out_who_signed_on_there_and_nobody_else(ana: Actor) -> None:
    code = printed(ana)
    secret, _ = sign_on(code)
    with rights.acting(ana):
        other = stations.make("Door")
        elsewhere, _ = sign_on(code, other)
        own, _ = sign_in.of_person(ana.person_id or 0, device="x", address="10.0.0.9")
        [_, first] = stations.listed()
        stations.end(first.id)
        stations.end(first.id)
    alive = sessions.of_secrets([secret, elsewhere, own])
    assert [alive[one] is not None for one in (secret, elsewhere, own)] == [False, True, True]
    with db.reading() as connection:
        entries = trail.search(connection, actions=[Action.STATION_MADE, Action.STATION_ENDED])
    assert [(one.action, one.detail["name"]) for one in reversed(entries)] == [
        ("station_made", "Packing table"), ("station_made", "Door"),
        ("station_ended", "Packing table"),
    ]  # fmt: skip


def test_who_looks_after_people_and_proved_it_makes_a_station_with_a_name(ana: Actor) -> None:
    _, session = sign_on(printed(ana))
    with rights.acting(sessions.actor_of(session)):
        for door in (lambda: stations.make("x"), stations.listed, lambda: stations.end(1)):
            with pytest.raises(NotAllowed):
                door()
    late = Actor("Ana", ROLES["owner"], person_id=1, proved=False)
    with rights.acting(late), pytest.raises(NotProved):
        stations.make("x")
    with rights.acting(ana), pytest.raises(accounts.AccountError):
        stations.make("  ")


def test_a_station_without_a_badge_for_a_year_is_none(ana: Actor, set_clock: SetClock) -> None:
    code = printed(ana)
    set_clock.passed += 300 * 86400
    sign_on(code)
    set_clock.passed += 300 * 86400
    sign_on(code)
    set_clock.passed += 367 * 86400
    with pytest.raises(BadgeRefused, match="no station"):
        sign_on(code)
