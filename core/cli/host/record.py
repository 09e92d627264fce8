"""`refuz trail export` and `refuz trail head`: the record, to be checked elsewhere."""

import json
from pathlib import Path

from core.audit import anchor, trail
from core.cli import say
from core.config import home
from core.store import db


def export(file: Path) -> None:
    """Write every row of the record, a JSON object a line, oldest first."""
    db.migrate()
    rows = 0
    with file.open("w", encoding="utf-8") as out, db.reading() as connection:
        for one in trail.export(connection):
            out.write(trail.as_line(one) + "\n")
            rows += 1
    trail.file_exported(file.name, rows)
    say.line(
        f"{file}: {rows} rows. Check them anywhere with scripts/check_trail.py, the public key "
        f"{anchor.public_key(home())} and a head that was kept outside."
    )


def head(*, as_json: bool) -> None:
    """Print the signed head as it is now, and the public key."""
    db.migrate()
    with db.reading() as connection:
        line = anchor.head_now(connection, home())
    if not line:
        say.give_up("The record is empty.")
    key = anchor.public_key(home())
    if as_json:
        say.record({"head": json.loads(line), "public_key": key})
    else:
        print(line)
        say.line(f"Public key: {key}")
