"""What the worker does by schedule for Analytics; the rooms that do it load when their time comes.

Matplotlib and pandas are large, and a worker that only reverses invoices needs neither.
"""

from core.reversal.worker import scheduled_jobs

SCHEDULES = {
    "weekly digest": ("0 0 7 * * 1", "digest"),
    "pack ship days": ("0 5 * * * *", "pack"),
    "tell alarms": ("40 * * * * *", "alarms"),
}


def announce() -> None:
    """Give the worker the digest, the packing and the telling of alarms beside its own jobs."""
    scheduled_jobs.JOBS.update({"digest": _digest, "pack": _pack, "alarms": _alarms})
    scheduled_jobs.SCHEDULES.update(SCHEDULES)


def _digest() -> None:
    from core.cli import digest

    digest.weekly()


def _alarms() -> None:
    from core.insight.reports import happenings, notices

    notices.tell_open_alarms()
    happenings.post_new()


def _pack() -> None:
    from core.insight.store import packing
    from core.store import db

    packing.refresh(db.engine())
