"""Turns WooCommerce's orders into ShopOrder, and says so where one cannot be read."""

import datetime as dt
import html
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from core.services.http.answers import inner
from core.services.ports import (
    CancelState,
    Hold,
    OrderStamp,
    Payment,
    ShopLine,
    ShopOrder,
    ShopParcel,
)
from core.services.shops.common import (
    COD_WORDS,
    UnreadableOrder,
    minor,
    names_cod,
)
from core.services.shops.woocommerce.counties import county
from core.services.shops.woocommerce.currencies import total_in_own_currency
from core.services.shops.woocommerce.meta import (
    LINE_REDUCED,
    MARK,
    Keys,
    invoices_of,
    keys_of,
    meta_of,
    texts_of,
    tracking_of,
)

COD_METHODS = "cod"
DRAFTS = frozenset({"checkout-draft", "auto-draft", "draft"})
# Statuses of plug-ins of deposits: WooCommerce Deposits, and Webtomizer's of nearly the same name.
PARTLY_PAID = frozenset({"partial-payment", "partially-paid"})
# What plug-ins of gift cards and store credit call their coupons (`coupon_lines.discount_type`).
CREDIT_COUPONS = frozenset({"smart_coupon", "store_credit", "gift_card", "giftcard", "gift_cards"})
GIFT_CARD = "Gift card"


@dataclass(frozen=True)
class OrderForm:
    """How this shop's orders are to be read, as its form says."""

    keys: Keys = field(default_factory=lambda: keys_of("", ""))
    cod: str = COD_METHODS  # ids of the payment methods that are cash on delivery
    cod_words: str = COD_WORDS


def order_of(node: Mapping[str, object], reading: OrderForm) -> ShopOrder:
    """The order in our words. Raises UnreadableOrder."""
    try:
        return _order(node, reading)
    except (KeyError, TypeError, ValueError, AttributeError, InvalidOperation) as error:
        name = str(node.get("number") or node.get("id") or "–")
        raise UnreadableOrder("WooCommerce", name) from error


def _order(node: Mapping[str, Any], reading: OrderForm) -> ShopOrder:
    """As `order_of`; what cannot be read raises as it comes (KeyError, ValueError and the like)."""
    billing, shipping = inner(node, "billing"), inner(node, "shipping")
    phone = _text(shipping, "phone") or _text(billing, "phone")
    email = _text(billing, "email")
    meta = meta_of(node)
    payment = payment_of(node, reading)
    changed, cancelled = _changed(node), node["status"] == "cancelled"
    parcels = tuple(
        ShopParcel(one.number, one.courier, "", "", "", one.shipped_at)
        for one in tracking_of(meta, reading.keys)
    )
    lines = node["line_items"]
    where = shipping if _text(shipping, "city") else billing
    return ShopOrder(
        gid=gid_of(node),
        name=f"#{_text(node, 'number').removeprefix('#') or node['id']}",
        created_at=moment(node["date_created_gmt"]),
        updated_at=changed,
        cancelled_at=changed if cancelled else None,
        cancel_reason="",
        payment=payment,
        financial_status=financial_of(node, payment),
        fulfillment_status="FULFILLED" if parcels or node["status"] == "completed" else "",
        total_minor=minor(node["total"]),
        tax_minor=minor(node["total_tax"]) if node.get("total_tax") else None,
        currency=str(node["currency"]),
        second_total=total_in_own_currency(meta, str(node["total"]), str(node["currency"])),
        customer_name=_name(shipping) or _name(billing),
        customer_key="",  # made from phone and e-mail where the order is written
        phone=phone,
        email=email,
        county=county(_text(where, "country"), _text(where, "state")),
        city=_text(where, "city"),
        street=f"{_text(where, 'address_1')} {_text(where, 'address_2')}".strip(),
        postcode=_text(where, "postcode"),
        billed_to=tuple(
            filter(
                None,
                (
                    html.unescape(_text(billing, "company")).strip(),
                    _name(billing),
                    html.unescape(_text(shipping, "company")).strip(),
                ),
            )
        ),
        note=_text(node, "customer_note"),
        tags=(),
        attributes=texts_of(meta),
        can_notify=False,
        lines=tuple(_line(line) for line in lines),
        parcels=parcels,
        invoice_field=invoices_of(meta, reading.keys),
        restocked=not stock_left(node) if cancelled else None,
        hold=hold_of(node, reading),
        can_be_reopened=True,
        gateways=_gateways(node, payment, reading),
    )


def _gateways(node: Mapping[str, Any], payment: Payment, reading: OrderForm) -> tuple[str, ...]:
    """What it was paid with by name; cash on delivery that only its id tells is named as well, so
    that whoever reads the names alone (when the form's words change) sees it."""
    title = _text(node, "payment_method_title")
    by_id = payment == "cod" and title and not names_cod([title], reading.cod_words)
    return tuple(filter(None, [title, COD_METHODS if by_id else "", *_credit(node)]))


def _credit(node: Mapping[str, Any]) -> list[str]:
    """Whether a part was paid with the shop's own promise; the plug-in of WooCommerce's own gift
    cards lists them beside the coupons."""
    coupons = (one for one in node.get("coupon_lines") or () if isinstance(one, dict))
    is_credit = any(one.get("discount_type") in CREDIT_COUPONS for one in coupons)
    return [GIFT_CARD] if is_credit or node.get("gift_cards") else []


