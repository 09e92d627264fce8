"""Velo, a courier that nobody knows: one call, one key."""

from collections.abc import Mapping, Sequence

from core.reasons import N_, ReasonCode
from core.services.codes import ServiceCode, TestCode
from core.services.couriers.reading import moment, rows
from core.services.couriers.statuses import status_of
from core.services.http.answers import fields, word
from core.services.http.client import Answer, HttpClient
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


class VeloCode(ReasonCode):
    """What only this service says."""

    KEY = "velo_key", N_("Velo does not take this key.")


INFO = ServiceInfo(
    service="velo",
    kind="courier",
    title="Velo",
    hosts=("velo.example",),
    fields=(
        SettingField("base_url", N_("Address"), default="https://velo.example"),
        SettingField("velo_key", N_("API key"), secret=True),
    ),
    tracks=("velo",),
)
CAPABILITIES = Capabilities(rate=Rate(5, 5), can_be_asked=True)
CODES: dict[str, ParcelStatus] = {"R": "refused"}


class Velo:
    """The port `Courier`."""

    def __init__(self, client: HttpClient, key: str) -> None:
        self.capabilities = CAPABILITIES
        self._client = client
        self._headers = {"X-Key": key}

    def events(self, trackings: Sequence[str]) -> Outcome[list[CourierEvent]]:
        if not trackings:
            return Confirmed([])
        answer = self._client.call(
            "GET", "/track", params={"n": ",".join(trackings)}, headers=self._headers, effect=False
        )
        if not isinstance(answer, Answer):
            return answer
        if answer.status == 401:
            return Refused(VeloCode.KEY.of(), Refusal.NO_PERMISSION, answer.evidence)
        body = fields(answer)
        if answer.status != 200 or not isinstance(body.get("rows"), list):
            return Unknown(
                ServiceCode.UNREADABLE.of(title=INFO.title, status=answer.status), answer.evidence
            )
        found = []
        for row in rows(body["rows"]):
            at = moment(row.get("at"))
            if at is not None:
                code, text = word(row, "code"), word(row, "text")
                status = status_of(CODES, code, text)
                found.append(CourierEvent(word(row, "n"), at, status, code, text))
        return Confirmed(found, answer.evidence)

    def resolve(self, code: str) -> Outcome[ReturnNumber | None]:
        return Confirmed(None)

    def check(self) -> list[Finding]:
        outcome = self.events(["1"])
        if isinstance(outcome, Confirmed):
            return [Finding(TestCode.SIGN_IN.of(title=INFO.title), True)]
        return [Finding(TestCode.SIGN_IN.of(title=INFO.title), False, outcome.why)]


def make(
    settings: Mapping[str, str],
    secrets: Mapping[str, str],
    client: HttpClient,
) -> Velo:
    return Velo(client, secrets.get("velo_key", ""))
