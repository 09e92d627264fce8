"""Finds the one order behind a code, or says that there is none, or several (rule 7)."""

import itertools
import string
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, Select, func, select

from core.labels import Label, TrackingCandidate, normalise, read_label
from core.labels.codes import LabelCode
from core.matching.alphabets import latin
from core.matching.beside import cuts_of, halves, numbers_beside, numbers_within, repeated, slips
from core.matching.not_parcels import is_not_parcel
from core.reasons import Reason, ReasonCode
from core.store.states import MatchOutcome
from core.store.tables import aliases, orders, parcels


class MatchCode(ReasonCode):
    """Why a code found no order, or several."""

    NO_ORDER = "no_order"
    NEARLY = "nearly"  # orders: their names
    MAYBE = "maybe"  # orders
    SEVERAL_ORDERS = "several_orders"  # orders


# A shorter beginning fits too much; 7 digits leave out a third of the shortest number (Cargus).
SHORTEST_PREFIX = 8
# One character more or less is a misread; couriers add two to six (parcel, service, check).
LEAST_ADDED, MOST_ADDED = 2, 6
MOST_CANDIDATES = 20

MAYBE = "maybe"  # a way that only asks
GUESSES = ("prefix", MAYBE)
OPEN = frozenset({"", "gs1"})  # rules that any courier's label may follow
IN_ONE_QUERY = 5000  # numbers; SQLite takes 32,766 parameters


# A way of matching (`Match.matched_by`, or one that only asks) and the parcels it leads to.
Found = tuple[str, Sequence[Row[Any]]]


@dataclass(frozen=True)
class Match:
    """What a code was found to be. `candidates` are order ids where several fit."""

    outcome: MatchOutcome
    matched_by: str = ""  # exact, alias, courier, prefix
    order_id: int | None = None
    parcel_id: int | None = None
    order_name: str = ""
    tracking: str = ""
    candidates: tuple[int, ...] = ()
    why: Reason | None = None
    is_tracking: bool = True  # False: the code is recognised as something else on the label


def match(connection: Connection, code: str, symbology: str = "", *, weak: bool = False) -> Match:
    """The order of a code: exact, else an alias, else a courier's cut, else a prefix (rule 7).

    The first way that finds anything decides: a weaker one never overrules a stronger one, and no
    guess a number that was taken back. `symbology` is what the reader calls the bars, "" where it
    was typed. `weak`: the reader doubts a symbol; then a prefix is no match, and a person chooses
    where another order's number, its own or learnt, is one symbol away.
    """
    key = normalise(code)
    label = read_label(code, symbology)
    taken_back: Found | None = None
    for way, rows in _ways(connection, key, label):
        if way in GUESSES and (weak or taken_back):
            continue
        there = [row for row in rows if not row.void]
        if there:
            return _choose(connection, key, label, way, there, weak=weak)
        if rows and taken_back is None:
            taken_back = way, rows
    if taken_back:  # it leads to its order only where no other parcel has the number
        return _choose(connection, key, label, *taken_back, weak=weak)
    if is_not_parcel(connection, key):
        why = Reason(LabelCode.SAID_NOT_PARCEL)
        return Match(MatchOutcome.UNMATCHED, why=why, is_tracking=False)
    # A web address that holds no known number is somebody's page, not an unknown parcel.
    is_page = bool(label.candidates) and not any(one.courier for one in label.candidates)
    if label.kind == "not_tracking" or is_page:
        return Match(MatchOutcome.UNMATCHED, why=label.why, is_tracking=False)
    return Match(MatchOutcome.UNMATCHED, why=Reason(MatchCode.NO_ORDER))


