"""The routes of wc/v3 that Refuz uses: orders, webhooks, and what is asked at connecting."""

import base64
from collections.abc import Iterable
from urllib.parse import parse_qs

from starlette.responses import HTMLResponse, JSONResponse, Response

from core.sandbox.calls import WORDS, SandboxCall, Service
from core.sandbox.services.woocommerce import orders
from core.sandbox.services.woocommerce.webhooks import Webhooks
from core.sandbox.state import Document, State

ROOT = "/wp-json/wc/v3"
KEY = "Basic " + base64.b64encode(b"ck_sandbox:cs_sandbox").decode()
MOST_ROWS = 100
GATEWAY = "<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>"
_INVALID_ID = "woocommerce_rest_shop_order_invalid_id"


def error(status: int, code: str) -> Response:
    """An error in the interface's shape."""
    body = {"code": code, "message": "Ne pare rău.", "data": {"status": status}}
    return JSONResponse(body, status)


class WooCommerce:
    """One shop."""

    def __init__(self, state: State) -> None:
        """Serve the orders of this state."""
        self._state = state
        self._webhooks = Webhooks(state)
        self.service = Service(
            self._answer,
            self._admit,
            error={"code": "internal_server_error", "message": WORDS, "data": {"status": 500}},
            cancel_by_hand=self._cancel_by_hand,
        )

    def _admit(self, _state: State, call: SandboxCall) -> Response | None:
        if call.path.startswith(ROOT) and call.header("authorization") != KEY:
            return error(401, "woocommerce_rest_cannot_view")
        self._note_race(call)
        return None

    def _note_race(self, call: SandboxCall) -> None:
        """A call arrives while an earlier one of its order is still under way."""
        number = call.path.removeprefix(f"{ROOT}/orders/")
        order = orders.find(self._state, number)
        if call.method != "PUT" or order is None:
            return
        waiting = (due["call"] for due in self._state.all("due").values())
        if any(
            one["service"] == call.service and one["method"] == "PUT" and one["path"] == call.path
            for one in waiting
        ):
            self._state.put(orders.KIND, orders.key_of(number), {**order, "racing": True})
            self._state.count("overlapped", orders.key_of(number))

    def _answer(self, _state: State, call: SandboxCall) -> Response:
        """Answer by method and path, as far as the desk's calls go."""
        if call.path.rstrip("/") == "/wp-json":
            names = {"name": "Casa Verde", "namespaces": ["wc/v3", "wp/v2"]}
            return JSONResponse({**names, "timezone_string": "Europe/Bucharest"})
        match call.method, call.path.removeprefix(ROOT).strip("/").split("/"):
            case "GET", ["orders"] if int(call.query("per_page") or 10) > MOST_ROWS:
                return error(400, "rest_invalid_param")
            case "GET", ["orders"]:
                return JSONResponse(self._page(call))
            case "POST", ["orders", "batch"]:
                return JSONResponse([])
            case "GET", ["orders", number]:
                return self._read(call, number)
            case "PUT", ["orders", number]:
                return self._change(call, number)
            case "DELETE", ["orders", number]:
                return self._trash(number)
            case _, ["webhooks", *rest]:
                return self._webhooks.answer(call, rest)
            case "GET", ["system_status"]:
                return JSONResponse(_SYSTEM)
            case "GET", ["settings", "email_customer_cancelled_order", "enabled"]:
                return JSONResponse({"id": "enabled", "value": "no"})
        return error(404, "rest_no_route")

    def _read(self, call: SandboxCall, number: str) -> Response:
        order = orders.find(self._state, number)
        if order is None:
            return error(404, _INVALID_ID)
        return JSONResponse(_cut(orders.shown(order), call.query("_fields")))

    def _change(self, call: SandboxCall, number: str) -> Response:
        if orders.find(self._state, number) is None:
            return error(400, _INVALID_ID)
        if call.json.get("status", "pending") not in orders.STATUSES:
            return error(400, "rest_invalid_param")
        try:
            order = orders.change(self._state, number, call.json)
        except orders.Died:
            return HTMLResponse(GATEWAY, 502)
        self._webhooks.tell("order.updated", orders.shown(order))
        return JSONResponse(orders.shown(order))

    def _trash(self, number: str) -> Response:
        if orders.find(self._state, number) is None:
            return error(404, _INVALID_ID)
        order = orders.change(self._state, number, {"status": "trash"})
        self._webhooks.tell("order.deleted", {"id": order["id"]})
        return JSONResponse(orders.shown(order))

    def _cancel_by_hand(self, number: str) -> bool | None:
        order = orders.find(self._state, number)
        if order is None:
            return None
        if order["status"] == "cancelled":
            return False
        cancelled = orders.shown(orders.change(self._state, number, {"status": "cancelled"}))
        self._webhooks.tell("order.updated", cancelled)
        return True

    # -------------------------------------------------------------- lists

    def _page(self, call: SandboxCall) -> list[Document]:
        asked = {name: values[0] for name, values in parse_qs(call.query_string).items()}
        found = list(self._fitting(asked))
        field = {"modified": "date_modified_gmt", "id": "id"}.get(
            asked.get("orderby", ""), "date_created_gmt"
        )
        found.sort(key=lambda one: (one[field], one["id"]))
        if asked.get("order", "desc") == "desc":
            found.reverse()
        size = int(asked.get("per_page", "10"))
        begin = (int(asked.get("page", "1")) - 1) * size
        rows = found[begin : begin + size]
        return [_cut(orders.shown(one), asked.get("_fields", "")) for one in rows]

    def _fitting(self, asked: dict[str, str]) -> Iterable[Document]:
        status = asked.get("status", "any")
        chosen = set(asked.get("include", "").split(",")) - {""}
        for order in orders.every(self._state):
            is_listed = order["status"] not in ("trash", "checkout-draft")
            if status == "any" and not is_listed:
                continue
            if status != "any" and order["status"] not in status.split(","):
                continue
            if chosen and str(order["id"]) not in chosen:
                continue
            if order["date_modified_gmt"] <= asked.get("modified_after", ""):
                continue
            if order["date_created_gmt"] <= asked.get("after", ""):
                continue
            yield order


def _cut(order: Document, fields: str) -> Document:
    wanted = set(fields.split(",")) - {""}
    return {name: value for name, value in order.items() if not wanted or name in wanted}


_SYSTEM: dict[str, object] = {
    "environment": {"version": "11.0.1"},
    "settings": {"HPOS_enabled": True, "HPOS_sync_enabled": False},
    "active_plugins": [{"plugin": "woocommerce/woocommerce.php"}],
}
