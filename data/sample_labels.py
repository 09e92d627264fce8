"""Draws one shipping label, or one product box, flat: what a printer would put on A6 at 300 dpi."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import zxingcpp
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont
from sample_world import plain

from core.demo import retail

Json = dict[str, Any]
Pixels = NDArray[np.uint8]

WIDTH, HEIGHT = 1240, 1748
INK = (20, 20, 24)
CODE128, ITF = zxingcpp.BarcodeFormat.Code128, zxingcpp.BarcodeFormat.ITF
QR, EAN13 = zxingcpp.BarcodeFormat.QRCode, zxingcpp.BarcodeFormat.EAN13
MATRIX = zxingcpp.BarcodeFormat.DataMatrix
BRANDS = {
    "sameday": ((214, 32, 40), "sameday"),
    "fan": ((0, 84, 166), "FAN Courier"),
    "cargus": ((240, 126, 0), "CARGUS"),
    "gls": ((6, 26, 115), "GLS"),
    "dpd": ((190, 0, 40), "dpd"),
    "packeta": ((186, 27, 2), "Packeta"),
    "posta": ((222, 184, 0), "Posta Romana"),
    "dhl": ((255, 204, 0), "DHL EXPRESS"),
}


@dataclass
class Label:
    """A drawn label: RGB pixels and its codes, the tracking barcode first."""

    pixels: Pixels
    codes: list[Json] = field(default_factory=list)


@dataclass(frozen=True)
class Parcel:
    """What is printed on one parcel's label; money in minor units."""

    courier: str
    tracking: str
    to: str
    address: str
    zip: str
    cod_minor: int
    currency: str
    order_name: str
    piece: tuple[int, int] = (1, 1)


def of_order(order: Json, index: int = 0) -> Parcel:
    """The parcel behind an order's `index`-th tracking number."""
    numbers = [t for f in order["fulfillments"] for t in f["tracking"]]
    person, place = order["customer"], order["address"]
    return Parcel(
        courier=next(c.slug for c in retail.COURIERS if c.name == numbers[index]["company"]),
        tracking=numbers[index]["number"],
        to=plain(f"{person['first_name']} {person['last_name']}"),
        address=plain(f"{place['address1']}, {place['city']}, {place['province']}"),
        zip=place["zip"],
        cod_minor=order["total_minor"] if order["payment"] == "cod" and index == 0 else 0,
        currency=order["currency"],
        order_name=order["name"],
        piece=(index + 1, len(numbers)),
    )


def barcode_text(parcel: Parcel) -> str:
    """What the courier prints in the barcode, often longer than the tracking number."""
    if parcel.courier == "sameday":
        return f"{parcel.tracking}{parcel.piece[0]:03d}"
    if parcel.courier == "fan":
        return f"{parcel.tracking}{parcel.piece[0]:03d}{parcel.zip}"
    if parcel.courier == "dpd":
        return f"%0{parcel.zip}{parcel.tracking}101642"  # service 101, country 642 = Romania
    return parcel.tracking


