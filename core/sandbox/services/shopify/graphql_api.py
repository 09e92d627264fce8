"""Shopify's Admin GraphQL API: our documents executed for real over a part of its schema."""

import functools
import math
import re
import secrets
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    build_schema,
    execute_sync,
    parse,
    validate,
)
from starlette.responses import JSONResponse, Response

from core.sandbox.calls import WORDS, SandboxCall, Service
from core.sandbox.services.shopify import bulk, queries
from core.sandbox.services.shopify.changes import Mutations, OnChange
from core.sandbox.services.shopify.cost import cost as cost_of
from core.sandbox.state import State

BUCKET_SECONDS = 20.0  # of restoring, until a bucket is full
SDL = Path(__file__).with_name("shopify.graphql")
TOKEN, BULK = "/admin/oauth/access_token", "/bulk/"
_VERSIONED = re.compile(r"/admin/api/[\w-]+/graphql\.json")
CLIENT = ("sandbox-client", "sandbox-client-secret")
ERROR = {"errors": [{"message": WORDS, "extensions": {"code": "INTERNAL_SERVER_ERROR"}}]}


@functools.cache
def schema(version: str) -> GraphQLSchema:
    """The schema of an API version: `jobResult` exists from 2026-10 on."""
    text = SDL.read_text(encoding="utf-8")
    if version < "2026-10":
        text = text.replace("  jobResult: OrderCancelJobResult\n", "")
    return build_schema(text)


@functools.lru_cache(maxsize=256)
def _prepared(text: str, version: str) -> tuple[DocumentNode, tuple[str, ...]]:
    document = parse(text)
    return document, tuple(error.message for error in validate(schema(version), document))


