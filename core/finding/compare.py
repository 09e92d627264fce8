"""Compares what a label says with one order: each kind of field agrees, nearly, in part or not."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from core.finding.fields import AddressBlock, FieldKind, Fields
from core.finding.folding import digit_like, digits_of, distance, nearly
from core.finding.known import STREET_KINDS, Index, Prepared, house_numbers, word_keys
from core.money import one_code


class Level(StrEnum):
    """How a kind of field compares."""

    EXACT = "exact"
    NEAR = "near"  # a character or two misread
    PART = "part"  # one of the name's words; the street without its number
    OTHER = "other"  # the label says something else
    ABSENT = "absent"  # the label does not say


LEAST_DIGITS = 9  # of a parcel's number; a postcode beside its town has fewer
LEI = ("RON", "MDL")
NEXT = 5e-4  # numbers follow each other: another's may well differ by one digit
AGREES = (Level.EXACT, Level.NEAR, Level.PART)
ADDRESS = (FieldKind.NAME, FieldKind.STREET, FieldKind.TOWN, FieldKind.POSTCODE)


@dataclass(frozen=True)
class Agreement:
    """One kind of field: how it compares, where it stands, and how common the value is.

    `line` is the label's line, -1 for none. `share`: of the shop's orders that hold this value,
    0 to 1. `sure`: a number whose check digit holds, and that is said to be the first one or stands
    there alone. `another`: of a name that agrees in part, another word stands beside it, as a
    brother's first name does.
    """

    kind: FieldKind
    level: Level
    line: int = -1
    share: float = 1.0
    sure: bool = False
    another: bool = False


class LabelView:
    """One label's fields with what is worked out once for all the orders it is compared with."""

    def __init__(self, fields: Fields, index: Index) -> None:
        self.fields, self.index = fields, index
        self.numbers = [(digit_like(one.key), one) for one in fields.numbers]
        self.blocks = [_BlockView(one) for one in fields.blocks]
        roles = {one.role for one in fields.blocks}
        self.turned = "receiver" not in roles  # the receiver's block was the shop's own

    def lone(self, key: str) -> bool:
        """Whether no other number that may be a parcel's stands on the label: of two, one may be
        an old label's on a box that was used again."""
        lines = {one.line for one in (*self.fields.references, *self.fields.phones)}
        lines |= {number.line for other, number in self.numbers if key in other or other in key}
        rest = [one for one, number in self.numbers if number.line not in lines]
        return all(len(digits_of(one)) < LEAST_DIGITS for one in rest)

    def keys(self) -> list[str]:
        """What the index is asked by; the letters are told in `core.finding.known._keys`."""
        found: list[str] = []
        for block in self.blocks:
            words = [word for word in block.words if word.isalpha() and len(word) > 2]
            found += word_keys(words)
            found += [f"s={word}" for word in words]
            found += [f"p={code}" for code in block.postcodes]
        numbers = [key for key, _ in self.numbers]
        found += [f"n={key}" for key in self.index.numbered(numbers)]
        for key in numbers:
            if len(key) >= 10:
                found += [f"h={key[: len(key) // 2]}", f"t={key[-(len(key) // 2) :]}"]
        found += [f"c={one.text}" for one in self.fields.cash if one.text != "0"]
        found += [f"r={one.text}" for one in self.fields.references]
        found += [f"r={digits_of(one.text)}" for one in self.fields.references]
        found += [f"f={one.text[-4:]}" for one in self.fields.phones]
        return found

    def compare(self, order: Prepared) -> list[list[Agreement]]:
        """Every kind that is told of the order: once for each block that may be the customer's.

        The first list holds what stands anywhere on the label; each other one an address.
        """
        anywhere = [
            _tracking(self, order), _reference(self, order), _cash(self, order), _phone(self, order)
        ]  # fmt: skip
        addresses = [block.compare(order, self.index) for block in self.blocks]
        return [[one for one in anywhere if one is not None], *addresses]


class _WordFound(NamedTuple):
    """How a word of the order stands on a label, and in which of the label's lines (-1: none)."""

    level: Level
    line: int

    @property
    def is_there(self) -> bool:
        return self.level is not Level.OTHER


_NOT_FOUND = _WordFound(Level.OTHER, -1)
_WORTH = {Level.EXACT: 2, Level.NEAR: 1, Level.OTHER: 0}  # where two lines are compared


