"""`POST /webhooks/shopify`: the signature is checked over the raw bytes, the message is kept."""

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from core.orders.shop import webhooks
from core.server import http_helpers


async def shopify(request: Request) -> Response:
    """200 for a message that was kept or is known, 401 for one that no shop of ours signed."""
    try:
        body = await http_helpers.read_body(request, webhooks.LONGEST_BODY)
    except http_helpers.Problem as problem:
        return JSONResponse({"error": str(problem)}, status_code=problem.status)
    headers = dict(request.headers)
    verdict = await to_thread.run_sync(lambda: webhooks.accept(body, headers))
    return JSONResponse({"verdict": verdict}, status_code=401 if verdict == "refused" else 200)
