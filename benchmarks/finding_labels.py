"""Draws shops and the labels of boxes whose bars lead nowhere: texts with places, and the truth.

Other couriers' layouts, words and fonts than the sample's; the same sheet is read as text, with
reading errors, or drawn and photographed (`finding_photos`).
"""

import random
import string
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher

from core.finding.fields import PrintedLine
from core.finding.folding import fold
from core.finding.known import KnownOrder
from core.labels.digits import s10


def _words(text: str) -> list[str]:
    return text.split()


def _phrases(text: str) -> list[str]:
    return text.split("|")


FIRST = _words(
    "Andrei Maria Ioana Mihai Elena Alexandru Cristina Gabriel Ana Ștefan Daniela Adrian "
    "Roxana Florin Simona Vlad Alina Radu Oana Bogdan Corina Cătălin Mădălina Sorin Laura "
    "Marius Diana Ciprian Raluca Iulian Bianca Răzvan Carmen Ovidiu Georgiana Nicolae Teodora "
    "Cosmin Larisa Dragoș Anca Paul Loredana Eugen Mirela Horia Denisa Lucian Ramona Tudor "
    "László Ágnes István Krisztina Petar Иван Мария Georgi Agnieszka Łukasz Jürgen Käthe"
)
LAST = _words(
    "Popescu Ionescu Popa Radu Dumitru Stan Stoica Gheorghe Matei Ciobanu Rusu Munteanu "
    "Constantin Moldovan Marin Nistor Șerban Lazăr Florea Cojocaru Diaconu Vasile Ene Toma "
    "Dobre Barbu Sava Neagu Tudose Bălan Preda Manole Voicu Oprea Pavel Mocanu Iacob Avram "
    "Grigore Chiriac Zamfir Enache Nedelcu Apostol Dinu Lungu Cristea Bucur Filip Anghel "
    "Crăciun Păun Suciu Roman Albu Simion Coman Petcu Mureșan Bota Trifan Olaru Ursu Pintea "
    "Hanganu Vlaicu Drăgan Nagy Szabó Kovács Horváth Димитров Петрова Nowak Kowalczyk Schäfer "
    "Weiß Țîrlea Burlacu Costin Damian Gavrilă Hodor Iordache Jitaru Lupu Mitrea Negru "
    "Onofrei Panait Rotaru Spătaru Târnoveanu"
)
STREETS = _phrases(
    "Florilor|Libertății|Mihai Eminescu|Unirii|Păcii|Lalelelor|Avram Iancu|Independenței|"
    "Gării|Republicii|Tudor Vladimirescu|1 Mai|Nicolae Bălcescu|Primăverii|Trandafirilor|"
    "Victoriei|Ștefan cel Mare|Dunării|Crișan|Horea|George Coșbuc|Ion Creangă|Morii|"
    "Bisericii|Zorilor|Salcâmilor|Castanilor|Fabricii|Aurel Vlaicu|Decebal|Traian|"
    "Vasile Alecsandri|Cuza Vodă|Muncii|Plopilor|Viilor|Bucegi|Școlii|Alexandru cel Bun|"
    "Grădinarilor|Sportului|Petőfi Sándor"
)
TOWNS = _phrases(
    "București|Cluj-Napoca|Timișoara|Iași|Constanța|Craiova|Brașov|Galați|Ploiești|Oradea|"
    "Brăila|Arad|Pitești|Sibiu|Bacău|Târgu Mureș|Baia Mare|Buzău|Botoșani|Satu Mare|"
    "Râmnicu Vâlcea|Suceava|Piatra Neamț|Drobeta-Turnu Severin|Focșani|Târgoviște|Bistrița|"
    "Tulcea|Reșița|Slatina|Călărași|Alba Iulia|Giurgiu|Deva|Hunedoara|Zalău|Bârlad|Roman|"
    "Vaslui|Turda|Mediaș|Slobozia"
)
BEFORE = ("Str. {}", "Strada {}", "Bd. {}", "Aleea {}", "Calea {}")
SENDER = ("MARKET NORD SRL", "Sos. Industriei 18, Hala 3", "Ploiești 100189")

