"""Whether a document sells an order or only speaks of it, in words that nobody gave."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from core.orders.judge.mentions import is_mentioned_only

NAME = "#20417"


@pytest.mark.parametrize(
    "text",
    [
        "Comanda #20417", "Factura pentru comanda #20417, ramburs 249 lei",
        "Order #20417 (2 x 24 luni garantie)", "#20417, garantie 24 luni", "Order no. #20417",
        "Comanda nr. #20417. Va multumim!", "#20417; ridicare personala", "#20417, 12 buc",
        "Comanda #20417\nMod de plata: ramburs", "Rendelés #20417, utánvét",
    ],
)  # fmt: skip
def test_a_document_that_names_its_order_once_and_plainly_sells_it(text: str) -> None:
    assert not is_mentioned_only(text, NAME)


@pytest.mark.parametrize(
    "text",
    [
        "In locul comenzii #20417", "Replacement for #20417", "Schimb la #20417",
        "Corectie factura comanda #20417", "Storno #20417", "Refund of #20417",
        "Retur #20417", "Garantie pentru #20417", "vezi #20417", "Proforma #20417",
        "Austausch zu #20417", "csere: #20417", "замяна на #20417", "wymiana #20417",
    ],
)  # fmt: skip
def test_a_document_for_something_else_only_mentions_the_order(text: str) -> None:
    assert is_mentioned_only(text, NAME)


@pytest.mark.parametrize("text", ["Nu #20417", "not for #20417", "#20417 nu", "fara #20417"])
def test_an_order_that_is_denied_is_only_mentioned(text: str) -> None:
    assert is_mentioned_only(text, NAME)


def test_what_stands_in_another_sentence_says_nothing_of_the_order() -> None:
    assert not is_mentioned_only("Comanda #20417. Retur in 14 zile; storno dupa 30", NAME)
    assert is_mentioned_only("Comanda #20417 retur in 14 zile", NAME)


four = st.integers(1000, 9999)


@given(four, four, st.sampled_from([", ", " si ", " + ", "/", " & ", " #", " - ", " und "]))
def test_two_orders_in_a_list_are_each_only_mentioned(
    first: int, second: int, between: str
) -> None:
    assume(first != second)
    text = f"Comenzile #{first}{between}{second}"
    assert is_mentioned_only(text, f"#{first}")
    assert is_mentioned_only(f"Comenzile {first}{between}{second}", str(first))


@given(four, four, st.sampled_from(["lei", "RON", "EUR", "buc", "Ft", "zł", "%"]))
def test_an_amount_beside_the_order_is_no_second_order(first: int, amount: int, unit: str) -> None:
    assume(first != amount)  # what is written twice is asked about
    assert not is_mentioned_only(f"Comanda {first}, {amount} {unit}", str(first))


def test_a_postcode_before_its_town_is_no_second_order() -> None:
    assert not is_mentioned_only("20417, 40012 Cluj", "20417")
    assert is_mentioned_only("20417, 40012", "20417")


def test_a_name_of_letters_is_like_any_word_beside_it() -> None:
    assert not is_mentioned_only("Comanda ALFA, BETA", "ALFA")
