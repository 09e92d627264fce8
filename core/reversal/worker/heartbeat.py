"""A worker's sign of life: one that holds its slot's lock and does nothing is told as well."""

import datetime as dt

import structlog
from sqlalchemy.exc import SQLAlchemyError

from core import clock, config
from core.config import Home
from core.reversal.worker import slots
from core.store import db
from core.store.statements import cursors

log = structlog.get_logger(__name__)

SILENT_SECONDS = 120.0  # a worker that was not heard for so long hangs, whatever lock it holds


def beat(home: Home, worker: str) -> None:
    """The worker of this name says that it is at work; a database that is full may not know it."""
    try:
        with db.writing(db.engine(home)) as connection:
            cursors.save(connection, cursors.WORKER + worker, {})
    except SQLAlchemyError as error:
        log.warning("the worker's sign of life was not written", why=type(error).__name__)


def is_silent(heard: dt.datetime | None) -> bool:
    """Whether the worker heard last then is one that hangs."""
    return heard is None or (clock.now() - heard).total_seconds() > SILENT_SECONDS


def worker_hangs(where: Home | None = None) -> bool:
    """Whether a worker holds its place and was not heard of for long."""
    chosen = where or config.home()
    with db.reading(db.engine(chosen)) as connection:
        heard = cursors.newest(connection, cursors.WORKER)
    return is_silent(heard) and slots.worker_alive(chosen)
