"""FGO, API v2 (Romania): storno by `POST /facturi/{serie}/{numar}/storneaza`.

It has no idempotency key for a storno. It can be asked: the list of invoices tells each one's
status (`emisa`, `anulata`, `stornata` = has a storno, `storno` = is one) and its client. Nothing
leads from an invoice to its storno: `…/asociate` goes from a proforma to its invoices. `…/efactura`
tells a document's last step on its way to the state. Errors are `application/problem+json` with a
stable `type` and, for business reasons, `motiv`. Limit: one call a second per operation and
company, 429 + Retry-After.
"""

import datetime as dt
import uuid
from collections.abc import Mapping
from urllib.parse import quote

from core.clock import today
from core.reasons import N_, Reason
from core.services.codes import ServiceCode, TestCode
from core.services.http.answers import carried_out, fields, inner, word
from core.services.http.client import Answer, HttpClient
from core.services.http.tokens import Failure
from core.services.invoicing import reading
from core.services.invoicing.already import ANNULLED_BEFORE, REVERSED_BEFORE, Before
from core.services.invoicing.codes import InvoicingCode, InvoicingTest
from core.services.invoicing.efactura import Filing
from core.services.invoicing.reading import (
    Rules,
    code_for,
    refused_or_doubt,
    same_number,
    storno_of,
    without_words,
)
from core.services.outcome import Confirmed, Outcome, Refusal, Refused, Unknown
from core.services.phrases import Phrases
from core.services.ports import (
    Capabilities,
    Finding,
    InvoiceFacts,
    InvoiceRef,
    LimitBlock,
    Rate,
    ServiceInfo,
    SettingField,
    Storno,
    Tells,
)

INFO = ServiceInfo(
    service="fgo",
    kind="invoicing",
    title="FGO",
    hosts=("api.fgo.ro",),
    page="https://www.fgo.ro/",
    fields=(
        SettingField(
            "base_url", N_("Address"), N_("Leave as it is."), default="https://api.fgo.ro"
        ),
        SettingField(
            "key",
            N_("API key"),
            N_("FGO: Settings, Users. It needs the rights facturi:citire and facturi:anulare."),
            secret=True,
        ),
        SettingField(
            "vat_code", N_("Tax code"), N_("Of the company that issues, for example 12345674.")
        ),
        SettingField(
            "platform_url",
            N_("Shop address"),
            N_("As entered in FGO under Settings, eCommerce, API: https://shop.example."),
        ),
        SettingField(
            "storno_series",
            N_("Series for stornos"),
            N_("Leave empty for the company's default series."),
            required=False,
        ),
    ),
)
CAPABILITIES = Capabilities(
    rate=Rate(0.95, 1),
    can_be_asked=True,
    can_annul=True,
    tells=Tells(amount=True, paid=True, reversed=True, annulled=True, filing=True),
    block=LimitBlock(1.0),
    efactura=True,
)
PROBLEM = "urn:fgo:api:v2:problem:"
# Each reading must name its fields: without them the answer is 400.
READ = "serie,numar,data_emitere,valoare_totala,valuta,status,status_plata,client"
PAID = {"incasata": True, "in_termen": False, "depasita": False}
# It tells new states without a new version of its API, and "necunoscut" of one it does not know.
KNOWN = {"status": ("emisa", "anulata", "stornata", "storno"), "status_plata": tuple(PAID)}
LISTED = "status,data_emitere,valoare_totala,valuta,client_id"
PAGE, PAGES_OF_STORNOS = 100, 3
# The set of states may grow ("acceptata" is the one in the document): only these words say filed.
FILED = Phrases[None]((f"{words}@", None) for words in ("validat", "acceptat", "confirmat"))
ASK_BACK_DAYS = 363  # the list searches one year at most

CODES = {
    "resource-not-found": Refusal.NOT_FOUND,
    "unauthenticated": Refusal.NO_PERMISSION,
    "forbidden": Refusal.NO_PERMISSION,
    "validation": Refusal.INVALID,
}
# The words of `motiv.mesaj` where the type is `invalid-state`; loose on purpose.
RULES: Rules = (
    ("incasat", Refusal.PAID),
    ("este storno", Refusal.IS_STORNO),
    ("document storno", Refusal.IS_STORNO),
    ("document de storn", Refusal.IS_STORNO),
    ("anulata", Refusal.ANNULLED),
    ("spv", Refusal.CLOSED),
    ("saga", Refusal.CLOSED),
    ("inchis", Refusal.CLOSED),
)


