"""What a courier's words mean: return and refusal are looked for before "delivered"."""

import csv
from pathlib import Path

import pytest

from core.services import registry
from core.services.couriers import cargus, dpd, fan, gls, sameday
from core.services.couriers.statuses import STATUSES, status_of, status_of_text

MODULES = {
    "fan": fan,
    "gls": gls,
    "dpd_ro": dpd,
    "sameday": sameday,
    "cargus": cargus,
}


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("Livrat la expeditor", "returned"),
        ("Coletul a fost livrat la EXPEDITOR", "returned"),
        ("Livrat", "delivered"),
        ("Coletul a fost livrat destinatarului", "delivered"),
        ("Coletul va fi livrat astăzi", "out"),
        ("Nelivrat - destinatar absent", "failed"),
        ("Not delivered: nobody at home", "failed"),
        ("Refuzat de destinatar", "refused"),
        ("Destinatarul refuză plata", "refused"),
        ("Retur către expeditor", "returning"),
        ("Return to sender", "returning"),
        ("Returned to sender", "returned"),
        ("Delivered back to sender", "returned"),
        ("Refused, returned to sender", "returned"),
        ("Ridicat de curier", "transit"),
        ("Ridicat de destinatar", "delivered"),
        ("În livrare la curier", "out"),
        ("Expediție în tranzit spre depozit", "transit"),
        ("Colet pierdut", "lost"),
        ("AWB înregistrat", "created"),
        ("AWB anulat", "cancelled"),
        ("Retur documente semnate", "unknown"),
        ("Cod intern 4711", "unknown"),
        ("", "unknown"),
    ],
)
def test_words_are_understood_or_left_alone(text: str, status: str) -> None:
    assert status_of_text(text) == status


def test_a_known_code_wins_over_words_that_say_nothing_of_a_return() -> None:
    assert status_of({"9": "delivered"}, "9", "Cod intern") == "delivered"
    assert status_of({"9": "delivered"}, "9", "In tranzit") == "delivered"


def test_words_of_return_outweigh_a_code_that_says_delivered() -> None:
    assert status_of({"9": "delivered"}, "9", "Livrat la expeditor") == "returned"


def test_a_code_of_return_is_not_weakened_by_words_of_another() -> None:
    assert status_of({"124": "returned"}, "124", "Refuz") == "returned"


def test_an_unknown_code_leaves_the_words_to_decide() -> None:
    assert status_of({}, "777", "Refuzat") == "refused"
    assert status_of({}, "777", "Ceva nou") == "unknown"


def test_every_known_code_of_the_material_is_in_our_tables(shared: Path) -> None:
    table = shared / "couriers" / "status_codes.csv"
    with table.open() as lines:
        rows = [row for row in csv.DictReader(lines) if row["courier"] in MODULES]
    assert len(rows) > 20
    for row in rows:
        assert MODULES[row["courier"]].CODES[row["code"]] == row["group"], row


def test_every_table_names_statuses_that_exist() -> None:
    for module in MODULES.values():
        assert set(module.CODES.values()) <= STATUSES


def test_every_courier_says_whose_parcels_it_tracks() -> None:
    for service, info in registry.services("courier").items():
        assert tuple(info.tracks) == (service,)


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("Ramburs refuzat", "unknown"),  # money, not the parcel
        ("Returnare ramburs", "unknown"),
        ("Refuzat ramburs de destinatar", "refused"),
        ("Livrare amanata", "failed"),
        ("Disponibil pentru ridicare in Ship & Go", "out"),
        ("Coletul se intoarce la expeditor", "returning"),
        ("Confirmat", "unknown"),
    ],
)
def test_words_that_live_couriers_use(text: str, status: str) -> None:
    assert status_of_text(text) == status


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("Customer refused, if you have any questions please call 021", "refused"),
        ("Colet refuzat, dacă aveți nelămuriri sunați la 021", "refused"),
        ("Annahme verweigert, bei Fragen rufen Sie uns an", "refused"),
        ("Delivered. For questions call us", "delivered"),
        ("If you have questions about your refused parcel, call", "unknown"),
        ("Will be returned if refused", "unknown"),
    ],
)
def test_an_offer_to_ask_sets_no_condition(text: str, status: str) -> None:
    assert status_of_text(text) == status


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("Returnată în agenția Cluj", "transit"),
        ("Intors la sediul curierului", "transit"),
        ("Returnat la sediul expeditorului", "returned"),
        ("Picked up from the parcel locker", "delivered"),
        ("Not collected from locker", "failed"),
        ("Picked up by courier from locker", "transit"),
    ],
)
def test_where_a_parcel_was_taken_to_or_from_tells_whose_it_is_now(text: str, status: str) -> None:
    assert status_of_text(text) == status
