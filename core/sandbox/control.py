"""The control beside the services: ledger, faults, settings, loading, hands in the admin."""

from collections.abc import Callable, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from core.sandbox.calls import Service
from core.sandbox.faults import KINDS
from core.sandbox.services import invoices
from core.sandbox.state import FAULTS, SETTINGS, State, orders


class Control:
    """`/_sandbox/…`."""

    def __init__(
        self, state: State, services: Mapping[str, Service], run_due: Callable[[], None]
    ) -> None:
        """Control this state; `run_due` does first what is due by now."""
        self._state = state
        self._services = services
        self._run_due = run_due

    def routes(self) -> list[Route]:
        """Every control route."""
        return [
            Route("/health", self._health),
            Route("/ledger", self._ledger),
            Route("/faults", self._faults, methods=["GET", "PUT"]),
            Route("/settings", self._settings, methods=["GET", "PUT"]),
            Route("/calls", self._calls),
            Route("/inside-blocks", self._inside_blocks),
            Route("/bucket", self._bucket),
            Route("/tokens/expire", self._expire, methods=["POST"]),
            Route("/load", self._load, methods=["POST"]),
            Route("/orders/{number}/cancel", self._cancel, methods=["POST"]),
            Route("/invoices/reverse", self._reverse, methods=["POST"]),
        ]

    async def _health(self, _request: Request) -> Response:
        return JSONResponse({"ok": True, "directory": str(self._state.directory)})

    async def _ledger(self, _request: Request) -> Response:
        self._run_due()
        found = {gid: self._of_order(gid, one) for gid, one in orders(self._state).items()}
        invoices = {
            key: self._of_invoice(key)
            for key, one in self._state.all("invoice").items()
            if not one.get("of")
        }
        totals = {
            "cancelled": sum(one["cancelled"] for one in found.values()),
            "restocked": sum(one["restocked"] for one in found.values()),
            "reversed": sum(one["reversed"] for one in invoices.values()),
            "annulled": sum(one["annulled"] for one in invoices.values()),
        }
        stock = {sku: product["stock"] for sku, product in self._state.all("product").items()}
        ledger = {"orders": found, "invoices": invoices, "totals": totals, "stock": stock}
        return JSONResponse(ledger)

    def _of_order(self, gid: str, order: dict[str, object]) -> dict[str, Any]:
        counted = self._state.get("ledger", gid) or {}
        names = (
            "cancelled", "restocked", "fulfillment_cancelled", "tagged", "corrected", "overlapped",
        )  # fmt: skip
        return {"name": order["name"], **{name: counted.get(name, 0) for name in names}}

    def _of_invoice(self, key: str) -> dict[str, Any]:
        counted = self._state.get("ledger", key) or {}
        return {
            "reversed": counted.get("reversed", 0),
            "annulled": counted.get("annulled", 0),
            "restored": counted.get("restored", 0),
            "dates": counted.get("dates", []),
            "stornos": counted.get("stornos", []),
        }

    async def _faults(self, request: Request) -> Response:
        if request.method == "PUT":
            wanted = await request.json()
            unknown = set(wanted.get("kinds") or ()) - KINDS
            if unknown or set(wanted) - set(FAULTS):
                return JSONResponse({"error": f"known kinds: {sorted(KINDS)}"}, 400)
            self._state.put("control", "faults", wanted)
        return JSONResponse(self._state.faults)

    async def _settings(self, request: Request) -> Response:
        if request.method == "PUT":
            wanted = await request.json()
            if set(wanted) - set(SETTINGS):
                return JSONResponse({"error": f"known settings: {sorted(SETTINGS)}"}, 400)
            self._state.put("control", "settings", {**self._state.settings, **wanted})
        return JSONResponse(self._state.settings)

    async def _calls(self, _request: Request) -> Response:
        return JSONResponse(self._state.calls)

    async def _inside_blocks(self, _request: Request) -> Response:
        return JSONResponse(self._state.inside_blocks)

    async def _bucket(self, _request: Request) -> Response:
        """Of the one service that counts its rate in points."""
        buckets = [one.bucket() for one in self._services.values() if one.bucket]
        return JSONResponse(buckets[0] if buckets else {})

    async def _expire(self, _request: Request) -> Response:
        """Every token given so far is worth nothing any more."""
        for key in list(self._state.all("token")):
            self._state.drop("token", key)
        return JSONResponse({})

    async def _load(self, request: Request) -> Response:
        self._state.load(await request.json())
        return JSONResponse({"orders": len(self._state.all("order"))})

    async def _cancel(self, request: Request) -> Response:
        number = request.path_params["number"]
        with self._state.together():
            done = self._cancel_by_hand(number)
        if done is None:
            return JSONResponse({"error": "no such order"}, 404)
        return JSONResponse({"cancelled": number} if done else {"error": "cancelled before"})

    def _cancel_by_hand(self, number: str) -> bool | None:
        """In the first shop that has an order of this number."""
        for service in self._services.values():
            done = service.cancel_by_hand(number) if service.cancel_by_hand else None
            if done is not None:
                return done
        return None

    async def _reverse(self, request: Request) -> Response:
        body = await request.json()
        try:
            with self._state.together():
                made = invoices.reverse(
                    self._state, body["service"], body["series"], body["number"]
                )
        except invoices.NotPossible as refusal:
            return JSONResponse({"error": refusal.code}, 400)
        return JSONResponse({"series": made["series"], "number": made["number"]})
