"""What all couriers of the sandbox share: parcels, their events, the sign-in, local time."""

import datetime as dt
import secrets
from zoneinfo import ZoneInfo

from core.sandbox.state import ROMANIA, Document, State

USER, PASSWORD = "sandbox", "sandbox"


def token(state: State, courier: str) -> str:
    """The token that a courier gives whoever signs in, the same until it expires."""
    kept = state.get("token", courier)
    if kept is None:
        kept = {"value": secrets.token_hex(16)}
        state.put("token", courier, kept)
    return str(kept["value"])


def holds_token(state: State, courier: str, shown: str) -> bool:
    """Whether what was shown is the token given last."""
    kept = state.get("token", courier)
    return kept is not None and shown == kept["value"]


def events_of(state: State, courier: str, tracking: str) -> list[Document] | None:
    """The parcel's events, oldest first; None for an unknown number."""
    parcel = state.get("parcel", f"{courier}:{tracking}")
    return None if parcel is None else list(parcel["events"])


def moment_of(at: str, zone: ZoneInfo) -> dt.datetime:
    """A zone's clock at a moment in ISO 8601."""
    return dt.datetime.fromisoformat(at).astimezone(zone)


def local(at: str) -> dt.datetime:
    """The clock of Romania's couriers at a moment in ISO 8601."""
    return moment_of(at, ROMANIA)


def return_number(state: State, courier: str, tracking: str) -> str | None:
    """The new number that the parcel got on its way back, or None."""
    for back in state.all("return").values():
        if back["courier"] == courier and back["tracking"] == tracking:
            return str(back["return_number"])
    return None