class Shopify:
    """The endpoint of one shop, with its bucket of cost points."""

    def __init__(self, state: State, base_url: str, on_change: OnChange) -> None:
        """`base_url` is where results of bulk operations can be fetched; `on_change` is told the
        topic and the id of each order changed."""
        self._state = state
        self._changes = Mutations(state, base_url, on_change)
        self._available, self._at = math.inf, time.monotonic()
        self.service = Service(
            self._answer,
            self._admit,
            is_effect=_is_effect,
            error=ERROR,
            too_many=self.throttled,
            run_due=self._changes.run_due,
            cancel_by_hand=self._cancel_by_hand,
            bucket=self._bucket,
        )

    def _cancel_by_hand(self, number: str) -> bool | None:
        """Somebody cancels the order in the admin; False where it was cancelled before."""
        gid = f"gid://shopify/Order/{number}"
        exists = self._state.get("order", gid) is not None
        return self._changes.cancel_by_hand(gid) if exists else None

    def _admit(self, _state: State, call: SandboxCall) -> Response | None:
        """The refusal of a call that is not let in: path, token, query, or its cost."""
        if call.path == TOKEN or call.path.startswith(BULK):
            return None
        if not _VERSIONED.fullmatch(call.path):
            return JSONResponse({"errors": "Not Found"}, 404)
        shown = call.header("x-shopify-access-token")
        if shown != "shpat_sandbox" and self._state.get("token", f"shopify:{shown}") is None:
            text = "[API] Invalid API key or access token (unrecognized login or wrong password)"
            return JSONResponse({"errors": text}, 401)
        try:
            document, errors = _prepared(_query(call), _version(call))
        except GraphQLError as error:
            return JSONResponse({"errors": [{"message": error.message}]})
        if errors:
            return JSONResponse({"errors": [{"message": message} for message in errors]})
        cost = cost_of(schema(_version(call)), document, _variables(call))
        if self._take(cost):
            return None
        self._state.called("shopify throttled")
        return self.throttled(cost)

    def _answer(self, _state: State, call: SandboxCall) -> Response:
        if call.path == TOKEN:
            return self._token(call)
        if call.path.startswith(BULK):
            lines = bulk.lines(self._state, call.path)
            if lines is None:
                return Response("<Error>NoSuchKey</Error>", 404, media_type="application/xml")
            return Response(lines, media_type="application/jsonl")
        document, _ = _prepared(_query(call), _version(call))
        cost = cost_of(schema(_version(call)), document, _variables(call))
        done = execute_sync(
            schema(_version(call)),
            document,
            {**queries.queries(self._state), **self._changes.mutations()},
            variable_values=_variables(call),
            operation_name=call.json.get("operationName"),
        )
        body: dict[str, object] = {
            "data": done.data,
            "extensions": {"cost": self._cost(cost, cost)},
        }
        if not self._state.settings["protected_data"]:
            hidden = list(_hide(done.data, ()))
            if hidden:
                body["errors"] = hidden
        if done.errors:
            body["errors"] = [_error(error) for error in done.errors]
        return JSONResponse(body)

    def _token(self, call: SandboxCall) -> Response:
        """A token for a client's own shop, good until it expires; the admin's own lasts."""
        asked = {**call.form, **call.json}
        if (asked.get("client_id"), asked.get("client_secret")) != CLIENT:
            return JSONResponse({"error": "application_cannot_be_found"}, 400)
        token = f"shpat_sandbox_{secrets.token_hex(8)}"
        self._state.put("token", f"shopify:{token}", {"value": token})
        return JSONResponse({"access_token": token, "scope": "", "expires_in": 86399})

    # ------------------------------------------------------------ the bucket

    def _bucket(self) -> dict[str, object]:
        """Its `throttleStatus` now; to look costs nothing."""
        self._refill()
        status: dict[str, object] = self._cost(0.0, None)["throttleStatus"]
        return status

    def _refill(self) -> None:
        at = time.monotonic()
        restore = float(self._state.settings["points_per_second"])
        self._available += (at - self._at) * restore
        self._available = min(BUCKET_SECONDS * restore, self._available)
        self._at = at

    def _take(self, cost: float) -> bool:
        if not self._state.settings["rate_limits"]:
            return True
        self._refill()
        if self._available < cost:
            return False
        self._available -= cost
        return True

    def throttled(self, cost: float = 10.0) -> Response:
        """HTTP 200 that says THROTTLED."""
        error = {"message": "Throttled", "extensions": {"code": "THROTTLED"}}
        return JSONResponse({"errors": [error], "extensions": {"cost": self._cost(cost, None)}})

    def _cost(self, requested: float, actual: float | None) -> dict[str, Any]:
        limited = self._state.settings["rate_limits"]
        restore = float(self._state.settings["points_per_second"]) * (1 if limited else 100)
        maximum = BUCKET_SECONDS * restore
        status = {
            "maximumAvailable": maximum,
            "currentlyAvailable": min(maximum, self._available) if limited else maximum,
            "restoreRate": restore,
        }
        return {
            "requestedQueryCost": requested, "actualQueryCost": actual, "throttleStatus": status,
        }  # fmt: skip


def _is_effect(call: SandboxCall) -> bool:
    return call.path != TOKEN and "mutation" in _query(call)


def _query(call: SandboxCall) -> str:
    return str(call.json.get("query") or "")


def _variables(call: SandboxCall) -> dict[str, object]:
    variables = call.json.get("variables")
    return variables if isinstance(variables, dict) else {}


def _version(call: SandboxCall) -> str:
    return call.path.split("/")[3]


def _error(error: GraphQLError) -> dict[str, object]:
    return {"message": error.message, "path": error.path, "extensions": error.extensions or {}}


_PROTECTED = ("email", "phone", "billingAddress", "shippingAddress")


def _hide(value: Any, path: tuple[str | int, ...]) -> Iterator[dict[str, object]]:
    """Empty the protected fields of an answer; the errors that stand beside it, without a code."""
    if isinstance(value, list):
        for place, one in enumerate(value):
            yield from _hide(one, (*path, place))
    elif isinstance(value, dict):
        for name, one in value.items():
            if name in _PROTECTED:
                value[name] = None
                message = f"This app is not approved to use the {name} field."
                yield {"message": message, "path": [*path, name]}
            else:
                yield from _hide(one, (*path, name))
