"""The phrases of couriers in the languages around: what each status is called there.

Second-hand, from public tracking pages and dictionaries of the trade; as `core.services.phrases`
writes them. What a phrase here does not know stays unknown and is shown.
"""

from itertools import product

from core.services.ports import ParcelStatus

# Money and papers on their way back are no parcel on its way back.
ASIDE = (
    "reprogramare* ridicar*", "reprogramare* preluar*", "ridicare* reprogramat@",
    "zwrot pobran* >", "zwrot za pobran* >", "zwrot dokument* >", "zwrot kosztow >",
    "zwrot pieniedzy >", "zwrot srodkow >", "връщане на документ* >", "връщане на сума* >",
    "връщане на пари* >", "връщане на наложен* >", "vraceni dobirk* >", "vraceni penez >",
    "vraceni dokument* >", "vratenie penazi >", "vratenie dobierk* >", "vratenie dokument* >",
    "retour document* >", "retour de document* >", "retour fonds >", "retour d argent >",
    "επιστροφη αντικαταβολ* >", "επιστροφη χρηματων >", "επιστροφη εγγραφ* >", "povrat novca >",
    "povrat otkupnin* >", "povrat dokument* >", "povrat sredstava >", "devolucion de dinero >",
    "devolucion del dinero >", "devolucion de document* >", "возврат денег >",
    "возврат средств >", "возврат документ* >", "возврат наложен* >", "повернення коштів >",
    "повернення грош* >", "повернення документ* >",
    "nie chce zwrot*", "не желае връщане*", "не иска връщане*", "nechce vraceni", "zwrot kaucj*",
    # Asked for and not granted, or answered with a no.
    "return* request* rejected", "return* request* declined", "return* request* denied",
    "return* request* refused", "cerere* de retur* respins@",
    "cerere* de retur* refuzat@", "cerere* de retur* anulat@", "solicitare* de retur* respins@",
    "solicitare* de retur* anulat@", "renunt* la refuz*", "a renuntat la refuz*",
    "retras refuz*", "a revenit asupra refuzului", "withdrew the refusal", "withdrew refusal",
    "withdrew his refusal", "withdrew her refusal", "withdrew their refusal",
    "anulowan* zwrot*", "odwołan* zwrot*", "stornierte* rucksendung*", "stornierte* retoure",
    "torolt visszakuld*", "отменен* връщане*", "анулиран* връщане*", "zrusen* vraceni",
    "cerere* de retur* a fost respins@", "cerere* de retur* a fost anulat@",
    "solicitare* de retur* a fost respins@", "solicitare* de retur* a fost anulat@",
    "inainte de retur*", "inainte de refuz*", "before return*", "returnable",
    "non returnable", "retoure nicht", "rucksendung nicht", "zwrot* nie", "odmow* nie",
    "visszakuld* nem", "visszaru* nem", "visszautasit* nem", "връщане* не", "отказ* не",
    "return* not", "refusal not", "vraceni ne*", "vratenie ne*", "povrat nije",
    # The merchant's own no: neither the customer's, nor told of which way.
    "refuz* de expeditor*", "refuz* de catre expeditor*", "refuz* expeditor*",
    "expeditor* a refuzat*", "expeditor* refuz*", "refused by sender", "refused by the sender",
    "refused by shipper", "refused by the shipper", "refused by merchant",
    "refused by the merchant", "rejected by sender", "rejected by the sender",
    "rejected by shipper", "sender refused", "sender refuses", "shipper refused",
    "vom absender verweigert", "vom absender abgelehnt", "absender verweigert",
    "отказан* от подател*", "отказан* от изпращач*", "подателят отказа", "изпращачът отказа",
    "odmow* przez nadawc*", "nadawca odmowił", "a felado visszautasit*",
    "felado visszautasit*",
)  # fmt: skip

