"""Places beside the tables in which a customer could be left: copies, codes, files, logs."""

import base64
import hashlib
import hmac
import io
import json
import os
import subprocess
import sys
import tempfile
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

import pytest
from reversal_support import Desk
from sqlalchemy import Connection, Table, insert, select, text, update
from test_reversal_forgotten import CANARY, customer, done, found_in

from core import rights
from core.audit import alarms, trail
from core.clock import now
from core.config import home
from core.insight.reports import export
from core.labels import normalise
from core.matching import not_parcels as not_parcel
from core.orders.couriers import tracking
from core.orders.judge.reasons import JudgeCode
from core.orders.photos import storage
from core.orders.piles import edits, review, scans
from core.orders.privacy import forget, retention
from core.orders.shop import webhooks
from core.reasons import Reason, quoted
from core.reversal.effects import ledger
from core.reversal.steps.context import load_context
from core.rights import ROLES, Actor
from core.services.outcome import Evidence
from core.services.ports import CourierEvent
from core.settings import connections
from core.store import archive, backup, db
from core.store.tables import (
    aliases,
    approvals,
    effects,
    fact_words,
    not_parcels,
    order_lines,
    order_questions,
    parcels,
    pile_pictures,
    piles,
    reversals,
    webhooks_seen,
)
from core.store.tables import scans as scans_table

__all__ = ["done"]  # the fixture
ROOT = Path(__file__).resolve().parents[2]
PLAIN = "Zburatoarea Canariu"  # as a label prints it


