"""Stripe: a reversal is a credit note over all that is left of the invoice.

An invoice is named by its id (`in_…`) in the place of the number. `Idempotency-Key` makes a repeat
safe for at least 24 hours; later the list of credit notes is asked. A credit note needs an amount,
so the invoice is read first (a read, not an effect). Money goes and comes in a currency's own minor
units, of which the yen has none and the dinar a thousand (docs.stripe.com/currencies).

An invoice may have several credit notes: it is reversed once those that are not void make up its
total, and what they take of it stands in two of its fields (`…_credit_notes_amount`). A note takes
what is still to be paid first; only for the rest it says where the money goes
(docs.stripe.com/api/credit_notes/create).
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from urllib.parse import quote
from zoneinfo import ZoneInfo

from core.clock import day
from core.reasons import N_, Reason
from core.services.codes import ServiceCode, TestCode
from core.services.http.answers import carried_out, fields, inner, word
from core.services.http.client import Answer, HttpClient
from core.services.http.tokens import Failure
from core.services.invoicing.codes import InvoicingCode, InvoicingTest
from core.services.invoicing.reading import storno_of, unclear, without_words
from core.services.outcome import Confirmed, NotSent, Outcome, Refusal, Refused, Unknown
from core.services.ports import (
    Capabilities,
    Finding,
    InvoiceFacts,
    InvoiceRef,
    Rate,
    ServiceInfo,
    SettingField,
    Storno,
    Tells,
)

INFO = ServiceInfo(
    service="stripe",
    kind="invoicing",
    title="Stripe",
    hosts=("api.stripe.com",),
    page="https://dashboard.stripe.com/invoices",
    fields=(
        SettingField(
            "base_url", N_("Address"), N_("Leave as it is."), default="https://api.stripe.com/v1"
        ),
        SettingField(
            "secret_key",
            N_("Secret key"),
            N_("From Developers, API keys. It may be restricted to invoices and credit notes."),
            secret=True,
        ),
        SettingField(
            "paid_goes_to",
            N_("When the invoice was paid"),
            N_(
                "elsewhere: the money goes back outside Stripe. balance: it is kept for "
                "the customer. "
                "refund: Stripe pays it back to the card."
            ),
            default="elsewhere",
            choices=("elsewhere", "balance", "refund"),
        ),
        SettingField(
            "order_field",
            N_("Metadata field with the order"),
            N_("The name of the invoice's metadata field that holds the order's name."),
            default="order",
            required=False,
        ),
    ),
)
ZONE = ZoneInfo("Europe/Bucharest")  # the day of a moment is the seller's, as elsewhere
CAPABILITIES = Capabilities(
    rate=Rate(20, 5),
    can_be_asked=True,
    can_annul=True,
    # Paid is no question here: the form says how a paid invoice's money goes back.
    tells=Tells(amount=True, reversed=True, partly=True, annulled=True),
)
PAID_FIELDS = {
    "elsewhere": "out_of_band_amount",
    "balance": "credit_amount",
    "refund": "refund_amount",
}
CODES = {
    "resource_missing": Refusal.NOT_FOUND,
    "invoice_not_editable": Refusal.CLOSED,
}
VERSION = "2024-06-20"
CREDITABLE = ("open", "paid", "uncollectible")


def _is_list(answer: Answer) -> bool:
    return answer.status == 200 and isinstance(fields(answer).get("data"), list)


def _refused(answer: Answer) -> Refused | Unknown:
    error = inner(fields(answer), "error")
    message, code = word(error, "message"), word(error, "code")
    if answer.status == 409:
        # Another call with this key is still at work, and may well succeed.
        why = _by_stripe(message) if message else InvoicingCode.AT_WORK.of(title=INFO.title)
        return Unknown(why, answer.evidence)
    if not message or not 400 <= answer.status < 500:
        return without_words(INFO.title, answer)
    if answer.status in (401, 403):
        return Refused(_by_stripe(message), Refusal.NO_PERMISSION, answer.evidence)
    return Refused(_by_stripe(message), CODES.get(code, Refusal.INVALID), answer.evidence)


def _by_stripe(message: str) -> Reason:
    return ServiceCode.SAID.of(title=INFO.title, said=message)


def _day(made: int | None) -> dt.date | None:
    """The day of seconds since 1970; None where there are none, or more than a calendar has."""
    try:
        return day(dt.datetime.fromtimestamp(made, dt.UTC), ZONE) if made else None
    except (ValueError, OverflowError, OSError):
        return None


NO_DECIMALS = frozenset(
    # Stripe has hundredths of ISK and UGX, for what was written before.
    ("BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF",
     "XOF", "XPF")
)  # fmt: skip
THREE_DECIMALS = frozenset(("BHD", "JOD", "KWD", "OMR", "TND"))


def _hundredths(minor: int | None, currency: str) -> int | None:
    """As all of Refuz counts money, whatever the currency; thousandths rounded as a shop's are."""
    if minor is None or currency not in NO_DECIMALS | THREE_DECIMALS:
        return minor
    return (
        minor * 100 if currency in NO_DECIMALS else int((Decimal(minor) / 10).to_integral_value())
    )


