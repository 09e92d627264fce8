"""Shopify: its Admin GraphQL (`api`), its orders in our words (`orders`), and what we do there."""

from core.services.shops.shopify.messages import MESSAGES
from core.services.shops.shopify.shop import (
    CAPABILITIES,
    FOLLOWS_RATE,
    INFO,
    VERSION,
    Shopify,
    make,
)

__all__ = ["CAPABILITIES", "FOLLOWS_RATE", "INFO", "MESSAGES", "VERSION", "Shopify", "make"]
