"""What couriers write in the languages around; each line was tried as a stranger's."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.services.couriers.languages import RETURNS_BACK, TO_SENDER
from core.services.couriers.statuses import status_of_text

SAID = {
    "cancelled": (
        "Expediere anulata", "Comanda anulata de expeditor", "Anulare AWB", "AWB sters",
        "Storniert",
    ),
    "created": (
        "Comanda inregistrata", "AWB generat, nepredat", "Asteptare ridicare",
        "Shipment information received", "Label created", "Shipment data received",
    ),
    "delivered": (
        "Livrare efectuata", "Livrare reusita", "Livrare finalizata", "Livrare cu succes",
        "Livrat cu succes", "Livrata destinatarului la data de 12.11.2026", "Livrat 2/2",
        "Livrat, retur colet schimb", "Livrat; retur ramburs in curs",
        "Ramburs incasat si livrat", "Livrat - ramburs virat",
        "Coletul a fost ridicat din easybox", "Coletul a fost ridicat de catre destinatar",
        "Parcel delivered to neighbour", "Delivered to neighbor", "Delivered - signed by JOHN",
        "Zugestellt", "Zustellung erfolgreich", "Kézbesítve", "Доставена", "Doručeno", "Doručené",
        "Dostarczona", "Παραδόθηκε", "Teslim edildi", "Isporučeno", "Dostavljeno", "Consegnato",
        "Livré", "Entregado", "Доставлено", "Вручено",
    ),
    "failed": (
        "Lipsa destinatar", "Lipsa persoana de contact", "Destinatar plecat din localitate",
        "Destinatar mutat", "Destinatarul nu a putut fi contactat", "Nu raspunde la telefon",
        "Telefon inchis", "Adresa gresita", "Adresa incompleta", "Lipsa bani",
        "Destinatarul nu are bani", "Destinatarul nu are suma ramburs", "Avizat",
        "Avizat telefonic", "Nu a fost livrat, se reprogrameaza", "Reprogramare livrare",
        "Livrare reprogramata", "Amanare livrare la cererea destinatarului", "Livrare amanata",
        "Colet deteriorat, nelivrat", "Coletul nu a fost ridicat din easybox",
        "Coletul a expirat in locker", "Termenul de ridicare a expirat",
        "Timp de pastrare depasit", "Delivery attempted", "Delivery attempt failed",
        "Attempted delivery, recipient absent", "Wrong address", "Address not found",
        "Insufficient address", "Recipient not at home", "Nobody home", "Not home",
        "Customer not available", "Not collected by customer", "Storage period expired",
        "Nicht zugestellt", "Konnte nicht zugestellt werden", "Wurde nicht zugestellt",
        "Empfänger nicht angetroffen", "Empfänger unbekannt", "Nicht abgeholt",
        "Nem kézbesíthető", "Sikertelen kézbesítés", "Nem vette át", "A címzett nem volt otthon",
        "Не е доставена", "Недоставена", "Непотърсена", "Непотърсена пратка", "Nedoručeno",
        "Nebylo doručeno", "Nedoručené", "Niedostarczona", "Nie dostarczono", "Nieodebrana",
        "Δεν παραδόθηκε", "Teslim edilemedi", "Teslim edilmedi", "Nije isporučeno",
        "Neisporučeno", "Ni dostavljeno", "Non consegnato", "Non livré", "No entregado",
        "Не доставлено", "Livrat? Nu", "Inca nelivrat", "Destinatar decedat",
    ),
    "lost": (
        "Pierdut", "Lost in transit",
    ),
    "out": (
        "Se va livra maine", "In curs de livrare catre destinatar", "In livrare",
        "Plecat in livrare", "Predat curierului pentru livrare", "Depus in easybox",
        "Incarcat in easybox", "Coletul asteapta in locker", "Ready for collection",
        "In Zustellung", "Kézbesítés alatt", "Kiszállítás alatt", "W doręczeniu", "In consegna",
        "Livrare in curs", "Livrat la sediu curier", "Colet livrat la punct PUDO",
    ),
    "refused": (
        "Coletul a fost refuzat la livrare", "Colet neacceptat de destinatar",
        "Destinatarul nu accepta coletul", "Nu s-a acceptat la livrare", "Customer refused",
        "Refused by customer", "Consignee refused delivery", "Refusal of delivery",
        "Delivery refused", "Annahme verweigert", "Empfänger hat Annahme verweigert",
        "A címzett visszautasította", "Átvételt megtagadta", "Отказана от получателя",
        "Получателят отказа пратката", "Odmítnuto příjemcem", "Příjemce odmítl převzít",
        "Odmietnuté adresátom", "Adresát odmietol prevziať", "Odmowa przyjęcia",
        "Odbiorca odmówił przyjęcia", "Άρνηση παραλαβής", "Αρνήθηκε την παραλαβή",
        "Alıcı reddetti", "Alıcı kabul etmedi", "Primatelj odbio", "Odbijeno", "Zavrnjeno",
        "Naslovnik zavrnil", "Rifiutato dal destinatario", "Refusé par le destinataire",
        "Rechazado", "Відмова від отримання", "Отказ получателя",
        "Livrat colet 1, colet 2 refuzat", "Refuzat cu deschidere colet",
        "Refuz deschidere colet", "Client refuza plata rambursului", "Refuza sa plateasca",
        "Nu vrea sa primeasca coletul", "Clientul nu mai vrea comanda", "Nu a comandat",
        "Destinatarul nu a comandat", "Client renunta", "A renuntat la comanda",
    ),
    "returned": (
        "Returul a fost livrat", "Retur livrat expeditorului", "Retur predat expeditor",
        "Return completed", "Returned to shipper", "Delivered to sender", "Retoure zugestellt",
        "Rücksendung zugestellt", "Visszaküldve a feladónak", "Върната на подателя",
        "Vráceno odesílateli", "Vrátené odosielateľovi", "Zwrócono do nadawcy", "Zwrot doręczony",
        "Επιστράφηκε στον αποστολέα", "Vraćeno pošiljatelju", "Vrnjeno pošiljatelju",
        "Reso al mittente", "Devuelto al remitente", "Retur catre expeditor finalizat",
        "Retur confirmat de expeditor", "Colet ajuns la expeditor",
        "Livrat la sediul expeditorului",
    ),
    "returning": (
        "Retur initiat", "Retur in curs", "Retur in tranzit", "In retur",
        "Colet returnat la sender", "Retur respins", "Retur refuzat de expeditor",
        "Expeditorul a refuzat returul", "Returnat", "Retur neridicat",
        "Intrare in depozit de retur", "Sosit in depozitul de retur", "Return initiated",
        "Return in progress", "Returned", "Returning to sender", "Return to sender requested",
        "Delivered to return center", "Awaiting return", "Being returned to sender",
        "Sendung zurück an Absender", "Rücksendung", "Retoure", "Visszaküldés alatt", "Visszáru",
        "Visszaszállítás a feladóhoz", "Връщане към подателя", "Пратката се връща",
        "В процес на връщане", "Zásilka se vrací odesílateli", "Vrácení zásilky",
        "Vracia sa odosielateľovi", "Zwrot do nadawcy", "Επιστροφή στον αποστολέα", "İade",
        "İade edildi", "Göndericiye iade ediliyor", "Povrat pošiljatelju", "Povrat",
        "Retour à l'expéditeur", "Повернення відправнику", "Возврат отправителю",
        "Colet 1 livrat, colet 2 retur",
    ),
    "transit": (
        "Curierul a preluat coletul", "Ridicat de la expeditor",
        "Coletul a fost ridicat de la expeditor", "Preluat din punctul de predare",
        "Sosit in depozit", "Iesit din depozit", "In depozit curier destinatar",
        "Parcel handed over to courier",
    ),
    "unknown": (
        "Destinatarul nu a refuzat coletul", "Nerefuzat", "Expeditie livrata partial (1/2)",
        "Livrat 1 din 3 colete", "Contactat telefonic", "Redirectionat",
        "Coletul nu a fost returnat", "Coletul nu se returneaza", "Nu se doreste retur",
        "Retur la cerere anulat", "Ramburs virat", "Ramburs incasat", "Se va reprograma livrarea",
        "Coletul a fost distrus", "Colet avariat", "Colet ratacit", "Nu este pierdut",
        "Date primite", "Pregatit de expediere", "Delivery exception", "Recipient did not refuse",
        "Not refused", "Return cancelled", "No return", "Return not possible", "Not returned",
        "Held at depot", "No access", "Collected", "Annahme nicht verweigert",
        "Teilweise zugestellt", "Abgeholt", "Zustellung heute", "Nem utasította vissza",
        "Не е отказана", "Частично доставена", "Refuzat=0", "Livrat: nu inca", "Nu inca livrat",
        "Urmeaza livrarea", "livrare programata pentru maine", "Livrat in proportie de 50%",
        "Livrat 50%", "Livrat incomplet", "Delivered 1 of 2", "Partial delivery",
        "Partially delivered", "Partial refusal", "Refuz partial", "Retur partial",
        "Destinatarul a refuzat 1 din 2 colete", "Livrat partial / refuz partial",
        "aproape livrat", "Redirectionat la easybox",
    ),
}  # fmt: skip


@pytest.mark.parametrize(
    ("text", "status"), [(text, status) for status, texts in SAID.items() for text in texts]
)
def test_each_sentence_means_its_status(text: str, status: str) -> None:
    assert status_of_text(text) == status


BACK = [
    " ".join(part for part in parts if part).replace("*", "").replace("@", "")
    for nouns, ways, links, verbs in RETURNS_BACK
    for parts in product(nouns, ways, links, verbs)
]


@given(st.sampled_from(BACK), st.sampled_from(["{}", "{}.", "Colet: {}", "{}, 10.11.2026"]))
def test_a_return_that_was_delivered_is_back_and_no_more(said: str, form: str) -> None:
    assert status_of_text(form.format(said)) == "returned"


@given(
    st.sampled_from([one.replace("*", "ului") for one in TO_SENDER]),
    st.sampled_from(["Livrat", "Delivered", "Zugestellt", "Predat si livrat", "Livrat cu succes"]),
    st.sampled_from(["", " ieri", " in Cluj", " de curierul Ion", " la 14"]),
)
def test_what_is_delivered_anyhow_to_its_sender_is_returned(
    sender: str, verb: str, between: str
) -> None:
    """A word between "livrat" and "la expeditor" had hidden the sender."""
    assert status_of_text(f"{verb}{between} {sender}") == "returned"


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("Livrat. Ramburs virat catre expeditor", "delivered"),
        ("Livrat, suma virata expeditorului", "delivered"),
        ("Ridicat de la expeditor", "transit"),
        ("Livrat, expeditor: Casa Verde", "delivered"),
        ("Expediat catre expeditor", "returning"),
        ("Zwrot pobrania do nadawcy", "unknown"),
        ("Връщане на документи", "unknown"),
        ("Возврат денег отправителю", "unknown"),
        ("Nu mai vrea retur", "unknown"),
        ("Livrat 100%", "delivered"),
        ("Ridicat de la sediul expeditorului", "transit"),
        ("Ridicat de la adresa expeditorului", "transit"),
        ("Preluat la expeditor", "transit"),
        ("Livrat conform cererii expeditorului", "delivered"),
        ("In tranzit catre expeditor", "returning"),
        ("In curs de livrare catre expeditor", "returning"),
        ("Reprogramare ridicare", "unknown"),
        ("Predat curierului de catre expeditor", "transit"),
        ("Anulat de catre expeditor", "cancelled"),
        ("Livrat de catre expeditor", "delivered"),
    ],
)
def test_money_and_papers_that_go_to_the_sender_are_no_parcel(text: str, status: str) -> None:
    assert status_of_text(text) == status


@given(
    st.sampled_from(["Livrat", "Refuzat", "Returnat", "Delivered", "Zugestellt", "Doručeno"]),
    st.integers(1, 99),
    st.sampled_from(["{} {}%", "{} ({} %)", "{} in proportie de {}%", "{}: {} la suta"]),
)
def test_a_percentage_below_a_hundred_is_a_part(verb: str, percent: int, form: str) -> None:
    assert status_of_text(form.format(verb, percent)) == "unknown"


@pytest.mark.parametrize(
    ("text", "status"),
    [
        # taken back, stopped or not granted, in whatever language
        ("Zwrot anulowany", "unknown"),
        ("Anulowano zwrot", "unknown"),
        ("Rücksendung wurde storniert", "unknown"),
        ("A visszaküldést visszavonták", "unknown"),
        ("Връщането е отменено", "unknown"),
        ("Return to sender was stopped", "unknown"),
        ("Returul catre expeditor nu este posibil", "unknown"),
        ("Zwrot nie jest możliwy", "unknown"),
        ("отказ не е приет", "unknown"),
        ("Odmowa wycofana", "unknown"),
        ("Recipient withdrew the refusal", "unknown"),
        ("Cererea de retur a fost respinsa", "unknown"),
        ("Return request rejected", "unknown"),
        ("Brak zwrotu", "unknown"),
        # the sender's own no
        ("Refuzat de expeditor", "unknown"),
        ("Expeditorul a refuzat coletul", "unknown"),
        ("Rejected by sender", "unknown"),
        ("Refused by recipient, return to sender", "refused"),
        # what would be, under a condition
        ("Parcel will be returned if not collected within 7 days", "unknown"),
        ("Daca nu il ridicati, coletul va fi returnat", "unknown"),
        ("In caz de refuz, coletul se returneaza", "unknown"),
        ("Bei Annahmeverweigerung wird zurückgesandt", "unknown"),
        ("Disponibil pentru ridicare. Daca nu vine, va fi returnat.", "out"),
        ("Refuzat. Daca doriti detalii sunati la 021", "refused"),
        ("Ha a címzett visszautasítja, visszaküldjük", "unknown"),
        # "ha" is "if" in Hungarian alone
        ("Il destinatario ha rifiutato la consegna", "refused"),
        ("El destinatario ha rechazado el paquete", "refused"),
        # what will be
        ("Пратката ще бъде върната на подателя", "returning"),
        ("Przesyłka zostanie zwrócona do nadawcy", "returning"),
        ("Zásilka bude vrácena odesílateli", "returning"),
        ("A csomag vissza lesz küldve a feladónak", "returning"),
        ("Die Sendung wird an den Absender zurückgesandt", "returning"),
        # where a recipient has yet to fetch it
        ("Доставена в автомат", "out"),
        ("Przesyłka doręczona do paczkomatu", "out"),
        ("Delivered to the access point", "out"),
        ("In der Packstation hinterlegt", "out"),
        ("Csomagautomatában elhelyezve", "out"),
        # back in the courier's own house
        ("Returned to depot", "transit"),
        ("Returned to the sorting center", "transit"),
    ],
)
def test_what_is_taken_back_or_only_foretold_has_not_come_to_pass(text: str, status: str) -> None:
    assert status_of_text(text) == status