# language: sender, receiver, reference, cash, weight, phone, original
WORDS = {
    "ro": ("Expeditor", "Destinatar", "Referinta", "Ramburs", "Greutate", "Tel", "AWB initial"),
    "ro2": ("EXP:", "DEST:", "Comanda", "Suma de incasat", "Masa", "Telefon", "Retur pentru AWB"),
    "en": ("From", "Deliver to", "Order no", "COD", "Weight", "Phone", "Original AWB"),
    "hu": ("Feladó", "Címzett", "Rendelésszám", "Utánvét", "Súly", "Telefon", "Eredeti csomagszám"),
    "bg": ("Подател", "Получател", "Поръчка", "Наложен платеж", "Тегло", "Тел", "Връщане на"),
    "pl": ("Nadawca", "Odbiorca", "Nr zamówienia", "Pobranie", "Waga", "Telefon", "Nr oryginalny"),
    "de": ("Absender", "Empfänger", "Bestellnummer", "Nachnahme", "Gewicht", "Tel",
           "Rücksendung zu"),
}  # fmt: skip


@dataclass(frozen=True)
class Text:
    """One printed line: left, top and height in units of a label 100 wide and 140 high."""

    text: str
    x: float
    y: float
    size: float = 4.0


@dataclass(frozen=True)
class Sheet:
    """A label as it is printed. `bars`: top and height of its torn, covered or unknown code."""

    texts: tuple[Text, ...]
    bars: tuple[float, float]
    code: str
    kind: str
    order_id: int | None  # its open order; None: the shop has none


def digits(draw: random.Random, count: int) -> str:
    """So many digits."""
    return "".join(draw.choice(string.digits) for _ in range(count))


def tracking(draw: random.Random) -> str:
    """A number as couriers give them, some with a check digit."""
    form = draw.randrange(5)
    if form == 0:
        serial = digits(draw, 8)
        check = next(c for c in string.digits if s10(serial, c))
        return "".join(draw.choice("CLRE") for _ in range(2)) + serial + check + "RO"
    if form == 1:
        return "1ONB" + digits(draw, 11)
    return digits(draw, (10, 13, 14)[form - 2])


def order(draw: random.Random, number: int) -> KnownOrder:
    """An order of the shop."""
    street = draw.choice(BEFORE).format(draw.choice(STREETS)) + f" nr. {draw.randrange(1, 190)}"
    if draw.random() < 0.4:
        street += (
            f", bl. {draw.choice('ABCDP')}{draw.randrange(1, 40)}, ap. {draw.randrange(1, 60)}"
        )
    place = min(int(draw.expovariate(0.12)), len(TOWNS) - 1)
    cash = draw.choice((0, draw.randrange(2900, 60000), draw.randrange(29, 400) * 100 + 99))
    return KnownOrder(
        number, f"#{400_000 + number}", f"{draw.choice(FIRST)} {draw.choice(LAST)}", street,
        TOWNS[place], f"{(place + 1) * 10_000 + draw.randrange(400) * 7 % 9999:06d}",
        "+407" + digits(draw, 8), (cash,), ((number, tracking(draw)),), draw.random() < 0.1,
    )  # fmt: skip


