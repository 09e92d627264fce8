"""What Streamlit says in English only, and what it says that in another language."""

from pathlib import Path

import pytest
import streamlit

from core.i18n import scripts

SCRIPTS = Path(streamlit.__file__).parent / "static" / "static" / "js"


@pytest.fixture(scope="module")
def said() -> str:
    return "\n".join(file.read_text("utf-8") for file in sorted(SCRIPTS.glob("*.js")))


@pytest.mark.parametrize("text", scripts.OF_STREAMLIT)
def test_each_text_that_is_translated_is_one_that_this_streamlit_says(text: str, said: str) -> None:
    assert any(f"{mark}{text}" in said for mark in "`\"' ")


def test_english_readers_get_no_words_for_streamlit_and_romanians_get_theirs() -> None:
    assert scripts.streamlits_words("en") == {}
    romanian = scripts.streamlits_words("ro")
    assert romanian["Download as CSV"] == "Descarcă CSV"
    # A word that is another's text would be translated again and again.
    assert not set(romanian.values()) & set(romanian)
