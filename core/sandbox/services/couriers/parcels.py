"""What all couriers of the sandbox share: parcels, their events, the sign-in, local time."""

import datetime as dt
from zoneinfo import ZoneInfo

from core.sandbox.state import Document, State

USER, PASSWORD, TOKEN = "sandbox", "sandbox", "courier-token-sandbox"
BUCHAREST = ZoneInfo("Europe/Bucharest")


def told(state: State, courier: str, tracking: str) -> list[Document] | None:
    """The parcel's events, oldest first; None for an unknown number."""
    parcel = state.get("parcel", f"{courier}:{tracking}")
    return None if parcel is None else list(parcel["events"])


def local(at: str) -> dt.datetime:
    """The courier's clock at a moment in ISO 8601."""
    return dt.datetime.fromisoformat(at).astimezone(BUCHAREST)


def return_number(state: State, courier: str, tracking: str) -> str | None:
    """The new number that the parcel got on its way back, or None."""
    for back in state.all("return").values():
        if back["courier"] == courier and back["tracking"] == tracking:
            return str(back["return_number"])
    return None
