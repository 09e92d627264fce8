"""README's tour: what a newcomer is told to type exists in the sandbox and can be processed."""

import gzip
import json
import re
from pathlib import Path

from core.demo import world
from pages.review.words import GROUPS, group_words

README = (Path(__file__).resolve().parents[2] / "README.md").read_text(encoding="utf-8")


def test_the_number_of_the_tour_is_an_open_order_s_parcel_that_is_under_way() -> None:
    [number] = re.findall(r"type `(\w+)`", README)
    orders = json.loads(gzip.decompress(world.WORLD.read_bytes()))["orders"]
    found = [
        (order, parcel)
        for order in orders
        for parcel in order["fulfillments"]
        if number in [box["number"] for box in parcel["tracking"]]
    ]
    [(order, parcel)] = found
    assert order["cancelled_at"] is None
    assert order["financial_status"] == "PENDING"
    assert len(order["fulfillments"]) == 1
    assert parcel["status"] == "SUCCESS"


def test_the_tour_names_the_tabs_that_review_has() -> None:
    tabs = group_words()
    assert set(GROUPS) < set(tabs)
    assert [one for one in tabs.values() if f"*{one}*" not in README] == []