def _ways(connection: Connection, key: str, label: Label) -> Iterable[Found]:
    """What each way finds, the surest way first; nothing found is told as no rows.

    A parcel that a sure way finds and whose courier is another one goes to the ways that only ask.
    """
    if not key:
        return
    yield from _known(connection, "exact", [key])
    # Before any courier's cut: of two numbers in a line it would find the first alone.
    beside = numbers_beside(label.text)
    yield "courier", _by_keys(connection, beside)
    yield "courier", _by_keys(connection, repeated(key))
    yield "courier", _glued(connection, key)
    read_as = [*label.candidates, *(read_label(beside[0]).candidates if len(beside) == 1 else ())]
    strange: list[Row[Any]] = []
    for certainty in ("sure", "fair"):
        keys = [one.tracking_key for one in read_as if one.certainty == certainty]
        for way, rows in _known(connection, "courier", keys) if keys else ():
            ours = [row for row in rows if way == "alias" or _may_carry(row, read_as)]
            strange += [row for row in rows if row not in ours]
            yield way, ours
    if label.kind == "not_tracking":
        return
    if not (label.why and label.why.code == LabelCode.WEB_ADDRESS):  # its own rule knows its parts
        within = numbers_within(label.text)
        yield "courier", _by_keys(connection, within)
        yield "courier", _by_keys(connection, cuts_of(within))
    low = [one for one in read_as if one.certainty == "low"]
    # A number that stands whole in a web address is known; one that a courier might mean is not.
    in_address = [one.tracking_key for one in low if not one.courier]
    yield "courier", _by_keys(connection, in_address)
    whole = [one for one in read_as if one.tracking_key == key and one.certainty != "low"]
    longer = _by_prefix(connection, key)
    strange += [row for row in longer if not _may_carry(row, whole, whole=True)]
    yield MAYBE, strange
    yield "prefix", longer
    asked = [one.tracking_key for one in low if one.courier]
    yield MAYBE, _by_keys(connection, [*asked, *cuts_of(in_address), *slips(key)])
    turned = latin(key)
    yield MAYBE, _by_keys(connection, [*turned, *cuts_of(turned)])


def _may_carry(row: Row[Any], read_as: Iterable[TrackingCandidate], *, whole: bool = False) -> bool:
    """Whether the parcel's courier may be one whose rule read its number out of the code.

    The beginning of one courier's number may be another's ("7000121083" of "7000121083646").
    Where no courier is known, of the parcel or of the code, nothing speaks against it.
    `whole`: the rules read the code as it is, so they count whatever number the parcel has.
    """
    carriers = {one.courier for one in read_as if whole or one.tracking_key == row.tracking_key}
    return not (row.courier and carriers) or row.courier in carriers or bool(carriers & OPEN)


def _known(connection: Connection, way: str, keys: Sequence[str]) -> Iterator[Found]:
    """Two ways: the parcels with these numbers, then those for which one was learnt as an alias.

    A number that one order's parcel has and that was learnt for another's is of both: couriers use
    numbers again, and whoever teaches one may mistype it.
    """
    own = _by_keys(connection, keys)
    learnt = [row for one in keys for row in _by_alias(connection, one)]
    live = [row for row in own if not row.void]
    others = [row for row in learnt if not row.void and live and row.order_id != live[0].order_id]
    yield way, [*own, *others]
    yield "alias", learnt


def _decide(way: str, rows: Sequence[Row[Any]]) -> Match:
    """Matched where all the parcels found this way are of one order; a question otherwise."""
    by_order = {row.order_id: row for row in rows}
    names = tuple(sorted({str(row.name) for row in rows})[:5])
    if way == MAYBE:
        why = Reason.of(MatchCode.MAYBE, orders=names)
        return Match(MatchOutcome.AMBIGUOUS, "courier", candidates=tuple(by_order), why=why)
    if len(by_order) > 1:
        return Match(
            MatchOutcome.AMBIGUOUS,
            way,
            candidates=tuple(by_order)[:MOST_CANDIDATES],
            why=Reason.of(MatchCode.SEVERAL_ORDERS, orders=names),
        )
    row = rows[0]
    return Match(MatchOutcome.MATCHED, way, row.order_id, row.id, row.name, row.tracking)


