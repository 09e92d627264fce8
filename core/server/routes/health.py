"""`/healthz`: 200 once the desk can work, and what it would work better with."""

import ctypes.util
import functools

from anyio import to_thread
from sqlalchemy import exc, select
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from core.server import http_helpers, lanes
from core.store import db, desk
from core.store.desk import Desk
from core.store.tables import preferences


class Readiness:
    """Whether this server has started all that belongs to it. A part of the desk."""

    def __init__(self, _desk: Desk) -> None:
        """Not ready until somebody says so."""
        self.ready = False


def readiness() -> Readiness:
    """That of the home that is served here."""
    return desk.current().part(Readiness)


async def healthz(request: Request) -> Response:
    """200 with `{"status": "ok"}` when ready, else 503; details only to those let in."""
    trouble = await to_thread.run_sync(database_trouble, limiter=lanes.HEALTH)
    if not readiness().ready and not trouble:
        trouble = "Refuz is starting."
    body: dict[str, object] = {"status": "starting" if trouble else "ok"}
    if http_helpers.let_in(request):
        body |= {"problem": trouble, "missing": missing()}
    return JSONResponse(
        body, status_code=503 if trouble else 200, headers={"Cache-Control": "no-store"}
    )


def database_trouble() -> str:
    """Why the database cannot be read, "" when it can."""
    try:
        with db.reading() as connection:
            connection.execute(select(preferences.c.key).limit(1)).all()
    except exc.SQLAlchemyError as error:
        return f"The database cannot be read: {type(error).__name__}. Run: refuz doctor"
    return ""


@functools.cache
def missing() -> list[str]:
    """Libraries of the system that are absent, and what that costs."""
    found = ctypes.util.find_library("zbar")
    return [] if found else ["libzbar0: some worn labels are read by the second reader only"]
