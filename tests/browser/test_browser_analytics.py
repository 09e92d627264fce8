"""Analytics in a real browser: marks open their parcels, and an address says what it shows."""

import csv
import datetime as dt
import io
import re
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

import pytest
from browser_desk import Desk

from core.clock import today
from core.labels.reading import couriers

pytestmark = pytest.mark.browser

READY = 90_000  # milliseconds; eleven charts are drawn by a browser without a graphics card
YEAR_AGO = (today(ZoneInfo("Europe/Bucharest")) - dt.timedelta(days=365)).isoformat()
TITLES = {slug: courier.title for slug, courier in couriers().items()}
COUNTY = rf"((?!{'|'.join(TITLES.values())})[^·,]+)"
MARKS = {  # a chart, what a mark of it is in the page, and what is told of it
    "couriers": (".scatterlayer .point", r"refused: ([^·,]+) · parcels: (\d+)"),
    "county": (".barlayer .point path", rf"refused: {COUNTY} · parcels: (\d+)"),
    "heat": (".scatterlayer .point", r"refused: ([^·,]+), ([^·]+) · parcels: (\d+)"),
}
SLUGS = {title: slug for slug, title in TITLES.items()}


def open_page(page: Any, desk: Desk, query: str = "") -> None:
    page.goto(f"{desk.base_url}/analytics?by=Ana{query}")
    page.wait_for_selector(".st-key-chart-heat .main-svg", timeout=READY)


def click_first(page: Any, name: str, mark: str) -> None:
    page.wait_for_selector("[data-test-script-state=notRunning]", timeout=READY)
    chart = page.locator(f".st-key-chart-{name}")
    chart.hover()
    before, box = None, chart.locator(mark).first.bounding_box()
    while box != before:  # lists that opened above may still move the chart
        page.wait_for_timeout(400)
        before, box = box, chart.locator(mark).first.bounding_box()
    middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.move(middle[0] - 1, middle[1])
    page.wait_for_timeout(200)  # Plotly finds the mark below the pointer before it takes a click
    page.mouse.click(*middle)


def refused(desk: Desk, where: str, *values: object) -> int:
    query = (
        "SELECT COUNT(*) FROM parcels WHERE (outcome = 'refused' OR (outcome IS NULL AND "
        f"scanned_on IS NOT NULL)) AND shipped_on BETWEEN ? AND ? AND {where}"
    )
    return int(desk.ask(query, *values)[0][0])


def test_a_click_on_a_mark_lists_the_parcels_behind_it(desk: Desk, page: Any) -> None:
    open_page(page, desk)
    note = page.get_by_text("Left out of rates: weeks after").inner_text()
    day, month, year = re.search(r"weeks after (\d\d)\.(\d\d)\.(\d{4})", note).groups()
    until = f"{year}-{month}-{day}"
    for name, (mark, words) in MARKS.items():
        click_first(page, name, mark)
        answer = page.locator("p", has_text=re.compile(words)).last
        answer.wait_for(timeout=30_000)
        *said, count = re.search(words, answer.inner_text()).groups()
        said = [SLUGS.get(one, one) for one in said]
        columns = {"couriers": "courier = ?", "county": "county = ?"}
        where = columns.get(name, "courier = ? AND county = ?")
        assert int(count) == refused(desk, where, YEAR_AGO, until, *said), name


def test_filters_are_in_the_address_and_an_address_sets_the_filters(desk: Desk, page: Any) -> None:
    open_page(page, desk, "&courier=fan&payment=cod&since=2026-01-01")
    picked = page.locator("[data-baseweb=tag], [data-testid=stMultiSelectTag]").all_inner_texts()
    shown = page.get_by_test_id("stMain").inner_text()
    assert "FAN Courier" in " ".join(picked) + shown
    assert page.locator(".st-key-chart-couriers").get_by_text("Cargus (").count() == 0
    page.get_by_label("Payment").click()
    page.get_by_role("option", name="prepaid").click()
    page.wait_for_function("() => location.search.includes('payment=prepaid')", timeout=30_000)
    query = parse_qs(urlsplit(page.url).query)
    assert query["courier"] == ["fan"]
    assert query["payment"] == ["cod", "prepaid"]
    assert query["since"] == ["2026-01-01"]


def test_a_chart_is_handed_out_as_data_and_as_picture_and_drawing(desk: Desk, page: Any) -> None:
    open_page(page, desk)
    chart = page.locator(".st-key-chart-funnel")
    for form, begins in (("PNG", b"\x89PNG"), ("SVG", b"<svg")):
        page.get_by_role("button", name="Pictures").click()
        page.locator(".st-key-picture-format").get_by_text(form, exact=True).click()
        page.wait_for_timeout(1_000)
        page.keyboard.press("Escape")
        page.locator("[data-stale=true]").first.wait_for(state="detached", timeout=READY)
        chart.hover()
        with page.expect_download() as taken:
            chart.locator(".modebar-btn[data-title*='ownload']").first.click()
        assert re.fullmatch(
            rf"refuz-funnel-\d{{4}}-\d\d-\d\d\.{form.lower()}", taken.value.suggested_filename
        )
        assert Path(taken.value.path()).read_bytes().startswith(begins)
    with page.expect_download() as taken:
        page.locator(".st-key-data-funnel-csv button").click()
    rows = list(csv.reader(io.StringIO(Path(taken.value.path()).read_text("utf-8-sig"))))
    assert rows[0] == ["step", "n", "share"]
    assert [row[0] for row in rows[1:]] == ["shipped", "refused", "back", "cancelled", "reversed"]
