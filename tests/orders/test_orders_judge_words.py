"""Words that the judge reads: whose document it is by its text, what pays with a promise."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.orders.documents.references import parse
from core.orders.judge.fit import names_order
from core.orders.judge.rules import is_credit
from core.services.invoicing.listing import rows_naming

NAMES = st.sampled_from(["#1001", "#100005", "RO1001", "#B-77"])
PARTS = ["-A", "/2", ".1", "–A", "—2", "\u2011A", "\\2", "+1", ":2", "#2", "_A", " -A", " - 2",
         " / 2", " bis", " B", " (2)", "0", "x", "−1"]  # fmt: skip
AROUND = ["{}", "Comanda {}", "Comanda: {}; ramburs", "({})", "Comanda {}.", "{}, Ana Pop",
          "{} - Ana Pop", "{} din 10.11.2026", "Comanda {} a fost livrata", "{}: vaza",
          "{}\n"]  # fmt: skip


@given(
    NAMES, st.sampled_from(PARTS), st.sampled_from(["", "Comanda "]), st.sampled_from(["", " x"])
)
def test_a_part_behind_an_orders_name_makes_another_order(
    name: str, part: str, before: str, behind: str
) -> None:
    text = f"{before}{name}{part}{behind}"
    assert not names_order(text, name)
    assert list(rows_naming([{"mentions": text}], "mentions", name)) == []


@given(NAMES, st.sampled_from(AROUND))
def test_an_orders_name_by_itself_is_found_in_any_sentence(name: str, form: str) -> None:
    text = form.format(name)
    assert names_order(text, name)
    assert list(rows_naming([{"mentions": text}], "mentions", name)) == [{"mentions": text}]


@pytest.mark.parametrize("name", ["#1001", "#RO-77", "40117", "MUR-5"])
@pytest.mark.parametrize(
    "form",
    ["nr.{}", "Nr.{} din 3.11.2026", "Comanda:{}", "Comanda nr.{}", "ORDER NO:{}",
     "Comanda {}/03.11.2026", "Comanda {} / 3.11.26.", "nr.{}-2026-11-03"],
)  # fmt: skip
def test_an_orders_name_may_follow_a_word_at_once_and_have_its_day_behind_it(
    form: str, name: str
) -> None:
    text = form.format(name)
    assert names_order(text, name)
    assert list(rows_naming([{"mentions": text}], "mentions", name)) == [{"mentions": text}]


@pytest.mark.parametrize(
    ("text", "same"),
    [("#40117", True), ("Comanda #40117, ramburs", True), ("Comanda nr.#40117", True),
     ("##40117", False), ("#401170", False), ("A-#40117", False), ("Comanda #40117/2", False),
     ("Comenzile #40117 #40118", False), ("#40116, #40117", False)],
)  # fmt: skip
def test_a_name_of_digits_alone_is_the_same_behind_the_sign_for_number(
    text: str, same: bool
) -> None:
    assert names_order(text, "40117") is same


@pytest.mark.parametrize(
    "text", ["Comanda #1001/3", "#1001/03.11", "#1001-1.2.3.2026", "#1001/99.2026", "#1001-2026"]
)
def test_what_is_no_day_behind_an_orders_name_is_a_part_of_it(text: str) -> None:
    assert not names_order(text, "#1001")


@pytest.mark.parametrize(
    "before", ["A-", "A–", "2/", "x.", "#", "7", "RO:", "S2.", "12:", "Comanda-", "nr.A-", "nr.2."]
)
def test_a_part_before_an_orders_name_makes_another_order(before: str) -> None:
    assert not names_order(f"{before}#1001", "#1001")


@given(NAMES, st.sampled_from([
    "NOT for order {}", "Nu este pentru comanda {}", "In locul comenzii {}", "instead of {}",
    "Corectie la comanda nr. {}", "Correction of {}", "Storno {}", "Partial refund of {}",
    "Schimb pentru comanda {}", "{} - diferenta de pret", "{} retur", "{} (inlocuire)",
    "Duplicate of {}", "Ersatz für {}", "Csere a {} rendeléshez", "Замяна на {}",
    "Wymiana za {}", "vezi comanda {}", "Garantie {}", "proforma {}", "fara comanda {}",
    "{} nu este a acestei facturi", "Avans {}", "Zamiast {}", "Retur gratuit, garantie {}",
    "Ramburs, copie pentru {}", "Total 120 lei - see {}",
]))  # fmt: skip
def test_a_text_of_something_beside_the_order_is_for_a_person(name: str, form: str) -> None:
    assert not names_order(form.format(name), name)


@pytest.mark.parametrize(
    ("text", "name"),
    [("Orders #1003, #1001, #1002", "#1001"), ("Comenzile #1001 si #1002", "#1001"),
     ("#1001 + #999", "#1001"), ("RO1001 RO1002", "RO1001"), ("Comanda 1001, 1002", "1001"),
     ("Comenzile 1002 și 1001", "1001"), ("#1001 & 1004", "#1001"),
     ("Comenzile #1001, 1002 Popescu Ion", "#1001")],
)  # fmt: skip
def test_a_document_of_several_orders_is_for_a_person(text: str, name: str) -> None:
    assert not names_order(text, name)


@pytest.mark.parametrize("text", ["Comanda {}, ramburs", "{}; livrare", "{} & Ana", "Livrare, {}"])
def test_an_order_named_by_letters_alone_is_no_list(text: str) -> None:
    """A shop's plug-in may name its orders so; the words beside it are no other orders."""
    assert names_order(text.format("VASILICA"), "VASILICA")
    assert not names_order(text.format("VASILICA-B"), "VASILICA")


