"""What strangers write acts on nothing in print, mail, a verdict or a terminal (pages and files:
tests/pages/test_pages_strangers_words.py, tests/insight/test_insight_export.py)."""

import unicodedata
from email.message import EmailMessage
from html.parser import HTMLParser

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, text
from starlette.applications import Starlette
from starlette.routing import Route

from core.i18n.letters import SEEN, escaped, visible
from core.i18n.reasons import sentence
from core.insight.reports.mail import Post
from core.orders.piles import piles
from core.orders.piles import scans as scanning
from core.server.http_helpers import CallCode
from core.server.routes import scans, station
from core.store import db
from tests.server.tests_server_world import put_orders

EVIL = (
    "<img src=http://x.example/i onerror=go()><script>go()</script>\"'><h1>x</h1> \u202elunna\u2066"
    " \x1b[2J\x1b]0;t\x07 =1+1"
)
TRACKING = "1ONB24222300007"
TURNS = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}  # UAX #9, explicit


class Seen(HTMLParser):
    """The elements of a page and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.words = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.words += data


@given(st.text())
def test_no_sign_that_acts_on_others_is_left_and_every_other_letter_is(words: str) -> None:
    seen = visible(words)
    assert len(seen) == len(words)
    for before, after in zip(words, seen, strict=True):
        acts = unicodedata.bidirectional(before) in TURNS
        acts |= unicodedata.category(before) == "Cc" and before not in "\t\n"
        assert after == (SEEN if acts else before)


@given(st.text(st.sampled_from("<>&\"'\u202ea =/\n")))
def test_any_words_are_one_text_in_html_within_an_attribute_too(words: str) -> None:
    page = Seen(f'<p title="{escaped(words)}">{escaped(words)}</p>')
    assert (page.tags, page.words) == (["p"], visible(words))


@pytest.fixture
def base(serve, engine: Engine) -> str:
    put_orders(engine, [TRACKING])
    piles.create("Monday")
    scanning.take_scan(1, TRACKING, source="hand", key="a")
    with db.writing() as connection:
        for query in ("UPDATE orders SET name = :evil, customer_name = :evil",
                      "UPDATE pile_orders SET remark = :evil",
                      "UPDATE parcels SET tracking = :evil, courier = :evil"):  # fmt: skip
            connection.execute(text(query), {"evil": EVIL})
    taken = Route("/api/scans", scans.scans, methods=["POST"])
    return serve(Starlette(routes=[Route("/label/{pile}/{order}", station.label), taken]))


def test_a_printed_label_shows_what_was_written_and_runs_none_of_it(base: str) -> None:
    printed = requests.get(f"{base}/label/1/1", timeout=20)
    page = Seen(printed.text)
    assert printed.ok
    assert page.words.count("onerror=go()") >= 4
    assert {"img"}.isdisjoint(page.tags)
    assert page.tags.count("h1") == 1
    assert not {"\u202e", "\x1b"} & set(printed.text)


def test_a_verdict_says_a_name_without_the_signs_that_turn_what_follows(base: str) -> None:
    scan = {"pile": 1, "code": TRACKING, "key": "b", "by": "Ana"}
    answer = requests.post(f"{base}/api/scans", json=scan, headers={"X-Refuz": "1"}, timeout=20)
    assert "onerror=go()" in answer.json()["say"]
    assert not {"\u202e", "\u2066", "\x1b"} & set(answer.json()["say"])


def test_a_reason_told_on_a_terminal_or_page_moves_nothing() -> None:
    line = sentence(CallCode.BAD_CALL.of(said=EVIL))
    assert "\x1b" not in line
    assert "\u202e" not in line
    assert "[2J" in line


def test_a_subject_of_many_lines_adds_no_header_to_a_mail(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[EmailMessage] = []
    monkeypatch.setattr(Post, "_send", lambda _self, message: sent.append(message))
    post = Post("mail.example", 587, True, "", "", "desk@example.com", ("ana@example.com",))
    post.send_text(f"Refuz: a\r\nBcc: all@x.example\x0bb\u2028{EVIL}", EVIL)
    [message] = sent
    assert message.keys().count("To") == 1
    assert "Bcc" not in message
    assert message["Subject"].startswith("Refuz: a")
    assert message.get_content_type() == "text/plain"
