"""Oblio (Romania): storno by `POST /api/docs/invoice` with `referenceDocument.refund` = 1.

The storno goes into the series of its invoice. `idempotencyKey` makes a repeat safe. In the list a
reversed invoice has `stornoed` "1", and a row with `storno` "1" (and a negative total) is itself a
storno document; a row without these flags does not tell. "0055" and "55" are one number there.
Drafts (`draft` "1") are listed beside what was issued, and are no documents.
`refund` also deletes the collection that is recorded on the invoice.
Errors: HTTP 400 or 401 with `{status, statusMessage}`. Tokens are lent for an hour.
"""

import datetime as dt
import re
from collections.abc import Mapping
from functools import partial

from core.clock import now, today
from core.reasons import N_, Reason
from core.services.codes import ServiceCode, TestCode, no_entry
from core.services.http.answers import carried_out, fields, inner, word
from core.services.http.client import Answer, HttpClient
from core.services.http.texts import plain
from core.services.http.tokens import AccessToken, Failure, account, lent, with_token
from core.services.invoicing import oblio_rows, reading
from core.services.invoicing.already import ANNULLED_BEFORE, REVERSED_BEFORE
from core.services.invoicing.codes import InvoicingCode, InvoicingTest
from core.services.invoicing.efactura import FILES_ITSELF, Filing
from core.services.invoicing.listing import Listing, SharedReadings, rows_naming
from core.services.invoicing.oblio_rows import Issued
from core.services.invoicing.reading import (
    Rules,
    code_for,
    efactura_finding,
    refused_or_doubt,
    storno_of,
    without_words,
)
from core.services.outcome import Confirmed, Outcome, Refusal, Refused, RefusedForNow, Unknown
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
    service="oblio",
    kind="invoicing",
    title="Oblio",
    hosts=("www.oblio.eu",),
    page="https://www.oblio.eu/",
    fields=(
        SettingField(
            "base_url", N_("Address"), N_("Leave as it is."), default="https://www.oblio.eu"
        ),
        SettingField("email", N_("E-mail"), N_("The e-mail you sign in to Oblio with.")),
        SettingField(
            "secret",
            N_("API secret"),
            N_("Oblio: Settings, Account details, API secret."),
            secret=True,
        ),
        SettingField(
            "vat_code", N_("VAT code"), N_("Of the company that issues, for example RO12345674.")
        ),
        FILES_ITSELF,
        SettingField(
            "order_field",
            N_("Field with the order"),
            N_(
                "Where your invoicing app writes the order's name, as in “Comanda #1001”. Empty: "
                "Oblio is not searched; the order itself must name its invoice."
            ),
            default="",
            choices=("", "mentions", "noticeNumber"),
            required=False,
        ),
    ),
)
CAPABILITIES = Capabilities(
    rate=Rate(3.0, 2, window=(30, 10.0)),
    effect_rate=Rate(0.3, 10, window=(30, 100.0)),
    can_be_asked=True,
    can_annul=True,
    tells=Tells(amount=True, paid=True, reversed=True, annulled=True, filing=True),
    efactura=True,
    block=LimitBlock(600.0, in_words=True),  # what going over a limit costs, where no time is told
    reversal_deletes_payment=True,
)
PAGE, MOST_PAGES = 100, 60  # Oblio gives 100 rows at most; more pages cost half a minute
PAGES_OF_STORNOS = 3  # of the newest documents, when the number of a storno is looked for
LOOK_BACK_DAYS = 120

# Second-hand wordings, without diacritics; loose on purpose.
RULES: Rules = (
    ("este storno", Refusal.IS_STORNO),
    ("tip storno", Refusal.IS_STORNO),
    ("anulat", Refusal.ANNULLED),
    ("nu a fost gasit", Refusal.NOT_FOUND),
    ("nu exista", Refusal.NOT_FOUND),
    ("incasat", Refusal.PAID),
    ("drept", Refusal.NO_PERMISSION),
    ("abonament", Refusal.NO_PLAN),
    ("inchis", Refusal.CLOSED),
)


def _about(code: InvoicingCode, invoice: InvoiceRef) -> Reason:
    return code.of(title=INFO.title, series=invoice.series, number=invoice.number)


def _message(answer: Answer) -> str:
    return word(fields(answer), "statusMessage")


