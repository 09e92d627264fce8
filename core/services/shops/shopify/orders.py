"""Turns Shopify's order objects into ShopOrder, and says so where one cannot be read."""

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import InvalidOperation
from typing import Any

from core.services.ports import Payment, ShopLine, ShopOrder, ShopParcel
from core.services.shops.common import (
    COD_WORDS,
    UnreadableOrder,
    lines_by_name,
    minor,
    names_cod,
)

CANCEL_TAKES = dt.timedelta(minutes=2)  # it is a job: its refund may be older than its moment
_SHIPPED = frozenset({"FULFILLED", "PARTIALLY_FULFILLED"})


def order_of(
    node: Mapping[str, Any], lines: Sequence[Mapping[str, Any]], cod_words: str = COD_WORDS
) -> ShopOrder:
    """The order in our words. Raises UnreadableOrder."""
    try:
        return _order(node, lines, cod_words)
    except (KeyError, TypeError, ValueError, AttributeError, InvalidOperation) as error:
        name = str(node.get("name") or node.get("id") or "–")
        raise UnreadableOrder("Shopify", name) from error


def _order(
    node: Mapping[str, Any], lines: Sequence[Mapping[str, Any]], cod_words: str
) -> ShopOrder:
    """As `order_of`; what cannot be read raises as it comes (KeyError, ValueError and the like)."""
    cancelled_at = moment_of(node.get("cancelledAt"))
    total = _total(node, cancelled=cancelled_at is not None)
    address = node.get("shippingAddress") or {}
    email, phone = _text(node, "email"), _text(address, "phone") or _text(node, "phone")
    financial = _text(node, "displayFinancialStatus")
    shipped = _text(node, "displayFulfillmentStatus")
    return ShopOrder(
        gid=str(node["id"]),
        name=str(node["name"]),
        created_at=required_moment(node["createdAt"]),
        updated_at=required_moment(node["updatedAt"]),
        cancelled_at=cancelled_at,
        cancel_reason=_text(node, "cancelReason"),
        payment=_payment(node.get("paymentGatewayNames") or [], financial, cod_words),
        financial_status=financial,
        fulfillment_status=shipped,
        total_minor=minor(total["amount"]),
        tax_minor=_tax(node, cancelled=cancelled_at is not None),
        currency=str(total["currencyCode"]),
        second_total=_second_total(node, cancelled=cancelled_at is not None),
        customer_name=_text(address, "name"),
        customer_key="",  # made from phone and e-mail where the order is written
        phone=phone,
        email=email,
        county=_text(address, "province"),
        city=_text(address, "city"),
        street=f"{_text(address, 'address1')} {_text(address, 'address2')}".strip(),
        postcode=_text(address, "zip"),
        billed_to=_billed_to(node, address),
        note=_text(node, "note"),
        tags=tuple(str(tag) for tag in node.get("tags") or ()),
        attributes=lines_by_name(
            (str(one["key"]), _text(one, "value")) for one in node.get("customAttributes") or ()
        ),
        invoice_field=_text(node.get("invoice") or {}, "value"),
        can_notify=bool(node.get("canNotifyCustomer")),
        lines=_lines(lines, cancelled=cancelled_at is not None),
        parcels=_parcels(node.get("fulfillments"), shipped),
        gateways=tuple(str(one) for one in node.get("paymentGatewayNames") or ()),
        has_returns=_text(node, "returnStatus") not in ("", "NO_RETURN"),
        restocked=_restocked(node, cancelled_at) if cancelled_at else None,
    )


def _billed_to(node: Mapping[str, Any], shipping: Mapping[str, Any]) -> tuple[str, ...]:
    """Who is billed, and the company at either address."""
    billing = node.get("billingAddress") or {}
    names = (_text(billing, "company"), _text(billing, "name"), _text(shipping, "company"))
    return tuple(name for name in names if name.strip())


def _text(place: Mapping[str, Any], name: str) -> str:
    value = place.get(name)
    return "" if value is None else str(value)


def moment_of(value: object) -> dt.datetime | None:
    """A moment as Shopify writes it, UTC where it names no zone. Raises ValueError."""
    if not value:
        return None
    moment = dt.datetime.fromisoformat(str(value))
    return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)


