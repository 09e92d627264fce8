"""Label photos and a video of them, made for the browser tests."""

import io
from collections.abc import Sequence
from pathlib import Path

import zxingcpp
from PIL import Image, ImageOps


def label(text: str, *, broken: bool = False) -> bytes:
    """A photo of one Code 128 label, 1280 × 720, as JPEG; no reader reads a broken one."""
    code = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.Code128)
    bars = Image.fromarray(code.to_image(scale=3)).convert("L")
    if broken:  # a sixth of its bars stand the other way round
        left, right = bars.width // 3, bars.width // 2
        bars.paste(ImageOps.mirror(bars.crop((left, 0, right, bars.height))), (left, 0))
    photo = Image.new("RGB", (1280, 720), (226, 221, 210))
    card = Image.new("RGB", (bars.width + 80, bars.height + 120), "white")
    card.paste(bars, (40, 50))
    photo.paste(card, (150, 160))
    out = io.BytesIO()
    photo.save(out, "JPEG", quality=90)
    return out.getvalue()


def photos(folder: Path, texts: Sequence[str]) -> list[Path]:
    """One photo file a text."""
    files = []
    for number, text in enumerate(texts):
        file = folder / f"photo-{number}.jpg"
        file.write_bytes(label(text))
        files.append(file)
    return files


def video(file: Path, texts: Sequence[str], frames_each: int) -> Path:
    """Motion JPEG for Chromium's fake camera: the labels one after another, over and over."""
    with file.open("wb") as out:
        for text in texts:
            out.write(label(text) * frames_each)
    return file
