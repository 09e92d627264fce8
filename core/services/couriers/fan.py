"""FAN Courier: tracking by `GET /reports/awb/tracking?clientId&awb[]=…`, many parcels a call.

Sign in by `POST /login`, then a bearer token for 24 hours. Codes: C0 picked up, H* transit, S1
out, S2 delivered, S6, S7, S15 and S50 refused, S16, S33 and S43 return. A return may have a new
number: `returnAwbNumber` of the tracking answer tells it.
"""

from collections.abc import Mapping, Sequence

from core.labels import normalise
from core.reasons import N_, quoted
from core.services.couriers.codes import CourierTest
from core.services.couriers.reading import chunks, failure, in_order, keys, moment, rows, signed_in
from core.services.couriers.statuses import status_of
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
    service="fan",
    kind="courier",
    title="FAN Courier",
    hosts=("api.fancourier.ro",),
    fields=(
        SettingField(
            "base_url", N_("Address"), N_("Leave as it is."), default="https://api.fancourier.ro"
        ),
        SettingField("client_id", N_("Client id"), N_("The number of your SelfAWB account.")),
        SettingField("username", N_("User"), N_("The one you sign in to SelfAWB with.")),
        SettingField(
            "password", N_("Password"), N_("The one you sign in to SelfAWB with."), secret=True
        ),
    ),
    tracks=("fan",),
)
CAPABILITIES = Capabilities(rate=Rate(2, 2), can_be_asked=True, renumbers_returns=True)
BATCH = 50
TOKEN_SECONDS = 23 * 3600.0
CODES: dict[str, ParcelStatus] = {
    "C0": "transit",
    "S1": "out",
    "S2": "delivered",
    "S6": "refused",
    "S7": "refused",
    "S15": "refused",
    "S50": "refused",
    "S16": "returning",
    "S33": "returning",
    "S43": "returning",
    "A0": "cancelled",
    "A1": "cancelled",
    "A2": "cancelled",
    "A3": "cancelled",
    "A4": "cancelled",
}


class Fan:
    """The port `Courier` for one FAN Courier account."""

    def __init__(self, client: HttpClient, *, client_id: str, username: str, password: str) -> None:
        self.capabilities = CAPABILITIES
        self._client = client
        self._client_id = client_id.strip()
        self._sign_in = {"username": username.strip(), "password": password}
        self._account = account(client.base_url, username.strip(), password)

    def events(self, trackings: Sequence[str]) -> Outcome[list[CourierEvent]]:
        """The events of each parcel; a return number hangs on the newest."""
        found: list[CourierEvent] = []
        evidence = None
        for batch in chunks(trackings, BATCH):
            asked = keys(batch)
            answer = self._track(batch)
            if not isinstance(answer, Answer):
                return answer
            evidence = answer.evidence
            if not _is_well(answer):
                return failure(INFO.title, answer, word(fields(answer), "message"))
            for row in rows(fields(answer).get("data")):
                if normalise(word(row, "awbNumber")) in asked:
                    found += _events(row)
        return Confirmed(found, evidence)

    def resolve(self, code: str) -> Outcome[ReturnNumber | None]:  # noqa: ARG002
        """FAN tells a return number with its parcel, but not the parcel of a return number."""
        return Confirmed(None)

    def check(self) -> list[Finding]:
        """Sign in, and look whether the client id is taken."""
        token = self._fetch_token()
        well = signed_in(INFO.title, token)
        if not well.ok:
            return [well]
        answer = self._track(["0000000000000"])
        what = CourierTest.CLIENT_ID.of(client_id=self._client_id)
        if not isinstance(answer, Answer):
            return [well, Finding(what, False, answer.why)]
        if _is_well(answer) or answer.status == 404:
            return [well, Finding(what, True)]
        message = word(fields(answer), "message")
        say = quoted(message) if message else CourierTest.CLIENT_ID_NOT_TAKEN.of(title=INFO.title)
        return [well, Finding(what, False, say)]

    def _track(self, trackings: Sequence[str]) -> Answer | Failure:
        def send(token: str) -> Answer | Failure:
            return self._client.call(
                "GET",
                "/reports/awb/tracking",
                params={"clientId": self._client_id, "awb[]": list(trackings), "language": "ro"},
                headers={"Authorization": f"Bearer {token}"},
                effect=False,
            )

        return with_token(self._account, self._fetch_token, send, effect=False)

    def _fetch_token(self) -> AccessToken | Failure:
        # In the body, not in the address, where a password would end up in logs.
        answer = self._client.call("POST", "/login", json=self._sign_in, effect=False)
        if not isinstance(answer, Answer):
            return answer
        body = fields(answer)
        value = word(inner(body, "data"), "token")
        if answer.status == 200 and value:
            return lent(value, TOKEN_SECONDS)
        return failure(INFO.title, answer, word(body, "message"))


def _is_well(answer: Answer) -> bool:
    body = fields(answer)
    listed = isinstance(body.get("data"), list)
    return answer.status == 200 and word(body, "status") == "success" and listed


def _events(row: dict[str, object]) -> list[CourierEvent]:
    tracking = word(row, "awbNumber")
    read = [_event(tracking, event) for event in rows(row.get("events"))]
    events = in_order(read)
    return_number = word(row, "returnAwbNumber")
    if events and return_number and return_number != tracking:
        last = events[-1]
        events[-1] = CourierEvent(
            tracking, last.at, last.status, last.code, last.text, last.reason, return_number
        )
    return events


def _event(tracking: str, row: dict[str, object]) -> CourierEvent | None:
    at = moment(row.get("date"))
    code, text = word(row, "id").upper(), word(row, "name")
    if at is None:
        return None
    in_transit: dict[str, ParcelStatus] = {code: "transit"} if code.startswith("H") else {}
    return CourierEvent(tracking, at, status_of({**in_transit, **CODES}, code, text), code, text)


def make(settings: Mapping[str, str], secrets: Mapping[str, str], client: HttpClient) -> Fan:
    """FAN Courier as the settings describe it."""
    return Fan(
        client,
        client_id=settings["client_id"],
        username=settings["username"],
        password=secrets["password"],
    )
