"""Cargus: a parcel is traced once, then one call tells what is new of all of them."""

import datetime as dt
import json
from collections.abc import Iterator

import pytest
from services_answering import Answering, answering, connected
from set_clock import SetClock

from core.services import registry
from core.services.couriers import cargus
from core.services.couriers.cargus import Cargus
from core.services.outcome import Confirmed, RefusedForNow, Unknown

PARCELS = ["804419419", "804419420", "804419421"]
TODAY = dt.datetime.now(cargus.BUCHAREST).date()


@pytest.fixture
def server(quick: None) -> Iterator[Answering]:
    with answering() as running:
        yield running


@pytest.fixture
def courier(server: Answering) -> Cargus:
    login = {"username": "me", "password": "a-password", "subscription_key": "sub-key"}
    made = registry.adapter(connected("cargus", "courier", server.base_url, **login))
    assert isinstance(made, Cargus)
    made._followed = cargus.Followed()  # nothing of another test's account
    server.will_say('"token"')
    return made


def row(tracking: str, text: str, at: str = "2026-11-20T10:00:00") -> dict[str, object]:
    return {"Code": tracking, "Event": [{"Date": at, "EventId": 0, "Description": text}]}


def traced(courier: Cargus, server: Answering) -> None:
    server.will_say([row(one, "In tranzit") for one in PARCELS])
    outcome = courier.events(PARCELS)
    assert isinstance(outcome, Confirmed)
    assert [event.tracking for event in outcome.value] == PARCELS


def paths(server: Answering) -> list[str]:
    return [one.path.rpartition("/")[2] for one in server.asked if "LoginUser" not in one.path]


def test_after_the_first_trace_one_call_tells_what_is_new_of_all(
    courier: Cargus, server: Answering
) -> None:
    traced(courier, server)
    server.will_say([row(PARCELS[1], "Refuzat de destinatar"), row("999", "Livrat")])
    server.will_say([]).will_say([])  # nothing came back on either day
    outcome = courier.events(PARCELS)
    assert isinstance(outcome, Confirmed)
    assert [(one.tracking, one.status) for one in outcome.value] == [(PARCELS[1], "refused")]
    assert paths(server) == ["WithRedirect", "GetDeltaEvents", "AwbRetur", "AwbRetur"]
    days = server.asked[2].query
    assert days["ToDate"] == [f"{TODAY:%m-%d-%Y}"]
    assert days["FromDate"] == [f"{TODAY - dt.timedelta(days=1):%m-%d-%Y}"]
    again = courier.events(PARCELS[:1])  # told already
    assert isinstance(again, Confirmed)
    assert again.value == []
    assert len(paths(server)) == 4


def test_what_comes_back_is_told_with_its_new_number(courier: Cargus, server: Answering) -> None:
    traced(courier, server)
    server.will_say([]).will_say([])
    server.will_say([{"Code": PARCELS[2], "ReturnCode": "1100223344"}, {"Other": 1}])
    outcome = courier.events(PARCELS)
    assert isinstance(outcome, Confirmed)
    [event] = outcome.value
    assert (event.tracking, event.status, event.return_number) == (
        PARCELS[2], "returning", "1100223344",
    )  # fmt: skip


def test_a_new_parcel_is_traced_whole_beside_the_news(courier: Cargus, server: Answering) -> None:
    traced(courier, server)
    server.will_say([row("804419999", "Livrat")])
    server.will_say([]).will_say([]).will_say([])
    outcome = courier.events([*PARCELS, "804419999"])
    assert isinstance(outcome, Confirmed)
    assert [one.tracking for one in outcome.value] == ["804419999"]
    assert paths(server)[1] == "WithRedirect"
    assert server.asked[2].query["barCode"] == ['["804419999"]']


def test_where_news_are_not_offered_each_parcel_is_traced_again(
    courier: Cargus, server: Answering
) -> None:
    traced(courier, server)
    server.will_say({"message": "Resource not found"}, status=404)
    server.will_say([row(PARCELS[0], "Livrat")])
    outcome = courier.events(PARCELS)
    assert isinstance(outcome, Confirmed)
    assert [one.status for one in outcome.value] == ["delivered"]


@pytest.mark.parametrize("status", [404, 405, 501])
def test_news_that_are_not_offered_are_not_asked_for_in_each_round(
    courier: Cargus, server: Answering, status: int, set_clock: SetClock
) -> None:
    set_clock.stand_still(hour=9)  # a new day would begin to trace anew
    traced(courier, server)
    server.will_say({"message": "Resource not found"}, status=status)
    for _ in range(3):
        server.will_say([row(PARCELS[0], "Livrat")])
        assert isinstance(courier.events(PARCELS), Confirmed)
    assert paths(server).count("GetDeltaEvents") == 1
    set_clock.sleep(cargus.MISSING_SECONDS + 1)
    server.will_say([]).will_say([]).will_say([])  # it is offered by now
    outcome = courier.events(PARCELS)
    assert isinstance(outcome, Confirmed)
    assert outcome.value == []
    assert paths(server).count("GetDeltaEvents") == 2


