"""The trail's anchor: its head, signed, kept where the database's owner cannot reach it (rule 9).

The chain alone shows a changed row. A cut tail, an emptied trail or a chain made anew from row one
are chains as good as any; they disagree with a head that was signed before (Ed25519, RFC 8032). A
head is a line of JSON in `anchors.jsonl`, or in the file that REFUZ_ANCHOR_FILE names, best on
another machine's disk or one that can only be appended to.
"""

import base64
import contextlib
import datetime as dt
import fcntl
import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from sqlalchemy import Connection, func, select

from core.clock import day, now
from core.config import Home
from core.reasons import Reason, ReasonCode
from core.rights import Right, door
from core.store import db
from core.store.statements import cursors, triggers
from core.store.tables import audit

KEY_FILE = "anchor.key"
FILE = "anchors.jsonl"
LOOKED_AT = 1_000  # newest heads that are compared; older ones hold by the chain
KEPT_WHOLE = dt.timedelta(days=31)  # of what is older, each day's last head stays


class AnchorCode(ReasonCode):
    """What disagrees with the trail."""

    HEAD_GONE = "anchor_head_gone"  # row, at: rows were removed from the end, or all of them
    HEAD_CHANGED = "anchor_head_changed"  # row, at: the chain was made anew
    ROWS_MISSING = "anchor_rows_missing"  # row, had, has
    NOT_OURS = "anchor_not_ours"  # line: of the anchors' file
    TRIGGER_GONE = "anchor_trigger_gone"  # names
    HEADS_GONE = "anchor_heads_gone"  # had, has: lines of the anchors' file


@dataclass(frozen=True)
class Head:
    """The end of the trail: number of rows, the last row's id and hash, and when it was so."""

    rows: int
    id: int
    hash: str
    at: str

    def signed_bytes(self) -> bytes:
        """What the signature is over: the head as JSON, keys sorted, no blanks."""
        return json.dumps(asdict(self), sort_keys=True, separators=(",", ":")).encode()


def file_of(where: Home) -> Path:
    """Where heads are kept."""
    return Path(os.environ.get("REFUZ_ANCHOR_FILE") or where.root / FILE)


def public_key(where: Home) -> str:
    """The key that heads are checked with, base64 of 32 bytes; keep it apart, too."""
    return base64.b64encode(_key(where).public_key().public_bytes_raw()).decode()


def keep_head(connection: Connection, where: Home) -> Head | None:
    """Sign the head and append it, where something was written since; None where nothing was."""
    head = _head(connection)
    kept = file_of(where)
    last = next(reversed(_lines(kept)), "")
    if head is None or f'"hash": "{head.hash}"' in last:
        return None
    with kept.open("a", encoding="utf-8") as out:
        out.write(_signed(head, where) + "\n")
        out.flush()
        os.fsync(out.fileno())
    return head


@door(Right.RECORD)
def head_now(connection: Connection, where: Home) -> str:
    """The signed head as it is at this moment, a line for a mail, a backup or a stamp; "" for an
    empty trail."""
    head = _head(connection)
    return _signed(head, where) if head is not None else ""


def note_kept(connection: Connection, where: Home) -> None:
    """Remember how many heads are kept: a file that was emptied since is told by `doctor`."""
    cursors.save(connection, cursors.ANCHOR, {"lines": len(_lines(file_of(where)))})


