"""`POST /webhooks/SHOP`: the signature is checked over the raw bytes, the message is kept."""

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from core.config import home
from core.orders.shop import webhooks
from core.server import http_helpers, lanes
from core.services import registry
from core.store import disk


async def receive(request: Request) -> Response:
    """200 for a message that was kept or is known, 401 for one that no shop of ours signed.

    404 for a service that is none of ours, 507 while the disk is almost full, 413 and 503 for a
    body that is too large, or one too many that is still coming in.
    """
    service = request.path_params["service"]
    if service not in registry.services("shop"):
        return JSONResponse({"error": "no such shop"}, status_code=404)
    if disk.is_short(home()):
        return JSONResponse({"error": "no room"}, status_code=507)  # the shop sends it again
    try:
        body = await http_helpers.read_body(request, webhooks.LONGEST_BODY, lanes.unsigned())
    except http_helpers.Problem as problem:
        return JSONResponse({"error": str(problem)}, status_code=problem.status)
    headers = dict(request.headers)
    verdict = await to_thread.run_sync(lambda: webhooks.accept(body, headers, service=service))
    return JSONResponse({"verdict": verdict}, status_code=401 if verdict == "refused" else 200)
