"""The weekly digest says what the figures say, is kept as a file, and goes out by SMTP once."""

import json
import re
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pandas as pd
import pytest
from insight_mailbox import Mailbox
from insight_truth import TODAY
from matplotlib.figure import Figure
from sqlalchemy import Engine

from core.cli import digest as cli_digest
from core.errors import UserError
from core.insight import figures
from core.insight.charts.style import OUTCOMES
from core.insight.reports import mail, paper
from core.insight.reports.digest import Digest, digest
from core.settings.preferences import Preferences

World = tuple[Engine, pd.DataFrame]
COSTS = figures.Costs.of(Preferences())
LETTER = Digest(date(2026, 11, 16), "Refuz, week of 16.11.2026", "<!doctype html><p>ș</p>")


def row(html: str, label: str) -> list[int]:
    """The numbers of a row of the first table."""
    cells = html.split(f"<td>{label}</td>")[1].split("</tr>", maxsplit=1)[0]
    return [int(part.split("<")[0].replace(",", "")) for part in cells.split('<td class="n">')[1:]]


def test_the_weeks_events_equal_a_count_of_the_rows(world: World) -> None:
    source, frame = world
    made = digest(source, TODAY, COSTS, 14)
    assert made.monday == date(2026, 11, 9)
    refused = frame[frame["outcome"] == "refused"]
    for label, days in (
        ("parcels shipped", frame["shipped_on"]),
        ("refusals the couriers told of", refused["outcome_on"]),
        ("refused parcels back at the desk", refused["scanned_on"]),
        ("refused orders cancelled", refused["cancelled_on"]),
        ("their invoices reversed", refused["reversed_on"]),
    ):
        truth = [
            int(days.between(pd.Timestamp(first), pd.Timestamp(first + timedelta(days=6))).sum())
            for first in (made.monday, made.monday - timedelta(days=7))
        ]
        assert row(made.html, label) == truth, label


def test_a_digest_carries_all_it_shows_and_is_kept_by_its_week(
    one_world: World, tmp_path: Path
) -> None:
    made = digest(one_world[0], TODAY, COSTS, 14)
    assert made.html.count("<svg") == 2
    assert "src=" not in made.html
    assert "<script" not in made.html
    file = made.save(tmp_path / "digests")
    assert file.name == "digest-2026-W46.html"
    assert made.save(tmp_path / "digests") == file
    assert file.read_text(encoding="utf-8") == made.html


ENGLISH = (
    " the ", "parcels", "refused", "shipped", "last week", "couriers", "interval", "Products",
    "Counties", "Value", "estimated",
)  # fmt: skip


def test_a_digest_is_in_the_language_asked_for_with_the_same_figures(one_world: World) -> None:
    source = one_world[0]
    english, romanian = (digest(source, TODAY, COSTS, 14, of) for of in ("en", "ro"))
    assert 'lang="ro"' in romanian.html
    assert "săptămâna" in romanian.subject
    # drawn text is outlines; what is written stands outside of them
    written = [re.sub(r"(?s)<(style|svg).*?</\1>", "", one.html) for one in (english, romanian)]
    assert all(word in written[0] for word in ENGLISH)
    left = re.sub("interval de", "", written[1])
    assert [left[left.index(word) - 40 :][:80] for word in ENGLISH if word in left] == []
    drawn = [re.findall(r"(?s)<svg.*?</svg>", one.html) for one in (english, romanian)]
    assert all(one != other for one, other in zip(*drawn, strict=True))
    digits = [re.sub(r"\D", "", re.sub(r"(?<=95).?%", "", text)) for text in written]
    assert digits[0] == digits[1]


@pytest.mark.parametrize("language", ["en", "ro"])
def test_a_digest_writes_days_money_and_percent_as_the_desk_does(
    one_world: World, language: str
) -> None:
    html = digest(one_world[0], TODAY, COSTS, 14, language).html
    written = re.sub(r"(?s)<(style|svg).*?</\1>", "", html)
    assert re.search(r"\d lei", written)
    assert "RON" not in written
    assert not re.search(r"[;,] [A-Z]", written), "a sentence in the middle of another"
    assert bool(re.search(r"\d%", written)) == (language == "en")


def test_the_weeks_of_the_digests_chart_are_days_as_people_write_them() -> None:
    weeks = pd.DataFrame({"cohort": pd.date_range("2026-09-07", periods=9, freq="7D")})
    weekly = weeks.assign(**dict.fromkeys(OUTCOMES, 3))
    with paper.drawing():
        figure = Figure()
        axes = figure.add_subplot()
        paper.bands(axes, weekly)
        figure.canvas.draw()
        shown = [one.get_text() for one in axes.get_xticklabels()]
    assert shown
    assert all(re.fullmatch(r"\d{2}\.\d{2}\.2026", one) for one in shown), shown


@pytest.mark.parametrize(
    ("wanted", "subject"), [("ro", "săptămâna"), ("en", "week of"), ("auto", "week of")]
)
def test_the_digest_that_is_sent_is_in_the_desks_language(
    one_world: World, monkeypatch: pytest.MonkeyPatch, wanted: str, subject: str
) -> None:
    monkeypatch.setattr(cli_digest.preferences, "load", lambda _: Preferences(language=wanted))
    reading = cli_digest.db.reading
    monkeypatch.setattr(cli_digest.db, "reading", lambda of=None: reading(of or one_world[0]))
    monkeypatch.setattr(cli_digest.db, "engine", lambda: one_world[0])
    monkeypatch.setattr(cli_digest, "today", lambda _zone: TODAY)
    assert subject in cli_digest._make().subject


