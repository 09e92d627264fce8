"""`POST /api/photos`: one photo a call, straight to disk; and what became of them."""

import tempfile
from pathlib import Path

from anyio import open_file, to_thread
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response

from core.config import home
from core.i18n.reasons import sentence
from core.orders.photos import intake_queue
from core.orders.photos.cutout import label_of
from core.rights import named
from core.server import http_helpers, lanes
from core.server.http_helpers import CallCode
from core.store import disk

SIZE_LIMIT = intake_queue.LARGEST
MOST_TILES = 200


@http_helpers.json_route
async def add(request: Request) -> Response:
    """Take one photo, raw or as a form's only file (`?pile=&name=&by=&order=`).

    It is answered as soon as it is stored; reading comes after. With an order it is its proof.
    """
    query = request.query_params
    pile = http_helpers.number(query.get("pile"), "pile")
    order = http_helpers.number(query["order"], "order") if "order" in query else None
    length = request.headers.get("content-length", "")
    if length.isdecimal() and int(length) > SIZE_LIMIT:
        raise _too_large()
    if disk.is_short(home()):
        raise http_helpers.Problem(507, CallCode.DISK_FULL)
    folder = home().pictures
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix="incoming-") as here:
        file = Path(here) / "photo"
        name = await _receive(request, file) or query.get("name", "")
        lane = None if order is None else lanes.READING  # a proof is opened at once
        with named(http_helpers.person(request, query.get("by"))):
            added = await to_thread.run_sync(_store, pile, file, name, order, limiter=lane)
    return JSONResponse({"id": added.id, "sha256": added.sha256, "new": added.new}, status_code=202)


def _store(pile: int, file: Path, name: str, order: int | None) -> intake_queue.Added:
    try:
        return intake_queue.add_file(pile, file, name, order)
    except disk.DiskFull as full:
        raise http_helpers.Problem(507, CallCode.DISK_FULL) from full
    except intake_queue.PictureRefused as refused:
        raise http_helpers.Problem(422, refused.reason) from refused


async def _receive(request: Request, file: Path) -> str:
    """Write the photo to `file` piece by piece; gives the name a form told."""
    if request.headers.get("content-type", "").startswith("multipart/form-data"):
        return await _receive_form(request, file)
    size = 0
    async with await open_file(file, "wb") as out:
        async for chunk in request.stream():
            size += len(chunk)
            if size > SIZE_LIMIT:
                raise _too_large()
            await out.write(chunk)
    return ""


async def _receive_form(request: Request, file: Path) -> str:
    if "content-length" not in request.headers:  # a form is spooled whole before we see it
        raise http_helpers.Problem(411, CallCode.NO_LENGTH)
    async with request.form(max_files=1, max_fields=8) as form:
        upload = next((one for one in form.values() if isinstance(one, UploadFile)), None)
        if upload is None:
            raise http_helpers.Problem(400, CallCode.NO_FILE)
        async with await open_file(file, "wb") as out:
            while chunk := await upload.read(2**20):
                if await out.tell() + len(chunk) > SIZE_LIMIT:
                    raise _too_large()
                await out.write(chunk)
        return upload.filename or ""


def _too_large() -> http_helpers.Problem:
    return http_helpers.Problem(413, CallCode.PHOTO_TOO_LARGE, limit=SIZE_LIMIT // 2**20)


@http_helpers.json_route
async def thumbnail(request: Request) -> Response:
    """A small JPEG of a picture (`?page=`), or a large one (`?large=1`), made once and kept."""
    sha = request.path_params["sha"].lower()
    page = http_helpers.whole(request.query_params.get("page", "0"))
    if len(sha) != 64 or not set(sha) <= set("0123456789abcdef") or page is None:
        raise http_helpers.Problem(404, CallCode.NO_PICTURE)
    large = request.query_params.get("large") == "1"
    file = await to_thread.run_sync(
        lambda: intake_queue.thumbnail(sha, page, large=large), limiter=lanes.READING
    )
    if file is None:
        raise http_helpers.Problem(404, CallCode.NO_PICTURE)
    kept = {"Cache-Control": "private, max-age=31536000, immutable"}
    return FileResponse(file, media_type="image/jpeg", headers=kept)


@http_helpers.json_route
async def label(request: Request) -> Response:
    """The part of a photo that shows the label of one order of a pile, as a small JPEG."""
    pile = http_helpers.number(request.path_params["pile"], "pile")
    order = http_helpers.number(request.path_params["order"], "order")
    part = await to_thread.run_sync(label_of, pile, order, limiter=lanes.READING)
    if part is None:
        raise http_helpers.Problem(404, CallCode.NO_PICTURE)
    return Response(
        part, media_type="image/jpeg", headers={"Cache-Control": "private, max-age=600"}
    )


@http_helpers.json_route
async def of_pile(request: Request) -> Response:
    """The newest pictures of a pile with what was read and seen in each, and how many wait."""
    pile = http_helpers.number(request.path_params["pile"], "pile")
    asked = http_helpers.whole(request.query_params.get("limit", ""))
    limit = 60 if asked is None else min(asked, MOST_TILES)
    return JSONResponse(
        await to_thread.run_sync(lambda: _progress(pile, limit, http_helpers.tongue(request)))
    )


def _progress(pile: int, limit: int, language: str) -> dict[str, object]:
    """The pile's newest `limit` pictures, the oldest first, with how many there are and wait."""
    found = intake_queue.pictures(pile, limit)
    return {
        "open": intake_queue.open_count(pile),
        "total": intake_queue.count(pile),
        "pictures": [
            {
                "id": picture.id,
                "sha256": picture.sha256,
                "filename": picture.filename,
                "state": picture.state,
                "error": sentence(picture.error, language),
                "reason": picture.error.as_json() if picture.error else None,
                "codes": sum(len(page["codes"]) for page in picture.pages),
                "pages": picture.pages,
            }
            for picture in reversed(found)
        ],
    }