def _choose(
    connection: Connection,
    key: str,
    label: Label,
    way: str,
    rows: Sequence[Row[Any]],
    *,
    weak: bool,
) -> Match:
    """As _decide; of a weak reading only where no other order's number is one symbol away."""
    if not weak:
        return _decide(way, rows)
    sure = (one.tracking_key for one in label.candidates if one.certainty != "low")
    read = {key, *sure, *(row.tracking_key for row in rows)}
    near = _by_many_keys(connection, {off for number in read for off in one_symbol_off(number)})
    by_order = {row.order_id: row.name for row in [*rows, *near]}
    if len(by_order) == 1:
        return _decide(way, rows)
    chosen = dict(itertools.islice(by_order.items(), MOST_CANDIDATES))
    why = Reason.of(MatchCode.NEARLY, orders=tuple(sorted(chosen.values())[:5]))
    return Match(MatchOutcome.AMBIGUOUS, way, candidates=tuple(chosen), why=why)


def _by_many_keys(connection: Connection, keys: Iterable[str]) -> Iterator[Row[Any]]:
    """The parcels that have one of these numbers, or for which one was learnt as an alias."""
    wanted = sorted(keys)
    learnt = _select().join(aliases, aliases.c.parcel_id == parcels.c.id)
    for start in range(0, len(wanted), IN_ONE_QUERY):
        some = wanted[start : start + IN_ONE_QUERY]
        yield from connection.execute(_select().where(parcels.c.tracking_key.in_(some)))
        yield from connection.execute(learnt.where(aliases.c.code_key.in_(some)))


def one_symbol_off(key: str) -> Iterator[str]:
    """What one wrong symbol of Code 128 makes of a number: another character, or two digits."""
    for place, old in enumerate(key):
        for new in string.ascii_uppercase + string.digits:
            if new != old:
                yield key[:place] + new + key[place + 1 :]
        if key[place : place + 2].isdigit() and place + 2 <= len(key):
            for first, second in itertools.product(string.digits, repeat=2):
                if first != old and second != key[place + 1]:
                    yield key[:place] + first + second + key[place + 2 :]


def _select() -> Select[Any]:
    """Parcels with their order's name: the columns that every way decides by."""
    return select(
        parcels.c.id,
        parcels.c.order_id,
        parcels.c.tracking,
        parcels.c.tracking_key,
        parcels.c.courier,
        orders.c.name,
        parcels.c.void,
    ).join(orders, orders.c.id == parcels.c.order_id)


def _by_keys(connection: Connection, keys: Sequence[str]) -> Sequence[Row[Any]]:
    if not keys:
        return []
    query = _select().where(parcels.c.tracking_key.in_(keys)).limit(MOST_CANDIDATES)
    return list(connection.execute(query))


def _glued(connection: Connection, key: str) -> Sequence[Row[Any]]:
    """The parcels of two tracking numbers that were scanned into one text without a blank.

    Empty unless both halves are numbers of parcels.
    """
    parted = halves(key)
    found: dict[str, list[Row[Any]]] = {}
    for row in _by_keys(connection, [one for pair in parted for one in pair]):
        found.setdefault(row.tracking_key, []).append(row)
    return [
        row
        for first, second in parted
        if first in found and second in found
        for row in (*found[first], *found[second])
    ]


def _by_alias(connection: Connection, key: str) -> Sequence[Row[Any]]:
    query = _select().join(aliases, aliases.c.parcel_id == parcels.c.id)
    return list(connection.execute(query.where(aliases.c.code_key == key).limit(MOST_CANDIDATES)))


def _by_prefix(connection: Connection, key: str) -> Sequence[Row[Any]]:
    """Numbers that begin with the code, or with which the code begins.

    The digits that differ must be few: what one courier adds, not half of another's number.
    """
    if len(key) < SHORTEST_PREFIX or not (key.isascii() and key.isalnum()):
        return []
    lengths = (len(key) + LEAST_ADDED, len(key) + MOST_ADDED)
    # "Z" ends the range of letters and digits in every collation, so that the index serves it.
    longer = _select().where(
        parcels.c.tracking_key.between(key, key + "Z" * MOST_ADDED),
        parcels.c.tracking_key.startswith(key),
        func.length(parcels.c.tracking_key).between(*lengths),
    )
    shortest = max(SHORTEST_PREFIX, len(key) - MOST_ADDED)
    beginnings = [key[:length] for length in range(shortest, len(key) - LEAST_ADDED + 1)]
    found = list(connection.execute(longer.limit(MOST_CANDIDATES)))
    return [*found, *_by_keys(connection, beginnings)]
