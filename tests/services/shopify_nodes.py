"""Orders as Shopify tells them, for the tests of its reading."""

from typing import Any


def line(number: int) -> dict[str, Any]:
    """One line of an order."""
    return {
        "id": f"gid://shopify/LineItem/{number}",
        "title": "Lampă",
        "sku": f"L{number}",
        "quantity": 2,
        "discountedUnitPriceSet": {"shopMoney": {"amount": "129.90"}},
        "image": {"url": "https://cdn.example/lamp.jpg"},
    }


def connection_of(nodes: list[Any], after: str = "") -> dict[str, Any]:
    """A page of nodes; `after` when there are more."""
    return {"nodes": nodes, "pageInfo": {"hasNextPage": bool(after), "endCursor": after or None}}


def node(number: int = 1001, **changes: Any) -> dict[str, Any]:
    """An order as Shopify tells it."""
    return {
        "id": f"gid://shopify/Order/{number}",
        "name": f"#{number}",
        "createdAt": "2026-11-01T10:00:00Z",
        "updatedAt": "2026-11-20T10:00:00Z",
        "cancelledAt": None,
        "cancelReason": None,
        "displayFinancialStatus": "PENDING",
        "displayFulfillmentStatus": "FULFILLED",
        "returnStatus": "NO_RETURN",
        "paymentGatewayNames": ["Cash on Delivery (COD)"],
        "totalPriceSet": {"shopMoney": {"amount": "259.8", "currencyCode": "RON"}},
        "email": "ana@example.com",
        "phone": None,
        "note": None,
        "tags": ["vip"],
        "canNotifyCustomer": True,
        "customAttributes": [{"key": "invoice", "value": "smartbill:CVZ:0042"}],
        "shippingAddress": {
            "name": "Ana Pop",
            "phone": "+40 722 123 456",
            "city": "Cluj-Napoca",
            "province": "Cluj",
        },
        "fulfillments": [
            {
                "id": "gid://shopify/Fulfillment/5001",
                "status": "SUCCESS",
                "displayStatus": "IN_TRANSIT",
                "createdAt": "2026-11-02T09:00:00Z",
                "trackingInfo": [
                    {"company": "Sameday", "number": "1ONB24222308781"},
                    {"company": "Sameday", "number": None},
                ],
            }
        ],
        "lineItems": connection_of([line(1)]),
        **changes,
    }


def page(numbers: list[int], after: str = "", cost: float = 0) -> dict[str, Any]:
    """One answer to ListOrders, and to ListChanges with more than was asked for."""
    body: dict[str, Any] = {
        "data": {"orders": connection_of([node(number) for number in numbers], after)}
    }
    if cost:
        body["extensions"] = {"cost": {"requestedQueryCost": cost, "actualQueryCost": cost}}
    return body
