"""Cargus: tracking by `GET /AwbTrace/WithRedirect?barCode=["…"]`, many parcels a call.

Whoever was traced once is followed by `GET /AwbTrace/GetDeltaEvents`, one call for all parcels, and
`GET /AwbRetur?data=…` lists those that come back on a day. Where these are not offered (404), each
parcel is traced again, and they are not asked for again for some hours.
Sign in by `POST /LoginUser` with a subscription key, then a bearer token. There is no complete
list of codes: event 21 is "delivered", and the words decide the rest. Times carry no zone and are
Bucharest's.
"""

import datetime as dt
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from core.clock import day, now, uptime
from core.labels import normalise
from core.reasons import N_
from core.services.couriers.reading import (
    BUCHAREST,
    chunks,
    failure,
    in_order,
    keys,
    moment,
    rows,
    signed_in,
)
from core.services.couriers.statuses import status_of
from core.services.http.answers import fields, word
from core.services.http.client import Answer, HttpClient
from core.services.http.tokens import AccessToken, Failure, account, lent, with_token
from core.services.outcome import Confirmed, Outcome, Refused, Unknown
from core.services.ports import (
    Capabilities,
    CourierEvent,
    Finding,
    ParcelStatus,
    Rate,
    ReturnNumber,
    ServiceInfo,
    SettingField,
)
from core.store import desk
from core.store.desk import Desk

INFO = ServiceInfo(
    service="cargus",
    kind="courier",
    title="Cargus",
    hosts=("urgentcargus.azure-api.net",),
    fields=(
        SettingField(
            "base_url",
            N_("Address"),
            N_("Leave as it is."),
            default="https://urgentcargus.azure-api.net/api",
        ),
        SettingField("username", N_("User"), N_("The one you sign in to WebExpress with.")),
        SettingField(
            "password", N_("Password"), N_("The one you sign in to WebExpress with."), secret=True
        ),
        SettingField(
            "subscription_key",
            N_("Subscription key"),
            N_("From the Cargus developer portal, under your profile."),
            secret=True,
        ),
    ),
    tracks=("cargus",),
)
CAPABILITIES = Capabilities(rate=Rate(2, 2), can_be_asked=True)
BATCH = 50
TOKEN_SECONDS = 12 * 3600.0
CODES: dict[str, ParcelStatus] = {"21": "delivered"}
MOST_MISSED = dt.timedelta(days=7)  # who was not asked about for longer is traced whole again
DELTA_SECONDS = 300.0  # for which what was told of all parcels is news enough
MISSING_SECONDS = 6 * 3600.0  # for which what is not offered is not asked for again
NOT_OFFERED = (404, 405, 501)
DELTA, RETURNS = "/AwbTrace/GetDeltaEvents", "/AwbRetur"


@dataclass
class Followed:
    """What one account's parcels were told of last; kept for as long as the process lives."""

    complete_to: dict[str, dt.date] = field(default_factory=dict)  # the last day all is known of
    since: dt.date = dt.date.max  # the day from which on `news` are whole
    read_at: float = float("-inf")
    news: dict[str, list[CourierEvent]] = field(default_factory=dict)
    missing: dict[str, float] = field(default_factory=dict)  # path -> when it was last answered so

    def misses(self, path: str) -> bool:
        """Whether this was not offered when it was last asked for, not long ago."""
        return uptime() - self.missing.get(path, float("-inf")) < MISSING_SECONDS


def _none_yet(_desk: Desk) -> dict[str, Followed]:
    return {}


