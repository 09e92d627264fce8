"""GLS (MyGLS): tracking by `POST /GetParcelStatuses`, one parcel a call.

There is no sign-in call: user and SHA-512 of the password, as an array of bytes, are in each
request. Numeric codes: 54, 55, 58, 92, 93 delivered; 5 delivered or handed back to the sender, as
its words or an earlier return tell; 4, 32, 85 out; 23, 40 returned; 90 goes back; 17 refused; the
other tries that failed are listed below. Errors: see NOT_IN and IN.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace

from core.reasons import N_, quoted
from core.services.codes import ServiceCode, TestCode, no_entry
from core.services.couriers.reading import chunks, failure, in_order, moment, rows
from core.services.couriers.statuses import RETURN_SIDE, status_of
from core.services.http.answers import fields, word
from core.services.http.client import Answer, HttpClient
from core.services.http.tokens import Failure
from core.services.outcome import Confirmed, Outcome, Refusal, Refused
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
    service="gls",
    kind="courier",
    title="GLS",
    hosts=("api.mygls.ro",),
    fields=(
        SettingField(
            "base_url",
            N_("Address"),
            N_("Leave as it is."),
            default="https://api.mygls.ro/ParcelService.svc/json",
        ),
        SettingField("username", N_("User"), N_("The e-mail you sign in to MyGLS with.")),
        SettingField(
            "password", N_("Password"), N_("The one you sign in to MyGLS with."), secret=True
        ),
    ),
    tracks=("gls",),
)
CAPABILITIES = Capabilities(rate=Rate(2, 2), can_be_asked=True)
FAILED = (11, 12, 13, 14, 15, 16, 18, 19, 20, 33, 34, 35, 36, 43, 68, 87, 88, 89)
CODES: dict[str, ParcelStatus] = {
    **{str(code): "delivered" for code in (5, 54, 55, 58, 92, 93)},
    **{str(code): "out" for code in (4, 32, 85)},
    **{str(code): "returned" for code in (23, 40)},
    **{str(code): "failed" for code in FAILED},
    "17": "refused",
    "90": "returning",
}
# What each error tells of the sign-in; any other leaves it open.
NOT_IN = {"-1", "1", "14", "27"}  # 14: the user does not exist
IN = {"4", "5", "9", "10", "15", "26"}


class Gls:
    """The port `Courier` for one MyGLS account."""

    def __init__(self, client: HttpClient, *, username: str, password: str) -> None:
        self.capabilities = CAPABILITIES
        self._client = client
        self._sign_in = {
            "Username": username.strip(),
            "Password": list(hashlib.sha512(password.encode()).digest()),
        }

    def events(self, trackings: Sequence[str]) -> Outcome[list[CourierEvent]]:
        """The history of each parcel; a number that is not GLS's has none."""
        found: list[CourierEvent] = []
        evidence = None
        for [tracking] in chunks(trackings, 1):
            if not tracking.isdecimal():
                continue
            answer = self._ask(tracking)
            if not isinstance(answer, Answer):
                return answer
            evidence = answer.evidence
            body = fields(answer)
            if NOT_IN & _codes(body):
                why = no_entry(INFO.title, _message(body))
                return Refused(why, Refusal.NO_PERMISSION, answer.evidence)
            if answer.status != 200 or "ParcelStatusList" not in body:
                return failure(INFO.title, answer, _message(body))
            found += _events(tracking, body)
        return Confirmed(found, evidence)

    def resolve(self, code: str) -> Outcome[ReturnNumber | None]:  # noqa: ARG002
        """Not offered by MyGLS."""
        return Confirmed(None)

    def check(self) -> list[Finding]:
        """Ask for a number that does not exist: what comes back tells whether we may ask."""
        answer = self._ask("1")
        if not isinstance(answer, Answer):
            return [Finding(TestCode.REACH.of(title=INFO.title), False, answer.why)]
        body = fields(answer)
        codes = _codes(body)
        if answer.status == 200 and not NOT_IN & codes and (IN & codes or _has_list(body, codes)):
            return [Finding(TestCode.SIGN_IN.of(title=INFO.title), True)]
        message = _message(body)
        say = quoted(message) if message else ServiceCode.NOT_TAKEN.of(title=INFO.title)
        return [Finding(TestCode.SIGN_IN.of(title=INFO.title), False, say)]

    def _ask(self, tracking: str) -> Answer | Failure:
        request = {
            **self._sign_in,
            "ParcelNumber": int(tracking),
            "ReturnPOD": False,
            "LanguageIsoCode": "RO",
        }
        return self._client.call("POST", "/GetParcelStatuses", json=request, effect=False)


def _codes(body: Mapping[str, object]) -> set[str]:
    return {word(row, "ErrorCode") for row in rows(body.get("GetParcelStatusErrors"))}


def _has_list(body: Mapping[str, object], codes: set[str]) -> bool:
    """Whether a list of statuses came, and no error that we do not know."""
    return "ParcelStatusList" in body and not codes


def _message(body: Mapping[str, object]) -> str:
    errors = [word(row, "ErrorDescription") for row in rows(body.get("GetParcelStatusErrors"))]
    return "; ".join(error for error in errors if error)


def _events(tracking: str, body: Mapping[str, object]) -> list[CourierEvent]:
    found = []
    for row in rows(body.get("ParcelStatusList")):
        at = moment(row.get("StatusDate"))
        code = word(row, "StatusCode").lstrip("0")
        text = word(row, "StatusDescription")
        if at is not None:
            status = status_of(CODES, code, text)
            found.append(CourierEvent(tracking, at, status, code, text, word(row, "StatusInfo")))
    return _handed_back(in_order(found))


def _handed_back(events: list[CourierEvent]) -> list[CourierEvent]:
    """Code 5 is "delivered" of a parcel on its way back, too: then its sender has it."""
    back, corrected = False, []
    for event in events:
        ended = back and event.code == "5" and event.status == "delivered"
        corrected.append(replace(event, status="returned") if ended else event)
        back = back or event.status in RETURN_SIDE
    return corrected


def make(settings: Mapping[str, str], secrets: Mapping[str, str], client: HttpClient) -> Gls:
    """GLS as the settings describe it."""
    return Gls(client, username=settings["username"], password=secrets["password"])
