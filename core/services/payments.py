"""How a way of paying is understood: at the door ("cod") or before ("prepaid"), by whole phrases.

Names as shops, payment plugins and people of the region write them. What is paid to the courier
counts as cash on delivery whatever it is paid with ("card la livrare").
"""

from collections.abc import Iterable

from core.services.phrases import Phrases, words
from core.services.ports import Payment

COD = (
    "cod", "cash on delivery", "pay on delivery", "payment on delivery", "paid on delivery",
    "pay at delivery", "payment upon delivery", "card on delivery", "collect on delivery", "cash",
    "cash payment", "on delivery", "at delivery", "upon delivery", "ramburs", "rambursul*",
    "contra ramburs", "contraramburs", "numerar", "cash la livrare", "la livrare", "la curier",
    "curierului", "catre curier", "la primire", "la primirea", "la ridicare", "la destinatie",
    "la destinatar", "la usa", "plata in easybox", "plata la easybox", "card la livrare",
    "card la curier", "cu cardul la livrare", "cu cardul la curier", "utanvet*", "utanvetel*",
    "fizetes atvetelkor", "atvetelkor", "nachnahme", "per nachnahme", "contrassegno",
    "alla consegna", "contrareembolso", "contra reembolso", "contre remboursement", "dobirka",
    "dobierka", "na dobirku", "dobirkou", "pobranie", "za pobraniem", "pouzecem", "pouzece",
    "po povzetju", "povzetje", "nalozen platez", "наложен платеж", "наложенный платеж",
    "при доставка", "накладений платіж", "antikatavoli", "αντικαταβολη", "rembours",
    "onder rembours", "efterkrav", "postforskott", "c ~ o ~ d", "cashondelivery", "payondelivery",
    "payment on receipt", "pay on receipt", "cash on receipt", "pay the courier", "pay to courier",
    "card la easybox", "cu cardul la easybox", "card la locker", "pos la livrare", "pos la curier",
    "plata la domiciliu", "keszpenz*", "a futarnal", "a futarnak", "atvetelekor", "atvetelnel",
    "utanvettel", "barzahlung", "bei lieferung", "bei zustellung", "bei ubergabe", "bei abholung",
    "при получаване", "на куриера", "куриеру", "курьеру", "в брой", "брой на куриер*",
    "pri prevzeti", "pri prevzati", "kuryrovi", "kurierovi", "hotove", "hotovost*", "v hotovosti",
    "przy odbiorze", "gotowka", "gotowka*", "u kuriera", "kurierowi", "κατα την παραδοση",
    "στην παραδοση", "μετρητα", "στον κουριερ", "kapıda odeme", "kapıda nakit",
    "kapıda nakit odeme", "kapıda kredi kartı", "kapıda kredi kartı ile odeme", "kapıda",
    "teslimatta odeme", "pri preuzimanju", "po pouzecu", "pouzecu", "prilikom preuzimanja",
    "gotovina", "gotovinom", "ob prevzemu", "contrarreembolso", "contra entrega", "contraentrega",
    "a la livraison", "bij levering", "na entrega", "a cobranca", "při převzetí", "при отриманні",
    "кур'єру", "післяплата", "при получении", "наличными", "наличные", "оплата при доставке",
    "in contanti", "efectivo", "contanti alla consegna",
)  # fmt: skip
PREPAID = (
    "card", "cardul", "prepaid", "paid", "online", "transfer", "op", "ordin de plata", "platit@",
    "achitat@", "paypal", "credit card", "debit card", "bank deposit", "bank transfer",
    "wire transfer", "transfer bancar", "virament", "shopify payments", "shop pay", "apple pay",
    "google pay", "stripe", "klarna", "netopia", "mobilpay", "payu", "euplatesc", "plati online",
    "btpay", "bt pay", "ing webpay", "revolut", "revolut pay", "libra pay", "tbi", "tbi bank",
    "mokka", "leanpay", "skrill", "sepa", "ideal", "mollie", "adyen", "braintree", "twispay",
    "oney", "rate", "in rate", "gift card", "voucher", "cash app", "cash app pay", "store credit",
    "manual", "invoice", "factura", "proforma", "amazon pay", "vipps", "bancontact", "przelewy24",
    "blik", "barion", "simplepay", "atutalas", "bankkartya", "bankkartyas*", "bankkartyaval",
    "eloreutalas", "elore utalas", "banki atutalas", "in avans", "avans", "in advance",
    "cash in advance", "kartou", "kartou online", "platba kartou", "karta", "karta online",
    "bankovni prevod", "bankovy prevod", "prevodom", "prevodem", "przelew*", "kreditkarte",
    "uberweisung", "vorkasse", "vorauskasse", "rechnung", "банков превод", "по банков път",
    "с карта", "картой", "карта", "карткою", "kredi kartı", "havale", "eft", "καρτα", "με καρτα",
    "τραπεζικη καταθεση", "carta di credito", "carta", "bonifico", "bonifico bancario",
    "carte bancaire", "virement", "virement bancaire", "tarjeta", "transferencia",
    "transferencia bancaria", "cartao", "multibanco", "kartica", "karticom", "kartico", "virman",
    "nakazilo", "kreditkort", "creditcard", "overboeking",
)  # fmt: skip
# No way of paying: a code of something else.
OTHER_CODES = (
    "cod produs*", "cod de produs", "cod reducere", "cod de reducere", "cod promo*", "cod voucher",
    "voucher cod", "cod postal", "cod client", "cod comanda", "cod cupon", "cod fiscal",
    "livrare* la curier", "cod bare", "cod de bare",
)  # fmt: skip
# Said of the state of a payment: nothing came in yet.
UNPAID = (
    "unpaid", "pending", "not paid", "neplatit@", "neachitat@", "neincasat@", "in asteptare",
    "nu a fost platit@", "nu a fost achitat@", "nu este platit@", "nu este achitat@",
    "nu e platit@", "nu e achitat@",
)  # fmt: skip

_PHRASES = Phrases[Payment | None](
    [
        *((phrase, None) for phrase in OTHER_CODES),
        *((phrase, "cod") for phrase in COD),
        *((phrase, "cod") for phrase in UNPAID),
        *((phrase, "prepaid") for phrase in PREPAID),
    ]
)


def payment_of(text: str) -> Payment | None:
    """What a name or a state of payment means; None where no phrase knows it."""
    found = [meaning for meaning in _PHRASES.holding(text) if meaning]
    if not found:
        return None
    return "cod" if "cod" in found else "prepaid"


def names_cod(methods: Iterable[object], more: str = "") -> bool:
    """Whether a payment method is collected at the door, by the phrases or by these words.

    `more`: words of the shop's own settings, separated by commas.
    """
    named = [str(method) for method in methods]
    return any(payment_of(name) == "cod" or is_named(name, more) for name in named)


def is_named(method: str, own: str) -> bool:
    """Whether a payment method is one of these words, separated by commas."""
    bare = [(plain_, None) for word in own.split(",") if (plain_ := _bare(word))]
    return bool(Phrases[None](bare).holding(method))


def _bare(word: str) -> str:
    return words(word).replace("|", " ").strip()
