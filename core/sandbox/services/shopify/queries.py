"""The questions that the sandbox's shop answers: the root of all queries, and its searches."""

import base64
import json
import re
from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import islice

from graphql import GraphQLError

from core.sandbox.services.shopify import bulk
from core.sandbox.services.shopify import orders as shopify_orders
from core.sandbox.state import Document, State


def queries(state: State) -> dict[str, object]:
    """The root of all questions."""
    shop = state.get("shop", "shop") or {}
    return {
        "shop": {
            "name": shop.get("name", ""),
            "myshopifyDomain": shop.get("domain", ""),
            "currencyCode": shop.get("currency", "RON"),
            "ianaTimezone": "Europe/Bucharest",
            "plan": {
                "displayName": "Basic",
                "publicDisplayName": "Basic",
                "partnerDevelopment": False,
                "shopifyPlus": False,
            },
        },
        "currentAppInstallation": {
            "accessScopes": [{"handle": handle} for handle in state.settings["scopes"]]
        },
        "order": lambda _info, id: shopify_orders.order_node(state, id),  # noqa: A006 (Shopify's own name)
        "orderByIdentifier": lambda _info, identifier: shopify_orders.order_node(
            state, str(identifier.get("id"))
        ),
        "orders": lambda _info, **chosen: _orders(state, **chosen),
        "node": lambda _info, id: shopify_orders.node(state, id),  # noqa: A006
        "job": lambda _info, id: _job(state, id),  # noqa: A006
        "fulfillment": lambda _info, id: shopify_orders.fulfillment_node(state, id),  # noqa: A006
        "currentBulkOperation": lambda _info: bulk.newest(state),
        "bulkOperation": lambda _info, id: bulk.operation(state, id),  # noqa: A006
        "webhookSubscriptions": lambda _info, first=50, uri=None: {
            "nodes": [
                hook
                for hook in list(state.all("hook").values())[:first]
                if uri is None or hook["uri"] == uri
            ]
        },
    }


def _job(state: State, gid: str) -> Document | None:
    """A job; its `query` is the whole root again, to be asked in the same breath."""
    found = shopify_orders.job_node(state, gid)
    return found and {**found, "query": lambda _info: queries(state)}


def _orders(
    state: State,
    first: int | None = None,
    after: str | None = None,
    query: str | None = None,
    sortKey: str | None = None,  # noqa: N803 (Shopify's own name)
    reverse: bool = False,
) -> Document:
    """A page of the orders that fit a search, and a cursor to where it ends."""
    key = "created_at" if sortKey == "CREATED_AT" else "updated_at"
    terms = list(_terms(query or ""))
    # A cursor names a place in the order: what changes meanwhile skips nothing. Beside it stands
    # how many rows of the search were read.
    start, read = (None, 0) if after is None else _place(after)
    orders = state.all("order")
    found = (
        place
        for place in state.order_places[key].behind(start, reverse=reverse)
        if all(fits(orders[place[1]]) for fits in terms)
    )
    count = first or 50
    # The pages of a search end at so many rows, without a word.
    rest = max(0, int(state.settings["search_limit"]) - read)
    left = list(islice(found, min(count + 1, rest)))
    page = left[:count]
    cursors = [_cursor(*place, read + number) for number, place in enumerate(page, 1)]
    nodes = [shopify_orders.order_node(state, gid) for _, gid in page]
    return {
        "nodes": nodes,
        "edges": [{"cursor": c, "node": n} for c, n in zip(cursors, nodes, strict=True)],
        "pageInfo": {
            "hasNextPage": len(left) > count,
            "hasPreviousPage": start is not None,
            "startCursor": cursors[0] if cursors else None,
            "endCursor": cursors[-1] if cursors else None,
        },
    }


def _cursor(value: str, gid: str, read: int) -> str:
    return base64.b64encode(json.dumps([value, gid, read]).encode()).decode()


def _place(cursor: str) -> tuple[tuple[str, str], int]:
    """Behind what a page ended (its sort value and gid), and how many were read by then."""
    try:
        value, gid, read = json.loads(base64.b64decode(cursor))
    except ValueError as error:
        raise GraphQLError("Invalid cursor for current pagination sort.") from error
    return (str(value), str(gid)), int(read)


# The search's own words for what an order shows under other names.
_STATUS_WORDS = {
    "shipped": "fulfilled", "unshipped": "unfulfilled", "partial": "partially_fulfilled",
}  # fmt: skip


def _terms(query: str) -> Iterator[Callable[[Document], bool]]:
    """A test for each known search term; unknown ones are ignored, as by the real one."""
    for name, value in re.findall(r"(\w+):('[^']*'|\"[^\"]*\"|\S+)", query):
        term = _term(name, re.sub(r"['\"]", "", value))
        if term is not None:
            yield term


def _term(name: str, value: str) -> Callable[[Document], bool] | None:
    match name:
        case "updated_at" | "created_at":
            return _since(name, value)
        case "status":
            wanted = {"cancelled": True, "open": False}.get(value)
            return lambda order: wanted in (None, order["cancelled_at"] is not None)
        case "name":
            return lambda order: str(order["name"]).lstrip("#") == value.lstrip("#")
        case "financial_status" | "fulfillment_status":
            shown = _STATUS_WORDS.get(value.lower(), value.lower())
            return lambda order: str(order[name]).lower() == shown
        case _:
            return None


def _since(name: str, value: str) -> Callable[[Document], bool]:
    bound = datetime.fromisoformat(value.lstrip("<>="))
    after = value.startswith(">")

    def fits(order: Document) -> bool:
        moment = datetime.fromisoformat(order[name])
        return moment >= bound if after else moment <= bound

    return fits