class Cargus:
    """The port `Courier` for one Cargus account."""

    def __init__(
        self, client: HttpClient, *, username: str, password: str, subscription_key: str
    ) -> None:
        self.capabilities = CAPABILITIES
        self._client = client
        self._headers = {"Ocp-Apim-Subscription-Key": subscription_key.strip()}
        self._sign_in = {"UserName": username.strip(), "Password": password}
        self._account = account(client.base_url, username.strip(), password)
        followed = desk.current().part(_none_yet)
        self._followed = followed.setdefault(client.throttle.key, Followed())

    def events(self, trackings: Sequence[str]) -> Outcome[list[CourierEvent]]:
        """The events of each parcel; a number that Cargus does not know has none.

        Of a parcel that was traced before only what is new. What ends early hands on nothing, so
        its parcels are traced again.
        """
        today = day(now(), BUCHAREST)
        outcome = self._events_of(trackings, today)
        if isinstance(outcome, Confirmed):
            self._followed.complete_to.update(dict.fromkeys(trackings, today))
        return outcome

    def _events_of(self, trackings: Sequence[str], today: dt.date) -> Outcome[list[CourierEvent]]:
        there, oldest = self._followed.complete_to, today - MOST_MISSED
        followed = {one: there[one] for one in trackings if there.get(one, dt.date.min) >= oldest}
        traced = self._traced([one for one in trackings if one not in followed])
        if not isinstance(traced, Confirmed) or not followed:
            return traced
        offered = self._news(min(today, *followed.values()), today)
        if not isinstance(offered, bool):
            return offered
        if not offered:
            again = self._traced(list(followed))
            return _joined(traced, again.value) if isinstance(again, Confirmed) else again
        news = self._followed.news
        return _joined(
            traced, (event for one in followed for event in news.get(normalise(one), ()))
        )

    def _traced(self, trackings: Sequence[str]) -> Outcome[list[CourierEvent]]:
        """The events of these numbers, asked for in batches; the first failure is the answer."""
        found: list[CourierEvent] = []
        evidence = None
        for batch in chunks(trackings, BATCH):
            asked = keys(batch)
            answer = self._trace(batch)
            if not isinstance(answer, Answer):
                return answer
            evidence = answer.evidence
            if answer.status != 200 or not isinstance(answer.json, list):
                return failure(INFO.title, answer, _message(answer))
            for row in rows(answer.json):
                if normalise(word(row, "Code")) in asked:
                    found += _events(row)
        return Confirmed(found, evidence)

    def _news(self, since: dt.date, today: dt.date) -> bool | Failure:
        """Have the news of all parcels since a day; False where Cargus does not offer them."""
        kept = self._followed
        if kept.since <= since and uptime() - kept.read_at < DELTA_SECONDS:
            return True
        first = since - dt.timedelta(days=1)
        news: dict[str, list[CourierEvent]] = {}
        days = {"FromDate": f"{first:%m-%d-%Y}", "ToDate": f"{today:%m-%d-%Y}"}
        calls = [(DELTA, days)]
        for back in range((today - first).days + 1):
            calls.append((RETURNS, {"data": (first + dt.timedelta(days=back)).isoformat()}))
        for path, params in calls:
            answer = None if kept.misses(path) else self._get(path, params)
            if answer is not None and _status(answer) in NOT_OFFERED:
                kept.missing[path] = uptime()
                answer = None
            if answer is None:
                if path == DELTA:
                    return False
                continue
            if not isinstance(answer, Answer):
                return answer
            if answer.status != 200 or not isinstance(answer.json, list):
                return failure(INFO.title, answer, _message(answer))
            for row in rows(answer.json):
                for event in _events(row) or _coming_back(row, params.get("data", "")):
                    news.setdefault(normalise(event.tracking), []).append(event)
        kept.news, kept.since, kept.read_at = news, since, uptime()
        return True

    def resolve(self, code: str) -> Outcome[ReturnNumber | None]:  # noqa: ARG002
        """Whether Cargus tells the parcel behind a follow-up number is not known."""
        return Confirmed(None)

    def check(self) -> list[Finding]:
        """Sign in."""
        return [signed_in(INFO.title, self._fetch_token())]

    def _trace(self, trackings: Sequence[str]) -> Answer | Failure:
        return self._get("/AwbTrace/WithRedirect", {"barCode": json.dumps(list(trackings))})

    def _get(self, path: str, params: Mapping[str, str]) -> Answer | Failure:
        def send(token: str) -> Answer | Failure:
            return self._client.call(
                "GET",
                path,
                params=params,
                headers={**self._headers, "Authorization": f"Bearer {token}"},
                effect=False,
            )

        return with_token(self._account, self._fetch_token, send, effect=False)

    def _fetch_token(self) -> AccessToken | Failure:
        answer = self._client.call(
            "POST", "/LoginUser", json=self._sign_in, headers=self._headers, effect=False
        )
        if not isinstance(answer, Answer):
            return answer
        # The token is a bare JSON text.
        if answer.status == 200 and isinstance(answer.json, str) and answer.json.strip():
            return lent(answer.json.strip(), TOKEN_SECONDS)
        return failure(INFO.title, answer, _message(answer))


def _joined(
    first: Confirmed[list[CourierEvent]], more: Iterable[CourierEvent]
) -> Confirmed[list[CourierEvent]]:
    return Confirmed([*first.value, *more], first.evidence)


def _status(answer: Answer | Failure) -> int | None:
    if isinstance(answer, Answer):
        return answer.status
    evidence = answer.evidence if isinstance(answer, Refused | Unknown) else None
    return evidence.status if evidence else None


def _message(answer: Answer) -> str:
    body = fields(answer)
    return word(body, "message") or word(body, "Error") or word(body, "error")


def _events(row: dict[str, object]) -> list[CourierEvent]:
    tracking, found = word(row, "Code"), []
    for event in rows(row.get("Event") or row.get("Events")):
        at = moment(event.get("Date"))
        code, text = word(event, "EventId"), word(event, "Description")
        if at is not None:
            found.append(CourierEvent(tracking, at, status_of(CODES, code, text), code, text))
    return in_order(found)


def _coming_back(row: dict[str, object], day: str) -> list[CourierEvent]:
    """What a row of the day's returns tells; nothing where it is no such row."""
    tracking = word(row, "Code") or word(row, "BarCode")
    at = moment(row.get("Date") or day)
    if not tracking or not day or at is None:
        return []
    back = word(row, "ReturnCode") or word(row, "ReturnBarCode")
    return [CourierEvent(tracking, at, "returning", text="AwbRetur", return_number=back)]


def make(settings: Mapping[str, str], secrets: Mapping[str, str], client: HttpClient) -> Cargus:
    """Cargus as the settings describe it."""
    return Cargus(
        client,
        username=settings["username"],
        password=secrets["password"],
        subscription_key=secrets["subscription_key"],
    )
