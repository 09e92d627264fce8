"""A refusal counts as "done before" only where all of its words say so (rule 13)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.services.invoicing.already import (
    ANNULLED_ALREADY,
    ANNULLED_BEFORE,
    REVERSED_ALREADY,
    REVERSED_BEFORE,
)


def _annulled(said: str) -> str:
    return said.lower().replace("storna", "anula").replace("revers", "annull")


def _already(text: str, number: str = "0042") -> bool:
    """The same of reversing and of annulling."""
    one, other = REVERSED_BEFORE.said(text, number), ANNULLED_BEFORE.said(_annulled(text), number)
    assert one is other
    return one


@pytest.mark.parametrize(
    "said",
    [
        "Factura este deja stornată.",
        "Factura este DEJA STORNATĂ!",
        "Factura deja stornata",
        "Factura a fost stornata deja.",
        "Documentul XC nr. 0042 este deja stornat",
        "Factura cu seria XC și numărul 0042 este deja stornată.",
        "Factura seria XC nr. 42 din 10.11.2026 este deja stornata",
        "Aceasta factura este deja stornata cu documentul XC 0050 din data de 10.11.2026.",
        "Factura nu poate fi stornată deoarece este deja stornată",
        "Eroare: Factura este deja stornata in totalitate.",
        "Invoice XC-0042 has already been reversed",
        "Factura este deja stornată! Vezi detalii",  # the text of a link
        "This invoice has already been reversed. Click here",
    ],
)
def test_a_whole_sentence_that_says_so_is_believed(said: str) -> None:
    assert _already(said)
    assert REVERSED_ALREADY.said(said, "0042")
    assert ANNULLED_ALREADY.said(_annulled(said), "0042")


@pytest.mark.parametrize("said", ["A fost stornată la 10.11.2026", "Factura este stornata."])
def test_without_already_it_is_believed_only_where_the_service_is_asked(said: str) -> None:
    assert _already(said)
    assert not REVERSED_ALREADY.said(said, "0042")


@pytest.mark.parametrize(
    "said",
    [
        "Factura nu a fost stornată, seria este închisă.",
        "Factura n-a fost stornată",
        "Factura nu este încă stornată",
        "Factura nu a putut fi stornata",
        "Nu se știe dacă este stornată",
        "Factura este stornată parțial.",
        "Factura este deja stornată în parte",
        "Factura este stornata 50%",
        "Factura este deja stornata pe jumatate",
        "Factura a fost deja stornata doar pentru un produs",
        "Un produs din factura a fost deja stornat",
        "O linie a facturii este deja stornată",
        "Produsul a fost deja stornat",
        "Suma de 10 lei a fost deja stornata",
        "Factura este deja stornata pentru suma de 10 lei din 123",
        "Factura este deja stornata (10.00 din 123.45)",
        "Este deja stornata alta factura",
        "Factura care este deja stornata nu exista",
        "Factura a fost stornata, dar stornarea a fost anulata",
        "Factura a fost deja stornata si storno-ul a fost sters",
        "Factura este deja stornata sau inchisa",
        "Factura inchisa sau deja stornata",
        "Fie factura este deja stornata, fie nu exista",
        "Invoice is closed or already reversed",
        "Invoice already reversed in part",
        "The payment of the invoice was already reversed",
        "Cannot be reversed; only drafts are already reversed",
        "Facturile: CVZ 1 este deja stornata, CVZ 2 nu",
        "Factura a fost deja stornata?",
        "Factura este deja stornata: NU",
        "Factura avans 42 este deja stornata",
        "Factura este nestornată",
        "Stornare imposibilă",
        "",
    ],
)
def test_a_word_too_many_is_a_refusal_for_a_person(said: str) -> None:
    assert not _already(said)
    assert not REVERSED_ALREADY.said(said, "0042")


PAPERS = ["Chitanța", "Chitanța facturii", "Încasarea", "Avizul", "Proforma", "Plata", "Seria",
          "Bonul fiscal", "Comanda", "Factura de avans", "Nota de credit", "Altă factură",
          "The receipt", "The payment", "The order", "Linia", "Produsul", "Avansul"]  # fmt: skip


@given(
    st.sampled_from(PAPERS),
    st.sampled_from(["este deja", "a fost", "a fost deja", "este", "was already", "is already"]),
    st.sampled_from(["{}", "{}.", "Eroare: {}", "Nu se poate: {} la 10.11.2026", "CVZ 0042: {}"]),
)
def test_what_was_done_to_another_paper_was_not_done_to_the_invoice(
    paper: str, verb: str, form: str
) -> None:
    """Believed of a service that cannot be asked, its invoice would stand for good."""
    said = form.format(f"{paper} {verb} stornată")
    assert not _already(said)
    assert not REVERSED_ALREADY.said(said, "0042")


WRAPS = [
    "nu {}", "factura nu mai {} acum", "{} parțial", "dacă {}", "niciodată {}", "{} partial",
    "{}: NU", "{}? nu", "{} - no", "{} incomplet", "{} doar în proporție de 50%",
    "{} 1 din 2 poziții", "{} eronat", "când {}", "altă factură {}", "seria {}", "ne-{}",
    "{} 50%", "{} pe jumătate", "{}, dar stornarea a fost anulată", "{} sau plătită", "poate {}",
    "{} de altă firmă", "{} doar pentru transport", "produsul {}", "{} sau nu", "ori {}",
]  # fmt: skip


@given(
    st.sampled_from(["deja stornată", "este stornata", "a fost stornat", "este deja stornată"]),
    st.sampled_from(WRAPS),
)
def test_no_denied_or_partial_wording_counts_as_done(said: str, wrap: str) -> None:
    assert not REVERSED_BEFORE.said(wrap.format(said), "0042")


@given(
    st.sampled_from(["este deja stornată", "a fost stornată", "nu este stornată"]),
    st.text("abcdefghijklmnoprstuvz", min_size=2, max_size=9),
    st.booleans(),
)
def test_any_word_that_no_form_has_takes_it_back(said: str, word: str, behind: bool) -> None:
    known = {"deja", "anterior", "integral", "total", "complet", "odata", "eroare", "error",
             "document", "factura", "motiv", "motivul", "mesaj", "atentie"}  # fmt: skip
    if word not in known:
        text = f"Factura {said} {word}" if behind else f"Factura {word} {said}"
        assert not REVERSED_BEFORE.said(text, "0042")


@given(st.integers(1, 99_999), st.integers(1, 99_999), st.sampled_from(["XC {}", "XC-{}", "{:06}"]))
def test_another_invoices_number_is_no_word_of_ours(ours: int, other: int, form: str) -> None:
    said = f"Factura {form.format(other)} este deja stornata"
    assert REVERSED_ALREADY.said(said, str(ours)) is (ours == other)
