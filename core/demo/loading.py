"""Writes a made-up history into the tables in bulk: a million parcels in about a minute."""

from typing import Any, Literal

import numpy as np
import pandas as pd
from sqlalchemy import Engine, func, select

from core.insight.store import packing
from core.store import db
from core.store.statements import bulk
from core.store.tables import orders, parcels

CHUNK = 50_000  # rows turned into Python objects at once
DATES = ("shipped_on", "outcome_on", "scanned_on", "cancelled_on", "reversed_on")
COPIED = (
    "tracking", "courier", "payment", "county", "city", "sku", "product", "value_minor",
    "currency", "reason",
)  # fmt: skip
LEFT_EMPTY = ("customer_name", "phone", "email", "note", "gateways", "hold")  # "" in each order


def load_frame(source: Engine, shop_id: int, frame: pd.DataFrame) -> int:
    """Write a frame of `generate.history` as orders and parcels, all or nothing; gives how many.

    The frame must be ordered by ship date; a customer's later parcels are those of a repeat
    customer.  Packs the days as well, so that the first look at Analytics is a quick one.
    """
    repeat = frame["customer_key"].duplicated().to_numpy()
    with db.writing(source) as connection:
        first = (connection.scalar(select(func.max(orders.c.id))) or 0) + 1
        with bulk.loading(connection, orders):
            for start in range(0, len(frame), CHUNK):
                part = frame.iloc[start : start + CHUNK]
                ids = range(first + start, first + start + len(part))
                bulk.write(connection, orders, _orders(part, shop_id, ids))
                again = repeat[start : start + CHUNK].tolist()
                bulk.write(connection, parcels, _parcels(part, shop_id, ids, again))
    packing.refresh(source)
    return len(frame)


def _orders(part: pd.DataFrame, shop_id: int, ids: range) -> dict[str, list[Any]]:
    """The columns of `orders` for these parcels, one order each."""
    count = len(part)
    created = part["created_at"].dt.tz_convert(None)
    noon = part["cancelled_on"] + pd.Timedelta(hours=12)
    paid = (part["payment"] == "prepaid") | (part["outcome"] == "delivered")
    names = part["order_name"].tolist()
    now = pd.Series([pd.Timestamp.now("UTC").tz_convert(None)])
    return {
        "id": list(ids),
        "shop_id": [shop_id] * count,
        "gid": [f"history/{name}" for name in names],
        "name": names,
        "created_at": _moments(created),
        "updated_at": _moments(created),
        "cancelled_at": _moments(noon),
        "payment": part["payment"].tolist(),
        "financial_status": np.where(paid, "PAID", "PENDING").tolist(),
        "fulfillment_status": ["FULFILLED"] * count,
        "total_minor": part["value_minor"].tolist(),
        "currency": part["currency"].tolist(),
        "customer_key": part["customer_key"].tolist(),
        "county": part["county"].tolist(),
        "city": part["city"].tolist(),
        **{name: [""] * count for name in LEFT_EMPTY},
        "tags": ["[]"] * count,
        "attributes": ["{}"] * count,
        **{name: [False] * count for name in ("can_notify", "has_returns")},
        "synced_at": _moments(now) * count,
    }


def _parcels(
    part: pd.DataFrame, shop_id: int, ids: range, repeat: list[bool]
) -> dict[str, list[Any]]:
    outcome = part["outcome"].tolist()
    return {
        "order_id": list(ids),
        "shop_id": [shop_id] * len(part),
        "tracking_key": part["tracking"].tolist(),
        "fulfillment_gid": [""] * len(part),
        "customer_key": part["customer_key"].tolist(),
        "repeat_customer": repeat,
        "status": [one or "transit" for one in outcome],
        "status_text": [""] * len(part),
        "outcome": [one or None for one in outcome],
        **{name: part[name].tolist() for name in COPIED},
        **{name: _texts(part[name], "D") for name in DATES},
    }


def _texts(column: "pd.Series[Any]", unit: Literal["D", "us"]) -> list[str | None]:
    """Days or moments as both databases read them; None where there is none."""
    times = column.to_numpy().astype(f"datetime64[{unit}]")
    texts = np.datetime_as_string(times, unit=unit).astype(object)
    texts[np.isnat(times)] = None
    rows: list[str | None] = texts.tolist()
    return rows


def _moments(column: "pd.Series[Any]") -> list[str | None]:
    return [text and text.replace("T", " ") for text in _texts(column, "us")]
