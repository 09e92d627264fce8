"""What a shop sends by itself, as its package reads it: which order, how new, signed with what."""

import datetime as dt
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Message:
    """One webhook. `id` is the same for a repeat of the same thing only.

    `per_shop`: the id is the shop's own counting, so two shops may have the same. `gid` is "" where
    it names no order. `signature` is base64 of HMAC-SHA256 over the raw bytes.
    """

    id: str
    topic: str
    signature: str
    host: str = ""
    gid: str = ""
    updated_at: dt.datetime | None = None
    cancelled: bool = False
    per_shop: bool = False
    is_ping: bool = False  # unsigned and without a word about any order: answered, not kept


@dataclass(frozen=True)
class Messages:
    """How a shop's webhooks are read. `headers` come in lower case."""

    secrets: tuple[str, ...]  # names of the form's secrets they may be signed with
    read: Callable[[bytes, Mapping[str, str]], Message]
    missing: str  # what to say where no secret is saved


def object_of(raw_body: bytes) -> dict[str, Any]:
    """The body's JSON object, or an empty one."""
    try:
        body: Any = json.loads(raw_body)
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
