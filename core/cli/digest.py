"""`refuz digest`, and the same every Monday morning by the worker."""

from pathlib import Path

import structlog

from core import logs
from core.audit import anchor, timestamps
from core.cli import say
from core.clock import today
from core.config import home
from core.errors import UserError
from core.i18n import language
from core.insight import figures
from core.insight.reports import mail
from core.insight.reports.digest import Digest, digest
from core.settings import preferences
from core.store import db

log = structlog.get_logger(__name__)


def run(out: Path | None, *, send: bool, as_json: bool) -> int:
    """Write the digest of the last whole week; send it where asked."""
    db.migrate()
    try:
        made = _make()
        file = _keep(made, out)
        post = mail.configured() if send else None
        if send and post is None:
            say.give_up("Set REFUZ_SMTP_URL and REFUZ_DIGEST_TO to send the digest.")
        if post is not None:
            post.send(made, *_anchored())
    except (UserError, OSError) as error:
        say.give_up(str(error))
    sent = list(post.to) if post else []
    if as_json:
        say.record({"file": str(file), "subject": made.subject, "sent_to": sent})
    else:
        recipients = f", sent to {', '.join(sent)}" if sent else ""
        say.line(f"{made.subject}\n{file}{recipients}")
    return 0


def weekly() -> None:
    """Write the digest, and send it where that is configured; a scheduled job of the worker.

    Does nothing but log where there are no parcels yet.
    """
    try:
        made = _make()
    except UserError as error:
        log.info("no digest", why=logs.what(error))
        return
    file = _keep(made, None)
    post = mail.configured()
    if post is not None:
        post.send(made, *_anchored())
    log.info("digest made", file=str(file), sent_to=list(post.to) if post else [])


def _make() -> Digest:
    with db.reading() as connection:
        wanted = preferences.load(connection)
    costs = figures.Costs.of(wanted)
    # Who it is sent to has set no language, and no browser asks for one: the desk's own.
    tongue = language.choose(wanted.language, None)
    return digest(db.engine(), today(wanted.zone), costs, wanted.missing_after_days, tongue)


def _anchored() -> tuple[str, str]:
    """The record's signed head and its time stamp, "" where no authority is configured or answers.

    A mail is a place that the database's owner cannot change.
    """
    with db.reading() as connection:
        head = anchor.head_now(connection, home())
        try:
            timestamps.keep_stamp(connection, home())
        except timestamps.StampError as error:
            log.warning("no_stamp_with_digest", why=logs.what(error))
            return head, ""
    return head, timestamps.newest(home())


def _keep(made: Digest, out: Path | None) -> Path:
    if out is None:
        return made.save(home().root / "digests")
    out.write_text(made.html, encoding="utf-8")
    return out
