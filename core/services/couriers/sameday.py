"""Sameday: tracking by `GET /api/client/awb/{awb}/status`, one parcel a call.

Sign in by `POST /api/authenticate` with X-AUTH-USERNAME and -PASSWORD, then X-AUTH-TOKEN. A parcel
that goes back keeps its number; `inReturn` of `GET /api/client/parcel/{parcel}/status-history`
(`parcelHistory[]`) tells that it does, and is asked where the words do not: also of "delivered"
behind a refusal, which its sender's hands may mean. The status ids of
returns are not known for sure.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from urllib.parse import quote

from core.reasons import N_
from core.services.couriers.reading import chunks, failure, in_order, moment, rows, signed_in
from core.services.couriers.statuses import RETURN_SIDE, status_of
from core.services.http.answers import fields, inner, word
from core.services.http.client import Answer, HttpClient
from core.services.http.tokens import AccessToken, Failure, account, lent, with_token
from core.services.outcome import Confirmed, Outcome
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

INFO = ServiceInfo(
    service="sameday",
    kind="courier",
    title="Sameday",
    hosts=("api.sameday.ro",),
    fields=(
        SettingField(
            "base_url", N_("Address"), N_("Leave as it is."), default="https://api.sameday.ro"
        ),
        SettingField("username", N_("User"), N_("Of the API account, from your Sameday contact.")),
        SettingField("password", N_("Password"), N_("Of the API account."), secret=True),
    ),
    tracks=("sameday",),
)
CAPABILITIES = Capabilities(rate=Rate(4, 4), can_be_asked=True)
TOKEN_SECONDS = 3600.0  # theirs lives for weeks; ours is renewed sooner, which costs nothing
CODES: dict[str, ParcelStatus] = {
    "1": "created",
    "23": "created",
    "4": "transit",
    "7": "transit",
    "56": "transit",
    "84": "transit",
    "33": "out",
    "78": "out",
    "9": "delivered",
    "3": "delivered",
}


# The words of these do not tell whether the parcel goes forward or back.
OPEN: frozenset[ParcelStatus] = frozenset({"transit", "out", "failed", "unknown"})


class Sameday:
    """The port `Courier` for one Sameday account."""

    def __init__(self, client: HttpClient, *, username: str, password: str) -> None:
        self.capabilities = CAPABILITIES
        self._client = client
        self._sign_in = {"X-AUTH-USERNAME": username.strip(), "X-AUTH-PASSWORD": password}
        self._account = account(client.base_url, username.strip(), password)

    def events(self, trackings: Sequence[str]) -> Outcome[list[CourierEvent]]:
        """The history of each parcel; a number that Sameday does not know has none."""
        found: list[CourierEvent] = []
        evidence = None
        for [tracking] in chunks(trackings, 1):
            answer = self._get(f"/api/client/awb/{quote(tracking, safe='')}/status")
            if not isinstance(answer, Answer):
                return answer
            evidence = answer.evidence
            if answer.status == 404:
                continue
            body = fields(answer)
            if answer.status != 200 or not isinstance(body.get("expeditionHistory"), list):
                return failure(INFO.title, answer, _message(answer))
            read = _events(tracking, body)
            if read and (read[-1].status in OPEN or _may_be_handed_back(read)):
                goes_back = self._goes_back(body)
                if not isinstance(goes_back, bool):
                    return goes_back
                read = _with_return(read, goes_back=goes_back)
            found += read
        return Confirmed(found, evidence)

    def _goes_back(self, body: dict[str, object]) -> bool | Failure:
        """Whether a parcel of the shipment is on its way back; a number without history is not."""
        for parcel in rows(body.get("parcelsStatus")):
            number = word(parcel, "parcelAwbNumber")
            if not number:
                continue
            answer = self._get(f"/api/client/parcel/{quote(number, safe='')}/status-history")
            if not isinstance(answer, Answer):
                return answer
            if answer.status not in (200, 404):
                return failure(INFO.title, answer, _message(answer))
            history = rows(fields(answer).get("parcelHistory"))
            if any(row.get("inReturn") is True for row in history):
                return True
        return False

    def resolve(self, code: str) -> Outcome[ReturnNumber | None]:  # noqa: ARG002
        """Sameday's parcels keep their number on the way back: there is nothing to resolve."""
        return Confirmed(None)

    def check(self) -> list[Finding]:
        """Sign in."""
        return [signed_in(INFO.title, self._fetch_token())]

    def _get(self, path: str) -> Answer | Failure:
        def send(token: str) -> Answer | Failure:
            headers = {"X-AUTH-TOKEN": token}
            return self._client.call("GET", path, headers=headers, effect=False)

        return with_token(self._account, self._fetch_token, send, effect=False)

    def _fetch_token(self) -> AccessToken | Failure:
        answer = self._client.call(
            "POST",
            "/api/authenticate",
            form={"remember_me": "1"},
            headers=self._sign_in,
            effect=False,
        )
        if not isinstance(answer, Answer):
            return answer
        value = word(fields(answer), "token")
        if answer.status == 200 and value:
            return lent(value, TOKEN_SECONDS)
        return failure(INFO.title, answer, _message(answer))


def _message(answer: Answer) -> str:
    body = fields(answer)
    return word(inner(body, "error"), "message") or word(body, "message")


def _events(tracking: str, body: dict[str, object]) -> list[CourierEvent]:
    read = [_event(tracking, row) for row in rows(body.get("expeditionHistory"))]
    return in_order(read)


def _may_be_handed_back(events: list[CourierEvent]) -> bool:
    """Whether "delivered" comes behind a refusal or a return: its sender may have it, or its
    recipient after all."""
    before = {event.status for event in events[:-1]}
    return events[-1].status == "delivered" and bool(before & RETURN_SIDE)


def _with_return(events: list[CourierEvent], *, goes_back: bool) -> list[CourierEvent]:
    if not goes_back:
        return events
    *before, last = events
    return [
        *before,
        replace(last, status="returned" if last.status == "delivered" else "returning"),
    ]


def _event(tracking: str, row: dict[str, object]) -> CourierEvent | None:
    at = moment(row.get("statusDate"))
    code, text = word(row, "statusId"), word(row, "statusLabel") or word(row, "status")
    if at is None:
        return None
    status = status_of(CODES, code, f"{text}. {word(row, 'status')}")
    return CourierEvent(tracking, at, status, code, text, word(row, "reason"))


def make(settings: Mapping[str, str], secrets: Mapping[str, str], client: HttpClient) -> Sameday:
    """Sameday as the settings describe it."""
    return Sameday(client, username=settings["username"], password=secrets["password"])
