"""DPD as its clients know it: tracking, and the shipment that a return number belongs to."""

from starlette.responses import JSONResponse, Response

from core.sandbox.calls import SandboxCall, Service, reads_only
from core.sandbox.services.couriers.parcels import PASSWORD, USER, events_of, local, return_number
from core.sandbox.state import State

SIGN_IN = {"username": USER, "password": PASSWORD}


def answer(state: State, call: SandboxCall) -> Response:
    """Answer one call below /dpd."""
    sent = call.json
    if (sent.get("userName"), sent.get("password")) != (USER, PASSWORD):
        return JSONResponse({"error": {"message": "Invalid username or password"}}, 401)
    if call.path == "/v1/track":
        wanted = [str(one.get("id")) for one in sent.get("parcels", [])[:10]]
        return JSONResponse({"parcels": [_parcel(state, one) for one in wanted]})
    parcel = sent.get("parcel") or {}
    code = str(parcel.get("id") or parcel.get("fullBarcode"))
    back = state.get("return", f"dpd:{code}")
    first = back["tracking"] if back else code
    if back is None and events_of(state, "dpd", code) is None:
        return JSONResponse({"error": {"message": "Parcel not found"}})
    return JSONResponse(
        {
            "primaryShipment": {"id": first},
            "initialShipmentId": first,
            "initialParcelId": first,
            "returnShipmentId": code if back else None,
        }
    )


def _parcel(state: State, tracking: str) -> dict[str, object]:
    return {
        "parcelId": tracking,
        "operations": [
            {
                "dateTime": local(one["at"]).isoformat(),
                "operationCode": int(one["code"]) if one["code"].lstrip("-").isdigit() else 0,
                "description": one["text"],
                "comment": "",
                "exceptionCodes": one.get("exceptions", []),
                "returnShipmentId": return_number(state, "dpd", tracking),
            }
            for one in events_of(state, "dpd", tracking) or []
        ],
    }


SERVICE = Service(answer, is_effect=reads_only)