def shop(draw: random.Random, count: int) -> list[KnownOrder]:
    """So many open orders, two of a hundred with the name of another customer."""
    made = [order(draw, number) for number in range(1, count + 1)]
    for at in draw.sample(range(count), count // 50):
        made[at] = replace(made[at], customer=draw.choice(made).customer)
    return made


def plain_lines(draw: random.Random, one: KnownOrder) -> tuple[str, list[str]]:
    """A customer's name, and the lines of the address as a courier prints them."""
    if draw.random() < 0.5:
        return one.customer, [one.street, f"{one.postcode} {one.town}"]
    if draw.random() < 0.5:
        return one.customer.upper(), [f"{one.street}, {one.town}", one.postcode]
    first, _, last = one.customer.partition(" ")
    return f"{last} {first}", [one.town, one.street[:34], f"Cod postal {one.postcode}"]


def sheet(draw: random.Random, one: KnownOrder, kind: str, order_id: int | None) -> Sheet:
    """The label of a box: on its way there, or back with the shop as its receiver."""
    words = WORDS[draw.choice(tuple(WORDS))]
    layout = draw.choice((_stacked, _beside, _dense))
    name, address = plain_lines(draw, one)
    phone = one.phone if draw.random() < 0.6 else f"{one.phone[:5]}****{one.phone[-3:]}"
    theirs = [name, *address]
    if draw.random() < 0.7:
        theirs.append(f"{words[5]}: {phone}")
    blocks = [(words[0], list(SENDER)), (words[1], theirs)]
    if draw.random() < 0.35:  # the label of the way back
        blocks = [(words[0], theirs), (words[1], list(SENDER))]
    rest = []
    if draw.random() < 0.6:
        rest.append(f"{words[2]}: {one.name.lstrip('#')}")
    if draw.random() < 0.7:
        rest.append(f"{words[3]}: {one.cash[0] / 100:.2f} {draw.choice(('LEI', 'RON'))}")
    rest.append(f"{words[4]} {draw.uniform(0.3, 9):.1f} kg")
    if draw.random() < 0.2 and kind != "covered":
        rest.append(f"{words[6]} {one.trackings[0][1]}")
    code = one.trackings[0][1] if kind == "torn" else tracking(draw)
    return layout(draw, blocks, rest, code, kind, order_id)


Blocks = list[tuple[str, list[str]]]


def _rest(
    draw: random.Random, texts: list[Text], y: float, rest: list[str], code: str, kind: str,
    order_id: int | None,
) -> Sheet:  # fmt: skip
    for at, text in enumerate(rest):
        texts.append(Text(text, 4, y + 5.5 * at, 3.9))
    y += 5.5 * len(rest) + 3
    height = draw.uniform(18, 26)
    if kind != "covered":
        cut = draw.randrange(3, len(code)) if kind == "torn" and draw.random() < 0.6 else len(code)
        texts.append(Text(code[:cut], 22, y + height + 1, 4))
    texts.append(Text(f"Zona {draw.randrange(60)}", 70, y + height + 8, 5))
    return Sheet(tuple(texts), (y, height), code, kind, order_id)


def _stacked(
    draw: random.Random, blocks: Blocks, rest: list[str], code: str, kind: str, order_id: int | None
) -> Sheet:
    texts, y = [Text(draw.choice(("NordCurier", "ECOLET", "Star Post")), 4, 3, 7)], 14.0
    for caption, rows in blocks:
        texts.append(Text(caption, 4, y, 3.2))
        for at, row in enumerate(rows):
            texts.append(Text(row, 4, y + 5 + 5.4 * at, 4.4 if at == 0 else 3.8))
        y += 5.4 * len(rows) + 9
    return _rest(draw, texts, y, rest, code, kind, order_id)


def _beside(
    draw: random.Random, blocks: Blocks, rest: list[str], code: str, kind: str, order_id: int | None
) -> Sheet:
    texts, most = [Text("Colet 1/1", 72, 3, 4.5)], 0
    for column, (caption, rows) in enumerate(blocks):
        x = 4 + 47 * column
        texts.append(Text(caption, x, 10, 3))
        for at, row in enumerate(rows):
            texts.append(Text(row[:30], x, 15 + 5 * at, 3.0))
        most = max(most, len(rows))
    return _rest(draw, texts, 20.0 + 5 * most, rest, code, kind, order_id)


def _dense(
    draw: random.Random, blocks: Blocks, rest: list[str], code: str, kind: str, order_id: int | None
) -> Sheet:
    texts, y = [], 4.0
    for caption, rows in reversed(blocks):
        for at, row in enumerate(rows):
            text = f"{caption.rstrip(':')}: {row}" if at == 0 else row
            texts.append(Text(text, 5, y, 3.6))
            y += 4.8
        y += 3
    return _rest(draw, texts, y, rest, code, kind, order_id)


@dataclass(frozen=True)
class Errors:
    """How a reader fails on these labels: characters of a hundred, lines of a hundred."""

    wrong: float = 0.008
    lost: float = 0.004
    line_lost: float = 0.02


# Counted by `errors_of` on 53 photographs of levels 1 to 3, seed 5150: gentler than the fit's.
PHOTOGRAPHED = Errors(wrong=0.0008, lost=0.0014, line_lost=0.0196)


def errors_of(read: Iterable[tuple[Sheet, Sequence[PrintedLine]]]) -> Errors:
    """How a reader failed on sheets whose print is known: on lines of Latin letters that are long
    enough to be told apart."""
    wrong = lost = characters = lines_lost = lines = 0
    for made, printed in read:
        texts = [fold(one.text) for one in printed]
        for line in made.texts:
            wanted = fold(line.text)
            if len(wanted) < LONG_ENOUGH or not line.text.translate(_MARKS).isascii():
                continue
            matchers = [SequenceMatcher(None, wanted, one, autojunk=False) for one in texts]
            shares = [sum(b.size for b in m.get_matching_blocks()) / len(wanted) for m in matchers]
            lines += 1
            if max(shares, default=0.0) < LINE_READ:
                lines_lost += 1
                continue
            characters += len(wanted)
            best = matchers[shares.index(max(shares))]
            for what, i, end, j, other in best.get_opcodes():
                changed = min(end - i, other - j) if what == "replace" else 0
                wrong += changed
                lost += end - i - changed if what != "equal" else 0
    return Errors(
        round(wrong / max(1, characters), 4), round(lost / max(1, characters), 4),
        round(lines_lost / max(1, lines), 4),
    )  # fmt: skip


LONG_ENOUGH = 9  # characters
LINE_READ = 0.65  # of its characters, in their order: below, the line was not read
_MARKS = dict.fromkeys(range(0xC0, 0x250), "a")  # marked Latin letters are read without marks

MIXED = {"O": "0", "0": "O", "I": "l", "l": "1", "1": "I", "S": "5", "B": "8", "m": "rn", "8": "6"}


def as_read(draw: random.Random, made: Sheet, errors: Errors) -> list[PrintedLine]:
    """The sheet's lines with a reader's errors."""
    found = []
    for one in sorted(made.texts, key=lambda text: (text.y, text.x)):
        if draw.random() < errors.line_lost:
            continue
        text = "".join(_misread(draw, c, errors) for c in one.text).strip()
        if text:
            box = (one.x, one.y, one.x + 0.52 * one.size * len(one.text), one.y + one.size)
            found.append(PrintedLine(text, box))
    return found


def partly(draw: random.Random, lines: list[PrintedLine]) -> list[PrintedLine]:
    """What is left of a label that is torn, wet or covered: 15 to 70 of 100 lines."""
    share = draw.uniform(0.15, 0.7)
    return [one for one in lines if draw.random() < share]


def _misread(draw: random.Random, sign: str, errors: Errors) -> str:
    chance = draw.random()
    if chance < errors.lost:
        return ""
    if chance < errors.lost + errors.wrong:
        return MIXED.get(sign) or draw.choice(string.ascii_letters)
    return sign


def boxes(draw: random.Random, orders: list[KnownOrder], count: int) -> list[Sheet]:
    """Labels of open orders with a new, torn or covered code."""
    kinds = ("new", "torn", "covered")
    return [
        sheet(draw, one, draw.choice(kinds), one.order_id)
        for one in (draw.choice(orders) for _ in range(count))
    ]


def traps(draw: random.Random, orders: list[KnownOrder], count: int) -> list[Sheet]:
    """Labels whose order is not in the shop."""
    makers: tuple[Callable[[random.Random, list[KnownOrder]], Sheet], ...] = (
        _stranger, _namesake, _recycled,
    )  # fmt: skip
    return [makers[at % 3](draw, orders) for at in range(count)]


def _stranger(draw: random.Random, _orders: list[KnownOrder]) -> Sheet:
    return sheet(draw, order(draw, draw.randrange(10**6, 10**7)), "new", None)


def _namesake(draw: random.Random, orders: list[KnownOrder]) -> Sheet:
    """Another order of somebody with the same name at the same street, not in the shop."""
    known, other = draw.choice(orders), order(draw, draw.randrange(10**6, 10**7))
    street = known.street.split(" nr. ")[0] + f" nr. {draw.randrange(1, 190)}"
    twin = replace(other, customer=known.customer, street=street, town=known.town,
                   postcode=known.postcode)  # fmt: skip
    return sheet(draw, twin, "new", None)


def _recycled(draw: random.Random, orders: list[KnownOrder]) -> Sheet:
    """A box used again: the old label of an open order shows its number beside the new one."""
    new, old = _stranger(draw, orders), draw.choice(orders)
    y = new.bars[0] + new.bars[1] + 16
    left = [Text(old.trackings[0][1], 20, y, 4)]
    if draw.random() < 0.3:
        left.append(Text(old.town, 20, y + 6, 4))
    return replace(new, texts=(*new.texts, *left), kind="recycled")
