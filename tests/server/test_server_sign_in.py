"""Where sign-in is on, a browser comes in by a password or a link, and out within a second."""

import threading
import time
from collections.abc import Callable

import pytest
import requests
from server_sign_in import GOOD, connect_a_shop, desk, make_owner, sign_in_as
from sqlalchemy import Engine, select
from starlette.types import ASGIApp
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from core import rights
from core.audit import trail
from core.audit.actions import Action
from core.people import accounts, devices, sessions
from core.people.ways import badges
from core.server import lanes
from core.server.reach import Reach
from core.server.sign_in import calls, cookies
from core.server.sign_in import forms as sign_in
from core.store import db
from core.store.tables import badges as badge_table
from core.store.tables import challenges, connections

HTML = {"Accept": "text/html"}


pytestmark = pytest.mark.usefixtures("cheap_passwords")


def test_the_sandbox_asks_nobody_and_a_real_connection_asks_everybody(
    serve: Callable[[ASGIApp], str], engine: Engine
) -> None:
    base = serve(desk())
    connect_a_shop(engine, sandbox=True)
    assert requests.get(base + "/", timeout=30).text == "desk"
    connect_a_shop_really(engine)
    led = requests.get(base + "/settings?a=1", headers=HTML, timeout=30, allow_redirects=False)
    assert led.status_code == 303
    assert led.headers["location"] == "/sign-in?next=%2Fsettings%3Fa%3D1"
    assert requests.get(base + "/api/me", timeout=30).status_code == 401
    with pytest.raises(InvalidStatus), connect(base.replace("http", "ws") + "/stream"):
        pass


def connect_a_shop_really(engine: Engine) -> None:
    with db.writing(engine) as connection:
        connection.execute(connections.update().values(sandbox=False))
    accounts.look_again()


@pytest.mark.parametrize(
    ("language", "word"), [("en", "Sandbox: nothing here"), ("ro", "Mediu de probă: nimic de aici")]
)
def test_signing_in_to_a_sandbox_says_that_it_is_one(
    serve: Callable[[ASGIApp], str], engine: Engine, language: str, word: str
) -> None:
    connect_a_shop(engine, sandbox=True)
    make_owner()
    address, asked = serve(desk()) + "/sign-in", {"Accept-Language": language}
    assert word in requests.get(address, headers=asked, timeout=30).text
    connect_a_shop_really(engine)
    assert word not in requests.get(address, headers=asked, timeout=30).text


def test_a_page_that_is_open_closes_when_sign_in_is_turned_on(
    serve: Callable[[ASGIApp], str], engine: Engine
) -> None:
    connect_a_shop(engine, sandbox=True)
    with connect(serve(desk()).replace("http", "ws") + "/stream") as page:
        page.send("drawn")
        assert page.recv(10) == "drawn"
        connect_a_shop_really(engine)
        with pytest.raises(ConnectionClosed):
            page.recv(5)


def test_without_an_owner_the_page_says_where_the_link_is(
    serve: Callable[[ASGIApp], str], engine: Engine
) -> None:
    connect_a_shop(engine, sandbox=False)
    answer = requests.get(serve(desk()) + "/", headers=HTML, timeout=30)
    assert "refuz people owner" in answer.text


def test_a_link_makes_the_owner_who_is_signed_in_at_once(
    serve: Callable[[ASGIApp], str], engine: Engine
) -> None:
    base, browser = serve(desk()), requests.Session()
    link = f"{base}/welcome/{accounts.owner_link()}"
    assert browser.get(link, timeout=30).status_code == 200, "looking does not use it up"
    form = {"login": "ana", "name": "Ana Pop", "password": GOOD}
    assert browser.post(link, data=form, timeout=20).text == "Ana Pop"
    assert browser.get(base + "/settings", timeout=30).text == "Ana Pop"
    used = requests.get(link, timeout=30)
    assert used.status_code == 410
    assert 'href="/sign-in"' in used.text, "whoever used it has an account by now"
    assert requests.get(base + "/api/me", timeout=30).status_code == 401


