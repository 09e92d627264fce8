"""`POST /api/scans` and `POST /api/frames`: a code or a camera frame in, a verdict out.

The scan is stored before the answer leaves.
"""

import secrets
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from core.intake import Code, PictureError, Reading, doors
from core.server import http_helpers, lanes
from core.server.scan_response import Verdict, scan_code

SOURCES = ("scanner", "photo", "snapshot", "list")
CODE_LIMIT = 400
FRAME_LIMIT = 8 * 2**20
BUSY = "The readers are busy; the next picture will do."
IN_VIEW_SECONDS = 2.5  # a label unseen for longer was taken away


@http_helpers.json_route
async def scans(request: Request) -> Response:
    """Take `{pile, code, key, source, by, sha256?}`; the same key twice is one scan."""
    body = await http_helpers.json_body(request, 64 * 1024)
    pile = http_helpers.number(body.get("pile"), "pile")
    code = str(body.get("code") or "").strip()
    key = str(body.get("key") or "").strip()
    source = body.get("source") or "scanner"
    if not code or len(code) > CODE_LIMIT or not key or len(key) > 80 or source not in SOURCES:
        raise http_helpers.Problem(400, "The call needs a code, a key and a known source.")
    verdict = await to_thread.run_sync(
        lambda: scan_code(
            pile,
            code,
            key=key,
            by=http_helpers.person(request, body.get("by")),
            source=str(source),
            sha256=str(body.get("sha256") or "")[:64],
        )
    )
    return JSONResponse(verdict.as_json(await to_thread.run_sync(http_helpers.tongue, request)))


@dataclass
class _View:
    """What one camera saw: by code, when last, and what was said of it."""

    seen: dict[str, tuple[float, Verdict]] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)


class Views:
    """The cameras at work: a label that stays in view is one scan."""

    def __init__(self, most: int = 500) -> None:
        """Remember up to `most` cameras; the longest idle one is forgotten first."""
        self._views: OrderedDict[tuple[int, str], _View] = OrderedDict()
        self._most = most
        self._lock = threading.Lock()

    def of(self, pile: int, session: str) -> _View:
        """The view of this camera on this pile."""
        with self._lock:
            view = self._views.setdefault((pile, session), _View())
            self._views.move_to_end((pile, session))
            while len(self._views) > self._most:
                self._views.popitem(last=False)
            return view


views = Views()


@http_helpers.json_route
async def frames(request: Request) -> Response:
    """Read a JPEG frame (`?pile=&session=&by=`): every code with corners and its verdict."""
    pile = http_helpers.number(request.query_params.get("pile"), "pile")
    session = request.query_params.get("session", "")[:40]
    if not session:
        raise http_helpers.Problem(400, "The call lacks the camera's session.")
    data = await http_helpers.read_body(request, FRAME_LIMIT)
    if lanes.crowded():
        raise http_helpers.Problem(429, BUSY)
    by = http_helpers.person(request, request.query_params.get("by"))
    told = await to_thread.run_sync(
        lambda: _frame(pile, session, by, data, http_helpers.tongue(request)),
        limiter=lanes.READING,
    )
    return JSONResponse(told)


def _frame(pile: int, session: str, by: str, data: bytes, language: str) -> dict[str, Any]:
    began = time.perf_counter()
    try:
        reading = doors.frame(data)
    except doors.Busy as error:
        raise http_helpers.Problem(429, BUSY) from error
    except PictureError as error:
        raise http_helpers.Problem(422, str(error)) from error
    view = views.of(pile, session)
    with view.lock:
        codes = [_told(view, pile, session, by, code, language) for code in _codes(reading)]
    return {
        "width": reading.width,
        "height": reading.height,
        "codes": codes,
        "ms": round((time.perf_counter() - began) * 1000, 1),
    }


def _codes(reading: Reading) -> list[Code]:
    """Each text once: a label may carry the same code twice."""
    return list({code.text: code for code in reading.codes}.values())


def _told(
    view: _View, pile: int, session: str, by: str, code: Code, language: str
) -> dict[str, Any]:
    at = time.monotonic()
    corners = [[round(x, 1), round(y, 1)] for x, y in code.corners]
    before = view.seen.get(code.text)
    again = before is not None and at - before[0] < IN_VIEW_SECONDS
    if before is not None and again:
        verdict = before[1]
    else:
        verdict = scan_code(
            pile,
            code.text,
            key=f"{session}-{secrets.token_hex(8)}",
            by=by,
            source="frame",
            format=code.format,
            corners=corners,
            weak=code.confidence == "weak",
        )
    view.seen[code.text] = (at, verdict)
    if len(view.seen) > 200:
        view.seen = {text: seen for text, seen in view.seen.items() if at - seen[0] < 60}
    return {**verdict.as_json(language), "corners": corners, "format": code.format, "again": again}
