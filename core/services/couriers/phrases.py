"""The phrases of couriers, as `core.services.phrases` writes them.

From status texts in public clients and tracking pages of FAN, Sameday, Cargus, DPD and GLS
(second-hand; nobody publishes a list), and from `facts` of their codes. Lower case, no diacritics.
"""

from itertools import product

from core.services.couriers.languages import ELSEWHERE
from core.services.ports import ParcelStatus

# Papers, money, an exchanged parcel, a return that was called off: nothing of the parcel itself.
ASIDE: tuple[str, ...] = (
    "retur documente* >", "retur document* >", "documente* retur* >", "retur acte >",
    "retur ramburs* >", "ramburs* retur* >", "retur op >", "retur bani >", "retur plata >",
    "returnare ramburs* >", "returnarea ramburs* >",
    "retur confirmare* >", "confirmare de primire retur* >", "retur formular* >",
    "colet* la schimb ~ retur* >", "retur* colet* la schimb >", "retur* colet* schimb >",
    "retur* la schimb >", "colet* la schimb >", "retur* swap >", "swap ~ retur* >", "swap >",
    "retur* ambalaj* >", "retur* palet* >",
    "document* return* >", "return* document* >", "return* of document* >", "cod return* >",
    "return* of cod >", "money return* >", "exchange parcel ~ return* >", "exchange parcel >",
    "refus* content* check* >", "refusal to send >", "refuz* de expediere >",
    "refuz* verificar* continut* >", "retur* schimb >", "drept* de retur* >",
    "politic* de retur* >", "return* policy >", "free return*", "right of return >",
    "card payment* refused", "plat* card refuzat@", "refuz* livrarea in locker*",
    "refuz* livrarea la locker*", "refuz* livrarea in easybox*", "refuz* livrarea la easybox*",
    "perioad* de retur* >", "return* of funds >", "return* of money >", "връщане* е отказано",
    "nu accepta retur*", "nu a acceptat retur*", "returnat@ apel*", "adres* respins@",
    "plat* respins@", "payment* declined",
    "payment* rejected",
    "payment* failed", "address* rejected", "adres* odrzucon*",
    "return label >", "eticheta* retur >", "eticheta* de retur >", "return address >",
    "adresa de retur >",
    "nu mai vrea retur*", "nu vrea retur*", "nu doreste retur*", "renunt* la retur*",
    "does not want return*", "ramburs* virat@ >", "ramburs* transferat@ >", "ramburs* platit@ >",
    "ramburs* achitat@ >", "ramburs* a fost virat >",
    "suma* virata >", "suma* transferata >", "suma* achitata >", "bani* virati >",
    "bani* trimisi >", "cod transferred >", "cod paid >", "money transferred >", "money sent >",
    "retur* anulat@", "anulare* retur*", "anulat@ retur*", "refuz* anulat@", "anulare* refuz*",
    "return* cancelled", "return* canceled", "cancel* return*", "refus* cancelled",
)  # fmt: skip

# After a refusal they say that it is over.
ACCEPTED = (
    "a acceptat", "au acceptat", "accepta coletul", "accepta livrarea", "acceptat@ ulterior",
    "apoi s a razgandit", "ulterior s a razgandit", "dupa care s a razgandit",
    "then changed his mind", "then changed her mind", "then changed their mind", "a primit coletul",
    "a primit pachetul", "a primit comanda",
    "accepted", "accepts", "received the parcel", "took the parcel",
    "angenommen", "przyjał", "przyjeła", "odebrał", "odebrała", "прие", "приема", "приел@",
    "elfogadta", "atvette", "prijal", "prijala", "prevzal", "prevzala",
)  # fmt: skip

# From where one has to fetch it: beginnings of words, and who takes a parcel out of there.
PLACES_TO_FETCH = (
    "locker", "easybox", "pachetomat", "paczkomat", "skrytk", "automatu", "automaci", "automatab",
    "автомат", "еконтомат", "боксомат", "локер", "пункт", "packstation", "paketstation",
    "paketshop", "parcelshop", "parcelbox", "pudo", "seif", "schliessfach", "abholstation",
    "csomagautomat", "csomagpont", "zbox", "balikobox",
)  # fmt: skip
FETCHED = (
    "ridicat", "preluat", "picked up", "collected", "abgeholt", "odebran", "взет", "прибран",
    "atvette", "vyzvednut", "vyzdvihnut", "получен",
)  # fmt: skip

