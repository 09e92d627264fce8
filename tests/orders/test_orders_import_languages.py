"""Cells as they are written around here: other languages' money, pieces, days, papers and words."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.labels.cells import NotANumber, numbers_in
from core.orders.imports import cell_parsers, days, importing
from core.orders.imports.cell_parsers import UNSURE
from core.orders.imports.codes import ImportCode, ImportNote
from core.orders.imports.invoice_cells import OTHER_PAPERS, invoices_in
from core.orders.imports.rows import Drafts, read_rows

ZONE = ZoneInfo("Europe/Bucharest")
SERVICES = frozenset({"smartbill", "oblio", "fgo", "stripe"})


def listed(*rows: dict[str, str]) -> Drafts:
    usual = {"tracking": "7000121077001", "total": "10"}
    return read_rows([(n, {**usual, **row}) for n, row in enumerate(rows, 2)], ZONE)


# ---------------------------------------------------------------- money


@pytest.mark.parametrize(
    ("text", "currency"),
    [("149,90 zł", "PLN"), ("149,90 Kč", "CZK"), ("12.990 Ft", "HUF"), ("149.90 MDL", "MDL"),
     ("CHF 149.90", "CHF"), ("149,90 лв.", "BGN"), ("₺149,90", "TRY"), ("149,90 €", "EUR"),
     ("RON 149,90", "RON"), ("149,90 lei", "RON"), ("149,90", "")],
)  # fmt: skip
def test_the_currency_beside_an_amount_counts(text: str, currency: str) -> None:
    assert cell_parsers.minor(text) in (14_990, 1_299_000)
    assert cell_parsers.currency_in(text) == currency
    order = listed({"order": "1", "total": text}).orders["1"]
    assert order.currency == currency


def test_a_currency_beside_the_amount_that_its_column_denies_is_told() -> None:
    drafts = listed({"order": "1", "total": "149,90 €", "currency": "RON"})
    assert drafts.orders == {}
    [one] = drafts.notes
    assert (one.column, one.reason.code) == ("currency", ImportCode.NOT_CURRENCY)


@pytest.mark.parametrize(
    ("column", "text", "minor"),
    [
        (["149.985"], "149.985", None),  # a thousand, or VAT worked out to the third place
        (["0,125", "1234.567", "149.985"], "149.985", None),
        (["89.90", "149.985"], "149.985", None),
        (["89,90", "149.985"], "149.985", 14_998_500),
        (["1.234.567", "149.985"], "149.985", 14_998_500),
        (["1.234,50", "2.345"], "2.345", 234_500),
        (["1,234.50", "2,345"], "2,345", 234_500),
        (["1,234.50", "2.345"], "2.345", None),
        (["12.990 Ft"], "12.990 Ft", 1_299_000),
    ],
)
def test_a_column_must_show_what_a_mark_parts(
    column: list[str], text: str, minor: int | None
) -> None:
    rows = [{"order": str(n), "total": one} for n, one in enumerate(column)]
    drafts = listed(*rows)
    order = drafts.orders.get(str(column.index(text)))
    assert (order.total_minor if order else None) == minor


def test_where_the_currency_has_no_cents_each_mark_is_a_thousands() -> None:
    drafts = listed({"order": "1", "total": "12.990", "currency": "HUF"})
    assert drafts.orders["1"].total_minor == 1_299_000


@given(st.lists(st.integers(1000, 10**8), min_size=1, max_size=6), st.sampled_from(".,"))
def test_no_column_of_lone_groups_becomes_a_thousand_times_itself(
    values: list[int], mark: str
) -> None:
    """VAT at three places, every row of it: none can be told from thousands."""
    texts = [f"{value // 1000}{mark}{value % 1000:03}" for value in values]
    assert cell_parsers.marks_of(texts) in (UNSURE, mark)
    for text in texts:
        with pytest.raises(ImportNote):
            cell_parsers.minor(text, cell_parsers.marks_of(texts))


# ---------------------------------------------------------------- pieces and days


@pytest.mark.parametrize(
    "text", ["3 db", "3 ks", "3 szt.", "3 kom", "3 бр.", "3 шт", "3 Stück", "3 τεμ", "3 pz",
             "3 buc", "3 x", "x3", "3 adet", "3.0", "3,00"]
)  # fmt: skip
def test_pieces_are_counted_in_the_languages_around(text: str) -> None:
    assert cell_parsers.quantity(text) == 3


@pytest.mark.parametrize(
    "text",
    ["10 noiembrie 2026", "10 november 2026", "2026. november 10.", "2026. 11. 10.",
     "10 ноември 2026 г.", "10.11.2026 г.", "10 listopada 2026", "10. listopadu 2026",
     "10. November 2026", "10 Νοεμβρίου 2026", "10 Kasım 2026", "20261110", "46336", "46336,0",
     "Tue, 10 Nov 2026", "Nov 10, 2026"],
)  # fmt: skip
def test_a_day_with_one_meaning_is_read_in_the_languages_around(text: str) -> None:
    assert days.moment(text, ZONE).astimezone(ZONE).date() == dt.date(2026, 11, 10)


@pytest.mark.parametrize("text", ["-", "n/a", "0", "#N/A", ""])
def test_a_placeholder_for_a_day_is_no_day_and_refuses_nothing(text: str) -> None:
    order = listed({"order": "1", "created_at": text}).orders["1"]
    assert order.created_at is None


# ---------------------------------------------------------------- papers


@pytest.mark.parametrize("paper", sorted(OTHER_PAPERS))
@pytest.mark.parametrize("form", ["{} 42", "{}-42", "{}42", "{} nr. 42", "{}: 42", "{} / 42"])
def test_papers_that_are_no_invoices_never_become_a_series(paper: str, form: str) -> None:
    for written in (paper, paper.upper(), paper.title()):
        found, unclear = invoices_in(form.format(written), SERVICES, "smartbill")
        assert found == []
        assert [one.reason.code for one in unclear] == [ImportCode.NOT_INVOICE]


@pytest.mark.parametrize(
    "text", ["CVZ № 42", "Rechnung CVZ-42", "Faktura CVZ/42", "Számla: CVZ 42", "CVZ_42", "CVZ–42"]
)
def test_an_invoice_is_named_in_the_languages_around(text: str) -> None:
    found, unclear = invoices_in(text, SERVICES, "smartbill")
    assert ([str(one) for one in found], unclear) == (["smartbill:CVZ:42"], [])


# ---------------------------------------------------------------- words beside a number


@pytest.mark.parametrize(
    "text",
    ["{} (FAN)", "{} - FAN Courier", "{} [Sameday]", "«{}»", "({})", "[{}]", '["{}"]', "{} (1/1)",
     "\u2066{}\u2069", "AWB nr. {}", "FAN: {}", "{}.0", "{}<br>", "'{}'"],
)  # fmt: skip
def test_what_only_stands_around_a_number_is_noise(text: str) -> None:
    assert numbers_in(text.format("7000121077001")) == ["7000121077001"]


@pytest.mark.parametrize(
    "text", ["{} retur", "{} x2", "tel {}", "{} livrat", "comanda {}", "{} anulat", "{} (retur)"]
)
def test_a_word_beside_a_number_is_never_glued_to_it(text: str) -> None:
    with pytest.raises(NotANumber):
        numbers_in(text.format("7000121077001"))


@given(
    st.lists(
        st.from_regex(r"70001210[0-9]{5}", fullmatch=True), min_size=2, max_size=4, unique=True
    ),
    st.sampled_from(["<br>", "\\n", " și ", " и ", " und ", " & ", "; ", ", "]),
)
def test_numbers_parted_in_any_way_are_parcels_of_their_own(numbers: list[str], mark: str) -> None:
    assert numbers_in(mark.join(numbers)) == numbers


# ---------------------------------------------------------------- headers

HEADERS = {
    "de": "Bestellung;Sendungsnummer;Gesamtbetrag;Währung;Zahlungsart;Rechnung",
    "de, shorter": "Bestell-Nr.;Paketnummer;Summe;Währung;Zahlung;Rechnungsnummer",
    "hu": "Rendelés száma;Fuvarlevélszám;Összeg;Pénznem;Fizetési mód;Számla",
    "pl": "Zamówienie;Numer przesyłki;Kwota;Waluta;Płatność;Faktura",
    "it": "Numero ordine;Numero di spedizione;Totale;Valuta;Pagamento;Fattura",
    "bg": "Поръчка;Товарителница;Стойност;Валута;Плащане;Фактура",
    "cs": "Objednávka;Zásilka;Celkem;Měna;Způsob platby;Číslo faktury",
    "es": "Pedido;Número de seguimiento;Importe;Moneda;Método de pago;Número de factura",
    "fr": "Commande;Numéro de suivi;Montant;Devise;Mode de paiement;Facture",
}


@pytest.mark.parametrize("language", HEADERS)
def test_headers_of_each_language_are_known_the_invoices_too(language: str) -> None:
    """An invoice's column that nobody maps is not read, and its order has none."""
    names = HEADERS[language].split(";")
    wanted = ("order", "tracking", "total", "currency", "payment", "invoice")
    assert importing.guess_columns(names) == dict(zip(wanted, names, strict=True))
    listed_ = importing.guess_invoice_columns([names[0], "serie", names[5]])
    assert (listed_["order"], listed_["number"]) == (names[0], names[5])


@pytest.mark.parametrize("name", ["Comandă furnizor", "Total faktur", "Rechnungsadresse", "Mena 2"])
def test_a_header_that_only_holds_such_a_word_is_another_column(name: str) -> None:
    assert importing.guess_columns([name]) == {}
