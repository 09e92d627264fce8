"""Customers who refuse again and again, for a warning or a tag at the shop."""

import hashlib
import hmac

import pandas as pd

from core.rights import Right, door

TAG = "refuses-parcels"


@door(Right.NAMES)
def export_frame(repeaters: pd.DataFrame, key: bytes, *, named: bool = False) -> pd.DataFrame:
    """Repeat refusers to hand out: customers hashed with the shop's own `key` unless `named`.

    The hash is keyed (HMAC-SHA-256, RFC 2104): a plain one of a phone number is undone by trying
    them all.  The same customer gets the same hash in every export of a shop.
    """
    if named:
        return repeaters.copy()
    hashed = [hashed_customer(customer, key) for customer in repeaters["customer_key"]]
    return repeaters.assign(customer_key=hashed)


def hashed_customer(customer: str, key: bytes) -> str:
    """Sixteen hexadecimal digits that stand for a customer."""
    return hmac.new(key, customer.encode(), hashlib.sha256).hexdigest()[:16]


@door(Right.EXPORT, proved=True)
def tag_list(contacts: pd.DataFrame, tag: str = TAG) -> pd.DataFrame:
    """The columns Shopify's customer import reads: e-mail, else phone, and the tag to add.

    `contacts` are those of `core.insight.queries.contacts`; who has neither is left out, since
    a customer's key is no address.
    """
    known = contacts[(contacts["email"] != "") | (contacts["phone"] != "")]
    phone = known["phone"].where(known["email"] == "", "")
    return pd.DataFrame({"Email": known["email"], "Phone": phone, "Tags": tag})
