"""A shop that answers with what was recorded, one answer after the other."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from core.services.http.client import HttpClient
from core.services.limits.rate import Throttle
from core.services.ports import Rate
from core.services.shops.shopify import Shopify
from core.services.shops.shopify.api import ShopifyApi, SignIn
from core.store import engines
from core.store.tables import throttles


@dataclass
class Replay:
    """The adapter, and what it will be answered next."""

    shop: Shopify
    queue: list[dict[str, Any]] = field(default_factory=list)

    def answers(self, answer: dict[str, Any]) -> str:
        """Prepare one recorded answer, without its bucket; gives an id to ask with."""
        self.queue.append({name: value for name, value in answer.items() if name != "extensions"})
        return "gid://shopify/Order/1"


@contextmanager
def replaying() -> Iterator[Replay]:
    """Run such a shop on loopback."""
    queue: list[dict[str, Any]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            body = json.dumps(queue.pop(0)).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing on the terminal."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    with TemporaryDirectory() as folder:
        engine = engines.make_engine(f"sqlite:///{Path(folder) / 'buckets.db'}")
        throttles.create(engine)
        rate = Rate(1e6, 1e6)
        address = f"http://127.0.0.1:{server.server_address[1]}"
        throttle = Throttle("replay", rate, engine)
        client = HttpClient("shopify", "replay", address, rate, 5.0, throttle=throttle)
        api = ShopifyApi(client, "2026-10", SignIn(token="shpat_x"))
        try:
            yield Replay(Shopify(api, "ramburs", "custom.invoice"), queue)
        finally:
            engine.dispose()
            server.shutdown()
            server.server_close()
