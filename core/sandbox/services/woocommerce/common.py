"""Orders of a world that any shop may be given, in WooCommerce's shape."""

from datetime import UTC, datetime

from core.sandbox.services.invoices import tax_within
from core.sandbox.state import Document


def node_of(order: Document) -> Document:
    """The order as WooCommerce keeps it; one that has that shape already as it is."""
    if "line_items" in order:
        return order
    cancelled, paid = order["cancelled_at"], order["financial_status"] == "PAID"
    customer, address = order["customer"], order["address"]
    person = {
        "first_name": customer["first_name"], "last_name": customer["last_name"],
        "phone": customer["phone"], "email": customer["email"], "city": address["city"],
        "state": address["province"], "country": "RO", "address_1": address["address1"],
        "postcode": address.get("zip", ""), "company": address.get("company", ""),
    }  # fmt: skip
    billed = {**person, "company": order.get("billing", {}).get("company", "")}
    numbers = [one["number"] for made in order["fulfillments"] for one in made["tracking"]]
    meta = {**{row["key"]: row["value"] for row in order["attributes"]}, "awb_fan": numbers}
    return {
        "shop": order["shop"], "name": order["name"],
        "id": order["id"], "number": str(order["name"]).removeprefix("#"),
        "status": "cancelled" if cancelled else "processing", "currency": order["currency"],
        "date_created_gmt": _gmt(order["created_at"]),
        "date_modified_gmt": _gmt(order["updated_at"]),
        "date_paid_gmt": _gmt(order["created_at"]) if paid else None,
        "total": _money(order["total_minor"]),
        "total_tax": _money(tax_within(order["total_minor"])), "refunds": [],
        "billing": billed, "shipping": person, "customer_note": order["note"],
        "payment_method": "cod" if order["payment"] == "cod" else "card",
        "payment_method_title": order["gateway"],
        "meta_data": [{"id": n, "key": k, "value": v} for n, (k, v) in enumerate(meta.items())],
        "line_items": [_line(line, taken=not cancelled) for line in order["lines"]],
    }  # fmt: skip


def _line(line: Document, *, taken: bool) -> dict[str, object]:
    quantity = line["quantity"]
    whole = line["price_minor"] * quantity
    tax = tax_within(whole)
    reduced = [{"id": 1, "key": "_reduced_stock", "value": str(quantity)}]
    return {
        "id": line["id"], "name": line["title"], "sku": line["sku"], "quantity": quantity,
        "total": _money(whole - tax), "total_tax": _money(tax),
        "meta_data": reduced if taken else [],
    }  # fmt: skip


def _money(minor: int) -> str:
    return f"{minor / 100:.2f}"


def _gmt(moment: str) -> str:
    return datetime.fromisoformat(moment).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")
