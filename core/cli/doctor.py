"""`refuz doctor`: is everything as it should be, and if not, what to do."""

from collections.abc import Iterator
from dataclasses import dataclass

from core.audit import anchor, timestamps, trail
from core.cli import say
from core.config import Home, home, readable_by_others
from core.i18n.letters import visible
from core.i18n.reasons import sentence
from core.intake.doors import print_unavailable, readers_available
from core.reversal.checks import record, recorded
from core.reversal.worker import heartbeat, slots
from core.services import registry
from core.services.codes import ConnectionCode
from core.services.ports import Finding
from core.settings import connections
from core.settings.connections import Connection
from core.store import backup, db

EVERYTHING = "all"


@dataclass(frozen=True)
class Check:
    """One line: what was looked at, whether it is well, what to do if not. In English."""

    what: str
    ok: bool
    say: str = ""


def run(live: str | None, *, as_json: bool) -> int:
    """Print a line a check; exit status 1 when one of them is bad."""
    where = home()
    db.migrate(where)
    bad = 0
    for finding in _checks(where, live):
        bad += not finding.ok
        if as_json:
            say.record({"what": finding.what, "ok": finding.ok, "say": finding.say})
        else:
            print(f"{'ok ' if finding.ok else 'BAD'}  {finding.what:32} {finding.say}")
    return 1 if bad else 0


def _checks(where: Home, live: str | None) -> Iterator[Check]:
    yield _database(where)
    yield _modes(where)
    yield _chain(where)
    yield _anchor(where)
    yield from _stamps(where)
    yield _state(where)
    for reader, missing in readers_available().items():
        yield Check(f"barcode reader {reader}", True, missing or "")
    yield Check("printed text", True, print_unavailable())
    yield _worker(where)
    if live:
        yield from _live(live)


def _worker(where: Home) -> Check:
    if heartbeat.worker_hangs(where):
        return Check("worker", False, "runs but was not heard of for two minutes: restart Refuz")
    alive = slots.worker_alive(where)
    return Check("worker", True, "running" if alive else "not running (`refuz serve` starts it)")


def _database(where: Home) -> Check:
    file = where.database_file
    if file is None:
        return Check("database", True, "PostgreSQL, schema up to date")
    try:
        backup.check(file)
    except db.StoreError as error:
        return Check("database", False, str(error))
    return Check("database", True, f"{file.stat().st_size:,} bytes, integrity ok")


def _modes(where: Home) -> Check:
    found = readable_by_others(where)
    if not found:
        return Check("file modes", True, "readable by their owner only")
    names = ", ".join(one.name for one in found[:5])
    advice = f"other users of this machine can read {names}. Run: chmod -R go= {where.root}"
    return Check("file modes", False, advice)


def _chain(where: Home) -> Check:
    with db.reading(db.engine(where)) as connection:
        verdict = trail.verify(connection)
    if verdict.ok:
        return Check("audit chain", True, f"{verdict.rows} rows, unbroken")
    return Check(
        "audit chain",
        False,
        f"broken at row {verdict.broken_at}: a row was changed outside Refuz. "
        "Compare with a backup.",
    )


def _anchor(where: Home) -> Check:
    """The signed heads of the trail against the trail."""
    with db.reading(db.engine(where)) as connection:
        found = anchor.disagreements(connection, where)
    if found:
        return Check("audit anchor", False, " ".join(map(sentence, found[:5])))
    agreement = f"agrees with {anchor.file_of(where)}; public key {anchor.public_key(where)}"
    return Check("audit anchor", True, agreement)


def _state(where: Home) -> Check:
    """What the tables of orders, invoices and effects say of each other and of the record."""
    with db.reading(db.engine(where)) as connection:
        found = [*record.misfits(connection, None), *recorded.misfits(connection)]
    lines = [f"{subject}: {sentence(why)}" for subject, why in found[:5]]
    return Check("state and record", not found, visible(" ".join(lines)) or "agree")


def _stamps(where: Home) -> Iterator[Check]:
    """Nothing where no authority is configured."""
    try:
        if timestamps.configured() is None:
            return
        with db.reading(db.engine(where)) as connection:
            found = timestamps.disagreements(connection, where)
    except timestamps.StampError as error:
        found = [error.reason]
    summary = f"{timestamps.kept(where)} in {timestamps.file_of(where)}"
    yield Check("audit time stamps", not found, " ".join(map(sentence, found[:5])) or summary)


def _live(service: str) -> Iterator[Check]:
    """What the connections to a service (or "all" of them) say of themselves; only reads."""
    with db.reading() as connection:
        everything = connections.all_connections(connection)
    chosen = [one for one in everything if service in (one.service, EVERYTHING)]
    if not chosen:
        connected = ", ".join(sorted({one.service for one in everything})) or "none"
        yield Check(service, False, f"Not connected. Connected services: {connected}.")
    for one in chosen:
        title = registry.info(one.service).title
        for finding in _asked(one):
            what, answer = (say.words(one) for one in (finding.what, finding.say))
            yield Check(f"{title}: {what}", finding.ok, answer)


def _asked(connection: Connection) -> list[Finding]:
    try:
        service = registry.adapter(connection)
    except (registry.UnknownService, registry.WrongSetting) as error:
        return [Finding(ConnectionCode.IS_SET_UP, False, error.reason)]
    return service.check()
