"""Packeta (Zasilkovna): `packetTracking`, one parcel a call, XML both ways.

The API password stands in each request. A parcel's number is its bar code without the letter Z.
Records carry a code and Packeta's words; `isReturning` tells of a parcel on its way back before
any code does. Times carry no zone and are Prague's.
"""

from collections.abc import Iterator, Mapping, Sequence
from xml.etree.ElementTree import Element
from xml.sax.saxutils import escape
from zoneinfo import ZoneInfo

import defusedxml.ElementTree
from defusedxml.common import DefusedXmlException

from core.reasons import N_
from core.services.codes import TestCode, no_entry
from core.services.couriers.reading import failure, in_order, moment
from core.services.couriers.statuses import status_of
from core.services.http.client import Answer, HttpClient
from core.services.http.tokens import Failure
from core.services.outcome import Confirmed, Outcome, Refusal, Refused, Unknown
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
    service="packeta",
    kind="courier",
    title="Packeta",
    hosts=("www.zasilkovna.cz",),
    fields=(
        SettingField(
            "base_url",
            N_("Address"),
            N_("Leave as it is."),
            default="https://www.zasilkovna.cz/api",
        ),
        SettingField(
            "api_password",
            N_("API password"),
            N_("In Packeta's client section under User, API password: 32 characters."),
            secret=True,
        ),
    ),
    tracks=("packeta",),
)
CAPABILITIES = Capabilities(rate=Rate(5, 5), can_be_asked=True)
PRAGUE = ZoneInfo("Europe/Prague")
CODES: dict[str, ParcelStatus] = {
    "1": "created",
    **dict.fromkeys(("2", "3", "4", "6", "12", "14"), "transit"),
    "5": "out",  # ready to be picked up
    "7": "delivered",
    "9": "returning",
    "10": "returned",
    "11": "cancelled",
    **dict.fromkeys(("16", "23", "24", "25"), "failed"),  # tries: at a door, at a Z-BOX
    "17": "refused",
    "18": "refused",
    "19": "returning",
    "20": "failed",  # nobody came for it in time
}
GOING: frozenset[ParcelStatus] = frozenset({"created", "transit", "out", "unknown"})
NOBODY_KNOWS, WRONG_PASSWORD = "PacketIdFault", "IncorrectApiPasswordFault"


class Packeta:
    """The port `Courier` for one account at Packeta."""

    def __init__(self, client: HttpClient, *, api_password: str) -> None:
        self.capabilities = CAPABILITIES
        self._client = client
        self._password = api_password.strip()

    def events(self, trackings: Sequence[str]) -> Outcome[list[CourierEvent]]:
        """The records of each parcel; a number that Packeta does not know has none."""
        found: list[CourierEvent] = []
        evidence = None
        for tracking in dict.fromkeys(trackings):
            answer = self._track(tracking)
            if not isinstance(answer, Answer):
                return answer
            evidence = answer.evidence
            result = _result(answer)
            if not isinstance(result, Element):
                return result
            found += _events(tracking, result)
        return Confirmed(found, evidence)

    def resolve(self, code: str) -> Outcome[ReturnNumber | None]:  # noqa: ARG002
        """A parcel keeps its number on its way back."""
        return Confirmed(None)

    def check(self) -> list[Finding]:
        """Track a number that does not exist: what comes back tells whether we may ask."""
        answer = self._track("1")
        if not isinstance(answer, Answer):
            return [Finding(TestCode.REACH.of(title=INFO.title), False, answer.why)]
        result = _result(answer)
        if isinstance(result, Element):
            return [Finding(TestCode.SIGN_IN.of(title=INFO.title), True)]
        return [Finding(TestCode.SIGN_IN.of(title=INFO.title), False, result.why)]

    def _track(self, tracking: str) -> Answer | Failure:
        number = tracking.strip().upper().removeprefix("Z")
        body = (
            f"<packetTracking><apiPassword>{escape(self._password)}</apiPassword>"
            f"<packetId>{escape(number)}</packetId></packetTracking>"
        )
        headers = {"Content-Type": "text/xml; charset=utf-8", "Accept": "text/xml"}
        return self._client.call("POST", "/rest", text=body, headers=headers, effect=False)


def _result(answer: Answer) -> Element | Refused | Unknown:
    """What Packeta tells; an empty element for a number that nobody knows."""
    root = _tree(answer.text)
    status = _word(root, "status")
    if root is None or root.tag != "response" or status not in ("ok", "fault"):
        return failure(INFO.title, answer)
    if status == "ok":
        result = root.find("result")
        return failure(INFO.title, answer) if result is None else result
    fault, message = _word(root, "fault"), _word(root, "string")
    if fault == NOBODY_KNOWS:
        return Element("result")
    if fault == WRONG_PASSWORD:
        return Refused(no_entry(INFO.title, message), Refusal.NO_PERMISSION, answer.evidence)
    return failure(INFO.title, answer, message or fault)


def _tree(text: str) -> Element | None:
    try:
        read: Element = defusedxml.ElementTree.fromstring(text)
    except (SyntaxError, ValueError, DefusedXmlException):
        return None
    return read


def _word(element: Element | None, name: str) -> str:
    return "" if element is None else (element.findtext(name) or "").strip()


def _events(tracking: str, result: Element) -> list[CourierEvent]:
    return in_order(_read(tracking, result))


def _read(tracking: str, result: Element) -> Iterator[CourierEvent]:
    for record in result.iter("record"):
        at = moment(_word(record, "dateTime"), PRAGUE)
        if at is None:
            continue
        code = _word(record, "statusCode")
        text = _word(record, "statusText") or _word(record, "codeText")
        status = status_of(CODES, code, text)
        if _word(record, "isReturning") in ("true", "1") and status in GOING:
            status = "returning"
        yield CourierEvent(tracking, at, status, code, text)


def make(_settings: Mapping[str, str], secrets: Mapping[str, str], client: HttpClient) -> Packeta:
    """Packeta as the settings describe it."""
    return Packeta(client, api_password=secrets["api_password"])