def test_a_password_that_is_refused_costs_nothing_else_that_was_typed(
    serve: Callable[[ASGIApp], str], engine: Engine
) -> None:
    link = f"{serve(desk())}/welcome/{accounts.owner_link()}"
    form = {"login": 'mira "m"', "name": "Mira Ene", "password": "short"}
    answer = requests.post(link, data=form, timeout=20)
    assert answer.status_code == 400
    assert 'value="mira &#34;m&#34;"' in answer.text or 'value="mira &quot;m&quot;"' in answer.text
    assert 'value="Mira Ene"' in answer.text
    assert "short" not in answer.text.replace("too short", "")


def test_name_and_password_let_in_and_lead_back_to_the_page_asked_for(
    serve: Callable[[ASGIApp], str], engine: Engine
) -> None:
    make_owner()
    browser = sign_in_as(serve(desk()), next="/settings?tab=2")
    assert browser.last.headers["location"] == "/settings?tab=2"  # type: ignore[attr-defined]
    cookie = browser.last.headers["set-cookie"].lower()  # type: ignore[attr-defined]
    for word in ("httponly", "samesite=lax", "path=/", f"{cookies.PLAIN}="):
        assert word in cookie


def test_a_badge_is_printed_read_on_the_sign_in_page_and_asked_for_again_after_the_shift(
    serve: Callable[[ASGIApp], str], engine: Engine
) -> None:
    make_owner()
    base = serve(desk())
    page = sign_in_as(base).post(base + "/badge", timeout=10)
    assert "<svg" in page.text
    with db.reading(engine) as connection:
        assert connection.scalar(select(badge_table.c.ended_at)) is None
    with rights.acting(sessions.actor_of(sessions.signed_in()[0])):
        code = badges.make()
    station = requests.Session()
    assert "Scan your badge" in station.get(base + "/sign-in?badge=1", timeout=10).text
    refused = station.post(base + "/sign-in?badge=1", data={"badge": "DESK7x"}, timeout=10)
    assert refused.status_code == 401
    assert "Scan your badge" in refused.text
    form = {"badge": code.lower() + "\t", "next": "/api/me"}
    elsewhere = station.post(base + "/sign-in?badge=1", data=form, timeout=10)
    assert elsewhere.status_code == 401
    assert "no station" in elsewhere.text
    station = sign_in_as(base)
    assert "Where it stands" in station.get(base + "/badge/station", timeout=10).text
    assert station.post(base + "/badge/station", data={"name": ""}, timeout=10).status_code == 403
    made = station.post(
        base + "/badge/station", data={"name": "Table 1"}, timeout=10, allow_redirects=False
    )
    assert made.headers["location"] == "/sign-in?badge=1"
    cookie = next(one for one in made.raw.headers.getlist("set-cookie") if "station" in one)
    for word in ("HttpOnly", "SameSite=lax", "Path=/"):
        assert word in cookie
    assert station.get(base + "/api/me", timeout=10).status_code == 401, "signed out there"
    assert station.post(base + "/sign-in?badge=1", data=form, timeout=10).text == "Ana"
    out = station.post(base + "/sign-out", timeout=10, allow_redirects=False)
    assert out.headers["location"] == "/sign-in?badge=1"


def test_who_may_make_no_station_is_told_so_before_a_form_is_filled_in(
    serve: Callable[[ASGIApp], str], engine: Engine
) -> None:
    make_owner()
    _, token = accounts.invite("olga", "Olga", "operator")
    accounts.use_link(token, GOOD)
    base = serve(desk())
    page = sign_in_as(base, login="olga").get(base + "/badge/station", timeout=10)
    assert page.status_code == 403
    assert "a right that you do not have" in page.text
    assert "<form" not in page.text


@pytest.mark.parametrize(
    "there",
    ["//evil.example", "https://evil.example/", "/\\evil.example", "evil", "", "/\nx", "\\\\evil"],
)
def test_nobody_is_led_to_another_site(there: str) -> None:
    assert calls.there(there) == "/"


