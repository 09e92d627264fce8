"""The rules: the first reason that holds an order back decides; without any it will run."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from core.orders.holds import HELD
from core.orders.judge.facts import Choices, Facts, Invoice
from core.orders.judge.fit import misfits
from core.orders.judge.reasons import Group, JudgeCode, rule_of
from core.reasons import Reason
from core.services.http.texts import plain

BEGUN = {
    "queued": JudgeCode.QUEUED,
    "working": JudgeCode.WORKING,
    "waiting": JudgeCode.WAITING,
    "needs_person": JudgeCode.NEEDS_PERSON,
    "done": JudgeCode.DONE,
}
# Of Shopify's words for how far an order was sent, those that do not say "all of it". Each of the
# second kind may also stand beside parcels that were sent: "all of the unfulfilled items in this
# order are on hold" (its documentation). An order is FULFILLED only when nothing is left.
NOTHING_SENT = frozenset({"UNFULFILLED", "OPEN", "RESTOCKED", "FULFILLMENT_NOT_REQUIRED"})
MORE_TO_SEND = frozenset(
    {"PARTIALLY_FULFILLED", "ON_HOLD", "IN_PROGRESS", "PENDING_FULFILLMENT", "REQUEST_DECLINED",
     "SCHEDULED"}
)  # fmt: skip
OF_LISTS = (JudgeCode.IMPORT_ROW_REFUSED, JudgeCode.LISTED_STATE)
HISTORY = "history/"  # how the gid of an order begins that was loaded for its figures only
# What pays with a promise of the shop's own; as `plain` writes them, blanks for signs.
CREDIT = re.compile(
    r"(?<!\w)(?:gift ?(?:card|certificate|voucher)s?|store ?credits?|shop credit|"
    r"(?:card|voucher|bon|tichet|cupon)(?:uri|ul)? cadou|credit (?:de )?magazin|"
    r"voucher(?:e|ul|s)?|(?:store|shop|account|woo|tera) ?wallet|wallet credit|portofel|"
    r"puncte (?:de )?(?:fidelitate|loialitate)|loyalty points|"
    r"ajandek\w*|geschenk(?:karte|gutschein)|gutschein|tarjeta regalo|carte cadeau|carta regalo|"
    r"darkov\w*|darcek\w*|bon podarunkowy|karta podarunkowa|подаръч\w*|ваучер|δωροκαρτα|"
    r"hediye (?:karti|ceki)|poklon (?:bon|kartica))(?!\w)"
)


@dataclass(frozen=True)
class Judgement:
    """The group; the reason where it does not run; whether a person may go against it.

    `checking`: it may run, and what its invoices' services say of them is still to be read.
    """

    group: Group
    reason: Reason | None = None
    may_waive: bool = False
    checking: bool = False

    @property
    def remedy(self) -> Reason | None:
        """What a person can do about it."""
        return Reason.of(rule_of(self.reason).remedy) if self.reason else None


def judge(facts: Facts) -> Judgement:
    """What becomes of an order, wherever it is asked about."""
    for reason in _over(facts):
        return _because(reason)
    if not facts.chosen.included:
        return _because(Reason.of(JudgeCode.LEFT_OUT))
    for reason in reasons(facts):
        return _because(reason)
    return Judgement("will run", checking=to_search(facts) or any(to_read(facts)))


def _because(reason: Reason) -> Judgement:
    rule = rule_of(reason)
    return Judgement(rule.group, reason, rule.may_waive)


def reasons(facts: Facts) -> Iterator[Reason]:
    """Everything that holds an order back and that nobody has gone against, the first first."""
    for reason in (*_of_history(facts), *_parcels(facts), *at_shop(facts), *documents(facts)):
        if not waived(reason, facts.chosen):
            yield reason


def waived(reason: Reason, chosen: Choices) -> bool:
    """Whether a person went against just this, where the rule allows it."""
    return rule_of(reason).may_waive and reason.dumps() in chosen.waived


def _over(facts: Facts) -> Iterator[Reason]:
    if facts.state in BEGUN:
        yield Reason.of(BEGUN[facts.state])
    elif facts.order.cancelled_at is not None:
        yield Reason.of(JudgeCode.CANCELLED)


def _of_history(facts: Facts) -> Iterator[Reason]:
    if facts.order.gid.startswith(HISTORY):
        yield Reason.of(JudgeCode.HISTORY)


def _parcels(facts: Facts) -> Iterator[Reason]:
    if facts.delivered_back:
        yield Reason.of(JudgeCode.DELIVERED)
    count = len(facts.parcels)
    if facts.back < count:
        yield Reason.of(JudgeCode.PARCELS_OUT, back=facts.back, count=count)
    if not count and _is_unsent(facts.order.fulfillment_status):
        yield Reason.of(JudgeCode.NOT_SHIPPED)


def _is_unsent(status: str) -> bool:
    """Whether an order of which no parcel is known was not sent, in its shop's word."""
    return status in NOTHING_SENT or status in MORE_TO_SEND - {"PARTIALLY_FULFILLED"}


