"""Forgets a customer: who it was goes from rows, files and free pages; the sums stay.

What the law makes a shop keep stays: order and invoice numbers, sums, dates, and the record, which
names no customer. The keyed pseudonym stays, so that repeat refusals can still be counted; without
`secret.key` nobody can tell whose it is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    Connection,
    Row,
    Table,
    delete,
    func,
    select,
    update,
)  # fmt: skip

from core.audit import approvals, trail
from core.audit.actions import Action
from core.audit.redact import SHORTEST, Words
from core.clock import now
from core.errors import UserError
from core.labels import normalise
from core.orders.documents.references import only_of_invoices
from core.orders.judge.names import names_of
from core.orders.photos import storage
from core.orders.privacy.codes import PrivacyCode
from core.orders.privacy.customer import named, of_customer
from core.reasons import Reason
from core.rights import Right, door
from core.settings import preferences
from core.store import db
from core.store.scrub import forget_copies, scrub
from core.store.states import OPEN_REVERSALS
from core.store.tables import (
    alarms,
    aliases,
    boxes,
    effects,
    fact_words,
    invoice_readings,
    invoices,
    not_parcels,
    order_lines,
    order_questions,
    orders,
    parcels,
    pictures,
    pile_orders,
    pile_pictures,
    reversals,
    scans,
)
from core.store.tables import approvals as approvals_table
from core.store.tables.invoices import filings

PART = 500  # orders at a time
FORGOTTEN = "forgotten"  # the name of a picture that is gone
CONTACT = ("phone", "email", "street", "postcode")
PLACE = ("customer_name", "billed_to", "city", "note")


class StillUnderWay(UserError):
    """An order of the customer is being processed; the message says what to do."""


@dataclass(frozen=True)
class Forgotten:
    """What was done; `files_clean`: nothing is left in free pages or the write-ahead log."""

    orders: int
    pictures: int
    files_clean: bool


@dataclass(frozen=True)
class ToForget:
    """What forgetting would take: the customer's orders by name, the newest first, and pictures.

    `shared`: pictures among them on which parcels of other orders lie too; they go whole.
    """

    orders: tuple[str, ...]
    pictures: int
    shared: int


@door(Right.ERASE, proved=True)
def would_forget(order_id: int) -> ToForget:
    """What `forget_customer` would take now; changes nothing. Raises StillUnderWay as it does."""
    with db.reading() as connection:
        ids = [row.id for row in of_customer(connection, order_id)]
        _not_under_way(connection, ids)
        names = select(orders.c.name).where(orders.c.id.in_(ids)).order_by(orders.c.id.desc())
        seen = pictures_of(connection, ids)
        others = (scans.c.sha256.in_(seen), scans.c.order_id.not_in(ids))
        shared = connection.scalar(select(func.count(scans.c.sha256.distinct())).where(*others))
        return ToForget(tuple(connection.scalars(names)), len(seen), shared or 0)


@door(Right.ERASE, proved=True)
def forget_customer(order_id: int) -> Forgotten:
    """Forget the customer of this order, in all their orders.

    Raises StillUnderWay, and approvals.WaitsForAnother where a second person must agree.
    """
    with db.writing() as connection:
        rows = of_customer(connection, order_id)
        ids = [row.id for row in rows]
        _not_under_way(connection, ids)
        subject = named(rows, order_id)
        counts = {"orders": len(ids)}
        approvals.need(connection, approvals.ApprovalKind.ERASE, subject, sorted(ids), counts)
        seen = pictures_of(connection, ids)
        forget_rows(connection, rows)
        forget_alarms(connection, words_of(rows))
        _forget_unmatched(connection, words_of(rows))
        forget_pictures(connection, seen)
        detail = {**counts, "pictures": len(seen)}
        trail.record(connection, Action.CUSTOMER_FORGOTTEN, subject, detail)
    for sha256 in seen:
        storage.forget(sha256)
    forget_copies()
    return Forgotten(len(ids), len(seen), scrub())


def _not_under_way(connection: Connection, ids: Sequence[int]) -> None:
    still = reversals.c.order_id.in_(ids) & reversals.c.state.in_(OPEN_REVERSALS)
    if connection.scalar(select(reversals.c.id).where(still).limit(1)) is not None:
        raise StillUnderWay(PrivacyCode.UNDER_WAY)


def pictures_of(connection: Connection, ids: Sequence[int]) -> list[str]:
    """The pictures on which these orders' labels or goods are seen, by content hash."""
    seen = select(scans.c.sha256).where(scans.c.order_id.in_(ids), scans.c.sha256 != "")
    proofs = select(pile_pictures.c.sha256).where(pile_pictures.c.order_id.in_(ids))
    found = select(pile_pictures.c.sha256).join(boxes).where(boxes.c.order_id.in_(ids))
    return sorted({sha for query in (seen, proofs, found) for sha in connection.scalars(query)})


def words_of(rows: Sequence[Row[Any]]) -> Words:
    """What names the customers of these orders, in whatever text it stands."""
    fields = ("customer_name", "phone", "email", "street")
    billed = [name for row in rows for name in names_of(row.billed_to)]
    return Words([*billed, *(getattr(row, name) for row in rows for name in fields)])