def test_over_https_the_cookie_is_bound_to_the_host(
    serve: Callable[[ASGIApp], str], engine: Engine
) -> None:
    make_owner()
    base = serve(desk(reach=Reach("https://desk.example.com")))
    answer = requests.post(
        base + "/sign-in",
        data={"login": "ana", "password": GOOD},
        headers={"Host": "desk.example.com"},
        allow_redirects=False,
        timeout=20,
    )
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("__Host-refuz=")
    assert "Secure" in cookie
    assert "Domain" not in cookie
    secret = cookie.partition("=")[2].partition(";")[0]
    for name, status in (("__Host-refuz", 200), (cookies.PLAIN, 401)):
        headers = {"Host": "desk.example.com", "Cookie": f"{name}={secret}"}
        assert requests.get(base + "/api/me", headers=headers, timeout=30).status_code == status


def test_a_wrong_password_shows_the_form_again_and_stands_in_the_record(
    serve: Callable[[ASGIApp], str], engine: Engine
) -> None:
    make_owner()
    browser = sign_in_as(serve(desk()), "wrong")
    answer = browser.last  # type: ignore[attr-defined]
    assert answer.status_code == 401
    assert "do not fit" in answer.text
    assert not browser.cookies
    with db.reading(engine) as connection:
        newest, *_ = trail.search(connection, actions=[Action.SIGN_IN_FAILED])
    assert (newest.subject, newest.way, newest.address) == ("person ana", "stranger", "127.0.0.1")


def test_guesses_are_slowed_down_and_told_how_long(
    serve: Callable[[ASGIApp], str], engine: Engine
) -> None:
    """Thirty guesses as fast as one can: each failure doubles the wait, so few are looked at."""
    make_owner()
    base = serve(desk())
    answers = [
        sign_in_as(base, f"wrong {number}").last  # type: ignore[attr-defined]
        for number in range(30)
    ]
    statuses = [one.status_code for one in answers]
    assert statuses[:5] == [401] * 5
    assert statuses.count(429) >= 20
    waits = [one.headers["retry-after"] for one in answers if one.status_code == 429]
    assert min(map(int, waits)) >= 1


def test_a_stranger_has_so_many_challenges_made_in_a_minute(
    serve: Callable[[ASGIApp], str], engine: Engine
) -> None:
    """Each is a row that is written: nobody signed in, and the writers of the desk must wait."""
    make_owner()
    there = serve(desk()).replace("127.0.0.1", "localhost") + "/sign-in/passkey/options"
    asked = [
        requests.post(there, json={}, headers={"X-Refuz": "1"}, timeout=20).status_code
        for _ in range(lanes.Questions.MOST + 5)
    ]
    assert asked == [200] * lanes.Questions.MOST + [429] * 5
    with db.reading(engine) as connection:
        assert len(connection.execute(select(challenges)).all()) == lanes.Questions.MOST


