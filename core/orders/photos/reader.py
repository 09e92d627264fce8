"""Reads the pictures that wait, in other processes, and takes a scan per code."""

import threading
from pathlib import Path
from typing import Any

from sqlalchemy import select, update

from core.config import Home, home
from core.intake import Code, PictureError, ReaderPool, Reading
from core.orders.photos import intake_queue, storage
from core.orders.piles.scans import take_scan
from core.store import db
from core.store.tables import pile_pictures

BATCH = 8  # pictures claimed at once
LOOK_EVERY = 1.0  # seconds between looks for pictures that another process took in


class PhotoReader:
    """A thread that claims waiting pictures and hands them to the reading processes."""

    def __init__(self, where: Home | None = None) -> None:
        """Read the pictures of this home."""
        self._home = where or home()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="photo reader", daemon=True)

    def start(self) -> None:
        """Begin, with what an earlier process left half read."""
        self._engine = db.engine(self._home)
        with db.writing(self._engine) as connection:
            left = pile_pictures.c.state == "reading"
            connection.execute(update(pile_pictures).where(left).values(state="waiting"))
        self._thread.start()

    def stop(self) -> None:
        """End after the pictures at hand."""
        self._stop.set()
        intake_queue.work.set()
        self._thread.join(timeout=30)

    def _run(self) -> None:
        with ReaderPool() as pool:
            while not self._stop.is_set():
                intake_queue.work.clear()
                claimed = self._claim()
                if claimed:
                    self._read(pool, claimed)
                else:
                    intake_queue.work.wait(LOOK_EVERY)

    def _claim(self) -> list[Any]:
        """The oldest waiting pictures, marked as being read."""
        oldest = (
            select(pile_pictures.c.id)
            .where(pile_pictures.c.state == "waiting")
            .order_by(pile_pictures.c.id)
            .limit(BATCH)
        )
        with db.writing(self._engine) as connection:
            claimed = connection.execute(
                update(pile_pictures)
                .where(pile_pictures.c.id.in_(oldest), pile_pictures.c.state == "waiting")
                .values(state="reading")
                .returning(pile_pictures)
            )
            return sorted(claimed, key=lambda row: row.id)

    def _read(self, pool: ReaderPool, claimed: list[Any]) -> None:
        rows: dict[Path, list[Any]] = {}
        for row in claimed:
            rows.setdefault(storage.path_of(row.sha256), []).append(row)
        for path, result in pool.read_many(list(rows)):
            for row in rows[path]:
                self._take(row, result)

    def _take(self, row: Any, result: list[Reading] | PictureError) -> None:
        """Store the scans first, then that the picture is read: a crash between repeats neither."""
        if isinstance(result, PictureError):
            self._note(row, "failed", {"error": str(result)})
            return
        pages = [_page(number, reading) for number, reading in enumerate(result)]
        for number, code in enumerate(_codes(result)):
            take_scan(
                row.pile_id,
                code.text,
                code.format,
                by=row.added_by,
                source="photo",
                key=f"photo-{row.id}-{number}",
                sha256=row.sha256,
                corners=code.corners,
                weak=code.confidence == "weak",
                engine=self._engine,
            )
        self._note(row, "read", {"reading": {"pages": pages}})

    def _note(self, row: Any, state: str, told: dict[str, Any]) -> None:
        with db.writing(self._engine) as connection:
            connection.execute(
                update(pile_pictures)
                .where(pile_pictures.c.id == row.id)
                .values(state=state, **told)
            )


def _codes(readings: list[Reading]) -> list[Code]:
    """Every text of the picture once, in reading order."""
    return list({code.text: code for one in readings for code in one.codes}.values())


def _page(number: int, reading: Reading) -> dict[str, Any]:
    return {
        "number": number,
        "width": reading.width,
        "height": reading.height,
        "codes": [
            {"text": code.text, "format": code.format, "corners": _rounded(code.corners)}
            for code in reading.codes
        ],
        "unread": [_rounded(unread.corners) for unread in reading.unread],
    }


def _rounded(corners: Any) -> list[list[float]]:
    return [[round(float(x), 1), round(float(y), 1)] for x, y in corners]
