"""Takes out of a label's printed lines what can identify its order, and the rest is forgotten."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from core.finding.captions import Caption, Captioned, Role, by_block, caption_of
from core.finding.folding import digits_of, fold
from core.labels import normalise, read_label

Box = tuple[float, float, float, float]  # left, top, right, bottom in pixels of the cut-out


@dataclass(frozen=True)
class PrintedLine:
    """One printed line, as it was read; `score` 0 to 1 is the reader's own."""

    text: str
    box: Box
    score: float = 1.0


class FieldKind(StrEnum):
    """What a field of a label says of an order."""

    TRACKING = "tracking"
    REFERENCE = "reference"
    NAME = "name"
    STREET = "street"
    TOWN = "town"
    POSTCODE = "postcode"
    PHONE = "phone"
    CASH = "cash"


@dataclass(frozen=True)
class PrintedNumber:
    """A number that may be a parcel's: its key, whether a check digit holds, and its line.

    `original`: a caption says that it is the number of the way there.
    """

    key: str
    sure: bool
    line: int
    original: bool = False


@dataclass(frozen=True)
class Value:
    """A value (folded text, digits, or minor units as text) and the line it stands in."""

    text: str
    line: int


@dataclass(frozen=True)
class PrintedSum:
    """A sum to collect: minor units as text, its line, and its currency; "" where none stands
    there. Lei are RON in Romania and MDL in Moldova: "LEI"."""

    text: str
    line: int
    currency: str = ""


@dataclass(frozen=True)
class AddressBlock:
    """Somebody's address as printed: folded lines, and what was told by captions in it."""

    role: Role
    lines: tuple[Value, ...]
    postcodes: tuple[Value, ...] = ()


@dataclass(frozen=True)
class Fields:
    """What a label says."""

    numbers: tuple[PrintedNumber, ...] = ()
    references: tuple[Value, ...] = ()
    cash: tuple[PrintedSum, ...] = ()
    phones: tuple[Value, ...] = ()  # the last digits that are printed, 3 to 9 of them
    blocks: tuple[AddressBlock, ...] = ()
    weights: tuple[Value, ...] = ()  # grams; no order tells one, so it is shown only
    lines: tuple[PrintedLine, ...] = field(default=(), compare=False)

    @property
    def empty(self) -> bool:
        """Whether nothing on the label could identify an order."""
        return not (self.numbers or self.references or self.blocks or self.phones)


LONG_PIECE = 4  # digits of a part of a reference that may be the order's number
LEAST_SCORE = 0.5  # of the reader: below it a line is noise
NUMBER_LENGTHS = range(7, 36)
_AMOUNT = re.compile(r"\d{1,3}(?:[.,\s]\d{3})+(?:[.,]\d{1,2})?(?!\d)|\d+(?:[.,]\d{1,2})?(?!\d)")
_DATE = re.compile(r"\b\d{1,2}[./-]\d{1,2}[./-](?:19|20)?\d{2}\b|\b20\d{2}-\d{2}-\d{2}\b")
_POSTCODE = re.compile(r"(?<![\w-])(\d{2}-\d{3}|\d{4,6})(?![\w-])")
_PHONE = re.compile(r"(?<!\w)[+(]?[\d*xX•#●][\d*xX•#●\s().\-/]{2,20}[\d*xX•#●](?!\w)")
_PARTS = re.compile(r"%?[A-Z0-9]+(?:[\s\-./]?[A-Z0-9]+)*")
_KILOS = re.compile(r"(\d{1,3}(?:[.,]\d{1,3})?)\s*kg", re.IGNORECASE)


def read_fields(lines: Sequence[PrintedLine]) -> Fields:
    """Take the fields out of a label's lines, the sender's own among them (`senders.without`)."""
    kept = [one for one in lines if one.score >= LEAST_SCORE and one.text.strip()]
    captioned_lines = [caption_of(one.text) for one in kept]
    captions = [one.caption if one else None for one in captioned_lines]
    below = _values_below(kept, captioned_lines)
    numbers, references, cash, phones, weights = [], [], [], [], []
    for at, line in enumerate(kept):
        captioned = captioned_lines[at] or below.get(at)
        rest = captioned.rest if captioned else line.text
        kind = captioned.caption if captioned else None
        numbers += _numbers(rest, at, original=kind is Caption.ORIGINAL)
        if kind is Caption.REFERENCE or (kind is None and line.text.lstrip().startswith("#")):
            references += _references(rest, at)
        if kind is Caption.CASH:
            cash += _amounts(rest, at)
        if kind is Caption.PHONE or kind is None:
            phones += _phones(rest, at, captioned=kind is Caption.PHONE)
        weights += _weights(line.text, at)
    return Fields(
        tuple(dict.fromkeys(numbers)), tuple(dict.fromkeys(references)), tuple(cash),
        tuple(phones), _blocks(kept, captions, captioned_lines), tuple(weights), tuple(kept),
    )  # fmt: skip


