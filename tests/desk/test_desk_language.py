"""The desk speaks the reader's language, and no translation loses a blank that is filled in."""

import string

import pytest

from core.desk import language


@pytest.mark.parametrize(
    ("preference", "browser", "shown"),
    [("auto", "ro-RO", "ro"), ("auto", "de-DE", "en"), ("auto", None, "en"), ("en", "ro", "en")],
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
    from babel.messages.pofile import read_po

    with (language.LOCALES / "ro" / "LC_MESSAGES" / "storno.po").open("rb") as file:
        messages = [one for one in read_po(file) if one.id]
    assert len(messages) > 100

    def blanks(text: str) -> set[str]:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name}

    assert [one.id for one in messages if blanks(str(one.id)) != blanks(str(one.string))] == []
    assert language.translate("Review", "ro") == "Verificare"
