"""What a whole desk at work writes to its log: of no customer the name, phone, e-mail or street."""

import json
import re
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator
from html import escape
from pathlib import Path

import requests
from hypothesis import given
from hypothesis import strategies as st

from core import logs
from tests.browser.browser_desk import Desk, start_desk, stop_desk, wait_for

BEGINNING = 8  # letters by which a text is looked for; shorter ones stand in any log
FAULTS = ["too_many_requests", "error_before", "error_text", "html_after", "reset"]
SENT = {"X-Refuz": "1"}


def test_a_desk_at_work_logs_one_object_a_line_and_names_no_customer(tmp_path: Path) -> None:
    first, *lines = _work_and_look(tmp_path).splitlines()
    assert "Open http" in first  # whoever starts it is told where
    events = [json.loads(line) for line in lines]
    assert {"effect_sent", "effect_settled", "request_answered"} <= {one["event"] for one in events}


def _work_and_look(folder: Path) -> str:
    """Web, worker and sandbox with every line there is; gives the log."""
    more = {"REFUZ_LOG_FORMAT": "json", "REFUZ_LOG_LEVEL": "debug"}
    desk, process = start_desk(folder / "home", "--sandbox", **more)
    try:
        known = set(_known_by(desk))
        assert len(known) > 400
        _work(desk)
        _strangers(desk, sorted(known)[:40])
    finally:
        stop_desk(process)
    log = next(folder.glob("serve-*.log")).read_text("utf-8")
    assert log.count("effect_settled") > 6
    assert standing_in(log, known) == []
    return log


def standing_in(log: str, texts: Iterable[str]) -> list[str]:
    """Those of the texts, each of eight letters or more, that stand in the log.

    In one pass: to look for tens of thousands of them one by one took a minute.
    """
    by_beginning: dict[str, list[str]] = defaultdict(list)
    for one in texts:
        assert len(one) >= BEGINNING
        by_beginning[one[:BEGINNING]].append(one)
    found = set()
    for at in range(len(log) - BEGINNING + 1):
        for one in by_beginning.get(log[at : at + BEGINNING], ()):
            if log.startswith(one, at):
                found.add(one)
    return sorted(found)


def test_a_text_is_found_wherever_it_stands_in_a_log() -> None:
    log = "Ana Popescu, Str. Lunga 7\nana.popescu@example.com 0722123456"
    there = ["Ana Pope", "Ana Popescu", "Str. Lunga 7", "0722123456", "7\nana.popescu"]
    absent = ["Ana Popescu 7", "07221234567", "ANA POPESCU"]
    assert standing_in(log, [*there, *absent]) == sorted(there)


@given(st.text(st.characters() | st.sampled_from("\n\r\t\x1b\x7f\x85\u2028")))
def test_no_text_ends_a_line_of_the_log_or_moves_the_cursor(text: str) -> None:
    line = logs._one_line(text)
    assert not logs.CONTROLS.search(line)
    assert (line == text) == (not logs.CONTROLS.search(text))


def _known_by(desk: Desk) -> Iterator[str]:
    """What the sandbox's customers are known by, in the forms that a log may write them."""
    rows = desk.ask("SELECT customer_name, phone, email, street FROM orders")
    for name, phone, email, street in rows:
        digits = re.sub(r"\D", "", phone)
        for text in (name if " " in name else "", digits[-9:], email, street):
            if len(text) >= BEGINNING:
                yield from (text, json.dumps(text)[1:-1], escape(text))


def _work(desk: Desk) -> None:
    """A run whose services fail in every way, and a shop that changes meanwhile."""
    control = f"{desk._sandbox()}/faults"
    requests.put(control, json={"share": 0.4, "kinds": FAULTS}, timeout=30).raise_for_status()
    pile = desk.new_pile("logs")
    desk.take(pile, desk.runnable(6))
    desk.run(pile)
    done = "SELECT count(*) FROM reversals WHERE state IN ('done', 'needs_person', 'failed')"
    settled = time.monotonic() + 20
    while desk.ask(done)[0][0] < 6 and time.monotonic() < settled:
        time.sleep(0.2)
    requests.put(control, json={"share": 0, "kinds": []}, timeout=30).raise_for_status()
    wait_for(lambda: desk.ask(done)[0][0] >= 3, 120, "orders of the run")


def _strangers(desk: Desk, words: list[str]) -> None:
    """Calls and messages that name customers where nothing of the sort is awaited."""
    for word in words:
        requests.get(f"{desk.base_url}/api/v1/piles", params={"q": word}, timeout=30)
        requests.get(f"{desk.base_url}/{word}", headers={"Referer": "/x"}, timeout=30)
        body = {"pile": word, "code": word, "key": word, "by": word}
        requests.post(f"{desk.base_url}/api/scans", json=body, headers=SENT, timeout=30)
        for service in ("shopify", "woocommerce", word):
            message = {"customer": word, "id": word, "updated_at": word}
            requests.post(f"{desk.base_url}/webhooks/{service}", json=message, timeout=30)
