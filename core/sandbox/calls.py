"""One request as the services of the sandbox see it, and what a service is."""

import functools
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, parse_qsl

from starlette.responses import JSONResponse, Response

from core.sandbox.state import State


@dataclass(frozen=True)
class SandboxCall:
    """A request: kept whole, so that it can be applied late as well."""

    service: str
    method: str
    path: str  # below the service's prefix
    query_string: str
    headers: Mapping[str, str]
    body: str

    def header(self, name: str) -> str:
        """A header by its lower-case name, "" when absent."""
        return self.headers.get(name, "")

    @functools.cached_property
    def _query(self) -> dict[str, list[str]]:
        return parse_qs(self.query_string)

    def query(self, name: str) -> str:
        """A query parameter, "" when absent."""
        return self._query.get(name, [""])[0]

    @functools.cached_property
    def json(self) -> dict[str, Any]:
        """The body as a JSON object; an empty one where it is something else."""
        try:
            parsed = json.loads(self.body)
        except ValueError:
            return {}
        return parsed if isinstance(parsed, dict) else {}

    @property
    def form(self) -> dict[str, str]:
        """The body as form fields."""
        return dict(parse_qsl(self.body))

    def as_json(self) -> dict[str, object]:
        """To be kept until it is applied late."""
        return {
            "service": self.service, "method": self.method, "path": self.path,
            "query_string": self.query_string, "headers": dict(self.headers), "body": self.body,
        }  # fmt: skip


WORDS = "Eroare temporara, incercati mai tarziu."


def changes_something(call: SandboxCall) -> bool:
    """Whether a call changes something out there (a token is not a change)."""
    return call.method in ("POST", "PUT", "DELETE") and "token" not in call.path


def reads_only(_call: SandboxCall) -> bool:
    """No call of this service changes anything."""
    return False


def _let_in(_state: State, _call: SandboxCall) -> Response | None:
    return None


def _too_many() -> Response:
    return JSONResponse({"errorText": "Too many requests"}, 429, headers={"Retry-After": "1"})


def _nothing_due() -> None:
    return None


@dataclass(frozen=True)
class Service:
    """One service of the sandbox, below `prefix`; `blocked` closes it as its limit would.

    `admit` refuses what has no sign-in or comes too fast; `answer` does what is asked. They are
    apart because a call that was let in may be done late, and is not counted a second time then.
    `is_effect` tells which calls change something; `error` is the body by which the service says,
    with HTTP 200, that nothing was done; `too_many` its answer to a caller that is too fast;
    `run_due` does what takes the service a while. A shop has `cancel_by_hand`: somebody cancels
    the order of this number in the shop's own program (False: it was cancelled before; None: no
    such order). `bucket` tells what is left of a rate that the service counts in points.
    """

    answer: Callable[[State, SandboxCall], Response]
    admit: Callable[[State, SandboxCall], Response | None] = _let_in
    blocked: Callable[[State, SandboxCall], Response] | None = None
    prefix: str = ""
    is_effect: Callable[[SandboxCall], bool] = changes_something
    error: Mapping[str, object] = field(default_factory=lambda: {"error": {"message": WORDS}})
    too_many: Callable[[], Response] = _too_many
    run_due: Callable[[], None] = _nothing_due
    cancel_by_hand: Callable[[str], bool | None] | None = None
    bucket: Callable[[], dict[str, object]] | None = None