_FETCHED_THERE = tuple(
    f"{verb} {place}"
    for verbs, places in (
        (("odebran*", "wyjet*"), ("z paczkomat*", "z automat*", "z punkt*", "ze skrytk*")),
        (("взет*", "получен*", "прибран*"), ("от автомат*", "от офис*", "от локер*", "от пункт*")),
        (("atvette", "atvettek"), ("a csomagautomatabol", "a csomagpontrol", "az automatabol")),
    )
    for verb, place in product(verbs, places)
)
_FETCHED_FROM = tuple(
    f"{place} abgeholt"
    for place in ("aus der packstation", "an der packstation", "aus der paketstation",
                  "im paketshop", "in der filiale", "aus dem schliessfach")
)  # fmt: skip

_GOING_BACK = (
    "w drodze powrotnej", "droga powrotna", "w droge powrotna", "pe drumul de intoarcere",
    "pe drum* inapoi", "in drum inapoi", "drum* de retur", "on the way back",
    "on its return journey", "auf ruckweg", "im rucklauf", "rucklaufer", "visszafele uton",
    "uton visszafele", "на път обратно", "по пътя обратно", "по обратния път", "пътува обратно",
    "върнат*", "на път към подател*", "на път към изпращач*", "a feladohoz visszaerkezett",
    "feladohoz visszaerkezett", "върнат* пратка към подател*", "върнат* пратка към изпращач*",
    "върнат* към подател*",
    "върнат* към изпращач*", "na zpatecni ceste", "na ceste zpet", "na spiatocnej ceste",
    "na ceste spat",
)  # fmt: skip
# What carries those: "plicul cu rambursul".
ENVELOPES = ("plic", "envelop", "umschlag", "borite", "kopert", "плик", "obalk")
# Where money is handed over, and no parcel.
AT_A_BANK = ("banca", "bancii", "bank", "bankba", "banku", "банка", "банката", "banky", "banka")
# Behind what may be done, in the same clause: "visszautasítani a futárnál tudja".
POSSIBLE = frozenset((
    "possible", "posibil", "posibila", "moglich", "lehetseges", "lehet", "tudja", "tudjak", "tudod",
    "mozna", "mozliwe", "mozliwy", "mozliwa", "mozesz", "може", "можете", "възможно", "възможен",
    "възможна", "mozne", "mozna", "mozny", "konnen", "kann",
))  # fmt: skip
SOON = frozenset(("soon", "repede", "curand", "bald", "скоро", "szybko", "hamarabb", "hamar"))

# Taken in by somebody else for the recipient: whose verbs go with whom.
_TAKEN_IN = tuple(
    f"{verb} {person}"
    for verbs, people in (
        (("left with", "left with a", "left with the", "handed to", "handed to the", "accepted by",
          "signed for by", "received by"),
         ("reception*", "concierge", "security", "guard", "doorman", "porter", "colleague*",
          "famil*", "household*", "mailroom", "front desk", "house* member*", "secretar*")),
        (("destinatar*", "client*", "cumparator*"),
         ("a ridicat*", "a preluat*", "si a ridicat*", "a primit colet*", "a primit pachet*")),
        (("lasat@", "predat@", "lasat@ la", "predat@ la", "primit@ de", "inmanat@", "semnat@ de"),
         ("receptie*", "receptia", "portar*", "poarta", "paza", "paznic*", "vecin*", "secretar*",
          "coleg*", "famil*", "sotie*", "sotia", "sotul*", "un coleg", "un vecin", "un membru*")),
        (("atvette", "atadva", "atvette a", "atadva a", "atvette ~", "atadva ~"),
         ("szomszed*", "portas*", "recepcio*", "csaladtag*", "hozzatartozo*", "munkatars*",
          "kollega*", "cimzett*", "meghatalmazott*", "portan", "recepcion")),
        (("оставена на", "оставена при", "предадена на", "получена от", "приета от", "връчена на"),
         ("портиер*", "съсед*", "рецепци*", "охрана*", "роднин*", "колег*", "близък*", "секретар*",
          "упълномощен*")),
        (("pozostawiona u", "pozostawiono u", "odebral", "odebrala", "odebrana przez",
          "odebrano przez", "przekazan*", "wydan*", "doreczon*", "doreczona do rak"),
         ("sasiad*", "portier*", "recepcj*", "ochron*", "domownik*", "sekretar*", "wspolpracowni*",
          "odbiorc*", "adresat*", "wlasnych")),
        (("beim", "bei", "an der", "am", "an"),
         tuple(f"{where} {done}" for where in (
             "pfortner", "nachbar*", "mitbewohner*", "rezeption", "empfang", "familienmitglied*",
             "wunschort", "ablageort", "wunschablageort", "vereinbarten ort")
             for done in ("abgegeben", "ubergeben", "abgestellt", "abgelegt"))),
    )
    for verb, person in product(verbs, people)
)  # fmt: skip