def _refused(answer: Answer) -> Refused | Unknown:
    """Oblio's no in its own words, with what kind of no they are; Unknown where it is none."""
    message = _message(answer)
    if not message or not 400 <= answer.status < 500:
        return without_words(INFO.title, answer)
    code = Refusal.NO_PERMISSION if answer.status in (401, 403) else code_for(message, RULES)
    return Refused(ServiceCode.SAID.of(title=INFO.title, said=message), code, answer.evidence)


def _is_well(answer: Answer) -> bool:
    return carried_out(answer) and word(fields(answer), "status") in ("200", "201")


class Oblio:
    """The port `Invoicing` for one company at Oblio."""

    def __init__(
        self, client: HttpClient, *, vat_code: str, email: str, secret: str, order_field: str = ""
    ) -> None:
        self.capabilities = CAPABILITIES
        self._order_field = order_field.strip()
        self._client = client
        self._vat_code = vat_code.strip()
        self._sign_in = {
            "client_id": email.strip(),
            "client_secret": secret.strip(),
            "grant_type": "client_credentials",
        }
        self._account = account(client.base_url, email.strip(), secret.strip())
        self._list = Listing(PAGE, MOST_PAGES)
        self._newest: SharedReadings[Outcome[Issued]] = SharedReadings()

    def reverse(self, invoice: InvoiceRef, key: str, on: dt.date) -> Outcome[Storno]:
        """Issue the storno, dated `on`; "deja stornata" is Confirmed(before=True), no number."""
        body = {
            "cif": self._vat_code,
            "seriesName": invoice.series,
            "issueDate": on.isoformat(),
            "referenceDocument": {
                "type": "Factura",
                "seriesName": invoice.series,
                "number": invoice.number,
                "refund": 1,
            },
            "idempotencyKey": key,
        }
        answer = self._call("POST", "/api/docs/invoice", json=body, effect=True)
        if not isinstance(answer, Answer):
            return answer
        made = oblio_rows.storno(inner(fields(answer), "data"))
        if _is_well(answer):
            return storno_of(invoice, made, answer.evidence)
        if 400 <= answer.status < 500 and REVERSED_BEFORE.said(_message(answer), invoice.number):
            return Confirmed(Storno(), answer.evidence, before=True)
        return refused_or_doubt(invoice, made, _refused(answer))

    def annul(self, invoice: InvoiceRef, key: str) -> Outcome[Storno]:  # noqa: ARG002 (no key here)
        """Mark the invoice as annulled; it keeps its number, so there is no storno number."""
        body = {"cif": self._vat_code, "seriesName": invoice.series, "number": invoice.number}
        answer = self._call("PUT", "/api/docs/invoice/cancel", json=body, effect=True)
        if not isinstance(answer, Answer):
            return answer
        if _is_well(answer):
            return Confirmed(Storno(), answer.evidence)
        if 400 <= answer.status < 500 and ANNULLED_BEFORE.said(_message(answer), invoice.number):
            return Confirmed(Storno(), answer.evidence, before=True)
        return _refused(answer)

    def find_storno(self, invoice: InvoiceRef) -> Outcome[Storno | None]:
        """Ask the list; the storno's number is told where one document alone can be it."""
        row = self._row(invoice)
        if not isinstance(row, Confirmed):
            return row
        if oblio_rows.is_storno(row.value):
            why = InvoicingCode.IS_STORNO.of(series=invoice.series, number=invoice.number)
            return Refused(why, Refusal.IS_STORNO, row.evidence)
        flag = oblio_rows.flag(row.value, "stornoed")
        if flag not in ("0", "1"):
            return Unknown(InvoicingCode.REVERSED_NOT_TOLD.of(title=INFO.title))
        if flag == "0" and oblio_rows.flag(row.value, "canceled") == "1":
            # Somebody was quicker; whether Oblio itself would refuse a storno on top is not known.
            why = _about(InvoicingCode.IS_ANNULLED, invoice)
            return Refused(why, Refusal.ANNULLED, row.evidence)
        since = reading.day_before(word(row.value, "issueDate"))
        newest = self._newest.read(since, partial(self._issued, since))
        if not isinstance(newest, Confirmed):
            return Confirmed(Storno(), row.evidence) if flag == "1" else newest
        beside, whole = newest.value.beside(row.value), newest.value.whole
        found = oblio_rows.reversal(row.value, beside, whole=whole)
        if isinstance(found, Storno):
            return Confirmed(found, row.evidence)
        if found == "none":
            return Confirmed(None, row.evidence)
        why = _about(InvoicingCode.MAYBE_STORNO, invoice)
        if found == "partly":
            why = InvoicingCode.PARTLY_CREDITED.of(title=INFO.title)
        return Refused(why, Refusal.INVALID, newest.evidence)

    def _issued(self, since: str) -> Outcome[Issued]:
        """The newest documents that were issued after `since` (a date)."""
        found: list[dict[str, object]] = []
        whole, evidence = False, None
        for page in range(PAGES_OF_STORNOS):
            rows = self._page(page * PAGE, since)
            if not isinstance(rows, Confirmed):
                return rows
            found += rows.value
            whole, evidence = len(rows.value) < PAGE, rows.evidence
            if whole:
                break
        return Confirmed(oblio_rows.issued(found, whole=whole), evidence)

    def find_annulled(self, invoice: InvoiceRef) -> Outcome[bool]:
        """Ask the list whether the invoice is annulled."""
        row = self._row(invoice)
        if not isinstance(row, Confirmed):
            return row
        flag = oblio_rows.flag(row.value, "canceled")
        if flag not in ("0", "1"):
            return Unknown(InvoicingCode.ANNULLED_NOT_TOLD.of(title=INFO.title))
        return Confirmed(flag == "1", row.evidence)

    def find_invoices(self, order_name: str) -> Outcome[list[InvoiceRef]]:
        """Read the list of the last months for invoices that name the order as a whole word.

        Refused as cannot_be_asked where no field is set: the list itself cannot be searched.
        """
        if not self._order_field:
            return Refused(InvoicingCode.NOT_BY_ORDER.of(title=INFO.title), Refusal.CANNOT_BE_ASKED)
        since = (today(dt.UTC) - dt.timedelta(days=LOOK_BACK_DAYS)).isoformat()
        too_many = Refused(InvoicingCode.TOO_MANY.of(title=INFO.title), Refusal.TOO_MANY)
        rows = self._list.up_to_date(
            since, partial(self._page, since=since), oblio_rows.name, too_many
        )
        if not isinstance(rows, Confirmed):
            return rows
        naming = rows_naming(rows.value, self._order_field, order_name)
        refs = [
            InvoiceRef(word(r, "seriesName"), word(r, "number"))
            for r in naming
            if oblio_rows.stands(r)
        ]
        return Confirmed(list(dict.fromkeys(refs)), rows.evidence)

    def read_invoice(self, invoice: InvoiceRef) -> Outcome[InvoiceFacts]:
        """The invoice's row in the list."""
        row = self._row(invoice)
        if not isinstance(row, Confirmed):
            return row
        return Confirmed(oblio_rows.facts(row.value, self._order_field), row.evidence)

    def read_filing(self, document: InvoiceRef) -> Outcome[Filing]:
        """How far Oblio says that a document is on its way to e-Factura."""
        row = self._row(document, withEinvoiceStatus="1")
        if not isinstance(row, Confirmed):
            return row
        filing = oblio_rows.filing(row.value)
        if filing is None:
            return Unknown(InvoicingCode.FILING_NOT_TOLD.of(title=INFO.title), row.evidence)
        return Confirmed(filing, row.evidence)

    def _page(self, offset: int, since: str) -> Outcome[list[dict[str, object]]]:
        """A page of the documents issued after `since` (a date), the newest first."""
        params = {
            "cif": self._vat_code,
            **({"issuedAfter": since} if since else {}),
            "orderBy": "id",  # without an order, pages may repeat and leave out rows
            "orderDir": "DESC",
            "limitPerPage": str(PAGE),
            "offset": str(offset),
        }
        answer = self._call("GET", "/api/docs/invoice/list", params=params, effect=False)
        if not isinstance(answer, Answer):
            return answer
        rows = fields(answer).get("data")
        if not _is_well(answer) or not isinstance(rows, list):
            return _refused(answer)
        if not all(isinstance(row, dict) for row in rows):  # one that is missed may be the storno
            return reading.without_words(INFO.title, answer)
        return Confirmed(rows, answer.evidence)

    def check(self) -> list[Finding]:
        """Sign in, and look whether the company is there (`GET /api/nomenclature/companies`)."""
        answer = self._call("GET", "/api/nomenclature/companies", effect=False)
        if isinstance(answer, Refused):
            sign_in = TestCode.SIGN_IN.of(title=INFO.title)
            return [Finding(sign_in, False, InvoicingTest.OBLIO_SIGN_IN)]
        if not isinstance(answer, Answer):
            return [Finding(TestCode.REACH.of(title=INFO.title), False, answer.why)]
        if not _is_well(answer):
            return [Finding(TestCode.SIGN_IN.of(title=INFO.title), False, _refused(answer).why)]
        rows = fields(answer).get("data")
        codes = [word(row, "cif") for row in rows or [] if isinstance(row, dict)]
        well = Finding(TestCode.SIGN_IN.of(title=INFO.title), True)
        if self._vat_code in codes:
            found = Finding(InvoicingTest.COMPANY.of(vat_code=self._vat_code), True)
            where = "Settings, e-Factura"
            return [well, found, efactura_finding(INFO.title, where, reports_filing=True)]
        company = InvoicingTest.COMPANY.of(vat_code=self._vat_code)
        say = InvoicingTest.NO_COMPANY.of(vat_code=self._vat_code, codes=tuple(codes) or "–")
        return [well, Finding(company, False, say)]

    def _row(self, invoice: InvoiceRef, **more: str) -> Outcome[dict[str, object]]:
        """The invoice's row in the list, annulled or not."""
        params = {
            "cif": self._vat_code,
            "seriesName": invoice.series,
            "number": invoice.number,
            "canceled": "-1",
            "limitPerPage": "100",
            **more,
        }
        answer = self._call("GET", "/api/docs/invoice/list", params=params, effect=False)
        if not isinstance(answer, Answer):
            return answer
        rows = fields(answer).get("data")
        if not _is_well(answer) or not isinstance(rows, list):
            return _refused(answer)
        fitting = [
            row for row in rows if isinstance(row, dict) and oblio_rows.is_row_of(row, invoice)
        ]
        if len(fitting) == 1:
            return Confirmed(fitting[0], answer.evidence)
        if fitting:
            return Refused(_about(InvoicingCode.SEVERAL, invoice), Refusal.INVALID, answer.evidence)
        return Refused(_about(InvoicingCode.NONE, invoice), Refusal.NOT_FOUND, answer.evidence)

    def _call(
        self,
        method: str,
        path: str,
        *,
        effect: bool,
        json: Mapping[str, object] | None = None,
        params: Mapping[str, str] | None = None,
    ) -> Answer | Failure:
        """One call with a token; a token that was not taken (401: nothing was done) is renewed."""

        def send(token: str) -> Answer | Failure:
            headers = {"Authorization": f"Bearer {token}"}
            return self._client.call(
                method, path, json=json, params=params, headers=headers, effect=effect
            )

        answer = with_token(self._account, self._fetch_token, send, effect=effect)
        if (
            isinstance(answer, Answer)
            and answer.status == 401
            and "expired" in plain(_message(answer))
        ):
            # Oblio lends out the same token until its last second.
            return RefusedForNow(
                InvoicingCode.TOKEN_EXPIRES.of(title=INFO.title), now() + dt.timedelta(seconds=5)
            )
        return answer

    def _fetch_token(self) -> AccessToken | Failure:
        answer = self._client.call("POST", "/api/authorize/token", form=self._sign_in, effect=False)
        if not isinstance(answer, Answer):
            return answer
        body = fields(answer)
        value, seconds = word(body, "access_token"), word(body, "expires_in")
        if answer.status == 200 and value:
            return lent(value, float(seconds) if re.fullmatch(r"[0-9]{1,9}", seconds) else 3600.0)
        if answer.status in (400, 401, 403):
            message = _message(answer)
            return Refused(no_entry(INFO.title, message), Refusal.NO_PERMISSION, answer.evidence)
        return without_words(INFO.title, answer)


def make(settings: Mapping[str, str], secrets: Mapping[str, str], client: HttpClient) -> Oblio:
    """Oblio as the settings describe it."""
    return Oblio(
        client,
        vat_code=settings["vat_code"],
        email=settings["email"],
        secret=secrets["secret"],
        order_field=settings.get("order_field", ""),
    )
