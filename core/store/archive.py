"""One archive of all that a desk holds: database, pictures, signed heads; the key is kept apart.

A ZIP file for its owner only. `manifest.json` names every picture with its size and the archive
that holds it: this one, or an earlier one beside it, so that pictures are written once. PostgreSQL
is copied by pg_dump and put back by pg_restore, which must be of the server's version or newer.
"""

import contextlib
import hashlib
import json
import os
import shutil
import subprocess
import tempfile
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import make_url

from core.clock import now
from core.config import Home
from core.rights import Right, door
from core.store import backup, disk
from core.store.engines import StoreError

FORMAT = 1
COPIES = 3  # of the database before migrations that are kept
MANIFEST, SQLITE, POSTGRESQL, HEADS = "manifest.json", "refuz.db", "refuz.pgdump", "anchors.jsonl"
RESTORING = "restoring-"  # begins the folder in which an archive's parts are looked at
ENGINE_SCHEMA = "dbos"  # the engine's own notes: made anew from our tables


@dataclass(frozen=True)
class ArchiveSummary:
    """What an archive holds: its size in bytes, pictures in it, and those in earlier ones."""

    size: int
    pictures: int
    earlier: int


def _ask_for_room(folder: Path, size: int) -> None:
    """Before so many bytes are written below a folder. Raises StoreError."""
    try:
        disk.check_free_space(folder, size)
    except disk.DiskFull as full:
        raise StoreError(str(full)) from full


def _size_of_database(where: Home) -> int:
    """Bytes of a copy of the SQLite database at most; 0 where it is elsewhere."""
    files = (where.root / name for name in (SQLITE, f"{SQLITE}-wal"))
    return sum(one.stat().st_size for one in files if one.exists()) if where.on_sqlite else 0


@door(Right.HOST)
def write(
    where: Home, target: Path, head: str, heads: Path, since: Path | None = None
) -> ArchiveSummary:
    """Write everything to `target` while others go on; pictures that `since` knows stay there.

    `head`: the record's signed head now; `heads`: the file of those before. Raises StoreError.
    """
    earlier = _earlier_pictures(since, target)
    pictures = {file.stem: file for file in sorted(where.pictures.glob("??/*.bin"))}
    sizes = [file.stat().st_size for sha, file in pictures.items() if sha not in earlier]
    # A copy of the database beside the archive, and what goes into it.
    _ask_for_room(target.parent, 2 * _size_of_database(where) + sum(sizes))
    try:
        with backup.half_made(target) as part:
            listed = _write_parts(where, part, head, heads, earlier, pictures)
            part.replace(target)
    except OSError as error:
        raise StoreError(f"The backup was not written to {target} ({error.strerror}).") from error
    kept_before = sum(1 for one in listed.values() if one["in"])
    return ArchiveSummary(target.stat().st_size, len(listed) - kept_before, kept_before)


def _write_parts(
    where: Home,
    part: Path,
    head: str,
    heads: Path,
    earlier: Mapping[str, str],
    pictures: Mapping[str, Path],
) -> dict[str, Any]:
    """The whole archive into `part`; gives what the manifest says of each picture."""
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    listed: dict[str, object] = {}
    with (
        tempfile.TemporaryDirectory(dir=part.parent) as folder,
        os.fdopen(handle, "wb") as out,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive,
    ):
        name = SQLITE if where.on_sqlite else POSTGRESQL
        _copy_database(where, Path(folder) / name)
        archive.write(Path(folder) / name, name)
        if heads.exists():
            archive.writestr(HEADS, heads.read_bytes())
        for sha, file in pictures.items():
            size = file.stat().st_size
            if sha not in earlier:  # photos are packed already
                archive.write(file, f"pictures/{sha}.bin", zipfile.ZIP_STORED)
            listed[sha] = {"size": size, "in": earlier.get(sha, "")}
        made = {"format": FORMAT, "made_at": now().isoformat(), "database": name, "head": head,
                "pictures": listed}  # fmt: skip
        archive.writestr(MANIFEST, json.dumps(made, indent=1))
    return listed


def _earlier_pictures(since: Path | None, target: Path) -> dict[str, str]:
    """Each picture of an earlier archive, and the name of the one that holds it."""
    if since is None:
        return {}
    if since.resolve().parent != target.resolve().parent or since.name == target.name:
        raise StoreError("The earlier backup must lie in the same folder, under another name.")
    pictures = manifest(since)["pictures"]
    return {sha: one["in"] or since.name for sha, one in pictures.items()}


@door(Right.HOST)
def manifest(file: Path) -> Mapping[str, Any]:
    """What an archive says of itself. Raises StoreError for what is none of ours."""
    try:
        with zipfile.ZipFile(file) as archive:
            contents: dict[str, object] = json.loads(archive.read(MANIFEST))
    except (OSError, KeyError, ValueError, zipfile.BadZipFile) as error:
        raise StoreError(f"{file} is no Refuz backup ({error}).") from error
    if contents.get("format") != FORMAT:
        raise StoreError(f"{file} was made by another version of Refuz.")
    return contents


def _copy_database(where: Home, target: Path) -> None:
    if where.on_sqlite:
        backup.backup(where, target)
        return
    _postgres("pg_dump", where, "--format=custom", f"--exclude-schema={ENGINE_SCHEMA}",
              f"--file={target}")  # fmt: skip


