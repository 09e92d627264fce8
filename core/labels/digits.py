"""Check digits of couriers and of GS1, each by its published rule."""

from collections.abc import Sequence


def mod10(digits: str, odds: int, evens: int) -> int:
    """Weighted sum from the left with alternating weights; the digit that makes it full ten."""
    total = sum(int(d) * (odds if i % 2 == 0 else evens) for i, d in enumerate(digits))
    return -total % 10


def gs1(number: str) -> bool:
    """EAN-8, UPC-A, EAN-13, GTIN-14, SSCC: weights 3 and 1 from the right (GS1 General Spec.)."""
    total = sum(int(d) * (3 if i % 2 else 1) for i, d in enumerate(reversed(number)))
    return number.isdigit() and total % 10 == 0


def s10(serial: str, check: str) -> bool:
    """UPU S10: weights 8 6 4 2 3 5 9 7, 11 minus the rest; 10 becomes 0 and 11 becomes 5."""
    weights = (8, 6, 4, 2, 3, 5, 9, 7)
    rest = 11 - sum(int(d) * w for d, w in zip(serial, weights, strict=True)) % 11
    return int(check) == {10: 0, 11: 5}.get(rest, rest)


def ups(tail: str) -> bool:
    """UPS 1Z: letters count as (code - 3) % 10, every second character doubled, mod 10."""
    values = [int(c) if c.isdigit() else (ord(c) - 63) % 10 for c in tail]
    return mod10("".join(map(str, values[:-1])), 1, 2) == values[-1]


def weighted_mod11(digits: str, weights: Sequence[int]) -> int:
    """FedEx: weighted sum mod 11, and 10 becomes 0."""
    return sum(int(d) * w for d, w in zip(digits, weights, strict=True)) % 11 % 10


def mod7(digits: str) -> int:
    """DHL air waybills: the whole number mod 7."""
    return int(digits) % 7
