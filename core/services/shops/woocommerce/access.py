"""Says in words what a key may do at a WooCommerce shop, and what this shop cannot show."""

from collections.abc import Mapping
from typing import Any

from core.services.codes import TestCode
from core.services.http.answers import inner
from core.services.outcome import Refused
from core.services.ports import Finding
from core.services.shops.common import UnreadableOrder
from core.services.shops.woocommerce.api import JsonAnswer, WooApi
from core.services.shops.woocommerce.codes import WooTest
from core.services.shops.woocommerce.meta import hiding
from core.services.shops.woocommerce.orders import OrderForm, order_of
from core.services.shops.woocommerce.subscriptions import listed, switched_off

TITLE = "WooCommerce"
LOOKED_AT = 20  # orders


def findings(api: WooApi, reading: OrderForm) -> list[Finding]:
    """What was tried and found, line by line; nothing is changed at the shop."""
    site = api.index()
    if not isinstance(site, JsonAnswer):
        return [Finding(TestCode.REACH.of(title=TITLE), False, site.why)]
    if "wc/v3" not in _listed(site.fields.get("namespaces")):
        return [Finding(TestCode.REACH.of(title=TITLE), False, WooTest.PLAIN)]
    orders = api.get("/orders", {"per_page": LOOKED_AT, "orderby": "modified", "order": "desc"})
    if not isinstance(orders, JsonAnswer):
        what = TestCode.SIGN_IN if isinstance(orders, Refused) else TestCode.REACH
        return [Finding(what.of(title=TITLE), False, orders.why)]
    system = api.get("/system_status", {"_fields": "environment,settings,active_plugins"})
    facts = system.fields if isinstance(system, JsonAnswer) else {}
    name = str(site.fields.get("name") or "–")
    return [
        Finding(WooTest.SIGN_IN.of(name=name, version=_version(facts)), True),
        _readable(orders, reading),
        _writes(api),
        _tracking(orders, reading, facts),
        _storage(facts),
        _mail(api),
        _webhooks(api),
    ]


def _listed(value: object) -> list[object]:
    """A list of PHP's, which it writes as an object where a row was taken out before."""
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []


def _version(facts: Mapping[str, object]) -> str:
    version = inner(facts, "environment").get("version")
    return f", WooCommerce {version}" if version else ""


def _readable(orders: JsonAnswer, reading: OrderForm) -> Finding:
    what = WooTest.READ_ORDERS
    try:
        for node in orders.rows:
            order_of(node, reading)
    except UnreadableOrder as error:
        return Finding(what, False, error.reason)
    return Finding(what, True)


def _writes(api: WooApi) -> Finding:
    """An empty batch asks for the right to write and changes nothing (WOOCOMMERCE A)."""
    answer = api.post("/orders/batch", {}, effect=False)
    if isinstance(answer, JsonAnswer):
        return Finding(WooTest.CANCEL, True)
    return Finding(WooTest.CANCEL, False, WooTest.NEEDS_MANAGER.of(why=answer.why))


def _tracking(orders: JsonAnswer, reading: OrderForm, facts: Mapping[str, Any]) -> Finding:
    """Whether the newest orders show tracking numbers, or a plug-in hides them."""
    what = WooTest.TRACKING
    rows = _listed(facts.get("active_plugins"))
    plugins = [str(row.get("plugin")) for row in rows if isinstance(row, dict)]
    hidden = hiding(plugins)
    if hidden:
        advice = WooTest.IMPORT_REPORT
        say = WooTest.TRACKING_HIDDEN.of(names=tuple(hidden), advice=advice)
        return Finding(what, False, say)
    shown = 0
    for node in orders.rows:
        try:
            shown += bool(order_of(node, reading).parcels)
        except UnreadableOrder:
            continue
    if shown or not orders.rows:
        return Finding(what, True, WooTest.HAVE_ONE.of(shown=shown, rows=len(orders.rows)))
    say = WooTest.NONE_HAS_ONE.of(rows=len(orders.rows), advice=WooTest.IMPORT_REPORT)
    return Finding(what, False, say)


def _storage(facts: Mapping[str, object]) -> Finding:
    """With the new order storage, what an old plug-in writes on the post is not in the order."""
    what, settings = WooTest.STORAGE, inner(facts, "settings")
    if "HPOS_enabled" not in settings:
        return Finding(what, True, WooTest.STORAGE_NOT_TOLD)
    if settings.get("HPOS_sync_enabled"):
        return Finding(what, False, WooTest.STORAGE_BOTH)
    if settings.get("HPOS_enabled"):
        return Finding(what, True, WooTest.STORAGE_NEW)
    return Finding(what, True)


def _mail(api: WooApi) -> Finding:
    what = WooTest.MAIL
    answer = api.get("/settings/email_customer_cancelled_order/enabled")
    if isinstance(answer, JsonAnswer) and answer.fields.get("value") == "yes":
        return Finding(what, True, WooTest.MAIL_GOES)
    return Finding(what, True)


def _webhooks(api: WooApi) -> Finding:
    what, answer = WooTest.WEBHOOKS, listed(api)
    if not isinstance(answer, JsonAnswer):
        return Finding(what, False, answer.why)
    off = switched_off(answer)
    if off:
        return Finding(what, False, WooTest.WEBHOOKS_OFF.of(off=tuple(off)))
    return Finding(what, True)
