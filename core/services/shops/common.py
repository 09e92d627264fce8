"""What every shop's orders are read with: money, customers and cash on delivery."""

import hashlib
import re
from collections.abc import Iterable
from decimal import Decimal

from core.errors import RefuzError
from core.services import payments
from core.services.http.texts import plain
from core.services.ports import SettingField

# What the setting "cod_words" holds before anybody adds to it; `payments` knows many more.
COD_WORDS = "cash on delivery, cod, ramburs, plata la livrare, numerar la livrare"


PREPAID_NAMES = SettingField(
    "prepaid_words",
    "Names of paying before",
    "Words in the names of other payment methods, separated by commas: Refuz asks about names of "
    "unpaid orders that it does not know.",
    required=False,
)


class UnreadableOrder(RefuzError):
    """An order object without a field that every order has."""


def minor(amount: object) -> int:
    """Money text such as "129.90" in hundredths. Raises decimal.InvalidOperation."""
    return int((Decimal(str(amount)) * 100).to_integral_value())


def customer_key(phone: str, email: str) -> str:
    """The same for the same customer, without being readable: by phone, else by e-mail."""
    digits = re.sub(r"\D", "", phone)[-9:]  # the last nine: with and without country code
    known = digits if len(digits) == 9 else plain(email)
    return hashlib.sha256(known.encode()).hexdigest()[:32] if known else ""


def names_cod(methods: Iterable[object], cod_words: str) -> bool:
    """Whether a payment method is collected at the door: by `payments`, or by these words."""
    return payments.names_cod(methods, cod_words)
