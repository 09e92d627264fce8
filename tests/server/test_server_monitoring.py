"""What a load balancer and Prometheus are told, and who else is told nothing."""

import datetime as dt
import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests
from prometheus_client.parser import text_string_to_metric_families as parsed
from set_clock import SetClock
from sqlalchemy import Engine, insert, update
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.types import ASGIApp

from core.audit import alarms
from core.cli.host import copies
from core.clock import now
from core.config import home
from core.orders.piles import piles
from core.reasons import quoted
from core.reversal.checks.vitals import vitals
from core.reversal.worker import heartbeat
from core.server import auth, reach
from core.server.routes import health, table
from core.settings import connections
from core.store import db, disk
from core.store.statements import cursors, process_locks
from core.store.tables import effects, orders, pictures, pile_pictures, reversals, throttles

ROOT = Path(__file__).resolve().parents[2]
STATES = ("planned", "sent", "unknown", "unknown", "held", "confirmed")


def desk(*, network: bool = False, url: str = "") -> ASGIApp:
    here = reach.from_environment({"REFUZ_PUBLIC_URL": url} if url else {})
    gate = Middleware(auth.AuthMiddleware, network=network, token="printed", reach=here)
    return Starlette(routes=table.routes(ROOT / "pages" / "components"), middleware=[gate])


@pytest.fixture(autouse=True)
def _started(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health.readiness(), "ready", True)


@contextmanager
def working() -> Iterator[None]:
    """A worker holds its place, as far as others can see."""
    with process_locks.file_of(home(), process_locks.Lock.WORKER).open("w") as place:
        fcntl.flock(place, fcntl.LOCK_EX)
        heartbeat.beat(home(), "slot-0")
        yield


def connect(name: str, *, sandbox: bool = False) -> int:
    with db.writing() as connection:
        return connections.save(
            connection, kind="shop", service="shopify", name=name,
            settings={"base_url": f"{name.split(maxsplit=1)[0].lower()}.myshopify.com"},
            secrets_={"token": "shpat_x"}, sandbox=sandbox,
        )  # fmt: skip


def fill(shop: int) -> None:
    """One order an effect of each state, the oldest still open an hour old."""
    with db.writing() as connection:
        for number, state in enumerate(STATES):
            order = {
                "shop_id": shop, "gid": f"g{number}", "name": f"#{number}", "created_at": now(),
                "updated_at": now(), "synced_at": now(), "payment": "cod",
            }  # fmt: skip
            order_id = connection.execute(
                insert(orders).values(**order, **needed(orders, order))
            ).inserted_primary_key[0]
            case = {
                "order_id": order_id, "origin": "pile", "requested_by": "Ana", "options": {},
                "state": "waiting" if state == "unknown" else "done", "created_at": now(),
            }  # fmt: skip
            case_id = connection.execute(insert(reversals).values(**case)).inserted_primary_key[0]
            call = {
                "reversal_id": case_id, "connection_id": shop, "kind": "cancel", "slot": "cancel",
                "target": f"t{number}", "key": f"k{number}", "state": state,
                "updated_at": now() - dt.timedelta(minutes=60 if state in ("sent", "held") else 5),
            }  # fmt: skip
            connection.execute(insert(effects).values(**call))


def needed(of: Any, given: dict[str, Any]) -> dict[str, Any]:
    """Something plain for every other column that must have a value."""
    empty = {str: "", int: 0, bool: False, dict: {}, list: []}
    missing = [
        one for one in of.columns
        if not (one.nullable or one.primary_key or one.default or one.server_default)
        and one.name not in given
    ]  # fmt: skip
    return {one.name: empty.get(one.type.python_type, {}) for one in missing}


def metrics(base: str) -> dict[tuple[str, str], float]:
    """Every number of /metrics by its name and its label's value."""
    answer = requests.get(base + "/metrics", timeout=10)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=")
    return {
        (one.name, next(iter(one.labels.values()), "")): one.value
        for family in parsed(answer.text)
        for one in family.samples
    }


