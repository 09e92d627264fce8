"""DPD Romania: tracking by `POST /track`, at most 10 parcels a call.

User and password are in the body of each request. A return is a shipment of its own with its own
number; `POST /shipment/barcode-information` leads from any scanned number to the first parcel.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from core.services.couriers.reading import chunks, failure, moment, rows
from core.services.couriers.statuses import status_of
from core.services.http.answers import fields, inner, word
from core.services.http.client import Answer, HttpClient
from core.services.http.tokens import Failure
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
    service="dpd",
    kind="courier",
    title="DPD Romania",
    fields=(
        SettingField("base_url", "Address", "Leave as it is.", default="https://api.dpd.ro/v1"),
        SettingField("username", "User", "Of the API account, from your DPD contact."),
        SettingField("password", "Password", "Of the API account.", secret=True),
    ),
    tracks=("dpd",),
)
CAPABILITIES = Capabilities(rate=Rate(2, 2), can_be_asked=True)
BATCH = 10
CODES: dict[str, ParcelStatus] = {
    "-14": "delivered",
    "12": "out",
    "134": "out",
    "44": "failed",
    "123": "refused",
    "111": "returning",
    "124": "returned",
    "128": "cancelled",
}
# The exceptions of a failed try that are a refusal: refused, or the amount was not paid.
REFUSALS = {"12", "14", "15", "16", "46"}

# What an answer about a barcode has at least one of.
KNOWS = {"labelInfo", "primaryShipment", "primaryParcelId", "initialParcelId", "returnShipmentId"}


class Dpd:
    """The port `Courier` for one DPD Romania account."""

    def __init__(self, client: HttpClient, *, username: str, password: str) -> None:
        self.capabilities = CAPABILITIES
        self._client = client
        self._sign_in = {"userName": username.strip(), "password": password, "language": "RO"}

    def events(self, trackings: Sequence[str]) -> Outcome[list[CourierEvent]]:
        """The operations of each parcel; a number that DPD does not know has none."""
        found: list[CourierEvent] = []
        evidence = None
        for batch in chunks(trackings, BATCH):
            answer = self._post("/track", {"parcels": [{"id": number} for number in batch]})
            if not isinstance(answer, Answer):
                return answer
            evidence = answer.evidence
            body = fields(answer)
            if answer.status != 200 or not isinstance(body.get("parcels"), list):
                return failure(INFO.title, answer, _said(answer))
            for row in rows(body.get("parcels")):
                if word(row, "parcelId") in batch:
                    found += _events(row)
        return Confirmed(found, evidence)

    def resolve(self, code: str) -> Outcome[ReturnNumber | None]:
        """The first parcel behind a scanned number of a return; None when DPD knows no other."""
        answer = self._post("/shipment/barcode-information", {"parcel": {"id": code}})
        if not isinstance(answer, Answer):
            return answer
        body = fields(answer)
        if answer.status == 404 or (answer.status == 200 and "error" in body):
            return Confirmed(None, answer.evidence)
        if answer.status != 200 or not KNOWS & body.keys():
            return failure(INFO.title, answer, _said(answer))
        first = (
            word(body, "initialParcelId")
            or word(body, "primaryParcelId")
            or word(inner(body, "primaryShipment"), "id")
        )
        if not first or first == code:
            return Confirmed(None, answer.evidence)
        return Confirmed(ReturnNumber(code, first), answer.evidence)

    def check(self) -> list[Finding]:
        """Track a number that does not exist: what comes back tells whether we may ask."""
        answer = self._post("/track", {"parcels": [{"id": "1"}]})
        if not isinstance(answer, Answer):
            return [Finding("Reach DPD", False, answer.why)]
        if answer.status == 200 and "parcels" in fields(answer):
            return [Finding("Sign in to DPD", True)]
        say = _said(answer) or "DPD does not take this user and password."
        return [Finding("Sign in to DPD", False, say)]

    def _post(self, path: str, request: Mapping[str, Any]) -> Answer | Failure:
        return self._client.call("POST", path, json={**self._sign_in, **request}, effect=False)


def _said(answer: Answer) -> str:
    return word(inner(fields(answer), "error"), "message")


def _events(row: dict[str, Any]) -> list[CourierEvent]:
    tracking, found = word(row, "parcelId"), []
    for operation in rows(row.get("operations")):
        at = moment(operation.get("dateTime"))
        code, text = word(operation, "operationCode"), word(operation, "description")
        exceptions = {word(entry, "exceptionCode") for entry in rows(operation.get("exceptions"))}
        exceptions |= {word(entry, "code") for entry in rows(operation.get("exceptionCodes"))}
        if at is None:
            continue
        status = status_of(CODES, code, text)
        if status == "failed" and exceptions & REFUSALS:
            status = "refused"
        found.append(CourierEvent(tracking, at, status, code, text, word(operation, "comment")))
    return sorted(found, key=lambda event: event.at)


def make(settings: Mapping[str, str], secrets: Mapping[str, str], client: HttpClient) -> Dpd:
    """DPD as the settings describe it."""
    return Dpd(client, username=settings["username"], password=secrets["password"])