def draw_label(rng: np.random.Generator, parcel: Parcel) -> Label:
    """The label of one parcel, with its courier's colours and the decoys that courier prints."""
    image = Image.new("RGB", (WIDTH, HEIGHT), "white")
    pen = ImageDraw.Draw(image)
    label = Label(np.empty(0, np.uint8))
    _frame(pen, parcel)
    _addresses(pen, parcel)
    text = barcode_text(parcel)
    top = 860
    height = int(rng.integers(240, 300))
    _stripes(image, label, "tracking", CODE128, text, WIDTH // 2, top, height)
    _centred(pen, text, top + height + 14, 44)
    _decoys(rng, image, pen, label, parcel, top + height + 90)
    label.pixels = np.asarray(image)
    return label


def draw_product_box(rng: np.random.Generator) -> Label:
    """The side of a product's box: the shop's own EAN and a QR, and no shipping label at all."""
    product = retail.PRODUCTS[int(rng.integers(len(retail.PRODUCTS)))]
    image = Image.new("RGB", (WIDTH, HEIGHT), (236, 240, 232))
    pen = ImageDraw.Draw(image)
    label = Label(np.empty(0, np.uint8))
    pen.rectangle([60, 60, WIDTH - 60, 420], fill=(46, 110, 66))
    _centred(pen, "CASA VERDE", 150, 130, "white")
    _centred(pen, plain(product.title), 520, 56)
    _centred(pen, f"{product.sku}   Made in EU", 620, 44)
    body = f"29{int(rng.integers(10**10)):010d}"  # 29 is free for a shop's own numbers
    _stripes(image, label, "ean", EAN13, body + _ean_check(body), WIDTH // 2, 820, 300)
    _square(image, label, "qr", QR, "https://casa-verde.example/" + product.sku, 400, 1240, 14)
    label.pixels = np.asarray(image)
    return label


def _frame(pen: ImageDraw.ImageDraw, parcel: Parcel) -> None:
    colour, brand = BRANDS[parcel.courier]
    pen.rectangle([16, 16, WIDTH - 16, HEIGHT - 16], outline=INK, width=5)
    pen.rectangle([16, 16, WIDTH - 16, 210], fill=colour)
    light = sum(colour) < 420
    pen.text((56, 58), brand, font=_font(104), fill="white" if light else INK)
    pen.text((900, 84), f"Colet {parcel.piece[0]}/{parcel.piece[1]}", font=_font(52),
             fill="white" if light else INK)  # fmt: skip
    for y in (440, 820):
        pen.line([16, y, WIDTH - 16, y], fill=INK, width=4)


def _addresses(pen: ImageDraw.ImageDraw, parcel: Parcel) -> None:
    pen.text((56, 230), "Expeditor", font=_font(34), fill=INK)
    pen.text((56, 275), "CASA VERDE SRL", font=_font(52), fill=INK)
    pen.text((56, 345), "Str. Depozitului 4, Cluj-Napoca, 400001", font=_font(40), fill=INK)
    pen.text((56, 460), "Destinatar", font=_font(34), fill=INK)
    pen.text((56, 505), parcel.to, font=_font(62), fill=INK)
    pen.text((56, 590), parcel.address[:52], font=_font(40), fill=INK)
    pen.text((56, 645), parcel.zip, font=_font(52), fill=INK)
    cod = f"{parcel.cod_minor / 100:.2f} {'LEI' if parcel.currency == 'RON' else parcel.currency}"
    pen.text((56, 735), f"Ramburs: {cod if parcel.cod_minor else '0.00'}", font=_font(54), fill=INK)
    pen.text((800, 745), f"Ref {parcel.order_name}", font=_font(44), fill=INK)


def _decoys(
    rng: np.random.Generator,
    image: Image.Image,
    pen: ImageDraw.ImageDraw,
    label: Label,
    parcel: Parcel,
    top: int,
) -> None:
    """Codes that are on the label too and are not the tracking number."""
    if parcel.courier in ("sameday", "packeta", "fan"):
        url = f"https://track.example/{parcel.courier}?awb={parcel.tracking}"
        _square(image, label, "qr", QR, url, WIDTH - 420, top, 9)
    elif parcel.courier == "gls":
        route = f"GLS|RO{parcel.zip}|{int(rng.integers(10**6)):06d}|D"
        _square(image, label, "matrix", MATRIX, route, WIDTH - 380, top, 13)
    if parcel.courier in ("dpd", "cargus", "posta"):
        route = f"RO-{parcel.zip[:2]}-{int(rng.integers(100, 999))}"
        _stripes(image, label, "routing", CODE128, route, 330, top + 40, 120)
    elif parcel.courier == "fan":
        _stripes(image, label, "routing", ITF, f"{parcel.zip}01", 330, top + 40, 120)
    pen.text((56, top + 200), f"Greutate {rng.uniform(0.3, 9):.1f} kg", font=_font(40), fill=INK)
    pen.text((56, top + 260), f"ZONA {int(rng.integers(1, 60)):02d}", font=_font(64), fill=INK)


def _stripes(
    image: Image.Image,
    label: Label,
    role: str,
    form: Any,
    text: str,
    centre: int,
    top: int,
    height: int,
) -> None:
    modules = _modules(form, text)[:1]
    room = 1120 if role in ("tracking", "ean") else 520
    scale = int(min(7 if role == "ean" else 6, room // modules.shape[1]))
    bars = np.kron(modules, np.ones((height, scale), np.uint8))
    _paste(image, label, role, form, text, bars, centre - bars.shape[1] // 2, top)


def _square(
    image: Image.Image,
    label: Label,
    role: str,
    form: Any,
    text: str,
    left: int,
    top: int,
    scale: int,
) -> None:
    dots = np.kron(_modules(form, text), np.ones((scale, scale), np.uint8))
    _paste(image, label, role, form, text, dots, left, top)


def _paste(
    image: Image.Image, label: Label, role: str, form: Any, text: str, dots: Pixels, x: int, y: int
) -> None:
    image.paste(Image.fromarray(dots).convert("RGB"), (x, y))
    height, width = dots.shape
    corners = [[x, y], [x + width, y], [x + width, y + height], [x, y + height]]
    name = str(form).rsplit(".", 1)[-1]
    label.codes.append({"role": role, "format": name, "text": text, "corners": corners})


def _modules(form: Any, text: str) -> Pixels:
    """The symbol one pixel a module, black 20 and white 255."""
    barcode = zxingcpp.create_barcode(text, form)
    drawn = np.array(barcode.to_image(scale=1, add_hrt=False, add_quiet_zones=False))
    return np.where(drawn > 127, 255, 20).astype(np.uint8)


def _ean_check(body: str) -> str:
    total = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(body))
    return str(-total % 10)


def _centred(pen: ImageDraw.ImageDraw, text: str, y: int, size: int, fill: Any = INK) -> None:
    width = pen.textlength(text, font=_font(size))
    pen.text(((WIDTH - width) / 2, y), text, font=_font(size), fill=fill)


def _font(size: int) -> Any:
    return ImageFont.load_default(size)
