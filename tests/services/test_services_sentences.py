"""Whole sentences of couriers: what they tell of this parcel, now, and what they do not tell."""

import pytest

from core.services.couriers.statuses import status_of_text

KINDS: dict[str, dict[str, tuple[str, ...]]] = {
    "another parcel's fate is not this one's": {
        "unknown": (
            "Clientul a refuzat celelalte pachete", "Comanda anterioară a fost refuzată",
            "Alte 3 colete au fost returnate la expeditor", "Different day, another order refused",
            "The earlier package was returned to the sender", "Предходната пратка е върната",
            "Die andere Sendung wurde abgelehnt", "A másik csomag kézbesítve",
            "Poprzednia paczka została doręczona", "Livrat din greșeală altui client",
        ),
        "delivered": (
            "Livrat împreună cu celelalte colete", "Delivered with another parcel",
            "Coletul precedent a fost refuzat, acesta livrat",
        ),
        "refused": (
            "Destinatarul refuză, deoarece a primit alt pachet",
            "Refused because another order came first",
            "Refuzat, are deja altă comandă",
        ),
        "returned": ("Returnat la expeditor sub alt AWB",),
    },
    "a dot in a date, a time or a short word ends no sentence": {
        "unknown": (
            "Das Paket wird am 3.11. zugestellt", "Sendung wird ab 14:30 Uhr zugestellt",
            "Dacă nu vine până la 24.12, coletul se returnează",
            "If parcel nr. 44 is not paid by 10.11 it is returned to the sender",
            "Dacă pachetul dvs. rămâne neridicat, se întoarce la expeditor",
        ),
        "returned": ("Dem Absender am 5.2. ausgeliefert", "Livrat 12.03 la expeditor"),
        "refused": ("Refuzat. Dacă aveți nevoie de ajutor, scrieți-ne",
                    "Refuzat la ora 12:30. Coletul merge la depozit"),
    },
    "what may be, is asked or wished is neither delivered, nor refused, nor failed": {
        "unknown": (
            "Pachetul poate fi livrat de luni", "Once delivered you get an e-mail",
            "S-ar putea să fi fost livrat", "Clientul a rugat să fie livrat vineri",
            "Ar fi trebuit returnat", "Refuzat? Verificăm cu agentul", "Delivered? We are checking",
            "Produsul poate fi returnat gratuit", "You can get it returned for free",
            "Probabil refuz", "Likely refused", "Вероятно отказана", "Prawdopodobnie odmowa",
            "Wahrscheinlich verweigert", "Talán visszautasította", "Clientul a vrut să refuze",
        ),
        "delivered": ("Refuz (da/nu): nu, livrat", "Expedi?ia a fost livrat?"),
        "refused": ("Refuz? Da", "Expedi?ie refuzat?"),
    },
    "a rule of the house is no news of the parcel": {
        "unknown": (
            "După 5 zile coletul se întoarce la expeditor", "Returned to sender after 10 days",
            "Nach 14 Tagen Rücksendung an den Absender", "След 5 дни се връща на подателя",
            "Po 14 dniach zwrot do nadawcy", "10 nap elteltével visszaküldjük a feladónak",
            "Perioadă de retur 30 de zile", "Drept de retur conform legii", "Our return policy",
            "In the event that the customer refuses, call us",
        ),
        "returned": ("După 5 zile de așteptare a fost returnat expeditorului",
                     "After 10 days it was returned to the sender"),
    },
    "German says its no and its will far from its verb": {
        "unknown": (
            "Ihr Paket wird voraussichtlich morgen Vormittag bei Ihrem Nachbarn zugestellt",
            "Die Sendung soll auf Ihren Wunsch hin erst nächste Woche zugestellt",
        ),
        "failed": ("Sie konnte heute leider nicht bei Ihnen zu Hause zugestellt werden",),
        "delivered": ("Paket heute Vormittag bei Ihrem Nachbarn zugestellt",),
        "refused": ("Annahme vom Kunden verweigert", "Vom Empfänger abgelehnt"),
    },
    "money, papers and packing that go somewhere are no parcel": {
        "unknown": (
            "Banii au fost livrați", "Suma încasată a fost predată expeditorului",
            "Documentele semnate s-au returnat la expeditor", "Confirmarea a fost livrată",
            "The amount was returned to the sender", "Das Geld wurde an den Absender übergeben",
            "Paleții au fost returnați", "Парите са върнати на подателя",
        ),
        "delivered": ("Pachet cu ramburs livrat", "Colet și documente livrate",
                      "Ramburs încasat și livrat", "Parcel with cash on delivery delivered"),
        "returned": ("Documentele și coletul au fost returnate la expeditor",),
    },
    "a refusal of something else is no refusal of the parcel": {
        "unknown": (
            "Șoferul a refuzat să urce", "Vecina a refuzat coletul", "Nachbar verweigert",
            "Driver refused to enter", "Card payment declined",
            "Plata cu cardul a fost refuzată", "Solicitarea respinsă", "Adresa respinsă",
            "Clientul a refuzat asigurarea", "Customer refused to sign", "Картата отказана",
            "Umleitung abgelehnt", "Refuză livrarea la easybox",
        ),
        "refused": (
            "Refuzat după verificare", "Clientul refuză coletul și semnătura",
            "Refuză plata rambursului", "Refused without a reason", "Refuzat fără niciun motiv",
            "Ohne Angabe von Gründen verweigert", "Отказана без посочена причина",
            "Refuz, mărime greșită", "Refused because of a wrong size", "Refuzat, s-a răzgândit",
            "Refuzat: articol eronat", "Megtagadta a küldemény átvételét",
            "Odmowa bez podania przyczyny", "Refuz, nu mai are bani", "Refuzat, nu vrea",
        ),
    },
    "a courier who comes again brings no return": {
        "unknown": ("Curierul se întoarce la ora 17", "The driver will return after lunch",
                    "Courier returned to the street"),
        "returning": ("Curierul a demarat returul", "Curierul returnează coletul",
                      "Retur, curierul aduce coletul"),
        "transit": ("Delivered to the partner carrier", "Returned to our local depot",
                    "Delivered to the regional sorting hub",
                    "Livrat la hub Brașov"),
        "returned": ("Delivered from depot to sender",),
    },
    "what is told later in a text undoes what was told before": {
        "delivered": (
            "Adresă greșită, apoi livrat", "Livrat după o amânare",
            "Livrat după reprogramarea livrării", "Ieri nelivrat, astăzi livrat",
            "Refuzat luni, apoi clientul a acceptat; livrat",
            "Not delivered at first, later delivered",
        ),
        "unknown": ("A refuzat, după care s-a răzgândit",
                    "Marcat livrat, clientul nu a primit coletul",
                    "Delivered, but the customer never received it"),
        "refused": ("A acceptat inițial, apoi a refuzat",),
        "failed": ("Livrat? Nu", "Nelivrat azi"),
        "returned": ("Returned to the sender after two failed tries",),
    },
    "a no that says more than no is still one": {
        "unknown": ("Destinatara neagă refuzul", "Refuz contestat",
                    "The customer denies the refusal",
                    "Получателят отрича отказа", "Refuzul este o greșeală", "It could be returned",
                    "Clienta susține că a fost livrat", "Refusal no longer valid",
                    "Refuz greșit înregistrat", "Refuzat, colet greșit înregistrat",
                    "Retur: nu este cazul", "Refuz: nu se aplică", "Refuzul nu se confirmă",
                    "Returul nu a fost aprobat", "Visszaküldés lemondva"),
        "refused": ("Refuz: nu are nevoie", "Refuz - nu dorește"),
        "delivered": ("Livrat 3 din 3",),
    },
    "what is said plainly is known": {
        "delivered": (
            "Left with a neighbour", "Handed over to the customer", "Предадена на получателя",
            "Átadva a címzettnek", "Vom Empfänger abgeholt", "Paket dostavljen",
        ),
        "refused": ("Клиентът не желае поръчката", "Klient nie chce paczki",
                    "Címzett nem fogadta el", "Zákazník nechce zásilku"),
        "returning": ("Paczka wraca do nadawcy", "A csomag visszaúton"),
        "transit": ("Sosit în Cluj", "Arrived at the terminal", "Szállítás alatt", "Unterwegs",
                    "В транзит", "W drodze"),
        "failed": ("Client negăsit", "Negăsit la adresă"),
    },
}  # fmt: skip


@pytest.mark.parametrize(
    ("text", "status", "kind"),
    [
        (text, status, kind)
        for kind, by_status in KINDS.items()
        for status, texts in by_status.items()
        for text in texts
    ],
)
def test_a_sentence_is_read_as_a_whole(text: str, status: str, kind: str) -> None:
    assert status_of_text(text) == status, kind
