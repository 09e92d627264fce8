"""A limit is a limit whatever status it comes with, and nothing else is taken for one."""

import datetime as dt
import threading
from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from services_answering import Answering, connected

from core.clock import now
from core.reasons import quoted
from core.services import registry
from core.services.http import limit_words
from core.services.http.client import Answer, HttpClient
from core.services.outcome import NotSent, Refused, RefusedForNow, Unknown
from core.services.ports import InvoiceRef, Rate

BUCHAREST = ZoneInfo("Europe/Bucharest")
A_MINUTE = dt.timedelta(minutes=1)
# As live calls were answered on 24 May and 22 August 2026.
BLOCKED = (
    "Ai depasit limita maxima de requesturi admisa. Vei putea executa alte requesturi dupa "
    "{minutes} min de la momentul blocarii {at}"
)


def block(minutes: int, ago: dt.timedelta) -> dict[str, Any]:
    """SmartBill's body for a block that began so long ago."""
    at = (now() - ago).astimezone(BUCHAREST).strftime("%d/%m/%Y %H:%M:%S")
    said = BLOCKED.format(minutes=minutes, at=at)
    return {"key": "!.oresp@&", "successfully": False, "errorText": said, "errorCode": "0"}


@pytest.mark.parametrize("status", [200, 400, 401, 403, 409, 422, 429, 500, 503])
def test_a_block_in_words_opens_the_breaker_until_the_moment_it_names(
    server: Answering, client_for: Callable[..., HttpClient], status: int
) -> None:
    client = client_for(server.base_url)
    server.will_say(block(10, dt.timedelta(minutes=4)), status)
    first = client.call("POST", "/invoice/reverse", json={}, effect=True)
    assert isinstance(first, RefusedForNow)
    assert 358 <= (first.until - now()).total_seconds() <= 362
    for effect in (True, False):
        again = client.call("POST", "/invoice/reverse", json={}, effect=effect)
        assert isinstance(again, RefusedForNow)
        assert abs((again.until - first.until).total_seconds()) < 2
    assert len(server.asked) == 1  # a call in between would start the block anew


@pytest.mark.parametrize("ago", [dt.timedelta(hours=3), dt.timedelta(minutes=-90)])
def test_a_moment_of_another_clock_never_shortens_or_stretches_the_block(
    server: Answering, client_for: Callable[..., HttpClient], ago: dt.timedelta
) -> None:
    client = client_for(server.base_url)
    server.will_say(block(5, ago), 403)
    outcome = client.call("POST", "/", effect=True)
    assert isinstance(outcome, RefusedForNow)
    assert 50 <= (outcome.until - now()).total_seconds() <= 302  # declared: 60 s


@pytest.mark.parametrize(
    "said",
    [
        "Prea multe cereri, incercati peste 30 secunde.",
        "Prea multe requesturi",
        "Limita de apeluri a fost depășită",
        "Ati depasit numarul de cereri permise",
        "Too Many Requests",
        "API rate limit exceeded for this key",
        "Request limit reached, retry after 45 seconds",
        "You have exceeded the request quota",
        "Error: you are being rate limited",
        "Token-ul de acces a fost blocat timp de 10 minute.",
        "Cheia este blocată pentru 45 secunde",
        "This access token is blocked for 2 hours",
    ],
)
@pytest.mark.parametrize(
    "body",
    [
        lambda said: {"errorText": said},
        lambda said: {"status": 403, "statusMessage": said, "data": []},
        lambda said: {"error": {"code": 403, "message": said}},
        lambda said: {"errors": [{"message": said}]},
        lambda said: [{"message": said}],
        lambda said: f"<html><head><title>x</title></head><body><h1>{said}</h1></body></html>",
    ],
)
def test_other_words_of_a_limit_in_other_places_are_read_too(said: str, body: Any) -> None:
    made = body(said)
    text = made if isinstance(made, str) else ""
    assert limit_words.limit_in(403, text, None if text else made)


