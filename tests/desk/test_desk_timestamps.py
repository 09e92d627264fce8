"""An authority outside says when the record's head was so (RFC 3161).

The authority of these tests is OpenSSL's, with a key made here: another program than the one that
asks and checks.
"""

import base64
import datetime as dt
import http.server
import json
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from absent import absent
from sqlalchemy import Engine, select

from core.audit import anchor, timestamps, trail
from core.audit.anchor import AnchorCode
from core.audit.timestamps import StampCode
from core.cli import digest as weekly_mail
from core.config import home
from core.insight.reports import mail
from core.insight.reports.digest import Digest
from core.reversal.worker import scheduled_jobs
from core.store import db
from core.store.tables import alarms

OPENSSL = shutil.which("openssl") or ""
TSA = """
[ tsa ]
default_tsa = here
[ here ]
serial = {folder}/serial
signer_digest = sha256
default_policy = 1.3.6.1.4.1.55555.1
digests = sha256, sha512
accuracy = secs:1
ess_cert_id_alg = sha256
"""
STAMPS_ONLY = "extendedKeyUsage=critical,timeStamping"


def run(*command: str | Path) -> None:
    done = subprocess.run([OPENSSL, *command], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@dataclass
class Tsa:
    """A time stamp authority: its files, and what it does with the next answers."""

    folder: Path
    url: str = ""
    spoil: Callable[[bytes], tuple[int, bytes]] = field(default=lambda answer: (200, answer))

    @property
    def roots(self) -> Path:
        """The certificate that it is believed by."""
        return self.folder / "root.pem"

    def answer(self, query: bytes) -> bytes:
        """What OpenSSL answers to a query."""
        (self.folder / "query.tsq").write_bytes(query)
        run("ts", "-reply", "-config", self.folder / "tsa.cnf", "-section", "here",
            "-queryfile", self.folder / "query.tsq", "-signer", self.folder / "tsa.pem",
            "-inkey", self.folder / "tsa.key", "-out", self.folder / "answer.tsr")  # fmt: skip
        return (self.folder / "answer.tsr").read_bytes()


def made(folder: Path) -> Tsa:
    """Its root and its key; certificates of a day."""
    folder.mkdir()
    key = ("-newkey", "rsa:2048", "-nodes", "-days", "1")
    run("req", "-x509", *key, "-subj", "/CN=Root", "-keyout", folder / "root.key",
        "-out", folder / "root.pem")  # fmt: skip
    signed = ("-CA", folder / "root.pem", "-CAkey", folder / "root.key")
    run("req", "-x509", *key, "-subj", "/CN=Stamps", *signed, "-addext", STAMPS_ONLY,
        "-addext", "basicConstraints=critical,CA:FALSE", "-keyout", folder / "tsa.key",
        "-out", folder / "tsa.pem")  # fmt: skip
    (folder / "tsa.cnf").write_text(TSA.format(folder=folder))
    (folder / "serial").write_text("01")
    return Tsa(folder)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tsa]:
    pytest.importorskip("rfc3161_client", reason="pip install -r requirements/dev.txt")
    if not OPENSSL:
        absent("openssl is absent: apt-get install openssl.")
    tsa = made(tmp_path_factory.mktemp("authority") / "tsa")

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            assert self.headers["Content-Type"] == "application/timestamp-query"
            query = self.rfile.read(int(self.headers["Content-Length"]))
            status, body = tsa.spoil(tsa.answer(query))
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    tsa.url = f"http://127.0.0.1:{server.server_address[1]}/tsr"
    yield tsa
    server.shutdown()


