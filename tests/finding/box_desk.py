"""A pile with photos of labels, whose print is handed in instead of being read."""

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, insert, select

from core.finding import boxes, making
from core.intake.types import Print, PrintLine
from core.orders.piles.scans import take_scan
from core.store import db
from core.store.tables import boxes as table
from core.store.tables import orders, parcels, pictures, pile_pictures

NOON = dt.datetime(2026, 11, 3, 12, tzinfo=dt.UTC)
PAPER = ((0.0, 0.0), (400.0, 0.0), (400.0, 560.0), (0.0, 560.0))
BARS = [[20.0, 300.0], [300.0, 300.0], [300.0, 360.0], [20.0, 360.0]]
ROWS = ("Destinatar", "Ilinca Vrabie", "Bd. Carol 7", "310133 Arad", "Ref: 88017")


def one_paper(_file: Path, _page: int, anchors: Sequence[Any]) -> list[Print]:
    return [Print(PAPER, tuple(range(len(anchors))), (), 400, 560)]


def prints(monkeypatch: pytest.MonkeyPatch, rows: Sequence[str]) -> None:
    lines = tuple(
        PrintLine(text, (10.0, 30.0 * at, 10.0 + 9 * len(text), 30.0 * at + 20), 0.99)
        for at, text in enumerate(rows)
    )
    monkeypatch.setattr(boxes.doors, "read_print", lambda *_: Print(PAPER, (), lines, 400, 560))


def an_order(engine: Engine, name: str, customer: str, tracking: str, **more: Any) -> int:
    with db.writing(engine) as connection:
        shared = {"payment": "cod", "currency": "RON", "city": "Arad"}
        order_id = connection.scalar(
            insert(orders)
            .values(
                shop_id=1, gid=name, name=name, created_at=NOON, updated_at=NOON, synced_at=NOON,
                total_minor=15500, customer_name=customer, tags=[], attributes={},
                fulfillment_status="FULFILLED",
                **{"street": "Bd. Carol 7", "postcode": "310133", **shared, **more},
            )
            .returning(orders.c.id)
        )  # fmt: skip
        connection.execute(
            insert(parcels).values(
                order_id=order_id, shop_id=1, tracking=tracking, tracking_key=tracking,
                value_minor=15500, **shared,
            )
        )  # fmt: skip
        return int(order_id or 0)


def bars(row: int) -> list[list[float]]:
    return [[x, y + 70.0 * row] for x, y in BARS]


def a_photo(engine: Engine, *read: str, sha: str = "a" * 64) -> None:
    """One label with these codes below each other; without any its bars were not read."""
    codes = [
        {"text": code, "format": "Code128", "corners": bars(at)} for at, code in enumerate(read)
    ]
    page = {"number": 0, "width": 400, "height": 560, "codes": codes,
            "unread": [] if read else [BARS]}  # fmt: skip
    with db.writing(engine) as connection:
        connection.execute(
            insert(pictures).values(
                sha256=sha, filename="p.jpg", mime="", size=1, width=0, height=0, created_at=NOON
            )
        )
        connection.execute(
            insert(pile_pictures).values(
                pile_id=1, sha256=sha, filename="p.jpg", state="read", kind="label", added_by="ana",
                added_at=NOON, reading={"pages": [page]},
            )
        )  # fmt: skip
    for at, code in enumerate(read):
        take_scan(1, code, source="photo", key=f"photo/{sha[:8]}/{at}", sha256=sha,
                  corners=bars(at))  # fmt: skip


def look(engine: Engine) -> None:
    making.make()
    while boxes.read_next():
        pass


def rows(engine: Engine) -> Any:
    with db.reading(engine) as connection:
        return connection.execute(select(table)).all()
