"""Tells alarms outside the desk, once each: by mail and by a signed webhook.

The webhook follows Standard Webhooks (github.com/standard-webhooks): `webhook-id` is the same at
each retry, `webhook-signature` is HMAC-SHA256 over id, timestamp and body. What was not taken is
tried again a minute later, in order; a target that is down, or slow, holds up nothing else. A
message that is refused as it is (400, 413, 422) is given up after a day, for those behind it.
"""

import base64
import binascii
import datetime as dt
import hashlib
import hmac
import json
import os
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import structlog
from sqlalchemy import select

from core import logs
from core.audit import outside
from core.audit.alarms import customers_of
from core.audit.names import nameless
from core.audit.redact import Words
from core.clock import now
from core.errors import UserError
from core.i18n.reasons import sentence
from core.insight.reports import mail
from core.rights import Right, door
from core.settings import addresses
from core.store import db, desk
from core.store.statements import cursors
from core.store.tables import alarms

log = structlog.get_logger(__name__)

TIMEOUT = 10.0  # seconds, of a whole call
AS_IT_IS = frozenset({400, 413, 422})  # the receiver will never take this very message
GIVEN_UP = dt.timedelta(days=1)
MOST = 50  # alarms told at one look
REMEMBERED = 200  # alarms that were told, one by one
PREFIX = "whsec_"

Tell = Callable[[Any], None]


class NotDelivered(UserError):
    """A message was not taken; it is told again later."""


class RefusedAsItIs(NotDelivered):
    """The receiver takes messages, and not this one."""


@dataclass(frozen=True)
class Hook:
    """Where alarms are posted, and the key they are signed with."""

    url: str
    key: bytes

    def tell(self, alarm: Any) -> None:
        """Post one alarm. Raises NotDelivered."""
        name = f"alarm_{alarm.id}_{int(alarm.raised_at.timestamp())}"
        self.post("alarm.raised", name, alarm.raised_at, _alarm_json(alarm))

    def post(self, kind: str, name: str, at: dt.datetime, data: Mapping[str, object]) -> None:
        """Post one message; `name` is the same at each try. Raises NotDelivered."""
        body = json.dumps({"type": kind, "timestamp": at.isoformat(), "data": data}).encode()
        moment = int(now().timestamp())
        headers = {
            "Content-Type": "application/json",
            "webhook-id": name,
            "webhook-timestamp": str(moment),
            "webhook-signature": signature(self.key, name, moment, body),
        }
        try:
            status, _ = outside.ask(
                "POST", self.url, body=body, headers=headers,
                seconds=TIMEOUT, longest=None,
            )  # fmt: skip
        except outside.NotAnswered as error:
            raise NotDelivered(f"The webhook did not answer: {error}") from error
        if not 200 <= status < 300:
            refused = RefusedAsItIs if status in AS_IT_IS else NotDelivered
            raise refused(f"The webhook answered {status}")


def signature(key: bytes, name: str, moment: int, body: bytes) -> str:
    """The header `webhook-signature` of a message."""
    signed = b".".join((name.encode(), str(moment).encode(), body))
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def hook(environment: Mapping[str, str] | None = None) -> Hook | None:
    """As REFUZ_ALARM_URL and REFUZ_ALARM_SECRET say; None for nothing. Raises UserError."""
    variables = os.environ if environment is None else environment
    url, secret = variables.get("REFUZ_ALARM_URL", ""), variables.get("REFUZ_ALARM_SECRET", "")
    if not url:
        return None
    addresses.check({addresses.ADDRESS: url})
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except binascii.Error:
        key = b""
    if len(key) < 24:
        raise UserError("REFUZ_ALARM_SECRET must be whsec_ and 24 bytes or more in base64.")
    return Hook(url, key)


def _by_mail(environment: Mapping[str, str] | None = None) -> Tell | None:
    variables = os.environ if environment is None else environment
    if not variables.get("REFUZ_ALARM_TO"):
        return None
    post = mail.configured({**variables, "REFUZ_DIGEST_TO": variables["REFUZ_ALARM_TO"]})
    if post is None:
        return None

    def tell(alarm: Any) -> None:
        data = _alarm_json(alarm)
        post.send_text(
            f"Refuz: {data['subject']}"[:150], f"{data['text']}\n\n{data['raised_at']}\n"
        )

    return tell


