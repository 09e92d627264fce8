"""Orders of the sandbox's shop as GraphQL sees them, and the questions about them."""

import base64
import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from core.sandbox.state import Document, State

FULFILLMENT_SCOPES = (
    "read_orders", "read_merchant_managed_fulfillment_orders",
    "read_assigned_fulfillment_orders", "read_third_party_fulfillment_orders",
)  # fmt: skip


def queries(state: State) -> dict[str, Any]:
    """The root of all questions."""
    shop = state.get("shop", "shop") or {}
    return {
        "shop": {
            "name": shop.get("name", ""),
            "myshopifyDomain": shop.get("domain", ""),
            "currencyCode": shop.get("currency", "RON"),
            "ianaTimezone": "Europe/Bucharest",
        },
        "currentAppInstallation": {
            "accessScopes": [{"handle": handle} for handle in state.settings["scopes"]]
        },
        "order": lambda _info, id: order_node(state, id),  # noqa: A006 (Shopify's own name)
        "orders": lambda _info, **chosen: _orders(state, **chosen),
        "node": lambda _info, id: _node(state, id),  # noqa: A006
        "job": lambda _info, id: _job(state, id),  # noqa: A006
        "fulfillment": lambda _info, id: _fulfillment_by_id(state, id),  # noqa: A006
        "bulkOperation": lambda _info, id: state.get("bulk", id),  # noqa: A006
        "webhookSubscriptions": lambda _info, first=50, uri=None: {
            "nodes": [
                hook
                for hook in list(state.all("hook").values())[:first]
                if uri is None or hook["uri"] == uri
            ]
        },
    }


# ---------------------------------------------------------------- one order


def order_node(state: State, gid: str) -> Document | None:
    """An order with what takes arguments as functions, for the executor."""
    order = state.get("order", gid)
    if order is None:
        return None
    node = plain_order(state, gid, order)
    items = node["lineItems"]
    node["lineItems"] = lambda _info, first=50, after=None: connection(items, first, after)
    node["fulfillments"] = lambda _info, first=None: [
        {**one, "trackingInfo": lambda _i, first=None, told=one["trackingInfo"]: told[:first]}
        for one in plain_order(state, gid, order)["fulfillments"][:first]
    ]
    node["refunds"] = lambda _info, first=None: _refunds(order)[:first]
    return node


def plain_order(state: State, gid: str, order: Document) -> Document:
    """An order as plain data, as a bulk operation writes it."""
    address, customer = order["address"], order["customer"]
    name = f"{customer['first_name']} {customer['last_name']}"
    paid = order["financial_status"] in ("PAID", "REFUNDED")
    cancelled = order["cancelled_at"]
    due = 0 if paid or cancelled else order["total_minor"]
    return {
        "__typename": "Order",
        "id": gid,
        "legacyResourceId": str(order["id"]),
        "name": order["name"],
        "createdAt": order["created_at"],
        "updatedAt": order["updated_at"],
        "cancelledAt": cancelled,
        "closed": bool(cancelled),
        "closedAt": cancelled,
        "cancelReason": order["cancel_reason"],
        "cancellation": {"staffNote": order.get("staff_note")} if cancelled else None,
        "displayFinancialStatus": order["financial_status"],
        "displayFulfillmentStatus": order["fulfillment_status"],
        "returnStatus": order.get("return_status", "NO_RETURN"),
        "paymentGatewayNames": [order["gateway"]] if order["gateway"] else [],
        "totalPriceSet": _money(order["total_minor"], order["currency"]),
        "currentTotalPriceSet": _money(0 if cancelled else order["total_minor"], order["currency"]),
        "totalOutstandingSet": _money(due, order["currency"]),
        "email": customer["email"],
        "phone": customer["phone"],
        "note": order["note"],
        "tags": order["tags"],
        "canNotifyCustomer": bool(customer["email"]),
        "restockable": order["restockable"],
        "refundable": paid,
        "customAttributes": order["attributes"],
        "customer": {"id": f"gid://shopify/Customer/{customer['id']}", "displayName": name},
        "shippingAddress": {
            "name": name,
            "phone": customer["phone"],
            "city": address["city"],
            "province": address["province"],
        },
        "fulfillments": _fulfillments(state, order),
        "lineItems": [_line(line, order["currency"]) for line in order["lines"]],
    }


def _money(minor: int, currency: str) -> Document:
    return {"shopMoney": {"amount": f"{minor / 100:.2f}", "currencyCode": currency}}


def _line(line: Document, currency: str) -> Document:
    return {
        "id": f"gid://shopify/LineItem/{line['id']}",
        "title": line["title"],
        "sku": line["sku"],
        "quantity": line["quantity"],
        "discountedUnitPriceSet": _money(line["price_minor"], currency),
        "image": {"url": line["image"]} if line.get("image") else None,
    }


