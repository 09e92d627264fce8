"""What merchants call their columns, in English, Romanian and the languages around: lower case,
without diacritics. What nobody maps is not read, so an invoice's column must be known."""

_TRACKING = (
    "awb", "tracking number", "tracking", "nr awb", "numar awb", "numarul awb", "awb number",
    "tracking numbers", "numar colet", "parcel", "colet", "cod awb", "awb uri", "awburi",
    "tracking code", "waybill", "waybill number", "shipment number", "nr colet",
    "numar de urmarire", "csomagszam", "sendungsnummer", "товарителница", "номер на товарителница",
    "awb nr", "awb no", "cislo zasilky", "cislo zasielky", "podaci cislo", "numer przesylki",
    "numer listu przewozowego", "αριθμοσ αποστολησ", "broj posiljke", "stevilka posiljke",
    "takip no", "takip numarasi", "номер накладноі", "номер отправления", "trackingnummer",
    "paketnummer", "sendungsnr", "numero di spedizione", "numero spedizione", "lettera di vettura",
    "codice di tracciamento", "numero de seguimiento", "numero de suivi", "nr przesylki",
    "list przewozowy", "fuvarlevelszam", "nyomkovetesi szam", "номер на пратка", "пратка",
    "zasilka", "cislo balika", "cislo baliku",
)  # fmt: skip
_ORDER = (
    "order", "order number", "order name", "name", "order id", "comanda", "numar comanda",
    "nr comanda", "numarul comenzii", "id comanda", "nr comenzii", "numar de comanda",
    "numarul de comanda", "cod comanda", "order no", "order nr", "rendelesszam", "bestellnummer",
    "номер на поръчка", "поръчка", "comanda nr", "comanda no", "reference", "referinta comanda",
    "cislo objednavky", "numer zamowienia", "αριθμοσ παραγγελιασ", "broj narudzbe",
    "stevilka narocila", "siparis no", "siparis numarasi", "номер замовлення", "номер заказа",
    "increment id", "bestellung", "bestell nr", "bestellnr", "auftragsnummer", "auftrag",
    "zamowienie", "nr zamowienia", "objednavka", "ordine", "numero ordine", "n ordine",
    "id ordine", "pedido", "numero de pedido", "commande", "numero de commande", "rendeles",
    "rendeles szama", "rendelesi szam", "поръчка номер", "поръчка no", "narudzba", "narocilo",
    "siparis", "παραγγελια", "заказ", "замовлення",
)  # fmt: skip
_CURRENCY = (
    "currency", "moneda", "valuta", "валута", "waluta", "wahrung", "mena", "penznem", "devise",
    "para birimi", "νομισμα",
)  # fmt: skip
_INVOICE = (
    "invoice", "invoice number", "invoice no", "factura", "numar factura", "nr factura",
    "szamla", "szamlaszam", "szamla szama", "rechnung", "rechnungsnummer", "rechnungsnr",
    "faktura", "numer faktury", "nr faktury", "cislo faktury", "fattura", "numero fattura",
    "фактура", "номер на фактура", "facture", "numero de facture", "numero de factura", "racun",
    "broj racuna", "τιμολογιο", "рахунок",
)  # fmt: skip
_TOTAL = (
    "total", "order total", "total price", "amount", "value", "valoare", "suma", "total comanda",
    "valoare totala", "total de plata", "ramburs valoare", "valoare comanda", "suma totala",
    "total amount", "grand total", "total ron", "total lei", "valoare ramburs", "vegosszeg",
    "osszesen", "gesamtbetrag", "сума", "обща сума",
    "order total amount", "grand total base", "grand total purchased", "total cu tva",
    "total lei cu tva", "celkem", "celkova castka", "celkova suma", "spolu", "razem",
    "wartosc zamowienia", "συνολο", "ukupno", "skupaj", "toplam", "разом", "итого", "kwota",
    "totale", "importo", "totale ordine", "gesamt", "gesamtsumme", "summe", "betrag", "importe",
    "montant", "общо", "стоиност", "osszeg", "rendeles osszege", "suma zamowienia",
)  # fmt: skip

