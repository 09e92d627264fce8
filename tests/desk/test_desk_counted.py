"""Romanian puts "de" between a count from twenty on and what is counted."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.i18n.counted import NOUNS, Counted, with_de
from core.i18n.language import number, translate


@given(st.integers(0, 10**7), st.sampled_from(NOUNS))
def test_from_twenty_on_and_never_below_in_any_hundred(count: int, noun: str) -> None:
    """As grammars say it: the last two digits are 20 and more, or 00 of a whole hundred."""
    many = count % 100 >= 20 or (count % 100 == 0 and count > 0)
    expected = f"{count} de {noun}" if many else f"{count} {noun}"
    assert Counted(f"{{n}} {noun}").format(n=count) == expected
    figure = number(count, "ro")
    assert Counted(f"{{n}} {noun}").format(n=figure) == expected.replace(str(count), figure, 1)


@pytest.mark.parametrize("value", [14.6, "14,6", None, "", "#100084", "1,5", True, "douăzeci"])
def test_what_is_no_whole_number_counts_nothing(value: object) -> None:
    assert "de" not in with_de("{n} zile", {"n": value})


def test_what_fills_a_blank_is_left_as_it_is() -> None:
    assert Counted("{name} · {n} comenzi").format(name="{n} 25 colete", n=3) == (
        "{n} 25 colete · 3 comenzi"
    )
    assert Counted("Plata {n} din {all}").format(n=30, all=40) == "Plata 30 din 40"


def test_the_catalog_s_sentences_are_counted() -> None:
    text = translate("Review {count} parcels", "ro")
    assert text.format(count=95) == "Verifică 95 de colete"
    assert text.format(count=108) == "Verifică 108 colete"
    assert translate("Review {count} parcels", "en").format(count=108) == "Review 108 parcels"
