"""Who comes into the desk: by a password, a code for a phone, a badge, a token."""

from typing import Any

import hypothesis.strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule
from people_model import DEPUTY, DEPUTY_MAY, Model, Pairing, Person, WayIn
from set_clock import SetClock
from sqlalchemy import delete, insert

from core import clock, rights
from core.clock import now
from core.people import accounts, devices, sessions, sign_in, tokens
from core.people.devices import PairingRefused
from core.people.sessions import Scope
from core.people.sessions import SessionKind as Way
from core.people.ways import badges
from core.people.ways import stations as badge_stations
from core.rights import OPERATOR, Actor, NotAllowed, NotProved, Right
from core.settings import preferences
from core.store import db, tables
from core.store.tables.people import stations

GIVEABLE = ("scanner", "operator", "reviewer", "admin", DEPUTY)
WHO = {"Ana": "owner", "Radu": "owner", "Kim": "operator", "Dana": DEPUTY}
MOST = 8  # ways in that are tried at once
NUMBER = st.integers(0, 30)


class ComeIn(RuleBasedStateMachine):
    """Each rule draws who acts and on whom by number, and does nothing where there is none."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = SetClock()
        self.clock.stand_still()
        self._going_by = clock.use(self.clock)
        self._going_by.__enter__()
        self.model = Model()
        self.made = 0

    def teardown(self) -> None:
        self._going_by.__exit__(None, None, None)
        accounts.look_again()

    @initialize()
    def two_owners_and_the_rule(self) -> None:
        with db.writing() as connection:
            for table in (tables.approvals, tables.badges, stations, tables.pairings,
                          tables.invitations, tables.sessions, tables.people, tables.roles,
                          tables.preferences):  # fmt: skip
                connection.execute(delete(table))
            given = {"name": DEPUTY, "rights": sorted(DEPUTY_MAY)}
            connection.execute(insert(tables.roles).values(given))
            for name, role in WHO.items():
                made = insert(tables.people).values(
                    login=name.lower(), name=name, password_hash="x", created_at=now(), role=role
                )
                found = connection.execute(made.returning(tables.people.c.id)).scalar_one()
                self.model.people[found] = Person(role)
            preferences.save(connection, two_people=True)
        accounts.look_again()
        self.stations = {number: self.station(number) for number in range(2)}
        for who, one in list(self.model.people.items()):
            if one.role != "operator":  # who may do more than scan is in already
                self.handed_out(*sign_in.of_person(who, device="Firefox", address="10.0.0.2"))

    # ------------------------------------------------------------ who comes in

    def station(self, number: int) -> str:
        """The secret of a new station."""
        secret = f"station {number}"
        values = {"name": "Table", "secret_hash": sessions.hash_of(secret), "made_at": now()}
        with db.writing() as connection:
            connection.execute(insert(stations).values(values))
        return secret

    def person(self, number: int) -> int:
        known = sorted(self.model.people)
        return known[number % len(known)]

    def way(self, number: int) -> WayIn | None:
        alive = [one for one in self.model.ways if self.model.alive(one)]
        return alive[number % len(alive)] if alive else None

    def actor(self, way: WayIn) -> Actor:
        session = sessions.of_secret(way.secret)
        assert session is not None
        way.seen = now()
        return sessions.actor_of(session)

    def handed_out(self, secret: str, session: sessions.Session, **more: Any) -> None:
        self.model.ways.append(
            WayIn(
                secret, session.id, Way(session.kind), session.person_id or 0,
                Scope(session.scope), session.created_at, session.ends_at, session.proved_at,
                **more,
            )
        )  # fmt: skip

    @precondition(lambda self: len(self.model.ways) < MOST)
    @rule(number=NUMBER, proved=st.booleans())
    def somebody_signs_in(self, number: int, proved: bool) -> None:
        who = self.person(number)
        try:
            found = sign_in.of_person(who, device="Chrome", address="10.0.0.1", proved=proved)
        except sign_in.SignInRefused:
            assert self.model.people[who].disabled
            return
        assert not self.model.people[who].disabled
        self.handed_out(*found)

    @rule(number=NUMBER, scope=st.sampled_from(Scope))
    def somebody_shows_a_code_for_a_phone(self, number: int, scope: Scope) -> None:
        way = self.way(number)
        if way is None:
            return
        held = self.model.rights(way)
        narrow = way.given is not None
        wide = (scope is Scope.OPERATE and held == {Right.SCAN}) or (
            narrow and scope is not Scope.PILE
        )
        try:
            with rights.acting(self.actor(way)):
                token = devices.invite("", None, scope=scope)
        except NotAllowed:
            assert Right.SCAN not in held or wide
            return
        assert Right.SCAN in held
        assert not wide
        until = now() + devices.TOKEN_LIFE
        self.model.pairings.append(Pairing(token, way.person, scope, until))

    @precondition(lambda self: len(self.model.ways) < MOST)
    @rule(number=NUMBER)
    def a_phone_shows_a_code(self, number: int) -> None:
        if not self.model.pairings:
            return
        one = self.model.pairings[number % len(self.model.pairings)]
        good = not one.used and now() < one.until and not self.model.people[one.person].disabled
        try:
            found = devices.redeem(one.token, "Chrome on Android")
        except PairingRefused:
            assert not good
            return
        assert good
        one.used = True
        self.handed_out(*found)

    @precondition(lambda self: len(self.model.ways) < MOST)
    @rule(number=NUMBER, wanted=st.sets(st.sampled_from(sorted(tokens.GIVEN)), min_size=1))
    def somebody_makes_a_token(self, number: int, wanted: set[Right]) -> None:
        way = self.way(number)
        if way is None:
            return
        held = self.model.rights(way)
        try:
            with rights.acting(self.actor(way)):
                secret = tokens.make("till", wanted, 30)
        except NotAllowed:
            assert Right.PEOPLE not in held or not wanted <= held
            return
        except NotProved:
            assert not self.model.proved(way)
            return
        assert Right.PEOPLE in held
        assert self.model.proved(way)
        session = sessions.of_secret(secret)
        assert session is not None
        self.handed_out(secret, session, given=frozenset(wanted))

    @precondition(lambda self: len(self.model.ways) < MOST)
    @rule(number=NUMBER, station=st.booleans())
    def somebody_finds_a_badge(self, number: int, station: bool) -> None:
        there = self.stations[number % 2] if station else ""
        who, code = self.person(number), badges.PREFIX + f"{number:0{badges.DIGITS}}"
        with db.writing() as connection:
            connection.execute(delete(tables.badges))
            made = {"person_id": who, "code_hash": sessions.hash_of(code), "created_at": now()}
            connection.execute(insert(tables.badges).values(made))
        try:
            found = badges.sign_on(code, there, device="Chrome", address=f"10.0.1.{number}")
        except badges.BadgeRefused:
            assert self.model.people[who].disabled or not station
            return
        except sign_in.MustWait:
            return
        assert not self.model.people[who].disabled
        assert station
        self.handed_out(*found, given=OPERATOR)
        self.model.at_station[self.model.ways[-1].id] = there

    @rule(number=NUMBER, which=st.integers(0, 1))
    def somebody_ends_a_station(self, number: int, which: int) -> None:
        """Whoever signed on there by a badge is out, nobody else; another takes its place."""
        way = self.way(number)
        if way is None:
            return
        secret = self.stations[which]
        here = badge_stations.of_secret(secret)
        assert here is not None
        try:
            with rights.acting(self.actor(way)):
                badge_stations.end(here.id)
        except NotAllowed:
            assert Right.PEOPLE not in self.model.rights(way)
            return
        assert Right.PEOPLE in self.model.rights(way)
        assert badge_stations.of_secret(secret) is None
        for one in self.model.ways:
            one.over = one.over or self.model.at_station.get(one.id) == secret
        self.made += 1
        self.stations[which] = self.station(1000 + self.made)

    @rule(number=NUMBER)
    def somebody_proves_who_they_are(self, number: int) -> None:
        way = self.way(number)
        if way is not None and way.kind is Way.BROWSER:
            with rights.acting(self.actor(way)):
                sign_in.proved_by("test")
            way.proved = now()
