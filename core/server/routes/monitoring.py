"""`/readyz` and `/metrics`: whether work gets done, for load balancers and for Prometheus."""

from typing import Any

from anyio import to_thread
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from core.config import home
from core.reversal.checks.vitals import Vitals, vitals
from core.reversal.worker import heartbeat, slots
from core.server import http_helpers, lanes
from core.server.routes import health
from core.store import disk


async def readyz(request: Request) -> Response:
    """200 when the desk serves and its worker works, else 503; details only to those let in."""
    trouble, found = await to_thread.run_sync(_looked_at, limiter=lanes.HEALTH)
    body: dict[str, object] = {"status": "not ready" if trouble else "ready"}
    if http_helpers.let_in(request):
        body["problem"] = trouble
        body |= _details(found) if found else {}
    return JSONResponse(
        body, status_code=503 if trouble else 200, headers={"Cache-Control": "no-store"}
    )


async def metrics(_request: Request) -> Response:
    """The numbers in Prometheus' text format; the gate lets this computer only, or a token."""
    try:
        body, kind = await to_thread.run_sync(_exposition, limiter=lanes.HEALTH)
    except SQLAlchemyError as error:
        return Response(f"The database cannot be read: {type(error).__name__}\n", 503)
    return Response(body, media_type=kind, headers={"Cache-Control": "no-store"})


def _looked_at() -> tuple[str, Vitals | None]:
    """Why no work gets done, "" where it does, and how the desk is, where that can be read."""
    try:
        found = vitals()
        alive = slots.worker_alive(home())
    except SQLAlchemyError:
        return health.database_trouble() or "The database cannot be read.", None
    if not health.readiness().ready:
        return "Refuz is starting.", found
    if not alive:
        return "No worker is running.", found
    if heartbeat.is_silent(found.heard):
        return "The worker was not heard of for two minutes: restart Refuz.", found
    return "", found


def _details(found: Vitals) -> dict[str, object]:
    return {
        "worker_heard": found.heard.isoformat() if found.heard else None,
        "disk_free_bytes": disk.free_at(home()),
        "disk_short": disk.is_short(home()),
        "queue": found.queue,
        "oldest_effect_seconds": round(found.oldest_effect),
        "unknown_effects": found.effects["unknown"],
        "breakers": sorted(found.breakers),
        "synced": {name: at.isoformat() if at else None for name, at in found.synced.items()},
        "backed_up": found.backed_up.isoformat() if found.backed_up else None,
        "alarms": found.alarms,
    }


def _exposition() -> tuple[bytes, str]:
    """The metrics as Prometheus reads them, and their content type."""
    import prometheus_client as prometheus

    registry = prometheus.CollectorRegistry()

    def gauge(name: str, says: str, *labels: str) -> Any:
        return prometheus.Gauge(f"refuz_{name}", says, labels, registry=registry)

    _fill(gauge, vitals(), working=slots.worker_alive(home()))
    return prometheus.generate_latest(registry), prometheus.CONTENT_TYPE_LATEST


def _fill(gauge: Any, found: Vitals, *, working: bool) -> None:
    """Set every metric; `working`: whether a worker runs."""
    gauge("worker_up", "1 while a worker runs").set(int(working))
    gauge("worker_heard_timestamp_seconds", "When a worker was heard last; 0: never").set(
        found.heard.timestamp() if found.heard else 0
    )
    gauge("queue", "Orders that wait for the worker or are worked on").set(found.queue)
    gauge("alarms_open", "Alarms that nobody has cleared").set(found.alarms)
    of_orders = gauge("reversals", "Orders by the state of their reversal", "state")
    for state, count in found.reversals.items():
        of_orders.labels(str(state)).set(count)
    calls = gauge("effects", "Irreversible calls by state", "state")
    for state, count in found.effects.items():
        calls.labels(str(state)).set(count)
    gauge("oldest_effect_seconds", "Age of the oldest call without an outcome; 0: none").set(
        found.oldest_effect
    )
    outcomes = gauge("outcomes", "Irreversible calls by service and state", "service", "state")
    for (service, state), count in found.outcomes.items():
        outcomes.labels(service, str(state)).set(count)
    gauge("oldest_order_seconds", "Age of the oldest order in the queue; 0: none").set(
        found.oldest_order
    )
    gauge("pictures_waiting", "Pictures that wait for a reader").set(found.unread)
    gauge("disk_free_bytes", "Room left where everything is written").set(disk.free_at(home()))
    closed = gauge("breaker_open_seconds", "Until a service is asked again", "connection")
    for name, seconds in found.breakers.items():
        closed.labels(name).set(seconds)
    synced = gauge("last_sync_timestamp_seconds", "When a shop's changes were read last", "shop")
    for name, at in found.synced.items():
        synced.labels(name).set(at.timestamp() if at else 0)
    backed_up = gauge("last_backup_timestamp_seconds", "When `refuz backup` ended; 0: never")
    backed_up.set(found.backed_up.timestamp() if found.backed_up else 0)
