"""Rows that are one order, rows that are none, and days that are slips."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from set_clock import SetClock

from core.orders.imports import cell_parsers, courier_report, importing
from core.orders.imports.codes import ImportCode, ImportNote
from core.orders.imports.importing import guess_columns
from core.orders.imports.rows import NO_CHOICES, Drafts, FileChoices, read_rows
from core.orders.imports.spreadsheet import read_table

ZONE = ZoneInfo("Europe/Bucharest")
BOXES = ["7000331066301", "7000331066302", "7000331066303"]


def drafts(text: str, choices: FileChoices = NO_CHOICES) -> Drafts:
    table = read_table(text.encode())
    return read_rows(table.named(guess_columns(table.headers)), ZONE, choices)


def notes(read: Drafts) -> list[tuple[int, str]]:
    return [(one.line, one.reason.code) for one in read.notes]


# ---------------------------------------------------------------- whose a row is


def test_an_order_is_one_however_its_rows_write_its_name() -> None:
    read = drafts(
        f"Comanda;AWB;Total\nRO-77;{BOXES[0]};55\n#RO-77;{BOXES[1]};55\nro-77 ;{BOXES[2]};\n"
    )
    [order] = read.orders.values()
    assert order.name == "RO-77"
    assert [one.tracking for one in order.parcels] == BOXES


def test_a_refused_row_holds_its_order_in_whatever_writing() -> None:
    read = drafts(f"Comanda;AWB;Total\n#81;{BOXES[0]};55\n81;zece;55\n")
    assert not read.orders
    assert list(read.refused) == ["#81"]


@pytest.mark.parametrize(
    "name",
    ["TOTAL", "Total:", "Total general", "Total comenzi: 31", "SUBTOTAL", "Sumă", "Összesen"],
)
def test_the_sum_below_a_list_is_no_order(name: str) -> None:
    read = drafts(f"Comanda;AWB;Total\nB-5;{BOXES[0]};55,20\n{name};31250;1.234,50\n")
    assert list(read.orders) == ["B-5"]
    assert notes(read) == [(3, ImportCode.SUM_ROW)]
    assert not read.refused


def test_a_sum_whose_word_stands_in_another_column_does_not_hold_the_last_order() -> None:
    read = drafts(f"Comanda;Client;AWB;Total\nB-5;Ana;{BOXES[0]};55,20\n;TOTAL:;31250;55,20\n")
    assert list(read.orders) == ["B-5"]


@pytest.mark.parametrize("name", ["TOTALRO-1", "Summer-7", "#Total-3"])
def test_a_name_that_only_begins_like_a_sum_is_an_orders(name: str) -> None:
    assert list(drafts(f"Comanda;AWB;Total\n{name};{BOXES[0]};9,10\n").orders) == [name]


def test_one_name_with_two_customers_is_no_order() -> None:
    """As in lists of two shops that count alike, put together."""
    text = f"Comanda;AWB;Total;Client\n12;{BOXES[0]};80;Ana Pop\n12;{BOXES[1]};80;Radu Ionescu\n"
    read = drafts(text)
    assert not read.orders
    assert (3, ImportCode.OTHER_CUSTOMER) in notes(read)


@pytest.mark.parametrize("again", ["", "POP ANA", "Ana-Maria Pop", "-"])
def test_one_customer_in_two_writings_is_one(again: str) -> None:
    text = f"Comanda;AWB;Total;Client\n12;{BOXES[0]};80;Ana Maria Pop\n12;{BOXES[1]};80;{again}\n"
    assert len(drafts(text).orders["12"].parcels) == 2


@pytest.mark.parametrize(
    "text", ["2026-11-10", "2026-11-10 00:00:00", "10-Nov", "3.noi.", "07-mai", "12 dec"]
)
def test_a_name_that_a_spreadsheet_made_a_day_of_is_told(text: str) -> None:
    with pytest.raises(ImportNote) as caught:
        cell_parsers.order_name(text)
    assert caught.value.reason.code == ImportCode.LOST_DIGITS


@pytest.mark.parametrize("text", ["2026-11-100", "MAI-12", "10-ABC", "20261110", "2026-1110"])
def test_a_name_like_a_day_is_a_name(text: str) -> None:
    assert cell_parsers.order_name(text) == text


# ---------------------------------------------------------------- days


@pytest.mark.parametrize(("ahead", "is_taken"), [(0, True), (1, True), (3, False), (13_150, False)])
def test_an_order_of_a_day_to_come_is_told(ahead: int, is_taken: bool) -> None:
    day = dt.datetime.now(ZONE).date() + dt.timedelta(days=ahead)
    read = drafts(f"Comanda;AWB;Total;Data\n5;{BOXES[0]};80;{day:%d.%m.%Y}\n")
    assert bool(read.orders) is is_taken
    assert is_taken or notes(read) == [(2, ImportCode.NOT_DATE)]


def test_a_parcel_may_be_planned_for_some_days_ahead() -> None:
    day = dt.datetime.now(ZONE).date() + dt.timedelta(days=6)
    read = drafts(f"Comanda;AWB;Total;Data expedierii\n5;{BOXES[0]};80;{day:%d.%m.%Y}\n")
    assert read.orders


MIXED = (
    "Comanda;AWB;Total;Data\n"
    f"5;{BOXES[0]};80;2025-04-03\n"  # 4 March, as an American spreadsheet read it
    f"6;{BOXES[1]};80;25/03/2025\n"
    f"7;{BOXES[2]};80;2025-03-03\n"
)


def days(read: Drafts) -> dict[str, str]:
    return {
        name: one.created_at.astimezone(ZONE).date().isoformat()
        for name, one in read.orders.items()
        if one.created_at
    }


def test_days_that_a_spreadsheet_read_its_own_way_are_asked_about() -> None:
    read = drafts(MIXED)
    assert notes(read) == [(2, ImportCode.DAY_OR_MONTH)]
    assert days(read) == {"6": "2025-03-25", "7": "2025-03-03"}
    table = read_table(MIXED.encode())
    assert importing.asks_for_day_order(table, guess_columns(table.headers))


@pytest.mark.parametrize(("day_first", "day"), [(True, "2025-03-04"), (False, "2025-04-03")])
def test_a_person_says_which_way_round_they_are(day_first: bool, day: str) -> None:
    assert days(drafts(MIXED, FileChoices(day_first=day_first)))["5"] == day


@pytest.mark.parametrize(
    "other", ["2025-03-25", "03/04/2025", "25.03.2025"]
)  # a day above 12; a text that could have been read; dots, which are day first anyway
def test_whole_dates_beside_others_stand_as_they_are(other: str) -> None:
    cells = ["2025-04-03", "25/03/2025", other] if "." not in other else ["2025-04-03", other]
    rows = "".join(f"{n};{BOXES[n]};80;{cell}\n" for n, cell in enumerate(cells))
    assert days(drafts("Comanda;AWB;Total;Data\n" + rows))["0"] == "2025-04-03"


def test_a_couriers_report_asks_and_reads_them_alike(shop: int, set_clock: SetClock) -> None:
    text = f"AWB;Status;Data status\n{BOXES[0]};Refuzat;2025-04-03\n{BOXES[1]};Refuzat;25/03/2025\n"
    table = read_table(text.encode())
    assert courier_report.asks_for_day_order(table)
    report = courier_report.take_report(table)
    assert [one.reason.code for one in report.notes] == [ImportCode.DAY_OR_MONTH]
    assert courier_report.take_report(table, day_first=True).notes == []
