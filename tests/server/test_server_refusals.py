"""The pages by which the server refuses: in the browser's language, with nothing to fill in but
the token."""

import pytest
from starlette.datastructures import Headers

from core.server.error_pages import TEXTS, refusal


def page(why: str, language: str = "en", status: int = 403) -> str:
    answer = refusal(status, why, Headers({"accept-language": language}))
    assert answer.status_code == status
    return bytes(answer.body).decode()


@pytest.mark.parametrize("why", sorted(TEXTS))
def test_a_refusal_says_what_it_is_and_what_to_do_and_is_kept_nowhere(why: str) -> None:
    answer = refusal(401, why, Headers({}))
    title, text = TEXTS[why]
    shown = bytes(answer.body).decode()
    assert f"<h1>{title}</h1><p>{text}</p>" in shown
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("why", sorted(TEXTS))
def test_only_whoever_lacks_the_token_is_asked_for_it(why: str) -> None:
    shown = page(why)
    assert ('name="token"' in shown) is (why == "token")
    assert ("<form" in shown) is (why == "token")


@pytest.mark.parametrize("why", sorted(TEXTS))
def test_a_romanian_browser_reads_each_refusal_in_romanian(why: str) -> None:
    english, romanian = page(why), page(why, "ro-RO,ro;q=0.9,en;q=0.5")
    assert '<html lang="ro">' in romanian
    assert TEXTS[why][1] not in romanian
    assert '<html lang="en">' in english


def test_a_language_that_we_do_not_speak_gets_english() -> None:
    assert page("slow", "tlh") == page("slow", "en")
