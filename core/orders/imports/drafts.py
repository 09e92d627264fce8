"""Brings drafts of a spreadsheet to orders that are known: parcels and invoices of ours."""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection, func, select

from core.clock import day
from core.labels import guess_courier, normalise
from core.orders.documents import accounts, awaited, claims
from core.orders.documents.references import LONGEST_TEXT, Reference, references
from core.orders.imports import cell_parsers
from core.orders.imports.codes import ImportCode, ImportNote, not_understood
from core.orders.imports.rows import Draft, Drafts
from core.orders.judge.reasons import JudgeCode
from core.orders.judge.rules import HISTORY
from core.orders.names import variants
from core.orders.shop.claim_imported import IMPORTED
from core.orders.shop.parcels import BY_LIST, BY_SHOP, take_back
from core.store.statements.rows import insert_if_absent
from core.store.tables import orders, parcels

CHUNK = 500


# ---------------------------------------------------------------- orders we know already


def known_orders(
    connection: Connection, shop_id: int, names: Sequence[str]
) -> dict[str, tuple[str, int]]:
    """For each name that the shop has, with or without "#": the newest such order's gid and id."""
    ways = {name: variants(name) for name in names}
    wanted = list(dict.fromkeys(way for of_one in ways.values() for way in of_one))
    found: dict[str, tuple[str, int]] = {}
    for start in range(0, len(wanted), CHUNK):
        query = (
            select(orders.c.name, orders.c.gid, orders.c.id)
            .where(orders.c.shop_id == shop_id, orders.c.name.in_(wanted[start : start + CHUNK]))
            .order_by(orders.c.created_at, orders.c.id)
        )
        found |= {row.name: (row.gid, row.id) for row in connection.execute(query)}
    there = {name: next((way for way in ways[name] if way in found), "") for name in ways}
    return {name: found[way] for name, way in there.items() if way}


def namesakes(connection: Connection, shop_id: int, names: Sequence[str]) -> frozenset[str]:
    """Those of these names that several orders of the shop have, as it tells them: a list that
    names one of them names neither."""
    found: set[str] = set()
    wanted = list(dict.fromkeys(way for name in names for way in variants(name)))
    for start in range(0, len(wanted), CHUNK):
        query = (
            select(orders.c.name)
            .where(
                orders.c.shop_id == shop_id,
                orders.c.name.in_(wanted[start : start + CHUNK]),
                ~orders.c.gid.startswith(HISTORY, autoescape=True),
            )
            .group_by(orders.c.name)
            .having(func.count() > 1)
        )
        found.update(connection.scalars(query))
    return frozenset(name for name in names if found.intersection(variants(name)))


def one_order(known: Mapping[str, tuple[str, int]], several: Collection[str], name: str) -> int:
    """The id of the one order of this name. Raises ImportNote."""
    if name in several:
        raise not_understood(ImportCode.SEVERAL_ORDERS, "order", name)
    if name not in known:
        raise not_understood(ImportCode.NO_SUCH_ORDER, "order", name)
    return known[name][1]


def add_to_known(
    connection: Connection, shop_id: int, order_id: int, draft: Draft, zone: dt.tzinfo
) -> ImportNote | None:
    """Give an order that the shop told the parcels and invoices that the file adds.

    `zone`: the merchant's, whose days the parcels have. Gives a remark where it may be an order of
    another shop. Raises ImportNote, before anything is written, for another order's invoice.
    """
    order = connection.execute(select(orders).where(orders.c.id == order_id)).one()
    remark = _other_at_shop(connection, order, draft)
    known = accounts.load(connection)
    named = references({"invoice": draft.invoice})
    claims.ask(connection, JudgeCode.REFERENCE_UNCLEAR, {order_id: named.unclear}, "csv")
    for ref in named.found:
        add_invoice(connection, order_id, asdict(ref), known)
    for one in draft.parcels:
        values = {
            "order_id": order_id,
            "shop_id": shop_id,
            "tracking": one.tracking,
            "tracking_key": normalise(one.tracking),
            "courier": guess_courier(one.company, one.tracking),
            "shipped_on": day(one.shipped_at, zone) if one.shipped_at else None,
            "payment": order.payment,
            "county": order.county,
            "city": order.city,
            "customer_key": order.customer_key,
            "value_minor": 0,  # the shop's own parcels hold the order's value
            "source": BY_LIST,
            "currency": order.currency,
        }
        insert_if_absent(connection, parcels, values)
    take_back(connection, order_id, {normalise(one.tracking) for one in draft.parcels})
    return remark


def _other_at_shop(connection: Connection, order: Any, draft: Draft) -> ImportNote | None:
    """A remark where the shop has another sum under this name and none of these parcels: two shops
    may count alike, and this be the other's list."""
    same = (draft.total_minor or order.total_minor) == order.total_minor
    if same and (draft.currency or order.currency) == order.currency:
        return None
    mine = parcels.c.order_id == order.id, parcels.c.source == BY_SHOP, ~parcels.c.void
    shown = set(connection.scalars(select(parcels.c.tracking_key).where(*mine)))
    if not shown or not shown.isdisjoint(normalise(one.tracking) for one in draft.parcels):
        return None
    written = f"{(draft.total_minor or 0) / 100:.2f}"
    remark = not_understood(ImportCode.OTHER_AT_SHOP, "total", written, order=draft.name)
    remark.taken = True
    return remark.at(draft.line)