def _fulfillments(state: State, order: Document) -> list[Document]:
    # A token with too few scopes sees none, without an error: the blindness trap.
    if not set(FULFILLMENT_SCOPES) & set(state.settings["scopes"]):
        return []
    return [
        {
            "id": f"gid://shopify/Fulfillment/{one['id']}",
            "name": f"{order['name']}-F{number}",
            "status": one["status"],
            "displayStatus": one["display_status"],
            "createdAt": one["created_at"],
            "updatedAt": one["created_at"],
            "trackingInfo": [
                {"company": told["company"], "number": told["number"], "url": None}
                for told in one["tracking"]
            ],
        }
        for number, one in enumerate(order["fulfillments"], 1)
    ]


def _refunds(order: Document) -> list[Document]:
    restocked = order.get("restocked")
    if restocked is None:
        return []
    rows = [{"quantity": line["quantity"], "restocked": restocked} for line in order["lines"]]
    return [
        {
            "id": f"gid://shopify/Refund/{order['id']}",
            "createdAt": order["cancelled_at"],
            "refundLineItems": lambda _info, first=50, after=None: connection(rows, first, after),
        }
    ]


def _fulfillment_by_id(state: State, gid: str) -> Document | None:
    for order in state.all("order").values():
        for one in _fulfillments(state, order):
            if one["id"] == gid:
                return one
    return None


def _job(state: State, gid: str) -> Document | None:
    job = state.get("job", gid)
    return {"id": gid, "done": job["done"]} if job else None


def _node(state: State, gid: str) -> Document | None:
    if "/Order/" in gid:
        return order_node(state, gid)
    job = state.get("job", gid.replace("OrderCancelJobResult", "Job"))
    if job is None:
        return None
    status = "STARTED" if not job["done"] else ("FAILED" if job.get("failed") else "SUCCEEDED")
    errors = (
        [{"message": job["failed"], "code": "INVALID", "field": None}] if job.get("failed") else []
    )
    return {
        "__typename": "OrderCancelJobResult", "id": gid, "done": job["done"], "status": status,
        "errors": errors, "order": lambda _info: order_node(state, job["order"]),
    }  # fmt: skip


# ---------------------------------------------------------------- lists


def connection(rows: list[Any], first: int | None, after: str | None) -> Document:
    """A page of a list as Shopify's connections give it."""
    start = int(base64.b64decode(after).decode()) if after else 0
    end = min(len(rows), start + (first or 50))
    cursors = [base64.b64encode(str(n + 1).encode()).decode() for n in range(start, end)]
    return {
        "nodes": rows[start:end],
        "edges": [{"cursor": c, "node": r} for c, r in zip(cursors, rows[start:end], strict=True)],
        "pageInfo": {
            "hasNextPage": end < len(rows),
            "hasPreviousPage": start > 0,
            "startCursor": cursors[0] if cursors else None,
            "endCursor": cursors[-1] if cursors else None,
        },
    }


def _orders(
    state: State,
    first: int | None = None,
    after: str | None = None,
    query: str | None = None,
    sortKey: str | None = None,  # noqa: N803 (Shopify's own name)
    reverse: bool = False,
) -> Document:
    found = [gid for gid, order in state.all("order").items() if _fits(order, query or "")]
    key = "created_at" if sortKey == "CREATED_AT" else "updated_at"
    found.sort(key=lambda gid: state.all("order")[gid][key], reverse=reverse)
    page = connection(found, first, after)
    page["nodes"] = [order_node(state, gid) for gid in page["nodes"]]
    page["edges"] = [{**e, "node": order_node(state, e["node"])} for e in page["edges"]]
    return page


def _fits(order: Document, query: str) -> bool:
    """Known search terms all fit; unknown ones are ignored, as by the real one."""
    return all(_fits_term(order, name, value) for name, value in _terms(query))


def _terms(query: str) -> Iterable[tuple[str, str]]:
    for name, value in re.findall(r"(\w+):('[^']*'|\"[^\"]*\"|\S+)", query):
        yield name, re.sub(r"['\"]", "", value)


def _fits_term(order: Document, name: str, value: str) -> bool:
    match name:
        case "updated_at" | "created_at":
            moment = datetime.fromisoformat(order[name])
            bound = datetime.fromisoformat(value.lstrip("<>="))
            return moment >= bound if value.startswith(">") else moment <= bound
        case "status":
            cancelled = order["cancelled_at"] is not None
            return {"cancelled": cancelled, "open": not cancelled}.get(value, True)
        case "name":
            return str(order["name"]).lstrip("#") == value.lstrip("#")
        case "financial_status":
            return str(order["financial_status"]).lower() == value.lower()
        case "fulfillment_status":
            return str(order["fulfillment_status"]).lower() == value.lower()
        case _:
            return True
