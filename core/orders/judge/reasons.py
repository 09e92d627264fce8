"""Every reason why an order is held, in one table, each with what a person can do about it."""

from dataclasses import dataclass
from typing import Literal

from core.reasons import Reason, ReasonCode

Group = Literal["will run", "held", "delivered", "needs a person", "done"]
OVER: tuple[Group, ...] = ("needs a person", "done")  # no run takes them any more


class JudgeCode(ReasonCode):
    """Why an order does not run by itself."""

    # begun, or over
    QUEUED = "judge_queued"
    WORKING = "judge_working"
    WAITING = "judge_waiting"
    NEEDS_PERSON = "judge_needs_person"
    DONE = "judge_done"
    CANCELLED = "judge_cancelled"
    HISTORY = "judge_history"
    LEFT_OUT = "judge_left_out"
    # the parcels
    DELIVERED = "judge_delivered"
    PARCELS_OUT = "judge_parcels_out"  # back, count
    NOT_SHIPPED = "judge_not_shipped"
    PARTLY_SHIPPED = "judge_partly_shipped"
    # money and returns at the shop
    PAID_AND_SHIPPED = "judge_paid_and_shipped"
    REFUND_NOT_CHOSEN = "judge_refund_not_chosen"
    PARTLY_PAID = "judge_partly_paid"
    REFUNDED = "judge_refunded"
    PARTLY_REFUNDED = "judge_partly_refunded"
    STORE_CREDIT = "judge_store_credit"  # gateways
    RETURN_IN_PROGRESS = "judge_return_in_progress"
    # what came in and was not understood
    REFERENCE_UNCLEAR = "judge_reference_unclear"  # text
    IMPORT_ROW_REFUSED = "judge_import_row_refused"  # text
    LISTED_STATE = "judge_listed_state"  # text
    # which document
    CONTESTED = "judge_contested"  # orders, invoice
    SERVICE_NOT_CONNECTED = "judge_service_not_connected"  # service
    ACCOUNT_UNKNOWN = "judge_account_unknown"  # invoice, service, accounts
    ACCOUNT_NOT_CONNECTED = "judge_account_not_connected"  # invoice, account
    SEVERAL_FOUND = "judge_several_found"  # invoices
    # whether it fits
    TOTAL_DIFFERS = "judge_total_differs"  # invoice, theirs, ours
    CURRENCY_DIFFERS = "judge_currency_differs"  # invoice, theirs, ours
    ISSUED_BEFORE = "judge_issued_before"  # invoice, issued, ordered
    ISSUED_AHEAD = "judge_issued_ahead"  # invoice, issued
    CUSTOMER_DIFFERS = "judge_customer_differs"  # invoice, theirs, ours
    OTHER_ORDER = "judge_other_order"  # invoice, text
    FOUND_UNPROVED = "judge_found_unproved"  # invoice
    PARTLY_REVERSED = "judge_partly_reversed"  # invoice
    INVOICE_PAID = "judge_invoice_paid"  # invoice
    STATUS_UNCLEAR = "judge_status_unclear"  # invoice, service, text
    IS_STORNO = "judge_is_storno"  # invoice
    ALREADY_ANNULLED = "judge_already_annulled"  # invoice; a storno is wanted
    ALREADY_REVERSED = "judge_already_reversed"  # invoice; it is to be annulled
    NOT_FOUND = "judge_not_found"  # invoice, service
    UNREADABLE = "judge_unreadable"  # invoice, service, text
    CHANGED = "judge_changed"  # before, now


class Remedy(ReasonCode):
    """What a person can do about it."""

    NONE = "remedy_none"
    FOLLOW_UP = "remedy_follow_up"
    TAKE_ALONG = "remedy_take_along"
    LOOK_AT_PARCEL = "remedy_look_at_parcel"
    SCAN_THE_REST = "remedy_scan_the_rest"
    CANCEL_SHIPMENT = "remedy_cancel_shipment"
    CHOOSE_REFUND = "remedy_choose_refund"
    LOOK_AT_SHOP = "remedy_look_at_shop"
    NAME_THE_INVOICE = "remedy_name_the_invoice"
    IMPORT_AGAIN = "remedy_import_again"
    SAY_WHOSE = "remedy_say_whose"
    CONNECT = "remedy_connect"
    SAY_WHICH_ACCOUNT = "remedy_say_which_account"
    COMPARE = "remedy_compare"
    CHOOSE_DOCUMENT = "remedy_choose_document"
    LOOK_AGAIN = "remedy_look_again"