def required_moment(value: object) -> dt.datetime:
    """A moment that must be there. Raises ValueError."""
    moment = moment_of(value)
    if moment is None:
        raise ValueError("a moment is missing")
    return moment


def _payment(gateways: Sequence[object], financial: str, cod_words: str) -> Payment:
    if names_cod(gateways, cod_words):
        return "cod"
    # Nothing was paid and no gateway is named: it can only be collected at the door.
    return "cod" if not gateways and financial in ("", "PENDING") else "prepaid"


def _total(node: Mapping[str, Any], *, cancelled: bool) -> Mapping[str, Any]:
    """What is due after edits; a cancel sets that to nothing, so then what was ordered."""
    money: Mapping[str, Any] = _total_set(node, cancelled=cancelled)["shopMoney"]
    return money


def _total_set(node: Mapping[str, Any], *, cancelled: bool) -> Mapping[str, Any]:
    current = None if cancelled else node.get("currentTotalPriceSet")
    both: Mapping[str, Any] = current or node["totalPriceSet"]
    return both


def _second_total(node: Mapping[str, Any], *, cancelled: bool) -> tuple[int, str] | None:
    """The same as the customer saw it, where the shop sells in several currencies."""
    both = _total_set(node, cancelled=cancelled)
    theirs = both.get("presentmentMoney")
    if not theirs or theirs["currencyCode"] == both["shopMoney"]["currencyCode"]:
        return None
    return minor(theirs["amount"]), str(theirs["currencyCode"])


def _tax(node: Mapping[str, Any], *, cancelled: bool) -> int | None:
    """The VAT within `_total`; None where it is not told."""
    tax_set = node.get("totalTaxSet" if cancelled else "currentTotalTaxSet")
    return minor(tax_set["shopMoney"]["amount"]) if tax_set else None


def _lines(nodes: Sequence[Mapping[str, Any]], *, cancelled: bool) -> tuple[ShopLine, ...]:
    """The lines as they are after edits, those taken out left away; of a cancelled order, as it
    was ordered."""
    lines = [(node, _quantity(node, cancelled=cancelled)) for node in nodes]
    return tuple(_line(node, quantity) for node, quantity in lines if quantity)


def _quantity(node: Mapping[str, Any], *, cancelled: bool) -> int:
    current = None if cancelled else node.get("currentQuantity")
    return int(node["quantity"] if current is None else current)


def _line(node: Mapping[str, Any], quantity: int) -> ShopLine:
    """A LineItem, at the price after its own discounts; `quantity` as it is now."""
    price = (node.get("discountedUnitPriceSet") or {}).get("shopMoney") or {}
    return ShopLine(
        gid=str(node["id"]),
        title=_text(node, "title"),
        sku=_text(node, "sku"),
        quantity=quantity,
        price_minor=minor(price.get("amount") or 0),
        image_url=_text(node.get("image") or {}, "url"),
    )


def _parcels(fulfillments: object, shipped: str) -> tuple[ShopParcel, ...] | None:
    """An order's parcels; None where the token sees too little: shipped, and no fulfillment."""
    if not isinstance(fulfillments, list) or (not fulfillments and shipped in _SHIPPED):
        return None
    return tuple(
        ShopParcel(
            tracking=_text(info, "number").strip(),
            company=_text(info, "company"),
            fulfillment_gid=str(one["id"]),
            fulfillment_status=_text(one, "status"),
            display_status=_text(one, "displayStatus"),
            shipped_at=moment_of(one.get("createdAt")),
        )
        for one in fulfillments
        for info in one.get("trackingInfo") or ()
        if _text(info, "number").strip()
    )


def _restocked(node: Mapping[str, Any], cancelled_at: dt.datetime) -> bool | None:
    """Whether the refunds of a cancelled order put anything back; None where there is none.

    What was given back before it was cancelled, a part of it by hand, is not of the cancel.
    """
    since = cancelled_at - CANCEL_TAKES
    lines = [
        line
        for refund in node.get("refunds") or ()
        if (moment_of(refund.get("createdAt")) or cancelled_at) >= since
        for line in (refund.get("refundLineItems") or {}).get("nodes") or ()
    ]
    return any(line.get("restocked") for line in lines) if lines else None
