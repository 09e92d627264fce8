"""What an order comes to in the shop's own currency, where a plug-in let its customer choose one.

WooCommerce tells an order in the currency that it was paid in. What the shop counts in stands only
in what the plug-in wrote on the order: its rate, or the rates of all (from the plug-ins' own code).
WPML's (WCML) writes neither: an invoice in another currency than such an order stays a question.
"""

from collections.abc import Iterator, Mapping
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from core.services.shops.woocommerce.meta import Meta

# The key of a rate, and that of the currency which one unit of is worth so much: WOOCS (FOX), and
# the one within WooPayments.
RATES = (
    ("_woocs_order_rate", "_woocs_order_base_currency"),
    (
        "_wcpay_multi_currency_order_exchange_rate",
        "_wcpay_multi_currency_order_default_currency",
    ),
)
CURCY = "wmc_order_info"  # every currency's rate by its code, the shop's own one marked
LARGEST = Decimal(10**10)  # in whole units: no rate makes more of an order


def total_in_own_currency(meta: Meta, total: str, currency: str) -> tuple[int, str] | None:
    """The total in the shop's own currency, in hundredths, and that currency.

    None where the order is in it, where no plug-in says, and where two contradict each other.
    `total`: as the shop writes it. Raises decimal.InvalidOperation for what is no number.
    """
    paid = Decimal(total)
    found = {
        (int((whole * 100).to_integral_value(ROUND_HALF_UP)), own)
        for rate, own in _rates(meta, currency)
        if own != currency and abs(whole := paid / rate) < LARGEST
    }
    return found.pop() if len(found) == 1 else None


def _rates(meta: Meta, currency: str) -> Iterator[tuple[Decimal, str]]:
    """How much of the order's currency one unit of the shop's is, and the shop's."""
    values = dict(meta)
    for rate, own in RATES:
        yield from _pair(values.get(rate), values.get(own))
    everything = values.get(CURCY)
    rows = everything if isinstance(everything, Mapping) else {}
    by_code = {code: one for code, one in rows.items() if isinstance(one, Mapping)}
    if theirs := by_code.get(currency):
        for code, one in by_code.items():
            if str(one.get("is_main")) in ("1", "True"):
                yield from _pair(theirs.get("rate"), code)


def _pair(rate: Any, own: Any) -> Iterator[tuple[Decimal, str]]:
    code = str(own or "").strip().upper()
    try:
        number = Decimal(str(rate))
    except InvalidOperation:
        return
    if len(code) == 3 and code.isalpha() and number.is_finite() and number > 0:
        yield number, code
