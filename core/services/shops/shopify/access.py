"""Says in words what a Shopify app may do and what is missing ("Test connection")."""

from core.services.codes import TestCode
from core.services.http.tokens import Failure
from core.services.outcome import Refused
from core.services.ports import Finding
from core.services.shops.shopify.api import Data
from core.services.shops.shopify.codes import ShopifyTest

_SEE_PARCELS = (
    "read_merchant_managed_fulfillment_orders",
    "read_assigned_fulfillment_orders",
    "read_third_party_fulfillment_orders",
)


def findings(answer: Data | Failure, version: str) -> list[Finding]:
    """What the answer to CheckAccess means for Refuz, line by line."""
    if isinstance(answer, Refused):
        return [Finding(TestCode.SIGN_IN.of(title="Shopify"), False, answer.why)]
    if not isinstance(answer, Data):
        return [Finding(TestCode.REACH.of(title="Shopify"), False, answer.why)]
    shop = answer.part("shop")
    scopes = _scopes(answer)
    return [
        Finding(ShopifyTest.SIGN_IN.of(name=str(shop.get("name") or "–"), version=version), True),
        _orders(scopes),
        _parcels(scopes),
        _old_orders(scopes),
        _fulfillments(scopes),
    ]


def reading(answer: Data | Failure) -> Finding:
    """What reading one order, with the document that reads all of them, has shown."""
    what = ShopifyTest.READ_ORDER
    if not isinstance(answer, Data):
        say = TestCode.WITH_ADVICE.of(why=answer.why, advice=ShopifyTest.PROTECTED)
        return Finding(what, False, say)
    if answer.hidden:
        names = tuple(sorted(answer.hidden))
        say = ShopifyTest.HIDDEN.of(names=names, advice=ShopifyTest.PROTECTED)
        return Finding(ShopifyTest.SEE_CUSTOMER, False, say)
    return Finding(what, True)


def _scopes(answer: Data) -> frozenset[str]:
    rows = answer.part("currentAppInstallation").get("accessScopes")
    named = rows if isinstance(rows, list) else []
    given = {str(row.get("handle")) for row in named if isinstance(row, dict)}
    # Who may write a thing may read it.
    return frozenset(
        given | {f"read_{s.removeprefix('write_')}" for s in given if s.startswith("write_")}
    )


def _orders(scopes: frozenset[str]) -> Finding:
    what = ShopifyTest.ORDERS
    if "write_orders" in scopes:
        return Finding(what, True)
    return Finding(what, False, ShopifyTest.NO_ORDERS.of(advice=ShopifyTest.ADD_SCOPE))


def _parcels(scopes: frozenset[str]) -> Finding:
    what = ShopifyTest.PARCELS
    missing = [scope for scope in _SEE_PARCELS if scope not in scopes]
    if len(missing) == len(_SEE_PARCELS):
        advice = ShopifyTest.ADD_SCOPE
        say = ShopifyTest.NO_PARCELS.of(missing=missing[0], advice=advice)
        return Finding(what, False, say)
    if missing:
        say = ShopifyTest.SOME_PARCELS.of(missing=tuple(missing))
        return Finding(what, True, say)
    return Finding(what, True)


def _old_orders(scopes: frozenset[str]) -> Finding:
    what = ShopifyTest.OLD_ORDERS
    if "read_all_orders" in scopes:
        return Finding(what, True)
    say = ShopifyTest.NO_OLD_ORDERS.of(advice=ShopifyTest.ADD_SCOPE)
    return Finding(what, False, say)


def _fulfillments(scopes: frozenset[str]) -> Finding:
    what = ShopifyTest.FULFILLMENTS
    if "write_merchant_managed_fulfillment_orders" in scopes:
        return Finding(what, True)
    return Finding(what, True, ShopifyTest.NO_FULFILLMENTS)
