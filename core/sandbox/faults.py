"""Faults on demand: which call meets one, and the wrong answers that services give then.

kind                the call is done    what comes back
too_many_requests   no                  429, or Shopify's THROTTLED
block               no                  the service's block in its own words, from now on
block_in_words      no                  a limit told in words, `words_status`, from now on
turned_away         no                  403 and the page of a gateway that takes us for a robot
maintenance         no                  503, nothing else
error_before        no                  500
error_text          no                  HTTP 200 whose body is an error in the service's own words
reset               no                  a TCP reset
error_after         yes                 500
html_after          yes                 a gateway's page, HTTP 200
answer_lost         yes                 nothing: the connection ends
slow                yes                 the answer, after `slow_seconds`
applied_late        after late_seconds  nothing: the connection ends
"""

import random
from collections.abc import Callable

from starlette.responses import HTMLResponse, JSONResponse, Response

from core.sandbox.calls import SandboxCall
from core.sandbox.state import State

KINDS = frozenset(
    {
        "too_many_requests", "error_before", "error_text", "reset", "error_after", "html_after",
        "answer_lost", "slow", "applied_late", "block", "block_in_words",
        "turned_away", "maintenance",
    }
)  # fmt: skip


class Faults:
    """Throws the dice for each call: the same seed and the same calls give the same faults."""

    def __init__(self, state: State) -> None:
        """Faults as this state's control sets them."""
        self._state = state
        self._number = 0

    def meets(self, call: SandboxCall, is_effect: Callable[[SandboxCall], bool]) -> str | None:
        """The fault that this call meets, or None."""
        faults = self._state.faults
        if not faults["share"] or not faults["kinds"]:
            return None
        if faults["services"] and call.service not in faults["services"]:
            return None
        if faults["only_effects"] and not is_effect(call):
            return None
        self._number += 1
        dice = random.Random(f"{faults['seed']}/{self._number}")  # noqa: S311 (no secret)
        return str(dice.choice(faults["kinds"])) if dice.random() < faults["share"] else None


def internal_error() -> Response:
    """HTTP 500."""
    return JSONResponse({"errors": "Internal Server Error"}, 500)


def turned_away() -> Response:
    """What Cloudflare says in a service's stead; nothing reached the service."""
    title = "<title>Attention Required! | Cloudflare</title>"
    return HTMLResponse(f"<html>{title}<h1>Sorry, you have been blocked</h1></html>", 403)


def maintenance() -> Response:
    """HTTP 503."""
    return HTMLResponse("<html><h1>Mentenanta programata</h1></html>", 503)


def html() -> Response:
    """What a gateway says when it has lost the service behind it, with HTTP 200 all the same."""
    return HTMLResponse("<html><body><h1>Serviciu indisponibil</h1></body></html>")
