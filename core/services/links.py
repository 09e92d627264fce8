"""Where a person looks for themselves: pages of the services, only ever http or https addresses."""

from urllib.parse import urlsplit, urlunsplit

from core.services import registry
from core.settings.connections import Connection


def order_page(shop: Connection, gid: str) -> str:
    """The order in the shop's own admin; "" at the sandbox, which has none."""
    number = gid.rpartition("/")[2]
    page = _page(shop)
    if not page or not (number.isascii() and number.isdigit()):
        return ""
    return _web(shop.settings.get("base_url", ""), page.format(number=number))


def documents_page(account: Connection) -> str:
    """Where the service shows its documents, or lets one in to see them; "" where unknown."""
    page = _page(account) if account.kind == "invoicing" else ""
    return _web(page) if page else ""


def _page(connection: Connection) -> str:
    service = registry.services(connection.kind).get(connection.service)
    return service.page if service and not connection.sandbox else ""


def _web(address: str, path: str = "") -> str:
    """The address if it is one for a browser, without anybody's name or password; else "".

    With `path` that page of the same host.
    """
    whole = address.strip()
    try:
        parts = urlsplit(whole if "://" in whole else f"https://{whole}")
        _ = parts.port  # raises where it is no number: then the rest is no address either
    except ValueError:
        return ""
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return ""
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit((parts.scheme, host, path or parts.path, "", ""))
