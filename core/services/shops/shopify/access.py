"""Says in words what a Shopify app may do and what is missing ("Test connection")."""

from core.services.http.tokens import Failure
from core.services.outcome import Refused
from core.services.ports import Finding
from core.services.shops.shopify.api import Data

_SEE_PARCELS = (
    "read_merchant_managed_fulfillment_orders",
    "read_assigned_fulfillment_orders",
    "read_third_party_fulfillment_orders",
)
_PROTECTED = (
    "Switch on Protected customer data access (name, address, phone, e-mail) in the app's API "
    "access at Shopify; a custom app made in the admin needs a plan above Basic."
)
_HELP = "Add it to the app's scopes at Shopify and install the app again."


def findings(answer: Data | Failure, version: str) -> list[Finding]:
    """What the answer to CheckAccess means for Refuz, line by line."""
    if isinstance(answer, Refused):
        return [Finding("Sign in to Shopify", False, answer.why)]
    if not isinstance(answer, Data):
        return [Finding("Reach Shopify", False, answer.why)]
    shop = answer.part("shop")
    scopes = _scopes(answer)
    return [
        Finding(f"Sign in to {shop.get('name', 'the shop')}, API {version}", True),
        _orders(scopes),
        _parcels(scopes),
        _old_orders(scopes),
        _fulfillments(scopes),
    ]


def reading(answer: Data | Failure) -> Finding:
    """What reading one order, with the document that reads all of them, has shown."""
    what = "Read an order"
    if not isinstance(answer, Data):
        return Finding(what, False, f"{answer.why} {_PROTECTED}")
    if answer.hidden:
        names = ", ".join(sorted(answer.hidden))
        say = f"Shopify does not show this app: {names}. Refuz works without. {_PROTECTED}"
        return Finding("See the customer's name, phone and e-mail", False, say)
    return Finding(what, True)


def _scopes(answer: Data) -> frozenset[str]:
    rows = answer.part("currentAppInstallation").get("accessScopes")
    named = [row.get("handle") for row in rows if isinstance(row, dict)] if rows else []
    given = {str(handle) for handle in named}
    # Who may write a thing may read it.
    return frozenset(
        given | {f"read_{s.removeprefix('write_')}" for s in given if s.startswith("write_")}
    )


def _orders(scopes: frozenset[str]) -> Finding:
    what = "Read and cancel orders"
    if "write_orders" in scopes:
        return Finding(what, True)
    return Finding(what, False, f"The scope write_orders is missing. {_HELP}")


def _parcels(scopes: frozenset[str]) -> Finding:
    what = "See parcels"
    missing = [scope for scope in _SEE_PARCELS if scope not in scopes]
    if len(missing) == len(_SEE_PARCELS):
        say = (
            "The app cannot see fulfillments, so shipped orders would look as if they had no "
            f"parcel. The scope {missing[0]} is missing. {_HELP}"
        )
        return Finding(what, False, say)
    if missing:
        say = f"Parcels of other fulfillment services need {' and '.join(missing)}."
        return Finding(what, True, say)
    return Finding(what, True)


def _old_orders(scopes: frozenset[str]) -> Finding:
    what = "See orders older than 60 days"
    if "read_all_orders" in scopes:
        return Finding(what, True)
    say = f"The scope read_all_orders is missing; Shopify gives it on request. {_HELP}"
    return Finding(what, False, say)


def _fulfillments(scopes: frozenset[str]) -> Finding:
    what = "Cancel fulfillments"
    if "write_merchant_managed_fulfillment_orders" in scopes:
        return Finding(what, True)
    say = (
        "Only needed if the preference for it is on: the scope "
        "write_merchant_managed_fulfillment_orders is missing."
    )
    return Finding(what, True, say)
