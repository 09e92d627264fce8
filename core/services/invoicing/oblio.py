"""Oblio (Romania): storno by `POST /api/docs/invoice` with `referenceDocument.refund` = 1.

The storno goes into the series of its invoice. `idempotencyKey` makes a repeat safe, and the list
of invoices shows `storno` and `canceled` as "0" or "1"; "0055" and "55" are one number there.
Errors: HTTP 400 or 401 with `{status, statusMessage}`. Tokens are lent for an hour. Limit: more
than 3 requests a second block the token for 10 minutes.
"""

import datetime as dt
import re
from collections.abc import Mapping
from typing import Any

from core.services.http.answers import fields, inner, word
from core.services.http.client import Answer, HttpClient
from core.services.http.texts import plain
from core.services.http.tokens import Failure, Token, account, lent, with_token
from core.services.invoicing.reading import (
    ANNULLED_BEFORE,
    REVERSED_BEFORE,
    Rules,
    code_for,
    done_before,
    same_number,
    storno_of,
    without_words,
)
from core.services.outcome import Confirmed, Outcome, Refused, RefusedForNow, Unknown
from core.services.ports import (
    Capabilities,
    Finding,
    InvoiceRef,
    Rate,
    ServiceInfo,
    SettingField,
    Storno,
)
from core.store.types import now

INFO = ServiceInfo(
    service="oblio",
    kind="invoicing",
    title="Oblio",
    page="https://www.oblio.eu/",
    fields=(
        SettingField("base_url", "Address", "Leave as it is.", default="https://www.oblio.eu"),
        SettingField("email", "E-mail", "The e-mail you sign in to Oblio with."),
        SettingField(
            "secret", "API secret", "Oblio: Settings, Account details, API secret.", secret=True
        ),
        SettingField("vat_code", "VAT code", "Of the company that issues, for example RO12345674."),
        SettingField(
            "order_field",
            "Field with the order",
            "Where your invoicing app writes the order's name, as in “Comanda #1001”. Empty: "
            "Oblio is not searched; the order itself must name its invoice.",
            default="",
            choices=("", "mentions", "internalNote"),
            required=False,
        ),
        SettingField(
            "rate_per_second",
            "Calls a second",
            "Leave empty. If Oblio blocks you for ten minutes, write less: 0.3.",
            required=False,
        ),
    ),
)
CAPABILITIES = Capabilities(rate=Rate(2.8, 1, window=(3, 1.0)), can_be_asked=True, can_annul=True)
BLOCK_SECONDS = 600.0  # what a 429 costs
PAGE, MOST_PAGES = 100, 60  # Oblio gives 100 rows at most; more pages cost half a minute
LOOK_BACK_DAYS = 120

# Second-hand wordings, without diacritics; loose on purpose.
RULES: Rules = (
    ("este storno", "is_storno"),
    ("tip storno", "is_storno"),
    ("anulat", "annulled"),
    ("nu a fost gasit", "not_found"),
    ("nu exista", "not_found"),
    ("incasat", "paid"),
    ("drept", "no_permission"),
    ("abonament", "no_plan"),
    ("inchis", "closed"),
)


def _said(answer: Answer) -> str:
    return word(fields(answer), "statusMessage")


def _refused(answer: Answer) -> Refused | Unknown:
    said = _said(answer)
    if not said or not 400 <= answer.status < 500:
        return without_words(INFO.title, answer)
    code = "no_permission" if answer.status in (401, 403) else code_for(said, RULES)
    return Refused(f"Oblio: {said}", code, answer.evidence)