@pytest.fixture
def stamped(authority: Tsa, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Tsa:
    """A desk with a few rows in its record, and the authority configured."""
    authority.spoil = lambda answer: (200, answer)
    monkeypatch.setenv("REFUZ_TIMESTAMP_URL", authority.url)
    monkeypatch.setenv("REFUZ_TIMESTAMP_ROOTS", str(authority.roots))
    write(engine, 3)
    return authority


def write(engine: Engine, rows: int) -> None:
    for number in range(rows):
        with db.writing(engine) as connection:
            trail.record(connection, "tested", f"order {number}", {"n": number}, name="ana")


def keep(engine: Engine) -> bool:
    with db.reading(engine) as connection:
        return timestamps.keep_stamp(connection, home())


def found(engine: Engine) -> list[str]:
    with db.reading(engine) as connection:
        return [one.code for one in timestamps.disagreements(connection, home())]


def test_a_head_is_stamped_once_and_again_when_something_was_written(
    stamped: Tsa, engine: Engine
) -> None:
    assert [keep(engine), keep(engine)] == [True, False]
    write(engine, 1)
    assert keep(engine)
    assert timestamps.kept(home()) == 2
    assert found(engine) == []


def test_openssl_alone_takes_a_kept_stamp_for_its_head_and_for_no_other(
    stamped: Tsa, engine: Engine, tmp_path: Path
) -> None:
    keep(engine)
    fields = json.loads(timestamps.file_of(home()).read_text())
    (tmp_path / "stamp.tsr").write_bytes(base64.b64decode(fields["response"]))
    check = ("ts", "-verify", "-in", tmp_path / "stamp.tsr", "-CAfile", stamped.roots, "-data")
    (tmp_path / "head").write_text(fields["head"])
    run(*check, tmp_path / "head")
    (tmp_path / "head").write_text(fields["head"].replace('"rows": 3', '"rows": 2'))
    with pytest.raises(AssertionError):
        run(*check, tmp_path / "head")


def test_a_record_that_was_made_anew_disagrees_with_its_stamp_though_its_key_is_known(
    stamped: Tsa, engine: Engine
) -> None:
    """The anchors' file is made anew as well, with the desk's own key."""
    keep(engine)
    with db.writing(engine) as connection:
        triggers = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'audit'"
        for (name,) in connection.exec_driver_sql(triggers).all():
            connection.exec_driver_sql(f"DROP TRIGGER {name}")
        connection.exec_driver_sql("DELETE FROM audit WHERE id > 1")
    anchor.file_of(home()).unlink(missing_ok=True)
    with db.reading(engine) as connection:
        anchor.keep_head(connection, home())
    assert found(engine) == [AnchorCode.HEAD_GONE]


@pytest.mark.parametrize("changed", ["head", "response", "swapped"])
def test_a_stamp_of_another_head_or_a_changed_one_is_none(
    changed: str, stamped: Tsa, engine: Engine
) -> None:
    keep(engine)
    write(engine, 1)
    keep(engine)
    first, second = map(json.loads, timestamps.file_of(home()).read_text().splitlines())
    match changed:
        case "head":
            first["head"] = first["head"].replace('"rows": 3', '"rows": 9')
        case "response":
            first["response"] = first["response"][:400] + "AAAA" + first["response"][404:]
        case "swapped":
            first["response"] = second["response"]
    timestamps.file_of(home()).write_text(f"{json.dumps(first)}\n{json.dumps(second)}\n")
    assert found(engine) == [StampCode.NOT_ITS]


def test_a_stamp_by_another_authority_is_not_taken(
    stamped: Tsa, engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REFUZ_TIMESTAMP_ROOTS", str(made(tmp_path / "other").roots))
    with pytest.raises(timestamps.StampError) as refused:
        keep(engine)
    assert refused.value.reason.code == StampCode.NOT_SIGNED
    assert timestamps.kept(home()) == 0


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (lambda answer: (500, answer), StampCode.NOT_GIVEN),
        (lambda answer: (302, answer), StampCode.NOT_GIVEN),
        (lambda _: (200, b""), StampCode.NOT_SIGNED),
        (lambda _: (200, b"<html>busy</html>"), StampCode.NOT_SIGNED),
        (lambda answer: (200, answer[:-9]), StampCode.NOT_SIGNED),
        (lambda answer: (200, answer + bytes(200_000)), StampCode.NOT_GIVEN),
    ],
    ids=["error", "redirect", "nothing", "a page", "cut", "much"],
)  # fmt: skip
def test_whatever_an_authority_answers_is_a_stamp_or_an_alarm_that_ends_with_the_next_one(
    spoil: Callable[[bytes], tuple[int, bytes]], why: StampCode, stamped: Tsa, engine: Engine
) -> None:
    stamped.spoil = spoil
    scheduled_jobs.stamp_record()
    assert timestamps.kept(home()) == 0
    assert open_alarms(engine) == [why]
    stamped.spoil = lambda answer: (200, answer)
    scheduled_jobs.stamp_record()
    assert timestamps.kept(home()) == 1
    assert open_alarms(engine) == []


def open_alarms(engine: Engine) -> list[str]:
    query = select(alarms.c.reason).where(alarms.c.cleared_at.is_(None))
    with db.reading(engine) as connection:
        return [one.code for one in connection.scalars(query)]


@pytest.mark.parametrize(
    ("variables", "code"),
    [
        ({"REFUZ_TIMESTAMP_URL": "ftp://x"}, StampCode.NO_ADDRESS),
        ({"REFUZ_TIMESTAMP_URL": "https://u:p@tsa.example"}, StampCode.NO_ADDRESS),
        ({"REFUZ_TIMESTAMP_URL": "https://tsa.example"}, StampCode.NO_ROOTS),
        ({"REFUZ_TIMESTAMP_URL": "https://tsa.example", "REFUZ_TIMESTAMP_ROOTS": __file__},
         StampCode.NO_ROOTS),
    ],
)  # fmt: skip
def test_settings_that_cannot_be_meant_are_told(variables: dict[str, str], code: StampCode) -> None:
    with pytest.raises(timestamps.StampError) as refused:
        timestamps.configured(variables)
    assert refused.value.reason.code == code


def test_without_an_authority_nothing_is_stamped_or_told(engine: Engine) -> None:
    write(engine, 1)
    assert not keep(engine)
    assert found(engine) == []


def test_the_digest_s_mail_carries_the_head_and_its_stamp_and_goes_without_one_too(
    stamped: Tsa, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[tuple[str, str]] = []
    letter = Digest(dt.date(2026, 11, 16), "Refuz: the week of 16 November 2026", "<p>12 of 96</p>")

    class Post:
        to = ("owner@example.com",)

        def send(self, made: Digest, head: str, stamp: str) -> None:
            assert made is letter
            sent.append((head, stamp))

    monkeypatch.setattr(weekly_mail, "_make", lambda: letter)
    monkeypatch.setattr(weekly_mail.mail, "configured", Post)
    weekly_mail.weekly()
    stamped.spoil = lambda _answer: (503, b"")
    write(engine, 1)
    weekly_mail.weekly()
    (head, stamp), (later, none) = sent
    assert json.loads(json.loads(stamp)["head"])["hash"] == json.loads(head)["hash"]
    assert [json.loads(one)["rows"] for one in (head, later)] == [3, 4]
    assert none == ""
    post = mail.Post("mail.example", 25, False, "", "", "refuz@example.com", Post.to)
    body = post._message(letter, head, stamp).get_body(("plain",))
    assert body is not None
    assert stamp in body.get_content().splitlines()