def test_the_numbers_are_those_of_the_tables(serve: Any, tmp_path: Path) -> None:
    shop = connect("Casa „Verde”\nunu")
    connect("Second")
    fill(shop)
    with db.writing() as connection:
        cursors.save(connection, cursors.shop_changes(shop), {"since": "x"})
    base = serve(desk())
    numbers = metrics(base)
    assert numbers["refuz_worker_up", ""] == 0
    assert numbers["refuz_queue", ""] == 2
    assert numbers["refuz_reversals", "done"] == 4
    assert [numbers["refuz_effects", state] for state in ("unknown", "held", "refused")] == [
        2,
        1,
        0,
    ]
    assert 3590 < numbers["refuz_oldest_effect_seconds", ""] < 3700
    assert 0 < numbers["refuz_oldest_order_seconds", ""] < 100
    assert numbers["refuz_pictures_waiting", ""] == 0
    assert numbers["refuz_disk_free_bytes", ""] > 0
    shops = {at for (name, at) in numbers if name == "refuz_last_sync_timestamp_seconds"}
    assert shops == {"Casa „Verde”\nunu", "Second"}
    assert numbers["refuz_last_sync_timestamp_seconds", "Second"] == 0
    assert abs(numbers["refuz_last_sync_timestamp_seconds", "Casa „Verde”\nunu"]
               - now().timestamp()) < 60  # fmt: skip
    assert numbers["refuz_last_backup_timestamp_seconds", ""] == 0
    copies.backup(tmp_path / "copy.zip", None, as_json=True)
    assert abs(metrics(base)["refuz_last_backup_timestamp_seconds", ""] - now().timestamp()) < 60


def test_outcomes_are_counted_by_service_and_pictures_that_wait(engine: Engine) -> None:
    fill(connect("Casa"))
    fill_picture("waiting")
    fill_picture("read")
    found = vitals()
    assert found.outcomes["shopify", "unknown"] == 2
    assert sum(found.outcomes.values()) == len(STATES)
    assert found.unread == 1


def fill_picture(state: str) -> None:
    sha = state.ljust(64, "0")
    pile = piles.create(state)
    with db.writing() as connection:
        for table, row in (
            (pictures, {"sha256": sha, "filename": "a.jpg", "created_at": now()}),
            (pile_pictures, {"pile_id": pile, "sha256": sha, "filename": "a.jpg", "state": state,
                             "added_at": now(), "added_by": "Ana"}),
        ):  # fmt: skip
            connection.execute(insert(table).values(**row, **needed(table, row)))


