"""Alarms: told in the reader's words where they are seen, not where one is already looking."""

import pytest
from pages_support import open_page
from sqlalchemy import Engine

from core.audit import alarms
from core.reversal.runs.run_control import DISK
from core.reversal.worker.scheduled_jobs import STAMPS
from core.store import db
from core.store.disk import DiskCode
from pages.common.plain import plain

pytestmark = pytest.mark.parametrize("desk", ["empty"], indirect=True)


def _ring(*subjects: str) -> None:
    with db.writing() as connection:
        for subject in subjects:
            alarms.ring(connection, DISK, subject, DiskCode.SHORT.of(free=43))


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "43 MB are left. Runs are paused"), ("ro", "mai sunt 43 MB. Procesările")],
)
def test_one_alarm_says_on_every_page_what_is_wrong(
    desk: Engine, language: str, words: str
) -> None:
    """ "1 alarm" told whoever drops photos nothing of the disk."""
    _ring(DISK)
    for page in ("scan", "review", "history"):
        [said] = [one.value for one in open_page(page, language).error]
        assert plain(words) in said


def test_several_alarms_are_counted(desk: Engine) -> None:
    _ring(DISK, "shop Casa Verde", "courier Sameday")
    [said] = [one.value for one in open_page("review", "ro").error]
    assert said == plain("3 alarme: vedeți De rezolvat.")


@pytest.mark.parametrize(
    ("subject", "named"),
    [(DISK, "discul"), ("shop Casa Verde", "magazinul Casa Verde"),
     (STAMPS, "mărcile de timp ale jurnalului")],
)  # fmt: skip
def test_follow_up_names_what_an_alarm_is_about_and_does_not_lead_to_itself(
    desk: Engine, subject: str, named: str
) -> None:
    _ring(subject)
    app = open_page("follow_up", "ro")
    assert not app.error
    assert any(f"**{plain(named)}**" in one.value for one in app.markdown)
