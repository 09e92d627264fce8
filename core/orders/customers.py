"""Tells one customer from another without keeping who it is: the only place that makes their key.

By phone where there is one, else by e-mail, whoever told the order. Somebody with two phones has
two keys: `contacts_of` gives all that an order tells. Keyed with a secret of this
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
# Of these countries it has one digit less (ITU-T E.164 national plans: Moldova, Latvia, Lithuania,
# Slovenia, Cyprus, Malta, Denmark, Norway), written with a 0 before it or the code.
EIGHT_DIGITS = ("373", "371", "370", "386", "357", "356", "45", "47")
LONGEST = 300  # letters of a field that are looked at: the patterns below try each blank again
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
        return key_of(f"phone {number}")
    if address:
        return key_of(f"mail {address}")
    return key_of(f"other {other}") if other else ""


def contacts_of(phone: str, email: str) -> set[str]:
    """What may be behind a key of these contacts: each number in the field, and the e-mail."""
    numbers, address = {_phone(phone), *map(_number, _parts(phone))}, _address(email)
    phones = {f"phone {number}" for number in numbers if number}
    return phones | ({f"mail {address}"} if address else set())


def key_of(known: str) -> str:
    """The key of one of `contacts_of`."""
    return hmac.new(derived_key(PURPOSE), known.encode(), hashlib.sha256).hexdigest()[:32]


def _parts(text: str) -> list[str]:
    """What may each be a number, in a field."""
    written = _digits(text[:LONGEST]).strip()
    bare = _EXTENSION.sub("", re.sub(r"(?<=\d{9})\.0+$", "", written))
    return re.split(r"[/,;|\n]|\b(?:sau|si|or|and)\b", bare)


def _phone(text: str) -> str:
    """The last digits of the first phone number in a field; "" for none and for made-up ones."""
    parts = _parts(text)
    long = (part for part in parts if len(re.sub(r"\D", "", part)) >= DIGITS)
    return _number(next(long, "".join(parts)))


def _number(part: str) -> str:
    """The digits of one number that are the same however it is written; "" for none."""
    digits = re.sub(r"\D", "", part)
    number = digits[-_length(part, digits) :]
    # "0722 222 222" is nobody's, nor is "0000000000" or "0123456789".
    made_up = len(set(number)) < FEWEST_DIGITS or number in "01234567890" or number in "9876543210"
    return "" if len(digits) < DIGITS or made_up else number


def _length(part: str, digits: str) -> int:
    """How many digits the number has without its country's code or the 0 before it."""
    if len(digits) == DIGITS and digits.startswith("0"):
        return DIGITS - 1
    abroad = digits.removeprefix("00") if part.strip().startswith(("+", "00", "(+")) else ""
    short = any(abroad.startswith(code) and len(abroad) == len(code) + 8 for code in EIGHT_DIGITS)
    return DIGITS - 1 if short else DIGITS


def _digits(text: str) -> str:
    """The same text with the digits of every script as ours."""
    plain_ones = unicodedata.normalize("NFKC", text)
    return "".join(str(unicodedata.decimal(one, one)) for one in plain_ones)


def _address(text: str) -> str:
    """The first e-mail address of a field, as it is compared; "" for none and for made-up ones."""
    found = _MAIL.search(plain(text[:LONGEST]))
    if found is None or found["name"] in NOBODY or found["host"] in NOWHERE:
        return ""
    return found[0]
