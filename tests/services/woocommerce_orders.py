"""Orders in WooCommerce's shape, written anew, and an adapter before a server that answers."""

from collections.abc import Callable
from typing import Any

from services_answering import Answering, connected

from core.services import registry
from core.services.shops.woocommerce import WooCommerce

ADDRESS = {
    "first_name": "Mara", "last_name": "Ionescu", "address_1": "Str. Lungă 3", "city": "Brașov",
    "state": "BV", "postcode": "500035", "country": "RO", "phone": "0740 111 222",
}  # fmt: skip


def adapter(server: Answering, **settings: str) -> WooCommerce:
    """WooCommerce at this server."""
    sign_in = {"consumer_key": "ck_mara_1234", "consumer_secret": "cs_mara_5678"}
    values = {**sign_in, "webhook_secret": "un secret lung", **settings}
    made: Any = registry.adapter(connected("woocommerce", "shop", server.base_url, **values))
    return made


def meta(**values: Any) -> list[dict[str, Any]]:
    """Rows of meta_data."""
    return [{"id": n, "key": key, "value": value} for n, (key, value) in enumerate(values.items())]


def line(reduced: str | None = "2", quantity: int = 2, **changes: Any) -> dict[str, Any]:
    """A line of two vases at 60.50 with tax, whose stock was taken."""
    return {
        "id": 77, "name": "Vază", "product_id": 9, "variation_id": 0, "quantity": quantity,
        "total": "100.00", "total_tax": "21.00", "price": 50.0, "sku": "VZ", "image": {"src": ""},
        "meta_data": [] if reduced is None else meta(_reduced_stock=reduced),
        **changes,
    }  # fmt: skip


def order(number: int = 501, status: str = "processing", **changes: Any) -> dict[str, Any]:
    """One order, unpaid, cash on delivery."""
    return {
        "id": number, "number": str(number), "status": status, "currency": "RON",
        "date_created_gmt": "2026-11-02T09:00:00", "date_modified_gmt": "2026-11-03T10:00:00",
        "date_paid_gmt": None, "total": "121.00", "total_tax": "21.00",
        "billing": {**ADDRESS, "email": "mara@example.ro"},
        "shipping": {**ADDRESS, "phone": ""},
        "payment_method": "cod", "payment_method_title": "Ramburs", "customer_note": "",
        "meta_data": [], "line_items": [line()], "refunds": [],
        **changes,
    }  # fmt: skip


def refusal(code: str, status: int) -> dict[str, Any]:
    """An error in the interface's own shape."""
    return {"code": code, "message": "Ne pare rău.", "data": {"status": status}}


Make = Callable[..., dict[str, Any]]
