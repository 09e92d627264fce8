"""The one server: services by path prefix, faults in front of them, control beside them."""

import asyncio
import contextlib
import json
import os
import random
import socket
import struct
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.types import Receive, Scope, Send

from core.sandbox import fgo, oblio, smartbill, stripe
from core.sandbox.calls import Call
from core.sandbox.control import Control
from core.sandbox.couriers import COURIERS
from core.sandbox.shopify import Shopify
from core.sandbox.state import State
from core.sandbox.webhooks import Webhooks

TICK_SECONDS = 0.03

Handler = Callable[[State, Call], Response]


class Services:
    """Every service of the sandbox, with the faults in front of it."""

    def __init__(self, state: State, base_url: str) -> None:
        """Serve this state; `base_url` is told in answers that name an address."""
        self.state = state
        self.shopify = Shopify(state, base_url)
        self.webhooks = Webhooks(state)
        self.shopify.changes.on_change = self.webhooks.tell
        self._handlers: dict[str, tuple[str, Handler]] = {
            "shopify": ("", self.shopify.handle),
            "smartbill": ("/SBORO/api", smartbill.handle),
            "oblio": ("", oblio.handle),
            "fgo": ("", fgo.handle),
            "stripe": ("/v1", stripe.handle),
            **{name: ("", handle) for name, handle in COURIERS.items()},
        }
        self._number = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one call, or do what the fault says instead."""
        request = Request(scope, receive)
        service, _, rest = scope["path"].strip("/").partition("/")
        prefix, _ = self._handlers[service]
        call = Call(
            service,
            request.method,
            f"/{rest}".removeprefix(prefix),
            scope["query_string"].decode(),
            {name.decode().lower(): value.decode() for name, value in scope["headers"]},
            (await request.body()).decode("utf-8", errors="replace"),
        )
        self.state.called(service)
        latency = self.state.settings["latency_ms"]
        if latency:
            await asyncio.sleep(latency / 1000)
        await self._answer(call, scope, receive, send)

    def apply(self, call: Call) -> Response:
        """Let the service do what is asked."""
        self.shopify.changes.run_due()
        return self._handlers[call.service][1](self.state, call)

    def _fault(self, call: Call) -> str | None:
        faults = self.state.faults
        if not faults["share"] or not faults["kinds"]:
            return None
        if faults["services"] and call.service not in faults["services"]:
            return None
        if faults["only_effects"] and not call.is_effect:
            return None
        self._number += 1
        # The same seed and the same calls give the same faults.
        dice = random.Random(f"{faults['seed']}/{self._number}")  # noqa: S311 (no secret)
        return str(dice.choice(faults["kinds"])) if dice.random() < faults["share"] else None

    async def _answer(self, call: Call, scope: Scope, receive: Receive, send: Send) -> None:
        fault, faults = self._fault(call), self.state.faults
        match fault:
            case "reset":
                return _break_off(send, reset=True)
            case "answer_lost":
                self.apply(call)
                return _break_off(send)
            case "applied_late":
                due = {"at": time.time() + faults["late_seconds"], "call": call.as_json()}
                self.state.put("due", f"{time.time_ns()}", due)
                return _break_off(send)
            case "error_before":
                response: Response = JSONResponse({"errors": "Internal Server Error"}, 500)
            case "error_after":
                self.apply(call)
                response = JSONResponse({"errors": "Internal Server Error"}, 500)
            case "too_many_requests":
                response = self._too_many(call)
            case _:
                response = self.apply(call)
        if fault == "slow":
            await asyncio.sleep(faults["slow_seconds"])
        await response(scope, receive, send)
        return None

    def _too_many(self, call: Call) -> Response:
        if call.service == "shopify":
            return self.shopify.throttled()
        return JSONResponse({"errorText": "Too many requests"}, 429, headers={"Retry-After": "1"})

    def run_due(self) -> None:
        """Apply what was held back and is due now."""
        self.shopify.changes.run_due()
        for name, due in list(self.state.all("due").items()):
            if due["at"] <= time.time():
                self.state.drop("due", name)
                self.apply(Call(**due["call"]))


def _break_off(send: Send, *, reset: bool = False) -> None:
    """End the connection without an answer; `reset` makes the other side see a TCP reset."""
    # uvicorn hands out the send method of its request cycle, which knows the transport.
    transport: asyncio.Transport = send.__self__.transport  # type: ignore[attr-defined]
    if reset:
        raw: socket.socket = transport.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()


def create_app(directory: Path, world: Path | None = None, base_url: str = "") -> Starlette:
    """The sandbox as an ASGI application on this directory."""
    state = State(directory)
    if state.empty and world is not None:
        state.load_file(world)
    services = Services(state, base_url)
    control = Control(state, services)

    @contextlib.asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        ticking = asyncio.create_task(_tick(services))
        yield
        ticking.cancel()
        state.close()

    mounts = [Route(f"/{name}/{{rest:path}}", services) for name in services._handlers]
    return Starlette(
        routes=[Mount("/_sandbox", routes=control.routes()), *mounts], lifespan=lifespan
    )


async def _tick(services: Services) -> None:
    while True:
        services.run_due()
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
    note: dict[str, Any] = {"base_url": base_url, "pid": os.getpid()}
    for name in ("sandbox.json", "last.json"):
        (directory / name).write_text(json.dumps(note))
    try:
        asyncio.run(_serve(server, listening, parent_pid))
    finally:
        (directory / "sandbox.json").unlink(missing_ok=True)


async def _serve(server: uvicorn.Server, listening: socket.socket, parent_pid: int | None) -> None:
    async def follow_parent() -> None:
        while parent_pid and os.getppid() == parent_pid:
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
