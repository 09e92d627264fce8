"""One request as the services of the sandbox see it, and what a service is."""

import functools
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, parse_qsl

from starlette.responses import Response

from core.sandbox.state import State


@dataclass(frozen=True)
class Call:
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

    def query(self, name: str) -> str:
        """A query parameter, "" when absent."""
        return parse_qs(self.query_string).get(name, [""])[0]

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

    @property
    def is_effect(self) -> bool:
        """Whether it changes something out there (a token is not a change)."""
        if "token" in self.path:
            return False
        if self.service == "shopify":
            return str(self.json.get("query", "")).lstrip().removeprefix("#").find("mutation") >= 0
        return self.method in ("POST", "PUT", "DELETE") and self.service not in COURIERS

    def as_json(self) -> dict[str, Any]:
        """To be kept until it is applied late."""
        return {
            "service": self.service, "method": self.method, "path": self.path,
            "query_string": self.query_string, "headers": dict(self.headers), "body": self.body,
        }  # fmt: skip


COURIERS = frozenset({"sameday", "fan", "cargus", "gls", "dpd"})


def _let_in(_state: State, _call: Call) -> Response | None:
    return None


@dataclass(frozen=True)
class Service:
    """One service of the sandbox, below `prefix`.

    `admit` refuses what has no sign-in or comes too fast; `answer` does what is asked. They are
    apart because a call that was let in may be done late, and is not counted a second time then.
    """

    answer: Callable[[State, Call], Response]
    admit: Callable[[State, Call], Response | None] = _let_in
    prefix: str = ""