@pytest.mark.parametrize(
    "said",
    [
        "Nu ati depasit limita de requesturi",
        "You have not exceeded the rate limit",
        "Ati depasit numarul maxim de documente",  # a plan, not a limit of calls
        "Limita de credit a clientului a fost depasita",
        "Cheia nu este blocata pentru 10 minute",
        "Token-ul de acces este blocat: abonamentul a expirat",
        "Access to this invoice is blocked for 3 months",
        "Ati depasit limita de 500 lei",
        "Cererea nu este corecta",
        "Invalid request",
        "",
    ],
)
def test_words_that_tell_of_no_limit_are_none(said: str) -> None:
    assert not limit_words.limit_in(400, "", {"errorText": said, "message": said})


def test_a_success_that_mentions_a_limit_stays_a_success(
    server: Answering, client_for: Callable[..., HttpClient]
) -> None:
    body = {"errorText": "", "message": "Ieri ati atins limita de requesturi", "number": "0043"}
    server.will_say(body)
    assert isinstance(client_for(server.base_url).call("POST", "/", effect=True), Answer)


@pytest.mark.parametrize(
    "page",
    [
        "<html><title>Attention Required! | Cloudflare</title>Sorry, you have been blocked</html>",
        "<html><title>Access denied</title><p>Error code: 1015</p></html>",
        "<!DOCTYPE html><title>Just a moment...</title>",
    ],
)
def test_a_page_of_a_gateway_that_turns_us_away_is_a_pause_and_no_wrong_password(
    server: Answering, page: str, client_for: Callable[..., HttpClient]
) -> None:
    server.will_say(page, 403, "text/html")
    assert isinstance(client_for(server.base_url).call("GET", "/", effect=False), RefusedForNow)


@pytest.mark.parametrize("status", [502, 504])
@pytest.mark.parametrize("body", ["<html><title>Just a moment...</title>", block(10, A_MINUTE)])
def test_what_a_gateway_passed_on_is_in_doubt_whatever_its_page_says(
    server: Answering, client_for: Callable[..., HttpClient], status: int, body: Any
) -> None:
    """The storno may be made: only a question is asked again, and none before the pause is over."""
    effect, question = client_for(server.base_url), client_for(server.base_url)
    server.will_say(body, status).will_say(body, status)
    assert isinstance(effect.call("POST", "/invoice/reverse", json={}, effect=True), Unknown)
    assert effect.throttle.blocked() is not None
    assert isinstance(question.call("GET", "/", effect=False), RefusedForNow)


@given(
    wait=st.integers(1, 59),
    unit=st.sampled_from([("min", 60), ("minute", 60), ("secunde", 1), ("seconds", 1)]),
    ago=st.integers(-30, 3000),
    at=st.datetimes(dt.datetime(2026, 1, 1), dt.datetime(2028, 1, 1)).map(
        lambda naive: naive.replace(tzinfo=dt.UTC, microsecond=0)
    ),
)
def test_the_wait_is_never_longer_than_told_and_ends_when_told(
    wait: int, unit: tuple[str, int], ago: int, at: dt.datetime
) -> None:
    begun = (at - dt.timedelta(seconds=ago)).astimezone(BUCHAREST)
    words = f"dupa {wait} {unit[0]} de la momentul blocarii {begun:%d/%m/%Y %H:%M:%S}"
    wait_read = limit_words.seconds_in(words, at)
    left = wait * unit[1] - ago
    if begun.utcoffset() != (begun + dt.timedelta(hours=1)).utcoffset() or begun.fold:
        return  # the hour that the local clock shows twice
    if left >= 0:
        assert wait_read is not None
        assert max(left, 0) <= wait_read <= left + 1.0 or wait_read == wait * unit[1] + 1.0
    elif left < -1:
        assert wait_read is None


@pytest.mark.parametrize("service", sorted(registry.services("invoicing")))
@pytest.mark.parametrize("status", [403, 422])
def test_at_every_invoicing_service_a_limit_in_words_is_refused_for_now(
    service: str, status: int, server: Answering, quick: None
) -> None:
    """The token, where there is one, is refused by the same words: an effect is not sent then."""
    values = {one.name: "a-value" for one in registry.info(service).fields}
    del values["base_url"]
    values["rate_per_second"] = "900"
    adapter: Any = registry.adapter(connected(service, "invoicing", server.base_url, **values))
    for _ in range(3):
        server.will_say(block(10, dt.timedelta()), status)
    outcome = adapter.reverse(InvoiceRef("XC", "0042"), "key", dt.date(2026, 11, 22))
    assert isinstance(outcome, (RefusedForNow, NotSent)), outcome
    assert not isinstance(outcome, Refused)
    assert len(server.asked) == 1


