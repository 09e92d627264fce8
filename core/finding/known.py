"""The orders that a box may belong to, prepared once for many labels."""

import itertools
import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from core.finding.folding import digit_like, digits_of, fold

# Words of an address that name no street: what kind it is, and which part of a building.
_KINDS = (
    "STR STRADA BD BDUL BULEVARDUL BLVD CALEA CAL ALEEA AL SOS SOSEAUA PTA PIATA INTRAREA INTR "
    "SPL SPLAIUL NR NO BL BLOC SC SCARA AP APT ET ETAJ JUD JUDETUL COM SAT SECTOR SECT UTCA UT "
    "U TER KRT UL ULICA OS ALEJA STRASSE ROAD RD STREET ST AVE HSZ EM AJTO VH "
)
STREET_KINDS = frozenset(_KINDS.split())
MOST_ROUGH = 120  # orders that are compared in full with one label


@dataclass(frozen=True)
class KnownOrder:
    """An order as far as a label can tell of it. Money in minor units.

    `cash`: what may be printed as cash on delivery, 0 for a paid order. `coming_back`: a courier
    says that a parcel of it is on its way back. `closed`: no box of it is waited for (delivered, or
    cancelled), but a label may be its own: it stands against the open ones and is never offered.
    """

    order_id: int
    name: str
    customer: str = ""
    street: str = ""
    town: str = ""
    postcode: str = ""
    phone: str = ""
    cash: tuple[int, ...] = ()
    trackings: tuple[tuple[int, str], ...] = ()  # parcel id, key
    coming_back: bool = False
    closed: bool = False
    currency: str = "RON"  # of `cash`


@dataclass(frozen=True)
class Prepared:
    """An order's values as they are compared with a label's."""

    order: KnownOrder
    name: tuple[str, ...]
    street: tuple[str, ...]
    house: str
    town: tuple[str, ...]
    postcode: str
    phone: str
    reference: str
    trackings: tuple[str, ...]


def prepare(order: KnownOrder) -> Prepared:
    """Fold and part what an order tells."""
    street, house = street_parts(order.street)
    return Prepared(
        order,
        tuple(word for word in fold(order.customer).split() if len(word) > 1),
        street,
        house,
        tuple(word for word in fold(order.town).split() if len(word) > 1),
        re.sub(r"[^0-9A-Z]", "", order.postcode.upper()),
        last_digits(order.phone),
        fold(order.name).replace(" ", ""),
        tuple(digit_like(key) for _, key in order.trackings),
    )


def last_digits(phone: str) -> str:
    """Up to nine of the first phone, those behind what a shop has masked."""
    several = [one for one in re.split(r"[,;/|]", phone) if len(digits_of(one)) >= 9]
    first = several[0] if len(several) > 1 else phone
    return digits_of(re.split(r"[*xX•#●…]", first)[-1])[-9:]


_MONTHS = (
    "IANUARIE FEBRUARIE MARTIE APRILIE MAI IUNIE IULIE AUGUST SEPTEMBRIE OCTOMBRIE NOIEMBRIE "
    "DECEMBRIE MART MAY SEPTEMVRI MAJA LISTOPADA SIERPNIA MARCIUS OKTOBER"
)
_DATE_WORDS = frozenset(_MONTHS.split())
_HOUSE = re.compile(r"\d{1,4}[A-Z]?")


def street_parts(text: str) -> tuple[tuple[str, ...], str]:
    """The words that name a street, and the first house number behind or before them."""
    words = fold(text).split()
    names = tuple(w for w in words if w.isalpha() and len(w) > 1 and w not in STREET_KINDS)[:4]
    return names, next(iter(house_numbers(text)), "")


def house_numbers(text: str) -> list[str]:
    """What may be the number of the house: the one behind "nr.", else all but a street's date.

    "1 Decembrie 1918" is a street's name.
    """
    words = fold(text).split()
    for before, word in itertools.pairwise(words):
        if before in ("NR", "NO") and _HOUSE.fullmatch(word):
            return [word]
    return [
        word for at, word in enumerate(words)
        if _HOUSE.fullmatch(word) and not _of_a_date(words, at)
    ]  # fmt: skip


