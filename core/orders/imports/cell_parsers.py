"""What people write into cells: amounts, days, ways of paying; each read or refused by name."""

import datetime as dt
import re
from decimal import Decimal, InvalidOperation
from zoneinfo import ZoneInfo

from core.services.http.texts import plain
from core.services.ports import Payment

LARGEST_MINOR = 10**12
PREPAID = ("card", "prepaid", "paid", "online", "transfer", "op", "platit", "achitat", "paypal")
COD = ("cod", "cash", "ramburs", "numerar", "delivery", "livrare")
DAYS = ("%d.%m.%Y", "%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y %H:%M", "%d.%m.%Y %H:%M:%S")


def minor(text: str) -> int:
    """An amount in minor units: "1.234,50", "1,234.50", "149,9 lei". Raises ValueError."""
    bare = re.sub(r"[^\d.,-]", "", text)
    mark = max(bare.rfind("."), bare.rfind(","))
    whole, cents = (bare[:mark], bare[mark + 1 :]) if mark >= 0 else (bare, "")
    # "1.234" is a thousand and more: money has two decimals.
    if len(cents) == 3 and not {".", ","} <= set(bare):
        whole, cents = bare, ""
    if not re.search(r"\d", whole):
        raise ValueError(f"“{text}” is no amount; write 149.90")
    try:
        value = Decimal(re.sub(r"[.,]", "", whole) + "." + (cents or "0")) * 100
    except InvalidOperation as error:
        raise ValueError(f"“{text}” is no amount; write 149.90") from error
    if value < 0 or value > LARGEST_MINOR or value != value.to_integral_value():
        raise ValueError(f"“{text}” is no amount of an order; write 149.90")
    return int(value)


def moment(text: str, zone: ZoneInfo) -> dt.datetime:
    """A day or a moment, in the seller's zone where none is named. Raises ValueError."""
    read = _read(text)
    if read is None:
        raise ValueError(f"“{text}” is no date; write 2026-11-20 or 20.11.2026")
    return (read if read.tzinfo else read.replace(tzinfo=zone)).astimezone(dt.UTC)


def _read(text: str) -> dt.datetime | None:
    for pattern in ("", *DAYS):
        try:
            read = (
                dt.datetime.strptime(text, pattern) if pattern else dt.datetime.fromisoformat(text)
            )
        except ValueError:
            continue
        # The years around the end of the calendar cannot be moved to another zone.
        return read if 1990 <= read.year <= 2100 else None
    return None


def payment(text: str) -> Payment:
    """How an order is paid; nothing written means cash on delivery. Raises ValueError."""
    words = re.findall(r"[a-z]+", plain(text))
    if not words or any(word in COD for word in words):
        return "cod"
    if any(word in PREPAID for word in words):
        return "prepaid"
    raise ValueError(f"“{text}” is no way of paying; write cod or prepaid")


def quantity(text: str) -> int:
    """How many pieces; nothing written means one. Raises ValueError."""
    if not text:
        return 1
    if not re.fullmatch(r"\d{1,6}", text):
        raise ValueError(f"“{text}” is no quantity; write a whole number")
    return int(text)


def tracking(text: str) -> str:
    """A tracking number as written. Raises ValueError for one that a spreadsheet has cut."""
    if re.fullmatch(r"\d[.,]?\d*[eE]\+?\d+", text):
        raise ValueError(
            f"“{text}” has lost its digits in the spreadsheet; "
            "format that column as text and export it again"
        )
    if len(text) > 60:
        raise ValueError(f"“{text[:20]}…” is too long for a tracking number")
    return text
