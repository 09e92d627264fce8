"""What the rest of the program asks of a shop, an invoicing service and a courier."""

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from core.reasons import Reason, ReasonCode
from core.services.outcome import Outcome

Payment = Literal["cod", "prepaid"]
ParcelStatus = Literal[
    "created", "transit", "out", "failed", "delivered", "refused", "returning", "returned",
    "lost", "cancelled", "unknown",
]  # fmt: skip


@dataclass(frozen=True)
class Rate:
    """A token bucket: `per_second` refills it up to `capacity`; one call costs one token.

    `window`: (calls, seconds) beyond which the service blocks for long;
    see core.services.limits.sliding_window.
    """

    per_second: float
    capacity: float = 1.0
    window: tuple[int, float] | None = None


@dataclass(frozen=True)
class LimitBlock:
    """What going over a service's limit costs.

    `seconds`: how long it lasts where the answer names no time. `in_words`: the answer is no 429;
    only its sentence tells that nothing was done, and until when.
    """

    seconds: float = 10.0
    in_words: bool = False


@dataclass(frozen=True)
class Tells:
    """What one cheap reading of an invoice tells; what is not told is never known for certain."""

    amount: bool = False
    paid: bool = False
    reversed: bool = False
    partly: bool = False  # whether a part of it was reversed
    annulled: bool = False
    filing: bool = False  # a storno's way to RO e-Factura, by a question of its own


Kind = Literal["reading", "effect"]  # of a call, for the limit it counts against
NOTHING = Tells()


@dataclass(frozen=True)
class Capabilities:
    """What a service can do, as it declares itself. The workflow decides by this alone."""

    rate: Rate
    can_be_asked: bool
    effect_rate: Rate | None = None  # where calls that change something have a limit of their own
    can_annul: bool = False
    renumbers_returns: bool = False  # a courier that gives a parcel a new number on its way back
    reversal_deletes_payment: bool = False  # of the invoice: a paid order's is told before a run
    tells: Tells = NOTHING
    block: LimitBlock = LimitBlock()
    efactura: bool = False  # its documents must be filed with RO e-Factura
    settle_seconds: float = 90.0  # longer than the HTTP timeout and the slowest job together

    @property
    def can_be_read(self) -> bool:
        """Whether one cheap reading tells anything of an invoice."""
        return self.tells != NOTHING

    def rate_of(self, kind: Kind) -> Rate:
        """The limit that a call of this kind counts against."""
        return self.effect_rate or self.rate if kind == "effect" else self.rate


@dataclass(frozen=True)
class ShopCapabilities(Capabilities):
    """What a shop can do about an order. Review shows only this, and the steps go by it.

    `confirms_at_once`: the answer to a cancel shows the order cancelled, so it is the proof; else
    the shop begins, and is asked. `tells_stock`: what became of the stock of a cancelled order can
    be read, and put right. `note_length`: of the note beside a cancel; 0: there is none.
    """

    confirms_at_once: bool = False
    can_give_reason: bool = True
    note_length: int = 255
    can_notify: bool = True
    can_refund: bool = True
    can_cancel_fulfillments: bool = True
    can_tag: bool = True
    tells_stock: bool = False


@dataclass(frozen=True)
class Finding:
    """One line of "Test connection": what was tried, whether it is well, what to do if not."""

    what: Reason | ReasonCode
    ok: bool
    say: Reason | ReasonCode | None = None

    def __post_init__(self) -> None:
        """A code without parameters is a reason."""
        for name, given in (("what", self.what), ("say", self.say)):
            if isinstance(given, ReasonCode):
                object.__setattr__(self, name, given.of())


# ---------------------------------------------------------------- shops


# Why a person must decide before an order is cancelled there, as the shop shows it; "": nothing.
Hold = Literal["", "in_trash", "draft", "partly_refunded", "prepaid"]


@dataclass(frozen=True)
class ShopLine:
    """One line of an order; price per piece in minor units."""

    gid: str
    title: str
    sku: str
    quantity: int
    price_minor: int
    image_url: str = ""


@dataclass(frozen=True)
class ShopParcel:
    """One tracking number of one fulfillment."""

    tracking: str
    company: str
    fulfillment_gid: str
    fulfillment_status: str
    display_status: str
    shipped_at: dt.datetime | None


