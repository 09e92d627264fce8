"""Names of ways of paying, as shops and plugins of the countries around write them."""

import unicodedata
from collections.abc import Callable
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.services.payments import COD, names_cod, payment_of

AT_THE_DOOR = (
    "Plata la livrare",
    "Plată la livrare (numerar sau card)",
    "Plata ramburs la curier",
    "Plata cash",
    "Achitare la livrare",
    "Achitati la livrare",
    "Platesc la livrare",
    "Plata la primirea coletului",
    "Plata la ridicare din magazin",
    "Ramburs la curier FAN",
    "Ramburs",
    "COD",
    "C.O.D.",
    "Cash On Delivery (COD)",
    "Cash on delivery",
    "cash_on_delivery",
    "cash-on-delivery",
    "cashondelivery",
    "CashOnDelivery",
    "cod_payment",
    "woocommerce_cod",
    "Pay on Delivery",
    "Payment on receipt",
    "Pay cash to courier",
    "Pay the courier",
    "Cash to courier",
    "POS la livrare",
    "Plata cu POS la livrare",
    "Plata la usa",
    "Plata directa curierului",
    "Plata la domiciliu",
    "Bani la livrare",
    "Achit la curier",
    "Achit curierului",
    "Plata in numerar la livrare",
    "Numerar",
    "Utánvét",
    "Utánvétes fizetés",
    "Utánvéttel",
    "Fizetés átvételkor",
    "Készpénz átvételkor",
    "Fizetés a futárnál",
    "Készpénzes fizetés a futárnak",
    "Fizetés a csomag átvételekor",
    "Készpénz",
    "Nachnahme",
    "Barzahlung bei Lieferung",
    "Zahlung bei Lieferung",
    "Barzahlung",
    "Bezahlung bei Zustellung",
    "Наложен платеж",
    "Плащане при доставка",
    "Плащане при получаване",
    "Плащане на куриера",
    "В брой при доставка",
    "В брой",
    "Dobírka",
    "Na dobírku",
    "Platba na dobírku",
    "Platba při převzetí",
    "Platba kurýrovi",
    "Hotově při převzetí",
    "Dobierka",
    "Platba pri prevzatí",
    "Hotovosť kuriérovi",
    "Za pobraniem",
    "Płatność przy odbiorze",
    "Płatność za pobraniem",
    "Gotówka przy odbiorze",
    "Pobranie",
    "Αντικαταβολή",
    "Πληρωμή με αντικαταβολή",
    "Πληρωμή κατά την παράδοση",
    "Kapıda ödeme",
    "Kapıda nakit ödeme",
    "Pouzeće",
    "Plaćanje pouzećem",
    "Plaćanje pri preuzimanju",
    "Plaćanje po pouzeću",
    "Plačilo po povzetju",
    "Po povzetju",
    "Contrassegno",
    "Pagamento alla consegna",
    "Pagamento in contrassegno",
    "Contra reembolso",
    "Contrarreembolso",
    "Pago contra entrega",
    "Pago contra reembolso",
    "Paiement à la livraison",
    "Contre-remboursement",
    "Rembours",
    "Betalen bij levering",
    "Pagamento na entrega",
    "Накладений платіж",
    "Оплата при отриманні",
    "Післяплата",
    "Наложенный платёж",
    "Оплата при получении",
    "Оплата курьеру",
    "Наличными курьеру",
    "Easy Sales COD",
    "Cash on Delivery - Sameday",
    "Plata cash la easybox",
    "Plata card la easybox",
    "Plata la livrare prin Easybox",
    "Ramburs: DA",
    "Utánvét bankkártyával",
)
BEFORE = (
    "Plata cu cardul",
    "Card online",
    "Plata online cu cardul",
    "Card bancar",
    "Plata online",
    "OP",
    "Ordin de plata",
    "Transfer bancar",
    "Virament bancar",
    "PayPal",
    "Netopia Payments",
    "Stripe (card)",
    "Bank Deposit",
    "manual",
    "gift_card",
    "shopify_payments",
    "Rate prin BT",
    "TBI Bank",
    "Klarna",
    "Prepaid (no COD)",
    "Card online, fara plata la livrare",
    "Plata in avans",
    "Paid by card",
    "Cash in advance",
    "Cash App",
    "Cash App Pay",
    "Előre utalás",
    "Banki átutalás",
    "Bankkártya",
    "Bankkártyás fizetés",
    "Kartou online",
    "Platba kartou",
    "Bankovní převod",
    "Prevodom na účet",
    "Przelew",
    "Karta",
    "Kreditkarte",
    "Überweisung",
    "Vorkasse",
    "Банков превод",
    "С карта",
    "Kredi kartı",
    "Havale",
    "Κάρτα",
    "Τραπεζική κατάθεση",
    "Carta di credito",
    "Bonifico",
)
NO_WAY = (
    "Pay when you receive",
    "Пощенски паричен превод",
    "À la cobrança",
    "Pagesa në dorëzim",
    "Nu ramburs",
    "Fara ramburs",
    "Ramburs: nu",
    "Ramburs 0",
    "Ramburs: 0 lei",
    "No COD",
    "COD: no",
    "Non-COD",
    "COD not available",
    "Plata la comanda",
    "Plata la termen",
    "Cashback",
    "Codul postal",
    "cod produs 123",
    "Cod reducere",
    "Voucher cod X1",
    "Discount code",
    "Decoder",
    "Barcode",
    "Plata la sediu",
    "Plata in magazin",
    "Ridicare personala",
    "Transferat",
    "Nem utánvét",
)


@pytest.mark.parametrize("name", AT_THE_DOOR)
def test_what_is_paid_at_the_door_is_cash_on_delivery(name: str) -> None:
    assert payment_of(name) == "cod"
    assert payment_of(name.upper()) == "cod"


@pytest.mark.parametrize("name", BEFORE)
def test_what_is_paid_before_is_prepaid(name: str) -> None:
    assert payment_of(name) == "prepaid"


@pytest.mark.parametrize("name", NO_WAY)
def test_what_names_no_way_of_paying_is_not_guessed(name: str) -> None:
    assert payment_of(name) is None


@pytest.mark.parametrize("name", ["Card online - livrare la easybox", "Plata online la easybox"])
def test_a_place_beside_a_payment_before_is_no_payment_at_the_door(name: str) -> None:
    assert payment_of(name) == "prepaid"


@pytest.mark.parametrize("amount", ["0", "0 lei", "0,00 lei", "0 RON"])
def test_nothing_to_collect_is_no_cash_on_delivery(amount: str) -> None:
    assert payment_of(f"Ramburs: {amount}") is None


PLAIN = st.sampled_from([one for one in COD if one.replace(" ", "").isalpha()])
AROUND = st.sampled_from(
    [
        "{}",
        "({})",
        "{} (+ 10,00 lei)",
        "1. {}",
        "{}!",
        "  {}  ",
        "{} – FAN",
        "«{}»",
        "{}: 12.50 RON",
    ]
)
CASES = st.sampled_from([str.lower, str.upper, str.title, str.capitalize])


@given(PLAIN, AROUND, CASES, st.sampled_from(["NFC", "NFD", "NFKC"]))
def test_a_name_of_cash_on_delivery_is_one_in_any_case_with_fees_and_signs_around_it(
    phrase: str, around: str, case: Callable[[str], str], form: Literal["NFC", "NFD", "NFKC"]
) -> None:
    name = unicodedata.normalize(form, around.format(case(phrase)))
    assert payment_of(name) == "cod"
    assert names_cod(["Card online", name])
