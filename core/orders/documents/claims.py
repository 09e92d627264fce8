"""Writes down which order names which invoice: one row a document, however it is written.

A second order that names a document is kept beside it as its rival, and both are held until a
person says whose it is (rule 11). The unique constraint on (service, account, series, number)
decides between two that write at once.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Connection, Row, delete, exists, or_, select, update

from core.audit import trail
from core.audit.actions import Action
from core.clock import now
from core.errors import UserError
from core.orders.documents.accounts import Accounts, company
from core.orders.documents.references import Reference
from core.reasons import N_, ReasonCode
from core.rights import actor
from core.store.statements.rows import insert_absent, insert_if_absent
from core.store.tables import (
    effects,
    invoice_readings,
    invoice_rivals,
    invoices,
    order_questions,
    orders,
)
from core.store.tables.invoices import document_keys

CHUNK = 400
_OWN_ID = re.compile(r"IN_[A-Z0-9]{5,}")  # as `document_keys` writes it
Place = tuple[str, str, str]  # what names a document: service, series key, number key
Taken = Literal["new", "known", "contested", "named elsewhere"]


class ClaimCode(ReasonCode):
    """Why a person's answer about an invoice is not taken."""

    GONE = "claim_gone", N_("This invoice was reversed in the meantime, or is gone.")


@dataclass(frozen=True)
class Claim:
    """One order names one invoice. `source`: order, csv, person or service."""

    order_id: int
    named: Reference
    source: str
    total_minor: int | None = None
    currency: str = ""


def write(connection: Connection, claims: Iterable[Claim], accounts: Accounts) -> list[Taken]:
    """Write claims in the caller's transaction; for each, what became of it."""
    wanted = list(claims)
    taken: dict[int, Taken] = {}
    for _ in range(3):  # a second look for those that somebody else wrote at the same moment
        by_number = _rows_by_number(connection, [one.named for one in wanted])
        fresh: list[dict[str, Any]] = []
        made: set[tuple[str, ...]] = set()
        for place, one in enumerate(wanted):
            if place in taken:
                continue
            row = _standing(one, by_number[_place(one.named)], accounts)
            if row is not None:
                taken[place] = _join(connection, one, row, accounts)
                continue
            values = _row(one, accounts)
            mark = (values["account"], *_place(one.named))
            if mark not in made:
                made.add(mark)
                fresh.append({"place": place, **values})
        if not fresh:
            break
        for values in fresh:
            place = values.pop("place")
            if insert_if_absent(connection, invoices, values):
                taken[place] = "new"
    return [taken.get(place, "known") for place in range(len(wanted))]


def _place(one: Reference) -> Place:
    return _same(one.service, *document_keys(one.series, one.number))


def _same(service: str, series_key: str, number_key: str) -> Place:
    """A document's place: an id of the service's own (Stripe's) does without a series."""
    return (service, "" if _OWN_ID.fullmatch(number_key) else series_key, number_key)


def _rows_by_number(
    connection: Connection, named: Sequence[Reference]
) -> Mapping[Place, list[Row[Any]]]:
    found: dict[Place, list[Row[Any]]] = defaultdict(list)
    keys = sorted({_place(one)[2] for one in named})
    for start in range(0, len(keys), CHUNK):
        query = (
            select(invoices)
            .where(invoices.c.number_key.in_(keys[start : start + CHUNK]))
            .order_by(invoices.c.id)
        )
        for row in connection.execute(query):
            found[_place_of(row)].append(row)
    return found


def _company(one: Claim, accounts: Accounts) -> tuple[str, int | None]:
    """The company and the connection that a claim means; "" where that cannot be told."""
    named = one.named
    if named.account:
        account = accounts.named(named.service, named.account)
        known = account is not None and (account.company, account.connection_id)
        return known or (company(named.account), None)
    account = accounts.only(named.service)
    return (account.company, account.connection_id) if account else ("", None)


def _standing(one: Claim, rows: Sequence[Row[Any]], accounts: Accounts) -> Row[Any] | None:
    """The row that is the claim's document already."""
    theirs, _ = _company(one, accounts)
    same = next((row for row in rows if row.account == theirs), None)
    if same is not None:
        return same
    if theirs:
        return next((row for row in rows if not row.account), None)
    own = next((row for row in rows if row.order_id == one.order_id), None)
    return own or (rows[0] if len(rows) == 1 else None)