def _values_below(
    lines: Sequence[PrintedLine], captioned_lines: Sequence[Captioned | None]
) -> dict[int, Captioned]:
    """Lines without a caption that stand right of, or right below, a caption without a value."""
    found: dict[int, Captioned] = {}
    for at, captioned in enumerate(captioned_lines):
        if captioned is None or captioned.rest or captioned.caption in (
            Caption.SENDER, Caption.RECEIVER, Caption.OTHER,
        ):  # fmt: skip
            continue
        near = [
            (step, other)
            for other, line in enumerate(lines)
            if captioned_lines[other] is None
            and (step := _step(lines[at].box, line.box)) is not None
        ]
        if near:
            other = min(near)[1]
            found[other] = Captioned(captioned.caption, lines[other].text)
    return found


def _step(caption: Box, value: Box) -> float | None:
    """How far a value stands from its caption, in heights of it; None where it is not its own."""
    height = max(1.0, caption[3] - caption[1])
    middle = (value[1] + value[3]) / 2
    if caption[1] - height / 2 <= middle <= caption[3] + height / 2 and value[0] >= caption[0]:
        gap = (value[0] - caption[2]) / height
        return gap if -1 <= gap < 8 else None
    drop = (value[1] - caption[3]) / height
    overlap = min(caption[2], value[2]) - max(caption[0], value[0])
    return 1 + drop if -0.7 <= drop < 1.6 and overlap > 0 else None


def _numbers(text: str, line: int, *, original: bool) -> list[PrintedNumber]:
    """The tracking numbers in a line: whole ones, their parts, and what couriers cut from them."""
    found = []
    bare = _DATE.sub(" ", text.upper())
    wholes = [match[0] for match in _PARTS.finditer(bare)]
    for whole in [*wholes, *(part for one in wholes for part in one.split() if part != one)]:
        key = normalise(re.sub(r"[\s\-./]", "", whole))
        if len(key) not in NUMBER_LENGTHS or sum(c.isdigit() for c in key) < 6:
            continue
        if re.search(r"[A-Z]{5}", key):  # words run together are no number
            continue
        label = read_label(key)
        sure = any(c.certainty == "sure" and c.tracking_key == key for c in label.candidates)
        found.append(PrintedNumber(key, sure, line, original))
        found += [
            PrintedNumber(one.tracking_key, one.certainty == "sure", line, original)
            for one in label.candidates
            if one.tracking_key != key and len(one.tracking_key) in NUMBER_LENGTHS
        ]
    return found


def _references(text: str, line: int) -> list[Value]:
    found = []
    for part in re.findall(r"[A-Za-z0-9][A-Za-z0-9\-_/]*", text):
        # "400123-F1", "2026/400123": the order's own number is the piece with the most digits.
        pieces = [fold(one).replace(" ", "") for one in re.split(r"[-_/]", part)]
        most = max(pieces, key=lambda one: len(digits_of(one)))
        whole = fold(part).replace(" ", "")
        for key in dict.fromkeys((whole, most if len(digits_of(most)) >= LONG_PIECE else whole)):
            if len(digits_of(key)) >= 3 and len(key) <= 24:
                found.append(Value(key, line))
    return found


def minor_units(text: str) -> int | None:
    """An amount as printed in minor units: "1.234,50" → 123450; None where there is none."""
    match = _AMOUNT.search(text)
    if match is None:
        return None
    whole = re.sub(r"\s", "", match[0])
    head, mark, tail = whole.rpartition("," if whole.rfind(",") > whole.rfind(".") else ".")
    if not mark or len(tail) == 3:
        return int(digits_of(whole)) * 100
    return int(digits_of(head) or 0) * 100 + int(tail.ljust(2, "0"))


_NOUGHTS = re.compile(r"(?<![A-Za-z])(?:\d[\dOo.,]*|[Oo][.,][\dOo]{1,2})")
_SIGNS = str.maketrans({"€": " EUR ", "$": " USD ", "£": " GBP "})
_CURRENCIES = {
    "LEI": "LEI", "RON": "RON", "MDL": "MDL", "EUR": "EUR", "EURO": "EUR", "HUF": "HUF",
    "FT": "HUF", "BGN": "BGN", "LV": "BGN", "LEVA": "BGN", "PLN": "PLN", "ZL": "PLN", "CZK": "CZK",
    "KC": "CZK", "USD": "USD", "GBP": "GBP", "RSD": "RSD", "DIN": "RSD", "UAH": "UAH", "GRN": "UAH",
    "CHF": "CHF", "TRY": "TRY",
}  # fmt: skip


