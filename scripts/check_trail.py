"""Checks an exported record (`refuz trail export`) without Refuz: only Python and `cryptography`.

    python check_trail.py trail.jsonl --key PUBLIC_KEY --head heads.jsonl

`--key`: the desk's public key, base64, written down elsewhere. `--head`: a file of signed heads
that was kept outside (the anchors' file, lines out of digest mails or backups). Exit status 0 only
if every row carries the hash of the one before and the record goes through every head.

A row's hash is SHA-256 of: the hash before, a line feed, and the JSON array (no blanks, keys
sorted, UTF-8 as it is) of at, actor, person_id, session_id, way, address, action, subject,
order_id, detail. A head is signed (Ed25519, RFC 8032) over its rows, id, hash and at as JSON with
sorted keys and no blanks.
"""

import argparse
import base64
import hashlib
import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

HASHED = ("at", "actor", "person_id", "session_id", "way", "address", "action", "subject",
          "order_id", "detail")  # fmt: skip
FIELDS = {*HASHED, "id", "previous_hash", "hash"}
SIGNED = ("at", "hash", "id", "rows")


class AlteredError(Exception):
    """The record is not what was signed; the message says where."""


def check(lines: Iterable[str], heads: Iterable[str], key: str) -> int:
    """The number of rows of an honest record. Raises AlteredError."""
    wanted: dict[int, dict[str, Any]] = {}
    for signed in (_head(one, key) for one in heads):
        kept = wanted.setdefault(signed["id"], signed)
        if (kept["hash"], kept["rows"]) != (signed["hash"], signed["rows"]):
            raise AlteredError(f"two heads of row {signed['id']} do not agree")
    if not wanted:
        raise AlteredError("there is no head to check with")
    previous, last, rows = "0" * 64, 0, 0
    for rows, line in enumerate(lines, 1):
        row = _row(line, rows)
        if row["previous_hash"] != previous or row["hash"] != _digest(previous, row):
            raise AlteredError(f"row {row['id']} does not fit the one before")
        if row["id"] <= last:
            raise AlteredError(f"row {row['id']} stands after row {last}")
        previous, last = row["hash"], row["id"]
        head = wanted.pop(last, None)
        if head is not None and (head["hash"], head["rows"]) != (previous, rows):
            raise AlteredError(f"row {last} is not what was signed on {head['at']}")
    if wanted:
        raise AlteredError(f"row {min(wanted)}, which was signed, is gone")
    return rows


def _row(line: str, number: int) -> dict[str, Any]:
    try:
        row = json.loads(line, object_pairs_hook=_each_once)
    except ValueError as error:
        raise AlteredError(f"line {number} is no row: {error}") from error
    whole = isinstance(row, dict) and set(row) == FIELDS
    if not whole or not isinstance(row["id"], int) or isinstance(row["id"], bool):
        raise AlteredError(f"line {number} is no row")
    found: dict[str, Any] = row
    return found


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice")
    return found


def _digest(previous: str, row: dict[str, Any]) -> str:
    values = [row[name] for name in HASHED]
    text = json.dumps(values, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(f"{previous}\n{text}".encode("utf-8", "surrogatepass")).hexdigest()


def _head(line: str, key: str) -> dict[str, Any]:
    try:
        head = json.loads(line, object_pairs_hook=_each_once)
        signed = {name: head[name] for name in SIGNED}
        text = json.dumps(signed, sort_keys=True, separators=(",", ":")).encode()
        signature = base64.b64decode(head["signature"], validate=True)
        Ed25519PublicKey.from_public_bytes(base64.b64decode(key)).verify(signature, text)
    except (ValueError, KeyError, TypeError, InvalidSignature) as error:
        raise AlteredError("a head was not signed with this key") from error
    return signed


def main() -> int:
    """Check as the command line says; 0: honest, 1: altered."""
    asked = argparse.ArgumentParser(description="Check an exported record of Refuz.")
    asked.add_argument("trail", type=Path)
    asked.add_argument("--key", required=True)
    asked.add_argument("--head", type=Path, required=True)
    arguments = asked.parse_args()
    heads = [one for one in arguments.head.read_text("utf-8").splitlines() if one.strip()]
    try:
        with arguments.trail.open(encoding="utf-8", newline="\n") as lines:
            rows = check((line.rstrip("\n") for line in lines), heads, arguments.key)
    except (AlteredError, UnicodeDecodeError) as error:
        print(f"ALTERED: {error}")
        return 1
    print(f"honest: {rows} rows, {len(heads)} heads")
    return 0


if __name__ == "__main__":
    sys.exit(main())
