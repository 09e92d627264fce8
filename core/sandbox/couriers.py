"""The couriers of the sandbox, by their slug."""

from collections.abc import Callable

from starlette.responses import Response

from core.sandbox.calls import Call
from core.sandbox.state import State

COURIERS: dict[str, Callable[[State, Call], Response]] = {}
