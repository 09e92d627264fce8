"""Each cell is read in its one meaning, or told with its value; nothing becomes something else."""

import datetime as dt
import time
from contextlib import suppress
from decimal import ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from core.labels.cells import PLACEHOLDERS, NotANumber, is_placeholder, numbers_in
from core.orders.imports import cell_parsers, days
from core.orders.imports.cell_parsers import CellNumber
from core.orders.imports.codes import ImportCode, ImportNote
from core.orders.imports.files.lines import LONGEST_CELL
from core.orders.imports.invoice_cells import CellInvoice, invoices_in
from core.services.payments import names_cod, payment_of

ZONE = ZoneInfo("Europe/Bucharest")
SERVICES = frozenset({"smartbill", "oblio", "fgo", "stripe"})


@pytest.mark.parametrize(
    ("text", "value"),
    [("149.985", 14999), ("12.345", 1235), ("1234.567", 123457), ("0.30000000000000004", 30)],
)
def test_a_number_cell_is_a_number_rounded_to_hundredths(text: str, value: int) -> None:
    assert cell_parsers.minor(CellNumber(text)) == value


@given(st.decimals(0, 99_999, places=6))
def test_no_number_cell_becomes_a_thousand_times_itself(value: Decimal) -> None:
    exact = value.quantize(Decimal("0.01"), ROUND_HALF_UP) * 100
    assert cell_parsers.minor(CellNumber(format(value, "f"))) == int(exact)


@pytest.mark.parametrize(
    "text",
    ["0,250", "0.250", "4321.765", "98765,432", "77.7.", ".,", "1.23.456", "1E+4", "2.5e3", "-7",
     "(12,50)", "12,50-", "5-6", "12 3", "1,2,3", "1.234,5678", "01.234", "zece", "10 buc"],
)  # fmt: skip
def test_what_is_no_plain_amount_is_told(text: str) -> None:
    with pytest.raises(ImportNote) as caught:
        cell_parsers.minor(text)
    assert caught.value.value == text
    assert caught.value.column == "total"


@pytest.mark.parametrize(
    ("text", "value"),
    [("2.345", 234500), ("2.345.678,90", 234567890), ("2'345.60", 234560), ("2 345,60", 234560),
     ("99,-", 9900), ("RON 12,5", 1250), ("12.50 lei", 1250), ("€7", 700), ("88.500000", 8850)],
)  # fmt: skip
def test_amounts_with_one_meaning_are_read(text: str, value: int) -> None:
    assert cell_parsers.minor(text) == value


@given(st.integers(0, 10**9), st.sampled_from(".,"), st.booleans())
def test_every_written_amount_comes_back_as_itself(value: int, mark: str, grouped: bool) -> None:
    whole, cents = divmod(value, 100)
    other = "," if mark == "." else "."
    text = f"{whole:,}".replace(",", other) if grouped else str(whole)
    assert cell_parsers.minor(f"{text}{mark}{cents:02}") == value


@given(st.integers(0, 10**6), st.integers(0, 999), st.sampled_from(".,"))
def test_three_decimals_are_never_a_thousand_where_groups_do_not_fit(
    whole: int, rest: int, mark: str
) -> None:
    assume(whole == 0 or whole > 999)
    with pytest.raises(ImportNote):
        cell_parsers.minor(f"{whole}{mark}{rest:03}")


def test_a_column_that_shows_its_decimal_mark_reads_no_thousand_by_it() -> None:
    marks = cell_parsers.marks_of(["89.90", "149.985", "7"])
    assert marks == "."
    with pytest.raises(ImportNote):
        cell_parsers.minor("149.985", marks)
    assert cell_parsers.minor("1,234", marks) == 123400
    assert cell_parsers.marks_of(["1.234"]) == cell_parsers.UNSURE


# ---------------------------------------------------------------- tracking numbers


@pytest.mark.parametrize(
    "text",
    ["-", "--", "0", "000", "n/a", "#N/A", "#REF!", "NaN", "none", "NULL", "nu", "Da", "x", "?",
     "fără", "0.0", " ", "\u200b"],
)  # fmt: skip
def test_placeholders_are_no_numbers(text: str) -> None:
    assert is_placeholder(text)
    assert numbers_in(text) == []


@given(
    st.sampled_from(sorted(PLACEHOLDERS)), st.sampled_from(["{}", " {} ", "#{}!", "({})", "{}."])
)
def test_no_placeholder_becomes_a_number_however_it_is_written(word: str, form: str) -> None:
    assert numbers_in(form.format(word.lower())) == []


