"""SmartBill (Romania): storno by `POST /invoice/reverse`, annul by `PUT /invoice/cancel`.

It has no idempotency key and cannot be asked whether an invoice is reversed already, so an
unknown outcome goes to a person (rule 5); a repeat it refuses by name. Storno numbers are in the
invoice's own series. Answers: `{errorText, message, number, series, url}`; HTTP 200 with a
non-empty `errorText` is a failure. Limit: 30 calls in 10 s by all programs that use the token, then
it is blocked for 10 minutes: HTTP 403 (through others 422), told in words with the moment, without
Retry-After; each call during the block starts it anew. A wrong VAT code is answered with 401.
"""

import base64
import datetime as dt
from collections.abc import Mapping

from core.reasons import N_, Reason
from core.services.codes import ServiceCode, TestCode
from core.services.http.answers import carried_out, fields, word
from core.services.http.client import Answer, HttpClient
from core.services.http.texts import plain, without_tags
from core.services.invoicing import reading
from core.services.invoicing.already import ANNULLED_ALREADY, REVERSED_ALREADY
from core.services.invoicing.codes import InvoicingCode, InvoicingTest
from core.services.invoicing.efactura import FILES_ITSELF
from core.services.invoicing.reading import (
    Rules,
    code_for,
    efactura_finding,
    refused_or_doubt,
    storno_of,
    without_words,
)
from core.services.outcome import Confirmed, Outcome, Refusal, Refused, Unknown
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
    service="smartbill",
    kind="invoicing",
    title="SmartBill",
    hosts=("ws.smartbill.ro",),
    page="https://cloud.smartbill.ro/raport/facturi/",
    fields=(
        SettingField(
            "base_url",
            N_("Address"),
            N_("Leave as it is."),
            default="https://ws.smartbill.ro/SBORO/api",
        ),
        SettingField("email", N_("E-mail"), N_("The e-mail you sign in to SmartBill with.")),
        SettingField(
            "token",
            N_("API token"),
            N_("SmartBill Cloud: My account, Integrations, API."),
            secret=True,
        ),
        SettingField(
            "vat_code", N_("VAT code"), N_("Of the company that issues, for example RO12345674.")
        ),
        SettingField(
            "series",
            N_("Invoice series"),
            N_("Only to test the connection with. A storno goes into the series of its invoice."),
            required=False,
        ),
        FILES_ITSELF,
        SettingField(
            "calls_per_window",
            N_("Calls in ten seconds"),
            N_(
                "SmartBill allows 30 for all your programs together, then blocks the token for ten "
                "minutes. Write less if another program needs more than 10."
            ),
            default="20",
            required=False,
        ),
    ),
)
CAPABILITIES = Capabilities(
    rate=Rate(2.0, 1, window=(20, 10.0)),
    can_be_asked=False,
    can_annul=True,
    tells=Tells(amount=True, paid=True),
    efactura=True,
    block=LimitBlock(
        600.0, in_words=True
    ),  # what going over the limit costs, where no moment is named
)

# Words without diacritics, from third-party clients; loose on purpose.
RULES: Rules = (
    ("tip storno", Refusal.IS_STORNO),
    ("incasata sau stornata in totalitate", Refusal.PAID),
    ("nu poate fi anulata", Refusal.INVALID),
    ("anulata", Refusal.ANNULLED),
    ("nu a fost gasit", Refusal.NOT_FOUND),
    ("nu aveti dreptul", Refusal.NO_PERMISSION),
    ("autentificare", Refusal.NO_PERMISSION),
    ("firma la care incercati", Refusal.NO_PERMISSION),
    ("numarul maxim de documente", Refusal.NO_PLAN),
    ("incasata", Refusal.PAID),
    ("inchis", Refusal.CLOSED),
)
CANNOT_BE_ASKED = Refused(
    InvoicingCode.CANNOT_BE_ASKED.of(title=INFO.title), Refusal.CANNOT_BE_ASKED
)


