"""DPD Romania, and Speedy in Bulgaria (the same API): `POST /track`, at most 10 parcels a call.

User and password are in the body of each request. A return is a shipment of its own with its own
number, which the operation names (`returnShipmentId`); `POST /shipment/barcode-information` leads
from any scanned number to the first parcel: a parcel's number is its `id`, the whole code of a
label belongs in `fullBarcode`. `exceptionCodes` is a list of texts.
"""

from collections.abc import Iterator, Mapping, Sequence

from core.labels import normalise
from core.reasons import N_, quoted
from core.services.codes import ServiceCode, TestCode
from core.services.couriers.reading import chunks, failure, in_order, keys, moment, rows
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
    hosts=("api.dpd.ro", "api.speedy.bg"),
    fields=(
        SettingField(
            "base_url",
            N_("Address"),
            N_("DPD Romania, or Speedy in Bulgaria: their accounts speak the same language."),
            default="https://api.dpd.ro/v1",
            choices=("https://api.dpd.ro/v1", "https://api.speedy.bg/v1"),
        ),
        SettingField("username", N_("User"), N_("Of the API account, from your DPD contact.")),
        SettingField("password", N_("Password"), N_("Of the API account."), secret=True),
    ),
    tracks=("dpd",),
)
CAPABILITIES = Capabilities(rate=Rate(2, 2), can_be_asked=True, renumbers_returns=True)
BATCH = 10
LONGEST_ID = 14  # digits of a parcel's number; what is longer or has a sign is a label's code
# Appendix 1. What is not here (stopped by the sender, insurance, closed) leads on to another one.
CODES: dict[str, ParcelStatus] = {
    "-14": "delivered",
    **dict.fromkeys(("148", "164"), "created"),  # told of; not handed over yet
    **dict.fromkeys(("1", "2", "11", "21", "38", "39", "115", "116", "152"), "transit"),
    **dict.fromkeys(("169", "175", "176", "181", "217"), "transit"),  # told of, delayed, abroad
    # With the courier, ready in an office; its contents are looked at, or are not (195).
    **dict.fromkeys(("12", "134", "144", "195", "1134"), "out"),
    **dict.fromkeys(("44", "69", "136", "190"), "failed"),  # also put off, or to be cleared up
    "123": "refused",
    "111": "returning",
    "124": "returned",
    "125": "lost",  # destroyed
    "127": "lost",  # stolen
    **dict.fromkeys(("120", "128"), "cancelled"),  # 120: it was not sent at all
}
# Appendix 2: the exceptions of a failed try that are a refusal: refused, or not paid.
REFUSALS = {"12", "14", "15", "16", "46", "1006"}

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
            asked = keys(batch)
            answer = self._post("/track", {"parcels": [{"id": number} for number in batch]})
            if not isinstance(answer, Answer):
                return answer
            evidence = answer.evidence
            body = fields(answer)
            if answer.status != 200 or not isinstance(body.get("parcels"), list):
                return failure(INFO.title, answer, _message(answer))
            for row in rows(body.get("parcels")):
                if normalise(word(row, "parcelId")) in asked:
                    found += _events(row)
        return Confirmed(found, evidence)

    def resolve(self, code: str) -> Outcome[ReturnNumber | None]:
        """The first parcel behind a scanned number of a return; None when DPD knows no other."""
        named = (
            {"id": code} if code.isdecimal() and len(code) <= LONGEST_ID else {"fullBarcode": code}
        )
        answer = self._post("/shipment/barcode-information", {"parcel": named})
        if not isinstance(answer, Answer):
            return answer
        body = fields(answer)
        if answer.status == 404 or (answer.status == 200 and "error" in body):
            return Confirmed(None, answer.evidence)
        if answer.status != 200 or not KNOWS & body.keys():
            return failure(INFO.title, answer, _message(answer))
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
            return [Finding(TestCode.REACH.of(title=INFO.title), False, answer.why)]
        if answer.status == 200 and "parcels" in fields(answer):
            return [Finding(TestCode.SIGN_IN.of(title=INFO.title), True)]
        message = _message(answer)
        say = quoted(message) if message else ServiceCode.NOT_TAKEN.of(title=INFO.title)
        return [Finding(TestCode.SIGN_IN.of(title=INFO.title), False, say)]

    def _post(self, path: str, request: Mapping[str, object]) -> Answer | Failure:
        return self._client.call("POST", path, json={**self._sign_in, **request}, effect=False)


def _message(answer: Answer) -> str:
    return word(inner(fields(answer), "error"), "message")


def _texts(value: object) -> Iterator[str]:
    """The codes of a list of texts or numbers."""
    for one in value if isinstance(value, list) else []:
        if isinstance(one, str | int) and not isinstance(one, bool):
            yield str(one).strip()


def _events(row: dict[str, object]) -> list[CourierEvent]:
    tracking, found = word(row, "parcelId"), []
    for operation in rows(row.get("operations")):
        at = moment(operation.get("dateTime"))
        code, text = word(operation, "operationCode"), word(operation, "description")
        exceptions = set(_texts(operation.get("exceptionCodes")))
        if at is None:
            continue
        status = status_of(CODES, code, text)
        if status == "failed" and exceptions & REFUSALS:
            status = "refused"
        back = word(operation, "returnShipmentId")
        comment = word(operation, "comment")
        found.append(CourierEvent(tracking, at, status, code, text, comment, back))
    return in_order(found)


def make(settings: Mapping[str, str], secrets: Mapping[str, str], client: HttpClient) -> Dpd:
    """DPD as the settings describe it."""
    return Dpd(client, username=settings["username"], password=secrets["password"])