NUMBERS = st.integers(10**9, 10**14).map(str)
NOISE = st.sampled_from(
    ["{}", "'{}", '="{}"', " {} ", "AWB {}", "AWB: {}", "FAN: {}", "Nr. AWB {}", "{}\u200b",
     "\u00a0{}", "{}.0", "{},00", '"{}"', "Sameday {}", "tracking: {}"]
)  # fmt: skip


@given(NUMBERS, NOISE)
def test_marks_around_a_number_are_noise(number: str, form: str) -> None:
    assert numbers_in(form.format(number)) == [number]


@given(NUMBERS, st.sampled_from("-. /"), st.integers(3, 6))
def test_groups_of_one_number_are_one_number(number: str, mark: str, at: int) -> None:
    assume(len(number) - at < 8 or mark in "-.")
    assert numbers_in(f"{number[:at]}{mark}{number[at:]}") == [number]


@given(
    st.lists(NUMBERS, min_size=1, max_size=5, unique=True),
    st.sampled_from([",", ", ", ";", "\n", " ", " / ", "/", " și ", " + ", "|", "\r\n"]),
)
def test_several_numbers_in_a_cell_are_several_parcels(numbers: list[str], mark: str) -> None:
    assert numbers_in(mark.join(numbers)) == numbers


@given(NUMBERS, st.integers(5, 30))
def test_a_number_that_was_cut_is_told(number: str, power: int) -> None:
    for text in (f"{number[0]}.{number[1:6]}E+{power}", f"{number[0]},{number[1:4]}e{power}"):
        with pytest.raises(NotANumber) as caught:
            numbers_in(text)
        assert caught.value.cut


@given(st.integers(10**15, 10**24))
def test_a_number_cell_of_more_than_fifteen_digits_has_lost_some(number: int) -> None:
    with pytest.raises(ImportNote) as caught:
        cell_parsers.trackings(CellNumber(number))
    assert caught.value.reason.code == ImportCode.LOST_DIGITS
    assert cell_parsers.trackings(str(number)) == [str(number)]


@pytest.mark.parametrize("text", ["hello", "de trimis", "AWB1", "7000121083201.50", "@12@"])
def test_what_is_still_no_number_is_told(text: str) -> None:
    with pytest.raises(ImportNote):
        cell_parsers.trackings(text)


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("AB123456 CD654321", ["AB123456", "CD654321"]),  # each could stand alone
        ("AB123456/CD654321", ["AB123456", "CD654321"]),
        ("ABC12345 CD654321", ["ABC12345CD654321"]),  # the first has too few digits for that
        ("A123456 CD654321", ["A123456CD654321"]),  # the first is too short
        ("URGC 10875236", ["URGC10875236"]),
        ("urgc 10875236", ["urgc10875236"]),
        ("jd 014600003889800000", ["jd014600003889800000"]),
        ("7000121083646 (FAN)", ["7000121083646"]),
        ("7000121083646 - FAN Courier", ["7000121083646"]),
        ("AWB FAN: 7000121083646 (1/2)", ["7000121083646"]),
        ("ABC123", ["ABC123"]),
        ("1234", ["1234"]),
        ("7" * 60, ["7" * 60]),
        ("12345678, 12345678", ["12345678"]),
    ],
)
def test_pieces_are_one_number_unless_each_could_be_one(text: str, numbers: list[str]) -> None:
    assert numbers_in(text) == numbers


@pytest.mark.parametrize(
    "text",
    ["12345678 retur", "12345678 tel", "12345678 x2", "12345678 2X", "RETUR 12345678", "123",
     "ABCD12", "7" * 61, "12345678.50", "AWB 12345678.5", "https://trk.example/12345678",
     "1234567é"],
)  # fmt: skip
def test_a_part_that_is_no_number_is_told_as_it_was_written(text: str) -> None:
    with pytest.raises(NotANumber) as caught:
        numbers_in(text)
    assert (caught.value.part, caught.value.cut) == (text, False)


@given(st.text(max_size=40))
def test_any_cell_is_read_or_told(text: str) -> None:
    for read in (
        cell_parsers.minor,
        cell_parsers.trackings,
        cell_parsers.quantity,
        cell_parsers.payment,
        cell_parsers.currency,
        lambda cell: days.moment(cell, ZONE),
        lambda cell: invoices_in(cell, SERVICES),
    ):
        sentence = "."
        try:
            read(text)
        except ImportNote as error:
            sentence = str(error)
        assert sentence.endswith(".")


# ---------------------------------------------------------------- quantities, days, payments


@pytest.mark.parametrize(
    ("text", "count"),
    [("3", 3), ("3.0", 3), ("3,00", 3), ("3 buc", 3), ("1 bucată", 1), ("x4", 4), ("4x", 4),
     ("2 pcs.", 2), ("", 1)],
)  # fmt: skip
def test_quantities_are_read_with_their_unit(text: str, count: int) -> None:
    assert cell_parsers.quantity(text) == count


