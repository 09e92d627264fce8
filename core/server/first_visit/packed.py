"""Streamlit's files are packed once, not for each visitor: packing them takes the server's time."""

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

FILES = "/static/"  # what Streamlit serves under a name that holds its content's hash
MOST_BYTES = 24_000_000  # of all that is kept; the whole of Streamlit packed is about 7 MB


class PackedOnce:
    """ASGI middleware around what compresses: an answer that never changes is kept as packed.

    Only what says of itself that it is immutable, and was packed, is kept.
    """

    def __init__(self, app: ASGIApp) -> None:
        """`app`: what packs."""
        self._app = app
        self._kept: dict[str, tuple[Message, bytes]] = {}
        self._bytes = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer from what is kept, or keep what is answered."""
        if not _may_be_kept(scope):
            await self._app(scope, receive, send)
            return
        kept = self._kept.get(scope["path"])
        if kept is not None:
            start, body = kept
            await send({**start, "headers": list(start["headers"])})
            await send({"type": "http.response.body", "body": body})
            return
        heard: list[Message] = []

        async def listening(message: Message) -> None:
            heard.append(_as_sent(message))
            await send(message)

        await self._app(scope, receive, listening)
        self._keep(scope["path"], heard)

    def _keep(self, path: str, heard: list[Message]) -> None:
        """Keep an answer that came to its end, while there is room for it."""
        if not heard or not _is_for_ever(heard[0]) or heard[-1].get("more_body"):
            return
        body = b"".join(message.get("body", b"") for message in heard[1:])
        if path in self._kept or self._bytes + len(body) > MOST_BYTES:
            return
        headers = [one for one in heard[0]["headers"] if one[0].lower() != b"content-length"]
        headers.append((b"content-length", str(len(body)).encode()))
        self._kept[path] = ({**heard[0], "headers": headers}, body)
        self._bytes += len(body)


def _as_sent(message: Message) -> Message:
    """What is around us writes into an answer's headers: these are kept as they came."""
    return {**message, "headers": list(message["headers"])} if "headers" in message else message


def _may_be_kept(scope: Scope) -> bool:
    """Whether a whole file is asked for, by a browser that takes it compressed."""
    if scope["type"] != "http" or scope["method"] != "GET" or not scope["path"].startswith(FILES):
        return False
    asked = Headers(scope=scope)
    partly = {"range", "if-none-match", "if-modified-since", "if-range"} & set(asked)
    return not partly and "gzip" in asked.get("accept-encoding", "")


def _is_for_ever(start: Message) -> bool:
    """Whether an answer is compressed and never changes under its name."""
    if start["type"] != "http.response.start" or start["status"] != 200:
        return False
    headers = Headers(raw=start["headers"])
    cache_control = headers.get("cache-control", "")
    return "immutable" in cache_control and headers.get("content-encoding") == "gzip"