def test_a_call_that_waits_for_its_turn_does_not_go_into_a_block(
    server: Answering, client_for: Callable[..., HttpClient]
) -> None:
    """Its turn was taken before the block; the breaker is asked again before the first byte."""
    client = client_for(server.base_url, Rate(2.0, 1.0))
    server.will_say({"errorText": ""})
    assert isinstance(client.call("GET", "/", effect=False), Answer)
    client.throttle.reserve(1.0)  # somebody else's turn
    threading.Timer(
        0.2, lambda: client.throttle.block(now() + dt.timedelta(seconds=60), quoted("Closed."))
    ).start()
    late = client.call("POST", "/", effect=True)
    assert isinstance(late, RefusedForNow)
    assert len(server.asked) == 1


def test_room_is_left_for_the_merchants_other_programs(quick: None) -> None:
    """20 of SmartBill's 30 calls in ten seconds at first; the form says how many."""

    def rate_of(**more: str) -> Rate:
        values = {"email": "a@b.c", "token": "tok-en", "vat_code": "RO1", **more}
        made = connected("smartbill", "invoicing", "http://127.0.0.1:9", **values)
        return registry.effect_rate(made)

    assert rate_of().window == (20, 10.0)
    assert rate_of().per_second == pytest.approx(2.0)
    assert rate_of(calls_per_window="7").window == (7, 10.0)
    assert rate_of(calls_per_window="7").per_second == pytest.approx(0.7)


MORE_LIMITS = (
    "Ați depășit numărul maxim de apeluri",
    "Ati depasit numarul maxim de cereri pe minut",
    "Limita de cereri a fost depasita",
    "Limita de apeluri a fost atinsa",
    "Numarul maxim de apeluri a fost atins",
    "Numarul maxim de cereri a fost depasit",
    "Rate limit exceeded",
    "API rate limit exceeded",
    "Rate limit reached",
    "Too many requests",
    "Too Many Requests.",
    "Prea multe cereri",
    "Prea multe request-uri",
    "Prea multe apeluri API",
    "Request was throttled. Expected available in 30 seconds.",
    "You are being rate limited",
    "You have exceeded your request quota",
    "You have exceeded the API quota",
    "Quota exceeded for requests",
    "API quota exceeded",
    "API call limit reached",
    "Exceeded 2 calls per second for api client. Reduce request rates to resume service.",
    "Reached maximum number of requests",
    "Maximum number of requests exceeded",
    "Ati atins limita de 30 de apeluri pe 10 secunde",
    "Contul este blocat 10 minute: prea multe apeluri",
)
OTHER_MAXIMA = (
    "Ati depasit numarul maxim de documente",
    "Limita de credit a fost depasita",
    "Limita de documente a planului a fost depasita",
    "Nu ati depasit limita de apeluri",
    "Rate limit not exceeded",
    "Limita de caractere depasita",
    "Cererea a depasit termenul limita",
    "Prea multe caractere in request",
    "Prea multe pozitii in factura",
    "Too many lines in request",
    "Factura nu a fost stornata",
    "Stocul limita a fost depasit",
    "Limita plafonului TVA",
    "You have exceeded the maximum number of invoices",
    "The request limit of 100 lines was exceeded",
)


@pytest.mark.parametrize("said", MORE_LIMITS)
def test_every_way_of_telling_a_limit_of_calls_is_one(said: str) -> None:
    for body in ({"errorText": said}, {"message": said}, {"error": [said.upper()]}):
        assert limit_words.limit_in(400, "", body)


@pytest.mark.parametrize("said", OTHER_MAXIMA)
def test_a_limit_of_something_else_and_a_denied_one_are_none(said: str) -> None:
    """Taken for one, a call that may have been carried out would be sent again."""
    assert not limit_words.limit_in(400, "", {"errorText": said})
