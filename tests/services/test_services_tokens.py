"""Tokens are fetched once, renewed when stale, and never taken for an effect that was sent."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from core.reasons import quoted
from core.services.http.tokens import AccessToken, Tokens, account, before_effect, lent
from core.services.outcome import NotSent, Refused, Unknown


def test_sixteen_threads_fetch_one_token() -> None:
    tokens, fetched, together = Tokens(), [], threading.Barrier(16)

    def fetch() -> AccessToken:
        fetched.append(1)
        return lent("tok", 3600)

    def get(_: int) -> object:
        together.wait()
        return tokens.get("me", fetch)

    with ThreadPoolExecutor(16) as pool:
        assert set(pool.map(get, range(16))) == {"tok"}
    assert len(fetched) == 1


def test_a_stale_token_is_fetched_again() -> None:
    tokens = Tokens()
    values = iter(["first", "second"])
    assert tokens.get("me", lambda: lent(next(values), 0)) == "first"
    assert tokens.get("me", lambda: lent(next(values), 3600)) == "second"
    assert tokens.get("me", lambda: lent("third", 3600)) == "second"


def test_a_token_replaced_meanwhile_is_not_dropped() -> None:
    tokens = Tokens()
    tokens.get("me", lambda: lent("new", 3600))
    tokens.drop("me", "old")
    assert tokens.get("me", lambda: lent("never", 3600)) == "new"
    tokens.drop("me", "new")
    assert tokens.get("me", lambda: lent("newer", 3600)) == "newer"


def test_a_failure_is_not_kept() -> None:
    tokens = Tokens()
    assert tokens.get("me", lambda: NotSent(quoted("no network"))) == NotSent(quoted("no network"))
    assert tokens.get("me", lambda: lent("tok", 3600)) == "tok"


def test_an_unknown_sign_in_leaves_the_effect_unsent() -> None:
    assert before_effect(Unknown(quoted("did not answer"))) == NotSent(quoted("did not answer"))
    assert before_effect(Refused(quoted("no"), "no_permission")) == Refused(
        quoted("no"), "no_permission"
    )


def test_the_name_of_an_account_does_not_give_the_password_away() -> None:
    assert "hunter2" not in account("https://example.com", "me", "hunter2")
    assert account("a", "b") != account("a", "c")


@pytest.mark.parametrize("seconds", [10, 600, 3600])
def test_a_token_is_given_up_before_the_service_does(seconds: int) -> None:
    longer, shorter = lent("tok", seconds), lent("tok", seconds * 0.95)
    assert longer.stale_at < shorter.stale_at + seconds * 0.05