@dataclass(frozen=True)
class ShopOrder:
    """An order as the shop tells it at one moment. Money in minor units."""

    gid: str
    name: str
    created_at: dt.datetime
    updated_at: dt.datetime
    cancelled_at: dt.datetime | None
    cancel_reason: str
    payment: Payment
    financial_status: str
    fulfillment_status: str
    total_minor: int
    currency: str
    customer_name: str
    customer_key: str
    phone: str
    email: str
    county: str
    city: str
    note: str
    tags: tuple[str, ...]
    attributes: dict[str, str]
    can_notify: bool
    lines: tuple[ShopLine, ...]
    parcels: tuple[ShopParcel, ...] | None  # None: the token may not see fulfillments
    repeat_customer: bool = False
    has_returns: bool = False
    gateways: tuple[str, ...] = ()  # what it was paid with, in the shop's words
    invoice_field: str = ""  # what a field of the shop's own says of the order's invoices
    restocked: bool | None = None  # after a cancel: what the shop shows; None: cannot tell
    hold: Hold = ""
    street: str = ""  # where the parcel was sent to, for a label that is read by its print
    postcode: str = ""
    billed_to: tuple[str, ...] = ()  # persons and companies that its invoice may be made out to
    tax_minor: int | None = None  # VAT within the total; None: the shop does not tell
    second_total: tuple[int, str] | None = None  # in its other currency: the customer's, the shop's
    can_be_reopened: bool = False  # there a person may set a cancelled order back


CancelReason = Literal["CUSTOMER", "DECLINED", "FRAUD", "INVENTORY", "OTHER", "STAFF"]


@dataclass(frozen=True)
class CancelRequest:
    """How an order is to be cancelled."""

    gid: str
    reason: CancelReason = "DECLINED"
    restock: bool = False
    notify: bool = False
    staff_note: str = ""  # at most 255 characters
    refund: bool = False
    mark: str = ""  # of this effect alone; a shop that can keeps it on the order, in the same call


@dataclass(frozen=True)
class CancelState:
    """Whether an order is cancelled, as re-read from the shop: the evidence for rule 6."""

    cancelled_at: dt.datetime | None
    running: bool = False  # a cancel job is still at work
    failed: Reason | None = None  # with the job's own words, when it failed
    updated_at: dt.datetime | None = None  # when the order last changed
    financial_status: str = ""
    mark: str = ""  # of the call that cancelled it last, where the shop keeps one
    stock_left: bool | None = None  # lines still hold stock taken for them; None: cannot tell
    hold: Hold = ""


@dataclass(frozen=True)
class OrderStamp:
    """An order as a list of changes names it: enough to see whether it must be read."""

    gid: str
    updated_at: dt.datetime
    cancelled: bool


Known = Callable[[Sequence[OrderStamp]], Collection[str]]  # gids whose state is known already


@dataclass(frozen=True)
class Changes:
    """A part of a list of changes: `gids` changed, of them `orders` had to be read.

    Whatever changed before `until` is in this part or in one before it.
    """

    gids: tuple[str, ...]
    orders: tuple[ShopOrder, ...]
    until: dt.datetime


class Shop(Protocol):
    """A shop: where orders are read and cancelled.

    `cancel` gives Confirmed(job id) once the shop has accepted it: not yet cancelled, see
    `cancel_state`; or Confirmed(CancelState) where the answer itself shows the order cancelled.
    `put_stock_back` makes good what a cancel has left. `add_tags` gives when the order changed by
    it, where that is told.
    `changed_orders` lists changes, and reads those orders that are not `known`. `subscribe` has
    changes sent to an address; it gives how many subscriptions are new. A no is `Refused` with
    a `Refusal`: ALREADY_CANCELLED and IN_PROGRESS are looked into, the others are a person's.
    """

    capabilities: ShopCapabilities

    def read_order(self, gid: str) -> Outcome[ShopOrder]: ...
    def cancel(self, request: CancelRequest) -> Outcome[str | CancelState]: ...
    def cancel_state(self, gid: str, job: str = "") -> Outcome[CancelState]: ...
    def put_stock_back(self, gid: str) -> Outcome[CancelState]: ...
    def cancel_fulfillment(self, fulfillment_gid: str) -> Outcome[None]: ...
    def add_tags(self, gid: str, tags: Sequence[str]) -> Outcome[dt.datetime | None]: ...
    def all_orders(self) -> Iterator[ShopOrder]: ...
    def changed_orders(self, since: dt.datetime, known: Known) -> Iterator[Changes]: ...
    def subscribe(self, uri: str) -> Outcome[int]: ...
    def check(self) -> list[Finding]: ...