def _amount(body: Mapping[str, object], name: str) -> int | None:
    value = body.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


class Stripe:
    """The port `Invoicing` for one Stripe account."""

    def __init__(
        self,
        client: HttpClient,
        *,
        secret_key: str,
        paid_goes_to: str = "elsewhere",
        order_field: str = "order",
    ) -> None:
        self.capabilities = CAPABILITIES
        self._client = client
        self._paid_field = PAID_FIELDS.get(paid_goes_to, PAID_FIELDS["elsewhere"])
        self._order_field = order_field
        # Without a version the account's own default decides how a credit note looks.
        self._headers = {
            "Authorization": f"Bearer {secret_key.strip()}",
            "Stripe-Version": VERSION,
        }

    def reverse(self, invoice: InvoiceRef, key: str, on: dt.date) -> Outcome[Storno]:  # noqa: ARG002 (Stripe dates it itself)
        """Credit all that is left; fully credited before is Confirmed(before=True)."""
        read = self._read(invoice)
        if not isinstance(read, Confirmed):
            return NotSent(read.why) if isinstance(read, Unknown) else read
        found = read.value
        status, left = word(found, "status"), _left(found)
        if left is None:
            return NotSent(InvoicingCode.REST_NOT_TOLD.of(title=INFO.title))
        total = _amount(found, "total") or 0
        if left <= 0 or total <= 0:
            return self._existing_credit_note(invoice, total)
        if status not in CREDITABLE:
            code = Refusal.ANNULLED if status == "void" else Refusal.INVALID
            why = InvoicingCode.HAS_STATUS.of(title=INFO.title, status=status)
            return Refused(why, code, read.evidence)
        form = {
            "invoice": word(found, "id"),
            "amount": str(left),
            "reason": "order_change",
            "memo": "Refused parcel, returned to the sender",
            "metadata[storno_key]": key,
        }
        paid = _paid_part(found, left)
        if paid:
            form[self._paid_field] = str(paid)
        answer = self._post("/credit_notes", form, key)
        if not isinstance(answer, Answer):
            return answer
        return self._read_credit_note(invoice, answer, left)

    def annul(self, invoice: InvoiceRef, key: str) -> Outcome[Storno]:
        """Void the invoice; Stripe allows it for open and uncollectible ones only."""
        read = self._read(invoice)
        if not isinstance(read, Confirmed):
            return NotSent(read.why) if isinstance(read, Unknown) else read
        if word(read.value, "status") == "void":
            return Confirmed(Storno(), read.evidence, before=True)
        path = f"/invoices/{quote(word(read.value, 'id'), safe='')}/void"
        answer = self._post(path, {}, key)
        if not isinstance(answer, Answer):
            return answer
        if answer.status == 200:
            if word(fields(answer), "status") == "void":
                return Confirmed(Storno(), answer.evidence)
            return Unknown(InvoicingCode.NOT_VOID.of(title=INFO.title), answer.evidence)
        return _refused(answer)

    def find_storno(self, invoice: InvoiceRef) -> Outcome[Storno | None]:
        """Ask for the invoice and its credit notes; a partial credit is a person's matter."""
        read = self._read(invoice)
        if not isinstance(read, Confirmed):
            return read
        total, left = _amount(read.value, "total"), _left(read.value)
        if total is None or left is None:
            return Unknown(InvoicingCode.REST_NOT_TOLD.of(title=INFO.title))
        if left == total:
            return Confirmed(None, read.evidence)
        if left > 0:
            why = InvoicingCode.PARTLY_CREDITED.of(title=INFO.title)
            return Refused(why, Refusal.INVALID, read.evidence)
        return self._newest_credit_note(invoice, total)

    def find_annulled(self, invoice: InvoiceRef) -> Outcome[bool]:
        """Ask whether the invoice is void."""
        read = self._read(invoice)
        if not isinstance(read, Confirmed):
            return read
        return Confirmed(word(read.value, "status") == "void", read.evidence)

    def find_invoices(self, order_name: str) -> Outcome[list[InvoiceRef]]:
        """Search by the metadata field that holds the order's name."""
        wanted = order_name.replace("\\", "\\\\").replace("'", "\\'")
        query = f"metadata['{self._order_field}']:'{wanted}'"
        answer = self._get("/invoices/search", {"query": query, "limit": "100"})
        if not isinstance(answer, Answer):
            return answer
        rows = fields(answer).get("data")
        if answer.status != 200 or not isinstance(rows, list):
            return _refused(answer)
        # A void one is no invoice any more: whoever corrects one voids it and issues another.
        standing = [r for r in rows if isinstance(r, dict) and word(r, "status") != "void"]
        named = [(row, word(row, "id")) for row in standing]
        refs = [InvoiceRef(word(row, "number").partition("-")[0], name) for row, name in named]
        return Confirmed([ref for ref in refs if ref.number], answer.evidence)

    def read_invoice(self, invoice: InvoiceRef) -> Outcome[InvoiceFacts]:
        """The invoice by its id."""
        read = self._read(invoice)
        if not isinstance(read, Confirmed):
            return read
        document = read.value
        total, left = _amount(document, "total"), _left(document)
        made, currency = _amount(document, "created"), word(document, "currency").upper()
        has_amounts = total is not None and left is not None
        facts = InvoiceFacts(
            series=word(document, "number").partition("-")[0],
            number=word(document, "id"),
            total_minor=_hundredths(total, currency),
            currency=currency,
            issued_on=_day(made),
            order_text=word(inner(document, "metadata"), self._order_field),
            customer=word(document, "customer_name"),
            is_storno=True if total is not None and total < 0 else None,
            reversed=(left or 0) <= 0 if has_amounts and (total or 0) > 0 else None,
            partly_reversed=has_amounts and 0 < (left or 0) < (total or 0),
            annulled=word(document, "status") == "void",
            # A draft is none yet; with `auto_advance` it becomes one by itself after an hour
            # (docs.stripe.com/invoicing/integration/automatic-advancement-collection).
            unclear=unclear(document, {"status": (*CREDITABLE, "void")}),
        )
        return Confirmed(facts, read.evidence)

    def check(self) -> list[Finding]:
        """Sign in by listing one invoice, then one credit note."""
        answer = self._get("/invoices", {"limit": "1"})
        if not isinstance(answer, Answer):
            return [Finding(TestCode.REACH.of(title=INFO.title), False, answer.why)]
        if answer.status == 401:
            return [Finding(TestCode.SIGN_IN.of(title=INFO.title), False, InvoicingTest.STRIPE_KEY)]
        if not _is_list(answer):
            return [
                Finding(
                    InvoicingTest.READ_INVOICES.of(title=INFO.title), False, _refused(answer).why
                )
            ]
        well = Finding(TestCode.SIGN_IN_AND_READ.of(title=INFO.title), True)
        notes = self._get("/credit_notes", {"limit": "1"})
        if not isinstance(notes, Answer):
            return [well, Finding(InvoicingTest.CREDIT_NOTES, False, notes.why)]
        if _is_list(notes):
            return [well, Finding(InvoicingTest.CREDIT_NOTES, True)]
        if not 400 <= notes.status < 500:
            return [well, Finding(InvoicingTest.CREDIT_NOTES, False, _refused(notes).why)]
        return [well, Finding(InvoicingTest.CREDIT_NOTES, False, InvoicingTest.NO_CREDIT_NOTES)]

    def _read(self, invoice: InvoiceRef) -> Outcome[dict[str, object]]:
        answer = self._get(f"/invoices/{quote(invoice.number, safe='')}", {})
        if not isinstance(answer, Answer):
            return answer
        if answer.status == 200 and word(fields(answer), "id") == invoice.number:
            return Confirmed(fields(answer), answer.evidence)
        return _refused(answer)

    def _read_credit_note(self, invoice: InvoiceRef, answer: Answer, left: int) -> Outcome[Storno]:
        """What was made: a note that stands, of this invoice, over all that was `left` of it."""
        body = fields(answer)
        if carried_out(answer):
            made = _storno(invoice, body)
            is_note = word(body, "id").startswith("cn_") and word(body, "status") == "issued"
            of_all = word(body, "invoice") == invoice.number and _amount(body, "amount") == left
            if not (is_note and of_all):
                return Unknown(InvoicingCode.NO_CREDIT_NOTE.of(title=INFO.title), answer.evidence)
            return storno_of(invoice, made, answer.evidence)
        refused = _refused(answer)
        if isinstance(refused, Refused) and refused.code == Refusal.INVALID:
            # Somebody may have credited it between our reading and our writing.
            again = self.find_storno(invoice)
            if isinstance(again, Confirmed) and again.value is not None:
                return Confirmed(again.value, again.evidence, before=True)
        return refused

    def _existing_credit_note(self, invoice: InvoiceRef, total: int | None) -> Outcome[Storno]:
        """Nothing is left to credit: the note that took it, or a refusal where there is none."""
        found = self._newest_credit_note(invoice, total)
        if isinstance(found, Confirmed):
            if found.value is None:
                return Refused(InvoicingCode.NOTHING_LEFT.of(), Refusal.INVALID, found.evidence)
            return Confirmed(found.value, found.evidence, before=True)
        return NotSent(found.why) if isinstance(found, Unknown) else found

    def _newest_credit_note(self, invoice: InvoiceRef, total: int | None) -> Outcome[Storno | None]:
        """The last of the notes that make up the invoice; more than it are as many stornos."""
        answer = self._get("/credit_notes", {"invoice": invoice.number, "limit": "100"})
        if not isinstance(answer, Answer):
            return answer
        rows = fields(answer).get("data")
        if answer.status != 200 or not isinstance(rows, list):
            return _refused(answer)
        issued = [row for row in rows if isinstance(row, dict) and row.get("status") == "issued"]
        if not issued:
            return Confirmed(None, answer.evidence)
        amounts = [_amount(row, "amount") for row in issued]
        credited = sum(amount or 0 for amount in amounts)
        if total is None or None in amounts or credited < total:
            return Unknown(InvoicingCode.REST_NOT_TOLD.of(title=INFO.title), answer.evidence)
        count = 1 if credited == total else len(issued)
        return Confirmed(replace(_storno(invoice, issued[0]), count=count), answer.evidence)

    def _get(self, path: str, params: Mapping[str, str]) -> Answer | Failure:
        return self._client.call("GET", path, params=params, headers=self._headers, effect=False)

    def _post(self, path: str, form: Mapping[str, str], key: str) -> Answer | Failure:
        # A header is ASCII; a series need not be.
        headers = {**self._headers, "Idempotency-Key": quote(key, safe=" #:.")}
        return self._client.call("POST", path, form=form, headers=headers, effect=True)


def _left(invoice: Mapping[str, object]) -> int | None:
    """What of the invoice is not credited yet, in minor units."""
    total = _amount(invoice, "total")
    before = _amount(invoice, "pre_payment_credit_notes_amount")
    after = _amount(invoice, "post_payment_credit_notes_amount")
    return None if total is None else total - (before or 0) - (after or 0)


def _paid_part(invoice: dict[str, object], left: int) -> int:
    """What of the rest was paid already, and has to go somewhere; in minor units."""
    to_pay = _amount(invoice, "amount_remaining")
    if to_pay is None:
        return left if word(invoice, "status") == "paid" else 0
    return max(0, left - to_pay)


def _storno(invoice: InvoiceRef, note: Mapping[str, object]) -> Storno:
    body = dict(note)
    number = word(body, "number")
    return Storno(invoice.series or number.partition("-")[0], number, word(body, "pdf"))


def make(settings: Mapping[str, str], secrets: Mapping[str, str], client: HttpClient) -> Stripe:
    """Stripe as the settings describe it."""
    return Stripe(
        client,
        secret_key=secrets["secret_key"],
        paid_goes_to=settings.get("paid_goes_to", "elsewhere"),
        order_field=settings.get("order_field") or "order",
    )
