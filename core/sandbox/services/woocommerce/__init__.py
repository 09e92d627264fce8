"""WooCommerce's REST interface wc/v3, as a real 11.0.1 was recorded.

| behaviour | known from |
| --- | --- |
| a cancel from every status, done when the answer comes; out of the trash too | recorded 03a, 02e |
| stock put back with it; left with `_order_stock_reduced` = "no" | recorded 03a, 03b |
| two calls of one order under way: stock put back by each | recorded 03h, 10 |
| an end between status and stock: 502, the mark kept, stock left | recorded 09b |
| pending puts back what was left, cancelled again does not | recorded 09b |
| every write moves date_modified_gmt, whole seconds, also one that changes nothing | recorded 03a |
| lists: exclusive, without trash and drafts, ties by id, empty beyond the end | recorded 01b, 01c |
| errors by code; 404 when asked, 400 when changed | recorded 06a, 06b |
| webhooks: unsigned ping, signature, an id that repeats | recorded 07a, 07b |
| any overlap of two cancels does harm | assumed: recorded ones did so in 1 of 6 and 2 of 10 |
"""

from core.sandbox.calls import Service
from core.sandbox.services.woocommerce.rest import WooCommerce
from core.sandbox.state import State

SIGN_IN = {"consumer_key": "ck_sandbox", "consumer_secret": "cs_sandbox"}


def make(state: State, base_url: str) -> Service:  # noqa: ARG001
    """One shop of its own beside Shopify's; both sell the same products."""
    return WooCommerce(state).service
