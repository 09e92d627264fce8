"""`POST /api/scans` and `POST /api/frames`: a code or a camera frame in, a verdict out.

The scan is stored before the answer leaves.
"""

import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from core.clock import uptime
from core.intake import Code, PictureError, Reading, doors
from core.orders.piles.labels import box_of, gap
from core.rights import named
from core.server import http_helpers, lanes
from core.server.http_helpers import CallCode
from core.server.scan_response import StationAnswer, scan_code, stored_verdict
from core.store import desk
from core.store.desk import Desk
from core.store.states import MatchOutcome, ScanVerdict

Corners = list[list[float]]
SOURCES = ("scanner", "photo", "snapshot", "list")
CODE_LIMIT = 400
FRAME_LIMIT = 8 * 2**20
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
        raise http_helpers.Problem(400, CallCode.NO_SCAN)
    with named(http_helpers.person(request, body.get("by"))):
        verdict = await to_thread.run_sync(
            lambda: scan_code(
                pile,
                code,
                key=key,
                source=str(source),
                sha256=str(body.get("sha256") or "")[:64],
            )
        )
    return JSONResponse(verdict.as_json(await to_thread.run_sync(http_helpers.tongue, request)))


@dataclass(frozen=True)
class _Seen:
    """When a code was seen last and where, what was said of it, and how it was stored."""

    at: float
    corners: Corners
    verdict: StationAnswer
    key: str
    sight: str
    stored: Corners  # where it was in the frame of its scan


@dataclass
class _View:
    """What one camera saw, by code."""

    seen: dict[str, _Seen] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)


class Views:
    """The cameras at work: a label that stays in view is one scan. A part of the desk.

    Of more than `MOST` cameras the longest idle one is forgotten first.
    """

    MOST = 500

    def __init__(self, _desk: Desk) -> None:
        """No camera has seen anything."""
        self._views: OrderedDict[tuple[int, str], _View] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, pile: int, session: str) -> _View:
        """The view of this camera on this pile."""
        with self._lock:
            view = self._views.setdefault((pile, session), _View())
            self._views.move_to_end((pile, session))
            while len(self._views) > self.MOST:
                self._views.popitem(last=False)
            return view


@http_helpers.json_route
async def frames(request: Request) -> Response:
    """Read a JPEG frame (`?pile=&session=&by=`): every code with corners and its verdict."""
    pile = http_helpers.number(request.query_params.get("pile"), "pile")
    session = request.query_params.get("session", "")[:40]
    if not session:
        raise http_helpers.Problem(400, CallCode.NO_SESSION)
    data = await http_helpers.read_body(request, FRAME_LIMIT)
    if lanes.crowded():
        raise http_helpers.Problem(429, CallCode.BUSY)
    with named(http_helpers.person(request, request.query_params.get("by"))):
        codes_in_view = await to_thread.run_sync(
            lambda: _frame(pile, session, data, http_helpers.tongue(request)),
            limiter=lanes.READING,
        )
    return JSONResponse(codes_in_view)


def _frame(pile: int, session: str, data: bytes, language: str) -> dict[str, object]:
    began = time.perf_counter()
    try:
        reading = doors.frame(data)
    except doors.Busy as error:
        raise http_helpers.Problem(429, CallCode.BUSY) from error
    except PictureError as error:
        raise http_helpers.Problem(422, error.reason) from error
    view = desk.current().part(Views).of(pile, session)
    with view.lock:
        codes = _look(_Camera(view, pile, session), _codes(reading), language)
    return {
        "width": reading.width,
        "height": reading.height,
        "codes": codes,
        "ms": round((time.perf_counter() - began) * 1000, 1),
    }


def _codes(reading: Reading) -> list[Code]:
    """Each text once: a label may carry the same code twice."""
    return list({code.text: code for code in reading.codes}.values())


@dataclass(frozen=True)
class _Camera:
    view: _View
    pile: int
    session: str


def _look(camera: _Camera, codes: Sequence[Code], language: str) -> list[dict[str, object]]:
    """Every code of a frame: one that stays in view is told again, others are scans."""
    view, at = camera.view, uptime()
    here = {code.text: [[round(x, 1), round(y, 1)] for x, y in code.corners] for code in codes}
    again = {
        text: replace(seen, at=at, corners=here[text])
        for text, seen in view.seen.items()
        if text in here and at - seen.at < IN_VIEW_SECONDS
    }
    view.seen |= again
    sight = secrets.token_hex(8)
    fresh = [code for code in codes if code.text not in again]
    for code in fresh:
        view.seen[code.text] = _scan(camera, code, at, here[code.text], again, sight)
    for code in fresh:  # one that was read before the code that matched beside it
        view.seen[code.text] = _settled(camera, view.seen[code.text])
    rows = [
        {
            **view.seen[code.text].verdict.as_json(language),
            "corners": here[code.text],
            "format": code.format,
            "again": code.text in again,
        }
        for code in codes
    ]
    if len(view.seen) > 200:
        view.seen = {text: seen for text, seen in view.seen.items() if at - seen.at < 60}
    return rows


def _scan(
    camera: _Camera, code: Code, at: float, corners: Corners, again: Mapping[str, _Seen], sight: str
) -> _Seen:
    """Store a code that came into view; with what is in view already it is one sight."""
    stored = corners
    beside = [seen for seen in again.values() if seen.verdict.outcome == MatchOutcome.MATCHED]
    if beside:
        nearest = min(beside, key=lambda seen: gap(box_of(seen.corners), box_of(corners)))
        sight, stored = nearest.sight, _as_then(corners, nearest)
    key = f"{camera.session}-{secrets.token_hex(8)}"
    verdict = scan_code(
        camera.pile,
        code.text,
        key=key,
        source="frame",
        format=code.format,
        corners=stored,
        weak=code.confidence == "weak",
        sight=sight,
    )
    return _Seen(at, corners, verdict, key, sight, stored)


def _as_then(corners: Corners, beside: _Seen) -> Corners:
    """Where a code would have been in the frame in which the one beside it was stored."""
    now_, then = box_of(beside.corners), box_of(beside.stored)
    sizes = [max(box[2] - box[0], box[3] - box[1], 1.0) for box in (now_, then)]
    scale = sizes[1] / sizes[0]
    return [[then[0] + (x - now_[0]) * scale, then[1] + (y - now_[1]) * scale] for x, y in corners]


def _settled(camera: _Camera, seen: _Seen) -> _Seen:
    if seen.verdict.result.verdict != ScanVerdict.UNKNOWN:
        return seen
    return replace(seen, verdict=stored_verdict(camera.pile, seen.key, "frame") or seen.verdict)