# A return, and what it is handed over by: side by side they mean that it is back.
RETURNS_BACK: tuple[tuple[tuple[str, ...], ...], ...] = (
    (("retur*", "coletul retur*", "colet retur*"), ("", "catre expeditor*", "la expeditor*"),
     ("", "a fost", "este", "e"),
     ("livrat@", "finalizat@", "predat@", "incheiat@", "confirmat@", "efectuat@", "receptionat@",
      "primit@", "ajuns@ la expeditor*")),
    (("return*",), ("", "to sender", "to the sender"), ("", "was", "is", "has been"),
     ("delivered", "completed", "complete", "received")),
    (("retoure", "rucksendung"), ("", "an absender", "an den absender"), ("", "wurde", "ist"),
     ("zugestellt", "ausgeliefert", "abgeschlossen", "angekommen")),
    (("zwrot*", "przesyłka zwrotna"), ("", "do nadawcy"), ("", "został", "została"),
     ("doreczono", "doreczona", "doreczony", "dostarczono", "dostarczona", "dostarczony",
      "odebrany", "odebrana", "zakonczony")),
    (("visszaru*", "visszakuldes*"), ("",), ("",), ("kezbesitve", "atadva", "kezbesitett")),
    (("връщане*", "връщането"), ("", "към подателя"), ("", "е"),
     ("доставено", "завършено", "доставена", "приключено")),
    (("vraceni", "vratka", "vratenie"), ("",), ("", "bylo", "byla", "bolo"),
     ("doruceno", "dorucena", "dorucene", "dokonceno", "dokoncene")),
    (("povrat*", "vracilo", "vracanje"), ("", "posiljatelju"), ("", "je"),
     ("isporuceno", "isporucen", "dostavljeno", "dostavljen", "zavrsen", "zakljucen")),
    (("επιστροφη*",), ("",), ("",), ("παραδοθηκε", "ολοκληρωθηκε")),
    (("iade*",), ("", "gondericiye"), ("",), ("teslim edildi", "tamamlandı")),
    (("reso",), ("",), ("",), ("consegnato", "completato")),
    (("retour",), ("", "a l expediteur"), ("",), ("livre", "effectue", "termine")),
    (("devolucion",), ("",), ("",), ("entregada", "entregado", "completada")),
    (("возврат", "повернення"), ("", "отправителю", "відправнику"), ("",),
     ("вручен", "вручено", "доставлен", "доставлено", "завершен", "завершено")),
)  # fmt: skip

# To whom a parcel goes when it goes back, wherever it stands in the same clause.
TO_SENDER = (
    "la expeditor*", "catre expeditor*", "la sediul expeditor*", "to sender",
    "to the sender", "to shipper", "to the shipper", "to consignor", "to the consignor",
    "to merchant", "to the merchant", "an absender", "an den absender", "zum absender",
    "dem absender", "nadawcy", "do nadawcy", "odesilateli", "k odesilateli", "odosielatelovi",
    "на подателя", "към подателя", "на изпращача", "към изпращача", "feladonak", "feladohoz",
    "posiljatelju", "gondericiye", "στον αποστολεα", "προς τον αποστολεα", "al mittente",
    "a l expediteur", "al remitente", "ao remetente", "відправнику", "отправителю",
)  # fmt: skip
FROM_SENDER = (
    "de la expeditor*", "de la sediul expeditor*", "de la adresa expeditor*",
    "de catre expeditor*", "by sender", "by the sender", "by shipper", "from sender",
    "from the sender", "from shipper", "from merchant", "vom absender",
)  # fmt: skip

# Handed over at a place from which the recipient has yet to fetch it; in either order.
TO_A_PLACE: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = (
    (("delivered", "deposited", "placed", "left", "arrived"),
     tuple(" ".join(words) for words in product(
         ("to", "to the", "to a", "at", "at the", "at a", "in", "in the", "in a"),
         ("parcel shop", "parcelshop", "access point", "service point", "pickup point",
          "pick up point", "collection point", "parcel locker", "locker", "post office"),
     ))),
    (("doreczon*", "dostarczon*", "umieszczon*", "pozostawion*"),
     ("do paczkomat*", "w paczkomacie", "do automatu*", "w automacie", "do punktu*", "w punkcie")),
    (("доставен*", "оставен*", "поставен*", "пристигнал*"),
     ("в автомат*", "до автомат*", "в офис*", "до офис*")),
    (("kezbesitve", "elhelyezve", "behelyezve"),
     ("csomagautomata*", "csomagpont*", "a csomagautomata*", "a csomagpont*")),
    (("zugestellt", "ausgeliefert", "hinterlegt", "eingelegt", "eingeliefert"),
     ("an packstation", "an die packstation", "an der packstation", "in packstation",
      "in die packstation", "in der packstation", "im paketshop", "an paketshop",
      "an den paketshop", "in filiale", "an filiale", "in der filiale", "an die filiale")),
    (("doruceno", "dorucena", "ulozeno", "ulozena", "dorucene", "ulozene"),
     ("do boxu", "do z boxu", "na vydejni misto", "na vydejnim miste", "na vydajne miesto",
      "na vydajnom mieste")),
)  # fmt: skip
# What goes back, and to whom: no end of it yet, but one sentence that a "not possible" may close.
ON_ITS_WAY: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = (
    (("retur*",), ("la expeditor*", "catre expeditor*", "spre expeditor*")),
    (("return*",), ("to sender", "to the sender", "to shipper", "to the shipper")),
    (("rucksendung*", "retoure"), ("an absender", "an den absender", "zum absender")),
    (("zwrot*",), ("do nadawcy",)),
    (("visszakuldes*", "visszaszallitas*"), ("a felado*", "felado*")),
    (("връщане*",), ("на подател*", "към подател*", "на изпращач*", "към изпращач*")),
    (("vraceni", "vratenie"), ("odesilatel*", "odosielatel*")),
)  # fmt: skip