def _amounts(text: str, line: int) -> list[PrintedSum]:
    """The sums of a line that have a currency before or behind them; else its first."""
    text = _NOUGHTS.sub(lambda m: m[0].replace("O", "0").replace("o", "0"), text)
    text = text.translate(_SIGNS)
    sums = list(_AMOUNT.finditer(text))
    ends = [0, *(one.end() for one in sums)]
    starts = [*(one.start() for one in sums), len(text)]
    # What stands before each sum, and behind the last one.
    between = [_currency(text[end:start]) for end, start in zip(ends, starts, strict=True)]
    found = []
    for at, one in enumerate(sums):
        minor = minor_units(one[0])
        currency = between[at] if between[0] else between[at + 1]
        if minor is not None:
            found.append(PrintedSum(str(minor), line, currency))
    return [one for one in found if one.currency] or found[:1]


def _currency(text: str) -> str:
    return next((_CURRENCIES[one] for one in fold(text).split() if one in _CURRENCIES), "")


_DOTS = re.compile(r"\.{2,}|…")


def _phones(text: str, line: int, *, captioned: bool) -> list[Value]:
    found = []
    for match in _PHONE.finditer(_DOTS.sub("**", _DATE.sub(" ", text))):
        whole = re.sub(r"[\s().\-/]", "", match[0])
        masked = re.search(r"[*xX•#●]{2,}(\d{3,5})$", whole)
        digits = digits_of(whole)
        national = whole.startswith(("+", "0")) and 9 <= len(digits) <= 13
        if masked:
            found.append(Value(masked[1], line))
        elif re.search(r"[*xX•#●]", whole):
            continue  # a beginning alone, or pieces, which would read as another phone
        elif national or (captioned and len(digits) >= 6):
            found.append(Value(digits[-9:], line))
    return found


def _weights(text: str, line: int) -> list[Value]:
    match = _KILOS.search(text)
    if match is None:
        return []
    return [Value(str(round(float(match[1].replace(",", ".")) * 1000)), line)]


_ADDRESS = (Caption.TOWN, Caption.STREET, Caption.POSTCODE)


def _blocks(
    lines: Sequence[PrintedLine],
    captions: Sequence[Caption | None],
    captioned_lines: Sequence[Captioned | None],
) -> tuple[AddressBlock, ...]:
    """The addresses of a label: lines that lie together, without what a caption says is none."""
    found = []
    for role, members in by_block([one.box for one in lines], captions):
        rows, codes = [], []
        for at in members:
            captioned = captioned_lines[at]
            text = captioned.rest if captioned else lines[at].text
            if captioned and captioned.caption not in (*_ADDRESS, Caption.SENDER, Caption.RECEIVER):
                continue
            if not text.strip():
                continue
            rows.append(Value(fold(text), at))
            codes += [Value(one, at) for one in _POSTCODE.findall(text)]
        if rows:
            found.append(AddressBlock(role, tuple(rows), tuple(codes)))
    return tuple(found)


# ---------------------------------------------------------------- as they are kept with a box


def as_json(fields: Fields, size: tuple[int, int]) -> dict[str, object]:
    """The fields and where they stand; the words of other lines are left out."""
    return {
        "size": list(size),
        "numbers": [[one.key, one.sure, one.line, one.original] for one in fields.numbers],
        "references": _pairs(fields.references),
        "cash": [[one.text, one.line, one.currency] for one in fields.cash],
        "phones": _pairs(fields.phones),
        "blocks": [
            [one.role, _pairs(one.lines), _pairs(one.postcodes)] for one in fields.blocks
        ],
        "boxes": [list(one.box) for one in fields.lines],
    }  # fmt: skip


def fields_of(data: Mapping[str, Any]) -> tuple[Fields, tuple[int, int]]:
    """The reverse of `as_json`; nothing for nothing. Boxes kept by an older version have fewer
    columns."""
    if "size" not in data:
        return Fields(), (1, 1)
    fields = Fields(
        tuple(
            PrintedNumber(str(key), bool(sure), int(line), *map(bool, more))
            for key, sure, line, *more in data["numbers"]
        ),
        _values(data["references"]),
        tuple(
            PrintedSum(str(text), int(line), *map(str, more)) for text, line, *more in data["cash"]
        ),
        _values(data["phones"]),
        tuple(
            AddressBlock(role, _values(rows), _values(codes))
            for role, rows, codes in data["blocks"]
        ),
        lines=tuple(PrintedLine("", (x0, y0, x1, y1)) for x0, y0, x1, y1 in data["boxes"]),
    )
    return fields, (int(data["size"][0]), int(data["size"][1]))


def _pairs(values: tuple[Value, ...]) -> list[list[Any]]:
    return [[one.text, one.line] for one in values]


def _values(pairs: list[list[Any]]) -> tuple[Value, ...]:
    return tuple(Value(str(text), int(line)) for text, line in pairs)