def _row(one: Claim, accounts: Accounts) -> dict[str, Any]:
    theirs, connection_id = _company(one, accounts)
    return {
        "order_id": one.order_id,
        "connection_id": connection_id,
        "service": one.named.service,
        "account": theirs,
        "series": one.named.series,
        "number": one.named.number,
        "total_minor": one.total_minor,
        "currency": one.currency,
        "source": one.source,
    }


def _join(connection: Connection, one: Claim, row: Row[Any], accounts: Accounts) -> Taken:
    """Add a claim to an invoice that is there: it completes, takes over or contests it."""
    theirs, connection_id = _company(one, accounts)
    more: dict[str, Any] = {}
    if one.source == "service" and row.order_id != one.order_id:
        # What is found by the name of one order does not say whose another order's document is.
        theirs, connection_id = "", None
    if theirs and not row.account:
        more["account"] = theirs
    if connection_id is not None and row.connection_id is None:
        more["connection_id"] = connection_id
    if row.order_id == one.order_id:
        if one.total_minor is not None:
            more |= {"total_minor": one.total_minor, "currency": one.currency}
        if one.source == "person" and row.source == "service":
            more["source"] = "person"
    if more:
        connection.execute(update(invoices).where(invoices.c.id == row.id).values(**more))
    if row.order_id == one.order_id:
        return "known"
    # What was found by an order's name alone gives way to an order that names it: two shops may
    # count their orders alike.
    if one.source == "service" and row.source != "service" and row.account:
        return "named elsewhere"
    if row.source == "service" and one.source != "service" and _stands(row):
        named = {"order_id": one.order_id, "source": one.source}
        connection.execute(update(invoices).where(invoices.c.id == row.id).values(**named))
        return "known"
    rival = {
        "invoice_id": row.id, "order_id": one.order_id, "source": one.source, "created_at": now(),
    }  # fmt: skip
    insert_if_absent(connection, invoice_rivals, rival)
    return "contested"


def written_as(connection: Connection, invoice_id: int, series: str, number: str) -> None:
    """Keep the writing under which its service knows an invoice; it stays the same one."""
    connection.execute(
        update(invoices)
        .where(
            invoices.c.id == invoice_id,
            or_(invoices.c.series != series, invoices.c.number != number),
            invoices.c.series_key == document_keys(series, number)[0],
            invoices.c.number_key == document_keys(series, number)[1],
        )
        .values(series=series, number=number)
    )


def _stands(row: Row[Any]) -> bool:
    return row.reversed_at is None and row.annulled_at is None


# ---------------------------------------------------------------- what a shop tells anew


def let_go(connection: Connection, named: Mapping[int, Iterable[Reference]]) -> None:
    """Orders name these invoices now: what they named before and do not any more is not theirs.

    A contested invoice that its order has let go of is its only rival's. One that nobody else
    names is forgotten where its order names another in its place and nothing was begun on it; an
    order that names none at all may only not have been told whole.
    """
    ids = list(named)
    kept = {order_id: {_place(one) for one in refs} for order_id, refs in named.items()}
    claimed = select(
        invoice_rivals.c.id, invoice_rivals.c.order_id, invoices.c.service,
        invoices.c.series_key, invoices.c.number_key,
    ).join(invoices, invoices.c.id == invoice_rivals.c.invoice_id)  # fmt: skip
    mine = claimed.where(invoice_rivals.c.order_id.in_(ids), invoice_rivals.c.source == "order")
    gone = [row.id for row in connection.execute(mine) if _place_of(row) not in kept[row.order_id]]
    if gone:
        connection.execute(delete(invoice_rivals).where(invoice_rivals.c.id.in_(gone)))
    contested = (
        select(invoices)
        .where(
            invoices.c.order_id.in_(ids),
            invoices.c.source == "order",
            invoices.c.reversed_at.is_(None),
            invoices.c.annulled_at.is_(None),
            invoices.c.id.in_(select(invoice_rivals.c.invoice_id)),
        )
        .order_by(invoices.c.id)
    )
    for row in connection.execute(contested).all():
        if _place_of(row) not in kept[row.order_id]:
            _hand_over(connection, row)
    _forget_corrected(connection, kept)


