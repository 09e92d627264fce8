"""Real print is read in a reader process: cut out of its photo, turned, line by line."""

import json
import random
from pathlib import Path

import pytest

pytest.importorskip("rapidocr", reason="the extra `text` is not installed")

from core.intake import doors
from core.intake.process import close_shared

PHOTOS = Path(__file__).resolve().parents[2] / "data" / "photos"


def test_a_labels_print_is_read_whichever_way_it_lies(tmp_path: Path) -> None:
    from PIL import Image

    truth = json.loads((PHOTOS / "truth.json").read_text(encoding="utf-8"))["photos"]
    photo = next(one for one in truth if one["file"] == "pile_05.jpg")
    label = photo["labels"][0]
    turned = tmp_path / "turned.png"
    image = Image.open(PHOTOS / photo["file"]).rotate(180, expand=True)
    image.save(turned)
    bars = label["codes"][0]["corners"]
    corners = [(image.width - x, image.height - y) for x, y in bars]
    backwards = tuple(corners[2:] + corners[:2])  # as for bars whose direction nobody knows
    try:
        (paper,) = doors.find_papers(turned, 0, [backwards])
        told = doors.read_print(turned, 0, paper.paper)
    finally:
        close_shared()
    texts = [one.text for one in told.lines]
    assert {"Destinatar", "Bianca Sandu", "010011", "Ref #100400"} <= set(texts)
    assert texts.index("Destinatar") < texts.index("Bianca Sandu") < texts.index("010011")


def test_a_drawn_label_lies_on_one_paper_and_its_print_names_its_order() -> None:
    from benchmarks.finding_labels import boxes, shop
    from benchmarks.finding_photos import Reader
    from core.finding.fields import read_fields
    from core.finding.known import Index
    from core.finding.weights import rank

    draw = random.Random(12)
    orders = shop(draw, 500)
    (made,) = boxes(draw, orders, 1)
    found = rank(read_fields(Reader(1).read(made, 2, "one")), Index(orders))
    assert found[0].order.order.order_id == made.order_id
