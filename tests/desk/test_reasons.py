"""A reason is data: it comes back from its column as it went in, and is said in each language."""

import datetime as dt
import importlib
import pkgutil
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

import core
from core import reasons
from core.i18n.reasons import sentence
from core.reasons import SENTENCES, Amount, Reason, ReasonCode, quoted

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.dates()
    | st.datetimes(timezones=st.just(dt.UTC))
    | st.builds(Amount, st.integers(), st.sampled_from(["RON", "EUR"])),
    lambda inner: st.lists(inner, max_size=3).map(tuple)
    | st.builds(Reason, st.text(min_size=1), st.dictionaries(st.text(), inner, max_size=3)),
    max_leaves=8,
)  # fmt: skip


@given(st.builds(Reason, st.text(min_size=1), st.dictionaries(st.text(), values, max_size=4)))
def test_a_reason_comes_back_from_its_column_as_it_went_in(reason: Reason) -> None:
    """Whatever its parameters are, on one line; equal reasons have equal hashes."""
    written = reason.dumps()
    assert "\n" not in written
    assert Reason.loads(written) == reason
    assert hash(Reason.loads(written)) == hash(reason)


def test_no_reason_is_an_empty_column() -> None:
    """And comes back as none."""
    assert reasons.dumps(None) == ""
    assert reasons.loads("") is None


@pytest.mark.parametrize("text", ["By hand: why", "[]", '{"parameters": {}}', "3"])
def test_a_sentence_is_no_reason(text: str) -> None:
    """What was not written by `dumps` is refused, not guessed at."""
    with pytest.raises((ValueError, KeyError, TypeError, AttributeError)):
        Reason.loads(text)


def test_parameters_are_written_as_the_language_writes_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Amounts, numbers, lists and reasons within reasons."""
    text = "{total} of {many} for {names}: {cause}"
    monkeypatch.setitem(SENTENCES, "x", text)
    reason = Reason.of(
        "x", total=Amount(123450, "RON"), many=1200, names=("Ana", "Ion"), cause=quoted("no {}")
    )
    assert sentence(reason) == "1,234.50 lei of 1,200 for Ana, Ion: no {}"
    assert sentence(reason, "ro") == "1.234,50 lei of 1.200 for Ana, Ion: no {}"


def test_a_code_that_nobody_knows_is_shown_as_it_is() -> None:
    """A row of a newer version hides nothing."""
    assert sentence(Reason.of("from_the_future", order="#7")) == "from_the_future #7"


def codes() -> list[ReasonCode]:
    """Every code that any room of core declares."""
    no_modules = ("core.store.migrations", "core.sandbox", "core.cli.__main__")
    for module in pkgutil.walk_packages(core.__path__, "core."):
        if not module.name.startswith(no_modules):
            importlib.import_module(module.name)
    kinds, found = [ReasonCode], list[ReasonCode]()
    while kinds:
        kind = kinds.pop()
        kinds += kind.__subclasses__()
        found += list(kind)
    return found


def test_every_code_has_one_sentence_and_every_sentence_a_code() -> None:
    """A reason without words would be shown as a bare name."""
    named = [code.value for code in codes()]
    assert len(named) == len(set(named))
    assert set(named) == set(SENTENCES)


def test_a_sentence_s_blanks_are_plain_names() -> None:
    """Parameters are given by name; anything else could not be filled in."""
    for text in SENTENCES.values():
        for form in [text] if isinstance(text, str) else text:
            names = [name for _, name, _, _ in string.Formatter().parse(form) if name is not None]
            assert all(name.isidentifier() for name in names), form
