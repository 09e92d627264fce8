"""Programs come in with a token, to `/api/v1` and nowhere else, and find what is described."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, settings
from sqlalchemy import Engine, insert, select, update
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Route
from starlette.types import ASGIApp
from tests_server_world import put_orders

from core import rights
from core.audit import trail
from core.audit.actions import Action
from core.clock import now
from core.orders.judge.reasons import JudgeCode
from core.orders.judge.rules import Judgement
from core.orders.piles import piles, review, scans
from core.people import accounts, sessions, tokens
from core.people.tokens import TokenError
from core.reversal.runs import results
from core.rights import ROLES, Actor, NotAllowed, NotProved, Right, Way
from core.server import auth
from core.server.machines.description import DESCRIPTION
from core.server.routes.table import routes
from core.server.sign_in import cookies
from core.store import db
from core.store.tables import orders, people, reversals, runs
from core.store.tables import sessions as table

ROOT = Path(__file__).resolve().parents[2]
OWNER = Actor("Ana", ROLES["owner"], person_id=1, way=Way.BROWSER)


@pytest.fixture(autouse=True)
def ana(engine: Engine) -> Iterator[None]:
    with db.writing() as connection:
        connection.execute(insert(people).values(
            login="ana", name="Ana", role="owner", password_hash="x", created_at=now()
        ))  # fmt: skip
    accounts.look_again()
    yield
    accounts.look_again()


def app() -> ASGIApp:
    return Starlette(
        routes=routes(ROOT / "pages" / "components"),
        middleware=[Middleware(auth.AuthMiddleware, network=True, token="printed")],
    )


def token(*held: Right, days: int = 30) -> dict[str, str]:
    with rights.acting(OWNER):
        secret = tokens.make("warehouse", held or tokens.GIVEN, days)
    return {"Authorization": f"Bearer {secret}"}


def test_a_program_scans_plans_and_starts_what_its_token_allows(
    serve: Callable[[ASGIApp], str], engine: Engine
) -> None:
    put_orders(engine, ["7000100000001"])
    base, who = serve(app()) + "/api/v1", token()
    made = requests.post(f"{base}/piles", json={"name": "Monday"}, headers=who, timeout=10)
    assert made.status_code == 201
    assert made.json()["created_by"] == "Ana"
    pile = made.json()["pile"]
    scan = {"code": "7000100000001", "key": "a"}
    for status in (201, 200):
        taken = requests.post(f"{base}/piles/{pile}/scans", json=scan, headers=who, timeout=10)
        assert taken.status_code == status
        assert taken.json()["order"] == "#100000"
    planned = requests.get(f"{base}/piles/{pile}/plan", headers=who, timeout=10).json()
    assert [one["order"] for one in planned["orders"]] == ["#100000"]
    assert planned["orders"][0]["what"]
    shown = {"shown": [one["shown"] for one in planned["orders"] if one["shown"]]}
    begun = requests.post(f"{base}/piles/{pile}/runs", json=shown, headers=who, timeout=10)
    assert (begun.status_code, begun.json()["changed"]) == (201, 0)
    run = begun.json()["run"]
    stands = requests.get(f"{base}/runs/{run}", headers=who, timeout=10).json()
    assert stands["orders"] == 1


def test_a_run_of_a_program_leaves_out_what_is_no_longer_as_its_plan_showed_it(
    serve: Callable[[ASGIApp], str], engine: Engine
) -> None:
    put_orders(engine, ["7000100000001", "7000100000002", "7000100000003"])
    base, who = serve(app()) + "/api/v1", token()
    pile = requests.post(f"{base}/piles", json={"name": "M"}, headers=who, timeout=10).json()[
        "pile"
    ]
    for number in (1, 2, 3):
        scan = {"code": f"700010000000{number}", "key": str(number)}
        requests.post(f"{base}/piles/{pile}/scans", json=scan, headers=who, timeout=10)
    planned = requests.get(f"{base}/piles/{pile}/plan", headers=who, timeout=10).json()["orders"]
    seen = {one["order"]: one["shown"] for one in planned}
    assert all(seen.values())

    def start(*shown: object) -> requests.Response:
        body = {"shown": list(shown)}
        return requests.post(f"{base}/piles/{pile}/runs", json=body, headers=who, timeout=10)

    first, second, _ = sorted(seen)
    with db.writing() as connection:
        connection.execute(
            update(orders)
            .values(total_minor=orders.c.total_minor + 1)
            .where(orders.c.name == first)
        )
    assert start(seen[first]).status_code == 409  # nothing is left
    begun = start(seen[first], seen[second])  # and the third was not asked for
    assert begun.json() == {"run": begun.json()["run"], "orders": 1, "changed": 1}
    for wrong in ("", 7, None, seen[second] + " x", seen[second].replace(" ", "")):
        assert start(wrong).status_code == 400, wrong
    for body in ({}, {"shown": seen[second]}, {"shown": [], "all": True}):
        refused = requests.post(f"{base}/piles/{pile}/runs", json=body, headers=who, timeout=10)
        assert refused.status_code == 400, body


def test_a_token_does_nothing_that_it_was_not_made_for(
    serve: Callable[[ASGIApp], str],
) -> None:
    base, who = serve(app()), token(Right.SCAN)
    refused = requests.post(f"{base}/api/v1/piles", json={"name": "x"}, headers=who, timeout=10)
    assert (refused.status_code, refused.json()["code"]) == (403, "not_allowed")
    for path in ("/api/me", "/phone", "/settings", "/api/session"):
        assert requests.get(base + path, headers=who, timeout=10).status_code == 401, path


def test_a_token_is_no_cookie_and_a_cookie_no_token(serve: Callable[[ASGIApp], str]) -> None:
    base = serve(app()) + "/api/v1/piles"
    secret = token()["Authorization"].partition(" ")[2]
    assert requests.get(base, cookies={cookies.PLAIN: secret}, timeout=10).status_code == 401
    with db.writing() as connection:
        held, _ = sessions.begin(
            connection, kind=sessions.SessionKind.BROWSER, name="b", person="Ana", person_id=1
        )
    bearer = {"Authorization": f"Bearer {held}"}
    assert requests.get(base, headers=bearer, timeout=10).status_code == 401
    assert requests.get(base, cookies={cookies.PLAIN: held}, timeout=10).status_code == 200


@pytest.mark.parametrize(
    "end",
    [
        lambda: sessions.sign_out(tokens.listed()[0].id),
        lambda: _set(table, ends_at=now()),
        lambda: _set(people, disabled_at=now()),
    ],
)
def test_a_token_ends_by_hand_by_its_date_and_with_its_maker(
    serve: Callable[[ASGIApp], str], end: Callable[[], None]
) -> None:
    base, who = serve(app()) + "/api/v1/piles", token()
    assert requests.get(base, headers=who, timeout=10).status_code == 200
    end()
    accounts.look_again()
    assert requests.get(base, headers=who, timeout=10).status_code == 401


def _set(which, **values) -> None:
    with db.writing() as connection:
        connection.execute(update(which).values(**values))


def test_a_token_has_no_more_rights_than_its_maker_has_now(
    serve: Callable[[ASGIApp], str],
) -> None:
    base, who = serve(app()) + "/api/v1/piles", token()
    _set(people, role="analyst")
    accounts.look_again()
    assert requests.get(base, headers=who, timeout=10).status_code == 403


@pytest.mark.parametrize("named", [True, False])
def test_a_token_without_the_right_to_names_is_told_none_in_reasons_either(
    serve: Callable[[ASGIApp], str], engine: Engine, monkeypatch: pytest.MonkeyPatch, named: bool
) -> None:
    put_orders(engine, ["7000100000001"])
    why = JudgeCode.CUSTOMER_DIFFERS.of(invoice="OB 7", theirs="Vlad Ionescu", ours="Ioana Popescu")
    nested = JudgeCode.CHANGED.of(before=None, now=why)
    pile = piles.create("Monday")
    scans.take_scan(pile, "7000100000001", source="list", key="a")
    with db.writing(engine) as connection:
        run = connection.scalar(insert(runs).values(
            pile_id=pile, created_at=now(), created_by="Ana", state="finished", total=1
        ).returning(runs.c.id))  # fmt: skip
        connection.execute(insert(reversals).values(
            order_id=connection.scalar(select(orders.c.id)), run_id=run, origin="pile",
            requested_by="Ana", options={}, state="needs_person", why=nested, created_at=now(),
        ))  # fmt: skip
    monkeypatch.setattr(review, "judge", lambda _facts: Judgement("held", why))
    who = token(Right.PILE, Right.SCAN, *([Right.NAMES] if named else []))
    for path in (f"piles/{pile}/plan", f"runs/{run}/results"):
        answer = requests.get(f"{serve(app())}/api/v1/{path}", headers=who, timeout=10)
        assert answer.status_code == 200, answer.text
        assert answer.json()["orders"][0]["why"]
        for name in ("Vlad", "Popescu"):
            assert (name in answer.text) is named, answer.text
    for frame in (review.review, results.results):
        with rights.acting(Actor("Kim", frozenset({Right.PILE}), person_id=1)):
            assert list(frame(pile if frame is review.review else run)["customer"]) == [""]


def test_tokens_are_made_by_who_proved_themselves_and_within_bounds() -> None:
    stale = Actor("Ana", ROLES["owner"], person_id=1, way=Way.BROWSER, proved=False)
    with rights.acting(stale), pytest.raises(NotProved):
        tokens.make("x", {Right.SCAN}, 1)
    keeper = Actor("Kim", frozenset({Right.PEOPLE}), person_id=1, way=Way.BROWSER)
    with rights.acting(keeper), pytest.raises(NotAllowed):
        tokens.make("x", {Right.SCAN}, 1)
    with rights.acting(OWNER):
        for name, held, days in (
            ("", {Right.SCAN}, 1), ("x", set(), 1), ("x", {Right.PEOPLE}, 1),
            ("x", {Right.CONNECT}, 1), ("x", {Right.SCAN}, 0), ("x", {Right.SCAN}, 366),
        ):  # fmt: skip
            with pytest.raises(TokenError):
                tokens.make(name, held, days)


def test_the_record_names_the_token_that_did_it(serve: Callable[[ASGIApp], str]) -> None:
    base, who = serve(app()) + "/api/v1/piles", token()
    requests.post(base, json={"name": "Monday"}, headers=who, timeout=10)
    with db.reading() as connection:
        newest, *_ = trail.search(connection, actions=[Action.PILE_BEGUN])
    assert (newest.way, newest.session_id) == ("api", tokens.listed()[0].id)
    assert newest.person_id == 1


def test_wrong_tokens_wait_and_stand_in_the_record(serve: Callable[[ASGIApp], str]) -> None:
    base = serve(app()) + "/api/v1/piles"
    statuses = [
        requests.get(base, headers={"Authorization": f"Bearer refuz_{n}"}, timeout=10).status_code
        for n in range(15)
    ]
    assert statuses == [401] * 10 + [429] * 5
    with db.reading() as connection:
        assert len(trail.search(connection, actions=[Action.SIGN_IN_FAILED])) == 10


def test_every_route_for_programs_is_described_and_the_other_way_round() -> None:
    described = {
        (path, method.upper())
        for path, calls in DESCRIPTION["paths"].items()
        for method in calls
        if method != "parameters"
    }
    served = {
        (one.path, method)
        for one in routes(ROOT / "pages" / "components")
        if isinstance(one, Route) and one.path.startswith("/api/v1/")
        for method in one.methods or ()
        if method != "HEAD"
    }
    assert served - {("/api/v1/openapi.json", "GET")} == described


schema = schemathesis.openapi.from_dict(DESCRIPTION)


@pytest.fixture
def base(
    serve: Callable[[ASGIApp], str], engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> tuple[str, dict[str, str]]:
    monkeypatch.setattr(auth.Failures, "MOST", 10_000)  # the calls made up bring wrong tokens
    put_orders(engine, ["7000100000001"])
    return serve(app()), token()


@schema.parametrize()
@settings(max_examples=15, suppress_health_check=list(HealthCheck), derandomize=True)
def test_each_call_answers_as_it_is_described(
    case: schemathesis.Case, base: tuple[str, dict[str, str]]
) -> None:
    """Calls made up from the description, right and wrong: no crash, no answer of another form."""
    address, who = base
    case.call_and_validate(base_url=address, headers=who)
