"""What people write into cells: amounts, days, ways of paying; each read, or told by its value.

A number cell of a spreadsheet is a `Number` and means its value; in a text, a mark is a thousand's
or a decimal's by its place, and what may be both is not guessed.
"""

import re
from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal
from typing import Self

from core.labels.cells import CUT, NotANumber, is_placeholder, numbers_in
from core.orders.imports.codes import ImportCode, ImportNote, not_understood
from core.orders.imports.days import MONTHS
from core.orders.names import written
from core.services.http.texts import plain
from core.services.payments import payment_of
from core.services.ports import Payment

LARGEST_MINOR = 10**12
MOST_DIGITS = 15  # that Excel keeps of a number
# How currencies are written beside an amount, in plain lower case without diacritics.
CURRENCY_NAMES: dict[str, str] = {
    word: code
    for code, words in {
        "RON": "ron lei leu", "EUR": "eur euro €", "USD": "usd $ us$", "GBP": "gbp £",
        "HUF": "huf ft forint", "BGN": "bgn лв лева", "PLN": "pln zl zł", "CZK": "czk kc",
        "MDL": "mdl", "CHF": "chf fr", "RSD": "rsd din", "UAH": "uah грн ₴", "TRY": "try tl ₺",
        "SEK": "sek", "DKK": "dkk", "NOK": "nok", "BAM": "bam km", "MKD": "mkd ден", "ALL": "all",
        "RUB": "rub руб ₽",
    }.items()
    for word in words.split()
}  # fmt: skip
WITHOUT_CENTS = frozenset({"HUF"})  # written without decimals: 12.990 Ft
PIECES = (
    "x", "×", "buc", "bucata", "bucati", "pc", "pcs?", "pieces?", "ea", "each", "units?", "sets?",
    "seturi", "perech[ei]", "pereche", "st", "stk", "stuck", "stuks?", "db", "darab", "ks", "kus",
    "kusy", "kusu", "kusov", "szt", "sztuka", "sztuki", "sztuk", "kom", "kos", "бр", "брои", "броя",
    "шт", "штука", "штуки", "штук", "τεμ", "τεμαχι[οα]", "pz", "pezz[io]", "ud", "uds", "unidades?",
    "adet",
)  # fmt: skip
_QUANTITY = re.compile(
    rf"(?:x\s*)?(\d{{1,6}})(?:[.,]0{{1,2}}|[.,]0{{4,}})?\s*(?:{'|'.join(PIECES)})?\.?"
)
UNSURE = "?"  # nothing in a column shows what its marks part


class CellNumber(str):
    """A number cell of a spreadsheet, in plain digits with a dot.

    `currency`: an ISO code, where the cell's format shows one.
    """

    __slots__ = ("currency",)
    currency: str

    def __new__(cls, digits: str, currency: str = "") -> Self:
        """A number of these digits."""
        made = super().__new__(cls, digits)
        made.currency = currency
        return made


# ---------------------------------------------------------------- amounts


def minor(text: str, decimal_marks: str = ".,", column: str = "total") -> int:
    """An amount in hundredths: "1.234,50", "1,234.50", "149,9 lei", a number cell's 149.985.

    `decimal_marks`: what parts the decimals in this column (`marks_of`); a thousand is not read
    with such a mark alone, and with no mark alone in a column that shows nothing.
    Raises ImportNote.
    """
    if isinstance(text, CellNumber):
        value = Decimal(text)
        if abs(value) < LARGEST_MINOR:  # more digits than a decimal has are no amount either
            value = value.quantize(Decimal("0.01"), ROUND_HALF_UP)
    else:
        value = _amount(text, decimal_marks, column)
    hundredths = value * 100
    if not 0 <= hundredths <= LARGEST_MINOR or hundredths != hundredths.to_integral_value():
        raise not_understood(ImportCode.AMOUNT_OUT_OF_RANGE, column, text)
    return int(hundredths)


_CURRENCY = re.compile(
    "(?<![^\\W\\d])(?:"
    + "|".join(re.escape(word) for word in sorted(CURRENCY_NAMES, key=len, reverse=True))
    + ")(?![^\\W\\d])\\.?"
)


def currency_in(text: str) -> str:
    """The currency that stands beside an amount, as an ISO code; "" where none or several do."""
    if isinstance(text, CellNumber):
        return text.currency
    found = {CURRENCY_NAMES[one.rstrip(".")] for one in _CURRENCY.findall(plain(text))}
    return found.pop() if len(found) == 1 else ""


def _bare_amount(text: str) -> str:
    """The digits and marks of an amount, without its currency and blanks; "" for anything else."""
    words = _CURRENCY.sub(" ", plain(text).replace("\u2212", "-"))
    words = re.sub(r"[.,][-–—]{1,2}\s*$", "", words.strip())  # 149,- is 149
    words = re.sub(r"(?<=\d)[ '’](?=\d{3}(?:\D|$))", "'", words.strip().removeprefix("+"))
    return words.strip() if re.fullmatch(r"\d[\d.,']*", words.strip()) else ""


