"""The record's signed head finds what the chain alone cannot."""

import base64
import datetime as dt
import hashlib
import json
import random
import sqlite3
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from set_clock import SetClock
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


def _kept_over_days(engine: Engine, days: int, each: int, set_clock: SetClock) -> list[str]:
    """So many heads a day, the last day being today; gives the file's lines."""
    set_clock.stand_still(6)
    for day in range(days):
        for hour in range(each):
            set_clock.passed = dt.timedelta(days=day, hours=hour).total_seconds()
            _write(engine, 1)
            scheduled_jobs.anchor_record()
    return anchor.file_of(home()).read_text().splitlines()


def test_of_old_heads_the_last_of_each_day_stays_and_all_agrees(
    engine: Engine, set_clock: SetClock
) -> None:
    before = _kept_over_days(engine, 40, 3, set_clock)
    with anchor.alone(home()):
        assert anchor.thin(home()) == 2 * 8, "the eight days before the newest 31"
        assert anchor.thin(home()) == 0
    after = anchor.file_of(home()).read_text().splitlines()
    assert after == [*before[2 : 3 * 8 : 3], *before[3 * 8 :]]
    assert _found(engine) == []
    _write(engine, 1)
    scheduled_jobs.anchor_record()
    assert _found(engine) == []
    anchor.file_of(home()).write_text("".join(f"{one}\n" for one in after[3:]))
    assert _found(engine) == [AnchorCode.HEADS_GONE], "an emptied file is told as before"


def test_an_old_head_that_disagrees_or_is_nobodys_is_kept_for_who_looks(
    engine: Engine, home_dir: Path, set_clock: SetClock
) -> None:
    _kept_over_days(engine, 40, 3, set_clock)
    kept = anchor.file_of(home())
    lines = kept.read_text().splitlines()
    made_up = json.dumps({**json.loads(lines[1]), "rows": 7})
    lines[1] = made_up
    kept.write_text("".join(f"{one}\n" for one in lines))
    _tamper(home_dir, "UPDATE audit SET hash = 'x' || substr(hash, 2) WHERE id = 4")
    with anchor.alone(home()):
        anchor.thin(home())
    left = kept.read_text().splitlines()
    assert made_up in left
    assert lines[3] in left, "the head of the row that was changed"
    assert lines[0] not in left
    assert lines[4] not in left


def test_a_file_of_heads_elsewhere_is_its_owners(
    engine: Engine, tmp_path: Path, set_clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REFUZ_ANCHOR_FILE", str(tmp_path / "elsewhere.jsonl"))
    before = _kept_over_days(engine, 40, 2, set_clock)
    with anchor.alone(home()):
        assert anchor.thin(home()) == 0
    assert anchor.file_of(home()).read_text().splitlines() == before


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
    fields = json.loads(kept.read_text("utf-8").splitlines()[-1])
    kept.write_text(
        json.dumps({**fields, "rows": fields["rows"] - 1}) + "\nno line of ours\n", "utf-8"
    )
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
    fields = json.loads(anchor.file_of(home()).read_text("utf-8").splitlines()[-1])
    signature = base64.b64decode(fields.pop("signature"))
    public = Ed25519PublicKey.from_public_bytes(base64.b64decode(anchor.public_key(home())))
    honest = json.dumps(fields, sort_keys=True, separators=(",", ":")).encode()
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
