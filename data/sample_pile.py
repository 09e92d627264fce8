"""The photographed pile: which parcel is on which picture, and what should become of it."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from sample_labels import Label, Parcel, draw_label, draw_product_box, of_order
from sample_photos import Photo, photograph

from core.demo.generate import tracking_numbers

Json = dict[str, Any]

# labels a picture; the twos and threes of a table, the ones of a phone, the sixes of a pallet
SIZES = [1] * 5 + [2] * 7 + [3] * 6 + [4] * 9 + [5] * 5 + [6] * 2
SCREEN_SHOTS, HEICS, PRODUCT_BOXES = 4, 3, 2


def pile(
    seed: int, parts: dict[str, list[Json]], returns: list[Json]
) -> Iterator[tuple[str, Photo, list[Json]]]:
    """Each picture's file name, the picture, and the truth: one row a label.

    A row is {"expect", "courier", "tracking", "orders", "codes"}; `expect` is one of open,
    prepaid, cancelled, delivered, ambiguous, unknown, not_a_parcel.  The first of `codes` holds
    the tracking number, the others are decoys.
    """
    rng = np.random.default_rng([seed, 1])
    rows = _rows(seed, parts, returns)
    rows = [rows[i] for i in rng.permutation(len(rows))]
    kinds = ["png"] * SCREEN_SHOTS + ["jpeg"] * (len(SIZES) - HEICS) + ["heic"] * HEICS
    sizes = [1] * SCREEN_SHOTS + list(SIZES)
    if sum(sizes) != len(rows):
        raise ValueError(f"{len(rows)} labels do not fill pictures for {sum(sizes)}")
    start = 0
    for index, (kind, size) in enumerate(zip(kinds, sizes, strict=True)):
        chosen, start = rows[start : start + size], start + size
        labels = [draw_label(rng, row["parcel"]) for row in chosen]
        photo = photograph([seed, 2, index], labels, kind)
        name = f"pile_{index + 1:02d}{photo.suffix}"
        yield name, photo, [_expected(r, c) for r, c in zip(chosen, photo.labels, strict=True)]
    for index in range(PRODUCT_BOXES):
        labels: list[Label] = [draw_product_box(rng) for _ in range(index + 1)]
        photo = photograph([seed, 3, index], labels, "jpeg")
        empty = {"expect": "not_a_parcel", "courier": None, "tracking": None, "orders": []}
        yield f"box_{index + 1:02d}.jpg", photo, [{**empty, "codes": c} for c in photo.labels]


def _expected(row: Json, codes: list[Json]) -> Json:
    parcel: Parcel = row["parcel"]
    fields = {k: v for k, v in row.items() if k != "parcel"}
    return {**fields, "courier": parcel.courier, "tracking": parcel.tracking, "codes": codes}


def _rows(seed: int, parts: dict[str, list[Json]], returns: list[Json]) -> list[Json]:
    rows = []
    for part, expect in (
        ("pile", "open"),
        ("pile_cancelled", "cancelled"),
        ("pile_delivered", "delivered"),
        ("pile_prepaid", "prepaid"),
    ):
        rows += [_row(expect, of_order(order), [order]) for order in parts[part]]
    whole, half = parts["pile_two_parcels"]
    rows += [_row("open", of_order(whole, index), [whole]) for index in (0, 1)]
    rows.append(_row("open", of_order(half), [half]))
    shared = parts["pile_shared"]
    for pair in (shared[:2], shared[2:]):
        rows.append(_row("ambiguous", of_order(pair[0]), pair))
    return rows + _strangers(seed, parts["renumbered"][0], returns)


def _row(expect: str, parcel: Parcel, orders: list[Json]) -> Json:
    return {"expect": expect, "parcel": parcel, "orders": [order["name"] for order in orders]}


def _strangers(seed: int, renumbered: Json, returns: list[Json]) -> list[Json]:
    """Three parcels of somebody else's shop, and one of ours under a number it got on the way back.

    The last is unknown by its number alone; DPD can say whose it is, and the truth row names it.
    """
    rng = np.random.default_rng([seed, 4])
    rows = []
    for courier, name in (
        ("sameday", "Ilinca Voda"),
        ("cargus", "Horia Manu"),
        ("dhl", "Max Roth"),
    ):
        serial = int(rng.integers(92_000_000, 99_000_000))
        number = (
            f"60{serial:08d}" if courier == "dhl" else str(tracking_numbers(courier, [serial])[0])
        )
        parcel = Parcel(courier, number, name, "Str. Morii 9, Cluj-Napoca", "400001", 0, "RON", "-")
        rows.append(_row("unknown", parcel, []))
    number = returns[0]["return_number"]
    was = of_order(renumbered)
    back = Parcel("dpd", number, was.to, was.address, was.zip, 0, was.currency, was.order_name)
    row = _row("unknown", back, [])
    return [*rows, {**row, "renumbered_from": was.tracking, "order_behind": renumbered["name"]}]
