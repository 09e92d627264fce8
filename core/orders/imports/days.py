"""Reads days and moments of cells; a day that may be two days is a question for the whole file."""

import datetime as dt
import re
from collections.abc import Iterable
from zoneinfo import ZoneInfo

from core.clock import day, now
from core.orders.imports.codes import ImportCode, ImportNote, not_understood
from core.services.http.texts import plain

# In the languages of the shops' countries, as `plain` writes them.
MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "ian ianuarie jan january januar januari gennaio янр януари styczen stycznia "
            "leden ledna ιαν ιανουαριου oca ocak sijecanj",
            "feb februarie february februar fev febbraio фев февруари luty lutego unor unora "
            "φεβ φεβρουαριου sub subat veljaca",
            "mar martie march marz marc marcius marzo март мар marzec marca brezen brezna μαρ "
            "μαρτιου mart ozujak",
            "apr aprilie april aprilis aprile април апр kwiecien kwietnia duben dubna απρ "
            "απριλιου nis nisan travanj",
            "mai may maj majus maggio маи maja kveten kvetna μαι μαιου mayis svibanj",
            "iun iunie jun june juni junius giugno юни czerwiec czerwca cerven cervna ιουν "
            "ιουνιου haz haziran lipanj",
            "iul iulie jul july juli julius luglio юли lipiec lipca cervenec cervence ιουλ "
            "ιουλιου tem temmuz srpanj",
            "aug august augusztus agosto август авг sierpien sierpnia srpen srpna αυγ "
            "αυγουστου agu agustos kolovoz",
            "sep sept septembrie september szeptember settembre септември сеп wrzesien "
            "wrzesnia zari σεπ σεπτεμβριου eyl eylul rujan",
            "oct octombrie october okt oktober ottobre октомври окт pazdziernik pazdziernika "
            "rijen rijna οκτ οκτωβριου eki ekim",
            "noi noiembrie nov november novembre ноември ное listopada listopadu νοε νοεμβριου kas "
            "kasim kasım studeni",
            "dec decembrie december dez dezember dicembre декември дек grudzien grudnia "
            "prosinec prosince δεκ δεκεμβριου ara aralik prosinac",
        ),
        1,
    )
    for name in names.split()
}  # fmt: skip
EPOCH = dt.datetime(1899, 12, 30)  # day 0 of a spreadsheet (1900 with its leap year that was none)
LAST_CENTURY = 69  # of two digits, by POSIX %y: no order of this desk is that old
FIRST_DAY, LAST_DAY = 32_874, 73_415  # 1990 to 2100
_TIME = re.compile(
    r"(?:[\st,]|ora|at|um|г\.)*(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d+)?)?\s*([ap])?\.?m?\.?\s*"
    r"(z|utc|gmt|[+-]\d{2}:?\d{2}|[+-]\d{2})?"
)
_SHORT = re.compile(r"(\d{1,2})([./-])\s?(\d{1,2})\2\s?(\d{4}|\d{2})\.?(?:\s*(?:r|g|г)\.)?")
_LONG = re.compile(r"(\d{4})([./-])\s?(\d{1,2})\2\s?(\d{1,2})\.?")
_JOINED = re.compile(r"((?:19|20)\d{2})()(\d{2})(\d{2})(?!\d)")
_WORD = r"[^\W\d_]"
_NAMED = re.compile(
    rf"(?:{_WORD}+,?\s*)?(\d{{1,2}})[\s.-]*({_WORD}{{3,12}})\.?[\s,.-]*(\d{{4}}|\d{{2}})"
)
_YEAR_FIRST = re.compile(rf"(\d{{4}})\.?\s*({_WORD}{{3,12}})\.?\s*(\d{{1,2}})\.?")
_NAMED_FIRST = re.compile(
    rf"(?:{_WORD}+,?\s*)?({_WORD}{{3,12}})\.?\s+(\d{{1,2}})(?:st|nd|rd|th)?,?\s+(\d{{4}})"
)


def moment(
    text: str, zone: ZoneInfo, *, day_first: bool | None = None, column: str = "created_at",
    is_turned: bool | None = False,
) -> dt.datetime:  # fmt: skip
    """A day or a moment in UTC; in the seller's zone where none is named. Raises ImportNote.

    `day_first` says how 03/04/2026 is meant; None: it is told as a question. Dots are day first.
    `is_turned`: whether 2026-04-03 stands for 4 March (`turned`); None: it is told too.
    """
    words = re.sub(r"(?<=\d)\s*(?:г|год|r|g)\.?$", "", plain(text))
    if is_turned is not False and (other := _the_other_way(words)) != words:
        if is_turned is None:
            raise not_understood(ImportCode.DAY_OR_MONTH, column, text)
        words = other
    read = _day_number(words) or _written(words, day_first)
    if read is AMBIGUOUS:
        raise not_understood(ImportCode.DAY_OR_MONTH, column, text)
    if not isinstance(read, dt.datetime) or not 1990 <= read.year <= 2100:
        raise not_understood(ImportCode.NOT_DATE, column, text)
    return (read if read.tzinfo else read.replace(tzinfo=zone)).astimezone(dt.UTC)


