"""Bulk operations of the sandbox's shop: a job, and its result as lines of JSON."""

import json
import re
import time
import uuid
from datetime import UTC, datetime

from core.sandbox.services.shopify import orders
from core.sandbox.state import Document, State

BUSY = "A bulk query operation for this app and shop is already in progress"


# The one field of ours with arguments, which a bulk operation writes under its other name.
_FIELD = re.compile(r'(\w+): metafield\(namespace: "([^"]*)", key: "([^"]*)"\)')


def start(state: State, base_url: str, query: str) -> Document:
    """Begin a job over every order; it is done after the delay of the settings."""
    if "$" in query:
        return _refused("Bulk queries cannot contain variables.")
    running = [one for one in state.all("bulk").values() if one["due"] > time.time()]
    if running:
        return _refused(BUSY)
    number = uuid.uuid4().int % 10**12
    name = f"gid://shopify/BulkOperation/{number}"
    kept = {
        "id": name,
        "url": f"{base_url}/shopify/bulk/{number}",
        "metafields": _FIELD.findall(query),
        "due": time.time() + state.settings["job_delay"],
        "createdAt": datetime.now(UTC).isoformat(),
    }
    state.put("bulk", name, kept)
    return {"bulkOperation": operation(state, name), "userErrors": []}


def _refused(message: str) -> Document:
    return {"bulkOperation": None, "userErrors": [{"field": None, "message": message}]}


def operation(state: State, gid: str) -> Document | None:
    """A job as the shop tells it now."""
    kept = state.get("bulk", gid)
    if kept is None:
        return None
    done = kept["due"] <= time.time()
    return {
        "__typename": "BulkOperation",
        "id": gid,
        "status": "COMPLETED" if done else "RUNNING",
        "errorCode": None,
        "url": kept["url"] if done else None,
        "objectCount": str(len(state.all("order")) if done else 0),
        "createdAt": kept["createdAt"],
        "completedAt": datetime.fromtimestamp(kept["due"], UTC).isoformat() if done else None,
    }


def newest(state: State) -> Document | None:
    """The job that was begun last."""
    begun = sorted(state.all("bulk").values(), key=lambda one: str(one["createdAt"]))
    return operation(state, begun[-1]["id"]) if begun else None


def lines(state: State, path: str) -> str | None:
    """The result of the finished job behind this path: every order, its lines after it.

    None for a path that no job was given.
    """
    found = operation(state, f"gid://shopify/BulkOperation/{path.rpartition('/')[2]}")
    if found is None or found["url"] is None:
        return None
    kept = state.get("bulk", found["id"]) or {}
    json_lines = []
    for gid, order in state.all("order").items():
        node = orders.plain_order(state, gid, order)
        items = node.pop("lineItems")
        for name, namespace, key in kept.get("metafields", ()):
            node[name] = orders.metafield(order, namespace, key)
        json_lines.append(json.dumps(node))
        json_lines += [json.dumps({**item, "__parentId": gid}) for item in items]
    return "\n".join(json_lines) + "\n" if json_lines else ""
