"""Reads the rows of a list of orders into drafts; nothing is written, so it can be shown first.

An order is taken with all of its rows or not at all: a row that cannot be read holds its order's
other rows back, and each is told.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from core.clock import now
from core.labels import normalise
from core.labels.cells import is_placeholder
from core.orders import names
from core.orders.imports import cell_parsers, days, papers
from core.orders.imports.codes import ImportCode, ImportNote, not_understood
from core.orders.imports.invoice_cells import CellInvoice, invoices_in
from core.orders.imports.spreadsheet import within
from core.orders.judge.names import same_customer
from core.orders.shop.claim_imported import IMPORTED, is_part_of
from core.services import registry
from core.services.payments import payment_of
from core.services.ports import Payment, ShopLine, ShopOrder, ShopParcel

LONGEST_NAME = 60
PERSON = ("customer", "billed_to", "phone", "email", "county", "city", "street", "postcode")
# How far ahead a day may be: a parcel's is often the one that is planned.
AHEAD = {"created_at": dt.timedelta(days=1), "shipped_on": dt.timedelta(days=31)}
# States of a payment as a shop's own export writes them, without case and blanks.
STATES = {
    "paid": "PAID", "pending": "PENDING", "unpaid": "PENDING", "authorized": "AUTHORIZED",
    "partiallypaid": "PARTIALLY_PAID", "refunded": "REFUNDED", "voided": "VOIDED",
    "partiallyrefunded": "PARTIALLY_REFUNDED", "expired": "EXPIRED",
}  # fmt: skip


@dataclass(frozen=True)
class FileChoices:
    """What a person says of a whole file, beside which column is which."""

    day_first: bool | None = None  # how 03/04/2026 is meant; None: it is told
    invoice_service: str = ""  # where the invoices are that name none
    invoice_series: str = ""  # their series, where a cell has the number alone


NO_CHOICES = FileChoices()


@dataclass(frozen=True)
class CellForm:
    """How the cells of one file are read."""

    zone: ZoneInfo
    choices: FileChoices = NO_CHOICES
    day_first: bool | None = None
    is_turned: bool | None = False  # see days.turned
    marks: Mapping[str, str] = field(default_factory=dict)  # column → its decimal marks
    services: frozenset[str] = frozenset()


@dataclass
class Draft:
    """One order as a spreadsheet tells it; further rows of it join."""

    name: str
    line: int  # of its first row in the file
    created_at: dt.datetime | None
    payment: Payment | None
    financial_status: str
    total_minor: int | None
    currency: str
    person: dict[str, str]
    invoices: list[CellInvoice] = field(default_factory=list)
    lines: list[ShopLine] = field(default_factory=list)
    parcels: list[ShopParcel] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)
    remarks: list[ImportNote] = field(default_factory=list)  # taken all the same
    written: str = ""  # where its number should be
    listed: list[str] = field(default_factory=list)  # states that a person must look at

    @property
    def invoice(self) -> str:
        """What the order's own attribute would say; what was not understood as it was written."""
        unclear = [
            one.value
            for one in self.remarks
            if one.reason.code
            in (ImportCode.NOT_INVOICE.value, ImportCode.NO_INVOICE_SERVICE.value)
        ]
        return ",".join([*map(str, dict.fromkeys(self.invoices)), *dict.fromkeys(unclear)])

    def join(self, other: "Draft") -> None:
        """Take in a further row, whose empty cells mean "as above". Raises ImportNote."""
        for mine, theirs in (
            (self.total_minor, other.total_minor), (self.currency, other.currency),
        ):  # fmt: skip
            if mine and theirs and mine != theirs:
                raise not_understood(ImportCode.OTHER_TOTAL, "total", str(theirs), order=self.name)
        who = other.person["customer"]
        if not same_customer(self.person["customer"], who):  # lists of two shops, put together
            raise not_understood(ImportCode.OTHER_CUSTOMER, "customer", who, order=self.name)
        if self.total_minor is None:
            self.total_minor = other.total_minor
        self.currency = self.currency or other.currency
        known = {normalise(one.tracking) for one in self.parcels}
        self.parcels += [one for one in other.parcels if normalise(one.tracking) not in known]
        self.lines += [_numbered(one, len(self.lines) + n) for n, one in enumerate(other.lines)]
        self.invoices += other.invoices
        self.remarks += other.remarks
        self.listed += other.listed
        self.rows += other.rows
        self.created_at = self.created_at or other.created_at
        self.payment = self.payment or other.payment
        self.financial_status = self.financial_status or other.financial_status
        self.person = {key: self.person[key] or other.person[key] for key in self.person}

    def lacks(self) -> ImportNote | None:
        """What no row of the order says."""
        if not self.parcels:
            return not_understood(ImportCode.NO_TRACKING, "tracking", self.written)
        return not_understood(ImportCode.NO_TOTAL, "total") if self.total_minor is None else None

    def as_shop_order(self, invoice_attribute: str) -> ShopOrder:
        """As the shop would tell it; the gid says where it came from."""
        person, payment = self.person, self.payment or "cod"
        status = self.financial_status or ("PENDING" if payment == "cod" else "PAID")
        return ShopOrder(
            gid=f"{IMPORTED}{self.name}",
            name=self.name,
            created_at=self.created_at or now(),
            updated_at=now(),
            cancelled_at=None,
            cancel_reason="",
            payment=payment,
            financial_status=status,
            fulfillment_status="FULFILLED" if self.parcels else "UNFULFILLED",
            total_minor=self.total_minor or 0,
            currency=self.currency or "RON",
            customer_name=person["customer"],
            customer_key="",  # made from phone and e-mail where the order is written
            phone=person["phone"],
            email=person["email"],
            county=person["county"],
            city=person["city"],
            street=person["street"],
            postcode=person["postcode"],
            billed_to=(person["billed_to"],),
            note="",
            tags=(),
            attributes={invoice_attribute: self.invoice} if self.invoice else {},
            can_notify=False,
            lines=tuple(self.lines),
            parcels=tuple(self.parcels),
        )