def order_of_day(texts: Iterable[str]) -> bool | None:
    """Whether the day comes first in a column of dates, as its other dates tell; None: unsaid.

    None as well where they contradict each other.
    """
    said = set()
    for text in texts:
        found = _SHORT.match(plain(text))
        if found and found[2] != ".":
            first, second = int(found[1]), int(found[3])
            if first > 12 >= second or second > 12 >= first:
                said.add(first > 12)
    return said.pop() if len(said) == 1 else None


def turned(texts: Iterable[str], chosen: bool | None) -> bool | None:
    """Whether the whole dates of a column have their day and their month in each other's place.

    A spreadsheet of another country made dates of what it could read its own way, 04/03/2026, and
    left 25/03/2026 a text. `chosen`: what a person says comes first; None where nobody said it.
    """
    listed = [plain(text) for text in texts]
    first = order_of_day(listed)
    whole = [one for one in listed if _LONG.match(one)]
    if first is None or not any(_the_other_way(one) != one for one in whole):
        return False
    could_be_either = (one for one in listed if _written(one, None) is AMBIGUOUS)
    if any(could_be_either) or any(int(_LONG.match(one)[4]) > 12 for one in whole):  # type: ignore[index]
        return False
    return None if chosen is None else chosen == first


def _the_other_way(words: str) -> str:
    """A date that begins with its year with day and month exchanged, where that is one."""
    found = _LONG.match(words)
    if found is None or int(found[4]) > 12 or int(found[3]) == int(found[4]):
        return words
    return f"{found[1]}-{found[4]}-{found[3]}{words[found.end() :]}"


def asks_for_order(texts: Iterable[str]) -> bool:
    """Whether a column has a date that may be two days, and no other that settles it."""
    listed = list(texts)
    if order_of_day(listed) is not None:
        return turned(listed, None) is None
    return any(_written(plain(text), None) is AMBIGUOUS for text in listed)


def is_ahead(text: str, zone: ZoneInfo) -> bool:
    """Whether a cell is a day after today, however its day and its month are meant."""
    read = []
    for day_first in (True, False):
        try:
            read.append(moment(text, zone, day_first=day_first))
        except ImportNote:
            continue
    return bool(read) and day(min(read), zone) > day(now(), zone)


class _Ambiguous:
    """Day and month could be either."""


AMBIGUOUS = _Ambiguous()


def _day_number(words: str) -> dt.datetime | None:
    """A spreadsheet's day number: 45971, or 45971.573 with a time."""
    bare = words.replace(",", ".")
    if not re.fullmatch(r"\d{5}(?:\.\d+)?", bare) or not FIRST_DAY <= float(bare) < LAST_DAY:
        return None
    seconds = round(float(bare) * 86_400)
    return EPOCH + dt.timedelta(seconds=seconds)


def _written(words: str, day_first: bool | None) -> dt.datetime | _Ambiguous | None:
    """A day in any writing we know; None: it is none; AMBIGUOUS: its month may be its day."""
    for pattern, order in (
        (_LONG, "ymd"), (_JOINED, "ymd"), (_SHORT, "dmy"), (_NAMED, "dmy"), (_YEAR_FIRST, "ymd"),
        (_NAMED_FIRST, "mdy"),
    ):  # fmt: skip
        found = pattern.match(words)
        if found is None:
            continue
        clock = _clock(words[found.end() :])
        if clock is None:
            continue
        parts = [part for part in found.groups() if part not in (".", "/", "-", "")]
        if pattern is _SHORT and found[2] != ".":
            first, second = int(parts[0]), int(parts[1])
            if day_first is None and first != second and first <= 12 and second <= 12:
                return AMBIGUOUS
            if first <= 12 < second or (day_first is False and first <= 12):
                order = "mdy"  # noqa: PLW2901 (of this text alone)
        found_day = _day(dict(zip(order, parts, strict=True)))
        return None if found_day is None else _at(found_day, clock)
    return None


def _day(parts: dict[str, str]) -> dt.date | None:
    month = MONTHS.get(parts["m"]) if parts["m"].isalpha() else int(parts["m"])
    year = int(parts["y"])
    if len(parts["y"]) == 2:
        if year >= LAST_CENTURY:
            return None
        year += 2000
    try:
        return dt.date(year, month or 0, int(parts["d"]))
    except ValueError:
        return None


def _at(date: dt.date, clock: tuple[dt.time, dt.tzinfo | None]) -> dt.datetime:
    return dt.datetime.combine(date, clock[0], clock[1])


def _clock(rest: str) -> tuple[dt.time, dt.tzinfo | None] | None:
    """The time and the zone behind a day; None where something else stands there."""
    if not rest.strip(" ,."):
        return dt.time(), None
    found = _TIME.fullmatch(rest)
    if found is None:
        return None
    hour, minute, second = int(found[1]), int(found[2]), int(found[3] or 0)
    if found[4]:
        hour = hour % 12 + (12 if found[4] == "p" else 0)
    try:
        return dt.time(hour, minute, second), _zone(found[5])
    except ValueError:
        return None


def _zone(text: str | None) -> dt.tzinfo | None:
    if not text:
        return None
    if text[0] not in "+-":
        return dt.UTC
    bare = text[1:].replace(":", "")
    offset = dt.timedelta(hours=int(bare[:2]), minutes=int(bare[2:] or 0))
    return dt.timezone(-offset if text[0] == "-" else offset)