class _BlockView:
    """One address of a label, looked through word by word. Each word is looked up once."""

    def __init__(self, block: AddressBlock) -> None:
        self.role = block.role
        self.lines = [(one.text.split(), one.line) for one in block.lines]
        self.words = {word: line for words, line in self.lines for word in words}
        self.joined = [(one.text.replace(" ", ""), one.line) for one in block.lines]
        self.postcodes = {one.text.replace("-", ""): one.line for one in block.postcodes}
        self._found: dict[str, _WordFound] = {}

    def word(self, word: str) -> _WordFound:
        """How a word stands anywhere in the block: exact, near (also read into others) or other."""
        if word not in self._found:
            self._found[word] = _found(word, self.words, self.joined)
        return self._found[word]

    def name(self, words: Sequence[str]) -> list[_WordFound]:
        """As `word` for each word of a name: of those of one line, or of one broken in two.

        A street or a town may be called as another member of the family is.
        """
        found = [self.word(word) for word in words]
        if len({one.line for one in found if one.is_there}) < 2:
            return found
        return max((self._name_in(at, words) for at in range(len(self.lines))), key=_worth)

    def _name_in(self, at: int, words: Sequence[str]) -> list[_WordFound]:
        """As `name`, in one line and, where that holds nothing but the name, in the next one."""
        printed, below = [self.lines[at]], self.lines[at + 1 : at + 2]
        whole = any(_stranger(word, words) for word in printed[0][0])
        if below and not whole and all(_may_be_a_name(word) for word in below[0][0]):
            printed += below
        printed.reverse()  # a word that is in both counts for the upper line
        there = {word: line for one, line in printed for word in one}
        joined = [("".join(one), line) for one, line in printed]
        return [_found(word, there, joined) for word in words]

    def compare(self, order: Prepared, index: Index) -> list[Agreement]:
        found = [
            _name(self, order, index), _street(self, order, index), _town(self, order, index),
            _postcode(self, order, index),
        ]  # fmt: skip
        return [one for one in found if one is not None]


def _found(word: str, printed: Mapping[str, int], joined: Iterable[tuple[str, int]]) -> _WordFound:
    """How a word stands among printed words, each with its line, or within their joined lines.

    Of a word of five letters and more a part of a line will do: words may be read as one.
    """
    if word in printed:
        return _WordFound(Level.EXACT, printed[word])
    line = next((at for other, at in printed.items() if nearly(word, other)), -1)
    if line < 0 and len(word) >= 5:
        line = next((at for text, at in joined if word in text), -1)
    return _WordFound(Level.NEAR, line) if line >= 0 else _NOT_FOUND


def _worth(found: Sequence[_WordFound]) -> int:
    return sum(_WORTH[one.level] for one in found)


def _together(found: Sequence[_WordFound]) -> Level:
    """Exact where each of the words is, else near."""
    return Level.EXACT if all(one.level is Level.EXACT for one in found) else Level.NEAR


def _may_be_a_name(word: str) -> bool:
    return word.isalpha() and word not in STREET_KINDS


def _name(block: _BlockView, order: Prepared, index: Index) -> Agreement | None:
    if not order.name:
        return None
    found = block.name(order.name)
    agree = [word for word, one in zip(order.name, found, strict=True) if one.is_there]
    if not agree:
        return Agreement(FieldKind.NAME, Level.OTHER)
    line = next(one.line for one in found if one.is_there)
    by_chance = math.prod(index.share("word", word) for word in agree)
    if len(agree) < len(order.name):
        return Agreement(
            FieldKind.NAME, Level.PART, line, by_chance, another=_another_word(block, line, order)
        )
    share = max(by_chance, index.share("name", " ".join(sorted(order.name))))
    return Agreement(FieldKind.NAME, _together(found), line, share)


def _another_word(block: _BlockView, line: int, order: Prepared) -> bool:
    """Whether a word that is not in the order's name stands in the line of its name."""
    return any(
        _stranger(word, order.name) for words, at in block.lines if at == line for word in words
    )


def _stranger(word: str, name: Sequence[str]) -> bool:
    return word.isalpha() and len(word) > 2 and not any(nearly(word, one) for one in name)


def _street(block: _BlockView, order: Prepared, index: Index) -> Agreement | None:
    if not order.street:
        return None
    found = [block.word(word) for word in order.street]
    lines = [one.line for one in found if one.is_there]
    if 2 * len(lines) < len(found) or not lines:
        return Agreement(FieldKind.STREET, Level.OTHER)
    line = lines[0]
    text = next((" ".join(words) for words, at in block.lines if at == line), "")
    share = index.share("street", " ".join(order.street))
    printed = house_numbers(text)
    if order.house and order.house in printed:
        both = max(index.share("house", f"{' '.join(order.street)} {order.house}"), share / 60)
        return Agreement(FieldKind.STREET, _together(found), line, both)
    # Another house of the same street is another address.
    level = Level.OTHER if printed and order.house else Level.PART
    return Agreement(FieldKind.STREET, level, line if level is Level.PART else -1, share)