ORDER_COLUMNS: dict[str, tuple[str, ...]] = {
    "order": _ORDER,
    "tracking": _TRACKING,
    "total": _TOTAL,
    "currency": _CURRENCY,
    "created_at": ("created at", "date", "order date", "data", "data comenzii", "data comanda",
                   "data crearii", "creat la", "created", "order created", "data plasarii",
                   "datum", "дата", "bestelldatum", "data zamowienia", "data ordine",
                   "rendeles datuma", "datum objednavky", "дата на поръчка", "fecha"),
    "shipped_on": ("shipped on", "shipped at", "ship date", "data expedierii", "expediat"),
    "courier": ("courier", "carrier", "shipping company", "tracking company", "curier"),
    "payment": (
        "payment", "payment method", "plata", "metoda de plata", "modalitate plata", "tip plata",
        "modalitate de plata", "modalitatea de plata", "mod plata", "mod de plata",
        "modul de plata", "tip de plata", "metoda plata", "payment type", "payment gateway",
        "payment method title", "gateway", "fizetesi mod", "zahlungsart", "начин на плащане",
        "fizetes", "zahlung", "zahlungsweise", "плащане", "platnosc", "sposob platnosci",
        "metoda platnosci", "forma platnosci", "pagamento", "metodo di pagamento", "platba",
        "zpusob platby", "sposob platby", "metodo de pago", "mode de paiement", "nacin placanja",
    ),
    "payment_state": ("financial status", "payment status", "status plata", "stare plata"),
    "customer": (
        "customer", "customer name", "shipping name", "client", "nume client", "nume",
        "destinatar", "recipient",
    ),
    "billed_to": (
        "billing company", "billing name", "company", "firma", "companie", "client facturare",
        "nume facturare", "date facturare", "facturat catre", "denumire firma", "cegnev",
        "rechnungsempfanger", "фирма",
    ),
    "phone": ("phone", "shipping phone", "telefon", "numar telefon", "tel"),
    "email": ("email", "e mail", "mail"),
    "county": ("county", "province", "shipping province", "judet", "judetul", "state"),
    "city": ("city", "shipping city", "oras", "localitate", "localitatea"),
    "street": (
        "street", "shipping street", "address", "shipping address", "shipping address1", "adresa",
        "adresa livrare", "strada",
    ),
    "postcode": ("postcode", "postal code", "zip", "shipping zip", "zip code", "cod postal"),
    "sku": ("sku", "lineitem sku", "cod produs", "product code"),
    "product": ("product", "lineitem name", "produs", "nume produs", "denumire", "title", "item"),
    "quantity": ("quantity", "lineitem quantity", "qty", "cantitate", "buc"),
    "price": ("price", "lineitem price", "unit price", "pret", "pret unitar"),
    "invoice": _INVOICE,
    "invoice_series": ("invoice series", "serie factura", "seria facturii", "serie"),
    "invoice_service": ("invoicing service", "invoice service", "program facturare", "serviciu"),
}  # fmt: skip

ALIAS_COLUMNS: dict[str, tuple[str, ...]] = {
    "code": (
        "return number", "return awb", "awb retur", "numar retur", "nr awb retur", "return code",
        "code", "cod", "barcode", "retur",
    ),
    "tracking": ("awb initial", "original awb", "awb original", *_TRACKING),
}  # fmt: skip

INVOICE_COLUMNS: dict[str, tuple[str, ...]] = {
    "order": _ORDER,
    "service": ("service", "invoicing service", "serviciu", "program", "facturare"),
    "series": ("series", "invoice series", "serie", "serie factura", "seria"),
    "number": ("number", "numar", "nr", *_INVOICE),
    "total": _TOTAL,
    "currency": _CURRENCY,
}

REPORT_COLUMNS: dict[str, tuple[str, ...]] = {
    "tracking": (
        "awb", "nr awb", "numar awb", "awb initial", "tracking", "tracking number", "parcel",
        "parcel number", "colet", "numar colet", "nr expeditie", "expeditie",
    ),
    "status": ("status", "stare", "status awb", "ultimul status", "eveniment", "event"),
    "at": ("data status", "data eveniment", "data ultimului status", "status date", "data", "date"),
    "return_number": (
        "awb retur", "numar awb retur", "nr awb retur", "return awb", "return number",
        "return tracking", "retur",
    ),
    "reason": ("motiv", "motiv refuz", "motiv retur", "reason", "observatii"),
}  # fmt: skip