@pytest.mark.parametrize("host", ["desk.example.com", "localhost"])
def test_a_token_of_its_own_lets_a_program_elsewhere_read_the_numbers(
    serve: Any, host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = serve(desk(url="https://desk.example.com"))
    here = {"Host": host, "X-Forwarded-For": "203.0.113.5"}

    def asked(token: str) -> int:
        headers = {**here, "Authorization": f"Bearer {token}"} if token else here
        return requests.get(base + "/metrics", headers=headers, timeout=10).status_code

    assert asked("numbers-please") == 403  # none is named
    monkeypatch.setenv("REFUZ_METRICS_TOKEN", "numbers-please")
    assert [asked("numbers-please"), asked(""), asked("Numbers-Please")] == [200, 403, 401]
    assert [asked(f"guess-{n}") for n in range(10)][-1] == 429
    assert asked("numbers-please") == 429


def test_an_open_breaker_is_named_with_its_seconds(serve: Any) -> None:
    from core.services.limits import rate

    shop = connect("Verde")
    row = {"key": rate.key_of(shop), "capacity": 1.0, "rate": 1.0, "tokens": 1.0, "updated_at": 0.0}
    with db.writing() as connection:
        connection.execute(insert(throttles).values(**row))
        connection.execute(
            update(throttles).values(
                blocked_until=now().timestamp() + 90, blocked_why=quoted("429")
            )
        )
    assert 60 < metrics(serve(desk()))["refuz_breaker_open_seconds", "Verde"] <= 91


def test_the_desk_is_ready_while_a_worker_works(serve: Any) -> None:
    base = serve(desk())
    without = requests.get(base + "/readyz", timeout=10)
    assert (without.status_code, without.json()["problem"]) == (503, "No worker is running.")
    with working():
        answer = requests.get(base + "/readyz", timeout=10)
        assert (answer.status_code, answer.json()["status"]) == (200, "ready")
        assert answer.json()["queue"] == vitals().queue == 0
        health.readiness().ready = False
        assert requests.get(base + "/readyz", timeout=10).status_code == 503
    assert requests.get(base + "/healthz", timeout=10).status_code == 503


def test_a_worker_that_hangs_with_its_lock_in_hand_is_told(serve: Any, set_clock: SetClock) -> None:
    base = serve(desk())
    with working():
        set_clock.passed += heartbeat.SILENT_SECONDS - 5
        assert requests.get(base + "/readyz", timeout=10).status_code == 200
        set_clock.passed += 10
        answer = requests.get(base + "/readyz", timeout=10)
        assert (answer.status_code, requests.get(base + "/healthz", timeout=10).status_code) == (
            503, 200,
        )  # fmt: skip
        assert "not heard" in answer.json()["problem"]
        assert now().timestamp() - metrics(base)["refuz_worker_heard_timestamp_seconds", ""] > 120


def test_readiness_tells_the_disk_the_last_reading_and_the_alarms(
    serve: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = connect("Casa Verde", sandbox=True)  # nobody must sign in
    with db.writing() as connection:
        alarms.ring(connection, "disk", "x", quoted("full"))
        cursors.save(connection, cursors.shop_changes(shop), {"since": "x"})
    base = serve(desk())
    with working():
        found = requests.get(base + "/readyz", timeout=10).json()
        assert (found["disk_short"], found["alarms"]) == (False, 1)
        assert found["disk_free_bytes"] > disk.SPACE_NEEDED
        for moment in (found["synced"]["Casa Verde"], found["worker_heard"]):
            assert abs((dt.datetime.fromisoformat(moment) - now()).total_seconds()) < 60
        monkeypatch.setattr(disk, "free_bytes", lambda _folder: 7_000_000)
        answer = requests.get(base + "/readyz", timeout=10)
    assert (answer.status_code, answer.json()["disk_free_bytes"]) == (200, 7_000_000)
    assert answer.json()["disk_short"] is True


def test_strangers_are_told_whether_it_is_ready_and_nothing_more(serve: Any) -> None:
    base = serve(desk(network=True))
    with working():
        assert requests.get(base + "/readyz", timeout=10).json() == {"status": "ready"}


@pytest.mark.parametrize("header", sorted(reach.FORWARDED))
def test_what_a_proxy_forwards_gets_no_numbers(serve: Any, header: str) -> None:
    base = serve(desk())
    answer = requests.get(base + "/metrics", headers={header: "127.0.0.1"}, timeout=10)
    assert answer.status_code == 403
    assert "refuz_" not in answer.text


@pytest.mark.parametrize("host", ["desk.example.com", "evil.example", "192.168.1.20"])
def test_numbers_are_for_this_computer_under_its_own_name(serve: Any, host: str) -> None:
    base = serve(desk(url="https://desk.example.com"))
    assert requests.get(base + "/metrics", headers={"Host": host}, timeout=10).status_code == 403
    assert requests.get(base + "/metrics", timeout=10).status_code == 200


@pytest.mark.parametrize(
    ("peer", "server", "status"),
    [
        ("127.0.0.1", "127.0.0.1", True), ("::1", "::1", True), ("10.0.0.7", "10.0.0.2", False),
        ("10.0.0.7", "127.0.0.1", False), ("::ffff:10.0.0.7", "::ffff:10.0.0.2", False),
    ],
)  # fmt: skip
def test_an_address_beyond_loopback_gets_no_numbers(peer: str, server: str, status: bool) -> None:
    from starlette.datastructures import Headers

    scope = {"type": "http", "client": (peer, 5), "server": (server, 8501), "headers": []}
    headers = Headers({"host": "localhost"})
    assert auth.from_this_computer(scope, headers) is status
