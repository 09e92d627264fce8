"""Which sentences of a courier's text tell of this parcel, now.

What is said to everybody, asked, conditional, advised, defined or of another parcel is taken out
before the words are read (`core.services.couriers.statuses`).
"""

import re

from core.services.http.texts import plain

# A sentence with one of these tells what may come, not what is: "daca nu il ridicati, …".
CONDITION = re.compile(
    r"(?<!\w)(?:dac[aăâ]|if|unless|otherwise|altfel|wenn|falls|sofern|andernfalls|hogyha|"
    r"ha(?= (?:nem|az?|ön)\b)|"  # "ha" alone is "has" in Italian and Spanish
    r"ако|в противен случай|je[sś]li|je[zż]eli|pokud|jestli[zž]e|αν|εαν|εάν|"
    r"[iî]n caz(?:ul)?|[iî]n situa[tț]ia|[iî]n eventualitatea|in case|in the event|amennyiben|"
    r"im falle?|bei (?:annahme\w*|nicht\w*|verweiger\w*)|eset[eé]n|"
    r"w przypadku|w razie|v p[rř][ií]pad[eě]|u slu[cč]aju|в случай|при отказ\w*)(?!\w)",
    re.IGNORECASE,
)
# "If you have questions, call us" sets none: it is said to everybody.
_COURTESY = re.compile(
    r"(?<!\w)(?:if|in case|dac[aă]|pentru|for|bei|ha|при|w razie|pokud)(?: \w+){0,3}? "
    r"(?:questions?|queries|[iî]ntreb[aă]ri|nel[aă]muriri|detalii|fragen|k[eé]rd[eé]s\w*|"
    r"въпроси|pyta[nń]|dotazy)(?!\w)[^.;!?\r\n|]*",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"[^.;!?\r\n|]*[.;!?\r\n|]*")
