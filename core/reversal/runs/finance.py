"""Every reversed invoice beside its storno, and whether none was reversed twice."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

import pandas as pd
from sqlalchemy import ColumnElement, Select, String, cast, func, or_, select

from core.rights import Right, door
from core.store import db
from core.store.statements import cursors
from core.store.states import EffectState
from core.store.tables import effects, invoices, orders, sync_cursors

REVERSING = ("storno", "annul")
ENDED = func.coalesce(invoices.c.reversed_at, invoices.c.annulled_at)


@dataclass(frozen=True)
class Account:
    """A company at a service, as the documents name it; "" where they name none."""

    service: str
    account: str


@dataclass(frozen=True)
class Standing:
    """How many invoices were reversed, how many of them twice, and when the services were asked
    about them last (None: never yet)."""

    reversed: int
    twice: int
    checked_at: dt.datetime | None


@door(Right.MONEY, Right.RECORD)
def stornos(
    limit: int = 1000,
    words: str = "",
    *,
    since: dt.datetime | None = None,
    before: dt.datetime | None = None,
    account: Account | None = None,
) -> pd.DataFrame:
    """Every reversed invoice, newest first, within these times, of this company.

    Columns: reversed_at, order, customer, service, account, invoice, storno, annulled,
    total_minor, currency. `words` are looked for in everything that a row shows; a total is the
    invoice's own, else its order's.
    """
    query = _narrowed(_rows(), since, before, account).order_by(ENDED.desc(), invoices.c.id.desc())
    for word in words.split():
        query = query.where(_says(word))
    with db.reading() as connection:
        return pd.read_sql(query.limit(limit), connection)


@door(Right.MONEY, Right.RECORD)
def accounts() -> list[Account]:
    """The companies that have reversed invoices, by service."""
    query = (
        select(invoices.c.service, invoices.c.account)
        .where(ENDED.is_not(None))
        .distinct()
        .order_by(invoices.c.service, invoices.c.account)
    )
    with db.reading() as connection:
        return [Account(*row) for row in connection.execute(query)]


@door(Right.MONEY, Right.RECORD)
def months() -> list[dt.date]:
    """The months in which invoices were reversed, newest first, each by its first day (UTC)."""
    with db.reading() as connection:
        first, last = connection.execute(select(func.min(ENDED), func.max(ENDED))).one()
    if first is None:
        return []
    begun, ended = (pd.Timestamp(one).date() for one in (first, last))
    found = pd.period_range(begun, ended, freq="M")
    return [period.to_timestamp().date() for period in reversed(found)]


@door(Right.MONEY, Right.RECORD)
def standing() -> Standing:
    """Reversed invoices, those that have more than one confirmed reversal, the last check."""
    confirmed = (effects.c.state == EffectState.CONFIRMED) & effects.c.kind.in_(REVERSING)
    several = (
        select(effects.c.invoice_id)
        .where(confirmed)
        .group_by(effects.c.invoice_id)
        .having(func.count() > 1)
        .subquery()
    )
    with db.reading() as connection:
        count = select(func.count()).select_from(invoices).where(ENDED.is_not(None))
        return Standing(
            connection.scalar(count) or 0,
            connection.scalar(select(func.count()).select_from(several)) or 0,
            connection.scalar(
                select(sync_cursors.c.updated_at).where(sync_cursors.c.key == cursors.RECONCILED)
            ),
        )


def _rows() -> Select[tuple[Any, ...]]:
    return (
        select(
            ENDED.label("reversed_at"),
            orders.c.name.label("order"),
            orders.c.customer_name.label("customer"),
            invoices.c.service,
            invoices.c.account,
            _number(invoices.c.series, invoices.c.number).label("invoice"),
            _number(invoices.c.storno_series, invoices.c.storno_number).label("storno"),
            invoices.c.annulled_at.is_not(None).label("annulled"),
            func.coalesce(invoices.c.total_minor, orders.c.total_minor).label("total_minor"),
            func.coalesce(func.nullif(invoices.c.currency, ""), orders.c.currency).label(
                "currency"
            ),
        )
        .join(orders, orders.c.id == invoices.c.order_id)
        .where(ENDED.is_not(None))
    )


def _narrowed(
    query: Select[tuple[Any, ...]],
    since: dt.datetime | None,
    before: dt.datetime | None,
    account: Account | None,
) -> Select[tuple[Any, ...]]:
    if since is not None:
        query = query.where(since <= ENDED)
    if before is not None:
        query = query.where(before > ENDED)
    if account is not None:
        query = query.where(
            invoices.c.service == account.service, invoices.c.account == account.account
        )
    return query


def _says(word: str) -> ColumnElement[bool]:
    """Whether one of the shown texts has this word in it; sums as they are written: 576.40."""
    like = f"%{word}%"
    whole = cast(func.coalesce(invoices.c.total_minor, orders.c.total_minor), String)
    digits = word.replace(".", "").replace(",", "")
    shown = [
        orders.c.name, orders.c.customer_name, invoices.c.service, invoices.c.account,
        _number(invoices.c.series, invoices.c.number),
        _number(invoices.c.storno_series, invoices.c.storno_number),
    ]  # fmt: skip
    found: list[ColumnElement[bool]] = [text.ilike(like) for text in shown]
    if digits.isdecimal() and digits != word:
        found.append(whole == digits)
    return or_(*found)


def _number(series: ColumnElement[str], number: ColumnElement[str]) -> ColumnElement[str]:
    return func.trim(series + " " + number)
