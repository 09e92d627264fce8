"""What a shop sends by itself, as its package reads it: which order, how new, signed with what."""

import datetime as dt
import hashlib
import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from core.reasons import ReasonCode
from core.store.types import storable


@dataclass(frozen=True)
class Message:
    """One webhook. `id` is the same for a repeat of the same thing of one shop only.

    It is made of the signed body, since headers are not signed. `gid` is "" where it names no
    order. `signature` is base64 of HMAC-SHA256 over the raw bytes. `at` is the moment the signed
    body tells; without one (WooCommerce's trash) a repeat may be news.
    """

    id: str
    topic: str
    signature: str
    host: str = ""
    gid: str = ""
    updated_at: dt.datetime | None = None
    at: dt.datetime | None = None
    cancelled: bool = False
    is_ping: bool = False  # unsigned and without a word about any order: answered, not kept


@dataclass(frozen=True)
class Messages:
    """How a shop's webhooks are read. `headers` come in lower case."""

    secrets: tuple[str, ...]  # names of the form's secrets they may be signed with
    topics: Collection[str]  # what we subscribe to; nothing else is kept
    read: Callable[[bytes, Mapping[str, str]], Message]
    missing: ReasonCode  # what to say where no secret is saved


def digest_of(raw_body: bytes, gid: str) -> str:
    """A repeat's name: what is signed, and the order that is read out of it."""
    return hashlib.sha256(gid.encode() + b"\0" + raw_body).hexdigest()


def object_of(raw_body: bytes) -> dict[str, object]:
    """The body's JSON object, or an empty one."""
    try:
        body: Any = storable(json.loads(raw_body))
    except (ValueError, RecursionError):
        return {}
    return body if isinstance(body, dict) else {}


def host_of(address: str) -> str:
    """ "casa-verde.myshopify.com" of an address with or without its scheme."""
    try:
        whole = address if "://" in address else f"https://{address}"
        return (urlsplit(whole).hostname or "").lower()
    except ValueError:
        return ""
