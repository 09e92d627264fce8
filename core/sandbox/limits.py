"""The services' limits: so many calls in so many seconds, then a block."""

import json
import math
import sys
import time
from collections.abc import Mapping

from starlette.responses import JSONResponse, Response

from core.sandbox.calls import WORDS
from core.sandbox.state import State


class Limit:
    """A sliding window; beyond it the caller is blocked for a while."""

    def __init__(self, calls: int, seconds: float, *, blocks: bool, anew: bool = False) -> None:
        """`blocks`: going over costs the block of the settings, not just the rest of the window.

        `anew`: each call during a block starts it again.
        """
        self._calls, self._seconds, self._blocks, self._anew = calls, seconds, blocks, anew

    def close(self, state: State, caller: str) -> float:
        """Block the caller now, as another program of the same account would; gives seconds."""
        wait = float(state.settings["block_seconds"])
        state.windows[self, caller].blocked_until = time.monotonic() + wait
        return wait

    def refuse(self, state: State, caller: str) -> float | None:
        """Seconds to wait, or None when the call may pass."""
        if not state.settings["rate_limits"]:
            return None
        at, window = time.monotonic(), state.windows[self, caller]
        seconds = self._seconds / state.settings["limits_faster"]
        if at < window.blocked_until:
            state.count_inside_block(caller)
            if self._anew:
                window.blocked_until = at + state.settings["block_seconds"]
            return window.blocked_until - at
        seen = window.seen
        while seen and at - seen[0] >= seconds:
            seen.popleft()
        if len(seen) < self._calls:
            seen.append(at)
            return None
        wait = state.settings["block_seconds"] if self._blocks else seconds - (at - seen[0])
        window.blocked_until = at + wait
        return float(wait)


class Walls:
    """Blocks that somebody else's calls brought on, at services whose own limit cannot be so.

    One stands for the seconds of the settings; whoever calls meanwhile is counted.
    """

    def __init__(self) -> None:
        """No service is closed."""
        self._limits: dict[str, Limit] = {}

    def raise_(self, state: State, service: str) -> float:
        """Close a service from now on; gives seconds."""
        limit = self._limits.setdefault(service, Limit(sys.maxsize, 0.001, blocks=True))
        return limit.close(state, service)

    def refuse(self, state: State, service: str) -> float | None:
        """Seconds for which a service is still closed, or None."""
        limit = self._limits.get(service)
        return None if limit is None else limit.refuse(state, service)


def in_words(error: Mapping[str, object], status: int, seconds: float) -> Response:
    """A limit told in words alone, in the shape of a service's own errors, with any status."""
    message = (
        "Ai depasit limita maxima de requesturi admisa. Vei putea executa alte requesturi dupa "
        f"{max(1, math.ceil(seconds))} secunde"
    )
    body = json.loads(json.dumps(dict(error)).replace(json.dumps(WORDS)[1:-1], message))
    return JSONResponse(body, status)


def too_many(seconds: float) -> Response:
    """HTTP 429 with Retry-After."""
    return JSONResponse(
        {"errorText": "Too many requests", "statusMessage": "Too many requests"},
        429,
        headers={"Retry-After": str(max(1, round(seconds)))},
    )