# Signs that end no sentence: in dates and times ("am 12.03. zugestellt"), behind what is cut short.
_NO_END = re.compile(
    r"(?<=\d)[.:](?=\d|\s*[^\W\d_A-ZĂÂÎȘȚА-Я])|"
    r"(?<!\w)(?i:dvs|dv|nr|no|str|bd|bl|sc|ap|jud|tel|dl|dna|ca|ul|ulica|nam|c)\.(?=\s*\w)"
)
# A choice that is printed, and no answer: "Refuz (da/nu): nu".
_CHOICE = re.compile(
    r"(?<!\w)(?:da|yes|igen|ja|tak|ano|да)\s*/\s*(?:nu|no|nem|nein|nie|ne|"
    r"не)(?!\w)",
    re.IGNORECASE,
)
# What is asked and not answered at once. A "?" inside a word is a letter that was lost.
_ASKED = re.compile(
    r"[^.;!?\r\n|]*\?(?!\s*(?:da|yes|igen|ja|tak|ano|да|nu|no|nem|nein|nie|ne|не)(?!\w))",
    re.IGNORECASE,
)
_LOST_LETTER = re.compile(r"\w\?\w")
# Behind or before a refusal, these say that it has no reason, and deny nothing.
_NO_REASON = re.compile(
    r"(?<!\w)(?:f[aă]r[aă] (?:niciun |vreun )?motiv\w*|without (?:any |a |giving a )?reasons?|"
    r"no reason(?: given)?|ohne (?:angabe von )?gr[uü]nd\w*|bez (?:podania )?(?:powodu|"
    r"przyczyny)|"
    r"bez (?:ud[aá]n[ií] )?d[uů]vodu|без (?:посочена )?причина|"
    r"indok(?:l[aá]s)? n[eé]lk[uü]l)(?!\w)",
    re.IGNORECASE,
)
# Why it was refused: the goods were wrong, not the refusal.
_WRONG_GOODS = re.compile(
    r"(?<=[\s(,:-])(?:(?:produs\w*|colet\w*|articol\w*|m[aă]rim\w*|culoare\w*|model\w*|comand\w*|"
    r"pre[tț]\w*) (?:este |e |a fost )?(?:gre[sș]it\w*|eronat\w*)|"
    r"wrong (?:item|product|size|colou?r|goods|order|model|price)s?|"
    r"falsche[rsn]? (?:artikel|produkt|ware|gr[oö][sß]+e|farbe))(?!\w)(?! [iî]nregistrat)",
    re.IGNORECASE,
)
# How it was handed over, between what was done and to whom.
_IN_PERSON = re.compile(
    r"(?<!\w)(?:in person|personally|pers[oö]nlich|osobi[sś]cie|osobn[eě]|szem[eé]lyesen|лично|"
    r"la timp|on time|p[uü]nktlich)(?!\w)",
    re.IGNORECASE,
)
_REFUSAL = re.compile(r"(?:refuz|refus|verweiger|abgelehnt)\w*", re.IGNORECASE)
# Clauses end at a pause, and where a reason begins: what stands behind tells of something else.
_CLAUSE = re.compile(
    r"\s(?=(?:pentru c[aă]|deoarece|fiindc[aă]|[iî]ntruc[aâ]t|because|since|weil|mert|тъй като|"
    r"защото|ponieważ|protože|pretože)\s)|[,.;:!?()\r\n|–—]|\s-\s",
    re.IGNORECASE,
)
_OTHER = (
    r"(?:un |o |the |an |ein |egy )?(?:alt[aăeiu]?|altui|altei|cel[aă]lalt|cealalt[aă]|celelalte|"
    r"other|another|wrong|previous|prior|earlier|ander\w*|vorig\w*|vorherig\w*|fr[uü]her\w*|"
    r"m[aá]sik|el[oő]z[oő]|korábbi|inn[aąye]\w*|poprzedni\w*|jin[yýaáeé]\w*|p[rř]edchoz\w*|"
    r"друг\w*|предишн\w*|предходн\w*)"
)
_THING = (
    r"(?:colet\w*|pachet\w*|expedi[tțţ]i\w*|comenzi|comand[aăe]\w*|awb|livr[aă]ri|"
    r"parcels?|packages?|shipments?|orders?|paket\w*|sendung\w*|bestellung\w*|csomag\w*|"
    r"k[uü]ldem[eé]ny\w*|rendel[eé]s\w*|paczk\w*|przesy[lł]k\w*|z[aá]silk\w*|z[aá]sielk\w*|"
    r"bal[ií]k\w*|пратк\w*|поръчк\w*|"
    r"client\w*|destinatar\w*|customers?|recipients?|consignees?|kund\w*|empf[aä]nger\w*|"
    r"c[ií]mzett\w*|adresat\w*|odbiorc\w*|получател\w*|клиент\w*)"
)
_COUNT = (
    r"(?:\d+|dou[aă]|trei|two|three|zwei|drei|k[eé]t|h[aá]rom|dwie|dwa|trzy|dv[aě]|t[rř]i|две|"
    r"три)"
)
# Another parcel, or somebody else's; not "under another number", nor "together with another".
_ANOTHER = re.compile(
    rf"(?<!\w)(?<!cu )(?<!with )(?<!mit )(?<!sub )(?<!under )(?<!pe )(?<!unter )(?<!със )(?<!под )"
    rf"(?:{_OTHER}\s+(?:{_COUNT}\s+)?{_THING}|{_THING}\s+(?:anterioar\w+|anterior\w*|preceden[tț]\w*))(?!\w)",
    re.IGNORECASE,
)
# After so many days, and with no word of what was: a rule of the house, not news of this parcel.
_AFTERWARDS = re.compile(
    r"(?<!\w)(?:(?:dup[aă]|peste|after|nach|po|след)\s+\d+\s+(?:de )?"
    r"(?:zile|ore|days?|hours?|tag\w*|dni\w*|dnech|dňoch|дни|дена)|"
    r"\d+\s+nap\w*\s+(?:ut[aá]n|m[uú]lva|eltelt\w*)|dup[aă] care|after which)(?!\w)",
    re.IGNORECASE,
)
_WAS = re.compile(
    r"(?<!\w)(?:a fost|au fost|s-a|s-au|a revenit|was|were|has been|have been|wurden?|ist|"
    r"zosta[lł]\w*|by[lł][aoy]?|byl[aoiy]?|беше|бе|е|lett)(?!\w)",
    re.IGNORECASE,
)


def _any(*alternatives: str) -> re.Pattern[str]:
    """One of these as whole words, as `plain` writes them."""
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(plain, alternatives))})(?!\w)")


