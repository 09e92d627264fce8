"""Every process logs alike: text or JSON, by level, ids bound, one line an effect's step."""

import asyncio
import json
import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from structlog.testing import capture_logs

from core.reasons import Reason
from core.reversal.codes import EffectCode
from core.reversal.effects import lines
from core.reversal.effects.ledger import Change, Effect
from core.server.request_log import RequestLog
from core.store.states import EffectKind, EffectState

ROOT = Path(__file__).resolve().parents[2]
SAYS = """
import logging, structlog
from core import logs
logs.configure()
log = structlog.get_logger("here")
with structlog.contextvars.bound_contextvars(reversal=7):
    log.info("effect_sent", target="T")
    log.debug("detail")
    logging.getLogger("some.library").warning("of a library")
    log.error("bad")
"""


def said(**environment: str) -> tuple[str, list[str]]:
    """What a process writes on standard output, and its lines on standard error."""
    done = subprocess.run(
        [sys.executable, "-c", SAYS], cwd=ROOT, capture_output=True, text=True, check=True,
        env={**os.environ, **environment},
    )  # fmt: skip
    return done.stdout, done.stderr.splitlines()


def test_json_is_one_object_a_line_with_the_ids_that_are_bound() -> None:
    out, lines_out = said(REFUZ_LOG_FORMAT="json", REFUZ_LOG_LEVEL="info")
    rows = [json.loads(line) for line in lines_out]
    assert out == ""
    assert [(row["event"], row["level"]) for row in rows] == [
        ("effect_sent", "info"), ("of a library", "warning"), ("bad", "error")
    ]  # fmt: skip
    assert {row["reversal"] for row in rows} == {7}
    assert all(row["timestamp"].endswith("Z") for row in rows)


def test_a_line_and_its_end_are_one_writing_so_that_no_process_writes_between() -> None:
    """Web, worker and sandbox share a log; in a container Python keeps nothing back."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)  # each writing stays apart
    with ours, theirs:
        subprocess.run(
            [sys.executable, "-c", SAYS], cwd=ROOT, stderr=theirs, check=True,
            env={**os.environ, "REFUZ_LOG_FORMAT": "json", "PYTHONUNBUFFERED": "1"},
        )  # fmt: skip
        ours.setblocking(False)
        writings = list(_received(ours))
    events = [json.loads(writing)["event"] for writing in writings]
    assert events == ["effect_sent", "of a library", "bad"]
    assert all(writing.endswith(b"}\n") for writing in writings)


def _received(end: socket.socket) -> Iterator[bytes]:
    with suppress(BlockingIOError):
        while True:
            yield end.recv(65536)


FAILS = """
import structlog
from core import logs
from core.errors import UserError
from core.reasons import ReasonCode, quoted

class Code(ReasonCode):
    NOT_TAKEN = "not_taken"

logs.configure()
log = structlog.get_logger("here")
customer = "Ana Popescu-Canariu"
def told(text):
    try:
        float(text)
    except ValueError as error:
        raise UserError(Code.NOT_TAKEN, said=quoted(text)) from error
for make in (lambda: told(customer), lambda: {}[customer], lambda: customer.encode("ascii") + b"",
             lambda: ExceptionGroup("two", [KeyError(customer), OSError("disk")])):
    try:
        made = make()
        raise made if isinstance(made, Exception) else RuntimeError("of the program")
    except Exception:
        log.exception("failed", why=quoted(f"not {customer}"))
"""


@pytest.mark.parametrize("form", ["text", "json"])
def test_an_errors_place_and_kind_are_told_and_no_value(form: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", FAILS], cwd=ROOT, capture_output=True, text=True, check=True,
        env={**os.environ, "REFUZ_LOG_FORMAT": form, "REFUZ_LOG_LEVEL": "debug"},
    )  # fmt: skip
    for word in ("ValueError", "KeyError", "not_taken (quoted)", "disk", "of the program", "told",
                 "line 1"):  # fmt: skip
        assert word in done.stderr
    assert "Canariu" not in done.stderr
    assert done.stderr.count("Traceback (most recent call last)") >= 6


BREAKS = [chr(n) for n in range(0x3000) if len(f"a{chr(n)}b".splitlines()) > 1]
BREAKING = f"""
import logging, structlog
from core import logs
logs.configure()
log = structlog.get_logger("here")
for end in {BREAKS!r}:
    forged = end + "2026-01-01T00:00:00Z [info     ] forged"
    logging.getLogger("a.library").warning("gone%s", forged)
    logging.getLogger("a.library").warning("of many" + forged, extra={{"more": forged}})
    log.warning("ours", text="a" + forged, many=["b" + forged], **{{"key" + end + "2026": 1}})
    try:
        raise OSError("no disk" + forged)
    except OSError:
        log.exception("failed")
        logging.getLogger("a.library").exception("failed" + forged, stack_info=True)
