"""Makes the sample data of this folder: `python data/make_sample.py [--seed 7]`.

The same seed gives the same bytes, picture files included (with the pinned packages).
"""

import argparse
import csv
import gzip
import io
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pillow_heif
from sample_pile import pile
from sample_world import build

from core.demo.generate import history

FOLDER = Path(__file__).resolve().parent
NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
HISTORY_PARCELS = 24_000


def main() -> None:
    """Write shop.json.gz, history.csv.gz, orders.csv, photos/ and photos/truth.json."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--out", type=Path, default=FOLDER, help="folder to write into")
    arguments = parser.parse_args()
    pillow_heif.register_heif_opener()
    out: Path = arguments.out
    world = build(arguments.seed, NOW)
    out.mkdir(parents=True, exist_ok=True)
    text = json.dumps(world.data, ensure_ascii=False, separators=(",", ":"))
    (out / "shop.json.gz").write_bytes(_packed(text.encode()))
    (out / "history.csv.gz").write_bytes(_packed(_history(arguments.seed)))
    (out / "orders.csv").write_text(_export(world.parts["travelling"][20:40]), encoding="utf-8")
    _photos(arguments.seed, world.parts, world.data["returns"], out / "photos")


def _packed(data: bytes) -> bytes:
    return gzip.compress(data, 9, mtime=0)


def _history(seed: int) -> bytes:
    frame = history(HISTORY_PARCELS, seed=seed, today=NOW.date())
    frame["created_at"] = frame["created_at"].dt.strftime("%Y-%m-%dT%H:%M:%SZ")
    return frame.to_csv(index=False, date_format="%Y-%m-%d", lineterminator="\n").encode()


def _export(orders: list[dict[str, Any]]) -> str:
    """A small order list as a merchant would export it from a shop or a spreadsheet."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(
        ["Order", "Created at", "Customer", "Phone", "County", "City", "Payment", "Total",
         "Currency", "Courier", "AWB", "SKU", "Product", "Quantity", "Invoice"]
    )  # fmt: skip
    for order in orders:
        person, place, line = order["customer"], order["address"], order["lines"][0]
        tracking = order["fulfillments"][0]["tracking"][0]
        writer.writerow(
            [order["name"], order["created_at"][:10],
             f"{person['first_name']} {person['last_name']}", person["phone"],
             place["province"], place["city"], order["payment"],
             f"{order['total_minor'] / 100:.2f}", order["currency"], tracking["company"],
             tracking["number"], line["sku"], line["title"], line["quantity"],
             order["attributes"][0]["value"] if order["attributes"] else ""]
        )  # fmt: skip
    return out.getvalue()


def _photos(
    seed: int,
    parts: dict[str, list[dict[str, Any]]],
    returns: list[dict[str, Any]],
    folder: Path,
) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    photos, totals = [], {}
    for name, photo, rows in pile(seed, parts, returns):
        (folder / name).write_bytes(photo.data)
        photos.append(
            {"file": name, "width": photo.size[0], "height": photo.size[1], "labels": rows}
        )
        for row in rows:
            totals[row["expect"]] = totals.get(row["expect"], 0) + 1
    truth = {"seed": seed, "made_for": NOW.isoformat(), "totals": totals, "photos": photos}
    lines = json.dumps(truth, ensure_ascii=False, indent=1)
    (folder / "truth.json").write_text(lines + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