@pytest.mark.parametrize(
    ("text", "name"),
    [("Order no. #1001", "#1001"), ("Comanda nr. 1001 din anul 2026", "1001"),
     ("Comanda 1001, total 1200.50", "1001"), ("Comanda #1001, fara TVA", "#1001"),
     ("Nu se accepta retururi. Comanda #1001", "#1001"), ("#1001 din 10.11.2026", "#1001"),
     ("#1001 card de credit", "#1001"), ("＃１００１", "#1001"),
     ("Comanda #1001, AWB 7000121003150", "#1001"), ("#1001, rest de plata 0", "#1001"),
     ("Comanda #1001, garantie 24 luni", "#1001"), ("#5512 - retur gratuit in 30 zile", "#5512"),
     ("Comanda #1001 (proforma 88 achitata)", "#1001"), ("Comanda #2044, 1200 LEI", "#2044"),
     ("#100188, 500123 Brasov", "#100188"), ("Order #90311. Free returns", "#90311")],
)  # fmt: skip
def test_what_stands_beside_an_orders_name_otherwise_makes_no_doubt(text: str, name: str) -> None:
    assert names_order(text, name)


@pytest.mark.parametrize(
    "gateway",
    ["gift_card", "Gift Cards", "giftcard", "gift-certificate", "Card cadou", "Carduri cadou",
     "Voucher cadou", "shopify_store_credit", "Store Credit", "storecredit", "woo_wallet",
     "Credit magazin", "Puncte de fidelitate", "Ajándékkártya", "Подаръчна карта",
     "Dárková karta", "Geschenkkarte", "Ramburs, gift_card"],
)  # fmt: skip
def test_what_pays_with_a_promise_of_the_shop_is_asked_about(gateway: str) -> None:
    assert is_credit(gateway)


@pytest.mark.parametrize(
    "gateway",
    ["Cash on Delivery (COD)", "Credit Card", "Card online", "Google Wallet", "Transfer bancar",
     "Ramburs", "", "cadou", "Carte bancaire"],
)  # fmt: skip
def test_money_is_no_promise(gateway: str) -> None:
    assert not is_credit(gateway)


@pytest.mark.parametrize(
    "number",
    ["nu", "null", "undefined", "N/A", "nan", "42.0", "42.00", "4.2E+10", "4E10", "0042..0045",
     "0042+0043", "0042-0043", "41/42"],
)  # fmt: skip
def test_what_is_no_one_documents_number_is_a_question(number: str) -> None:
    """Of a service that cannot be asked, the order would be cancelled before anybody noticed."""
    named = parse([f"smartbill:CVZ:{number}"])
    assert (named.found, named.unclear) == ((), (f"smartbill:CVZ:{number}",))


@pytest.mark.parametrize("series", ["null", "undefined", "None", "NaN"])
def test_a_programs_word_for_nothing_is_no_series(series: str) -> None:
    assert parse([f"smartbill:{series}:0042"]).found == ()


@pytest.mark.parametrize(
    "number", ["0042/2026", "2026-0042", "42A", "in_1MtHbELkdIwHu7", "A1-0001"]
)
def test_a_number_with_marks_of_its_own_is_one(number: str) -> None:
    [found] = parse([f"stripe::{number}"]).found
    assert found.number == number