def test_returns_that_are_not_offered_leave_the_other_news(
    courier: Cargus, server: Answering, set_clock: SetClock
) -> None:
    set_clock.stand_still()
    traced(courier, server)
    server.will_say([row(PARCELS[1], "Refuzat de destinatar")]).will_say("", status=404)
    outcome = courier.events(PARCELS)
    assert isinstance(outcome, Confirmed)
    assert [one.status for one in outcome.value] == ["refused"]
    set_clock.sleep(cargus.DELTA_SECONDS + 1)
    server.will_say([row(PARCELS[1], "Livrat")])
    outcome = courier.events(PARCELS)
    assert isinstance(outcome, Confirmed)
    assert [one.status for one in outcome.value] == ["delivered"]
    assert paths(server) == ["WithRedirect", "GetDeltaEvents", "AwbRetur", "GetDeltaEvents"]


def test_days_that_were_missed_are_asked_for_as_well(courier: Cargus, server: Answering) -> None:
    traced(courier, server)
    courier._followed.complete_to[PARCELS[1]] = TODAY - dt.timedelta(days=3)
    server.will_say([])
    for _ in range(5):
        server.will_say([])
    assert isinstance(courier.events(PARCELS), Confirmed)
    asked = [one.query["data"][0] for one in server.asked if one.path.endswith("AwbRetur")]
    assert asked == [(TODAY - dt.timedelta(days=back)).isoformat() for back in (4, 3, 2, 1, 0)]


@pytest.mark.parametrize(
    ("body", "status", "kind"),
    [("<html>", 200, Unknown), ({"message": "x"}, 500, Unknown), ("", 429, RefusedForNow)],
)
def test_news_that_cannot_be_read_are_none_and_are_asked_for_again(
    courier: Cargus, server: Answering, body: object, status: int, kind: type
) -> None:
    traced(courier, server)
    server.will_say(body, status=status)
    assert isinstance(courier.events(PARCELS), kind)
    assert courier._followed.read_at == float("-inf")


def test_a_parcel_nobody_asked_about_for_long_is_traced_whole_again(
    courier: Cargus, server: Answering
) -> None:
    traced(courier, server)
    courier._followed.complete_to[PARCELS[0]] = TODAY - cargus.MOST_MISSED - dt.timedelta(days=1)
    server.will_say([row(PARCELS[0], "Livrat")]).will_say([]).will_say([]).will_say([])
    outcome = courier.events(PARCELS)
    assert isinstance(outcome, Confirmed)
    assert [one.status for one in outcome.value] == ["delivered"]
    assert json.loads(server.asked[2].query["barCode"][0]) == PARCELS[:1]


def test_news_are_read_anew_for_who_missed_more_than_they_cover(
    courier: Cargus, server: Answering
) -> None:
    traced(courier, server)
    server.will_say([]).will_say([]).will_say([])
    assert isinstance(courier.events(PARCELS[:1]), Confirmed)
    courier._followed.complete_to[PARCELS[2]] = TODAY - dt.timedelta(days=2)
    server.will_say([row(PARCELS[2], "Refuzat de destinatar")])
    for _ in range(4):
        server.will_say([])
    outcome = courier.events(PARCELS[2:])
    assert isinstance(outcome, Confirmed)
    assert [one.status for one in outcome.value] == ["refused"]


def test_what_was_told_and_not_handed_on_is_told_again(courier: Cargus, server: Answering) -> None:
    """A later call of the same round failed: nobody has seen what the first one told."""
    many = [str(804500000 + number) for number in range(cargus.BATCH + 1)]
    server.will_say([row(one, "Livrat") for one in many[: cargus.BATCH]]).will_say("<html>")
    assert isinstance(courier.events(many), Unknown)
    server.will_say([row(one, "Livrat") for one in many[: cargus.BATCH]])
    server.will_say([row(many[-1], "Livrat")])
    outcome = courier.events(many)
    assert isinstance(outcome, Confirmed)
    assert [one.tracking for one in outcome.value] == many


def test_news_that_fail_leave_a_new_parcel_to_be_traced_again(
    courier: Cargus, server: Answering
) -> None:
    traced(courier, server)
    new = "804419999"
    server.will_say([row(new, "Livrat")]).will_say("<html>")
    assert isinstance(courier.events([*PARCELS, new]), Unknown)
    server.will_say([row(new, "Livrat")]).will_say([]).will_say([]).will_say([])
    outcome = courier.events([*PARCELS, new])
    assert isinstance(outcome, Confirmed)
    assert [one.tracking for one in outcome.value] == [new]
