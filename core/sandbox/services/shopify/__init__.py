"""Shopify's Admin API, as the sandbox plays it."""
