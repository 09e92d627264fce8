"""The desk speaks the reader's language, and no translation loses a blank that is filled in."""

import re
import string
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

from core.i18n import language, release_check
from core.i18n.reasons import sentence
from core.insight import facts, filters
from core.insight.charts.style import OUTCOMES
from core.orders.codes import PileCode, PlanCode
from core.reasons import together
from core.services.codes import ServiceCode

CATALOG = language.LOCALES / "ro" / "LC_MESSAGES" / "refuz.po"


def romanian() -> Catalog:
    """The Romanian catalog."""
    with CATALOG.open("rb") as file:
        return read_po(file, locale="ro")


@pytest.mark.parametrize(
    ("preference", "browser", "shown"),
    [
        ("auto", "ro-RO", "ro"),
        ("auto", "de-DE", "en"),
        ("auto", None, "en"),
        ("en", "ro", "en"),
        ("auto", "ro;q=0.9,en;q=0.8", "ro"),
    ],
)
def test_the_preference_comes_before_the_browser(
    preference: str, browser: str | None, shown: str
) -> None:
    """What a person chose wins; the browser decides only where nobody chose."""
    assert language.choose(preference, browser) == shown


def test_money_is_written_as_the_reader_writes_it() -> None:
    """Commas and dots change places between English and Romanian."""
    assert language.money(621450, "RON", "en") == "6,214.50 lei"
    assert language.money(621450, "RON", "ro") == "6.214,50 lei"


def test_each_translation_keeps_the_blanks_of_its_text() -> None:
    """A translation that lost {count} would show nothing where the number belongs."""
    messages = [one for one in romanian() if one.id]
    assert len(messages) > 100

    def blanks(texts: str | tuple[str, ...]) -> set[str]:
        parsed = [part for text in _forms(texts) for part in string.Formatter().parse(text)]
        return {name for _, name, _, _ in parsed if name}

    translated = [one for one in messages if any(one.string)]  # the others: `make release-check`
    assert [one.id for one in translated if blanks(one.id) != blanks(one.string)] == []
    assert language.translate("Review", "ro") == "Verificare"


def test_the_release_check_names_what_a_language_lacks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A text with an empty form is missing; a contributor's change is never failed by it."""
    found = release_check.extracted()
    assert len(found) > 700
    # The code is the same at each look, and to read all of it takes seconds.
    monkeypatch.setattr(release_check, "extracted", lambda _root: found)
    counted = next(text for text in found if isinstance(text, tuple))
    file = tmp_path / "ro" / "LC_MESSAGES" / "refuz.po"
    file.parent.mkdir(parents=True)
    assert release_check.untranslated("ro", locales=language.LOCALES).count(counted) == 0
    catalog = romanian()
    catalog.get(counted[0]).string = ("", "", "")
    with file.open("wb") as out:
        write_po(out, catalog)
    assert counted in release_check.untranslated("ro", locales=tmp_path)


# What only a friend says: words for "you", and commands that begin a sentence or a part of one.
# A button is a command to the desk and keeps its short form.
FAMILIAR = re.compile(
    r"\b(?:tu|tău|ta|tăi|tale|tine|îți|ești|vrei|poți|spui)\b|\b(?:n-ai|să-ți|nu-ți)\b"
    r"|(?:[.:;?!] |\bsau )(?:alege|apasă|bifează|caută|confirmă|corectează|deschide|exportă|"
    r"fotografiază|fă|împarte|întreabă|încearcă|lasă|micșorează|pune|redenumește|roagă|scanează|"
    r"scrie|spune|trimite|tipărește|verifică)(?:-\w+)?\b",
    re.IGNORECASE,
)


def test_no_sentence_speaks_to_the_reader_as_to_a_friend() -> None:
    """The desk says "dumneavoastră" to its users, in every sentence."""
    texts = [(one.id, text) for one in romanian() for text in _forms(one.string)]
    assert FAMILIAR.search("Nu are total. Scrie cât este de plată.")
    assert [(english, said) for english, said in texts if FAMILIAR.search(said)] == []


def _forms(texts: str | tuple[str, ...]) -> tuple[str, ...]:
    return (texts,) if isinstance(texts, str) else texts


def test_the_catalog_is_nobody_s_template() -> None:
    """A translator finds whom to ask, no placeholder of the tool."""
    text = CATALOG.read_text(encoding="utf-8")
    assert not re.search(r"EMAIL@ADDRESS|YEAR-MO-DA|FULL NAME|#, fuzzy", text)


def test_the_words_that_analytics_shows_are_all_in_the_catalog() -> None:
    """Slices, payments, bands, days and outcomes come from lists in the code, not from `t`."""
    shown = [*filters.SLICES, *filters.PAYMENTS, *facts.BAND_NAMES, *facts.CUSTOMERS]
    shown += [*facts.WEEKDAYS, *OUTCOMES]
    catalog = {one.id for one in romanian()}
    assert [word for word in shown if word not in catalog] == []


@pytest.mark.parametrize("text", ["Popescu, Ion", "#1001", "Sameday", "{", "99999999999999", ""])
def test_what_is_no_text_of_ours_stays_as_it_is(text: str) -> None:
    """Names and numbers pass through untouched."""
    assert language.translate(text, "ro") == text


def test_a_reason_is_whole_in_each_language() -> None:
    """Counted texts, lists and reasons within reasons, each by its own line of the catalog."""
    steps = (PlanCode.CANCEL.of(), PlanCode.RESTOCK.of(), PlanCode.REVERSE.of(count=2))
    reason = PlanCode.STEPS.of(steps=steps)
    assert sentence(reason, "ro") == "Anulare, repunere în stoc, stornarea a 2 facturi"
    assert sentence(reason, "en") == "Cancel, restock, reverse 2 invoices"
    late = together(ServiceCode.NO_ANSWER_IN_TIME.of(title="Oblio"), PileCode.EMPTY_CODE.of())
    assert sentence(late, "ro").startswith("Oblio nu a răspuns la timp. Acest cod este gol.")