@dataclass
class Drafts:
    """What a file comes to: the orders that can be taken, and what of its rows is told."""

    orders: dict[str, Draft] = field(default_factory=dict)
    notes: list[ImportNote] = field(default_factory=list)
    refused: dict[str, list[ImportNote]] = field(default_factory=dict)  # order → its rows, as told

    def refuse(self, name: str, why: ImportNote) -> None:
        """Leave an order out: `why` at its line, its other rows beside it."""
        draft = self.orders.pop(name)
        self.refused.setdefault(name, [why.at(why.line or draft.line)])
        self.notes = [one for one in self.notes if one.line not in draft.rows or not one.taken]
        done = {one.line for one in self.notes}
        line = why.line or draft.line
        if line not in done:
            self.notes.append(why.at(line))
        self.notes += [_held(name, row, line) for row in draft.rows if row not in {line, *done}]


def _held(name: str, row: int, other: int) -> ImportNote:
    return not_understood(ImportCode.ROW_OF_REFUSED_ORDER, order=name, other=other).at(row)


def read_rows(
    rows: Iterable[tuple[int, dict[str, str]]], zone: ZoneInfo, choices: FileChoices = NO_CHOICES
) -> Drafts:
    """Every order of a file, with what is told; nothing is written."""
    listed = list(rows)
    reading = CellForm(
        zone,
        choices,
        _day_first(listed, choices),
        days.turned(day_cells(listed), choices.day_first),
        {name: cell_parsers.marks_of(_column(listed, name)) for name in ("total", "price")},
        frozenset(registry.services("invoicing")),
    )
    made, above = Drafts(), ""
    first_writing: dict[str, str] = {}
    for line, row in listed:
        if papers.is_sum(row):
            made.notes.append(not_understood(ImportCode.SUM_ROW, "order", row["order"]).at(line))
            continue
        seen = cell_parsers.order_as_seen(row["order"])
        name = first_writing.setdefault(names.key(seen), seen)  # "1001" and "#1001" are one order
        above = name or above
        try:
            read = read_order(line, row, reading)
            known = made.orders.get(name)
            if known is None:
                made.orders[name] = read
            else:
                known.join(read)
        except ImportNote as error:
            made.notes.append(error.at(line))
            if whose := name or (above if _may_be_a_parcel(row["tracking"]) else ""):
                made.refused.setdefault(whose, []).append(error.at(line))
    for name, draft in list(made.orders.items()):
        why = made.refused[name][0] if name in made.refused else draft.lacks()
        if why is not None:
            made.refuse(name, why)
        else:
            made.notes += draft.remarks
    made.notes.sort(key=lambda one: one.line)
    return made


def _may_be_a_parcel(text: str) -> bool:
    """Whether a row that names no order may hold one more parcel of the order above it."""
    try:
        return bool(cell_parsers.trackings(text))
    except ImportNote as error:
        return error.reason.code == ImportCode.LOST_DIGITS


def _column(rows: Iterable[tuple[int, dict[str, str]]], name: str) -> list[str]:
    return [row[name] for _, row in rows if row.get(name)]


def _day_first(rows: list[tuple[int, dict[str, str]]], choices: FileChoices) -> bool | None:
    if choices.day_first is not None:
        return choices.day_first
    return days.order_of_day(day_cells(rows))


def day_cells(rows: Iterable[tuple[int, dict[str, str]]]) -> list[str]:
    """Every cell of a file that should be a day."""
    listed = list(rows)
    return [*_column(listed, "created_at"), *_column(listed, "shipped_on")]