@pytest.fixture
def all_places(
    done: tuple[Desk, int], home_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> tuple[int, Path]:
    """The canary wherever it can come: codes, questions, small copies, copies of the database."""
    desk, order_id = done
    desk.kill_workers()
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    with db.reading() as connection:
        pile = connection.scalars(select(piles.c.id)).first()
        shas = list(connection.scalars(select(pile_pictures.c.sha256)))
    assert pile is not None
    square = f"AWB|{PLAIN}|{CANARY['phone']}|{CANARY['email']}"
    scans.take_scan(pile, square, source="wedge", key="square")
    with db.writing() as connection:
        mine = scans_table.c.code == square
        connection.execute(update(scans_table).where(mine).values(order_id=order_id))
        connection.execute(insert(order_questions).values(
            order_id=order_id, code=JudgeCode.CUSTOMER_DIFFERS, text=f"{CANARY['name']};card",
            source="list", created_at=now(),
        ))  # fmt: skip
        reading = {"pages": [{"codes": [{"text": square.upper()}], "unread": []}]}
        connection.execute(update(pile_pictures).values(reading=reading))
        for table, values in rows_naming(connection, order_id):
            connection.execute(insert(table).values(**values))
    for sha in shas:
        storage.thumbnail(sha)
    what_outsiders_said(pile, order_id)
    ana = Actor("Ana", ROLES["owner"], person_id=1, session_id=1)
    with rights.acting(ana):
        trail.names_shown("search for a customer", 2, CANARY["name"])
        trail.names_shown("search for a customer", 2, CANARY["street"])
        for made in (export.to_csv, export.to_xlsx):
            assert CANARY["name"].encode() in _plain(made(review.review(pile)[["customer"]]))
        trail.file_exported("pile.csv", 3)
    archive.before_migration(home(), "0001")
    backup.backup(home(), home_dir / "refuz.db.before-restore-20260101-000000")
    return order_id, temporary


def rows_naming(connection: Connection, order_id: int) -> list[tuple[Table, dict[str, Any]]]:
    """Rows that people, lists and couriers leave behind about the canary's order."""
    parcel = connection.scalars(select(parcels.c.id).where(parcels.c.order_id == order_id)).first()
    spelled = normalise(f"TO {CANARY['name']} {CANARY['street']}")
    connection.execute(
        update(parcels).where(parcels.c.id == parcel).values(product=f"Mug for {PLAIN}")
    )
    connection.execute(
        update(order_lines)
        .where(order_lines.c.order_id == order_id)
        .values(title=f"Mug for {CANARY['name']}")
    )
    return [
        (aliases, {"code_key": spelled[:80], "parcel_id": parcel, "source": "person",
                   "created_by": "Ana", "created_at": now()}),
        (not_parcels, {"kind": "code", "key": spelled, "created_at": now(), "created_by": "Ana"}),
        (fact_words, {"kind": "reason", "code": 901, "word": f"{CANARY['name']} a refuzat"}),
        (fact_words, {"kind": "reason", "code": 902, "word": f"{PLAIN} a refuzat"}),
        (approvals, {"kind": "run", "subject": "pile 1", "digest": "0" * 64, "asked_at": now(),
                     "until": now(), "asked_name": "Ana",
                     "detail": {"against": [{"code": "quoted", "parameters": {
                         "text": f"made out to {CANARY['name']}"}}]}}),
    ]  # fmt: skip


def what_outsiders_said(pile: int, order_id: int) -> None:
    """Services, couriers and labels name the customer in their own ways, and the record is told."""
    escaped = json.dumps(CANARY["name"])  # as PHP answers: "Zbur\\u0103toarea …"
    said = [
        f'{{"message":"Clientul {escaped[1:-1]} nu exista"}}',
        f"<e>{CANARY['name'].encode('ascii', 'xmlcharrefreplace').decode()}</e>",
        f"GET /orders?search={quote_plus(CANARY['name'])}&tel={CANARY['phone']}",
        json.dumps(CANARY["street"]).replace("/", "\\/"),
    ]
    with db.reading() as connection:
        [row] = connection.execute(
            select(reversals.c.id, reversals.c.generation).where(reversals.c.order_id == order_id)
        )
        effect_id = connection.scalars(
            select(effects.c.id).where(effects.c.reversal_id == row.id)
        ).first()
        number = connection.scalars(
            select(parcels.c.tracking).where(parcels.c.order_id == order_id)
        ).one()
    with db.writing() as connection:
        [ended] = connection.scalars(
            select(reversals.c.finished_at).where(reversals.c.id == row.id)
        )
        again = update(reversals).where(reversals.c.id == row.id)
        connection.execute(again.values(state="queued", finished_at=None))
    case = load_context(row.id, row.generation)
    assert case is not None
    with db.writing() as connection:
        connection.execute(again.values(state="done", finished_at=ended))
        for at, text_ in enumerate(said):
            effect = ledger.load(connection, effect_id)
            evidence = Evidence("oblio", "POST /cancel", 400, text_)
            change = ledger.Change(effect.state, "refused", quoted(text_), 0, evidence, {})
            subject = case.subject if at % 2 else replace(case.subject, customer=None)
            ledger.settle(connection, effect, subject, change)
        event = CourierEvent(
            tracking=number, code="", at=now(), status="refused", return_number="",
            text=f"Refuzat de {PLAIN.upper()}", reason=f"{CANARY['name']} nu raspunde",
        )  # fmt: skip
        tracking.write_events(connection, [event], [], source="courier")
        misfit = Reason.of("order_not_as_it_should", order=case.order_name, why=quoted(said[0]))
        alarms.ring(connection, "order", "the shop", misfit)
    code = f"{CANARY['name']}, {CANARY['street']}"
    scans.take_scan(pile, code, source="wedge", key="spelled")
    not_parcel.say_not_parcel(code)
    not_parcel.take_back(code)
    edits.undo_last_scan(pile)


def _plain(made: bytes) -> bytes:
    if made[:2] != b"PK":
        return made
    with zipfile.ZipFile(io.BytesIO(made)) as opened:
        return b"".join(opened.read(one) for one in opened.namelist())


def test_no_copy_code_question_or_file_names_a_customer_who_was_forgotten(
    all_places: tuple[int, Path], home_dir: Path
) -> None:
    order_id, temporary = all_places
    there = found_in(home_dir)
    assert any("before-migration" in one for one in there), "the copies hold the canary before"
    assert any("before-restore" in one for one in there)
    assert forget.forget_customer(order_id).files_clean
    assert found_in(home_dir) == {}
    assert found_in(temporary) == {}
    held = b"".join(one.read_bytes() for one in home_dir.rglob("*") if one.is_file())
    for word in (PLAIN, PLAIN.upper(), "ZBURATOAREACANARIU", CANARY["phone"]):
        assert word.encode() not in held
    with db.reading() as connection:
        assert trail.verify(connection).ok


def test_old_copies_of_the_database_go_with_the_names_that_time_takes(
    all_places: tuple[int, Path], home_dir: Path
) -> None:
    fresh, old = sorted([*home_dir.glob("before-migration*"), *home_dir.glob("*before-restore*")])
    os.utime(old, (0, 0))
    with db.writing() as connection:
        connection.execute(text("UPDATE orders SET created_at = '2020-01-01 00:00:00'"))
        connection.execute(text(
            "INSERT INTO preferences (key, value, updated_at)"
            " VALUES ('keep_names_months', '1', '2026-01-01 00:00:00')"
        ))  # fmt: skip
    assert retention.expire()["names"] > 0
    assert not old.exists()
    assert fresh.exists(), "it is of today"


def test_a_shops_message_is_kept_without_its_customer(done: tuple[Desk, int]) -> None:
    desk, _ = done
    desk.kill_workers()
    made = json.dumps(
        {"id": 7, "admin_graphql_api_id": "gid://shopify/Order/7", "updated_at": str(now()),
         "customer": customer(1, True)["customer"], "note": CANARY["name"]}
    ).encode()  # fmt: skip
    with db.reading() as connection:
        shop = connections.all_connections(connection, "shop")[0]
    mark = base64.b64encode(hmac.new(b"word", made, hashlib.sha256).digest()).decode()
    headers = {
        "x-shopify-hmac-sha256": mark, "x-shopify-topic": "orders/updated",
        "x-shopify-shop-domain": "casa-verde.myshopify.com", "x-shopify-webhook-id": "1",
        "x-shopify-event-id": "1", "x-shopify-triggered-at": now().isoformat(),
    }  # fmt: skip
    known = [webhooks.ShopSecrets(shop.id, ("word",), "casa-verde.myshopify.com")]
    assert webhooks.accept(made, headers, known, shop.service) == "accepted"
    with db.reading() as connection:
        [row] = connection.execute(select(webhooks_seen))
    assert not any(word in json.dumps(dict(row._mapping), default=str) for word in CANARY.values())


FAILS = """
import sys
from core import logs
logs.configure()
import structlog
from sqlalchemy import insert
from core.store import db
from core.store.tables import order_questions
customer = sys.argv[1]
db.migrate()
try:
    with db.writing() as connection:
        connection.execute(insert(order_questions).values(order_id=99, text=customer, code="x"))
except Exception:
    structlog.get_logger("x").exception("failed")
"""


@pytest.mark.parametrize("kind", ["text", "json"])
def test_what_the_database_refuses_is_logged_without_its_values(tmp_path: Path, kind: str) -> None:
    """Tracebacks show no variables, whatever is installed, and errors no parameters."""
    done = subprocess.run(
        [sys.executable, "-c", FAILS, CANARY["name"]], cwd=ROOT, capture_output=True, text=True,
        check=True, env={**os.environ, "REFUZ_HOME": str(tmp_path), "REFUZ_LOG_FORMAT": kind,
                         "REFUZ_DATABASE_URL": ""},
    )  # fmt: skip
    assert "IntegrityError" in done.stderr
    assert "order_questions" in done.stderr
    for word in (CANARY["name"], json.dumps(CANARY["name"])[1:-1], "Canariu"):
        assert word not in done.stderr