_COURIERS_PLACES = tuple(
    f"{verb} {article}{place}"
    for verb, articles, places in (
        ("returned to", ("", "the ", "our "),
         ("depot", "hub", "office", "station", "facility", "terminal", "branch", "sorting cent*",
          "sorting facility", "distribution cent*", "courier*")),
        *((verb, ("la ", "in ", "catre "),
           ("depozit*", "hub*", "agentie*", "agentia*", "filiala*", "terminal*", "oficiu*",
            "sediu* curier*", "sediu* firm* de curier*", "punct* de lucru", "centr* de sortare"))
          for verb in ("returnat@", "intors@", "readus@", "revenit@")),
    )
    for article, place in product(articles, places)
)  # fmt: skip
_FROM_A_PLACE = tuple(
    f"{verb} from {article}{place}"
    for verb, article, place in product(
        ("picked up", "collected"), ("", "the ", "a "),
        ("parcel locker", "locker", "easybox", "parcel shop", "parcelshop", "pickup point",
         "pick up point", "collection point", "access point", "service point", "post office"),
    )
)  # fmt: skip

# Who and what else is spoken of in a sentence about a parcel; beginnings of words.
# In front of an end that is wished, tried or planned.
NOT_YET = frozenset((
    "va", "vor", "vom", "urmeaza", "programat", "programata", "incercare", "incercat", "tentativa",
    "asteptam", "asteapta", "asteptare", "aproape", "neconfirmat", "neconfirmata", "planificat",
    "planificata", "vrea", "doreste", "will", "shall", "to", "attempt", "attempted", "attempting",
    "wird", "werden", "soll", "sollen", "bude", "budou", "budu", "zostanie", "zostana", "bedzie",
    "beda", "ще", "предстои", "bit", "biti", "bice", "bo", "bodo", "lesz", "fog", "θα", "sera",
    "verra", "scheduled", "planned", "awaiting", "waiting", "almost", "nearly", "pending",
    "unconfirmed",
))  # fmt: skip
# Of a parcel that will be back, "will" says that it goes back.
WILL = frozenset((
    "va", "vor", "urmeaza", "will", "shall", "wird", "werden", "bude", "budou", "budu", "zostanie",
    "zostana", "bedzie", "beda", "ще", "предстои", "bit", "biti", "bice", "bo", "bodo", "lesz",
    "fog", "θα", "sera", "verra",
))  # fmt: skip
# Of those, what is no other word as well (Romanian's "vă" is "you"), and what was.
WILL_BE = WILL - {"va", "vor", "bit", "biti", "bo", "fog", "sera"}
WILL_BE_RO = (("va", "fi"), ("vor", "fi"))
WAS = frozenset((
    "was", "were", "has", "have", "had", "ist", "wurde", "wurden", "hat", "zostala", "zostal",
    "zostalo", "zostaly", "byla", "byl", "bylo", "беше", "бе", "бяха", "е", "са",
))  # fmt: skip
VERB_FIRST = frozenset({"wird", "werden", "soll", "sollen", "sollte", "sollten"})
PARCEL = (
    "colet", "pachet", "expedit", "comand", "marf", "produs", "awb", "trimiter", "parcel",
    "package", "shipment", "order", "goods", "item", "paket", "sendung", "bestell", "csomag",
    "kuldemen", "paczk", "przesyłk", "zasilk",
    "zasielk", "balik", "пратк", "поръчк", "стока",
)  # fmt: skip
GERMAN_PERSONS = ("empfanger", "kunde", "adressat", "nachbar", "absender", "fahrer", "zusteller")
RECEIPT = ("primir", "livrar", "deliver", "annahme", "atvetel", "przyjec")
SENDER = ("expeditor", "sender", "shipper", "absender", "nadawc", "подател", "felado", "odesil")
# Money, papers and packing that travel by themselves.
PAPERS = (
    "bani", "banii", "suma", "sume", "ramburs", "document", "acte", "actele", "palet", "confirmar",
    "ambalaj", "money", "amount", "cash", "funds", "paperwork", "pallet", "geld", "betrag",
    "nachnahme", "dokument", "unterlagen", "pieniad", "kwot", "pobrani", "документ", "сума",
    "пари", "наложен", "penize", "dobirk", "penz", "osszeg", "utanvet", "contravaloar", "proof",
    "разписк", "ruckschein", "empfangsbestatig", "tertiveven", "chitant", "potwierdzen",
    "dodejk", "dorucenk",
)  # fmt: skip
# In front of those, they only go along: "cu ramburs", "und Nachnahme".
BESIDE = frozenset((
    "cu", "fara", "si", "with", "without", "and", "mit", "ohne", "und", "z", "ze", "i", "bez",
    "с", "със", "и", "без", "s", "a", "pe", "de", "on", "of", "per", "na", "за", "contra",
))  # fmt: skip
AFTER = (("dupa",), ("after",), ("nach",), ("po",), ("след",))
ALSO = (("si",), ("and",), ("und",), ("i",), ("и",), ("es",))
HAS_BEEN = (("a", "fost"), ("au", "fost"))
LINKS = frozenset((
    "a", "au", "este", "e", "fost", "is", "was", "has", "have", "been", "hat", "wurde", "ist",
    "została", "został", "е", "бе", "беше", "nu", "mai", "byla", "byl",
))  # fmt: skip
# Who is neither its recipient nor its sender.
BYSTANDERS = frozenset((
    "vecinul", "vecina", "neighbour", "neighbor", "nachbar", "nachbarin", "sasiad", "съсед",
    "съседът", "szomszed", "soused",
    "curierul", "soferul", "courier", "driver", "kurier", "fahrer", "zusteller", "futar", "a futar",
    "kuryer", "куриерът", "куриера", "шофьорът", "kurýr", "kuryr",
))  # fmt: skip
BY_A_PERSON = (
    "a refuz", "refuz", "refus", "declin", "reject", "odmow", "odmit", "отказ", "verweig",
    "abgelehnt", "visszautasit", "megtagad",
)  # fmt: skip
# What else may be turned down: a card, a bank's payment, what somebody asked for.
REQUESTS = frozenset((
    "card", "cardul", "pos", "tranzactia", "reprogramare", "reprogramarea", "redirectionare",
    "redirectionarea", "modificare", "modificarea", "cererea", "solicitarea", "reclamatia",
    "transaction", "request", "claim", "reschedule", "redirection", "kartenzahlung", "umleitung",
    "karta", "transakcja", "reklamacja", "reklamation", "карта", "картата", "заявката",
    "рекламацията", "kartya", "bankkartya",
))  # fmt: skip
REFUSED_BESIDE = (
    "asigurar", "insurance", "verificar", "card", "reprogramar", "redirection",
    "pin", "semnez", "semnatur", "sign", "open", "versicherung", "unterschrift", "podpis",
    "ubezpieczen", "застрахов", "подпис", "alairas", "urce", "enter", "reschedul", "discut",
)  # fmt: skip
# Behind a refusal: when and how, not what was refused.
CIRCUMSTANCE = frozenset((
    "dupa", "after", "nach", "po", "след", "fara", "without", "cu", "la", "inainte", "before",
))  # fmt: skip
INTO = frozenset(("la", "in", "catre", "to", "at", "into", "an", "im", "in", "w", "do", "в", "a"))
COURIERS_HOUSE = (
    "airport", "aeroport", "transportator", "carrier", "partner", "partener", "depot", "hub",
    "sorting", "sortier", "terminal", "facility", "sortare", "depozit", "sortown",
    "depo", "сортир", "депо", "zustellbasis",
)  # fmt: skip
HANDED = (
    "livrat", "predat", "delivered", "returned", "returnat", "intors", "zugestellt", "doreczon",
    "dostarczon", "доставен", "dorucen", "kezbesit",
)  # fmt: skip

