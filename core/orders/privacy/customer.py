"""Which orders are one customer's, as somebody expects who asks to be told or forgotten."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, func, or_, select

from core.errors import UserError
from core.orders.customers import contacts_of, key_of
from core.orders.judge.names import same_customer
from core.orders.privacy.codes import PrivacyCode
from core.store.tables import orders

ONE_NUMBER = 15  # digits of the longest phone number (ITU-T E.164)
PART = 500  # orders at a time


def of_customer(connection: Connection, order_id: int) -> Sequence[Row[Any]]:
    """Every order of the customer of this one. Raises UserError where there is no such order.

    Those of the same key, as repeat refusals are counted; and those that have another phone number
    of the customer, or their e-mail address, with a name that agrees: one address may stand for all
    orders that a shop took by phone. What by time lost its contacts is known by its key alone.
    """
    first = connection.execute(select(orders).where(orders.c.id == order_id)).one_or_none()
    if first is None:
        raise UserError(PrivacyCode.NO_ORDER)
    found, fresh = {first.id: first}, [first]
    while fresh:
        like = [one for one in _like(connection, fresh) if one.id not in found]
        fresh = [one for one in like if _is_theirs(first, one)]
        found |= {one.id: one for one in fresh}
    return [found[number] for number in sorted(found)]


def named(rows: Sequence[Row[Any]], order_id: int) -> str:
    """What the record calls the customer of this order, one of these."""
    row = next(one for one in rows if one.id == order_id)
    return f"customer {row.customer_key[:12]}" if row.customer_key else f"order {row.name}"


def _is_theirs(first: Row[Any], other: Row[Any]) -> bool:
    same = first.customer_key and first.customer_key == other.customer_key
    return bool(same) or same_customer(first.customer_name, other.customer_name)


def _like(connection: Connection, rows: Sequence[Row[Any]]) -> list[Row[Any]]:
    """Orders that share a key, a phone number or an e-mail address with one of these."""
    contacts = {one for row in rows for one in contacts_of(row.phone, row.email)}
    keys = {key_of(one) for one in contacts} | {row.customer_key for row in rows} - {""}
    mails = sorted(one.removeprefix("mail ") for one in contacts if one.startswith("mail "))
    columns = (orders.c.id, orders.c.customer_key, orders.c.phone, orders.c.email)
    near = or_(
        orders.c.customer_key.in_(sorted(keys)),
        *(func.lower(orders.c.email).contains(mail, autoescape=True) for mail in mails),
        func.length(orders.c.phone) > ONE_NUMBER,  # perhaps its second number is of these
    )
    ids = [
        one.id
        for one in connection.execute(select(*columns).where(near))
        if one.customer_key in keys or contacts & contacts_of(one.phone, one.email)
    ]
    parts = (ids[at : at + PART] for at in range(0, len(ids), PART))
    return [
        row
        for part in parts
        for row in connection.execute(select(orders).where(orders.c.id.in_(part)))
    ]
