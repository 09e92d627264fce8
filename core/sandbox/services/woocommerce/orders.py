"""What changing an order does at WooCommerce: status, mark, and the stock of its lines."""

import random
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from core.sandbox.services.woocommerce.common import node_of
from core.sandbox.state import Document, State, order_place

SHOP = "woocommerce"
KIND = f"{SHOP} order"
STOCK_REDUCED = "_order_stock_reduced"
REDUCED = "_reduced_stock"
STATUSES = frozenset(
    {
        "pending", "processing", "on-hold", "completed", "cancelled", "refunded", "failed",
        "trash", "checkout-draft",
    }
)  # fmt: skip
PUTS_BACK = ("cancelled", "pending")  # statuses by which the shop puts stock back


class Died(Exception):
    """The shop's process ended between the status and the stock."""


def key_of(number: str) -> str:
    """The key of the order of this number, in the state and in the ledger."""
    return order_place({"shop": SHOP, "id": number})[1]


def find(state: State, number: str) -> Document | None:
    """The order of this number."""
    found = state.get(KIND, key_of(number))
    return None if found is None else node_of(found)


def every(state: State) -> list[Document]:
    """Every order of the shop."""
    return [node_of(one) for one in state.all(KIND).values()]


def change(state: State, number: str, body: Mapping[str, Any]) -> Document:
    """Save what is asked; gives the order as it is then. Raises Died."""
    order = dict(node_of(state.all(KIND)[key_of(number)]))
    _write_meta(order, body.get("meta_data"))
    before, wanted = order["status"], body.get("status", order["status"])
    racing = bool(order.pop("racing", False))
    order["status"] = wanted
    order["date_modified_gmt"] = _now(order["date_modified_gmt"])
    if wanted != before:
        _count(state, number, order, before, wanted)
    if wanted in PUTS_BACK and (wanted != before or racing):
        if _dies(state, number, order, wanted):
            state.put(KIND, key_of(number), order)
            raise Died
        _put_back(state, number, order, racing=racing and wanted == before)
    state.put(KIND, key_of(number), order)
    return order


def _count(state: State, number: str, order: Document, before: str, wanted: str) -> None:
    """A correction (cancelled, pending, cancelled) is no second cancel."""
    if wanted == "pending" and before == "cancelled":
        order["correcting"] = True
        state.count("corrected", key_of(number))
    elif wanted == "cancelled" and not order.pop("correcting", False):
        state.count("cancelled", key_of(number))


def _dies(state: State, number: str, order: Document, wanted: str) -> bool:
    """Once an order at the most, as often as the setting says, and only with stock to put back."""
    share = state.settings["dies_halfway"]
    if not share or wanted != "cancelled" or order.get("died") or not _has_stock(order):
        return False
    order["died"] = random.Random(f"half/{number}").random() < share  # noqa: S311 (no secret)
    return bool(order["died"])


def _has_stock(order: Document) -> bool:
    return order.get("stock_reduced", True) and any(_reduced(line) for line in order["line_items"])


def _reduced(line: Document) -> int:
    reduced = [row["value"] for row in line["meta_data"] if row["key"] == REDUCED]
    return int(reduced[-1] or 0) if reduced else 0


def _put_back(state: State, number: str, order: Document, *, racing: bool) -> None:
    """Each line gives back what it took, once; two calls at one moment give it back twice."""
    if not order.get("stock_reduced", True) and not racing:
        return
    lines, moved = [], False
    for line in order["line_items"]:
        taken = _reduced(line) or (int(line["quantity"]) if racing else 0)
        product = state.get("product", line["sku"])
        if taken and product is not None:
            state.put("product", line["sku"], {**product, "stock": product["stock"] + taken})
            moved = True
        kept = [row for row in line["meta_data"] if row["key"] != REDUCED]
        lines.append({**line, "meta_data": kept})
    order |= {"line_items": lines, "stock_reduced": False}
    if moved:
        state.count("restocked", key_of(number))


def _write_meta(order: Document, rows: Any) -> None:
    """A key is replaced, all its rows by one; the shop's own flag never shows among them."""
    meta = list(order["meta_data"])
    for row in rows if isinstance(rows, list) else ():
        if row["key"] == STOCK_REDUCED:
            order["stock_reduced"] = row["value"] == "yes"
            continue
        meta = [one for one in meta if one["key"] != row["key"]]
        meta.append({"id": len(meta) + 1, "key": row["key"], "value": row["value"]})
    order["meta_data"] = meta


def _now(before: str) -> str:
    """This second; never earlier than the change before."""
    at = datetime.now(UTC).replace(tzinfo=None, microsecond=0)
    return max(at.isoformat(), before)


def shown(order: Document) -> Document:
    """The order as the interface tells it."""
    hidden = ("shop", "name", "stock_reduced", "correcting", "died", "racing")
    return {name: value for name, value in order.items() if name not in hidden}