ELSEWHERE: dict[ParcelStatus, tuple[str, ...]] = {
    "returned": (
        "vrnjeno posiljatelju", "vrnjena posiljatelju", "vrnjen posiljatelju",
        "restituito al mittente", "reso al mittente", "retourne a l expediteur",
        "devuelto al remitente", "devolvido ao remetente", "повернуто відправнику",
        "возвращено отправителю", "visszaerkezett a felado*", "visszajuttattuk a felado*",
        "επιστραφηκε",
    ),
    "refused": (
        "annahme abgelehnt", "abgelehnt", "zuruckgewiesen", "atvetelt megtagad*",
        "nem kivanja atvenni", "отказа", "отказва", "отказал*", "отказ", "odmitl", "odmitla",
        "odmietol", "odmietla", "odmowił", "odmowiła", "odmowa", "odmowion* przez odbiorc*",
        "odmowion* przez adresat*", "αρνηθηκε", "αρνηση",
        "απορριφθηκε", "reddetti", "reddedildi", "kabul etmedi", "kabul edilmedi", "odbio",
        "odbila", "не желае", "не иска", "nie chce", "rezygnuje", "zrezygnował*", "nechce",
        "megtagadta", "megtagadtak", "kezbesites megtagad*",
        "nem fogadta el", "nem fogadja el", "odmawia", "nem keri", "nem kerte",
        "mochte die sendung nicht", "mochte das paket nicht",
        "will die sendung nicht", "will das paket nicht", "nimmt die sendung nicht an", "zavrnjen*",
        "zavrnil", "zavrnila", "rifiutat*", "rifiuto", "refusee", "refus",
        "rechazad*", "rehusad*", "recusad*", "geweigerd", "відмова", "відмовився", "відмовилась",
        "отказался", "отказалась", "nu vrea sa primeasca*", "nu vrea sa preia*", "nu mai vrea",
        *(f"{no} {verb}" for no, verb in product(
            ("nu vrea", "nu doreste", "nu accepta", "refuza"),
            ("sa plateasca", "sa achite", "sa accepte", "sa ia"))),
        *(f"{no} {verb}" for no, verb in product(
            ("will not", "would not", "does not", "refuses to"), ("accept", "take", "pay"))),
        "nie przyjał*", "nie przyjeła*", "nie przyjmuje", "не приема", "не прие", "nimmt nicht an",
        "nimmt paket nicht an", "nimmt das paket nicht an", "nahm nicht an", "nem fogad el",
        "neprevzal*", "nechce prevzi*", "nechce prevzit",
"nu doreste sa primeasca*", "nu a comandat", "a renuntat",
        "renunta", "nu s a acceptat", "does not want", "did not order", "no longer wants",
    ),
    "returning": (
        "retoure", "rucksendung", "rucksendungen", "ruckversand", "zuruck an absender",
        "zuruck an den absender", "zuruck zum absender", "zuruckgesendet", "zuruckgeschickt",
        "geht zuruck", "visszakuld*", "visszaru*", "visszaszallit*", "visszaindit*", "visszauton",
        "wraca do nadawcy", "powrot do nadawcy", "auf dem ruckweg",

        "vissza a felado*", "връщане*", "връща се", "се връща", "обратно към подател*", "vraci se",
        "se vraci", "vraceni", "vratka", "zpet k odesilatel*", "zpet odesilatel*", "vracia sa",
        "sa vracia", "vratenie", "spat odosielatel*", "zwrot*", "zwracan*", "w drodze do nadawcy",
        "επιστροφη*", "επιστρεφ*", "iade", "iade edil*", "iade ediliyor", "povrat*", "vraca se",
        "se vraca", "vracilo", "ritorno al mittente", "in restituzione", "retour", "en retour",
        "devolucion", "devuelt*", "возврат", "возвращается", "повернення", "повертається",
        "tranzit catre expeditor*", "tranzit spre expeditor*", "expediat@ catre expeditor*",
        "expediat@ la expeditor*", "transit to sender", "transit to the sender",
        "retur* respins@", "retur* refuzat@ de expeditor*", "a refuzat retur*",
        "expeditor* a refuzat retur*", "return* refused by sender", "return* refused by the sender",
        "ще бъде върнат*", "ще бъдат върнат*", "ще се върне", "предстои връщане*",
        "vissza lesz kuldve", "vissza lesz szallitva", "vissza fogjuk kuldeni",
        "zostanie zwrocon*", "bedzie zwrocon*", "zostanie odesłan*", "odesłan* do nadawcy",
        "zuruckgesandt", "zuruckgeleitet", "wird zuruckgegeben", "bude vracen*", "bude vraten*",
        "bit ce vracen*", "se va intoarce", "vor fi returnat@",
    ),
    "failed": (
        "client* negasit@", "negasit@ la adresa", "cimzett nem talalhato", "lipsa destinatar*",
        "lipsa persoan*", "destinatar* plecat@", "destinatar* mutat@",
        "destinatar* decedat@", "nu a putut fi contactat@", "nu poate fi contactat@",
        "nu raspunde", "telefon inchis", "telefon* oprit", "telefon gresit", "lipsa bani",
        "lipsa numerar", "nu are bani", "nu are suma*", "timp* de pastrare depasit",
        "perioada de pastrare depasita", "termen* de pastrare depasit", "reprogramare* livrare*",
        "reprogramare", "amanare* livrare*", "livrare* neefectuata", "livrare* nefinalizata",
        "livrare* esuata", "adresa inexistenta", "adresa necunoscuta", "adresa negasita",
        "destinatar* necunoscut", "destinatar* indisponibil", "client* indisponibil",
        "nu este acasa", "nu a fost acasa", "delivery attempt failed", "attempt failed",
        "attempted delivery", "delivery attempted", "wrong address", "incorrect address",
        "incomplete address", "bad address", "address not found", "insufficient address",
        "not at home", "nobody home", "nobody at home", "no one home", "no one at home",
        "not home", "recipient absent", "consignee absent", "recipient not available",
        "customer not available", "consignee not available", "recipient unavailable",
        "customer unavailable", "recipient unknown", "unable to deliver", "missed delivery",
        "nicht angetroffen", "empfanger unbekannt", "empfanger verzogen", "nicht abgeholt",
        "zustellung fehlgeschlagen", "zustellung nicht moglich", "nicht zustellbar",
        "lagerfrist abgelaufen", "falsche adresse", "nem kezbesitheto", "nem vette at",
        "nem veszi at", "nem volt otthon", "ismeretlen cimzett", "kezbesites meghiusult",
        "hibas cim", "непотърсен*", "неуспешен опит*", "не е открит*", "не е намерен*",
        "грешен адрес", "непълен адрес", "neuspesne doruceni", "neuspesne dorucenie",
        "nezastizen*", "nezastihnut*", "nevyzvednut*", "nevyzdvihnut*", "neprevzat*",
        "niedostarczon*", "nieodebran*", "nie odebrano", "nieudana proba*", "nieudane doreczenie",
        "nieudana dostawa", "adresat nieobecny", "odbiorca nieobecny", "błedny adres",
        "ανεπιτυχης παραδοση", "αδυναμια παραδοσης", "παραληπτης απων", "λαθος διευθυνση",
        "αζητητο", "teslim edilemedi", "teslim edilmedi", "adreste yok", "alıcı bulunamadı",
        "yanlıs adres", "neisporucen*", "nedostavljen*", "neuspjela dostava", "neuspela dostava",
        "neuspjesna dostava", "neuspesna dostava", "nije preuzet*", "nepreuzet*", "neprevzet*",
        "ni prevzet*", "mancata consegna", "destinatario assente", "consegna fallita",
        "consegna non riuscita", "indirizzo errato", "destinataire absent", "echec de livraison",
        "destinatario ausente", "entrega fallida", "direccion incorrecta", "невдала доставка",
        "неудачная доставка", "неудачная попытка", "nem sikerult kezbesiteni",
        "nem sikerult atadni", "sikertelen kezbesitesi*", "proba doreczenia nieudana",
        "awizo*", "nie udało sie doreczyc", "nie zastano odbiorc*", "nie zastano adresat*",
        "опит за доставка неуспешен",
    ),
    "lost": (
        "verloren", "verloren gegangen", "elveszett", "zaginion*", "zagineł*", "изгубен*",
        "загубен*", "ztracen*", "stracen*", "izgubljen*", "kaybol*",
    ),
    "cancelled": (
        "anulare awb", "anulare expedi*", "awb sters", "storniert", "torolve", "anulowan*",
        "zrusen*", "анулиран*",
    ),
    "out": (
        "livrare* in curs", "se va livra", "livrat@ la sediu* curier*", "livrat@ la agentie*",
        "livrat@ la oficiu* postal*", "livrare* efectuata in easybox",
        "livrare* efectuata in locker", "kezbesites alatt", "kiszallitas alatt",
        "kiszallitas folyamatban", "w doreczeniu", "wydana do doreczenia", "wydano do doreczenia",
        "in consegna", "en cours de livraison", "en livraison", "en reparto", "na rozvozu",
        "na rozvoze", "dagıtımda", "dagıtıma cıktı", "u dostavi", "v dostavi", "προς παραδοση",
        "σε διανομη", "изнесена за доставка", "в процес на доставка", "zur abholung bereit",
        "liegt zur abholung bereit", "abholbereit", "oczekuje na odbior", "gotowa do odbioru",
        "gotowe do odbioru", "готова за получаване", "очаква получаване", "atvetelre var",
        "atveheto", "pripraveno k vyzvednuti", "pripravene na vyzdvihnutie",
    ),
    "delivered": (
        "livrare* efectuata", "livrare* reusita", "livrare* finalizata", "livrare* realizata",
        "livrare* confirmata", "livrare* cu succes", "delivery successful", "successful delivery",
        "delivery completed", "delivery complete", "zustellung erfolgreich",
        "zustellung abgeschlossen", "sikeres kezbesites", "cimzett atvette", "връчен@", "връчена",
        "връчено", "успешна доставка", "vyzvednuto prijemcem", "odebrana przez odbiorce",
        "odebrano przez odbiorce", "επιτυχης παραδοση", "uruceno", "urucena", "vroceno", "vrocena",
        "predat@ personal destinatar*", "predat@ personal client*", "ajuns@ la destinatar*",
        "kiszallitva", "atadva a cimzett*", "atadva cimzett*", "предаден@ на получател*",
        "предадена на получател*", "предадено на получател*", "получен@ от клиент*",
        "получена от клиент*", "получена от получател*", "odebrano w punkcie",
        "odebrana w punkcie", "abgeholt vom empfanger", "vom empfanger abgeholt",
        "an nachbar* ubergeben", "dem nachbar* ubergeben", "beim nachbar* abgegeben",
        *(f"{verb} {to}{whom}" for verb, to, whom in product(
            ("handed to", "handed over to"), ("", "the "),
            ("recipient", "receiver", "customer", "consignee", "addressee", "neighbo*"))),
        "dem empfanger ubergeben", "an empfanger ubergeben", "an den empfanger ubergeben",
        "dostavljen", "isporucen", "left at the door", "left at door", "left at the front door",
        "left at front door", "left at the reception", "left with neighbo*", "left with a neighbo*",
        "left with the neighbo*", "left in the mailbox", "left in mailbox",
        "consegnato", "consegnata", "consegna effettuata", "livre", "livree",
        "livraison effectuee", "remis au destinataire", "entregado", "entregada",
        "entrega realizada", "entregue", "bezorgd", "afgeleverd", "доставлено", "доставлена",
        "вручено", "вручена", "вручен", *_FROM_A_PLACE,
    ),
    "transit": (
        "ridicat@ la expeditor*", "preluat@ la expeditor*",
        "handed over to courier", "handed over to the courier", "handed to courier",
        "livrat@ la depozit*", "livrat@ in depozit*", *_COURIERS_PLACES,
        "sosit@ in", "sosit@ la", "arrived at", "arrived in", "departed", "left the depot",
        "szallitas alatt", "uton van", "в транзит", "в движение", "w transporcie", "w drodze",
        "unterwegs", "auf dem weg", "v preprave", "v přeprave", "na ceste", "in transito",
        "в пути", "u tranzitu", "yolda",
    ),
    "created": (
        "asteptare ridicare", "shipment information received", "shipment data received",
    ),
}  # fmt: skip