def _kind(answer: Answer) -> str:
    """The last word of the problem's type: "invalid-state"; "" where the answer is no problem."""
    kind = word(fields(answer), "type")
    return kind.removeprefix(PROBLEM) if kind.startswith(PROBLEM) else ""


def _message(answer: Answer) -> str:
    body = fields(answer)
    return word(inner(body, "motiv"), "mesaj") or word(body, "detail") or word(body, "title")


def _refused(answer: Answer) -> Refused | Unknown:
    kind = _kind(answer)
    if not kind or not 400 <= answer.status < 500:
        return without_words(INFO.title, answer)
    message = _message(answer)
    code = CODES.get(kind) or code_for(message, RULES)
    return Refused(
        ServiceCode.SAID.of(title=INFO.title, said=message or kind), code, answer.evidence
    )


def _says_before(answer: Answer, before: Before, invoice: InvoiceRef) -> bool:
    return _kind(answer) == "invalid-state" and before.said(_message(answer), invoice.number)


class Fgo:
    """The port `Invoicing` for one company at FGO."""

    def __init__(
        self,
        client: HttpClient,
        *,
        key: str,
        vat_code: str,
        platform_url: str,
        storno_series: str = "",
    ) -> None:
        self.capabilities = CAPABILITIES
        self._client = client
        self._storno_series = storno_series.strip()
        self._headers = {
            "Authorization": f"Bearer {key.strip()}",
            "Fgo-Cod-Unic": vat_code.strip().upper().removeprefix("RO").strip(),
            "Fgo-Url-Platforma": platform_url.strip(),
        }

    def reverse(self, invoice: InvoiceRef, key: str, on: dt.date) -> Outcome[Storno]:  # noqa: ARG002 (FGO takes no key)
        """Issue the storno, dated `on`; a repeat refused by name is Confirmed(before=True)."""
        body = {"data_emitere": on.isoformat()}
        if self._storno_series:
            body["serie_storno"] = self._storno_series
        answer = self._call("POST", _path(invoice, "storneaza"), json=body, effect=True)
        if not isinstance(answer, Answer):
            return answer
        data = inner(fields(answer), "data")
        made = Storno(word(data, "serie"), word(data, "numar"), word(data, "link"))
        if carried_out(answer):
            return storno_of(invoice, made, answer.evidence)
        if _says_before(answer, REVERSED_BEFORE, invoice):
            return Confirmed(Storno(), answer.evidence, before=True)
        return refused_or_doubt(invoice, made, _refused(answer))

    def annul(self, invoice: InvoiceRef, key: str) -> Outcome[Storno]:  # noqa: ARG002
        """Mark the invoice as annulled. FGO refuses once it was paid or sent to SPV or SAGA."""
        answer = self._call("POST", _path(invoice, "anuleaza"), json={}, effect=True)
        if not isinstance(answer, Answer):
            return answer
        body = fields(answer)
        if carried_out(answer) and "data" in body and inner(body, "meta"):
            return Confirmed(Storno(), answer.evidence)
        if _says_before(answer, ANNULLED_BEFORE, invoice):
            return Confirmed(Storno(), answer.evidence, before=True)
        return _refused(answer)

    def find_storno(self, invoice: InvoiceRef) -> Outcome[Storno | None]:
        """Ask the list; the storno's number is told where one document alone can be it."""
        row = self._row(invoice, LISTED)
        if not isinstance(row, Confirmed):
            return row
        status = word(row.value, "status")
        if status == "storno":
            why = InvoicingCode.IS_STORNO.of(series=invoice.series, number=invoice.number)
            return Refused(why, Refusal.IS_STORNO, row.evidence)
        if status in ("emisa", "anulata"):
            return Confirmed(None, row.evidence)
        if status != "stornata":
            why = InvoicingCode.UNKNOWN_STATUS.of(title=INFO.title, value=status)
            return Unknown(why, row.evidence)
        return Confirmed(self._storno_of(row.value), row.evidence)

    def find_annulled(self, invoice: InvoiceRef) -> Outcome[bool]:
        """Ask the list whether the invoice is annulled."""
        status = self._status(invoice)
        if not isinstance(status, Confirmed):
            return status
        return Confirmed(status.value == "anulata", status.evidence)

    def find_invoices(self, order_name: str) -> Outcome[list[InvoiceRef]]:  # noqa: ARG002
        """Not offered by FGO v2: its list takes no `id_extern`, as a filter or as a field."""
        return Refused(InvoicingCode.NOT_BY_ORDER.of(title=INFO.title), Refusal.CANNOT_BE_ASKED)

    def read_invoice(self, invoice: InvoiceRef) -> Outcome[InvoiceFacts]:
        """The invoice's row in the list of the last year."""
        row = self._row(invoice, READ)
        if not isinstance(row, Confirmed):
            return row
        document, status = row.value, word(row.value, "status")
        is_known = status in KNOWN["status"]  # nothing is known for certain of another
        facts = InvoiceFacts(
            series=word(document, "serie"),
            number=word(document, "numar"),
            total_minor=reading.money(document.get("valoare_totala")),
            currency=word(document, "valuta"),
            issued_on=reading.day(word(document, "data_emitere")),
            customer=word(document, "client"),
            paid=PAID.get(word(document, "status_plata")),
            is_storno=status == "storno" if is_known else None,
            reversed=status == "stornata" if is_known else None,
            annulled=status == "anulata" if is_known else None,
            unclear=reading.unclear(document, KNOWN),
        )
        return Confirmed(facts, row.evidence)

    def read_filing(self, document: InvoiceRef) -> Outcome[Filing]:
        """A document's last step to e-Factura: an error is told by its flags, the rest by words."""
        answer = self._call("GET", _path(document, "efactura"), effect=False)
        if not isinstance(answer, Answer):
            return answer
        body = fields(answer)
        filing = body.get("data")
        if answer.status == 200 and filing is None and inner(body, "meta"):  # it has taken none yet
            return Confirmed(Filing("waiting"), answer.evidence)
        if answer.status != 200 or not isinstance(filing, dict):
            return _refused(answer)
        status, description = word(filing, "status"), word(filing, "descriere")
        note = word(filing, "detalii") or description or status
        if filing.get("eroare_anaf") is True or filing.get("eroare_fgo") is True:
            return Confirmed(Filing("refused", note), answer.evidence)
        filed = FILED.holding(status.replace("_", " ")) or FILED.holding(description)
        return Confirmed(Filing("filed" if filed else "waiting", note), answer.evidence)

    def check(self) -> list[Finding]:
        """Sign in by listing one invoice of the last month."""
        params = {"limit": "1", "fields": "status"}
        answer = self._call("GET", "/v2/facturi", params=params, effect=False)
        if not isinstance(answer, Answer):
            return [Finding(TestCode.REACH.of(title=INFO.title), False, answer.why)]
        if answer.status == 200 and isinstance(fields(answer).get("data"), list):
            what = TestCode.SIGN_IN_AND_READ.of(title=INFO.title)
            return [Finding(what, True, InvoicingTest.RIGHT_SHOWS_LATER)]
        return [Finding(TestCode.SIGN_IN.of(title=INFO.title), False, self._what_is_wrong(answer))]

    def _what_is_wrong(self, answer: Answer) -> Reason:
        reason = word(inner(fields(answer), "motiv"), "cod")
        if answer.status == 401:
            return InvoicingTest.FGO_KEY.of()
        if reason == "cod_unic_neasociat":
            return InvoicingTest.FGO_COMPANY.of()
        if reason == "drept_lipsa":
            return InvoicingTest.FGO_RIGHT.of()
        return _refused(answer).why

    def _status(self, invoice: InvoiceRef) -> Outcome[str]:
        row = self._row(invoice, "serie,numar,status")
        if not isinstance(row, Confirmed):
            return row
        return Confirmed(word(row.value, "status"), row.evidence)

    def _row(self, invoice: InvoiceRef, wanted: str) -> Outcome[dict[str, object]]:
        params = {
            "serie": invoice.series,
            "numar": invoice.number,
            **_lately(),
            "fields": wanted,
        }
        answer = self._call("GET", "/v2/facturi", params=params, effect=False)
        if not isinstance(answer, Answer):
            return answer
        rows = fields(answer).get("data")
        if answer.status != 200 or not isinstance(rows, list):
            return _refused(answer)
        named = [row for row in rows if isinstance(row, dict) and _is_of(row, invoice)]
        if len(named) > 1:
            why = InvoicingCode.SEVERAL.of(
                title=INFO.title, series=invoice.series, number=invoice.number
            )
            return Refused(why, Refusal.INVALID, answer.evidence)
        if not named:
            why = InvoicingCode.NOT_OF_LAST_YEAR.of(
                title=INFO.title, series=invoice.series, number=invoice.number
            )
            return Refused(why, Refusal.NOT_FOUND, answer.evidence)
        return Confirmed(named[0], answer.evidence)

    def _storno_of(self, invoice: dict[str, object]) -> Storno:
        """The only storno of this client and amount, where only this invoice can have it.

        Without series and number where there are several, of whichever invoices.
        """
        alike = [
            row for row in self._of_client(invoice)
            if _size(row)[0] is not None and _size(row) == _size(invoice)
        ]  # fmt: skip
        stornos = [row for row in alike if word(row, "status") == "storno"]
        if sum(word(row, "status") == "stornata" for row in alike) != 1 or not stornos:
            return Storno()
        if len(stornos) > 1:
            return Storno(count=len(stornos))
        return Storno(word(stornos[0], "serie"), word(stornos[0], "numar"))

    def _of_client(self, invoice: dict[str, object]) -> list[dict[str, object]]:
        """What the invoice's client was issued since its day; nothing where that is not told."""
        client, since = word(invoice, "client_id"), word(invoice, "data_emitere")
        found: list[dict[str, object]] = []
        cursor: dict[str, str] = {}
        for _ in range(PAGES_OF_STORNOS if client and since else 0):
            params = {
                **_lately(), "data_emitere_de_la": since, "client_id": client, "fields": LISTED,
                "limit": str(PAGE), **cursor,
            }  # fmt: skip
            answer = self._call("GET", "/v2/facturi", params=params, effect=False)
            body = fields(answer) if isinstance(answer, Answer) else {}
            if not isinstance(body.get("data"), list):
                return []
            found += [row for row in body["data"] if isinstance(row, dict)]
            after = word(inner(inner(body, "meta"), "pagination"), "next_cursor")
            if not after:
                return found
            cursor = {"cursor": after}
        return []

    def _call(
        self,
        method: str,
        path: str,
        *,
        effect: bool,
        json: Mapping[str, object] | None = None,
        params: Mapping[str, str] | None = None,
    ) -> Answer | Failure:
        # FGO's support asks for this id when something went wrong; it is part of the evidence.
        headers = {**self._headers, "x-fapi-interaction-id": str(uuid.uuid4())}
        return self._client.call(
            method, path, json=json, params=params, headers=headers, effect=effect
        )


