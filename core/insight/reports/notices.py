"""Tells alarms outside the desk, once each: by mail and by a signed webhook.

The webhook follows Standard Webhooks (github.com/standard-webhooks): `webhook-id` is the same at
each retry, `webhook-signature` is HMAC-SHA256 over id, timestamp and body. What was not taken is
tried again a minute later, in order; a target that is down holds up nothing else.
"""

import base64
import binascii
import datetime as dt
import hashlib
import hmac
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import requests
import structlog
from sqlalchemy import select

from core.audit.alarms import customers_of
from core.audit.names import nameless
from core.audit.redact import Words
from core.clock import now
from core.errors import UserError
from core.i18n.reasons import sentence
from core.insight.reports import mail
from core.rights import Right, door
from core.settings import addresses
from core.store import db
from core.store.statements import cursors
from core.store.tables import alarms

log = structlog.get_logger(__name__)

TIMEOUT = 10.0  # seconds
MOST = 50  # alarms told at one look
PREFIX = "whsec_"

Tell = Callable[[Any], None]


class NotTold(UserError):
    """A message was not taken; it is told again later."""


@dataclass(frozen=True)
class Hook:
    """Where alarms are posted, and the key they are signed with."""

    url: str
    key: bytes

    def tell(self, alarm: Any) -> None:
        """Post one alarm. Raises NotTold."""
        name = f"alarm_{alarm.id}_{int(alarm.raised_at.timestamp())}"
        self.post("alarm.raised", name, alarm.raised_at, _told(alarm))

    def post(self, kind: str, name: str, at: dt.datetime, data: Mapping[str, Any]) -> None:
        """Post one message; `name` is the same at each try. Raises NotTold."""
        body = json.dumps({"type": kind, "timestamp": at.isoformat(), "data": data}).encode()
        moment = int(now().timestamp())
        headers = {
            "Content-Type": "application/json",
            "webhook-id": name,
            "webhook-timestamp": str(moment),
            "webhook-signature": signature(self.key, name, moment, body),
        }
        try:
            answer = requests.post(
                self.url, data=body, headers=headers, timeout=TIMEOUT, allow_redirects=False
            )
        except requests.RequestException as error:
            raise NotTold(f"The webhook did not answer: {type(error).__name__}") from error
        if not 200 <= answer.status_code < 300:
            raise NotTold(f"The webhook answered {answer.status_code}")


def signature(key: bytes, name: str, moment: int, body: bytes) -> str:
    """The header `webhook-signature` of a message."""
    signed = b".".join((name.encode(), str(moment).encode(), body))
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def hook(environment: Mapping[str, str] | None = None) -> Hook | None:
    """As REFUZ_ALARM_URL and REFUZ_ALARM_SECRET say; None for nothing. Raises UserError."""
    told = os.environ if environment is None else environment
    url, secret = told.get("REFUZ_ALARM_URL", ""), told.get("REFUZ_ALARM_SECRET", "")
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
    told = os.environ if environment is None else environment
    if not told.get("REFUZ_ALARM_TO"):
        return None
    post = mail.configured({**told, "REFUZ_DIGEST_TO": told["REFUZ_ALARM_TO"]})
    if post is None:
        return None

    def tell(alarm: Any) -> None:
        data = _told(alarm)
        post.send_text(
            f"Refuz: {data['subject']}"[:150], f"{data['text']}\n\n{data['raised_at']}\n"
        )

    return tell


def _told(alarm: Any) -> dict[str, Any]:
    with db.reading() as connection:
        words = Words(customers_of(connection, alarm.reason))
    return {"id": alarm.id, "kind": alarm.kind, "subject": alarm.subject,
            "text": words.of(sentence(nameless(alarm.reason))),
            "raised_at": alarm.raised_at.isoformat()}  # fmt: skip


@door(Right.RECORD)
def tell() -> int:
    """Tell every open alarm that was not told yet, by each way that is set; how many were."""
    told = 0
    for name, make in (("webhook", _by_webhook), ("mail", _by_mail)):
        try:
            way = make()
            told += _tell(f"alarms:{name}", way) if way is not None else 0
        except UserError as error:
            log.warning("alarm_not_told", way=name, why=str(error))
    return told


def _by_webhook() -> Tell | None:
    found = hook()
    return None if found is None else found.tell


def _tell(cursor: str, way: Tell) -> int:
    with db.reading() as connection:
        after = (cursors.load(connection, cursor) or {}).get("after", 0)
        fresh = select(alarms).where(alarms.c.id > after).order_by(alarms.c.id).limit(MOST)
        rows = list(connection.execute(fresh))
    count = 0
    for row in rows:
        if row.cleared_at is None:
            way(row)
            count += 1
        with db.writing() as connection:
            cursors.save(connection, cursor, {"after": row.id})
    return count