_SHALL = re.compile(r"['’]ll\b")
# What stands between two commas (or in brackets) behind an auxiliary, whose verb comes after it.
_PUT_IN = re.compile(
    r"(?<!\w)((?:va fi|vor fi|urmeaz[aă]|a fost|au fost|will|shall|to be|will be|shall be|was|"
    r"were|"
    r"has|have|(?:has|have) been|is|щ?ще|ще бъд\w+|беше|бе|b[eę]dzie|b[eę]d[aą]|zosta\w+|"
    r"by[lł]\w?|"
    r"wird|werden|soll\w*|wurden?|bude|budou)"
    r"(?: (?:m[aâ]ine|probabil|tomorrow|now|утре|jutro|morgen|z[ií]tra))?)"
    r"\s*(?:,[^,]{1,60},|\([^()]{1,60}\)|[–—][^–—]{1,60}[–—])",
    re.IGNORECASE,
)
# The reader is told what to do: what stands behind tells nothing of the parcel.
_ADVICE = _any(
    "(?:vă |te )?rugăm", "puteți", "puteti", "contactați", "contactează", "sunați", "apelați",
    "apăsați", "completați", "folosiți", "utilizați", "accesați", "alegeți", "vizitați",
    "consultați", "urmați", "scrieți", "solicitați", "cereți", "confirmați", "trimiteți",
    "verificați", "adresați", "luați legătura", "intrați", "mergeți", "deschideți", "spuneți",
    "(?:refuzați|returnați) (?:colet|pachet|produs|comand|marf)\\w*",
    "please", "kindly", "you (?:can|may|must|should|need|have to)",
    "bitte", "sie können", "können sie", "müssen sie",
    "(?!haben|hatten|wollten|werden|wurden)\\w+en sie "
    "(?:sich|den|die|das|uns|ihr\\w*|einen?|mit|auf|hier|unser\\w*|beim?|an)",
    "kérjük", "kérem", "hívj[ao]n?", "lépjen", "keresse", "vegye fel", "írjon", "látogass[ao]n?",
    "töltse", "használja", "kattintson", "forduljon", "jelezze", "utasítsa", "mondja",
    "моля", "обадете", "свържете", "вижте", "посетете", "пишете", "попълнете", "изберете",
    "използвайте", "потвърдете", "можете", "кликнете", "натиснете", "откажете", "върнете",
    "prosimy", "proszę", "skontaktuj", "zadzwoń", "kliknij", "wypełnij", "napisz", "odwiedź",
    "podaj", "możesz", "użyj", "skorzystaj", "wejdź", "wybierz", "zgłoś", "sprawdź",
    "prosíme", "prosím", "kontaktujte", "zavolejte", "zavolajte", "navštivte", "navštívte",
    "klikněte", "použijte", "použite", "vyplňte",
    "cum (?:să|se|pot)", "how to", "wie (?:sie|man|kann)", "jak (?:można|zwrócić|odmówić)",
    "как да", "hogyan", "pașii", "remember to", "(?:don t|do not) forget",
    "make sure", "nu uitați", "asigurați", "pamiętaj", "upewnij", "vergessen sie", "не забравяйте",
    "ne felejtse", "nyomtass\\w+", "ragassz\\w+",
)  # fmt: skip
# English tells it by the bare verb, at the beginning of a clause or behind what it is for.
_BARE_VERB = (
    r"(?:contact|call|visit|click|use|tell|ask|write|fill|pay|confirm|choose|see|follow|go|"
    r"log in|"
    r"get in touch|check|print|email|speak|talk|open|bring|send us|let us|"
    r"(?:refuse|return|reject) (?:the|any|it|this|your))"
)
_COMMAND = re.compile(
    rf"^\W*(?:(?:for|to|in order to) [^|]*? )?{_BARE_VERB}(?!\w)"
    r"(?! (?:cent|fail|attempt|made|customer|client|recipient|with ))"
)
# What the advice is for, in front of it.
_PURPOSE = re.compile(
    r"^\W*(?:(?:"
    + "|".join(map(plain, (
        "pentru(?! că)", "ca să", "în vederea", "referitor la",
        "to(?! (?:the )?(?:sender|shipper))", "in order to", "for", "so that", "regarding",
        "für", "um", "damit", "zur", "zum", "aby",
        "żeby", "w celu", "w sprawie", "dla", "за", "ahhoz", "hogy", "pro", "pre",
    )))
    + r")(?!\w)|(?:az? )?(?:\w+ )?\w+(?:h[oe]z|erdekeben)(?!\w))"
)  # fmt: skip
# What one can ask for is not what was done.
_OFFERED = _any(
    "(?:se poate|se pot|poate fi|pot fi|can be|kann|können|można|może być|може да се) (?:\\w+ )?"
    "(?:solicit\\w*|ceru?t?e?|face|request\\w*|order\\w*|beantragt|angemeldet|zgłosić|zgłoszon\\w+|"
    "заяв\\w+)",
    "menetéről",
    "igényelhető",
    "kérhető",
    "kérheti",
    "részleteiről",
    "tájékozódhat",
)
# Many of them, and none that is told: what is the custom with them.
_CUSTOM = re.compile(
    r"^\W*(?:retururile|refuzurile|returns(?! to)|refusals|zwroty|odmowy|retouren|rucksendungen|"
    r"visszaruk|visszakuldesek|връщанията|отказите|vratky)(?!\w)|"
    r"(?<!\w)(?:free|kostenlos\w*|gratuit\w*|безплатн\w*|darmow\w*|bezplatn\w*|ingyenes) "
    r"(?:return|retur|rucksend|retour|връщан|zwrot|vrac|vrat|visszakuld)|"
    # "Returul coletelor se face …"
    r"^\W*(?:retur|refuz|zwrot|odmow|die ruck|ruck|visszakuld|връщан|отказ|return|refusal)\w* "
    r"(?:of |на |der |von |a )?(?:colet(?:elor|e)|pachet(?:elor|e)|parcels|packages|shipments|"
    r"paket\w|sendungen|przesylek|paczek|csomagok|kuldemenyek|пратки\w*|zasilek|zasielok)(?!\w)|"
    # "A refusal is a parcel which …", "Zwrot to przesyłka …"
    r"^\W*(?:an?|un|o|eine?|egy) (?:\w+ ){1,2}(?:is|este|e|ist) (?:an?|un|o|the|eine?) |"
    r"^\W*(?:\w+ ){1,3}to (?:\w+ ){0,2}?\w+, (?:(?:w|na|z|do) )?(?:ktor\w+|gdy|kiedy|jesli)(?!\w)"
)
# A word is explained.
_DEFINES = _any(
    "înseamnă", "reprezintă", "semnifică", "semnificația", "se numesc", "se numește", "numim",
    "se înțelege", "înțelegem", "considerăm", "echivalează", "asimilat[aăei]?", "devine",
    "apare (?:când|atunci|după)", "(?:sunt|este) (?:cele|acelea|acela|aceea)(?: pe)? care",
    "definiția", "legend[aă]?", "(?<!by )(?<!no )(?<!any )(?<!all )means?(?! of)", "stands for",
    "(?:is |are )?defined as", "refers to", "amounts to", "(?:status|state)(?: \\w+)? says that",
    "(?:is|are) (?:used|shown) (?:when|for|if|once)", "(?:appears|shows) (?:when|after|once)",
    "(?:is|are) (?:one|those|ones) (?:which|that)", "(?:is|are) the same as",
    "we (?:call|consider|treat|regard)", "definition", "meaning of",
    "explanation of (?:the )?status", "see glossary",
    "jelenti", "jelentése", "nevezzük", "értjük", "értünk", "felel meg", "azt mutatja",
    "akkor jelenik meg", "означава", "значи", "представлява", "се разбира", "разбираме",
    "приравнява", "наричаме", "считаме", "се показва", "се появява", "значение",
    "oznacza", "to znaczy", "znaczenie", "rozumie(?:my)?", "nazywamy", "uznajemy", "traktujemy",
    "pojawia się", "bedeutet", "heißt", "steht für", "bedeutung", "erscheint",
    "versteht man", "verstehen wir", "nennen wir", "betrachten wir", "znamená",
    "(?:este|e|is|ist|jest|е|az),? (?:atunci |acela |wtedy,? )?"
    "(?:când|when|wenn|gdy|kiedy|когато|amikor)",
)  # fmt: skip
# Behind the word it explains nothing but a noun tells it: "Retur: coletul pe care nu …".
_PARCEL_NOUN = (
    r"(?:colet\w*|pachet\w*|expedi[tt]i\w*|trimiter\w*|parcels?|packages?|shipments?|"
    r"consignments?|paket\w*|sendung\w*|csomag\w*|kuldemeny\w*|paczk\w*|przesylk\w*|zasilk\w*|"
    r"zasielk\w*|balik\w*|пратк\w*|колет\w*)"
)
_INDEFINITE = r"(?:un|o|an?|one|any|ein\w*|jede\w*|egy|olyan|taka?|kazd\w+|jaka\w*|всяка|някоя)"
_WHO = (
    r"(?:(?:pe |la |al |a |in |de |cu )?(?:care|carui|carei|ce)|wh(?:ich|ose)|that|der|die|das|"
    r"den|dem|dessen|deren|welche\w?|a?m(?:ely|i)\w*|akit?|(?:w |na |z )?ktor\w+|(?:на )?ко(?:й|я|"
    r"е)то|чи[йяе]то|kter\w+)"
)
_SEPARATED = r"^\W*[^\W\d_][^:;–—]{0,50}?\s*(?::|\s[-–—]\s|[–—])\s*"
_NOUN_ALONE = re.compile(
    rf"{_SEPARATED}(?P<any>{_INDEFINITE}\s+)?(?:\w+\s+)?{_PARCEL_NOUN}(?:\s\w+){{0,2}}?,?\s{_WHO}\s"
)
_NOT_ANY = re.compile(rf"(?<!\w)(?:the|this|your|das|diese\w?|ihre?|ta|tato|тази) {_PARCEL_NOUN}")
# Hungarian and German put what is told in front of the noun, where the explanation ends.
_NOUN_LAST = re.compile(
    rf"{_SEPARATED}(?:(?:az?|egy|olyan)\s+(?:\w+\s+){{1,4}}?\w+t|"
    rf"(?:eine?\s+)?(?:an|von|vom|nicht|durch)\s+(?:\w+\s+){{1,4}}?\w+te[sr]?)\s+{_PARCEL_NOUN}\W*$"
)
# "Refuz – situația în care …", "Zwrot – następuje, gdy …"
_HAPPENS = re.compile(
    r"(?<!\w)(?:(?:situati[ae]|caz(?:ul|uri)?|stare[a]?|procedura|operatiunea|cases?|"
    r"situations?|status|fall|falle|situation|helyzet\w*|eset\w*|allapot\w*|sytuacj\w+|"
    r"przypad\w+|ситуаци\w+|случа\w+|pripad\w*|situac\w+),? (?:(?:in|w|v|в|при) )?(?:care|"
    r"cand|which|where|when|in dem|in der|wenn|amikor|amelyben|ktor\w+|gdy|kiedy|ко\w+то|kdy|"
    r"ked)|(?:are loc|intervine|survine|se intampla|apare|se produce|occurs?|happens?|"
    r"takes place|arises?|tritt ein|erfolgt|liegt vor|geschieht|tortenik|kovetkezik be|"
    r"nastepuje|wystepuje|dzieje sie|ma miejsce|настъпва|възниква|случва се|nastava|"
    r"dochazi k),? (?:akkor |atunci |wtedy |dann )?(?:cand|daca|when|if|after|once|wenn|"
    r"sobald|ha|amikor|gdy|jesli|kiedy|когато|ако|kdyz|pokud|ked|ak))(?!\w)"
)
# "…, which means that it goes back": news, told in other words.
_BY_IT = re.compile(
    r"(?<!\w)(?:ceea ce|care|asta|aceasta|which|that|this|it|was|das|dies|co|ez|ami|това|"
    r"което|coz)"
    r"(?: \w+)?\W*$"
)
_CONSIDERS = _any(
    "(?:se|este|sunt|e|va fi|vor fi) (?:\\w+ )?(?:consider\\w*|socot\\w*|tratat\\w*)",
    "counts? as", "(?:is|are|be) (?:\\w+ )?(?:considered|deemed|treated|regarded|classed)",
    "számít(?:anak)?", "minősül(?:nek)?", "tekintend[oő]k?", "tekintjük",
    "се (?:счита|смята|приема)\\w*",
    "(?:jest|są|będzie) (?:\\w+ )?(?:traktowan|uznawan|uważan)\\w*",
    "(?:traktowan|uznawan|uważan)\\w* (?:jest|są)", "uważa się", "gilt", "gelten",
    "(?:wird|werden) (?:\\w+ ){0,6}?als (?:\\w+ ){1,4}(?:behandelt|betrachtet|gewertet|angesehen)",
    "se považuj\\w*", "považuje s[ea]",
)  # fmt: skip
# Of one parcel it is news: "the parcel is considered lost".
_THIS_ONE = _any(
    "(?:the|this|your) (?:parcel|package|shipment|order) is",
    "(?:coletul|pachetul|expediția|comanda) (?:dvs |dumneavoastră )?(?:se|este|e)",
    "(?:das|die|ihre?|diese) (?:paket|sendung) (?:gilt|wird)", "a (?:csomag|küldemény)",
    "пратката (?:се|е)", "(?:paczka|przesyłka) jest", "(?:zásilka|zásielka|balík) s[ea]",
)  # fmt: skip
_EVERY = re.compile(
    r"^\W*(?:orice|fiecare|any|every|each|minden|ka[zż]d\w*|jede[rsnm]?|вс[ея]к\w*)\s+"
    rf"(?:[^\s,]+\s+){{0,2}}?{_THING}(?!\w)",
    re.IGNORECASE,
)
# "Livrat = predat destinatarului", not "Status = livrat".
_EQUALS = re.compile(
    r"^\W*(?!(?:status\w*|stare\w*|stav|[aá]llapot|статус|zustand|cod|code|event\w*|motiv\w*|"
    r"reason|descri\w+|rezultat|result)\b)[^\s=]+(?: [^\s=]+){0,2}\s+=\s+\S+(?:\s+\S+){2}",
    re.IGNORECASE,
)
# A status that is only named: „Livrat” apare când …
_NAMED = re.compile(r"[„“\"«”]\s*[^\W\d_]+(?: [^\W\d_]+)?\s*[”“\"»]")
MORE_THAN_NEWS = 4  # words beside it: "Colet marcat „refuzat”" is news