def _lately() -> dict[str, str]:
    """The dates of issue that are searched."""
    here = today(dt.UTC)
    return {
        "data_emitere_de_la": (here - dt.timedelta(days=ASK_BACK_DAYS)).isoformat(),
        # Tomorrow: the seller's day may be ahead of UTC's.
        "data_emitere_pana_la": (here + dt.timedelta(days=1)).isoformat(),
    }


def _path(invoice: InvoiceRef, what: str) -> str:
    return f"/v2/facturi/{quote(invoice.series, safe='')}/{quote(invoice.number, safe='')}/{what}"


def _is_of(row: dict[str, object], invoice: InvoiceRef) -> bool:
    return word(row, "serie") == invoice.series and same_number(word(row, "numar"), invoice.number)


def _size(row: dict[str, object]) -> tuple[int | None, str]:
    """The total without its sign, in minor units, and its currency."""
    total = reading.money(row.get("valoare_totala"))
    return None if total is None else abs(total), word(row, "valuta")


def make(settings: Mapping[str, str], secrets: Mapping[str, str], client: HttpClient) -> Fgo:
    """FGO as the settings describe it."""
    return Fgo(
        client,
        key=secrets["key"],
        vat_code=settings["vat_code"],
        platform_url=settings["platform_url"],
        storno_series=settings.get("storno_series", ""),
    )
