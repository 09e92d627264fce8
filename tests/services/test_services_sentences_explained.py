"""Couriers' sentences that explain a word, offer a choice or tell of papers and money."""

import pytest

from core.services.couriers.statuses import status_of_text

NO_NEWS: dict[str, tuple[str, ...]] = {
    "a noun with its relative clause explains the word before it": (
        "Retur: pachetul pe care cumpărătorul nu vine să îl ia",
        "Refuzat – expediția a cărei plată destinatarul nu o face",
        "Return – a package whose recipient never turned up",
        "Refused: any shipment which the consignee will not take",
        "Rücksendung: eine Sendung, die niemand haben will",
        "Visszaküldött: egy csomag, amelyet senki sem keresett",
        "Zwrot: przesyłka, której nikt nie odebrał",
        "Връщане – пратка, която никой не потърси",
    ),
    "a noun behind its participle explains the word before it": (
        "Visszáru: az üzletnek postán visszajuttatott csomag",
        "Retoure: vom Kunden nicht abgeholtes Paket",
    ),
    "a case or what happens when explains it": (
        "Refuz: cazul când nimeni nu semnează",
        "Return occurs when the storage time is over",
        "Rücksendung erfolgt, wenn die Lagerfrist vorbei ist",
        "Отказ – ситуация, при която клиентът не плаща",
        "Zwrot następuje, gdy minie termin",
        "Visszaküldés: akkor történik, ha lejár a határidő",
        "Odmowa to sytuacja, w której klient nie płaci",
    ),
    "what is the custom with many of them is told of none": (
        "Returul pachetelor se efectuează săptămânal",
        "Return of parcels is done on Fridays",
        "Visszaküldés csomagok esetében három nap",
    ),
    "what may be done is not done": (
        "Megtagadni az átvételt a pontban is lehet",
        "Visszaküldheti a csomagot a pontról",
        "Refuzul livrării este posibil la curier",
        "Zwrot paczki możliwy w każdym punkcie",
        "Отказ е възможен при куриера",
        "Annahme verweigert werden kann nur vor Unterschrift",
    ),
    "a return's label, term or request is no return": (
        "Your return request has been approved",
        "Termenul de retur este de două săptămâni",
        "Etykieta zwrotna gotowa do druku",
        "A visszaküldési címke letölthető",
        "Срокът за връщане изтича утре",
        "Retourenschein liegt bei",
        "S-a cerut returul sumei încasate",
        "Върната сума по наложен платеж",
    ),
    "money and papers that travel are no parcel": (
        "Predat la bancă în contul dvs.",
        "Chitanța semnată a fost returnată la expeditor",
        "Umschlag mit Nachnahme dem Absender übergeben",
        "A tértivevényt visszajuttattuk a feladónak",
        "Подписаната разписка е върната на подателя",
        "Proof of receipt returned to the merchant",
    ),
}

NEWS: dict[str, tuple[str, ...]] = {
    "returned": (
        "Returned to sender, storage time over",
        "Delivered to shipper, nobody at home",
        "Plic livrat la expeditor",
    ),
    "returning": (
        "Przesyłka w drodze powrotnej",
        "Пратката пътува обратно към магазина",
        "Пратката беше върната",
        "Пратката е на път към изпращача",
        "Retur: coletul, care era avariat, s-a întors la noi",
        "Coletul va fi returnat cât mai repede posibil",
        "On its return journey to the warehouse",
    ),
    "refused": (
        "Consignee does not accept: damaged box",
        "Nu dorește să achite transportul",
        "Odbiorca nie przyjął paczki",
        "Kunde nimmt nicht an",
        "Refused: the parcel that came was open",
    ),
    "delivered": (
        "Left with the concierge",
        "Szomszéd átvette: Nagy Éva, átadva a szomszédnak",
        "Wydana domownikowi",
        "Оставена при съсед",
        "Clientul a preluat comanda",
        "Beim Nachbarn abgegeben",
        "Пратката е получена лично от клиент",
    ),
    "transit": ("A futár átvette a csomagot, úton van", "Curierul a ridicat coletul"),
}


@pytest.mark.parametrize(
    ("kind", "text"), [(kind, text) for kind, texts in NO_NEWS.items() for text in texts]
)
def test_what_explains_or_offers_tells_nothing_of_this_parcel(kind: str, text: str) -> None:
    """The kind says why."""
    assert status_of_text(text) in {"unknown", "failed"}, kind


@pytest.mark.parametrize(
    ("status", "text"), [(status, text) for status, texts in NEWS.items() for text in texts]
)
def test_news_in_the_same_words_stays_news(status: str, text: str) -> None:
    """Beside an explanation, and with a comma behind "to sender"."""
    assert status_of_text(text) == status