# Labels, terms and requests of returns; money and papers that are given back.
_ABOUT_RETURNS = tuple(
    f"{what} >"
    for what in (
        "returul ramburs*", "returul sum*", "returul ban*", "returul document*",
        "termen* de retur*",
        "solicitare* de retur*", "cerere* de retur*", "formular* de retur*",
        "return* request*", "return* deadline", "return* period", "return* window", "return* form*",
        "visszakuldesi cimke*", "visszakuldesi hatarido*", "visszakuldesi kerelem",
        "visszaru cimke",
        "etykiet* zwrotn*", "termin* zwrotu", "termin* na zwrot", "wniosek o zwrot",
        "formularz zwrotu",
        "етикет* за връщане", "срок* за връщане", "заявка за връщане", "формуляр за връщане",
        "върнат* сума", "върнат* документ*", "върнат* наложен*", "върнат* пари",
        "retourenschein*", "retourenlabel*", "retourenetikett*", "rucksendeetikett*",
        "rucksendeschein*", "retourenanfrage*", "ruckgabefrist*",
        "lhuta pro vraceni", "lehota na vratenie", "zadost o vraceni", "ziadost o vratenie",
    )
)  # fmt: skip

# Handing a parcel over, and to whom: each pair means "returned", and "returning" where it is to be.
HANDED_BACK = (
    "returnat@", "livrat@", "predat@", "inapoiat@", "restituit@", "inmanat@", "ajuns@", "intors@",
    "inapoiat@ si livrat@", "livrat@ inapoi", "predat@ inapoi", "returnat@ inapoi",
    "returned", "delivered", "delivered back", "handed back", "handed over", "given back",
    "returned and delivered", "sent back and delivered",
)  # fmt: skip
WAYS_BACK = (
    "la expeditor*", "catre expeditor*", "expeditor*", "inapoi la expeditor*", "inapoi expeditor*",
    "la sediul expeditor*", "la adresa expeditor*",
    "la depozitul expeditor*", "in depozitul expeditor*", "in depozit* expeditor*",
    "to sender", "to the sender", "to shipper", "to the shipper", "to consignor",
    "to the consignor", "to merchant", "to the merchant", "back to sender", "back to the sender",
)  # fmt: skip
# The same in other languages, in either order: whose verbs go with whose sender.
BACK_ELSEWHERE = (
    (("zugestellt", "ausgeliefert", "zuruckgestellt", "ubergeben", "zuruckgegeben"),
     ("an absender*", "an den absender*", "zuruck an absender*", "zuruck an den absender*",
      "dem absender*")),
    (("doruceno", "dorucena", "dorucen", "dorucene", "dorucena", "predano", "vraceno", "vracena",
      "vratene", "vratena", "odovzdane"),
     ("odesilatel*", "zpet odesilatel*", "zpet", "odosielatel*", "spat odosielatel*", "spat")),
    (("doreczono", "doreczona", "doreczony", "dostarczono", "dostarczona", "dostarczony",
      "zwrocono", "zwrocona", "oddano"),
     ("nadawc*", "do nadawc*", "z powrotem nadawc*", "z powrotem do nadawc*")),
    (("доставен@", "доставена", "доставено", "върнат@", "върната", "върнато", "предаден@",
      "предадена", "предадено", "върната и доставена"),
     ("на подател*", "на изпращач*", "обратно на подател*", "обратно на изпращач*")),
    (("kezbesitve", "visszakezbesitve", "visszakuldve", "visszaadva", "atadva", "visszajuttatva"),
     ("a felado*", "felado*", "vissza a felado*")),
    (("dostavljeno", "dostavljena", "isporuceno", "isporucena", "vraceno", "vracena", "predano"),
     ("posiljatelj*", "posiljatelju", "natrag posiljatelj*")),
    (("παραδοθηκε", "επιστραφηκε"), ("στον αποστολεα", "πισω στον αποστολεα")),
    (("teslim edildi", "iade edildi"), ("gonderici*", "gondericiye", "gondericiye geri")),
)  # fmt: skip
FUTURE = (
    "va fi", "vor fi", "urmeaza sa fie", "urmeaza a fi", "in curs de a fi", "to be", "will be",
    "being", "shall be", "in curs de", "pentru a fi",
)  # fmt: skip

