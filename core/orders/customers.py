"""Tells one customer from another without keeping who it is: the only place that makes their key.

By phone where there is one, else by e-mail, whoever told the order; keyed with a secret of this
desk (HMAC-SHA-256, RFC 2104), since a plain hash of nine digits is undone by trying them all.
"""

import hashlib
import hmac
import re
import unicodedata

from core.services.http.texts import plain
from core.settings.secrets import derived_key

PURPOSE = "customer key"
DIGITS = 9  # of a phone number, with and without the country's code
FEWEST_DIGITS = 3  # different ones in a real number
_EXTENSION = re.compile(r"\s*(?:int|ext|interior|extension|#|x)\.?\s*\d{1,5}\s*$", re.IGNORECASE)
_MAIL = re.compile(r"(?P<name>[^\s<>,;:\"'()\[\]@|]+)@(?P<host>[^\s<>,;:\"'()\[\]@|]+\w)")
# What is typed where a form insists on an address.
NOBODY = frozenset((
    "na", "n/a", "none", "no", "nu", "fara", "nuare", "noemail", "no-email", "nomail", "email",
    "x", "a", "test", "client", "faraemail", "fara-email", "no-reply", "noreply",
))  # fmt: skip
NOWHERE = frozenset(
    ("none.com", "noemail.com", "no.com", "x.com", "test.com", "email.com", "a.com")
)


def customer_key(phone: str, email: str, other: str = "") -> str:
    """The same for the same customer; "" for nobody.

    `other` is what the shop itself tells customers apart by, for an order without either.
    """
    number, address = _phone(phone), _address(email)
    if number:
        known = f"phone {number}"
    elif address:
        known = f"mail {address}"
    else:
        known = f"other {other}" if other else ""
    return _keyed(known) if known else ""


def _phone(text: str) -> str:
    """The last digits of the first phone number in a field; "" for none and for made-up ones."""
    bare = _EXTENSION.sub("", re.sub(r"(?<=\d{9})\.0+$", "", _digits(text).strip()))
    parts = [re.sub(r"\D", "", part) for part in re.split(r"[/,;|\n]|\b(?:sau|si|or|and)\b", bare)]
    whole = next((part for part in parts if len(part) >= DIGITS), re.sub(r"\D", "", bare))
    number = whole[-DIGITS:]
    # "0722 222 222" is nobody's, nor is "0000000000" or "0123456789".
    made_up = len(set(number)) < FEWEST_DIGITS or number in "01234567890" or number in "9876543210"
    return "" if len(number) < DIGITS or made_up else number


def _digits(text: str) -> str:
    return unicodedata.normalize("NFKC", text)


def _address(text: str) -> str:
    """The first e-mail address of a field, as it is compared; "" for none and for made-up ones."""
    found = _MAIL.search(plain(text))
    if found is None or found["name"] in NOBODY or found["host"] in NOWHERE:
        return ""
    return found[0]


def _keyed(known: str) -> str:
    return hmac.new(derived_key(PURPOSE), known.encode(), hashlib.sha256).hexdigest()[:32]