@door(Right.HOST)
def restore(where: Home, file: Path) -> Path:
    """Put an archive in place; gives where the database that was there has been kept.

    Pictures that are here stay. Nothing is touched before every part was found whole; raises
    StoreError where one is missing, damaged, or of the other kind of database. A plain SQLite file,
    such as a copy that an upgrade or a restore has set aside, is put in place as well.
    """
    if where.on_sqlite and not zipfile.is_zipfile(file):
        return backup.restore(where, file)
    contents = manifest(file)
    if contents["database"] != (SQLITE if where.on_sqlite else POSTGRESQL):
        raise StoreError("This backup is of the other kind of database (SQLite or PostgreSQL).")
    for left in where.root.glob(f"{RESTORING}*"):  # of one that was ended in the middle
        shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(dir=where.root, prefix=RESTORING) as name:
        folder = Path(name)
        _take_out(where, file, contents, folder)
        kept = _put_back(where, folder / contents["database"])
        for one in folder.glob("*.bin"):
            there = where.pictures / one.stem[:2] / one.name
            there.parent.mkdir(parents=True, exist_ok=True)
            one.replace(there)
        own = where.root / HEADS
        if (folder / HEADS).exists() and not own.exists():
            (folder / HEADS).replace(own)
    return kept


def _take_out(where: Home, file: Path, contents: Mapping[str, Any], folder: Path) -> None:
    """Take the database and the pictures that are missing out into `folder`; raises StoreError."""
    wanted = {sha: one for sha, one in contents["pictures"].items()
              if not (where.pictures / sha[:2] / f"{sha}.bin").exists()}  # fmt: skip
    with contextlib.ExitStack() as stack:
        opened = {"": stack.enter_context(zipfile.ZipFile(file))}
        base = max((one.file_size for one in opened[""].infolist()
                    if one.filename == contents["database"]), default=0)  # fmt: skip
        # Taken out, put in place, and what was there set aside.
        pictures = sum(int(one["size"]) for one in wanted.values())
        _ask_for_room(where.root, 2 * base + _size_of_database(where) + pictures)
        for sha, one in wanted.items():
            name = Path(one["in"]).name  # of a file beside this one, whatever the archive says
            if name not in opened:
                opened[name] = stack.enter_context(_beside(file, name))
            _extract(opened[name], f"pictures/{sha}.bin", folder / f"{sha}.bin")
            with (folder / f"{sha}.bin").open("rb") as read:
                if hashlib.file_digest(read, "sha256").hexdigest() != sha:
                    raise StoreError(f"A picture in {file} is damaged; use another backup.")
        _extract(opened[""], contents["database"], folder / contents["database"])
        if HEADS in opened[""].namelist():
            _extract(opened[""], HEADS, folder / HEADS)


def _beside(file: Path, name: str) -> zipfile.ZipFile:
    there = file.with_name(name)
    if not there.exists():
        raise StoreError(f"{name} holds pictures of this backup; put it beside {file.name}.")
    manifest(there)
    return zipfile.ZipFile(there)


def _extract(archive: zipfile.ZipFile, name: str, target: Path) -> None:
    try:
        with archive.open(name) as source, target.open("wb") as out:
            shutil.copyfileobj(source, out, 2**20)
    except (KeyError, zipfile.BadZipFile, OSError, EOFError) as error:
        raise StoreError(f"{archive.filename} is damaged ({error}); use another one.") from error


def _put_back(where: Home, database: Path) -> Path:
    if where.on_sqlite:
        return backup.restore(where, database)
    kept = where.root / f"refuz.pgdump.before-restore-{now():%Y%m%d-%H%M%S}"
    _copy_database(where, kept)
    _postgres("pg_restore", where, "--clean", "--if-exists", "--no-owner", "--single-transaction",
              "--exit-on-error", str(database))  # fmt: skip
    return kept


def _postgres(program: str, where: Home, *options: str) -> None:
    """Run a program of PostgreSQL; the password goes by its environment."""
    found = shutil.which(program)
    if found is None:
        raise StoreError(f"{program} is not installed: a PostgreSQL database is copied with it.")
    url = make_url(where.database_url).set(drivername="postgresql")
    password = str(url.password or "")
    address = url.set(password=None).render_as_string(hide_password=False)
    done = subprocess.run(  # noqa: S603 (found on the path, our own options)
        [found, f"--dbname={address}", *options],
        env={**os.environ, **({"PGPASSWORD": password} if password else {})},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise StoreError(f"{program} failed: {done.stderr.strip()[-500:]}")


def before_migration(where: Home, revision: str) -> Path:
    """A copy of the database as it is under this revision, in the home; older ones go.

    Raises StoreError.
    """
    end = "db" if where.on_sqlite else "pgdump"
    target = where.root / f"before-migration-from-{revision}-{now():%Y%m%d-%H%M%S}.{end}"
    _ask_for_room(where.root, _size_of_database(where))
    _copy_database(where, target)
    target.chmod(0o600)
    copies = sorted(
        where.root.glob("before-migration-from-*"), key=lambda one: one.stem.split("-")[-2:]
    )
    for old in copies[:-COPIES]:
        old.unlink(missing_ok=True)
    return target