def _alarm_json(alarm: Any) -> dict[str, object]:
    with db.reading() as connection:
        words = Words(customers_of(connection, alarm.reason))
    return {"id": alarm.id, "kind": alarm.kind, "subject": alarm.subject,
            "text": words.of(sentence(nameless(alarm.reason))),
            "raised_at": alarm.raised_at.isoformat()}  # fmt: skip


@door(Right.RECORD)
def tell_open_alarms() -> int:
    """Tell every open alarm that was not told yet, by each way that is set; how many were."""
    count = 0
    for name, make in (("webhook", _by_webhook), ("mail", _by_mail)):
        with alone(name) as free:
            if not free:
                continue
            try:
                way = make()
                count += _tell_fresh(f"alarms:{name}", way) if way is not None else 0
            except UserError as error:
                log.warning("alarm_not_delivered", way=name, why=logs.what(error))
    return count


class _Ways:
    """By which ways a thread of this process is telling: a part of the desk."""

    def __init__(self, _desk: desk.Desk) -> None:
        self._lock = threading.Lock()
        self.busy: dict[str, threading.Lock] = {}

    def of(self, name: str) -> threading.Lock:
        with self._lock:
            return self.busy.setdefault(name, threading.Lock())


@contextmanager
def alone(way: str) -> Iterator[bool]:
    """Whether nobody else in this process tells by this way; a slow receiver outlasts a minute."""
    lock = desk.current().part(_Ways).of(way)
    free = lock.acquire(blocking=False)
    try:
        yield free
    finally:
        if free:
            lock.release()


def given_up(error: NotDelivered, since: dt.datetime, what: str) -> bool:
    """Whether a message that was not taken keeps those behind it no longer: logged."""
    late = isinstance(error, RefusedAsItIs) and since < now() - GIVEN_UP
    if late:
        log.error("message_given_up", message=what, why=logs.what(error))
    return late


def _by_webhook() -> Tell | None:
    found = hook()
    return None if found is None else found.tell


def _tell_fresh(cursor: str, way: Tell) -> int:
    """Tell the alarms that this cursor has not seen, by one way; how many. Each is kept as seen at
    once: what follows a failure is told the next time. Raises NotDelivered."""
    with db.reading() as connection:
        seen = _Seen.of(cursors.load(connection, cursor))
        fresh = select(alarms).where(alarms.c.id > seen.after, alarms.c.id.not_in(seen.sent))
        rows = list(connection.execute(fresh.order_by(alarms.c.id).limit(MOST)))
    count = 0
    for row in rows:
        if row.cleared_at is None:
            try:
                way(row)
                count += 1
            except NotDelivered as error:
                if not given_up(error, row.raised_at, f"alarm {row.id}"):
                    raise
        seen = seen.with_(row.id)
        with db.writing() as connection:
            cursors.save(connection, cursor, {"after": seen.after, "sent": seen.sent})
    return count


@dataclass(frozen=True)
class _Seen:
    """The alarms that were told: all up to `after`, and of those behind it the `sent` ones.

    Numbers are given as rows are written and seen as they are committed: on PostgreSQL a lower one
    may come after a higher one was told.
    """

    after: int = 0
    sent: tuple[int, ...] = ()

    @classmethod
    def of(cls, kept: Any) -> "_Seen":
        """As the cursor has it; None for nothing."""
        fields = kept or {}
        return cls(fields.get("after", 0), tuple(fields.get("sent", ())))

    def with_(self, alarm_id: int) -> "_Seen":
        """This one as well; the lowest of too many stands for all before it."""
        sent = sorted({*self.sent, alarm_id})
        beyond, kept = sent[:-REMEMBERED], sent[-REMEMBERED:]
        return _Seen(max(beyond, default=self.after), tuple(kept))
