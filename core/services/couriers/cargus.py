"""Cargus: tracking by `GET /AwbTrace/WithRedirect?barCode=["…"]`, many parcels a call.

Sign in by `POST /LoginUser` with a subscription key, then a bearer token. There is no complete
list of codes: event 21 is "delivered", and the words decide the rest. Times carry no zone and are
Bucharest's.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from core.services.couriers.reading import chunks, failure, moment, rows
from core.services.couriers.statuses import status_of
from core.services.http.answers import fields, word
from core.services.http.client import Answer, HttpClient
from core.services.http.tokens import Failure, Token, account, lent, with_token
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
    service="cargus",
    kind="courier",
    title="Cargus",
    fields=(
        SettingField(
            "base_url",
            "Address",
            "Leave as it is.",
            default="https://urgentcargus.azure-api.net/api",
        ),
        SettingField("username", "User", "The one you sign in to WebExpress with."),
        SettingField(
            "password", "Password", "The one you sign in to WebExpress with.", secret=True
        ),
        SettingField(
            "subscription_key",
            "Subscription key",
            "From the Cargus developer portal, under your profile.",
            secret=True,
        ),
    ),
    tracks=("cargus",),
)
CAPABILITIES = Capabilities(rate=Rate(2, 2), can_be_asked=True)
BATCH = 50
TOKEN_SECONDS = 12 * 3600.0
CODES: dict[str, ParcelStatus] = {"21": "delivered"}


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

    def events(self, trackings: Sequence[str]) -> Outcome[list[CourierEvent]]:
        """The events of each parcel; a number that Cargus does not know has none."""
        found: list[CourierEvent] = []
        evidence = None
        for batch in chunks(trackings, BATCH):
            answer = self._trace(batch)
            if not isinstance(answer, Answer):
                return answer
            evidence = answer.evidence
            if answer.status != 200 or not isinstance(answer.json, list):
                return failure(INFO.title, answer, _said(answer))
            for row in rows(answer.json):
                if word(row, "Code") in batch:
                    found += _events(row)
        return Confirmed(found, evidence)

    def resolve(self, code: str) -> Outcome[ReturnNumber | None]:  # noqa: ARG002
        """Whether Cargus tells the parcel behind a follow-up number is not known."""
        return Confirmed(None)

    def check(self) -> list[Finding]:
        """Sign in."""
        token = self._fetch_token()
        if isinstance(token, Token):
            return [Finding("Sign in to Cargus", True)]
        return [Finding("Sign in to Cargus", False, token.why)]

    def _trace(self, trackings: Sequence[str]) -> Answer | Failure:
        def send(token: str) -> Answer | Failure:
            return self._client.call(
                "GET",
                "/AwbTrace/WithRedirect",
                params={"barCode": json.dumps(list(trackings))},
                headers={**self._headers, "Authorization": f"Bearer {token}"},
                effect=False,
            )

        return with_token(self._account, self._fetch_token, send, effect=False)

    def _fetch_token(self) -> Token | Failure:
        answer = self._client.call(
            "POST", "/LoginUser", json=self._sign_in, headers=self._headers, effect=False
        )
        if not isinstance(answer, Answer):
            return answer
        # The token is a bare JSON text.
        if answer.status == 200 and isinstance(answer.json, str) and answer.json.strip():
            return lent(answer.json.strip(), TOKEN_SECONDS)
        return failure(INFO.title, answer, _said(answer))


def _said(answer: Answer) -> str:
    body = fields(answer)
    return word(body, "message") or word(body, "Error") or word(body, "error")


def _events(row: dict[str, Any]) -> list[CourierEvent]:
    tracking, found = word(row, "Code"), []
    for event in rows(row.get("Event") or row.get("Events")):
        at = moment(event.get("Date"))
        code, text = word(event, "EventId"), word(event, "Description")
        if at is not None:
            found.append(CourierEvent(tracking, at, status_of(CODES, code, text), code, text))
    return sorted(found, key=lambda event: event.at)


def make(settings: Mapping[str, str], secrets: Mapping[str, str], client: HttpClient) -> Cargus:
    """Cargus as the settings describe it."""
    return Cargus(
        client,
        username=settings["username"],
        password=secrets["password"],
        subscription_key=secrets["subscription_key"],
    )