def _amount(text: str, decimal_marks: str, column: str) -> Decimal:
    """An amount by its marks; `decimal_marks`: those that part decimals here. Raises ImportNote."""
    bare = _bare_amount(text)
    if not bare or not bare[-1].isdigit():
        raise not_understood(ImportCode.NOT_AMOUNT, column, text)
    if re.fullmatch(r"\d+", bare):
        return Decimal(bare)
    groups = r"[1-9]\d{0,2}"
    for thousand, mark in ((".", ","), (",", "."), ("'", ","), ("'", ".")):
        if re.fullmatch(
            rf"(?:{groups}(?:{re.escape(thousand)}\d{{3}})+|\d+){re.escape(mark)}\d{{1,2}}", bare
        ):
            return Decimal(bare.replace(thousand, "").replace(mark, "."))
    if re.fullmatch(r"\d+[.,]\d{4,}", bare) and not bare.rstrip("0")[-3:].isdigit():
        return Decimal(bare.replace(",", "."))  # 149.900000
    for thousand in ".,'":
        if re.fullmatch(rf"{groups}(?:{re.escape(thousand)}\d{{3}})+", bare):
            alone = bare.count(thousand) == 1 and currency_in(text) not in WITHOUT_CENTS
            if alone and decimal_marks in (thousand, UNSURE) and thousand != "'":
                break
            return Decimal(bare.replace(thousand, ""))
    ambiguous = re.fullmatch(r"\d+[.,]\d{3,}", bare)
    raise not_understood(
        ImportCode.AMBIGUOUS_AMOUNT if ambiguous else ImportCode.NOT_AMOUNT, column, text
    )  # fmt: skip


def marks_of(texts: Iterable[str]) -> str:
    """What parts the decimals in a column: "." or "," where its amounts agree, else UNSURE."""
    found = set()
    for text in texts:
        bare = "" if isinstance(text, CellNumber) else _bare_amount(text)
        decimals = re.fullmatch(
            r"[\d.,']*?([.,])\d{1,2}|(?:0|\d{4,})([.,])\d{3,}|\d+([.,])\d{4,}", bare
        )
        groups = re.fullmatch(r"\d{1,3}(?:([.,])\d{3}(?=[.,]|$)){2,}", bare)
        if decimals:
            found.add(next(mark for mark in decimals.groups() if mark))
        elif groups:
            found.add("," if groups[1] == "." else ".")
    return found.pop() if len(found) == 1 else UNSURE


def currency(text: str) -> str:
    """An ISO code; nothing written means RON. Raises ImportNote."""
    code = (text or "RON").strip().upper().rstrip(".")
    code = CURRENCY_NAMES.get(plain(code), code)
    if len(code) != 3 or not (code.isascii() and code.isalpha()):
        raise not_understood(ImportCode.NOT_CURRENCY, "currency", text)
    return code


# ---------------------------------------------------------------- ways of paying, quantities


def payment(text: str) -> Payment:
    """How an order is paid; nothing written means cash on delivery. Raises ImportNote, `taken`: the
    order goes in as prepaid."""
    if not text.strip() or is_placeholder(text):
        return "cod"
    known = payment_of(text)
    if known is None:
        remark = not_understood(ImportCode.UNKNOWN_PAYMENT, "payment", text)
        remark.taken = True
        raise remark
    return known


def quantity(text: str) -> int:
    """How many pieces: "2", "2.0", "1 buc", "x3"; nothing written means one. Raises ImportNote."""
    if not text.strip():
        return 1
    found = _QUANTITY.fullmatch(plain(text))
    if not found:
        raise not_understood(ImportCode.NOT_QUANTITY, "quantity", text)
    return int(found[1])


# ---------------------------------------------------------------- order names


_DAY = re.compile(
    r"(?:19|20)\d\d-\d\d-\d\d(?:[ t]\d\d:\d\d(?::\d\d)?)?|\d{1,2}[-. ](?P<month>[^\W\d_]{3,12})\.?"
)


def order_name(text: str) -> str:
    """An order's name in one writing, without a number's ".0".

    Raises ImportNote for one that has lost its digits: "1.2E+05", and "10-11" that a spreadsheet
    made a day of.
    """
    # A text's "1.000" is an order of a thousand, and no first one with three decimals.
    decimals = r"\.0+" if isinstance(text, CellNumber) else "[.,]0{1,2}"
    seen = written(text).removeprefix("'")  # which says in a spreadsheet that it is a text
    bare = re.sub(rf"^(\d+){decimals}$", r"\1", seen)
    day = _DAY.fullmatch(plain(bare))
    is_day = day is not None and (day["month"] is None or day["month"] in MONTHS)
    if is_day or (CUT.fullmatch(bare) and re.search(r"[.,+]", bare)):
        raise not_understood(ImportCode.LOST_DIGITS, "order", text)
    return bare


def order_as_seen(text: str) -> str:
    """An order's name as `order_name` reads it; one that lost its digits as it is written."""
    try:
        return order_name(text)
    except ImportNote:
        return text.strip()


# ---------------------------------------------------------------- tracking numbers


def trackings(text: str, column: str = "tracking") -> list[str]:
    """The tracking numbers of a cell; none for a placeholder. Raises ImportNote."""
    whole = text.strip().lstrip("-")
    if isinstance(text, CellNumber) and len(whole.partition(".")[0]) > MOST_DIGITS:
        raise not_understood(ImportCode.LOST_DIGITS, column, text)
    if CUT.fullmatch(whole):
        raise not_understood(ImportCode.LOST_DIGITS, column, text)
    try:
        return numbers_in(text)
    except NotANumber as error:
        code = ImportCode.LOST_DIGITS if error.cut else ImportCode.NOT_TRACKING
        raise not_understood(
            code, column, error.part if len(error.part) < len(text) else text
        ) from error


def tracking(text: str, column: str = "tracking") -> str:
    """The one tracking number of a cell. Raises ImportNote for none and for several."""
    found = trackings(text, column)
    if not found:
        raise not_understood(ImportCode.NO_TRACKING, column, text)
    if len(found) > 1:
        raise not_understood(ImportCode.NOT_TRACKING, column, text)
    return found[0]
