"""Orders of the sandbox's shop as GraphQL sees them, with their fulfillments and jobs."""

import base64
from typing import Any

from core.sandbox.services.invoices import tax_within
from core.sandbox.state import Document, State

FULFILLMENT_SCOPES = (
    "read_orders", "read_merchant_managed_fulfillment_orders",
    "read_assigned_fulfillment_orders", "read_third_party_fulfillment_orders",
)  # fmt: skip


def order_node(state: State, gid: str) -> Document | None:
    """An order with what takes arguments as functions, for the executor."""
    order = state.get("order", gid)
    if order is None:
        return None
    node = plain_order(state, gid, order)
    items = node["lineItems"]
    node["lineItems"] = lambda _info, first=50, after=None: connection(items, first, after)
    node["fulfillments"] = lambda _info, first=None: [
        {**one, "trackingInfo": lambda _i, first=None, rows=one["trackingInfo"]: rows[:first]}
        for one in plain_order(state, gid, order)["fulfillments"][:first]
    ]
    node["metafield"] = lambda _info, key, namespace=None: metafield(order, namespace, key)
    node["refunds"] = lambda _info, first=None: _refunds(order)[:first]
    return node


def plain_order(state: State, gid: str, order: Document) -> Document:
    """An order as plain data, as a bulk operation writes it."""
    address, customer = order["address"], order["customer"]
    name = f"{customer['first_name']} {customer['last_name']}"
    paid = order["financial_status"] in ("PAID", "REFUNDED")
    cancelled = order["cancelled_at"]
    edited = order.get("current_total_minor")  # where the order was edited
    current = 0 if cancelled else order["total_minor"] if edited is None else edited
    due = 0 if paid else current
    billing = order.get("billing", {})
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
        "currentTotalPriceSet": _money(current, order["currency"]),
        "totalTaxSet": _money(tax_within(order["total_minor"]), order["currency"]),
        "currentTotalTaxSet": _money(tax_within(current), order["currency"]),
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
        "billingAddress": {
            "name": billing.get("name", name),
            "company": billing.get("company"),
        },
        "shippingAddress": {
            "name": name,
            "company": address.get("company"),
            "phone": customer["phone"],
            "address1": address.get("address1"),
            "address2": None,
            "zip": address.get("zip"),
            "city": address["city"],
            "province": address["province"],
        },
        "fulfillments": _fulfillments(state, order),
        "lineItems": [_line(line, order["currency"]) for line in order["lines"]],
    }


def metafield(order: Document, namespace: str | None, key: str) -> Document | None:
    """A metafield of an order; the world names them "custom.invoice": "…"."""
    place = namespace or "custom"
    value = order.get("metafields", {}).get(f"{place}.{key}")
    if value is None:
        return None
    gid = f"gid://shopify/Metafield/{order['id']}"
    return {"id": gid, "namespace": place, "key": key, "value": value}


def _money(minor: int, currency: str) -> Document:
    money = {"amount": f"{minor / 100:.2f}", "currencyCode": currency}
    return {"shopMoney": money, "presentmentMoney": money}  # it sells in one currency


def _line(line: Document, currency: str) -> Document:
    """A line as GraphQL's LineItem."""
    return {
        "id": f"gid://shopify/LineItem/{line['id']}",
        "title": line["title"],
        "sku": line["sku"],
        "quantity": line["quantity"],
        "currentQuantity": line.get("current_quantity", line["quantity"]),
        "discountedUnitPriceSet": _money(line["price_minor"], currency),
        "image": {"url": line["image"]} if line.get("image") else None,
    }


def _fulfillments(state: State, order: Document) -> list[Document]:
    """What was shipped of an order, as a token with these scopes sees it."""
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
                {"company": parcel["company"], "number": parcel["number"], "url": None}
                for parcel in one["tracking"]
            ],
        }
        for number, one in enumerate(order["fulfillments"], 1)
    ]


def _refunds(order: Document) -> list[Document]:
    """What a cancel gave back of the order's lines; none before it."""
    restocked = order.get("restocked")
    if restocked is None:
        return []
    rows = [
        {
            "quantity": line["quantity"],
            "currentQuantity": line.get("current_quantity", line["quantity"]),
            "restocked": restocked,
            "restockType": "CANCEL" if restocked else "NO_RESTOCK",
            "lineItem": _line(line, order["currency"]),
        }
        for line in order["lines"]
    ]
    return [
        {
            "id": f"gid://shopify/Refund/{order['id']}",
            "createdAt": order["cancelled_at"],
            "refundLineItems": lambda _info, first=50, after=None: connection(rows, first, after),
        }
    ]


def fulfillment_node(state: State, gid: str) -> Document | None:
    """A fulfillment as `node(id:)` answers it."""
    for order in state.all("order").values():
        for one in _fulfillments(state, order):
            if one["id"] == gid:
                return one
    return None


def job_node(state: State, gid: str) -> Document | None:
    """A job as `job(id:)` answers it."""
    job = state.get("job", gid)
    return {"id": gid, "done": job["done"]} if job else None


def node(state: State, gid: str) -> Document | None:
    """An order or a job's result as `node(id:)` answers it."""
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