@contextlib.contextmanager
def alone(where: Home) -> Iterator[None]:
    """Nobody else writes this home's heads meanwhile, in whatever process."""
    folder = os.open(where.root, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def thin(where: Home) -> int:
    """Let go of old heads but each day's last; gives how many went. To be called `alone`.

    What `doctor` must still tell stays whatever its age: a line that is not ours, a head that
    disagrees with the record. A file that REFUZ_ANCHOR_FILE names is its owner's to prune.
    """
    kept = where.root / FILE
    if file_of(where) != kept:
        return 0
    lines = _lines(kept)
    with db.reading() as connection:
        going = _dispensable(connection, lines, _key(where).public_key())
    if not going:
        return 0
    left = [line for number, line in enumerate(lines) if number not in going]
    with db.writing() as connection:  # first: a file with more lines than noted alarms nobody
        cursors.save(connection, cursors.ANCHOR, {"lines": len(left)})
    fresh = kept.with_suffix(".new")
    with fresh.open("w", encoding="utf-8") as out:
        out.writelines(f"{line}\n" for line in left)
        out.flush()
        os.fsync(out.fileno())
    fresh.replace(kept)
    return len(going)


def _dispensable(connection: Connection, lines: list[str], public: Ed25519PublicKey) -> set[int]:
    """The places of old heads that a later one of the same day stands for."""
    until = day(now() - KEPT_WHOLE, dt.UTC).isoformat()  # as heads write their moment
    going, last = set(), ("", 0)  # the day and the place of the head that may go
    for number, line in enumerate(lines):
        head = _checked(line, public)
        if head is None or not _is_there(connection, head):
            continue
        written_on = head.at[:10]
        if written_on >= until:
            break
        if written_on == last[0]:
            going.add(last[1])
        last = (written_on, number)
    return going


def _is_there(connection: Connection, head: Head) -> bool:
    return connection.scalar(select(audit.c.hash).where(audit.c.id == head.id)) == head.hash


def _signed(head: Head, where: Home) -> str:
    signature = base64.b64encode(_key(where).sign(head.signed_bytes())).decode()
    return json.dumps({**asdict(head), "signature": signature})


@door(Right.RECORD)
def disagreements(connection: Connection, where: Home) -> list[Reason]:
    """What the kept heads and the trail do not agree on; empty where all is well."""
    found = list(_triggers_gone(connection))
    public = _key(where).public_key()
    lines = _lines(file_of(where))
    had = (cursors.load(connection, cursors.ANCHOR) or {}).get("lines", 0)
    if len(lines) < had:
        found.append(Reason.of(AnchorCode.HEADS_GONE, had=had, has=len(lines)))
    for number, line in list(enumerate(lines, 1))[-LOOKED_AT:]:
        head = _checked(line, public)
        if head is None:
            found.append(Reason.of(AnchorCode.NOT_OURS, line=number))
        elif why := _misfit(connection, head):
            return [*found, why]
    return found


@door(Right.RECORD)
def disagreement_of(connection: Connection, where: Home, line: str, number: int) -> Reason | None:
    """What one signed head, kept as line `number` of somewhere, and the trail disagree on."""
    head = _checked(line, _key(where).public_key())
    if head is None:
        return Reason.of(AnchorCode.NOT_OURS, line=number)
    return _misfit(connection, head)


def _head(connection: Connection) -> Head | None:
    """The trail's newest row with how many rows there are up to it; None of an empty trail."""
    last = connection.execute(
        select(audit.c.id, audit.c.hash).order_by(audit.c.id.desc()).limit(1)
    ).first()
    if last is None:
        return None
    rows = connection.scalar(select(func.count()).where(audit.c.id <= last.id)) or 0
    return Head(rows, last.id, last.hash, now().isoformat(timespec="seconds"))


def _misfit(connection: Connection, head: Head) -> Reason | None:
    """The first disagreement of one head."""
    found = connection.scalar(select(audit.c.hash).where(audit.c.id == head.id))
    if found is None:
        return Reason.of(AnchorCode.HEAD_GONE, row=head.id, at=head.at)
    if found != head.hash:
        return Reason.of(AnchorCode.HEAD_CHANGED, row=head.id, at=head.at)
    rows = connection.scalar(select(func.count()).where(audit.c.id <= head.id)) or 0
    if rows != head.rows:
        return Reason.of(AnchorCode.ROWS_MISSING, row=head.id, had=head.rows, has=rows)
    return None


def _checked(line: str, public: Ed25519PublicKey) -> Head | None:
    """The head of a line that this desk's key signed."""
    try:
        fields = json.loads(line)
        signature = base64.b64decode(fields.pop("signature"), validate=True)
        head = Head(**fields)
        public.verify(signature, head.signed_bytes())
    except (ValueError, TypeError, KeyError, AttributeError, InvalidSignature):
        return None
    return head


def _triggers_gone(connection: Connection) -> Iterator[Reason]:
    gone = triggers.missing(connection)
    if gone:
        yield Reason.of(AnchorCode.TRIGGER_GONE, names=", ".join(sorted(gone)))


def _lines(kept: Path) -> list[str]:
    return kept.read_text("utf-8").splitlines() if kept.exists() else []


def _key(where: Home) -> Ed25519PrivateKey:
    """The key of this home, made at first use, readable by its owner only."""
    file = where.root / KEY_FILE
    if not file.exists():
        fresh = Ed25519PrivateKey.generate().private_bytes_raw()
        with contextlib.suppress(FileExistsError):
            handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "wb") as out:
                out.write(fresh)
    return Ed25519PrivateKey.from_private_bytes(file.read_bytes())