@pytest.mark.parametrize("text", ["2.5", "x", "-1", "2.000", "două", "1 kg 2"])
def test_what_is_no_whole_quantity_is_told(text: str) -> None:
    with pytest.raises(ImportNote):
        cell_parsers.quantity(text)


@pytest.mark.parametrize(
    "text",
    ["21.11.26", "21/11/2026", "21-11-2026", "2026-11-21", "2026/11/21", "11/21/2026",
     "21 nov 2026",
     "21 noiembrie 2026", "Nov 21, 2026", "46347", "21.11.2026 00:00", "2026-11-21 00:00:00 +0200",
     "2026-11-20T22:00:00Z", "21.11.2026, 00:00:00", "11/21/2026 12:00 AM"],
)  # fmt: skip
def test_a_day_is_read_however_it_is_written(text: str) -> None:
    assert days.moment(text, ZONE) == dt.datetime(2026, 11, 20, 22, tzinfo=dt.UTC)


@given(st.dates(dt.date(1995, 1, 1), dt.date(2090, 1, 1)), st.sampled_from("/-"))
def test_a_day_that_may_be_two_days_is_asked_about(day: dt.date, mark: str) -> None:
    text = f"{day.day:02}{mark}{day.month:02}{mark}{day.year}"
    if day.day <= 12 and day.day != day.month:
        with pytest.raises(ImportNote) as caught:
            days.moment(text, ZONE)
        assert caught.value.reason.code == ImportCode.DAY_OR_MONTH
        assert days.asks_for_order([text])
    read = days.moment(text, ZONE, day_first=True).astimezone(ZONE).date()
    assert read == day


@given(st.dates(dt.date(1995, 1, 1), dt.date(2090, 1, 1)))
def test_dots_are_day_first_without_asking(day: dt.date) -> None:
    text = day.strftime("%d.%m.%Y")
    assert days.moment(text, ZONE).astimezone(ZONE).date() == day
    assert not days.asks_for_order([text])


@pytest.mark.parametrize("text", ["10.11.99", "01.02.70", "3/4/88", "31-12-69"])
def test_a_year_of_two_digits_is_never_one_of_the_last_century_nor_far_ahead(text: str) -> None:
    with pytest.raises(ImportNote) as caught:
        days.moment(text, ZONE, day_first=True)
    assert caught.value.reason.code == ImportCode.NOT_DATE


def test_one_date_of_a_column_settles_the_others() -> None:
    assert days.order_of_day(["05/06/2026", "25/06/2026"]) is True
    assert days.order_of_day(["05/06/2026", "06/25/2026"]) is False
    assert days.order_of_day(["25/06/2026", "06/25/2026"]) is None


@pytest.mark.parametrize(
    "name",
    ["Plata la curier", "Plată cash la livrare", "Utánvét", "Utánvétel (COD)", "Numerar la livrare",
     "Card la livrare", "Plată la primire", "Dobírka", "Nachnahme", "Contrassegno", "Pouzećem",
     "Наложен платеж", "Plata ramburs", "Cash on Delivery (COD)"],
)  # fmt: skip
def test_names_of_cash_on_delivery_are_known(name: str) -> None:
    assert payment_of(name) == "cod"
    assert names_cod([name])


@pytest.mark.parametrize("name", [
    "Shopify Payments", "Stripe", "Klarna", "Netopia", "Bank Deposit", "manual", "Cash App Pay",
    "Card bancar online", "Ordin de plată", "PayU",
])  # fmt: skip
def test_names_of_paying_before_are_known(name: str) -> None:
    assert payment_of(name) == "prepaid"
    assert not names_cod([name])


def test_words_of_the_shops_own_settings_count_as_well() -> None:
    assert not names_cod(["Achitare la rampă"])
    assert names_cod(["Achitare la rampă"], "la rampă, altceva")


def test_an_unknown_way_of_paying_keeps_its_order() -> None:
    with pytest.raises(ImportNote) as caught:
        cell_parsers.payment("troc")
    assert caught.value.taken


# ---------------------------------------------------------------- invoices


@pytest.mark.parametrize(
    "text",
    ["smartbill:AB:0042", "smartbill AB 0042", "smartbill: AB 0042", "smartbill:AB-0042",
     "factura AB 0042", "AB0042", "AB-0042", "AB 0042 / 10.11.2026", "seria AB nr. 0042",
     "Factura fiscală seria AB nr 0042 din 10.11.2026", "AB 0042 2026-11-10"],
)  # fmt: skip
def test_an_invoice_is_understood_with_the_forms_service(text: str) -> None:
    assert invoices_in(text, SERVICES, "smartbill") == (
        [CellInvoice("smartbill", "AB", "0042")],
        [],
    )