def _link(body: dict[str, object]) -> str:
    """Where the document is shown: live answers leave `url` empty."""
    names = ("documentViewUrl", "documentUrl", "url")
    return next((link for name in names if (link := word(body, name))), "")


def _error(answer: Answer) -> str:
    """The service's own words of refusal, without HTML; "" when it did not refuse in words."""
    body = fields(answer)
    message = without_tags(word(body, "errorText"))
    if message:
        return message
    errors = body.get("errors")
    if isinstance(errors, list) and errors and isinstance(errors[0], dict):
        return word(errors[0], "message") or word(errors[0], "code")
    return word(body, "message") if answer.status >= 400 else ""


def _refused(answer: Answer) -> Refused | Unknown:
    message = _error(answer)
    if not message or answer.status >= 500:
        return without_words(INFO.title, answer)
    code = Refusal.NO_PERMISSION if answer.status == 401 else code_for(message, RULES)
    return Refused(ServiceCode.SAID.of(title=INFO.title, said=message), code, answer.evidence)


def _is_paid(body: dict[str, object]) -> bool | None:
    """Whether money was recorded; `paid` is about all of it: 200 of 350 are told as false."""
    paid, collected = body.get("paid"), reading.money(body.get("paidAmount"))
    if collected is not None and collected > 0:
        return True
    return paid if isinstance(paid, bool) else None


def _is_well(answer: Answer) -> bool:
    """Carried out, and an `errorText` that is there and empty."""
    return carried_out(answer) and fields(answer).get("errorText") == ""


