"""Packeta as its clients know it: XML both ways, the API password in each request."""

import re
from html import unescape
from xml.sax.saxutils import escape
from zoneinfo import ZoneInfo

from starlette.responses import Response

from core.sandbox.calls import SandboxCall, Service, reads_only
from core.sandbox.services.couriers.parcels import PASSWORD, events_of, moment_of
from core.sandbox.state import Document, State

SIGN_IN = {"api_password": PASSWORD}
PRAGUE = ZoneInfo("Europe/Prague")


def answer(state: State, call: SandboxCall) -> Response:
    """Answer one call below /packeta."""
    if _field(call.body, "apiPassword") != PASSWORD:
        return _fault("IncorrectApiPasswordFault", "Incorrect API password.")
    number = _field(call.body, "packetId")
    events = events_of(state, "packeta", number) or events_of(state, "packeta", f"Z{number}")
    if events is None:
        return _fault("PacketIdFault", "Packet does not exist.")
    records = "".join(map(_record, events))
    return _xml(f"<response><status>ok</status><result>{records}</result></response>")


def _field(body: str, name: str) -> str:
    found = re.search(rf"<{name}>(.*?)</{name}>", body, re.DOTALL)
    return unescape(found[1]).strip() if found else ""


def _record(event: Document) -> str:
    at = moment_of(event["at"], PRAGUE)
    return (
        f"<record><dateTime>{at:%Y-%m-%dT%H:%M:%S}</dateTime>"
        f"<statusCode>{escape(event['code'] or '999')}</statusCode><codeText/>"
        f"<statusText>{escape(event['text'])}</statusText>"
        f"<isReturning>{str(bool(event.get('in_return'))).lower()}</isReturning></record>"
    )


def _fault(name: str, message: str) -> Response:
    return _xml(
        f"<response><status>fault</status><fault>{name}</fault><string>{message}</string></response>"
    )


def _xml(text: str) -> Response:
    head = '<?xml version="1.0" encoding="utf-8"?>'
    return Response(head + text, media_type="text/xml")


SERVICE = Service(answer, is_effect=reads_only)