# It lies somewhere until it is fetched: who waits, may or must, and what for; in plain letters.
_FETCH = (
    r"(?:ridice|ridicati|ridica|ridicarea|ridicarii|ridicare|ridicat[ae]?|preia|preluarea|"
    r"preluarii|"
    r"preluare|preluati|preluat[ae]?|vina dupa|"
    r"pick(?: it)?[ -]?up|be picked up|collect(?:ion|ed)?|fetch|retrieve|"
    r"abhol\w+|abzuholen|abgeholt werden|odebrac|odbior\w*|odebran\w+|"
    r"взем\w+|взет\w*|прибра\w*|прибере|получи|получаване|"
    r"atvet\w+|atvenni\w*|atveheti|vyzvedn\w+|vyzdvihn\w+|prevz\w+)"
)
_MONEY = r"(?!\W+(?:\w+\W+){0,2}(?:cod|cash|money|ramburs|bani|sum)\w*)"
_MONEY_THAT = re.compile(
    r"(?<!\w)(?:cod|cash|money|ramburs\w*|bani\w*|sum\w*|pobrani\w*|kwota|nachnahme|utanvet\w*|"
    r"наложен\w*|пари\w*)(?:\W+\w+){0,2}\W*$"
)
_MAY = (
    r"(?:rugam|please|bitte|prosimy|kerjuk|моля|musi|"
    r"astept\w*|asteapta|urmeaza|trebuie|poate|puteti|aveti|are|are nevoie|await\w*|wait\w*|"
    r"pending|ready|must|can|may|has to|have|held|until|\d+ (?:days|hours|zile|ore|dni|дни|"
    r"tage?n?|"
    r"nap\w*)|wartet|bereit|zur|kann|muss|frist|zeit|czeka\w*|oczekuj\w*|gotow\w+|moze|mozna|ma|"
    r"чака\w*|очаква\w*|може|трябва|готов\w*|var(?:juk|ja)?|veheti?k?o?|kell|cek\w+|cak\w+|k)"
)
_WAITING = re.compile(
    rf"(?<!\w)(?:(?<!dupa )(?<!after ){_MAY}(?:\W+\w+){{0,5}}?\W+{_FETCH}(?!\w){_MONEY}|"
    r"(?:va|te|vă) asteapta|waiting for (?:you|the )?\w+|awaiting (?:the )?\w+|"
    r"(?:czeka|oczekuje) na \w+|wartet auf (?:den |die )?\w+|abholbereit|atvehet\w*|"
    r"чака (?:ви|вас|клиент\w*|получател\w*)|"
    r"(?:not yet|noch nicht|jeszcze nie|още не е|inca ne|meg nem)\W?(?:\w+ )?"
    r"(?:collect\w*|abgeholt|odebran\w+|взет\w*|прибран\w*|ridicat\w*|vett\w+)|"
    r"(?:cod|code|kod|pin|код|кодът|\w+code)(?: de ridicare)?(?: \w+){0,3}? "
    r"(?:trimis|sent|wysłan\w+|wyslan\w+|изпратен|versandt|verschickt|gesendet|elkuld\w+)|"
    r"collect (?:with|by|until|within|it)|vehet\w* at|nem jott erte|не е дош\w+ за|"
    r"nu a venit dupa|se asteapta|"
    r"nu (?:(?:l|i|le)\W?|o )?(?:a|au) (?:preluat|ridicat)\w* inca)(?!\w)"
)


