"""Alarms are told outside the desk, signed, in order, and once each by each way."""

import base64
import datetime as dt
import hashlib
import hmac
import http.server
import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from insight_mailbox import Mailbox
from set_clock import SetClock
from sqlalchemy import Engine

from core import rights
from core.audit import alarms, trail
from core.audit.actions import Action
from core.audit.anchor import AnchorCode
from core.errors import UserError
from core.insight.reports import happenings, notices
from core.orders.judge.reasons import JudgeCode
from core.reasons import Reason, quoted
from core.reversal.checks.codes import MisfitCode
from core.reversal.runs import follow_up
from core.rights import Actor, Right
from core.store import db
from core.store.statements import cursors

KEY = bytes(range(32))
SECRET = "whsec_" + base64.b64encode(KEY).decode()


class Receiver:
    """A program elsewhere; `answers` are its next statuses, then 204."""

    def __init__(self) -> None:
        self.answers: list[int] = []
        self.taken: list[tuple[dict[str, str], bytes]] = []
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status = receiver.answers.pop(0) if receiver.answers else 204
                if status == 204:
                    receiver.taken.append((dict(self.headers), body))
                self.send_response(status)
                if status == 302:
                    self.send_header("Location", "/elsewhere")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/hook"


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch, engine: Engine) -> Iterator[Receiver]:
    made = Receiver()
    monkeypatch.setenv("REFUZ_ALARM_URL", made.url)
    monkeypatch.setenv("REFUZ_ALARM_SECRET", SECRET)
    yield made
    made.server.shutdown()


def ring(*subjects: str) -> None:
    for subject in subjects:
        with db.writing() as connection:
            alarms.ring(connection, "sync", subject, Reason.of(AnchorCode.NOT_OURS, line=7))


def subjects(receiver: Receiver) -> list[str]:
    return [json.loads(body)["data"]["subject"] for _, body in receiver.taken]


def test_each_alarm_is_told_once_and_signed_as_the_standard_says(receiver: Receiver) -> None:
    ring("shop A", "shop B")
    assert notices.tell_open_alarms() == 2
    assert notices.tell_open_alarms() == 0
    ring("shop A")  # open already
    assert notices.tell_open_alarms() == 0
    assert subjects(receiver) == ["shop A", "shop B"]
    for headers, body in receiver.taken:
        notice: dict[str, Any] = json.loads(body)
        assert notice["type"] == "alarm.raised"
        assert "Line 7" in notice["data"]["text"]
        signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
        mac = base64.b64encode(hmac.new(KEY, signed, hashlib.sha256).digest()).decode()
        assert headers["webhook-signature"] == f"v1,{mac}"
    assert len({headers["webhook-id"] for headers, _ in receiver.taken}) == 2


@pytest.mark.parametrize("status", [500, 302, 404, 429])
def test_what_is_not_taken_is_told_again_in_order(receiver: Receiver, status: int) -> None:
    receiver.answers = [status, status]
    ring("first", "second")
    for _ in range(4):
        notices.tell_open_alarms()
    assert subjects(receiver) == ["first", "second"]


def test_an_alarm_that_cleared_meanwhile_is_not_told(receiver: Receiver) -> None:
    ring("gone", "stays")
    with db.writing() as connection:
        alarms.settle(connection, "sync", "gone")
    notices.tell_open_alarms()
    assert subjects(receiver) == ["stays"]


