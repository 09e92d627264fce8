"""A photo proves its parcel in the claim file by whichever way it came in: page, route, command."""

import io
import os
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import requests
import zxingcpp
from insight_truth import TODAY, load
from PIL import Image
from sqlalchemy import Engine, select
from starlette.applications import Starlette
from starlette.types import ASGIApp
from streamlit.testing.v1 import AppTest

from core.demo.generate import history
from core.insight import queries
from core.insight.filters import Filters
from core.insight.reports import claims
from core.orders.photos import intake_queue
from core.orders.photos.reader import PhotoReader
from core.orders.piles import piles
from core.server.routes import table
from core.store import db
from core.store.tables import parcels, pictures, pile_pictures, scans

ROOT = Path(__file__).resolve().parents[2]
TOLD = {"page": "1ONB24711300118", "route": "1ONB24711300226", "command": "1ONB24711300334"}
Came = dict[str, int]  # the order of each way


def photo(code: str) -> bytes:
    """A grey sheet with one label, as a phone's JPEG."""
    sheet = Image.new("L", (1400, 1000), 205)
    bars = zxingcpp.create_barcode(code, zxingcpp.BarcodeFormat.Code128).to_image(scale=3)
    sheet.paste(Image.fromarray(bars).resize((900, 220)), (240, 400))
    out = io.BytesIO()
    sheet.save(out, "JPEG", quality=88)
    return out.getvalue()


@pytest.fixture
def desk(home_dir: Path, engine: Engine) -> Engine:
    """A short history; its shop is nowhere."""
    return load(history(900, seed=11, today=TODAY, days=200), home_dir)


@pytest.fixture
def missing(desk: Engine) -> pd.DataFrame:
    """Three parcels that never came back, of orders whose other parcel did."""
    found = queries.missing(desk, Filters(TODAY.replace(year=2020), TODAY), TODAY, 0)
    of_one_each = found.drop_duplicates("order_id").head(len(TOLD))
    assert len(of_one_each) == len(TOLD)
    with db.writing(desk) as connection:
        for order, number in zip(of_one_each["order_id"], TOLD.values(), strict=True):
            mine = select(parcels).where(parcels.c.order_id == int(order))
            row = dict(connection.execute(mine).one()._mapping)
            del row["id"]
            back = {"tracking": number, "tracking_key": number, "outcome": None, "outcome_on": None}
            connection.execute(parcels.insert().values({**row, **back}))
    return of_one_each


def by_page(pile: int, data: bytes) -> None:
    """Chosen on the page of scans, in its plain way of choosing files."""
    app = AppTest.from_file(str(ROOT / "pages" / "main.py"), default_timeout=60).run()
    app.query_params["pile"] = str(pile)
    app.switch_page(str(ROOT / "pages" / "scan" / "page.py")).run()
    chosen = next(one for one in app.file_uploader if one.label == "Photos")
    chosen.set_value([("by-page.jpg", data, "image/jpeg")]).run()
    assert not app.exception


def by_route(pile: int, data: bytes, base: str) -> None:
    """Sent by a phone."""
    answer = requests.post(
        f"{base}/api/photos?pile={pile}&name=by-route.jpg&by=Ana", data=data,
        headers={"X-Refuz": "1", "Content-Type": "image/jpeg"}, timeout=60,
    )  # fmt: skip
    assert answer.status_code == 202, answer.text


def by_command(file: Path) -> None:
    """Named on the command line; whether to reverse is answered with no."""
    done = subprocess.run(
        [sys.executable, "-m", "core.cli", "process", str(file)],
        cwd=ROOT, input="n\n", capture_output=True, text=True, timeout=150, check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert "Cancel and reverse them?" in done.stderr, done.stderr


def read_what_waits() -> None:
    """As the server's own thread reads it."""
    reader = PhotoReader()
    reader.start()
    ends = time.monotonic() + 90
    try:
        while open_ones():
            assert time.monotonic() < ends
            time.sleep(0.05)
    finally:
        reader.stop()


def open_ones() -> int:
    with db.reading() as connection:
        states = connection.scalars(select(pile_pictures.c.state)).all()
    return sum(state in intake_queue.OPEN for state in states)


def test_the_claim_file_has_the_photo_of_each_way_in(
    desk: Engine,
    missing: pd.DataFrame,
    serve: Callable[[ASGIApp], str],
    tmp_path: Path,
) -> None:
    pile = piles.create("Depot")
    base = serve(Starlette(routes=table.routes(ROOT / "pages" / "components")))
    by_page(pile, photo(TOLD["page"]))
    by_route(pile, photo(TOLD["route"]), base)
    file = tmp_path / "by-command.jpg"
    file.write_bytes(photo(TOLD["command"]))
    by_command(file)
    read_what_waits()

    with db.reading(desk) as connection:
        assert len(connection.execute(select(pictures)).all()) == len(TOLD)
        rows = connection.execute(select(pile_pictures)).all()
        assert {row.filename for row in rows} == {f"by-{way}.jpg" for way in TOLD}
        read = connection.execute(select(scans.c.order_id, scans.c.code)).all()
    orders = [int(order) for order in missing["order_id"]]
    assert sorted(read) == sorted(zip(orders, TOLD.values(), strict=True))

    data = claims.claim_file(desk, missing, TODAY, "Europe/Bucharest")
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        names = [one for one in archive.namelist() if one.startswith("photos/")]
        assert sorted(names) == sorted(f"photos/{one}-1.jpg" for one in missing["tracking"])
        for number, code in zip(missing["tracking"], TOLD.values(), strict=True):
            shown = np.asarray(Image.open(io.BytesIO(archive.read(f"photos/{number}-1.jpg"))))
            assert [one.text for one in zxingcpp.read_barcodes(shown)] == [code]
            assert f"photo 1: {number}" in archive.read(f"trails/{number}.txt").decode()
