"""A very small Shopify for tests of the sync: it keeps orders and answers by operation name."""

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

PAGE = 3


@dataclass
class Shop:
    """The shop's orders by number, and how it behaves."""

    base_url: str = ""
    orders: dict[int, dict[str, Any]] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    answer_no_more: bool = False  # after the first page of a list
    down: bool = False
    silent: threading.Event | None = None  # answers nothing until this is set
    broken: set[int] = field(default_factory=set)  # orders that come without what they need

    def put(self, number: int, updated_at: str, cancelled_at: str | None = None) -> None:
        """Add an order or change it."""
        self.orders[number] = {
            "id": f"gid://shopify/Order/{number}",
            "name": f"#{number}",
            "createdAt": "2026-11-01T10:00:00Z",
            "updatedAt": updated_at,
            "cancelledAt": cancelled_at,
            "displayFinancialStatus": "PENDING",
            "displayFulfillmentStatus": "UNFULFILLED",
            "totalPriceSet": {"shopMoney": {"amount": "10.00", "currencyCode": "RON"}},
            "fulfillments": [],
            "lineItems": {"nodes": [], "pageInfo": {"hasNextPage": False}},
        }

    def names(self, operation: str) -> int:
        """How often an operation was asked for."""
        return [name for name, _ in self.asked].count(operation)

    def answer(self, query: str, variables: dict[str, Any]) -> dict[str, Any]:
        """One GraphQL answer."""
        found = re.search(r"(?:query|mutation) (\w+)", query)
        operation = found[1] if found else ""
        self.asked.append((operation, variables))
        match operation:
            case "BulkStart":
                started = {"id": "gid://shopify/BulkOperation/1", "status": "CREATED"}
                return {"bulkOperationRunQuery": {"bulkOperation": started, "userErrors": []}}
            case "BulkState":
                url = f"{self.base_url}/file"
                return {"bulkOperation": {"status": "COMPLETED", "url": url}}
            case "ReadOrder":
                number = int(variables["id"].rpartition("/")[2])
                spoilt = {"totalPriceSet": None} if number in self.broken else {}
                found = self.orders.get(number)
                return {"order": found and {**found, **spoilt}}
            case _:
                return {"orders": self._page(variables)}

    def _page(self, variables: dict[str, Any]) -> dict[str, Any]:
        since = (variables["query"] or "'").split("'")[1]
        changed = [one for one in self.orders.values() if one["updatedAt"] >= since]
        changed.sort(key=lambda one: one["updatedAt"])
        start = int(variables["after"] or 0)
        if start and self.answer_no_more:
            self.down = True
        end = start + PAGE
        page = {"hasNextPage": end < len(changed), "endCursor": str(end)}
        return {"nodes": changed[start:end], "pageInfo": page}

    def file(self) -> str:
        """The lines of a bulk job."""
        nodes = [{k: v for k, v in one.items() if k != "lineItems"} for one in self.orders.values()]
        return "\n".join(json.dumps(one) for one in nodes)


@contextmanager
def running() -> Iterator[Shop]:
    """Serve such a shop on loopback."""
    shop = Shop()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            if shop.silent is not None:
                shop.silent.wait(20)
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            data = shop.answer(body["query"], body["variables"])
            self._say(json.dumps({"data": data}))

        def do_GET(self) -> None:
            self._say(shop.file())

        def _say(self, text: str) -> None:
            body = text.encode()
            self.send_response(503 if shop.down else 200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing on the terminal."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    shop.base_url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield shop
    finally:
        server.shutdown()
        server.server_close()
