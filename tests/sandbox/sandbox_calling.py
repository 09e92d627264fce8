"""A service of the sandbox asked in this process: its state, one call, the answer's body."""

import json
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from sandbox_world import world
from starlette.responses import Response

from core.sandbox.calls import SandboxCall
from core.sandbox.state import State


def load(state: State, **parts: Any) -> None:
    """Give the state a world with these parts, whose moments stay as they are written."""
    made = world(**parts)
    state.load(made, now=datetime.fromisoformat(made["now"]))


def call(
    method: str, path: str, *, query: Any = (), headers: dict[str, str] | None = None,
    form: dict[str, Any] | None = None, body: Any = None,
) -> SandboxCall:  # fmt: skip
    """A request; `body` is sent as JSON, `form` as form fields, a text as it is."""
    sent = body if isinstance(body, str) else "" if body is None else json.dumps(body)
    return SandboxCall("any", method, path, urlencode(query), headers or {},
                       urlencode(form) if form else sent)  # fmt: skip


def body_of(answer: Response) -> Any:
    """What the answer's body says, read as JSON."""
    return json.loads(bytes(answer.body))
