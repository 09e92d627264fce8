"""The one server: services by path prefix, faults in front of them, control beside them."""

import asyncio
import contextlib
import json
import logging
import os
import socket
import struct
import time
from collections.abc import AsyncIterator
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from core.sandbox import faults, limits, registry
from core.sandbox.calls import SandboxCall
from core.sandbox.control import Control
from core.sandbox.state import State

TICK_SECONDS = 0.03
RAW_SEND = "refuz.raw_send"

log = logging.getLogger(__name__)


class Services:
    """Every service of the sandbox, with the faults in front of it."""

    def __init__(self, state: State, base_url: str) -> None:
        """Serve this state; `base_url` is told in answers that name an address."""
        self.state = state
        self.by_name = registry.services(state, base_url)
        self._faults = faults.Faults(state)
        self._walls = limits.Walls()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one call, or do what the fault says instead."""
        request = Request(scope, receive)
        service, _, rest = scope["path"].strip("/").partition("/")
        call = SandboxCall(
            service,
            request.method,
            f"/{rest}".removeprefix(self.by_name[service].prefix),
            scope["query_string"].decode(),
            {name.decode().lower(): value.decode() for name, value in scope["headers"]},
            (await request.body()).decode("utf-8", errors="replace"),
        )
        if not call.path.endswith("/token"):  # a sign-in counts against no limit
            self.state.called(service)
        await asyncio.sleep(self.state.settings["latency_ms"] / 1000)
        fault = self._faults.meets(call, self.by_name[service].is_effect)
        response = self._respond(fault, call)
        if response is None:
            return _break_off(scope[RAW_SEND], reset=fault == "reset")
        if fault == "slow":
            await asyncio.sleep(self.state.faults["slow_seconds"])
        await response(scope, receive, send)
        return None

    def _respond(self, fault: str | None, call: SandboxCall) -> Response | None:
        """What comes back; None where the connection just ends."""
        match fault:
            case "reset":
                return None
            case "too_many_requests":
                return self.by_name[call.service].too_many()
            case "block":
                return self._block(call)
            case "turned_away":
                return faults.turned_away()
            case "block_in_words":
                return self._in_words(call, self._walls.raise_(self.state, call.service))
            case "maintenance":
                return faults.maintenance()
            case "error_before":
                return faults.internal_error()
            case "error_text":
                return JSONResponse(dict(self.by_name[call.service].error))
        wait = self._walls.refuse(self.state, call.service)
        if wait is not None:
            return self._in_words(call, wait)
        refusal = self.by_name[call.service].admit(self.state, call)
        if refusal is not None:
            return refusal
        if fault == "applied_late":
            due = {"at": time.time() + self.state.faults["late_seconds"], "call": call.as_json()}
            self.state.put("due", f"{time.time_ns()}", due)
            return None
        response = self.apply(call)
        match fault:
            case "answer_lost":
                return None
            case "error_after":
                return faults.internal_error()
            case "html_after":
                return faults.html()
        return response

    def apply(self, call: SandboxCall) -> Response:
        """Let the service do what is asked: its effect and what is counted stand together."""
        with self.state.together():
            self._run_services()
            return self.by_name[call.service].answer(self.state, call)

    def _run_services(self) -> None:
        for service in self.by_name.values():
            service.run_due()

    def _block(self, call: SandboxCall) -> Response:
        service = self.by_name[call.service]
        return service.too_many() if service.blocked is None else service.blocked(self.state, call)

    def _in_words(self, call: SandboxCall, seconds: float) -> Response:
        status = int(self.state.faults["words_status"])
        return limits.in_words(self.by_name[call.service].error, status, seconds)

    def run_due(self) -> None:
        """Apply what was held back and is due now; each leaves the list with its effect."""
        with self.state.together():
            self._run_services()
        for name, due in list(self.state.all("due").items()):
            if due["at"] > time.time():
                continue
            try:
                with self.state.together():
                    self.state.drop("due", name)
                    self.apply(SandboxCall(**due["call"]))
            except Exception:
                log.exception("a late call could not be applied")
                self.state.drop("due", name)
                self.state.put("late_failed", name, due)


def _break_off(send: Send, *, reset: bool = False) -> None:
    """End the connection without an answer; `reset` makes the other side see a TCP reset."""
    # This is the send method of uvicorn's request cycle, which knows the transport.
    transport: asyncio.Transport = send.__self__.transport  # type: ignore[attr-defined]
    if reset:
        raw: socket.socket = transport.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()


def create_app(directory: Path, world: Path | None = None, base_url: str = "") -> ASGIApp:
    """The sandbox as an ASGI application on this directory, for uvicorn."""
    state = State(directory)
    if state.empty and world is not None:
        state.load_file(world)
    services = Services(state, base_url)
    control = Control(state, services.by_name, services.run_due)

    @contextlib.asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        ticking = asyncio.create_task(_tick(services))
        yield
        ticking.cancel()
        state.close()

    mounts = [Route(f"/{name}/{{rest:path}}", services) for name in services.by_name]
    inner = Starlette(
        routes=[Mount("/_sandbox", routes=control.routes()), *mounts],
        lifespan=lifespan,
        exception_handlers={Exception: _broken},
    )

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        # Starlette wraps `send`; a connection can be broken off only by the server's own.
        await inner({**scope, RAW_SEND: send}, receive, send)

    return app


async def _broken(request: Request, error: Exception) -> Response:
    """A fault that nobody asked for must be seen: it would pass for one of the service's."""
    log.error("the sandbox broke at %s", request.url.path, exc_info=error)
    return JSONResponse({"errors": "The sandbox itself is broken; see its log."}, 500)


async def _tick(services: Services) -> None:
    """Time goes on also while nobody calls, and whatever one call of the past has brought."""
    while True:
        try:
            services.run_due()
        except Exception:
            log.exception("what was due could not be done")
        await asyncio.sleep(TICK_SECONDS)


def serve(
    directory: Path, port: int = 0, world: Path | None = None, *, parent_pid: int | None = None
) -> None:
    """Serve until told to stop. Writes the address into the directory once it answers."""
    listening = _listen(port)
    base_url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    app = create_app(directory, world, base_url)
    config = uvicorn.Config(app, log_level="critical", access_log=False, lifespan="on")
    server = uvicorn.Server(config)
    note: dict[str, object] = {"base_url": base_url, "pid": os.getpid()}
    for name in ("sandbox.json", "last.json"):
        (directory / name).write_text(json.dumps(note))
    try:
        with asyncio.Runner(loop_factory=config.get_loop_factory()) as runner:
            runner.run(_serve(server, listening, parent_pid))
    finally:
        (directory / "sandbox.json").unlink(missing_ok=True)


async def _serve(server: uvicorn.Server, listening: socket.socket, parent_pid: int | None) -> None:
    async def follow_parent() -> None:
        while parent_pid and os.getppid() == parent_pid:  # noqa: ASYNC110 (no event tells of it)
            await asyncio.sleep(0.5)
        if parent_pid:
            server.should_exit = True

    following = asyncio.create_task(follow_parent())
    await server.serve(sockets=[listening])
    following.cancel()


def _listen(port: int) -> socket.socket:
    # Named as TCP: asyncio sends small answers at once only on sockets that say so (else +40 ms).
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind(("127.0.0.1", port))
    except OSError:
        listening.bind(("127.0.0.1", 0))
    listening.listen(256)
    return listening