def gid_of(node: Mapping[str, object]) -> str:
    """The order's id as text. Raises ValueError where there is none."""
    number = node["id"]
    if not isinstance(number, int) or isinstance(number, bool) or number <= 0:
        raise ValueError("no id")
    return str(number)


def moment(value: object) -> dt.datetime:
    """A `…_gmt` moment, which is UTC without saying so. Raises ValueError."""
    parsed = dt.datetime.fromisoformat(str(value))
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=dt.UTC)


def stamp_of(node: Mapping[str, object]) -> OrderStamp:
    """How a list of changes names the order. Raises KeyError, ValueError."""
    return OrderStamp(gid_of(node), _changed(node), node["status"] == "cancelled")


def _changed(node: Mapping[str, object]) -> dt.datetime:
    """When it changed last; one that was carried over from elsewhere may only say when it was made.

    Raises KeyError, ValueError.
    """
    return moment(node["date_modified_gmt"] or node["date_created_gmt"])


def state_of(node: Mapping[str, object], reading: OrderForm) -> CancelState:
    """Whether it is cancelled, by whose call, and what became of its stock.

    The shop keeps no moment of the cancel; the last change is the nearest that it tells.
    Raises KeyError, TypeError, ValueError, decimal.InvalidOperation.
    """
    status = node["status"]
    if not isinstance(status, str) or not isinstance(node["line_items"], list):
        raise TypeError("not an order")
    changed, cancelled = _changed(node), status == "cancelled"
    marks = [value for key, value in meta_of(node) if key == MARK]
    return CancelState(
        changed if cancelled else None,
        updated_at=changed,
        financial_status=financial_of(node, payment_of(node, reading)),
        mark=str(marks[-1]) if marks else "",
        stock_left=stock_left(node),
        hold=hold_of(node, reading),
    )


def payment_of(node: Mapping[str, object], reading: OrderForm) -> Payment:
    """Cash on delivery by the method's id or name, or where nothing was paid by no method.

    `date_paid` says nothing of it: completing an order on delivery sets it by itself.
    """
    method, title = _text(node, "payment_method"), _text(node, "payment_method_title")
    ids = {one.strip().lower() for one in reading.cod.split(",") if one.strip()}
    if method.lower() in ids or names_cod([title, method], reading.cod_words):
        return "cod"
    return "cod" if not method and not node.get("date_paid_gmt") else "prepaid"


def financial_of(node: Mapping[str, object], payment: Payment) -> str:
    """What was paid and given back, in the words that the program has for it."""
    refunded = _refunded(node)
    if node.get("status") == "refunded" or (refunded and refunded >= Decimal(str(node["total"]))):
        return "REFUNDED"
    if refunded or node.get("refunds"):
        return "PARTIALLY_REFUNDED"
    if node.get("status") in PARTLY_PAID:
        return "PARTIALLY_PAID"
    if payment == "prepaid" and node.get("date_paid_gmt"):
        return "PAID"
    return "VOIDED" if node.get("status") == "cancelled" else "PENDING"


def _refunded(node: Mapping[str, Any]) -> Decimal:
    """What was given back; the shop tells it as a negative sum."""
    rows = node.get("refunds") or ()
    return -sum((Decimal(str(row["total"])) for row in rows), Decimal(0))


def hold_of(node: Mapping[str, object], reading: OrderForm) -> Hold:
    """Why a person must decide before this order is cancelled; "" where nothing stands against it.

    A cancel takes an order out of the trash; refunds are not made here, so what was paid stays
    with the shop.
    """
    status, payment = str(node.get("status")), payment_of(node, reading)
    financial = financial_of(node, payment)
    if status == "trash":
        return "in_trash"
    if status in DRAFTS:
        return "draft"
    if financial == "PARTIALLY_REFUNDED":
        return "partly_refunded"
    if financial == "PARTIALLY_PAID":
        return "prepaid"
    return "prepaid" if payment == "prepaid" and financial != "REFUNDED" else ""


def stock_left(node: Mapping[str, Any]) -> bool:
    """Whether a line still holds stock that was taken for it, so that it was not put back."""
    rows = (line for line in node["line_items"] if isinstance(line, dict))
    return any(
        _amount(value) > 0 for line in rows for key, value in meta_of(line) if key == LINE_REDUCED
    )


def _amount(value: Any) -> Decimal:
    try:
        return Decimal(str(value or 0))
    except InvalidOperation:
        return Decimal(0)


def _line(node: Mapping[str, object]) -> ShopLine:
    quantity = int(Decimal(str(node["quantity"])))
    # The shop's own price is without tax and a number; whole cents come from the line's sums.
    whole = Decimal(str(node["total"])) + Decimal(str(node["total_tax"]))
    return ShopLine(
        gid=str(node["id"]),
        title=_text(node, "name"),
        sku=_text(node, "sku"),
        quantity=quantity,
        price_minor=minor((whole / quantity).quantize(Decimal("0.01"))) if quantity else 0,
        image_url=_text(inner(node, "image"), "src"),
    )


def _name(address: Mapping[str, object]) -> str:
    """As it is spoken: some checkouts keep its signs as markup ("D&#039;Anna")."""
    whole = f"{_text(address, 'first_name')} {_text(address, 'last_name')}"
    return html.unescape(whole).strip()


def _text(place: Mapping[str, object], name: str) -> str:
    value = place.get(name)
    return "" if value is None else str(value).strip()
