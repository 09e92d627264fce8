"""The little world the made-up history lives in: couriers, counties, goods and how each is refused.

Figures are invented but of the size Romanian shops report: about one parcel in eight refused, cash
on delivery several times as often as prepaid, worst after Black Friday.  `refusal` values are
offsets on the logit scale, so they add up and never leave the range of a probability.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class CourierHabits:
    """One courier's part of the volume and its habits; days are means, shares are 0 to 1."""

    slug: str
    name: str
    share: float
    cod_share: float
    refusal: float
    delivery_days: float
    return_days: float
    never_back: float


COURIERS = (
    CourierHabits("sameday", "Sameday", 0.30, 0.74, -0.22, 1.6, 6.0, 0.010),
    CourierHabits("fan", "FAN Courier", 0.25, 0.80, 0.05, 1.9, 7.5, 0.020),
    CourierHabits("cargus", "Cargus", 0.15, 0.86, 0.42, 2.3, 10.0, 0.055),
    CourierHabits("gls", "GLS", 0.10, 0.66, -0.18, 2.0, 8.0, 0.012),
    CourierHabits("dpd", "DPD", 0.09, 0.70, 0.00, 2.1, 8.5, 0.018),
    CourierHabits("packeta", "Packeta", 0.07, 0.48, -0.05, 2.6, 9.0, 0.012),
    CourierHabits("posta", "Poșta Română", 0.04, 0.82, 0.30, 3.6, 14.0, 0.040),
)


@dataclass(frozen=True)
class County:
    """A county, its largest city, a postcode there, its part of the orders and its offset."""

    name: str
    city: str
    zip: str
    share: float
    refusal: float


_COUNTIES = """
București|București|010011|19.0|-0.15
Cluj|Cluj-Napoca|400001|6.4|-0.22
Timiș|Timișoara|300001|5.6|-0.18
Ilfov|Voluntari|077190|5.2|-0.08
Iași|Iași|700001|4.8|0.05
Constanța|Constanța|900001|4.5|0.08
Brașov|Brașov|500001|4.2|-0.12
Prahova|Ploiești|100001|3.9|0.06
Sibiu|Sibiu|550001|3.1|-0.16
Dolj|Craiova|200001|3.0|0.22
Bihor|Oradea|410001|2.8|-0.05
Argeș|Pitești|110001|2.7|0.10
Galați|Galați|800001|2.4|0.18
Mureș|Târgu Mureș|540001|2.3|0.02
Bacău|Bacău|600001|2.2|0.20
Suceava|Suceava|720001|2.2|0.16
Dâmbovița|Târgoviște|130001|1.9|0.14
Arad|Arad|310001|1.9|-0.04
Hunedoara|Deva|330001|1.7|0.03
Maramureș|Baia Mare|430001|1.7|0.04
Neamț|Piatra Neamț|610001|1.6|0.12
Buzău|Buzău|120001|1.6|0.21
Alba|Alba Iulia|510001|1.4|-0.10
Vâlcea|Râmnicu Vâlcea|240001|1.3|0.07
Olt|Slatina|230001|1.2|0.30
Botoșani|Botoșani|710001|1.1|0.24
Vrancea|Focșani|620001|1.1|0.26
Satu Mare|Satu Mare|440001|1.1|0.01
Brăila|Brăila|810001|1.0|0.19
Vaslui|Vaslui|730001|1.0|0.38
Teleorman|Alexandria|140001|1.0|0.34
Gorj|Târgu Jiu|210001|1.0|0.15
Bistrița-Năsăud|Bistrița|420001|0.9|-0.02
Călărași|Călărași|910001|0.9|0.36
Caraș-Severin|Reșița|320001|0.9|0.09
Giurgiu|Giurgiu|080001|0.8|0.40
Tulcea|Tulcea|820001|0.7|0.17
Ialomița|Slobozia|920001|0.7|0.32
Harghita|Miercurea Ciuc|530001|0.7|-0.09
Sălaj|Zalău|450001|0.7|0.05
Mehedinți|Drobeta-Turnu Severin|220001|0.7|0.28
Covasna|Sfântu Gheorghe|520001|0.6|-0.03
"""

COUNTIES = tuple(
    County(name, city, code, float(share), float(refusal))
    for name, city, code, share, refusal in (
        line.split("|") for line in _COUNTIES.strip().splitlines()
    )
)


@dataclass(frozen=True)
class Product:
    """One thing on the shelf; price in bani with VAT."""

    sku: str
    title: str
    price_minor: int
    share: float
    refusal: float