def at_shop(facts: Facts) -> Iterator[Reason]:
    """What is still to be sent, money and returns, as the shop tells them."""
    order, chosen = facts.order, facts.chosen
    sent = order.fulfillment_status
    if sent in MORE_TO_SEND and (facts.parcels or not _is_unsent(sent)):
        yield Reason.of(JudgeCode.PARTLY_SHIPPED)
    if order.hold:
        yield Reason.of(HELD[order.hold])
    status = order.financial_status
    shipped = sent not in NOTHING_SENT if facts.parcels else not _is_unsent(sent)
    if status == "PAID" and shipped and not chosen.cancel_fulfillments:
        # Shopify refuses to cancel paid and fulfilled orders (recorded from live shops).
        yield Reason.of(JudgeCode.PAID_AND_SHIPPED)
    if order.has_returns:
        yield Reason.of(JudgeCode.RETURN_IN_PROGRESS)
    if is_credit(order.gateways):
        yield Reason.of(JudgeCode.STORE_CREDIT, gateways=order.gateways)
    if status == "REFUNDED":
        yield Reason.of(JudgeCode.REFUNDED)
    if status == "PARTIALLY_REFUNDED":
        yield Reason.of(JudgeCode.PARTLY_REFUNDED)
    if status == "PAID" and chosen.refund is None:
        yield Reason.of(JudgeCode.REFUND_NOT_CHOSEN)
    if status == "PARTIALLY_PAID" and chosen.refund is None:
        yield Reason.of(JudgeCode.PARTLY_PAID)


def is_credit(gateways: str) -> bool:
    """Whether an order was paid with a promise of the shop's own: a gift card, store credit."""
    return CREDIT.search(re.sub(r"[^\w]+|_", " ", plain(gateways))) is not None


def documents(facts: Facts) -> Iterator[Reason]:
    """Which documents, and whether they fit; where invoices are left alone, only what a list says
    of the order: a refused row may have named a parcel."""
    rows = [one for one in facts.questions if one.code in OF_LISTS]
    yield from rows
    if facts.chosen.document == "none" or not facts.revert_invoices:
        return
    yield from (one for one in facts.questions if one not in rows)
    for invoice in facts.invoices:
        if invoice.open:
            yield from _which(facts, invoice)
    found = [p.name for p in facts.invoices if p.open and p.source == "service" and not p.rivals]
    if len(found) > 1:
        yield Reason.of(JudgeCode.SEVERAL_FOUND, invoices=tuple(sorted(found)))
    yield from misfits(facts)


def _which(facts: Facts, invoice: Invoice) -> Iterator[Reason]:
    name = f"{invoice.title} {invoice.name}"
    if invoice.rivals:
        yield Reason.of(JudgeCode.CONTESTED, invoice=name, orders=invoice.rivals)
    if invoice.connection_id is not None:
        return
    known = facts.accounts.of(invoice.service)
    if not known:
        yield Reason.of(JudgeCode.SERVICE_NOT_CONNECTED, service=invoice.title)
    elif invoice.account:
        yield Reason.of(JudgeCode.ACCOUNT_NOT_CONNECTED, invoice=name, account=invoice.account)
    else:
        names = tuple(one.name for one in known)
        yield Reason.of(
            JudgeCode.ACCOUNT_UNKNOWN, invoice=name, service=invoice.title, accounts=names
        )


def to_search(facts: Facts) -> bool:
    """Whether no invoice is known, and the services are still to be asked for it."""
    if facts.chosen.document == "none" or not facts.revert_invoices or facts.invoices:
        return False
    return bool(facts.accounts.everything) and not (facts.search and facts.search.believed)


def to_read(facts: Facts) -> Iterator[Invoice]:
    """Open invoices whose service's word is not there, or too old to be believed."""
    if facts.chosen.document == "none" or not facts.revert_invoices:
        return
    for invoice in facts.invoices:
        asked = invoice.open and invoice.connection_id is not None and invoice.readable
        if asked and invoice.read_at is None:
            yield invoice
