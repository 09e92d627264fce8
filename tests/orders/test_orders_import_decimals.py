"""Days counted by old Macs, amounts that their comma parted, texts that a program guards."""

import io
from typing import Any

import openpyxl
import pytest
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from sqlalchemy import Engine
from test_orders_import_files import BOX, codes, take

from core.orders.imports import importing
from core.orders.imports.codes import ImportCode
from core.orders.imports.rows import Draft

OTHER = "7000121088899"


def read(shop: int, data: str | bytes, filename: str = "list.csv") -> list[Draft]:
    raw = data.encode() if isinstance(data, str) else data
    table = importing.read_table(raw, filename)
    mapping = importing.guess_columns(table.headers)
    return list(importing.preview_orders(shop, table, mapping).first)


def noted(shop: int, text: str) -> list[tuple[int, str]]:
    table = importing.read_table(text.encode())
    preview = importing.preview_orders(shop, table, importing.guess_columns(table.headers))
    return [(one.line, one.reason.code) for one in preview.notes]


# ---------------------------------------------------------------- amounts


@pytest.mark.parametrize(
    "text",
    [
        f"Comanda,AWB,Suma,Oras\nP1,{BOX},118,35\n",
        f"Comanda,AWB,Suma,Observatii\nP1,{BOX},118,05\n",
        f"Comanda,AWB,Suma,Client,Nota\nP1,{BOX},7,90,Ana Rus\n",
        f"Comanda,AWB,Suma,Observatii\nP1,{BOX},1.118,35\nP2,{OTHER},9,10\n",
        f"Comanda,AWB,Suma,Observatii\nP1,{BOX},118,35 lei\n",
        f"Comanda,AWB,Pret,Total,Produs\nP1,{BOX},44,44,50\n",
    ],
)
def test_an_amount_whose_decimals_stand_in_the_next_column_is_told(shop: int, text: str) -> None:
    assert (2, ImportCode.PARTED_AMOUNT) in noted(shop, text)


@pytest.mark.parametrize(
    "text",
    [
        f"Comanda,AWB,Suma,Bucati\nP1,{BOX},118,35\n".replace("Bucati", "Cantitate"),
        f"Comanda,AWB,Suma,Observatii\nP1,{BOX},118.20,35\n",
        f'Comanda,AWB,Suma,Observatii\nP1,{BOX},"118,20",35\n',
        f"Comanda,AWB,Suma,Colete\nP1,{BOX},118,12\nP2,{OTHER},90,3\n",
        f"Comanda,AWB,Suma,Oras\nP1,{BOX},118,Iasi\n",
        f"Comanda;AWB;Suma;Observatii\nP1;{BOX};118;35\n",
        f"Comanda,AWB,Suma,Observatii\nP1,{BOX},118,sector 35\n",
        f"Comanda,AWB,Suma,Cod postal\nP1,{BOX},118,35\n",
    ],
)
def test_two_digits_beside_a_whole_amount_may_be_what_they_are(shop: int, text: str) -> None:
    assert noted(shop, text) == []


def test_a_list_of_invoices_is_asked_the_same(engine: Engine, shop: int) -> None:
    text = "Comanda,Serviciu,Serie,Numar,Total,Observatii\nP1,oblio,KL,0077,318,45\n"
    table = importing.read_table(text.encode())
    mapping = importing.guess_invoice_columns(table.headers)
    take(engine, shop, f"Comanda;AWB;Suma\nP1;{BOX};318,45\n")
    [note] = importing.import_invoices(shop, table, mapping).notes
    assert note.reason.code == ImportCode.PARTED_AMOUNT


# ---------------------------------------------------------------- days


def workbook(day: Any, *, is_old_mac: bool, shown: str = "General") -> bytes:
    book = openpyxl.Workbook()
    if is_old_mac:
        book.epoch = CALENDAR_MAC_1904
    book.active.append(["Comanda", "AWB", "Total", "Data comenzii", "Data expedierii"])
    book.active.append(["P1", BOX, 10, day, day])
    book.active["D2"].number_format = shown
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.mark.parametrize(("serial", "is_old_mac"), [(46_310, False), (44_848, True)])
@pytest.mark.parametrize("clock", [0, 0.75])
def test_a_day_number_is_counted_from_its_workbooks_first_day(
    shop: int, serial: int, clock: float, *, is_old_mac: bool
) -> None:
    [draft] = read(shop, workbook(serial + clock, is_old_mac=is_old_mac), "a.xlsx")
    assert f"{draft.created_at:%Y-%m-%d}" == ("2026-10-15" if clock else "2026-10-14")
    assert draft.parcels[0].shipped_at == draft.created_at


@pytest.mark.parametrize(
    "text",
    [
        '<?xml version="1.0"?><Workbook xmlns:ss="x"><ExcelWorkbook><Date1904/></ExcelWorkbook>'
        "<Worksheet><Table><Row><Cell><Data>Order</Data></Cell><Cell><Data>AWB</Data></Cell>"
        "<Cell><Data>Total</Data></Cell><Cell><Data>Date</Data></Cell></Row><Row><Cell>"
        f"<Data>P1</Data></Cell><Cell><Data>{BOX}</Data></Cell><Cell><Data>10</Data></Cell><Cell>"
        '<Data ss:Type="Number">44848.5</Data></Cell></Row></Table></Worksheet></Workbook>',
    ],
)
def test_excels_xml_says_it_too(shop: int, text: str) -> None:
    [draft] = read(shop, text, "a.xls")
    assert f"{draft.created_at:%Y-%m-%d}" == "2026-10-15"


# ---------------------------------------------------------------- guarded texts


def test_a_text_that_a_program_guards_is_what_stands_between_its_quotes(shop: int) -> None:
    lists = f'Order;AWB;Total;Customer\n="00412";="{BOX}";="12,50";="Ana ""Ani"" Pop"\n'
    [draft] = read(shop, lists)
    assert (draft.name, draft.total_minor) == ("00412", 1250)
    assert draft.person["customer"] == 'Ana "Ani" Pop'
    assert [one.tracking for one in draft.parcels] == [BOX]


def test_an_equals_sign_by_itself_guards_nothing(shop: int, engine: Engine) -> None:
    assert codes(take(engine, shop, f'Order;AWB;Total\n="P";{BOX};="1\n')) != []
