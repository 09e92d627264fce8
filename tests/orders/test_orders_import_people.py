"""Whose an order is, and what it is counted in, whatever the columns are called."""

import datetime as dt

import pytest
from sqlalchemy import Engine, select
from test_orders_import_decimals import read
from test_orders_import_files import BOX, take

from core.clock import day, now
from core.orders.imports import importing
from core.orders.imports.codes import ImportCode
from core.orders.judge.fit import DOCUMENTS
from core.store import db
from core.store.tables import invoices, order_questions

PERSON = ("Sára Kiss", "0700 333 444", "Pécs", "7621", "Fő utca 4")


@pytest.mark.parametrize(
    "head",
    [
        "Rendelésszám;Csomagszám;Végösszeg;Címzett;Telefonszám;Város;Irsz.;Cím",
        "Bestellnummer;Sendungsnummer;Summe;Name;Telefonnummer;Ort;PLZ;Straße",
        "Номер на поръчка;Товарителница;Сума;Получател;Телефон;Град;Пощенски код;Адрес",
        "Číslo objednávky;Číslo zásilky;Celkem;Příjemce;Telefon;Město;PSČ;Ulice",
        "Nr zamówienia;Numer przesyłki;Kwota;Odbiorca;Nr telefonu;Miasto;Kod pocztowy;Adres",
        "Nr. comandă;AWB;Valoare;Nume destinatar;Nr. telefon;Localitate;Cod poștal;Adresa livrare",
        "Ordine;Numero spedizione;Totale;Destinatario;Telefono;Città;CAP;Indirizzo",
        "order_number;tracking_number;order_total;Full name;billing_phone;billing_city;"
        "billing_postcode;billing_address_1",
    ],
)  # fmt: skip
def test_a_persons_columns_are_known_in_the_languages_of_the_shops(shop: int, head: str) -> None:
    [draft] = read(shop, f"{head}\nP1;{BOX};10,00;{';'.join(PERSON)}\n")
    names = ("customer", "phone", "city", "postcode", "street")
    assert tuple(draft.person[one] for one in names) == PERSON


@pytest.mark.parametrize(
    ("head", "cells", "name"),
    [
        ("Nume;Prenume", "Rus;Ilie", "Ilie Rus"),
        ("Prenume;Nume de familie", "Ilie;Rus", "Ilie Rus"),
        ("Shipping First Name;Shipping Last Name", "Ilie;Rus", "Ilie Rus"),
        ("billing_first_name;billing_last_name", "Ilie;Rus", "Ilie Rus"),
        ("Vorname;Nachname", "Ilie;Rus", "Ilie Rus"),
        ("Client;Prenume", "Rus Ilie;Ilie", "Rus Ilie"),
        ("Nume;Prenume", "Rus;", "Rus"),
        ("Nume;Prenume", ";Ilie", "Ilie"),
        ("Nume;Prenume", "Iliescu;Ilie", "Ilie Iliescu"),
        ("Име;Фамилия", "Илия;Русев", "Илия Русев"),
        ("Име;Фамилия", "Илия Русев;Русев", "Илия Русев"),
        ("Ime;Prezime", "Ilija;Rus", "Ilija Rus"),
        ("Nombre;Apellidos", "Elías;Rus Gil", "Elías Rus Gil"),
        ("Nom;Prénom", "Rus;Élie", "Élie Rus"),
        ("Nome;Cognome", "Elia;Rus", "Elia Rus"),
        ("Client;Prenume;Nume de familie", "Ilie Rus;Ilie;Rus", "Ilie Rus"),
    ],
)
def test_a_name_in_two_columns_is_one(shop: int, head: str, cells: str, name: str) -> None:
    [draft] = read(shop, f"Comanda;AWB;Total;{head}\nP1;{BOX};10;{cells}\n")
    assert draft.person["customer"] == name


def test_a_name_beside_the_orders_number_is_the_customers(shop: int) -> None:
    [draft] = read(shop, f"Name;Order number;AWB;Total\nIlie Rus;8812;{BOX};10\n")
    assert draft.name == "8812"


@pytest.mark.parametrize(
    ("head", "currency"),
    [("Total EUR", "EUR"), ("Total (€)", "EUR"), ("Végösszeg (Ft)", "HUF"), ("Suma lei", "RON"),
     ("Сума лв", "BGN"), ("Celkem Kč", "CZK"), ("Amount USD", "USD"), ("Total", "")],
)  # fmt: skip
def test_a_totals_header_says_what_it_is_counted_in(shop: int, head: str, currency: str) -> None:
    [draft] = read(shop, f"Comanda;AWB;{head}\nP1;{BOX};1500\n")
    assert (draft.total_minor, draft.currency) == (150_000, currency)


def test_lei_come_first_where_a_list_has_two_totals(shop: int) -> None:
    [draft] = read(shop, f"Comanda;AWB;Total EUR;Total RON\nP1;{BOX};20,00;101,00\n")
    assert (draft.total_minor, draft.currency) == (10_100, "RON")


# ---------------------------------------------------------------- days of invoices


def invoice_list(engine: Engine, shop: int, written: str, head: str = "Data") -> list[str]:
    take(engine, shop, f"Comanda;AWB;Total\nP1;{BOX};44,00\n")
    text = f"Comanda;Serviciu;Serie;Numar;Total;{head}\nP1;oblio;KL;0077;44,00;{written}\n"
    table = importing.read_table(text.encode())
    mapping = importing.guess_invoice_columns(table.headers)
    return [one.reason.code for one in importing.import_invoices(shop, table, mapping).notes]


TODAY = day(now(), DOCUMENTS)


@pytest.mark.parametrize("head", ["Data", "Data emiterii", "Invoice date", "Rechnungsdatum"])
@pytest.mark.parametrize("days", [1, 40, 365])
def test_an_invoice_of_a_day_to_come_is_a_question(
    engine: Engine, shop: int, head: str, days: int
) -> None:
    written = f"{TODAY + dt.timedelta(days=days):%d.%m.%Y}"
    assert invoice_list(engine, shop, written, head) == [ImportCode.ISSUED_AHEAD]
    with db.reading(engine) as connection:
        assert connection.scalars(select(invoices.c.number)).all() == []
        [question] = connection.scalars(select(order_questions.c.text)).all()
    assert question == f"2 issued_on: {written}"


@pytest.mark.parametrize("written", [f"{TODAY:%d.%m.%Y}", f"{TODAY:%Y-%m-%d}", "", "-", "azi"])
def test_an_invoice_of_today_or_of_no_day_is_its_orders(
    engine: Engine, shop: int, written: str
) -> None:
    assert invoice_list(engine, shop, written) == []


def test_a_day_that_is_past_one_way_round_is_no_question(engine: Engine, shop: int) -> None:
    """12/01 may be the first of December or the twelfth of January, which is over."""
    written = f"12/01/{TODAY.year}" if dt.date(TODAY.year, 1, 12) <= TODAY else "12/01/2020"
    assert invoice_list(engine, shop, written) == []