def _town(block: _BlockView, order: Prepared, index: Index) -> Agreement | None:
    if not order.town:
        return None
    found = [block.word(word) for word in order.town]
    if not all(one.is_there for one in found):
        return Agreement(FieldKind.TOWN, Level.OTHER)
    share = index.share("town", " ".join(order.town))
    return Agreement(FieldKind.TOWN, _together(found), found[0].line, share)


def _postcode(block: _BlockView, order: Prepared, index: Index) -> Agreement | None:
    if not order.postcode:
        return None
    share = index.share("postcode", order.postcode)
    if order.postcode in block.postcodes:
        return Agreement(FieldKind.POSTCODE, Level.EXACT, block.postcodes[order.postcode], share)
    printed = [code for code in block.postcodes if len(code) == len(order.postcode)]
    for code in printed:
        if distance(code, order.postcode, 1) == 1:
            return Agreement(FieldKind.POSTCODE, Level.NEAR, block.postcodes[code], share)
    return Agreement(FieldKind.POSTCODE, Level.OTHER if printed else Level.ABSENT)


def _tracking(view: LabelView, order: Prepared) -> Agreement | None:
    if not order.trackings:
        return None
    for number_of_order in order.trackings:
        for key, number in view.numbers:
            if number_of_order in key:
                proven = number.original or view.lone(key)
                sure = number.sure and number_of_order == key and proven
                return Agreement(FieldKind.TRACKING, Level.EXACT, number.line, 0.0, sure)
    for number_of_order in order.trackings:
        for key, number in view.numbers:
            if len(number_of_order) >= 10 and distance(number_of_order, key, 1) == 1:
                return Agreement(FieldKind.TRACKING, Level.NEAR, number.line, NEXT)
    return Agreement(FieldKind.TRACKING, Level.OTHER if view.numbers else Level.ABSENT)


def _reference(view: LabelView, order: Prepared) -> Agreement | None:
    if not order.reference:
        return None
    digits = digits_of(order.reference)
    near = -1
    for value in view.fields.references:
        key = digit_like(value.text)
        plain = digits_of(order.reference) == order.reference
        if value.text == order.reference or (
            plain and len(digits) >= 4 and digits in (key, digits_of(value.text))
        ):
            return Agreement(FieldKind.REFERENCE, Level.EXACT, value.line, 0.0)
        short = value.text.isdigit() and len(digits) >= 4 and value.text == digits
        if short or (len(digits) >= 5 and distance(key, digit_like(order.reference), 1) == 1):
            near = value.line
    if near >= 0:
        return Agreement(FieldKind.REFERENCE, Level.NEAR, near, len(digits) * NEXT)
    return Agreement(FieldKind.REFERENCE, Level.OTHER if view.fields.references else Level.ABSENT)


def _cash(view: LabelView, order: Prepared) -> Agreement | None:
    """Cash on delivery: exact where a printed sum is the order's; None if it asks for none.

    A sum in another currency says nothing: couriers collect in the receiver's.
    """
    if not order.order.cash:
        return None
    currency = one_code(order.order.currency)
    printed = [
        one for one in view.fields.cash
        if one.text == "0" or one.currency in ("", currency)
        or (one.currency == "LEI" and currency in LEI)
    ]  # fmt: skip
    for value in printed:
        if int(value.text) in order.order.cash:
            share = view.index.share("cash", value.text)
            return Agreement(FieldKind.CASH, Level.EXACT, value.line, share)
    return Agreement(FieldKind.CASH, Level.OTHER if printed else Level.ABSENT)


def _phone(view: LabelView, order: Prepared) -> Agreement | None:
    if len(order.phone) < 6:
        return None
    for value in view.fields.phones:
        if order.phone.endswith(value.text) or value.text.endswith(order.phone):
            length = max((n for n in (3, 4, 6, 9) if n <= len(value.text)), default=3)
            share = max(view.index.share("phone", order.phone[-length:]), 10.0**-length)
            return Agreement(FieldKind.PHONE, Level.EXACT, value.line, share)
        if len(value.text) >= 8 and distance(value.text, order.phone, 1) == 1:
            return Agreement(FieldKind.PHONE, Level.NEAR, value.line, 1e-5)
    return Agreement(FieldKind.PHONE, Level.OTHER if view.fields.phones else Level.ABSENT)


def agreeing(found: Sequence[Agreement]) -> list[Agreement]:
    """Those that speak for the order."""
    return [one for one in found if one.level in AGREES]
