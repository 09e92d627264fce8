"""Every reversed invoice beside its storno, and whether none was reversed twice."""

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
from sqlalchemy import ColumnElement, Select, String, case, cast, func, or_, select

from core.clock import day
from core.rights import Right, door, may
from core.services import registry
from core.services.invoicing.efactura import FILES_ITSELF
from core.settings import connections, preferences
from core.store import db
from core.store.statements import cursors
from core.store.states import EffectState
from core.store.tables import effects, invoices, orders, sync_cursors
from core.store.tables.invoices import filings

REVERSING = ("storno", "annul")
ENDED = func.coalesce(invoices.c.reversed_at, invoices.c.annulled_at)
TOTAL = func.coalesce(invoices.c.total_minor, orders.c.total_minor)
# VAT is told by the shop; it is the invoice's where both have the same total.
TAX = case((orders.c.total_minor == TOTAL, orders.c.tax_minor))
CURRENCY = func.coalesce(func.nullif(invoices.c.currency, ""), orders.c.currency)
DAY = re.compile(r"(\d{1,2})[./](\d{1,2})[./](\d{4})")


class FilingProgress(StrEnum):
    """Of a storno at the tax office, as far as it is known here."""

    FILED = "filed"
    SEEN_TO = "seen_to"  # a person says so
    WAITING = "waiting"
    REFUSED = "refused"
    BY_ITSELF = "by_itself"  # its account files without being asked, see Settings
    NOT_KNOWN = "not_known"
    NONE = "none"  # annulled, or of a service outside e-Factura


@dataclass(frozen=True)
class BilledAccount:
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
    account: BilledAccount | None = None,
    filing_words: Mapping[FilingProgress, str] | None = None,
) -> pd.DataFrame:
    """Every reversed invoice, newest first, within these times, of this company.

    Columns: reversed_at, order, customer, service, account, invoice, storno, annulled,
    total_minor, tax_minor (NA where the shop does not tell), currency, filing (`Filing`). `words`
    are looked for in everything that a row shows, also in what the reader calls a filing
    (`filing_words`); a total is the invoice's own, else its order's. Customers are named to, and
    found by, who may see them (Right.NAMES).
    """
    query = _rows().order_by(ENDED.desc(), invoices.c.id.desc())
    query = _narrowed(query, since, before, account)
    with db.reading() as connection:
        filing = _filing(connection)
        zone = preferences.load(connection).zone
        for word in words.split():
            query = query.where(_says(word, zone, filing, filing_words or {}))
        query = query.add_columns(filing.label("filing"))
        frame = pd.read_sql(query.limit(limit), connection)
    if not may(Right.NAMES):
        frame["customer"] = ""
    return frame.astype({"tax_minor": "Int64"})


@door(Right.MONEY, Right.RECORD)
def accounts() -> list[BilledAccount]:
    """The companies that have reversed invoices, by service."""
    query = (
        select(invoices.c.service, invoices.c.account)
        .where(ENDED.is_not(None))
        .distinct()
        .order_by(invoices.c.service, invoices.c.account)
    )
    with db.reading() as connection:
        return [BilledAccount(*row) for row in connection.execute(query)]


@door(Right.MONEY, Right.RECORD)
def months() -> list[dt.date]:
    """The months in which invoices were reversed, newest first, each by its first day.

    As the seller's clocks have them: in the night before a month it has begun there already.
    """
    with db.reading() as connection:
        # Each by itself, and said as the index has it: together they look at every invoice.
        first, last = (
            connection.scalar(select(end(ENDED)).where(ENDED.is_not(None)))
            for end in (func.min, func.max)
        )
        zone = preferences.load(connection).zone
    if first is None or last is None:
        return []
    found = pd.period_range(day(first, zone), day(last, zone), freq="M")
    return [dt.date(period.year, period.month, 1) for period in reversed(found)]


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
    """The query of all invoices that were reversed or annulled, with their orders."""
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
            TOTAL.label("total_minor"),
            TAX.label("tax_minor"),
            CURRENCY.label("currency"),
        )
        .join(orders, orders.c.id == invoices.c.order_id)
        .outerjoin(filings, filings.c.invoice_id == invoices.c.id)
        .where(ENDED.is_not(None))
    )


def _narrowed(
    query: Select[tuple[Any, ...]],
    since: dt.datetime | None,
    before: dt.datetime | None,
    account: BilledAccount | None,
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


def _filing(connection: Any) -> ColumnElement[str]:
    """What is known of each row's way to the tax office."""
    accounts = [one for one in connections.for_show(connection).values() if one.kind == "invoicing"]
    themselves = [one for one in accounts if one.settings.get(FILES_ITSELF.name) == "yes"]
    alone = {
        one.service for one in themselves
        if sum(other.service == one.service for other in accounts) == 1
    }  # fmt: skip
    must = [one for one in registry.services("invoicing") if registry.capabilities(one).efactura]
    return case(
        (invoices.c.reversed_at.is_(None), FilingProgress.NONE),
        (filings.c.state.is_not(None), filings.c.state),
        (invoices.c.service.not_in(must), FilingProgress.NONE),
        (invoices.c.connection_id.in_([one.id for one in themselves]), FilingProgress.BY_ITSELF),
        (
            invoices.c.connection_id.is_(None) & invoices.c.service.in_(alone),
            FilingProgress.BY_ITSELF,
        ),
        else_=FilingProgress.NOT_KNOWN,
    )


def _says(
    word: str, zone: ZoneInfo, filing: ColumnElement[str], words: Mapping[FilingProgress, str]
) -> ColumnElement[bool]:
    """Whether one of the shown texts has this word in it; sums as they are written: 576.40."""
    like = f"%{word}%"
    shown = [
        orders.c.name, invoices.c.service, invoices.c.account,
        _number(invoices.c.series, invoices.c.number), CURRENCY,
        _number(invoices.c.storno_series, invoices.c.storno_number),
        *([orders.c.customer_name] if may(Right.NAMES) else []),
    ]  # fmt: skip
    found: list[ColumnElement[bool]] = [text.ilike(like) for text in shown]
    digits = word.replace(".", "").replace(",", "")
    if digits.isdecimal() and digits != word:
        found += [cast(one, String) == digits for one in (TOTAL, TAX, TOTAL - TAX)]
    day = _day(word, zone)
    if day is not None:
        found.append((day <= ENDED) & (day + dt.timedelta(days=1) > ENDED))
    meant = [one for one, text in words.items() if word.casefold() in text.casefold()]
    if meant:
        found.append(filing.in_(meant))
    return or_(*found)


def _day(word: str, zone: ZoneInfo) -> dt.datetime | None:
    """The beginning of a day written as 27.11.2026, by the seller's clocks."""
    parts = DAY.fullmatch(word)
    if parts is None:
        return None
    try:
        return dt.datetime(int(parts[3]), int(parts[2]), int(parts[1]), tzinfo=zone)
    except ValueError:
        return None


def _number(series: ColumnElement[str], number: ColumnElement[str]) -> ColumnElement[str]:
    return func.trim(series + " " + number)