def add_invoice(
    connection: Connection,
    order_id: int,
    row: dict[str, Any],
    known: accounts.Accounts,
    source: str = "csv",
    *,
    marks: str = cell_parsers.UNSURE,
) -> bool:
    """Say that an invoice belongs to an order; True when it is new. Raises ImportNote.

    `marks`: what parts the decimals in the column of its total (`cell_parsers.marks_of`).
    """
    service, number = row["service"].strip().lower(), row["number"].strip()
    series = row.get("series", "").strip()
    if not service or not number or max(map(len, (service, series, number))) > 32:
        raise not_understood(ImportCode.INVOICE_INCOMPLETE, "number", number)
    claim = claims.Claim(
        order_id,
        Reference(service, series, number, row.get("account", "").strip()),
        source,
        *_amount(row.get("total", ""), row.get("currency", ""), marks),
    )
    [taken] = claims.write(connection, [claim], known)
    if taken == "contested":
        raise not_understood(ImportCode.INVOICE_OF_ANOTHER, "invoice", f"{series} {number}".strip())
    return taken == "new"


def _amount(total: str, currency: str, marks: str) -> tuple[int | None, str]:
    """An invoice's total in hundredths and its currency, as far as they are told.

    Raises ImportNote.
    """
    beside = cell_parsers.currency_in(total)
    code = cell_parsers.currency(currency) if currency.strip() else beside
    if beside and code != beside:
        raise not_understood(ImportCode.NOT_CURRENCY, "currency", f"{total}, {currency}")
    if not total.strip():
        return None, code
    return cell_parsers.minor(total, "" if code in cell_parsers.WITHOUT_CENTS else marks), code


def hold(connection: Connection, refused: Mapping[int, Sequence[ImportNote]], source: str) -> None:
    """Hold each order of a file whose rows were refused; one without any is held no more (rule 12).

    `refused` names every order that the file is about. Only what the same kind of file (`source`)
    told before is taken back.
    """
    texts = {order_id: [row_text(one) for one in rows] for order_id, rows in refused.items()}
    _ask(connection, JudgeCode.IMPORT_ROW_REFUSED, texts, source)


def _ask(
    connection: Connection, code: JudgeCode, texts: Mapping[int, Sequence[str]], source: str
) -> None:
    ids = list(texts)
    for start in range(0, len(ids), CHUNK):
        part = {order_id: texts[order_id] for order_id in ids[start : start + CHUNK]}
        claims.ask(connection, code, part, source)


def hold_orders(connection: Connection, shop_id: int, drafts: Drafts, source: str) -> None:
    """Hold orders of which a row was refused, or of which the list tells a state that a person
    must look at; a file that tells an order whole and open lets it go."""
    names = [*drafts.orders, *drafts.refused]
    known = known_orders(connection, shop_id, names)
    refused = {known[name][1]: drafts.refused.get(name, []) for name in names if name in known}
    hold(connection, refused, source)
    awaited.keep(connection, shop_id, of_nobody(drafts.refused, known), source)
    states = {
        known[name][1]: [one[:LONGEST_TEXT] for one in dict.fromkeys(draft.listed)]
        for name, draft in drafts.orders.items()
        if name in known
    }
    _ask(connection, JudgeCode.LISTED_STATE, states, source)


def of_nobody(
    refused: Mapping[str, Sequence[ImportNote]], known: Mapping[str, object]
) -> dict[str, list[str]]:
    """The refused rows of orders that are not here, in words."""
    return {
        name: [row_text(one) for one in rows]
        for name, rows in refused.items()
        if name and name not in known
    }


def row_text(one: ImportNote) -> str:
    """Line, column and value as they came: "7 tracking: da"."""
    return f"{one.line} {one.column}: {one.value}"[:LONGEST_TEXT]


def shop_orders_of(
    connection: Connection, shop_id: int, keys: Sequence[str]
) -> dict[str, list[tuple[int, str]]]:
    """For each tracking number, the orders that the shop itself told with it: id and name."""
    found: dict[str, list[tuple[int, str]]] = {}
    wanted = list(dict.fromkeys(keys))
    for start in range(0, len(wanted), CHUNK):
        query = (
            select(parcels.c.tracking_key, orders.c.id, orders.c.name)
            .join(orders, orders.c.id == parcels.c.order_id)
            .where(
                parcels.c.shop_id == shop_id,
                parcels.c.tracking_key.in_(wanted[start : start + CHUNK]),
                ~parcels.c.void,
                ~orders.c.gid.startswith(IMPORTED, autoescape=True),
            )
        )
        for row in connection.execute(query):
            found.setdefault(row.tracking_key, []).append((row.id, row.name))
    return found