class SmartBill:
    """The port `Invoicing` for one company at SmartBill."""

    def __init__(
        self, client: HttpClient, *, vat_code: str, email: str, token: str, series: str = ""
    ) -> None:
        self.capabilities = CAPABILITIES
        self._client = client
        self._vat_code = vat_code.strip()
        self._series = series.strip()
        pair = base64.b64encode(f"{email.strip()}:{token.strip()}".encode()).decode()
        self._headers = {"Authorization": f"Basic {pair}", "Accept": "application/json"}

    def reverse(self, invoice: InvoiceRef, key: str, on: dt.date) -> Outcome[Storno]:  # noqa: ARG002 (no key at SmartBill)
        """Issue the storno, dated `on`; "deja stornata" is Confirmed(before=True), no number."""
        answer = self._client.call(
            "POST",
            "/invoice/reverse",
            json={
                "companyVatCode": self._vat_code,
                "seriesName": invoice.series,
                "number": invoice.number,
                "issueDate": on.isoformat(),
            },
            headers=self._headers,
            effect=True,
        )
        if not isinstance(answer, Answer):
            return answer
        body = fields(answer)
        made = Storno(word(body, "series"), word(body, "number"), _link(body))
        if _is_well(answer):
            return storno_of(invoice, made, answer.evidence)
        if answer.status < 500 and REVERSED_ALREADY.said(_error(answer), invoice.number):
            return Confirmed(Storno(), answer.evidence, before=True)
        return refused_or_doubt(invoice, made, _refused(answer))

    def annul(self, invoice: InvoiceRef, key: str) -> Outcome[Storno]:  # noqa: ARG002
        """Mark the invoice as annulled; it keeps its number, so there is no storno number."""
        answer = self._client.call(
            "PUT",
            "/invoice/cancel",
            params={
                "cif": self._vat_code,
                "seriesname": invoice.series,
                "number": invoice.number,
            },
            headers=self._headers,
            effect=True,
        )
        if not isinstance(answer, Answer):
            return answer
        if _is_well(answer):
            return Confirmed(Storno(), answer.evidence)
        if answer.status < 500 and ANNULLED_ALREADY.said(_error(answer), invoice.number):
            return Confirmed(Storno(), answer.evidence, before=True)
        return _refused(answer)

    def find_storno(self, invoice: InvoiceRef) -> Outcome[Storno | None]:  # noqa: ARG002
        """Not offered by SmartBill."""
        return CANNOT_BE_ASKED

    def find_annulled(self, invoice: InvoiceRef) -> Outcome[bool]:  # noqa: ARG002
        """Not offered by SmartBill."""
        return CANNOT_BE_ASKED

    def find_invoices(self, order_name: str) -> Outcome[list[InvoiceRef]]:  # noqa: ARG002
        """Not offered by SmartBill: it cannot be searched by order."""
        return Refused(InvoicingCode.NOT_BY_ORDER.of(title=INFO.title), Refusal.CANNOT_BE_ASKED)

    def read_invoice(self, invoice: InvoiceRef) -> Outcome[InvoiceFacts]:
        """What SmartBill tells of an invoice: its total and whether it is paid."""
        answer = self._client.call(
            "GET",
            "/invoice/paymentstatus",
            params={
                "cif": self._vat_code,
                "seriesname": invoice.series,
                "number": invoice.number,
            },
            headers=self._headers,
            effect=False,
        )
        if not isinstance(answer, Answer):
            return answer
        if not _is_well(answer):
            return _refused(answer)
        body = fields(answer)
        total = reading.money(body.get("invoiceTotalAmount"))
        facts = InvoiceFacts(
            series=invoice.series,
            number=invoice.number,
            total_minor=total,
            paid=_is_paid(body),
            unclear=reading.unclear(body, {"paid": (True, False)}),
            # It names no kind of document, but only a storno is over less than nothing.
            is_storno=True if total is not None and total < 0 else None,
        )
        return Confirmed(facts, answer.evidence)

    def check(self) -> list[Finding]:
        """Sign in, and look whether company and series are there (`GET /series`)."""
        answer = self._client.call(
            "GET",
            "/series",
            params={"cif": self._vat_code, "type": "f"},
            headers=self._headers,
            effect=False,
        )
        if not isinstance(answer, Answer):
            return [Finding(TestCode.REACH.of(title=INFO.title), False, answer.why)]
        if not _is_well(answer):
            return [
                Finding(TestCode.SIGN_IN.of(title=INFO.title), False, self._what_is_wrong(answer))
            ]
        rows = fields(answer).get("list")
        names = [word(row, "name") for row in rows or [] if isinstance(row, dict)]
        well = Finding(TestCode.SIGN_IN_AS.of(title=INFO.title, account=self._vat_code), True)
        series = self._series_finding([name for name in names if name])
        return [well, series, efactura_finding(INFO.title, "Configuration, e-Factura")]

    def _what_is_wrong(self, answer: Answer) -> Reason:
        refused = _refused(answer)
        message = plain(_error(answer))
        if answer.status == 401:
            return InvoicingTest.SMARTBILL_SIGN_IN.of(vat_code=self._vat_code)
        if "firma la care incercati" in message:
            return InvoicingTest.NOT_FOR_COMPANY.of(vat_code=self._vat_code)
        if "nu aveti dreptul" in message:
            advice = InvoicingTest.NEEDS_PLATINUM
            return TestCode.WITH_ADVICE.of(why=refused.why, advice=advice)
        return refused.why

    def _series_finding(self, names: list[str]) -> Finding:
        if not names:
            return Finding(
                InvoicingTest.ANY_SERIES, False, InvoicingTest.MAKE_SERIES.of(title=INFO.title)
            )
        if self._series and self._series not in names:
            say = InvoicingTest.NO_SUCH_SERIES.of(series=self._series, names=tuple(names))
            return Finding(InvoicingTest.SERIES.of(series=self._series), False, say)
        series = self._series or tuple(names)
        return Finding(InvoicingTest.SERIES.of(series=series), True)


def make(settings: Mapping[str, str], secrets: Mapping[str, str], client: HttpClient) -> SmartBill:
    """SmartBill as the settings describe it."""
    return SmartBill(
        client,
        vat_code=settings["vat_code"],
        email=settings["email"],
        token=secrets["token"],
        series=settings.get("series", ""),
    )