def is_waiting(text: str) -> bool:
    """Whether the text tells that somebody has yet to fetch the parcel."""
    said = plain(text)
    found = _WAITING.search(said)
    return found is not None and not _MONEY_THAT.search(said[: found.start()])


def about_the_parcel(text: str) -> str:
    """The text without what is said to everybody, asked, conditional, or of another parcel."""
    text = _IN_PERSON.sub(" ", _SHALL.sub(" will", text))
    text = _CHOICE.sub(" ", _COURTESY.sub("", _NO_REASON.sub(" ", text)))
    refusal = _REFUSAL.search(text)
    if refusal:
        text = text[: refusal.end()] + _WRONG_GOODS.sub(" ", text[refusal.end() :])
    text = _NO_END.sub(lambda found: found[0][:-1] + " ", text)
    if not _LOST_LETTER.search(text):
        text = _ASKED.sub(" ", text)
    kept = (one for one in _SENTENCE.findall(text) if not _is_a_rule(one))
    return "".join(_of_this_parcel(_PUT_IN.sub(r"\1 ", one)) for one in kept)


def _is_a_rule(sentence: str) -> bool:
    if any(rule.search(sentence) for rule in (CONDITION, _EVERY, _EQUALS)):
        return True
    named = _NAMED.search(sentence)
    if named and len(_NAMED.sub(" ", sentence).split()) >= MORE_THAN_NEWS:
        return True
    said = plain(sentence)
    if _is_defined(said) or (
        (_CUSTOM.search(said) or _OFFERED.search(said)) and not _WAS.search(sentence)
    ):
        return True
    return bool(_AFTERWARDS.search(sentence)) and not _WAS.search(sentence)


