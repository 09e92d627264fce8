"""WooCommerce: its REST interface (`api`), its orders in our words, and what we do there."""

from core.services.shops.woocommerce.messages import MESSAGES
from core.services.shops.woocommerce.shop import (
    CAPABILITIES,
    INFO,
    TIMEOUT_SECONDS,
    WooCommerce,
    make,
)

__all__ = ["CAPABILITIES", "INFO", "MESSAGES", "TIMEOUT_SECONDS", "WooCommerce", "make"]