# ---------------------------------------------------------------- invoicing


@dataclass(frozen=True)
class InvoiceRef:
    """An invoice by its series and its number exactly as the service wrote it ("0042")."""

    series: str
    number: str


@dataclass(frozen=True)
class Storno:
    """The correcting document. Number and series are empty where the service does not tell.

    `count`: how many stand for the invoice, as far as the service tells; more than one is wrong.
    """

    series: str = ""
    number: str = ""
    url: str = ""
    count: int = 1


@dataclass(frozen=True)
class InvoiceFacts:
    """What a service says of one invoice in one cheap reading; None and "": it does not tell.

    Money in minor units. `order_text`: names its order. `unclear`: words that nobody knows.
    """

    series: str
    number: str
    total_minor: int | None = None
    currency: str = ""
    issued_on: dt.date | None = None
    order_text: str = ""
    customer: str = ""
    is_storno: bool | None = None
    reversed: bool | None = None
    partly_reversed: bool | None = None
    annulled: bool | None = None
    paid: bool | None = None
    unclear: str = ""


class Invoicing(Protocol):
    """An invoicing service.

    `reverse` issues the storno; `annul` voids. `key` is the same for every attempt at one
    effect. A repeat that the service refuses by name is Confirmed(before=True).
    A no is `Refused` with a `Refusal`: LATER where the service calls it temporary and did nothing,
    CANNOT_BE_ASKED from the find_ methods that a service does not offer.
    `find_storno` is asked only where `capabilities.can_be_asked`: Confirmed(None) = it does not
    exist; Confirmed(Storno) = it does; anything else = cannot tell now. `read_invoice` is asked
    only where `capabilities.can_be_read`.
    """

    capabilities: Capabilities

    def reverse(self, invoice: InvoiceRef, key: str, on: dt.date) -> Outcome[Storno]: ...
    def annul(self, invoice: InvoiceRef, key: str) -> Outcome[Storno]: ...
    def find_storno(self, invoice: InvoiceRef) -> Outcome[Storno | None]: ...
    def find_annulled(self, invoice: InvoiceRef) -> Outcome[bool]: ...
    def find_invoices(self, order_name: str) -> Outcome[list[InvoiceRef]]: ...
    def read_invoice(self, invoice: InvoiceRef) -> Outcome[InvoiceFacts]: ...
    def check(self) -> list[Finding]: ...


# ---------------------------------------------------------------- couriers


@dataclass(frozen=True)
class CourierEvent:
    """One status of one parcel; `text` is the courier's own words, kept as they came."""

    tracking: str
    at: dt.datetime
    status: ParcelStatus
    code: str = ""
    text: str = ""
    reason: str = ""
    return_number: str = ""  # a new number that the courier gave the parcel on its way back


@dataclass(frozen=True)
class ReturnNumber:
    """A number that a courier gave the parcel on its way back."""

    code: str
    tracking: str


class Courier(Protocol):
    """A courier's tracking service, read only. A status is a hint, never a cancel."""

    capabilities: Capabilities

    def events(self, trackings: Sequence[str]) -> Outcome[list[CourierEvent]]: ...
    def resolve(self, code: str) -> Outcome[ReturnNumber | None]: ...
    def check(self) -> list[Finding]: ...


# ---------------------------------------------------------------- settings of a service


@dataclass(frozen=True)
class SettingField:
    """One field of a service's settings form."""

    name: str
    label: str
    help: str = ""
    secret: bool = False
    default: str = ""
    choices: tuple[str, ...] = ()
    required: bool = True


@dataclass(frozen=True)
class ServiceInfo:
    """How a service introduces itself to the registry and to the Settings page."""

    service: str  # "smartbill"
    kind: Literal["shop", "invoicing", "courier"]
    title: str  # "SmartBill"
    hosts: tuple[str, ...]  # where its passwords may go, see core.settings.addresses
    fields: tuple[SettingField, ...]
    certainty: Literal["documented", "untested"] = "documented"
    tracks: Iterable[str] = field(default=())  # courier slugs, for couriers
    page: str = ""  # where a person looks: a shop's path of an order, {number}; else an address