def _forget_corrected(connection: Connection, kept: Mapping[int, Collection[Place]]) -> None:
    replaced = select(invoices).where(
        invoices.c.order_id.in_([order_id for order_id, named in kept.items() if named]),
        invoices.c.source == "order",
        invoices.c.reversed_at.is_(None),
        invoices.c.annulled_at.is_(None),
        invoices.c.id.not_in(select(invoice_rivals.c.invoice_id)),
        ~exists().where(effects.c.invoice_id == invoices.c.id),
    )
    found = connection.execute(replaced).all()
    gone = [row.id for row in found if _place_of(row) not in kept[row.order_id]]
    if gone:
        connection.execute(delete(invoice_readings).where(invoice_readings.c.invoice_id.in_(gone)))
        connection.execute(delete(invoices).where(invoices.c.id.in_(gone)))


def _place_of(row: Any) -> Place:
    return _same(row.service, row.series_key, row.number_key)


def _hand_over(connection: Connection, row: Row[Any]) -> None:
    theirs = select(invoice_rivals).where(invoice_rivals.c.invoice_id == row.id).limit(2)
    rivals = connection.execute(theirs).all()
    if len(rivals) != 1:
        return
    connection.execute(delete(invoice_rivals).where(invoice_rivals.c.id == rivals[0].id))
    connection.execute(
        update(invoices)
        .where(invoices.c.id == row.id)
        .values(order_id=rivals[0].order_id, source=rivals[0].source)
    )


# ---------------------------------------------------------------- a person's word


def belongs_to(connection: Connection, invoice_id: int, order_id: int) -> None:
    """A person says whose a contested invoice is; nobody else claims it then. Audited.

    Raises UserError where the invoice is gone, or was reversed in the meantime.
    """
    row = connection.execute(select(invoices).where(invoices.c.id == invoice_id)).one_or_none()
    if row is None or row.reversed_at is not None or row.annulled_at is not None:
        raise UserError(ClaimCode.GONE)
    connection.execute(delete(invoice_rivals).where(invoice_rivals.c.invoice_id == invoice_id))
    connection.execute(
        update(invoices)
        .where(invoices.c.id == invoice_id)
        .values(order_id=order_id, source="person")
    )
    name = connection.scalar(select(orders.c.name).where(orders.c.id == order_id))
    detail = {"invoice": f"{row.service} {row.series} {row.number}"}
    trail.record(connection, Action.INVOICE_GIVEN, f"order {name}", detail, order_id)


# ---------------------------------------------------------------- what was not understood


def ask(
    connection: Connection, code: str, unclear: Mapping[int, Iterable[str]], source: str
) -> None:
    """Keep what was not understood with each order; what the same source told before and does
    not any more is no question now."""
    there = select(order_questions).where(
        order_questions.c.order_id.in_(list(unclear)),
        order_questions.c.code == code,
        order_questions.c.source == source,
    )
    kept = {(row.order_id, row.text): row.id for row in connection.execute(there)}
    asked = {(order_id, text) for order_id, texts in unclear.items() for text in texts}
    gone = [id_ for place, id_ in kept.items() if place not in asked]
    if gone:
        connection.execute(delete(order_questions).where(order_questions.c.id.in_(gone)))
    fresh = [
        {
            "order_id": order_id, "code": code, "text": text, "source": source,
            "created_at": now(), "answered_by": "",
        }
        for order_id, text in sorted(asked - kept.keys())
    ]  # fmt: skip
    insert_absent(connection, order_questions, fresh)


def answer(connection: Connection, order_id: int, why: str) -> int:
    """A person has looked at what was not understood; gives how many questions that were."""
    done = connection.execute(
        update(order_questions)
        .where(order_questions.c.order_id == order_id, order_questions.c.answered_at.is_(None))
        .values(answered_at=now(), answered_by=actor().name[:80])
        .returning(order_questions.c.text)
    ).scalars().all()  # fmt: skip
    if done:
        name = connection.scalar(select(orders.c.name).where(orders.c.id == order_id))
        detail = {"texts": list(done), "why": why}
        trail.record(connection, Action.QUESTION_ANSWERED, f"order {name}", detail, order_id)
    return len(done)