_PRODUCTS = """
CV-GHV-14|Ghiveci ceramic smălțuit 14 cm|4990|9|-0.10
CV-GHV-22|Ghiveci ceramic smălțuit 22 cm|8990|6|0.00
CV-LMP-01|Lampă solară de grădină, set 4|12900|8|0.12
CV-LMP-02|Ghirlandă solară 10 m|9900|7|0.25
CV-FRF-01|Foarfecă de grădină cu blocare|7490|6|-0.15
CV-FRT-20|Furtun extensibil 20 m|11900|7|0.30
CV-PUL-02|Pulverizator 2 l|5990|5|-0.05
CV-SEM-R1|Semințe de roșii Inima de Bou|1290|5|-0.40
CV-SEM-B1|Semințe de busuioc, 3 plicuri|1590|4|-0.35
CV-PAM-20|Pământ de flori 20 l|3490|4|-0.20
CV-ING-05|Îngrășământ natural 5 kg|4590|4|-0.15
CV-HMC-01|Hamac bumbac 200 x 100 cm|17900|4|0.28
CV-UMB-27|Umbrelă de soare 2,7 m|34900|2|0.45
CV-GRT-01|Grătar pliabil de balcon|24900|3|0.35
CV-PLD-01|Pled tricotat 130 x 170 cm|15900|4|0.05
CV-PRN-02|Set 2 perne decorative|8490|4|0.02
CV-COS-03|Coș din ratan, set 3|13900|3|0.10
CV-LUM-01|Lumânare din soia, lavandă|3990|5|-0.18
CV-DIF-01|Difuzor de arome cu ultrasunete|14900|5|0.38
CV-UMI-01|Umidificator 2,4 l|19900|3|0.50
CV-ORG-06|Organizator de sertar, 6 piese|6490|4|0.00
CV-MOP-01|Mop rotativ cu găleată|16900|3|0.42
CV-CTN-05|Cuțit de bucătărie ceramic|7990|3|0.15
CV-APR-01|Ceas de perete din stejar|21900|2|0.08
"""

PRODUCTS = tuple(
    Product(sku, title, int(price), float(share), float(refusal))
    for sku, title, price, share, refusal in (
        line.split("|") for line in _PRODUCTS.strip().splitlines()
    )
)

# fmt: off
FIRST_NAMES = (
    "Ana", "Maria", "Elena", "Ioana", "Andreea", "Mihaela", "Cristina", "Daniela", "Alexandra",
    "Gabriela", "Simona", "Raluca", "Oana", "Roxana", "Carmen", "Diana", "Laura", "Monica",
    "Bianca", "Adriana", "Andrei", "Alexandru", "Mihai", "Ion", "Gheorghe", "Cristian",
    "Florin", "Ionuț", "Marian", "Ștefan", "Vasile", "Bogdan", "Radu", "Vlad", "Răzvan", "Dan",
    "Sorin", "Cătălin", "Claudiu", "Lucian", "Tudor", "Paul", "Gabriel", "Nicolae", "Adrian",
)
LAST_NAMES = (
    "Popescu", "Ionescu", "Popa", "Radu", "Dumitru", "Stan", "Stoica", "Gheorghe", "Matei",
    "Ciobanu", "Rusu", "Munteanu", "Marin", "Constantin", "Florea", "Dobre", "Barbu", "Nistor",
    "Lungu", "Diaconu", "Toma", "Ene", "Tudor", "Moldovan", "Ungureanu", "Sandu", "Cristea",
    "Manole", "Petrescu", "Vasilescu", "Neagu", "Olteanu", "Ardelean", "Mureșan", "Pop",
    "Oprea", "Lazăr", "Bălan", "Dinu", "Ilie", "Șerban", "Țurcanu", "Enache", "Grigore",
    "Preda", "Voicu", "Stanciu", "Mocanu", "Crăciun", "Albu",
)
# fmt: on

REFUSAL_REASONS = {
    "refused at the door": 0.46,
    "not home, term passed": 0.27,
    "cannot pay": 0.12,
    "changed mind": 0.09,
    "wrong address": 0.06,
}

SEASON = {1: 0.12, 2: 0.0, 3: -0.05, 4: -0.05, 5: -0.08, 6: -0.10}
SEASON |= {7: -0.06, 8: -0.02, 9: 0.0, 10: 0.03, 11: 0.28, 12: 0.22}
BASE_COD = -1.72
BASE_PREPAID = -3.45