@pytest.mark.parametrize(
    "headers",
    [{"Origin": "http://evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "null"}],
)
@pytest.mark.parametrize("path", ["/sign-in", "/confirm", "/sign-out"])
def test_a_form_of_another_site_is_not_taken(
    serve: Callable[[ASGIApp], str], engine: Engine, path: str, headers: dict[str, str]
) -> None:
    make_owner()
    base = serve(desk())
    browser = sign_in_as(base)
    form = {"login": "ana", "password": GOOD}
    answer = browser.post(
        base + path, data=form, headers=headers, timeout=20, allow_redirects=False
    )
    assert answer.status_code == 403
    assert browser.get(base + "/api/me", timeout=30).status_code == 200


def test_signing_in_anew_changes_the_secret_and_ends_the_old_session(
    serve: Callable[[ASGIApp], str], engine: Engine
) -> None:
    make_owner()
    base = serve(desk())
    browser = sign_in_as(base)
    old = browser.cookies[cookies.PLAIN]
    form = {"login": "ana", "password": GOOD}
    browser.post(base + "/sign-in", data=form, timeout=20, allow_redirects=False)
    assert browser.cookies[cookies.PLAIN] != old
    assert sessions.of_secret(old) is None
    assert len(sessions.signed_in()) == 1


@pytest.mark.timed
def test_signing_out_closes_an_open_page_within_a_second(
    serve: Callable[[ASGIApp], str], engine: Engine
) -> None:
    make_owner()
    base = serve(desk())
    browser = sign_in_as(base)
    cookie = {"Cookie": f"{cookies.PLAIN}={browser.cookies[cookies.PLAIN]}"}
    with connect(base.replace("http", "ws") + "/stream", additional_headers=cookie) as page:
        page.send("drawn")
        assert page.recv(10) == "drawn"
        browser.post(base + "/sign-out", timeout=30)
        begun = time.monotonic()
        with pytest.raises(ConnectionClosed):
            page.recv(10)
        assert time.monotonic() - begun < 1.0
    assert browser.get(base + "/api/me", timeout=30).status_code == 401


@pytest.mark.timed
def test_a_waiting_page_is_told_within_a_second_that_its_session_ended(
    serve: Callable[[ASGIApp], str], engine: Engine
) -> None:
    make_owner()
    base = serve(desk())
    browser = sign_in_as(base)
    answers: list[tuple[int, float]] = []

    def wait() -> None:
        status = browser.get(base + "/api/session", timeout=30).status_code
        answers.append((status, time.monotonic()))

    waiting = threading.Thread(target=wait)
    waiting.start()
    time.sleep(0.5)
    assert not answers
    sessions.sign_out(sessions.signed_in()[0].id)
    ended = time.monotonic()
    waiting.join(20)
    status, at = answers[0]
    assert status == 401
    assert at - ended < 1.0


def test_a_device_let_in_before_there_were_accounts_is_a_stranger_afterwards(
    serve: Callable[[ASGIApp], str], engine: Engine
) -> None:
    secret, _ = devices.admit("Firefox on Linux", "desk")
    base = serve(desk(network=True))
    cookie = {"Cookie": f"{cookies.PLAIN}={secret}"}
    assert requests.get(base + "/api/me", headers=cookie, timeout=30).status_code == 200
    make_owner()
    assert requests.get(base + "/api/me", headers=cookie, timeout=30).status_code == 401
    assert requests.get(base + "/api/me?token=printed", timeout=30).status_code == 401


def test_a_password_is_shown_once_more_and_leads_back(
    serve: Callable[[ASGIApp], str], engine: Engine
) -> None:
    make_owner()
    base = serve(desk())
    browser = sign_in_as(base)
    asked = browser.get(base + "/confirm?next=/settings", timeout=30)
    assert "Ana" in asked.text
    assert 'href="/">Not now' in asked.text
    for password, status in (("wrong", 401), (GOOD, 303)):
        form = {"password": password, "next": "/settings"}
        answer = browser.post(base + "/confirm", data=form, timeout=20, allow_redirects=False)
        assert answer.status_code == status
    assert answer.headers["location"] == "/settings"


@pytest.mark.parametrize("language", ["en", "ro"])
def test_the_pages_are_in_the_readers_language_and_run_no_inline_script(
    serve: Callable[[ASGIApp], str], engine: Engine, language: str
) -> None:
    make_owner()
    page = requests.get(
        serve(desk()) + "/sign-in", headers={"Accept-Language": language}, timeout=30
    )
    assert ("Parolă" in page.text) is (language == "ro")
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert "<script" not in page.text
    assert "style=" not in page.text
    for name, kind in sign_in.FILES.items():
        assert kind in requests.get(f"{page.url}/{name}", timeout=30).headers["content-type"]


def test_strangers_words_are_drawn_letter_for_letter(
    serve: Callable[[ASGIApp], str], engine: Engine
) -> None:
    make_owner()
    base = serve(desk())
    evil = '"><script>alert(1)</script>'
    answers = [
        requests.get(base + "/sign-in", params={"next": "/" + evil}, timeout=30),
        requests.post(base + "/sign-in", data={"login": evil, "password": "x"}, timeout=20),
    ]
    for answer in answers:
        assert "<script" not in answer.text