_ROMANIA: dict[ParcelStatus, tuple[str, ...]] = {
    "returned": (
        "retur* livrat@", "retur* finalizat@", "retur* predat@", "retur* incheiat@",
        "retur* confirmat@", "return* completed", "return* delivered", "delivered back",
        "return* complete", "visszakezbesitve", "visszakezbesitettuk", "feladonak visszaadva",
        "върнат@ на подател*", "върната на подателя", "zwrocono nadawcy", "zwrocona nadawcy",
        "vraceno odesilateli", "vracena odesilateli", "vratene odosielatelovi",
        "an absender zuruckgestellt", "an den absender zuruckgegeben",
    ),
    "refused": (
        "refuz*", "refuse", "refused", "refuses", "refusal", "rejected", "rejects", "respins@",
        "neacceptat@", "nu accepta", "nu a acceptat", "nu doreste coletul", "nu mai doreste",
        "nu vrea coletul", "declined", "not accepted", "did not accept", "visszautasit*",
        "atvetel megtagad*", "megtagadta az atvetelt", "отказан*", "отказ от получаване",
        "odmowa przyjecia", "odmowiono przyjecia", "odmitnut*", "odmietnut*", "annahme verweigert",
        "annahmeverweiger*", "verweigert", "odbijen*", "αρνηση παραλαβης",
    ),
    "returning": (
        "retur*", "return*", "se intoarce", "se returneaza", "inapoi la expeditor*",
        "inapoi catre expeditor*", "spre expeditor*", "back to sender", "back to the sender",
        "on its way back", "expediat@ inapoi", "trimis@ inapoi", "sent back",
        "va fi livrat@ la expeditor*",
    ),
    "lost": ("pierdut@", "parcel lost", "lost parcel", "is lost", "was lost", "lost in transit"),
    "failed": (
        "nelivrat@", "nu a fost livrat@", "nu a putut fi livrat@", "nu s a putut livra",
        "nu se poate livra", "livrare* esuat@", "livrare* nereusit@", "livrare* imposibila",
        "esec livrare", "esec la livrare", "destinatar* absent", "destinatar* lipsa",
        "destinatar* negasit", "destinatar* nu a fost gasit", "destinatar* nu raspunde",
        "client* absent", "client* nu raspunde", "adresa gresita", "adresa incompleta",
        "adresa incorecta", "adresa insuficienta", "avizat@", "reprogramat@", "amanat@",
        "neridicat@", "neridicat@ de destinatar*", "neridicat@ de client*", "neridicat@ din",
        "nepreluat@ de destinatar*", "nu a fost ridicat@", "nu a fost preluat@ de destinatar*",
        "expirat@", "expirat@ in easybox", "expirat@ in locker", "termen* expirat@",
        "termen* depasit@", "expired", "not delivered", "undelivered", "undeliverable",
        "unsuccessful", "delivery failed", "failed delivery", "failed to deliver",
        "could not be delivered", "cannot be delivered", "unclaimed", "uncollected",
        "not collected", "not picked up", "sikertelen kezbesites", "nem kezbesitett",
        "kezbesites sikertelen", "недоставен*", "неуспешна доставка", "niedoreczon*",
        "nedorucen*", "nezustellbar", "unzustellbar", "nicht zugestellt", "zustellung gescheitert",
    ),
    "cancelled": ("anulat@", "cancelled", "canceled"),
    "out": (
        "va fi livrat@", "vor fi livrat@", "urmeaza sa fie livrat@", "urmeaza a fi livrat@",
        "in curs de livrare", "in livrare", "spre livrare", "pentru livrare", "iesit@ la livrare",
        "out for delivery", "to be delivered", "will be delivered", "being delivered",
        "in easybox", "in locker", "in pachetomat", "livrat@ in easybox", "livrat@ in locker",
        "livrat@ in pachetomat", "livrat@ la easybox", "livrat@ la locker", "delivered to locker",
        "delivered to parcel locker", "delivered to pickup point", "delivered to pick up point",
        "livrat@ in punct*", "livrat@ la punct*",
        "wird zugestellt", "wird heute zugestellt", "wird ausgeliefert", "in zustellung",
        "bude doruceno", "bude dorucena", "bude dorucene", "zostanie doreczon*",
        "zostanie dostarczon*", "ще бъде доставен*", "bit ce dostavljen*", "bit ce isporucen*",
        "kezbesitve lesz", "lesz kezbesitve",
        "livrare* din sediu*", "livrare* de la sediu*", "livrare* la sediu* curier*",
        "ridicare* din sediu*", "ridicare* de la sediu*", "ridicare* personala",
        "disponibil@ pentru ridicare", "gata de ridicare", "pregatit@ pentru ridicare",
        "ready for pickup", "ready for pick up", "ready for collection", "available for pickup",
        "available for pick up", "available for collection",
    ),
    "delivered": (
        "ridicat@ de destinatar*", "ridicat@ de client*", "ridicat@ din easybox",
        "ridicat@ din locker", "ridicat@ din pachetomat", "ridicat@ din punct*",
        "preluat@ de destinatar*", "preluat@ de client*",
        "primit@ de destinatar*", "predat@ destinatar*",
        "predat@ la destinatar*", "predat@ catre destinatar*", "livrat@", "delivered",
        "kezbesitve", "kezbesitett", "kezbesitettuk", "sikeresen kezbesitve", "доставен@",
        "доставена", "доставено", "доставени", "doreczono", "doreczona", "doreczony",
        "dostarczono", "dostarczona", "doruceno", "dorucena", "dorucen", "dorucene", "zugestellt",
        "ausgeliefert", "dostavljeno", "dostavljena", "isporuceno", "isporucena", "παραδοθηκε",
        "teslim edildi", "picked up by recipient", "picked up by the recipient",
        "picked up by customer",
        "collected by recipient", "collected by the recipient", "collected by customer",
    ),
    "transit": (
        "tranzit", "transit", "depozit*", "sortat@", "sortare", "ridicat@", "ridicat@ de curier*",
        "preluat@", "preluat@ de curier*", "predat@ curier*", "predat@ catre curier*",
        "predat@ la curier*", "picked up", "picked up by courier", "expediat@",
        "collected by courier",
    ),
    "created": (
        "inregistrat@", "emis@", "awb emis", "awb generat", "created", "emis@ ~ neridicat@",
        "awb emis ~ neridicat@",
        "neridicat@ de curier*", "neridicat@ de la expeditor*", "neridicat@ de la client",
        "nepreluat@ de curier*", "nepredat@ curier*", "nepredat@ catre curier*",
        "nepredat@ la curier*",
        "nu a fost predat@ curier*", "nu a fost predat@ catre curier*",
        "nu a fost predat@ la curier*", "nu a fost inca predat@ curier*",
        "nu a fost inca predat@ catre curier*", "nu a fost ridicat@ de curier*",
        "nu a fost inca ridicat@ de curier*", "nu a fost preluat@ de curier*",
        "nu a fost inca preluat@ de curier*", "nu a fost ridicat@ de la expeditor*",
        "not picked up by courier", "not picked up by the courier", "not yet picked up",
        "not yet handed over", "not handed over to courier", "not handed over to the courier",
    ),
}  # fmt: skip

PHRASES: dict[ParcelStatus, tuple[str, ...]] = {
    status: phrases + ELSEWHERE.get(status, ()) for status, phrases in _ROMANIA.items()
}
ASIDE += _ABOUT_RETURNS
PHRASES["returning"] += _GOING_BACK
PHRASES["delivered"] += _FETCHED_THERE + _FETCHED_FROM + _TAKEN_IN
