"""Says in words what a key may do at a WooCommerce shop, and what this shop cannot show."""

from collections.abc import Mapping
from typing import Any

from core.services.outcome import Refused
from core.services.ports import Finding
from core.services.shops.common import UnreadableOrder
from core.services.shops.woocommerce.api import Told, WooApi
from core.services.shops.woocommerce.meta import hiding
from core.services.shops.woocommerce.orders import Reading, order_of
from core.services.shops.woocommerce.subscriptions import listed, switched_off

LOOKED_AT = 20  # orders
_IMPORT = "Import the courier's report instead, or write the number into a field of the order."


def findings(api: WooApi, reading: Reading) -> list[Finding]:
    """What was tried and found, line by line; nothing is changed at the shop."""
    site = api.index()
    if not isinstance(site, Told):
        return [Finding("Reach WooCommerce", False, site.why)]
    if "wc/v3" not in (site.fields.get("namespaces") or ()):
        say = "WooCommerce is not switched on there, or its addresses are plain: see Permalinks."
        return [Finding("Reach WooCommerce", False, say)]
    orders = api.get("/orders", {"per_page": LOOKED_AT, "orderby": "modified", "order": "desc"})
    if not isinstance(orders, Told):
        what = "Sign in to WooCommerce" if isinstance(orders, Refused) else "Reach WooCommerce"
        return [Finding(what, False, orders.why)]
    system = api.get("/system_status", {"_fields": "environment,settings,active_plugins"})
    facts = system.fields if isinstance(system, Told) else {}
    return [
        Finding(f"Sign in to {site.fields.get('name') or 'the shop'}{_version(facts)}", True),
        _readable(orders, reading),
        _writes(api),
        _tracking(orders, reading, facts),
        _storage(facts),
        _mail(api),
        _webhooks(api),
    ]


def _version(facts: Mapping[str, Any]) -> str:
    version = _part(facts, "environment").get("version")
    return f", WooCommerce {version}" if version else ""


def _part(facts: Mapping[str, Any], name: str) -> dict[str, Any]:
    value = facts.get(name)
    return value if isinstance(value, dict) else {}


def _readable(orders: Told, reading: Reading) -> Finding:
    what = "Read orders"
    try:
        for node in orders.rows:
            order_of(node, reading)
    except UnreadableOrder as error:
        return Finding(what, False, str(error))
    return Finding(what, True)


def _writes(api: WooApi) -> Finding:
    """An empty batch asks for the right to write and changes nothing (WOOCOMMERCE A)."""
    told = api.post("/orders/batch", {}, effect=False)
    if isinstance(told, Told):
        return Finding("Cancel orders", True)
    say = f"{told.why} The key must be of a shop manager, with “Read/Write”."
    return Finding("Cancel orders", False, say)


def _tracking(orders: Told, reading: Reading, facts: Mapping[str, Any]) -> Finding:
    what = "See tracking numbers"
    rows = facts.get("active_plugins")
    plugins = [str(row.get("plugin")) for row in rows or () if isinstance(row, dict)]
    hidden = hiding(plugins)
    if hidden:
        say = f"The plug-in of {', '.join(hidden)} keeps its numbers where they cannot be read. "
        return Finding(what, False, say + _IMPORT)
    shown = 0
    for node in orders.rows:
        try:
            shown += bool(order_of(node, reading).parcels)
        except UnreadableOrder:
            continue
    if shown or not orders.rows:
        return Finding(what, True, f"{shown} of the last {len(orders.rows)} orders have one.")
    say = (
        f"None of the last {len(orders.rows)} orders has one in a field that is known. Name the "
        "field of your courier's plug-in in “Fields with tracking numbers”; a plug-in may also "
        f"keep its numbers where they cannot be read. {_IMPORT}"
    )
    return Finding(what, False, say)


def _storage(facts: Mapping[str, Any]) -> Finding:
    """With the new order storage, what an old plug-in writes on the post is not in the order."""
    what, settings = "Order storage", _part(facts, "settings")
    if "HPOS_enabled" not in settings:
        return Finding(what, True, "The shop does not tell how it keeps its orders.")
    if settings.get("HPOS_sync_enabled"):
        say = (
            "Compatibility mode is on: fields that old plug-ins write into the old storage are "
            "not seen here, and are lost whenever the order is saved through the interface. "
            "Update these plug-ins and switch the mode off."
        )
        return Finding(what, False, say)
    if settings.get("HPOS_enabled"):
        say = "Fields that old plug-ins write into the old storage are not seen here."
        return Finding(what, True, say)
    return Finding(what, True)


def _mail(api: WooApi) -> Finding:
    what = "Mail to the customer"
    told = api.get("/settings/email_customer_cancelled_order/enabled")
    if isinstance(told, Told) and told.fields.get("value") == "yes":
        say = "The shop mails the customer of a cancelled order; it cannot be chosen per order."
        return Finding(what, True, say)
    return Finding(what, True)


def _webhooks(api: WooApi) -> Finding:
    what, told = "Webhooks", listed(api)
    off = switched_off(told) if isinstance(told, Told) else []
    if off:
        say = (
            f"The shop has switched off {', '.join(off)} after failures. Subscribe again; until "
            "then changes are seen by asking only."
        )
        return Finding(what, False, say)
    return Finding(what, True)