def forget_rows(connection: Connection, rows: Sequence[Row[Any]]) -> None:
    """Who these orders were for goes from every table; sums, numbers and dates stay."""
    words, ids = words_of(rows), [row.id for row in rows]
    named = preferences.load(connection).invoice_attribute
    for row in rows:
        kept = only_of_invoices(row.attributes, named)
        blank = dict.fromkeys((*CONTACT, *PLACE), "")
        connection.execute(
            update(orders)
            .where(orders.c.id == row.id)
            .values(**blank, attributes=kept, tags=words.of(row.tags), forgotten_at=now())
        )
    connection.execute(update(parcels).where(parcels.c.order_id.in_(ids)).values(city=""))
    mine = reversals.c.order_id.in_(ids)
    _rewrite(connection, reversals, mine, words, "options", "proof", "why")
    of_mine = select(reversals.c.id).where(mine)
    _rewrite(
        connection, effects, effects.c.reversal_id.in_(of_mine), words, "evidence", "result", "why"
    )
    theirs = select(invoices.c.id).where(invoices.c.order_id.in_(ids))
    connection.execute(delete(invoice_readings).where(invoice_readings.c.invoice_id.in_(theirs)))
    there = pile_orders.c.order_id.in_(ids)
    _rewrite(connection, pile_orders, there, words, "remark", "staff_note", "waived")
    # A square code of a label may hold the address it goes to.
    of_scan = scans.c.order_id.in_(ids)
    _rewrite(connection, scans, of_scan, words, "why", "candidates", "code")
    _rewrite_keys(connection, of_scan)
    seen_on = pile_pictures.c.sha256.in_(pictures_of(connection, ids))
    _rewrite(connection, pile_pictures, seen_on, words, "reading", "error", "filename")
    asked = order_questions.c.order_id.in_(ids)
    _rewrite(connection, order_questions, asked, words, "text")
    _rewrite(connection, filings, filings.c.invoice_id.in_(theirs), words, "note")
    connection.execute(
        update(boxes).where(boxes.c.order_id.in_(ids)).values(fields=None, candidates=None)
    )
    of_parcels = parcels.c.order_id.in_(ids)
    _rewrite(connection, parcels, of_parcels, words, "status_text", "reason", "product")
    _rewrite(connection, order_lines, order_lines.c.order_id.in_(ids), words, "title", "image_url")
    _forget_keys(connection, words, ids)
    _forget_words_of_figures(connection, words)


def _rewrite(connection: Connection, table: Table, where: Any, words: Words, *columns: str) -> None:
    """These columns of these rows without the customer's words."""
    key = next(iter(table.primary_key.columns))
    for row in connection.execute(select(key, *(table.c[name] for name in columns)).where(where)):
        values = {}
        for name, value in zip(columns, row[1:], strict=True):
            clean = _clean(value, words)
            if clean != value:
                values[name] = clean
        if values:
            connection.execute(update(table).where(key == row[0]).values(**values))


def _rewrite_keys(connection: Connection, where: Any) -> None:
    """What scans are found by, as their codes read now."""
    for row in connection.execute(select(scans.c.id, scans.c.code, scans.c.code_key).where(where)):
        key = normalise(row.code)
        if key != row.code_key:
            connection.execute(update(scans).where(scans.c.id == row.id).values(code_key=key))


def _forget_keys(connection: Connection, words: Words, ids: Sequence[int]) -> None:
    """What people said of codes that spell the customer: learnt numbers, codes that are no parcel.

    Such a code is kept in letters and digits alone, so it is looked for like that, and goes whole.
    """
    spelled = [key for text in words.texts if len(key := normalise(text)) >= SHORTEST]
    of_mine = select(parcels.c.id).where(parcels.c.order_id.in_(ids))
    for column, where in (
        (aliases.c.code_key, aliases.c.parcel_id.in_(of_mine)),
        (not_parcels.c.key, not_parcels.c.id > 0),
    ):
        table = column.table
        for row in connection.execute(select(table.c.id, column.label("key")).where(where)).all():
            if any(one in row.key for one in spelled):
                connection.execute(delete(table).where(table.c.id == row.id))


def _forget_words_of_figures(connection: Connection, words: Words) -> None:
    """Analytics keeps each word once, by number; the number stays."""
    for row in connection.execute(select(fact_words)).all():
        clean = {"word": words.of(row.word), "title": words.of(row.title)}
        if clean["word"] != row.word:
            clean["word"] += f" {row.code}"  # unique within its kind
        same = (fact_words.c.kind == row.kind) & (fact_words.c.code == row.code)
        if clean["word"] != row.word or clean["title"] != row.title:
            connection.execute(update(fact_words).where(same).values(**clean))


def _clean(value: Any, words: Words) -> Any:
    if isinstance(value, Reason):
        return Reason.from_json(words.of(value.as_json()))
    return words.of(value)


def forget_alarms(connection: Connection, words: Words) -> None:
    """Alarms keep their cause, without these words."""
    everything = alarms.c.id > 0
    _rewrite(connection, alarms, everything, words, "reason", "subject")
    asked = approvals_table.c.id > 0
    _rewrite(connection, approvals_table, asked, words, "detail")


def _forget_unmatched(connection: Connection, words: Words) -> None:
    """Codes that led to no order and spell the customer all the same.

    By time they go with their piles (`keep_scans_months`).
    """
    of_none = scans.c.order_id.is_(None) & (func.length(scans.c.code) >= SHORTEST)
    _rewrite(connection, scans, of_none, words, "code", "why", "candidates")
    _rewrite_keys(connection, of_none)


def forget_pictures(connection: Connection, hashes: Sequence[str]) -> None:
    """The bytes go; what was read as codes stays, what was read as print goes."""
    for at in range(0, len(hashes), PART):
        some = hashes[at : at + PART]
        here = pile_pictures.c.sha256.in_(some)
        ids = select(pile_pictures.c.id).where(here)
        connection.execute(update(pile_pictures).where(here).values(filename=FORGOTTEN))
        them = pictures.c.sha256.in_(some)
        connection.execute(update(pictures).where(them).values(filename=FORGOTTEN))
        connection.execute(
            update(boxes).where(boxes.c.picture_id.in_(ids)).values(fields=None, candidates=None)
        )