def test_the_mail_around_a_digest_is_in_its_language() -> None:
    with Mailbox() as box:
        url = f"smtp://127.0.0.1:{box.port}"
        settings = {"REFUZ_SMTP_URL": url, "REFUZ_DIGEST_TO": "a@b.c", "REFUZ_DIGEST_FROM": "d@e.f"}
        post = mail.configured(settings)
        assert post is not None
        post.send(replace(LETTER, language="ro"), "the head", "the stamp")
    body = box.messages[0].get_body(("plain",))
    assert body is not None
    text = body.get_content()
    assert "browser" in text
    assert "attached" not in text
    assert "signed" not in text
    assert {"the head", "the stamp"} <= set(text.splitlines())


def test_digests_of_two_years_are_kept_and_no_other_file_goes(tmp_path: Path) -> None:
    other = tmp_path / "digest-notes.html"
    other.write_text("mine")
    first = date(2024, 1, 1)
    for week in range(110):
        replace(LETTER, monday=first + timedelta(days=7 * week)).save(tmp_path)
    kept = sorted(one.name for one in tmp_path.glob("digest-????-W??.html"))
    assert len(kept) == 104
    assert kept[0] == "digest-2024-W07.html"
    assert other.exists()


def test_without_parcels_there_is_nothing_to_tell(engine: Engine) -> None:
    with pytest.raises(UserError, match="no parcels yet"):
        digest(engine, TODAY, COSTS, 14)


def test_the_digest_arrives_whole_at_every_address() -> None:
    with Mailbox() as box:
        post = mail.configured(
            {
                "REFUZ_SMTP_URL": f"smtp://127.0.0.1:{box.port}",
                "REFUZ_DIGEST_TO": "ana@example.com, radu@example.com",
                "REFUZ_DIGEST_FROM": "storno@example.com",
            }
        )
        assert post is not None
        post.send(LETTER)
    assert box.recipients == ["<ana@example.com>", "<radu@example.com>"]
    assert len(box.messages) == 1
    message = box.messages[0]
    assert message["Subject"] == LETTER.subject
    assert message.get_body(("html",)).get_content().strip() == LETTER.html
    assert [one.get_filename() for one in message.iter_attachments()] == ["digest-2026-11-16.html"]


def test_the_mail_carries_the_record_s_head_letter_for_letter() -> None:
    head = '{"rows": 7, "id": 7, "hash": "' + "ab" * 32 + '", "signature": "' + "x" * 86 + '=="}'
    with Mailbox() as box:
        url = f"smtp://127.0.0.1:{box.port}"
        settings = {"REFUZ_SMTP_URL": url, "REFUZ_DIGEST_TO": "a@b.c", "REFUZ_DIGEST_FROM": "d@e.f"}
        post = mail.configured(settings)
        assert post is not None
        post.send(LETTER, head)
    body = box.messages[0].get_body(("plain",))
    assert body is not None
    assert head in body.get_content().splitlines()


def test_no_password_goes_to_a_server_without_encryption() -> None:
    with Mailbox() as box:
        url = f"smtp://ana%40example.com:secret@127.0.0.1:{box.port}"
        post = mail.configured({"REFUZ_SMTP_URL": url, "REFUZ_DIGEST_TO": "ana@example.com"})
        assert post is not None
        with pytest.raises(mail.MailError, match="no encryption"):
            post.send(LETTER)
    assert not any(line.upper().startswith("AUTH") for line in box.lines)
    assert box.messages == []


@pytest.mark.parametrize(
    ("settings", "word"),
    [
        ({"REFUZ_SMTP_URL": "mail.example", "REFUZ_DIGEST_TO": "a@b.c"}, "must read like"),
        ({"REFUZ_SMTP_URL": "smtp://mail.example"}, "e-mail addresses"),
        ({"REFUZ_SMTP_URL": "smtp://m.example", "REFUZ_DIGEST_TO": "ana"}, "e-mail addresses"),
    ],
)
def test_what_makes_no_sense_is_said(settings: dict[str, str], word: str) -> None:
    with pytest.raises(mail.MailError, match=word):
        mail.configured(settings)
    assert mail.configured({}) is None


def test_the_command_writes_the_page_and_says_where(
    one_world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    from core.cli.main import main

    monkeypatch.setenv("REFUZ_HOME", str(tmp_path))
    monkeypatch.setenv("REFUZ_DATABASE_URL", str(one_world[0].url))
    with pytest.raises(SystemExit) as ended:
        main(["digest", "--out", str(tmp_path / "digest.html"), "--json"])
    assert ended.value.code == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed["file"] == str(tmp_path / "digest.html")
    assert printed["sent_to"] == []
    assert printed["subject"] in (tmp_path / "digest.html").read_text(encoding="utf-8")


def test_the_worker_knows_the_digest_and_the_packing_by_its_timetable() -> None:
    from core.cli import timetable
    from core.reversal.worker import scheduled_jobs

    timetable.announce()
    for title, (_, job) in timetable.SCHEDULES.items():
        assert scheduled_jobs.SCHEDULES[title][1] == job
        assert callable(scheduled_jobs.JOBS[job])
