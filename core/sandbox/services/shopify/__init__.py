"""Shopify's Admin GraphQL API, over a part of its schema."""

from core.sandbox.calls import Service
from core.sandbox.services.shopify.graphql_api import Shopify
from core.sandbox.state import State
from core.sandbox.webhooks import Webhooks

SIGN_IN = {"shop": "casa-verde.myshopify.com", "token": "shpat_sandbox"}


def make(state: State, base_url: str) -> Service:
    """The endpoint of one shop, with its bucket of cost points, and webhooks of its changes."""
    return Shopify(state, base_url, Webhooks(state).tell).service
