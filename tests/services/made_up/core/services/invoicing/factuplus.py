"""FactuPlus, which nobody has: an API key, stornos that can be asked about, no annulling."""

import datetime as dt
from collections.abc import Mapping

from core.reasons import N_, ReasonCode
from core.services.codes import ServiceCode, TestCode
from core.services.http.answers import fields, word
from core.services.http.client import Answer, HttpClient
from core.services.invoicing.reading import storno_of, without_words
from core.services.outcome import Confirmed, Outcome, Refusal, Refused, Unknown
from core.services.ports import (
    Capabilities,
    Finding,
    InvoiceFacts,
    InvoiceRef,
    Rate,
    ServiceInfo,
    SettingField,
    Storno,
)


class FactuPlusCode(ReasonCode):
    """What only this service says."""

    NOT_OFFERED = "factuplus_not_offered", N_("FactuPlus does not offer this.")


INFO = ServiceInfo(
    service="factuplus",
    kind="invoicing",
    title="FactuPlus",
    hosts=("api.factuplus.example",),
    fields=(
        SettingField("base_url", N_("Address"), default="https://api.factuplus.example/v2"),
        SettingField("plus_key", N_("API key"), secret=True),
    ),
)
CAPABILITIES = Capabilities(rate=Rate(5, 5), can_be_asked=True)
CODES = {
    "key": Refusal.NO_PERMISSION,
    "not_found": Refusal.NOT_FOUND,
    "annulled": Refusal.ANNULLED,
    "is_storno": Refusal.IS_STORNO,
    "later": Refusal.LATER,
}
NOT_OFFERED = Refused(FactuPlusCode.NOT_OFFERED.of(), Refusal.CANNOT_BE_ASKED)


class FactuPlus:
    """The port `Invoicing`."""

    def __init__(self, client: HttpClient, key: str) -> None:
        self.capabilities = CAPABILITIES
        self._client = client
        self._headers = {"X-Key": key}

    def reverse(
        self,
        invoice: InvoiceRef,
        key: str,
        on: dt.date,
    ) -> Outcome[Storno]:
        asked = {"series": invoice.series, "number": invoice.number, "on": on.isoformat()}
        answer = self._client.call(
            "POST", "/storno", json=asked, headers=self._headers, effect=True
        )
        if not isinstance(answer, Answer):
            return answer
        body = fields(answer)
        if body.get("reason") == "reversed":
            return Confirmed(Storno(), answer.evidence, before=True)
        if body.get("ok") is not True:
            return _refused(answer)
        made = Storno(word(body, "series"), word(body, "number"))
        return storno_of(invoice, made, answer.evidence)

    def annul(self, invoice: InvoiceRef, key: str) -> Outcome[Storno]:
        return NOT_OFFERED

    def find_storno(self, invoice: InvoiceRef) -> Outcome[Storno | None]:
        asked = {"series": invoice.series, "number": invoice.number}
        answer = self._client.call(
            "GET", "/invoice", params=asked, headers=self._headers, effect=False
        )
        if not isinstance(answer, Answer):
            return answer
        body = fields(answer)
        if body.get("ok") is not True or "storno" not in body:
            return _refused(answer)
        storno = body["storno"]
        if storno is None:
            return Confirmed(None, answer.evidence)
        return Confirmed(Storno(word(storno, "series"), word(storno, "number")), answer.evidence)

    def find_annulled(self, invoice: InvoiceRef) -> Outcome[bool]:
        return NOT_OFFERED

    def find_invoices(self, order_name: str) -> Outcome[list[InvoiceRef]]:
        return NOT_OFFERED

    def read_invoice(self, invoice: InvoiceRef) -> Outcome[InvoiceFacts]:
        return NOT_OFFERED

    def check(self) -> list[Finding]:
        answer = self._client.call("GET", "/me", headers=self._headers, effect=False)
        if not isinstance(answer, Answer):
            return [Finding(TestCode.REACH.of(title=INFO.title), False, answer.why)]
        if fields(answer).get("ok") is True:
            return [Finding(TestCode.SIGN_IN.of(title=INFO.title), True)]
        return [Finding(TestCode.SIGN_IN.of(title=INFO.title), False, _refused(answer).why)]


def _refused(answer: Answer) -> Refused | Unknown:
    reason = word(fields(answer), "reason")
    if not reason or answer.status >= 500:
        return without_words(INFO.title, answer)
    code = CODES.get(reason, Refusal.INVALID)
    return Refused(ServiceCode.SAID.of(title=INFO.title, said=str(reason)), code, answer.evidence)


def make(
    settings: Mapping[str, str],
    secrets: Mapping[str, str],
    client: HttpClient,
) -> FactuPlus:
    return FactuPlus(client, secrets.get("plus_key", ""))