@pytest.mark.parametrize("mark", [";", ",", "\n", " ", "|", "; "])
def test_a_list_of_invoices_is_never_one_number(mark: str) -> None:
    found, unclear = invoices_in(f"oblio:OB:1{mark}oblio:OB:02", SERVICES)
    assert [str(one) for one in found] == ["oblio:OB:1", "oblio:OB:02"]
    assert unclear == []


@pytest.mark.parametrize(
    "text", ["smartbill:52", "AB 1 CD 2", "nobody:AB:1", "AB", "factura", "AB 12/13", "1.2.3"]
)
def test_what_is_not_wholly_an_invoice_is_told(text: str) -> None:
    found, unclear = invoices_in(text, SERVICES, "smartbill")
    assert found == []
    assert [one.value for one in unclear] == [text]


def test_a_number_alone_needs_the_series_and_any_needs_a_service() -> None:
    assert invoices_in("0042", SERVICES, "fgo", "AB")[0] == [CellInvoice("fgo", "AB", "0042")]
    [note] = invoices_in("AB 0042", SERVICES)[1]
    assert note.reason.code == ImportCode.NO_INVOICE_SERVICE


@given(st.text("abcAB019 :-/;,.\n", max_size=30))
def test_no_invoice_is_made_of_characters_the_cell_does_not_have(text: str) -> None:
    found, _ = invoices_in(text, SERVICES, "smartbill")
    for one in found:
        assert one.number in text
        assert one.series in text


LONG = LONGEST_CELL // 2
HOSTILE = ("11", "1.", "1 ", "1\u00a0", "a1", "ab", "ță", "#1", "1/", "RON ", "1,1.", "1e", "--")


@pytest.mark.parametrize("letters", HOSTILE)
def test_the_longest_cell_costs_little_whatever_stands_in_it(letters: str) -> None:
    """A file of 50 MB has 10,000 of them: at a second each the page would hang for hours."""
    cell = (letters * LONG)[:LONGEST_CELL]
    least = 1.0
    for _ in range(3):
        began = time.process_time()
        for parse in (cell_parsers.trackings, cell_parsers.payment, cell_parsers.minor,
                      cell_parsers.currency, cell_parsers.quantity):  # fmt: skip
            with suppress(ImportNote):
                parse(cell)
        least = min(least, time.process_time() - began)
    assert least < 0.1


@pytest.mark.parametrize(
    "text",
    ["anulata 42", "ANUL 2026", "stornata 42", "Storno-7", "achitat 100", "neachitat 12", "da 42",
     "REFUZ 12", "retur 5", "reversed 42", "RO 12345674", "RO12345674", "TVA 19", "telefon 0722000",
     "cancelled 9", "nu 42", "emisa 3"],
)  # fmt: skip
def test_what_became_of_a_paper_is_no_series(text: str) -> None:
    """ "anulata 42" had been read as series "anulata", number 42."""
    found, [unclear] = invoices_in(text, SERVICES, "smartbill")
    assert (found, unclear.value) == ([], text)


@pytest.mark.parametrize("text", ["RO 42", "ANU 7", "STR 12", "REF2 9", "DAR 4", "NUT 5"])
def test_a_series_that_only_begins_like_such_a_word_is_one(text: str) -> None:
    [found], unclear = invoices_in(text, SERVICES, "smartbill")
    assert (f"{found.series} {found.number}", unclear) == (text, [])


@pytest.mark.parametrize(
    ("text", "name"),
    [("1001.0", "1001"), ("1001.00", "1001"), ("#A1\n x", "#A1 x"), ("\u200b#7\ufeff", "#7"),
     ("RO1001.1", "RO1001.1"), ("12E4", "12E4"), ("#1001.0", "#1001.0"), (" 7 ", "7"),
     ("4017,0", "4017"), ("4.000", "4.000"), ("17,000", "17,000"),
     (cell_parsers.CellNumber("4017.0000"), "4017")],
)  # fmt: skip
def test_an_orders_name_is_what_is_seen_of_it(text: str, name: str) -> None:
    assert cell_parsers.order_name(text) == name


@pytest.mark.parametrize("text", ["1.2E+05", "1,00012E+12", "4E+10"])
def test_an_orders_name_that_lost_its_digits_is_told(text: str) -> None:
    """ "1.2E+05" had become an order of that name."""
    with pytest.raises(ImportNote) as caught:
        cell_parsers.order_name(text)
    assert caught.value.reason.code == ImportCode.LOST_DIGITS
