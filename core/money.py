"""Currencies as shops and services write them."""


def one_code(currency: str) -> str:
    """In one writing: WooCommerce shops have "LEI" for RON, and their plug-ins invoice in RON."""
    code = currency.strip().upper()
    return "RON" if code == "LEI" else code