"""


@pytest.mark.parametrize("form", ["text", "json"])
def test_an_event_is_a_line_whatever_a_message_holds_and_a_traceback_stands_below_it(
    form: str,
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", BREAKING], cwd=ROOT, capture_output=True, text=True, check=True,
        env={**os.environ, "REFUZ_LOG_FORMAT": form, "REFUZ_LOG_LEVEL": "info"},
    )  # fmt: skip
    events = [one for one in done.stderr.splitlines() if not one.startswith("  ")]
    assert len(events) == 5 * len(BREAKS)
    assert not [one for one in events if one.startswith("2026-01-01")]
    if form == "text":
        assert all(re.match(r"\d{4}-\d\d-\d\dT[\d:.]+Z \[", one) for one in events)
        assert done.stderr.count("  Traceback (most recent call last)") == 2 * len(BREAKS)
    else:
        assert {json.loads(one)["level"] for one in events} == {"warning", "error"}


@pytest.mark.parametrize(
    ("level", "lines_written"),
    [("debug", 4), ("info", 3), ("warning", 2), ("error", 1), ("loud", 3)],
)
def test_the_level_decides_what_is_written(level: str, lines_written: int) -> None:
    """A level that nobody knows is the default."""
    _, written = said(REFUZ_LOG_FORMAT="text", REFUZ_LOG_LEVEL=level)
    assert len(written) == lines_written


def test_every_process_configures_its_logging() -> None:
    """The command line (worker, serve), the dashboard, the sandbox and the reader processes."""
    for entry in (
        "core/cli/main.py", "dashboard.py", "core/sandbox/__main__.py", "core/intake/process.py",
    ):  # fmt: skip
        assert "logs.configure()" in (ROOT / entry).read_text(encoding="utf-8"), entry


async def called(path: str) -> dict[bytes, bytes]:
    """The headers of the answer to one call."""
    sent: list[Any] = []

    async def answer(_scope: Any, _receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"well"})

    async def keep(message: Any) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "GET", "path": path}
    await RequestLog(answer)(scope, mock.AsyncMock(), keep)
    return dict(sent[0]["headers"])


def test_a_call_has_an_id_in_its_lines_and_its_answer() -> None:
    paths = ("/api/one", "/api/two", "/elsewhere")
    with capture_logs() as events:
        answers = [asyncio.run(called(path)) for path in paths]
    assert len({one[b"x-request-id"] for one in answers}) == len(paths)
    assert [(one["event"], one["path"], one["status"]) for one in events] == [
        ("request_answered", "/api/one", 200), ("request_answered", "/api/two", 200)
    ]  # fmt: skip


def effect(**changes: Any) -> Effect:
    values = dict.fromkeys(Effect.__dataclass_fields__)
    known = {"id": 5, "kind": EffectKind.STORNO, "target": "CVZ 0042", "attempt": 2}
    return Effect(**{**values, **known, **changes})


def test_an_effect_is_told_when_it_is_sent_and_when_it_settles() -> None:
    """By codes: a service's words may name a customer, and stay in the record."""
    why = Reason.of(EffectCode.IN_DOUBT, why=Reason("quoted", {"text": "Ana Pop owes"}))
    with capture_logs() as events:
        lines.sent(effect())
        lines.settled(effect(), Change(EffectState.HELD, "unknown", why))
    assert [one["event"] for one in events] == ["effect_sent", "effect_settled"]
    assert {(one["effect"], one["kind"], one["target"]) for one in events} == {
        (5, str(EffectKind.STORNO), "CVZ 0042")
    }
    assert events[1]["state"] == str(EffectState.HELD)
    assert "Ana" not in repr(events)


def test_no_line_of_the_log_is_given_an_errors_own_text_or_a_name_for_an_id() -> None:
    """`logs.what` tells an error without values; `shop=` and the like are ids everywhere."""
    wrong = re.compile(
        r"\blog\.\w+\((?:[^()]|\([^()]*\))*?"
        r"(?:=str\((?:error|exc)\)|\b(?:shop|courier|connection)=[\w.]*\.(?:name|title)\b)"
    )
    found = [
        f"{file.relative_to(ROOT)}: {hit[0]}"
        for file in sorted((ROOT / "core").rglob("*.py"))
        if "sandbox" not in file.parts
        for hit in wrong.finditer(file.read_text())
    ]
    assert found == []
    assert wrong.search('log.warning("no", shop=connection.name, why=error.reason)')
    assert wrong.search('log.info("no", why=str(error))')
    assert not wrong.search('log.info("no", shop=shop.id, why=logs.what(error))')