def _is_well(answer: Answer) -> bool:
    return answer.status == 200 and word(fields(answer), "status") == "200"


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
        if _is_well(answer):
            data = inner(fields(answer), "data")
            made = Storno(word(data, "seriesName"), word(data, "number"), word(data, "link"))
            return storno_of(invoice, made, answer.evidence)
        if 400 <= answer.status < 500 and done_before(_said(answer), REVERSED_BEFORE):
            return Confirmed(Storno(), answer.evidence, before=True)
        return _refused(answer)

    def annul(self, invoice: InvoiceRef, key: str) -> Outcome[Storno]:  # noqa: ARG002 (no key here)
        """Mark the invoice as annulled; it keeps its number, so there is no storno number."""
        body = {"cif": self._vat_code, "seriesName": invoice.series, "number": invoice.number}
        answer = self._call("PUT", "/api/docs/invoice/cancel", json=body, effect=True)
        if not isinstance(answer, Answer):
            return answer
        if _is_well(answer):
            return Confirmed(Storno(), answer.evidence)
        if 400 <= answer.status < 500 and done_before(_said(answer), ANNULLED_BEFORE):
            return Confirmed(Storno(), answer.evidence, before=True)
        return _refused(answer)

    def find_storno(self, invoice: InvoiceRef) -> Outcome[Storno | None]:
        """Ask the list: it tells that an invoice is reversed, but not by which number."""
        row = self._row(invoice)
        if not isinstance(row, Confirmed):
            return row
        if word(row.value, "total").startswith("-"):
            why = f"{invoice.series} {invoice.number} is itself a storno."
            return Refused(why, "is_storno", row.evidence)
        flag = word(row.value, "storno")
        if flag not in ("0", "1"):
            return Unknown("Oblio's list does not tell whether the invoice is reversed.")
        return Confirmed(Storno() if flag == "1" else None, row.evidence)

    def find_annulled(self, invoice: InvoiceRef) -> Outcome[bool]:
        """Ask the list whether the invoice is annulled."""
        row = self._row(invoice)
        if not isinstance(row, Confirmed):
            return row
        flag = word(row.value, "canceled")
        if flag not in ("0", "1"):
            return Unknown("Oblio's list does not tell whether the invoice is annulled.")
        return Confirmed(flag == "1", row.evidence)

    def find_invoices(self, order_name: str) -> Outcome[list[InvoiceRef]]:
        """Read the list of the last months for invoices that name the order as a whole word.

        Refused as cannot_be_asked where no field is set: the list itself cannot be searched.
        """
        if not self._order_field:
            return Refused("Oblio cannot be searched by order.", "cannot_be_asked")
        named = re.compile(rf"(?<![\w#]){re.escape(order_name)}(?!\w)")
        found: list[InvoiceRef] = []
        for page in range(MOST_PAGES):
            rows = self._page(page * PAGE)
            if not isinstance(rows, Confirmed):
                return rows
            found += [
                InvoiceRef(word(row, "seriesName"), word(row, "number"))
                for row in rows.value
                if named.search(word(row, self._order_field)) and _stands(row)
            ]
            if len(rows.value) < PAGE:
                return Confirmed(found, rows.evidence)
        return Refused("Oblio has too many invoices to look through.", "too_many")

    def _page(self, offset: int) -> Outcome[list[dict[str, Any]]]:
        params = {
            "cif": self._vat_code,
            "issuedAfter": (now().date() - dt.timedelta(days=LOOK_BACK_DAYS)).isoformat(),
            "limitPerPage": str(PAGE),
            "offset": str(offset),
        }
        answer = self._call("GET", "/api/docs/invoice/list", params=params, effect=False)
        if not isinstance(answer, Answer):
            return answer
        rows = fields(answer).get("data")
        if not _is_well(answer) or not isinstance(rows, list):
            return _refused(answer)
        return Confirmed([row for row in rows if isinstance(row, dict)], answer.evidence)

    def check(self) -> list[Finding]:
        """Sign in, and look whether the company is there (`GET /api/nomenclature/companies`)."""
        answer = self._call("GET", "/api/nomenclature/companies", effect=False)
        if isinstance(answer, Refused):
            say = "Oblio does not know this e-mail and API secret. Copy the secret again."
            return [Finding("Sign in to Oblio", False, say)]
        if not isinstance(answer, Answer):
            return [Finding("Reach Oblio", False, answer.why)]
        if not _is_well(answer):
            return [Finding("Sign in to Oblio", False, _refused(answer).why)]
        rows = fields(answer).get("data")
        codes = [word(row, "cif") for row in rows or [] if isinstance(row, dict)]
        well = Finding("Sign in to Oblio", True)
        if self._vat_code in codes:
            return [well, Finding(f"Find the company {self._vat_code}", True)]
        say = f"The account has no company {self._vat_code}; it has: {', '.join(codes) or 'none'}."
        return [well, Finding(f"Find the company {self._vat_code}", False, say)]

    def _row(self, invoice: InvoiceRef) -> Outcome[dict[str, Any]]:
        """The invoice's row in the list, annulled or not."""
        params = {
            "cif": self._vat_code,
            "seriesName": invoice.series,
            "number": invoice.number,
            "canceled": "-1",
            "limitPerPage": "100",
        }
        answer = self._call("GET", "/api/docs/invoice/list", params=params, effect=False)
        if not isinstance(answer, Answer):
            return answer
        rows = fields(answer).get("data")
        if not _is_well(answer) or not isinstance(rows, list):
            return _refused(answer)
        fitting = [row for row in rows if isinstance(row, dict) and _is_row_of(row, invoice)]
        if len(fitting) == 1:
            return Confirmed(fitting[0], answer.evidence)
        many = "several invoices" if fitting else "no invoice"
        why = f"Oblio has {many} {invoice.series} {invoice.number}."
        return Refused(why, "invalid" if fitting else "not_found", answer.evidence)

    def _call(
        self,
        method: str,
        path: str,
        *,
        effect: bool,
        json: Mapping[str, Any] | None = None,
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
            and "expired" in plain(_said(answer))
        ):
            # Oblio lends out the same token until its last second.
            return RefusedForNow("Oblio's token is just expiring.", now() + dt.timedelta(seconds=5))
        return answer

    def _fetch_token(self) -> Token | Failure:
        answer = self._client.call("POST", "/api/authorize/token", form=self._sign_in, effect=False)
        if not isinstance(answer, Answer):
            return answer
        body = fields(answer)
        value, seconds = word(body, "access_token"), word(body, "expires_in")
        if answer.status == 200 and value:
            return lent(value, float(seconds) if seconds.isdigit() else 3600.0)
        if answer.status in (400, 401, 403):
            why = f"Oblio did not let us in: {_said(answer) or 'check e-mail and API secret'}."
            return Refused(why, "no_permission", answer.evidence)
        return without_words(INFO.title, answer)


def _stands(row: dict[str, Any]) -> bool:
    """Whether a row is an invoice that was not annulled, and no storno."""
    return word(row, "canceled") != "1" and not word(row, "total").startswith("-")


def _is_row_of(row: dict[str, Any], invoice: InvoiceRef) -> bool:
    same_series = word(row, "seriesName") == invoice.series
    return same_series and same_number(word(row, "number"), invoice.number)


def make(settings: Mapping[str, str], secrets: Mapping[str, str], client: HttpClient) -> Oblio:
    """Oblio as the settings describe it."""
    return Oblio(
        client,
        vat_code=settings["vat_code"],
        email=settings["email"],
        secret=secrets["secret"],
        order_field=settings.get("order_field", ""),
    )
