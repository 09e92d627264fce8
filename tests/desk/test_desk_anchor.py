"""The record's signed head finds what the chain alone cannot."""

import base64
import hashlib
import json
import random
import sqlite3
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import Engine

from core.audit import anchor, trail
from core.audit.anchor import AnchorCode
from core.config import home
from core.reversal.worker import scheduled_jobs
from core.store import db

ROWS = 12


def _write(engine: Engine, count: int = ROWS) -> None:
    for number in range(count):
        with db.writing(engine) as connection:
            trail.record(connection, "tested", f"order {number}", {"n": number}, name="ana")


def _keep(engine: Engine) -> anchor.Head | None:
    with db.reading(engine) as connection:
        return anchor.keep_head(connection, home())


def _found(engine: Engine) -> list[str]:
    with db.reading(engine) as connection:
        return [one.code for one in anchor.disagreements(connection, home())]


def _tamper(home_dir: Path, *statements: str) -> None:
    """As the database's owner: without triggers, which are put back."""
    with sqlite3.connect(home_dir / "refuz.db") as raw:
        query = "SELECT name, sql FROM sqlite_master WHERE type='trigger' AND tbl_name='audit'"
        kept = raw.execute(query).fetchall()
        for name, _ in kept:
            raw.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            raw.execute(statement)
        for _, sql in kept:
            raw.execute(sql)
    raw.close()


def _rehash(home_dir: Path) -> None:
    """Make the chain anew from row one by its public recipe."""
    with sqlite3.connect(home_dir / "refuz.db") as raw:
        raw.row_factory = sqlite3.Row
        previous = trail.FIRST
        made = []
        for row in raw.execute("SELECT * FROM audit ORDER BY id"):
            digest = hashlib.sha256(f"{previous}{row['actor']}{row['id']}".encode()).hexdigest()
            made.append(f"UPDATE audit SET previous_hash='{previous}', hash='{digest}' "
                        f"WHERE id={row['id']}")  # fmt: skip
            previous = digest
    raw.close()
    _tamper(home_dir, "UPDATE audit SET actor='bob'", *made)


def test_an_honest_record_agrees_and_grows_on(engine: Engine) -> None:
    _write(engine)
    assert _keep(engine) is not None
    _write(engine, 3)
    assert _found(engine) == []


def test_a_head_is_kept_once_for_what_was_written(engine: Engine) -> None:
    _write(engine)
    assert _keep(engine) is not None
    assert _keep(engine) is None


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ("DELETE FROM audit WHERE id > (SELECT max(id) - 5 FROM audit)", AnchorCode.HEAD_GONE),
        ("DELETE FROM audit", AnchorCode.HEAD_GONE),
        ("UPDATE audit SET id = id + 100 WHERE id = (SELECT max(id) FROM audit)",
         AnchorCode.HEAD_GONE),
        ("DELETE FROM audit WHERE id = (SELECT min(id) + 2 FROM audit)", AnchorCode.ROWS_MISSING),
    ],
)  # fmt: skip
def test_a_cut_record_is_found(engine: Engine, home_dir: Path, statement: str, code: str) -> None:
    _write(engine)
    _keep(engine)
    _tamper(home_dir, statement)
    assert code in _found(engine)


def test_a_chain_made_anew_is_found(engine: Engine, home_dir: Path) -> None:
    _write(engine)
    _keep(engine)
    _rehash(home_dir)
    assert _found(engine) == [AnchorCode.HEAD_CHANGED]


def test_a_dropped_trigger_is_found(engine: Engine, home_dir: Path) -> None:
    with sqlite3.connect(home_dir / "refuz.db") as raw:
        raw.execute("DROP TRIGGER audit_no_DELETE")
    raw.close()
    assert _found(engine) == [AnchorCode.TRIGGER_GONE]


def test_a_head_that_somebody_else_signed_or_changed_is_found(engine: Engine) -> None:
    _write(engine)
    _keep(engine)
    kept = anchor.file_of(home())
    told = json.loads(kept.read_text("utf-8").splitlines()[-1])
    kept.write_text(json.dumps({**told, "rows": told["rows"] - 1}) + "\nno line of ours\n", "utf-8")
    assert _found(engine) == [AnchorCode.NOT_OURS, AnchorCode.NOT_OURS]


def test_the_heads_lie_where_the_setting_says(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = tmp_path / "elsewhere.jsonl"
    monkeypatch.setenv("REFUZ_ANCHOR_FILE", str(elsewhere))
    _write(engine)
    _keep(engine)
    assert len(elsewhere.read_text("utf-8").splitlines()) == 1


def test_a_head_can_be_checked_without_our_code_and_no_changed_one_passes(engine: Engine) -> None:
    _write(engine)
    _keep(engine)
    told = json.loads(anchor.file_of(home()).read_text("utf-8").splitlines()[-1])
    signature = base64.b64decode(told.pop("signature"))
    public = Ed25519PublicKey.from_public_bytes(base64.b64decode(anchor.public_key(home())))
    honest = json.dumps(told, sort_keys=True, separators=(",", ":")).encode()
    public.verify(signature, honest)
    dice = random.Random(20)
    for _ in range(1_000):
        place, bit = dice.randrange(len(honest)), 1 << dice.randrange(8)
        forged = bytearray(honest)
        forged[place] ^= bit
        with pytest.raises(InvalidSignature):
            public.verify(signature, bytes(forged))


@pytest.mark.parametrize("left", [0, 1])
def test_an_emptied_or_shortened_file_of_heads_is_found(engine: Engine, left: int) -> None:
    for _ in range(3):
        _write(engine, 2)
        _keep(engine)
    with db.writing(engine) as connection:
        anchor.note_kept(connection, home())
    assert _found(engine) == []
    kept = anchor.file_of(home())
    lines = kept.read_text("utf-8").splitlines()[:left]
    kept.write_text("".join(f"{line}\n" for line in lines), "utf-8")
    assert _found(engine) == [AnchorCode.HEADS_GONE]
    kept.unlink()
    assert _found(engine) == [AnchorCode.HEADS_GONE]


def test_the_worker_notes_how_many_heads_it_kept(engine: Engine) -> None:
    _write(engine)
    scheduled_jobs.anchor_record()
    anchor.file_of(home()).unlink()
    assert _found(engine) == [AnchorCode.HEADS_GONE]