def _of_a_date(words: Sequence[str], at: int) -> bool:
    """Whether the number is a day before a month, or a year behind a day and a month."""
    if at + 1 < len(words) and words[at + 1] in _DATE_WORDS:
        return True
    behind = at > 1 and words[at - 1] in _DATE_WORDS and words[at - 2].isdigit()
    return behind and len(words[at]) == YEAR


YEAR = 4  # digits


class Index:
    """Open orders by what labels tell of them, with how often each value occurs among them."""

    def __init__(self, orders: Iterable[KnownOrder]) -> None:
        """Prepare every order; a second for some 50,000 of them. What is closed counts nowhere."""
        self.prepared = [prepare(one) for one in orders]
        self.count = max(1, sum(not one.order.closed for one in self.prepared))
        self._places: dict[str, list[int]] = {}
        self._frequency: Counter[str] = Counter()
        for at, one in enumerate(self.prepared):
            for key in set(_keys(one)):
                self._places.setdefault(key, []).append(at)
            if not one.order.closed:
                self._frequency.update(set(_values(one)))
        self.tracking_lengths = sorted({len(k) for one in self.prepared for k in one.trackings})

    def share(self, kind: str, value: str) -> float:
        """The share of orders with this value, never nothing: it may be the next one's."""
        return (self._frequency[f"{kind}={value}"] + 0.5) / (self.count + 1)

    def rough(self, keys: Iterable[str], most: int = MOST_ROUGH) -> list[Prepared]:
        """The orders that share most, and the rarest, of a label's keys."""
        found: dict[int, float] = {}
        for key in set(keys):
            places = self._places.get(key, ())
            if places:
                rare = math.log(1 + self.count / len(places))
                for at in places:
                    found[at] = found.get(at, 0.0) + rare
        best = sorted(found, key=lambda at: (-found[at], at))[:most]
        return [self.prepared[at] for at in best]

    def numbered(self, keys: Sequence[str]) -> list[str]:
        """Of the tracking keys known, those that stand whole in one of a label's numbers."""
        found = []
        for key in keys:
            for length in self.tracking_lengths:
                for start in range(len(key) - length + 1):
                    part = key[start : start + length]
                    if f"n={part}" in self._places:
                        found.append(part)
        return found


def word_keys(words: Iterable[str]) -> list[str]:
    """A name's words, and their halves: one misread letter leaves a half whole."""
    found = []
    for word in words:
        found.append(f"w={word}")
        if len(word) >= 5:
            found += [f"a={word[:4]}", f"z={word[-4:]}"]
    return found


def _keys(one: Prepared) -> list[str]:
    """What an order is filed under, a letter for the kind of field and then its value or a part.

    w, a, z: a word of the name, its first and last four letters; s street; n, h, t: a tracking
    number, its first and second half; c cash; p postcode; r reference; f the phone's last digits.
    `LabelView.keys` asks by the same.
    """
    found = word_keys(one.name)
    found += [f"s={word}" for word in one.street]
    found += [f"n={key}" for key in one.trackings]
    for key in one.trackings:
        if len(key) >= 10:
            found += [f"h={key[: len(key) // 2]}", f"t={key[-(len(key) // 2) :]}"]
    found += [f"c={amount}" for amount in one.order.cash if amount]
    if one.postcode:
        found.append(f"p={one.postcode}")
    if one.reference:
        found += [f"r={one.reference}", f"r={digits_of(one.reference)}"]
    if len(one.phone) >= 6:
        found += [f"f={one.phone[-4:]}", f"f={one.phone[-3:]}"]
    return found


def _values(one: Prepared) -> list[str]:
    """What is counted of an order, "kind=value", for `Index.share`."""
    found = [f"word={word}" for word in one.name]
    found.append(f"name={' '.join(sorted(one.name))}")
    found.append(f"street={' '.join(one.street)}")
    found.append(f"house={' '.join(one.street)} {one.house}")
    found.append(f"town={' '.join(one.town)}")
    found.append(f"postcode={one.postcode}")
    found += [f"cash={amount}" for amount in one.order.cash]
    found += [f"phone={one.phone[-length:]}" for length in (3, 4, 6, 9) if len(one.phone) >= length]
    return found