@dataclass(frozen=True)
class Rule:
    """What a code means: the group it shows in, its remedy, and whether a person may go against
    it with a reason."""

    remedy: Remedy
    may_waive: bool = False
    group: Group = "held"


_C, _R = JudgeCode, Remedy
RULES: dict[JudgeCode, Rule] = {
    _C.QUEUED: Rule(_R.NONE, group="done"),
    _C.WORKING: Rule(_R.NONE, group="done"),
    _C.WAITING: Rule(_R.NONE, group="done"),
    _C.NEEDS_PERSON: Rule(_R.FOLLOW_UP, group="needs a person"),
    _C.DONE: Rule(_R.NONE, group="done"),
    _C.CANCELLED: Rule(_R.FOLLOW_UP, group="done"),
    _C.HISTORY: Rule(_R.NONE),  # no shop knows it
    _C.LEFT_OUT: Rule(_R.TAKE_ALONG),
    _C.DELIVERED: Rule(_R.LOOK_AT_PARCEL, may_waive=True, group="delivered"),
    _C.PARCELS_OUT: Rule(_R.SCAN_THE_REST, may_waive=True),
    _C.NOT_SHIPPED: Rule(_R.LOOK_AT_SHOP, may_waive=True),
    _C.PARTLY_SHIPPED: Rule(_R.LOOK_AT_SHOP, may_waive=True),
    _C.PAID_AND_SHIPPED: Rule(_R.CANCEL_SHIPMENT),  # the shop itself refuses it
    _C.REFUND_NOT_CHOSEN: Rule(_R.CHOOSE_REFUND, may_waive=True),
    _C.PARTLY_PAID: Rule(_R.CHOOSE_REFUND, may_waive=True),
    _C.REFUNDED: Rule(_R.LOOK_AT_SHOP, may_waive=True),
    _C.PARTLY_REFUNDED: Rule(_R.LOOK_AT_SHOP, may_waive=True),
    _C.STORE_CREDIT: Rule(_R.LOOK_AT_SHOP, may_waive=True),
    _C.RETURN_IN_PROGRESS: Rule(_R.LOOK_AT_SHOP),  # the shop itself refuses it
    _C.REFERENCE_UNCLEAR: Rule(_R.NAME_THE_INVOICE, may_waive=True),
    _C.IMPORT_ROW_REFUSED: Rule(_R.IMPORT_AGAIN, may_waive=True),
    _C.LISTED_STATE: Rule(_R.LOOK_AT_SHOP, may_waive=True),
    _C.CONTESTED: Rule(_R.SAY_WHOSE),
    _C.SERVICE_NOT_CONNECTED: Rule(_R.CONNECT),
    _C.ACCOUNT_UNKNOWN: Rule(_R.SAY_WHICH_ACCOUNT),
    _C.ACCOUNT_NOT_CONNECTED: Rule(_R.CONNECT),
    _C.SEVERAL_FOUND: Rule(_R.NAME_THE_INVOICE),
    _C.TOTAL_DIFFERS: Rule(_R.COMPARE, may_waive=True),
    _C.CURRENCY_DIFFERS: Rule(_R.COMPARE, may_waive=True),
    _C.ISSUED_BEFORE: Rule(_R.NAME_THE_INVOICE),
    _C.ISSUED_AHEAD: Rule(_R.COMPARE, may_waive=True),
    _C.CUSTOMER_DIFFERS: Rule(_R.NAME_THE_INVOICE),
    _C.OTHER_ORDER: Rule(_R.NAME_THE_INVOICE),
    _C.FOUND_UNPROVED: Rule(_R.NAME_THE_INVOICE),
    _C.PARTLY_REVERSED: Rule(_R.COMPARE),
    _C.INVOICE_PAID: Rule(_R.COMPARE, may_waive=True),
    _C.STATUS_UNCLEAR: Rule(_R.COMPARE, may_waive=True),
    _C.IS_STORNO: Rule(_R.NAME_THE_INVOICE),
    _C.ALREADY_ANNULLED: Rule(_R.CHOOSE_DOCUMENT),
    _C.ALREADY_REVERSED: Rule(_R.CHOOSE_DOCUMENT),
    _C.NOT_FOUND: Rule(_R.NAME_THE_INVOICE),
    _C.UNREADABLE: Rule(_R.COMPARE, may_waive=True),
    _C.CHANGED: Rule(_R.LOOK_AGAIN),
}


def rule_of(reason: Reason) -> Rule:
    """The rule of a reason; what a shop itself holds back (core.orders.holds) has one."""
    known = reason.code in JudgeCode.__members__.values()
    return RULES[JudgeCode(reason.code)] if known else Rule(Remedy.LOOK_AT_SHOP)