def read_order(line: int, row: dict[str, str], reading: CellForm) -> Draft:
    """One row of a list of orders. Raises ImportNote with what is wrong."""
    name = cell_parsers.order_name(row["order"])
    if not name:
        raise not_understood(ImportCode.NO_ORDER_NAME, "order")
    if len(name) > LONGEST_NAME:
        raise not_understood(ImportCode.LONG_ORDER_NAME, "order", name)
    if isinstance(row["order"], cell_parsers.CellNumber) and len(name) > cell_parsers.MOST_DIGITS:
        raise not_understood(ImportCode.LOST_DIGITS, "order", name)
    within(row)
    remarks: list[ImportNote] = []
    state = papers.order_state(row, remarks)
    total, currency = row.get("total", ""), row.get("currency", "")
    found, unclear = _invoices(row, reading)
    return Draft(
        name=name,
        line=line,
        created_at=_moment(row, "created_at", reading),
        payment=_payment(row, remarks),
        financial_status=_state(row.get("payment_state", "")) or state.financial_status,
        total_minor=_amount(total, "total", currency, reading) if total.strip() else None,
        currency=_currency(total, currency),
        person={key: row.get(key, "") for key in PERSON} | {"customer": _customer(row)},
        invoices=found,
        lines=_lines(row, reading),
        parcels=_parcels(row, reading, state.display_status),
        rows=[line],
        written=row["tracking"],
        listed=[state.asked] if state.asked else [],
        remarks=[one.at(line) for one in [*remarks, *unclear]],
    )


def _amount(text: str, column: str, currency: str, reading: CellForm) -> int:
    """In hundredths; where the currency has no cents, each mark is a thousand's.

    Raises ImportNote.
    """
    code = cell_parsers.currency(currency) if currency.strip() else ""
    whole = code in cell_parsers.WITHOUT_CENTS
    return cell_parsers.minor(text, "" if whole else reading.marks[column], column)


def _currency(total: str, written: str) -> str:
    """Of its own column, or as it stands beside the amount. Raises ImportNote where they differ."""
    beside = cell_parsers.currency_in(total)
    if not written.strip():
        return beside
    code = cell_parsers.currency(written)
    if beside and beside != code:
        raise not_understood(ImportCode.NOT_CURRENCY, "currency", f"{total}, {written}")
    return code


def _moment(row: dict[str, str], column: str, reading: CellForm) -> dt.datetime | None:
    text = row.get(column, "")
    if not text.strip() or is_placeholder(text):
        return None
    found = days.moment(
        text, reading.zone, day_first=reading.day_first, column=column, is_turned=reading.is_turned
    )
    if found > now() + AHEAD[column]:  # 2062 for 2026, or day and month exchanged
        raise not_understood(ImportCode.NOT_DATE, column, text)
    return found


def _payment(row: dict[str, str], remarks: list[ImportNote]) -> Payment | None:
    """By the way of paying, else by its state; None where neither is written."""
    written, state = row.get("payment", ""), row.get("payment_state", "")
    if not written.strip():
        return payment_of(state) if state.strip() else None
    try:
        return cell_parsers.payment(written)
    except ImportNote as error:
        remarks.append(error)
        return payment_of(state) or "prepaid"


def _state(text: str) -> str:
    bare = "".join(letter for letter in text.casefold() if letter.isalpha())
    return STATES.get(bare, "")


def _invoices(row: dict[str, str], reading: CellForm) -> tuple[list[CellInvoice], list[ImportNote]]:
    """The invoices that a row names, and a note on what of its cells is none."""
    choices = reading.choices
    return invoices_in(
        row.get("invoice", ""),
        reading.services,
        _unless_a_dash(row.get("invoice_service", "")) or choices.invoice_service,
        _unless_a_dash(row.get("invoice_series", "")) or choices.invoice_series,
    )


def _unless_a_dash(text: str) -> str:
    """A cell's words; a dash alone says nothing."""
    return text if any(map(str.isalnum, text)) else ""


def _customer(row: dict[str, str]) -> str:
    """A name in one cell, or in two: "Nume" and "Prenume" are its last and its first one."""
    first, last, whole = (row.get(one, "") for one in ("first_name", "last_name", "customer"))
    if whole and all(is_part_of(one, whole) for one in (first, last) if one):
        return whole
    return f"{first or (whole if last else '')} {last or whole}".strip()


def _parcels(row: dict[str, str], reading: CellForm, display_status: str) -> list[ShopParcel]:
    return [
        ShopParcel(
            tracking=number,
            company=row.get("courier", ""),
            fulfillment_gid="",
            fulfillment_status="SUCCESS",
            display_status=display_status,
            shipped_at=_moment(row, "shipped_on", reading),
        )
        for number in cell_parsers.trackings(row["tracking"])
    ]


def _lines(row: dict[str, str], reading: CellForm) -> list[ShopLine]:
    title = row.get("product") or row.get("sku", "")
    quantity = cell_parsers.quantity(row.get("quantity", ""))
    written = row.get("price", "")
    currency = row.get("currency", "")
    price = _amount(written, "price", currency, reading) if written.strip() else 0
    return [ShopLine("line/0", title, row.get("sku", ""), quantity, price)] if title else []


def _numbered(line: ShopLine, number: int) -> ShopLine:
    return ShopLine(f"line/{number}", line.title, line.sku, line.quantity, line.price_minor)
