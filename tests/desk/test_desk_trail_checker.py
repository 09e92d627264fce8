"""A checker without our code takes the honest record and refuses every altered one."""

import ast
import json
import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import Engine

from core.audit import anchor, trail
from core.cli.main import main
from core.config import home
from core.store import db
from scripts import check_trail

SCRIPT = Path(check_trail.__file__)
Rows = list[dict[str, Any]]
FIELDS = ("actor", "action", "subject", "detail", "at", "order_id", "address", "way", "person_id")


@pytest.fixture
def exported(engine: Engine, tmp_path: Path) -> tuple[list[str], list[str], str]:
    """The lines of a record of 40 rows, two heads, and the public key."""
    for number in range(40):
        with db.writing(engine) as connection:
            detail = {"n": number, "sum": 12.5, "of": ["ț", "\u2028", None]}
            trail.record(connection, "tested", f"order #{number}", detail, None, name="Ana")
        if number in (19, 39):
            with db.reading(engine) as connection:
                anchor.keep_head(connection, home())
    file = tmp_path / "trail.jsonl"
    done = CliRunner().invoke(main, ["trail", "export", str(file)])
    assert done.exit_code == 0, done.output
    heads = anchor.file_of(home()).read_text("utf-8").splitlines()
    return file.read_text("utf-8").split("\n")[:-1], heads, anchor.public_key(home())


def test_the_checker_has_no_code_of_ours() -> None:
    tree = ast.parse(SCRIPT.read_text("utf-8"))
    names = {
        (one.module or "") if isinstance(one, ast.ImportFrom) else one.names[0].name
        for one in ast.walk(tree)
        if isinstance(one, ast.Import | ast.ImportFrom)
    }
    known = {"argparse", "base64", "hashlib", "json", "sys", "pathlib", "typing", "cryptography"}
    assert {name.partition(".")[0] for name in names} <= {*known, "collections"}


def test_the_honest_record_is_taken_also_where_it_grew_since(exported: Any, tmp_path: Path) -> None:
    lines, heads, key = exported
    assert check_trail.check(lines, heads, key) == 40
    assert check_trail.check(lines, heads[:1], key) == 40
    trail_file, head_file = tmp_path / "t.jsonl", tmp_path / "h.jsonl"
    trail_file.write_text("\n".join(lines) + "\n", "utf-8")
    head_file.write_text("\n".join(heads) + "\n", "utf-8")
    done = subprocess.run(
        [sys.executable, "-I", SCRIPT, trail_file, "--key", key, "--head", head_file],
        cwd=tmp_path, capture_output=True, text=True,
    )  # fmt: skip
    assert (done.returncode, done.stdout.strip()) == (0, "honest: 40 rows, 2 heads")


def _rehash(rows: Rows) -> None:
    previous = trail.FIRST
    for row in rows:
        row["previous_hash"] = previous
        row["hash"] = previous = check_trail._digest(previous, row)


def _field(dice: random.Random, rows: Rows) -> None:
    row, name = dice.choice(rows), dice.choice(FIELDS)
    row[name] = [row[name], dice.random()]


def _forged(dice: random.Random, rows: Rows) -> None:
    _field(dice, rows)
    _rehash(rows)  # the recipe is public


def _cut(dice: random.Random, rows: Rows) -> None:
    del rows[-dice.randint(1, len(rows)) :]


def _gap(dice: random.Random, rows: Rows) -> None:
    del rows[dice.randrange(len(rows))]
    _rehash(rows)


def _added(dice: random.Random, rows: Rows) -> None:
    at = dice.randrange(len(rows))
    rows.insert(at, {**rows[at], "subject": "order #forged"})
    for number, row in enumerate(rows, rows[0]["id"]):
        row["id"] = number
    _rehash(rows)


def _swapped(dice: random.Random, rows: Rows) -> None:
    one, other = dice.sample(range(len(rows)), 2)
    rows[one], rows[other] = rows[other], rows[one]


def _renumbered(dice: random.Random, rows: Rows) -> None:
    dice.choice(rows)["id"] += dice.choice([-60, -1, 1, 60])


def _bit(dice: random.Random, rows: Rows) -> None:
    row, name = dice.choice(rows), dice.choice(("hash", "previous_hash"))
    at = dice.randrange(64)
    row[name] = row[name][:at] + ("0" if row[name][at] != "0" else "1") + row[name][at + 1 :]


def _lacking(dice: random.Random, rows: Rows) -> None:
    del dice.choice(rows)[dice.choice(FIELDS)]


WAYS: list[Callable[[random.Random, Rows], None]] = [
    _field, _forged, _cut, _gap, _added, _swapped, _renumbered, _bit, _lacking,
]  # fmt: skip


def test_a_thousand_of_a_thousand_altered_records_are_refused(exported: Any) -> None:
    lines, heads, key = exported
    dice, refused = random.Random(2020), 0
    for number in range(1_000):
        rows = [json.loads(line) for line in lines]
        WAYS[number % len(WAYS)](dice, rows)
        altered = [json.dumps(row, ensure_ascii=False) for row in rows]
        assert [json.loads(one) for one in altered] != [json.loads(one) for one in lines]
        with pytest.raises(check_trail.AlteredError):
            check_trail.check(altered, heads, key)
        refused += 1
    assert refused == 1_000


def test_a_head_of_another_key_or_changed_by_a_letter_proves_nothing(exported: Any) -> None:
    lines, heads, key = exported
    other = json.loads(heads[0]) | {"rows": 21}
    for wrong in ([json.dumps(other)], ["{}"], ["no json"], []):
        with pytest.raises(check_trail.AlteredError):
            check_trail.check(lines, wrong, key)
    with pytest.raises(check_trail.AlteredError):
        check_trail.check(lines, heads, anchor.base64.b64encode(bytes(32)).decode())


def test_a_head_kept_outside_is_not_replaced_by_one_signed_anew(engine: Engine) -> None:
    """Whoever rewrites the record on its own machine has the key there, and signs again."""
    files = []
    for subject in ("true", "forged"):
        with db.writing(engine) as connection:
            trail.record(connection, "tested", subject, {}, None, name="Ana")
        with db.reading(engine) as connection:
            files.append(anchor.head_now(connection, home()))
    first, second = (json.loads(one) for one in files)
    second |= {"id": first["id"], "rows": first["rows"]}
    head = anchor.Head(**{name: second[name] for name in check_trail.SIGNED})
    forged = anchor._signed(head, home())
    key = anchor.public_key(home())
    with db.reading(engine) as connection:
        lines = [trail.as_line(one) for one in trail.export(connection)]
    for heads in ([files[0], forged], [forged, files[0]]):
        with pytest.raises(check_trail.AlteredError, match="do not agree"):
            check_trail.check(lines, heads, key)
    assert check_trail.check(lines, [files[0], files[0]], key) == 2
