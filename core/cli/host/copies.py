"""`refuz backup`, `refuz restore`, `refuz migrate`: the desk's copies and its schema."""

from pathlib import Path

from core.audit import anchor, timestamps, trail
from core.audit.actions import Action
from core.cli import say
from core.config import Home, home
from core.people import restored
from core.reasons import Reason
from core.reversal.codes import ReversalCode
from core.reversal.runs import run_control
from core.reversal.worker import slots
from core.store import archive, db
from core.store.statements import cursors


def backup(file: Path, since: Path | None, *, as_json: bool) -> None:
    """Write one archive of database, pictures and signed heads."""
    where = home()
    try:
        with db.reading() as connection:
            head = anchor.head_now(connection, where)
        made = archive.write(where, file, head, anchor.file_of(where), since)
        with db.writing() as connection:
            cursors.save(connection, cursors.BACKUP, {"bytes": made.size})
        _keep_stamp(where)
    except db.StoreError as error:
        say.give_up(str(error))
    if as_json:
        say.record({"file": str(file), "bytes": made.size, "pictures": made.pictures,
                    "earlier": made.earlier, "head": head})  # fmt: skip
        return
    elsewhere = f", {made.earlier} more in earlier ones" if made.earlier else ""
    say.line(
        f"{file}: {made.size:,} bytes, pictures: {made.pictures}{elsewhere}. "
        "Keep secret.key and anchor.key of REFUZ_HOME elsewhere."
    )


def _keep_stamp(where: Home) -> None:
    """A copy is whole without a stamp; why there is none is said."""
    try:
        with db.reading() as connection:
            timestamps.keep_stamp(connection, where)
    except timestamps.StampError as error:
        say.line(say.words(error.reason))


def restore(file: Path) -> None:
    """Put a backup in place of the database, and back the pictures that are gone."""
    where = home()
    try:
        place = slots.take(where)  # no worker may begin meanwhile
    except slots.SlotTakenError:
        say.give_up("A worker is running on this REFUZ_HOME. Stop the dashboard and it first.")
    db.engine(where).dispose()  # what is open shows the file that is replaced
    try:
        kept = archive.restore(where, file)
        db.migrate(where)
        with db.writing(db.engine(where)) as connection:
            run_control.pause_all(connection, Reason(ReversalCode.BACKUP_RESTORED))
            detail = {"kept": kept.name, "sessions": restored.close(connection)}
            trail.record(connection, Action.BACKUP_RESTORED, file.name, detail)
    except db.StoreError as error:
        say.give_up(str(error))
    finally:
        place.release()
    say.line(
        f"Restored. What was there before is kept as {kept}. Everybody signs in again; phones, "
        "programs, stations, badges and invitations need a new code, token, barcode or link."
    )


def migrate(*, check: bool, as_json: bool) -> int:
    """Bring the schema up to date, or only say whether it is; exit status 1 when it is not."""
    before = db.schema()
    if not check:
        db.migrate()
    after = db.schema()
    if as_json:
        say.record({"before": before.here, "here": after.here, "newest": after.newest})
    elif after.here == after.newest:
        say.line(f"The database has schema {after.here}, the newest that this Refuz knows.")
    else:
        say.line(
            f"The database has schema {after.here or 'none'}; `refuz migrate` brings it to "
            f"{after.newest} and copies it into REFUZ_HOME first."
        )
    return 0 if after.here == after.newest else 1