def test_a_dead_receiver_does_not_keep_the_mail(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    receiver.answers = [500] * 9
    with Mailbox() as box:
        monkeypatch.setenv("REFUZ_SMTP_URL", f"smtp://127.0.0.1:{box.port}")
        monkeypatch.setenv("REFUZ_ALARM_TO", "ana@example.com")
        monkeypatch.setenv("REFUZ_DIGEST_FROM", "desk@example.com")
        ring("shop\r\nBcc: evil@example.com")
        assert notices.tell_open_alarms() == 1
        assert notices.tell_open_alarms() == 0
    [message] = box.messages
    assert box.recipients == ["<ana@example.com>"]
    assert message["Bcc"] is None
    assert "Line 7" in message.get_content()
    assert receiver.taken == []


@pytest.mark.timed
def test_a_receiver_that_never_ends_its_answer_keeps_neither_the_mail_nor_the_next_alarm(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A byte now and then: no pause is long, and the answer never ends."""
    with socket.create_server(("127.0.0.1", 0)) as listening, Mailbox() as box:

        def serve() -> None:
            with suppress(OSError):
                while True:
                    caller, _ = listening.accept()
                    threading.Thread(target=drip, args=(caller,), daemon=True).start()

        threading.Thread(target=serve, daemon=True).start()
        monkeypatch.setenv("REFUZ_ALARM_URL", f"http://127.0.0.1:{listening.getsockname()[1]}/")
        monkeypatch.setenv("REFUZ_ALARM_SECRET", SECRET)
        monkeypatch.setattr(notices, "TIMEOUT", 0.5)
        monkeypatch.setenv("REFUZ_SMTP_URL", f"smtp://127.0.0.1:{box.port}")
        monkeypatch.setenv("REFUZ_ALARM_TO", "ana@example.com")
        monkeypatch.setenv("REFUZ_DIGEST_FROM", "desk@example.com")
        ring("first", "second")
        began = time.monotonic()
        assert notices.tell_open_alarms() == 2
        assert time.monotonic() - began < 5
    assert [message["Subject"] for message in box.messages] == ["Refuz: first", "Refuz: second"]


def drip(caller: socket.socket) -> None:
    with caller, suppress(OSError):
        caller.sendall(b"HTTP/1.1 ")
        for _ in range(400):
            caller.sendall(b"2")
            time.sleep(0.05)


@pytest.mark.parametrize("status", [400, 413, 422])
def test_a_message_refused_as_it_is_is_given_up_after_a_day_for_those_behind_it(
    receiver: Receiver, set_clock: SetClock, status: int
) -> None:
    ring("refused", "behind it")
    happened("order #1")
    happenings.post_new()
    happened("order #2", "order #3")
    receiver.answers = [status] * 4
    for _ in range(2):
        assert notices.tell_open_alarms() + happenings.post_new() == 0
    set_clock.passed += dt.timedelta(days=1, minutes=1).total_seconds()
    receiver.answers = [status]
    assert notices.tell_open_alarms() == 1
    receiver.answers = [status]
    assert happenings.post_new() == 1
    data = [json.loads(body)["data"] for _, body in receiver.taken]
    assert (data[0]["subject"], data[1]["order"]) == ("behind it", "order #3")


def test_a_receiver_that_is_down_for_days_is_told_everything_afterwards(
    receiver: Receiver, set_clock: SetClock
) -> None:
    ring("first", "second")
    for status in (500, 404, 401):
        receiver.answers = [status]
        assert notices.tell_open_alarms() == 0
        set_clock.passed += dt.timedelta(days=2).total_seconds()
    assert notices.tell_open_alarms() == 2


def test_while_one_thread_tells_another_does_not_tell_the_same(receiver: Receiver) -> None:
    ring("shop A")
    with notices.alone("webhook") as free, notices.alone("happenings") as also_free:
        assert free
        assert also_free
        assert notices.tell_open_alarms() + happenings.post_new() == 0
    assert notices.tell_open_alarms() == 1


@pytest.mark.postgres
def test_an_alarm_that_is_committed_after_a_later_one_was_told_is_told_as_well(
    migrated_postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Numbers are given when rows are written; one that waits for its commit has a lower one."""
    monkeypatch.setenv("REFUZ_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("REFUZ_DATABASE_URL", migrated_postgres_url)
    made = Receiver()
    monkeypatch.setenv("REFUZ_ALARM_URL", made.url)
    monkeypatch.setenv("REFUZ_ALARM_SECRET", SECRET)
    reason = Reason.of(AnchorCode.NOT_OURS, line=7)
    with db.writing() as slow:
        alarms.ring(slow, "sync", "began first", reason)
        ring("began later")
        assert notices.tell_open_alarms() == 1
    assert notices.tell_open_alarms() == 1
    assert notices.tell_open_alarms() == 0
    assert subjects(made) == ["began later", "began first"]
    made.server.shutdown()


def test_what_was_told_is_remembered_in_little_room(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notices, "REMEMBERED", 3)
    with db.writing() as connection:  # as it was kept before
        cursors.save(connection, "alarms:webhook", {"after": 2})
    ring(*(f"shop {number}" for number in range(9)))
    assert notices.tell_open_alarms() == 7
    assert notices.tell_open_alarms() == 0
    with db.reading() as connection:
        kept = cursors.load(connection, "alarms:webhook")
    assert kept == {"after": 6, "sent": [7, 8, 9]}


@pytest.mark.parametrize(
    ("url", "secret"),
    [("http://evil.example/x", SECRET), ("https://a.example", ""), ("ftp://a.example", SECRET),
     ("https://a.example", "whsec_AA")],
)  # fmt: skip
def test_an_address_or_key_that_is_not_safe_is_refused(url: str, secret: str) -> None:
    with pytest.raises(UserError):
        notices.hook({"REFUZ_ALARM_URL": url, "REFUZ_ALARM_SECRET": secret})


def test_nothing_is_told_where_nothing_is_set(engine: Engine) -> None:
    ring("shop A")
    assert notices.tell_open_alarms() == 0


def test_an_alarm_that_compares_two_customers_is_told_without_them(receiver: Receiver) -> None:
    """Also where the reason lies inside another one; people without that right see no names."""
    names = {"ours": "Ana Pop", "theirs": "Dan Ene", "invoice": "OB 7"}
    inner = Reason.of(JudgeCode.CUSTOMER_DIFFERS, **names)
    outer = Reason.of(MisfitCode.DOES_NOT_FIT_ORDER, invoice="OB 7", order="#1", why=inner)
    for subject, reason in (("order #1", inner), ("order #2", outer)):
        with db.writing() as connection:
            alarms.ring(connection, "invoice", subject, reason)
    assert notices.tell_open_alarms() == 2
    sent = b"".join(body for _, body in receiver.taken).decode()
    assert sent.count("OB 7") >= 2
    assert str(follow_up.open_alarms()).count("Ana Pop") == 2
    with rights.acting(Actor("x", frozenset({Right.FOLLOW_UP}))):
        shown = str(follow_up.open_alarms())
    for text in (sent, shown):
        assert "Ana" not in text
        assert "Ene" not in text


def test_a_services_words_about_an_order_are_told_without_its_customer(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = ["Ana Popescu", "ana.p@example.test"]
    monkeypatch.setattr(notices, "customers_of", lambda _, why: known * ("order" in why.parameters))
    said = quoted("Clientul POPESCU ANA (ana.p@example.test) nu exista")
    with db.writing() as connection:
        reason = Reason.of(MisfitCode.ORDER_NOT_AS_IT_SHOULD, order="#7", why=said)
        alarms.ring(connection, "order", "order #7", reason)
    assert notices.tell_open_alarms() == 1
    [(_, body)] = receiver.taken
    assert b"nu exista" in body
    assert b"popescu" not in body.lower()
    assert b"ana.p" not in body


def happened(*orders: str, action: Action = Action.REVERSAL_DONE) -> None:
    for order in orders:
        with db.writing() as connection:
            trail.record(connection, action, order, {"customer": "Ana Pop"}, name="worker")


def test_what_became_of_reversals_is_told_in_order_signed_and_without_names(
    receiver: Receiver,
) -> None:
    happened("order #1")
    assert happenings.post_new() == 0, "what was before the webhook is not told"
    happened("order #2")
    happened("order #3", action=Action.RUN_FINISHED)
    happened("order #4", action=Action.REVERSAL_NEEDS_PERSON)
    receiver.answers = [500]
    assert happenings.post_new() == 0
    assert happenings.post_new() == 2
    assert happenings.post_new() == 0
    bodies = [json.loads(body) for _, body in receiver.taken]
    assert [(one["type"], one["data"]["order"]) for one in bodies] == [
        ("reversal.done", "order #2"),
        ("reversal.needs_person", "order #4"),
    ]
    assert b"Ana" not in b"".join(body for _, body in receiver.taken)
    for headers, body in receiver.taken:
        name, moment = headers["webhook-id"], headers["webhook-timestamp"]
        signed = f"{name}.{moment}.".encode() + body
        wanted = base64.b64encode(hmac.new(KEY, signed, hashlib.sha256).digest()).decode()
        assert headers["webhook-signature"] == f"v1,{wanted}"


def test_without_a_webhook_nothing_is_told_or_kept(engine: Engine) -> None:
    happened("order #1")
    assert happenings.post_new() == 0
    with db.reading() as connection:
        assert cursors.load(connection, happenings.CURSOR) is None