def _is_defined(said: str) -> bool:
    """Whether a word is explained, or what is taken for what."""
    found = _DEFINES.search(said)
    if found and not _BY_IT.search(said[: found.start()]):
        return True
    if _HAPPENS.search(said) or _NOUN_LAST.search(said):
        return True
    alone = _NOUN_ALONE.search(said)
    if alone and not _NOT_ANY.search(said):
        return bool(alone["any"]) or not _WAS.search(said[alone.end() :])
    return bool(_CONSIDERS.search(said)) and not _THIS_ONE.search(said)


def _of_this_parcel(sentence: str) -> str:
    """The sentence without its clauses about another parcel or recipient, and without advice."""
    kept: list[str] = []
    start = 0
    for end in [*(found.end() for found in _CLAUSE.finditer(sentence)), len(sentence)]:
        clause = sentence[start:end]
        start = end
        said = plain(clause)
        advice = _ADVICE.search(said) or _COMMAND.search(said)
        if advice:
            kept = [" | " if _PURPOSE.search(plain(one)) else one for one in kept]
            before = said[: advice.start()]
            kept.append(" | " if _PURPOSE.search(before) else f"{before} | ")
        elif _ANOTHER.search(clause) or (clause.endswith(",") and _PURPOSE.search(said)):
            kept.append(" | ")
        else:
            kept.append(clause)
    return "".join(kept)
