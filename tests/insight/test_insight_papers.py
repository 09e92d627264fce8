"""What is handed to others: scorecard, claim file, list of repeat refusers; and the charts."""

import io
import re
import zipfile
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime

import pandas as pd
import pypdfium2
import pytest
from insight_truth import TODAY
from sqlalchemy import Engine, select, update

from core.errors import UserError
from core.insight import figures, queries, view
from core.insight.charts import plots
from core.insight.charts.style import Style
from core.insight.filters import SLICES, Filters, from_query
from core.insight.reports import claims, repeaters, scorecard_pages
from core.insight.reports.scorecard import scorecard
from core.orders.shop.upsert import upsert_order
from core.services.ports import ShopOrder
from core.settings import connections
from core.store import db
from core.store.tables import orders

World = tuple[Engine, pd.DataFrame]
ALL = Filters(date(2020, 1, 1), TODAY)


def test_a_scorecard_shows_its_courier_and_names_no_other(one_world: World) -> None:
    source, frame = one_world
    card = scorecard(source, "cargus", date(2026, 9, 14), TODAY)
    page = scorecard_pages.html(card)
    shipped = frame["shipped_on"].dt.strftime("%Y-%m").eq("2026-09") & (frame.courier == "cargus")
    assert card.own["shipped"].tolist() == [shipped.sum()]
    assert "Cargus" in page
    assert not re.search("sameday|fan|gls|dpd|packeta|pos[tț]a", page, re.IGNORECASE)
    for tracking in card.missing["tracking"]:
        assert tracking in page


def test_a_courier_without_parcels_gets_a_sentence(one_world: World) -> None:
    with pytest.raises(UserError, match="UPS was given no parcel in September 2026"):
        scorecard(one_world[0], "ups", date(2026, 9, 1), TODAY)


def test_a_scorecard_is_two_pages_on_paper_whatever_it_holds(one_world: World) -> None:
    card = scorecard(one_world[0], "cargus", date(2026, 9, 1), TODAY)
    assert scorecard_pages.pdf(card) == scorecard_pages.pdf(card)
    crowded = replace(card, missing=pd.concat([card.missing] * 60, ignore_index=True))
    for one in (card, crowded):
        with closing(pypdfium2.PdfDocument(scorecard_pages.pdf(one))) as paper:
            texts = [page.get_textpage().get_text_bounded() for page in paper]
        assert len(texts) == 2
        assert "Cargus" in texts[0]
        assert not re.search("sameday|fan|gls|dpd|packeta|posta", texts[0])
        assert f"{int(card.own['shipped'].iloc[0]):,}" in texts[0]
        dearest = one.missing.sort_values("value_minor", ascending=False)["tracking"].head(1)
        assert all(tracking in texts[1] for tracking in dearest)


def test_a_claim_file_has_a_row_and_a_trail_for_every_missing_parcel(one_world: World) -> None:
    missing = queries.missing(one_world[0], ALL, TODAY, 14)
    assert len(missing) > 0
    data = claims.claim_file(one_world[0], missing, TODAY, "Europe/Bucharest")
    assert data == claims.claim_file(one_world[0], missing, TODAY, "Europe/Bucharest")
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        names = set(archive.namelist())
        table = pd.read_csv(archive.open("claim.csv"), dtype=str)
        texts = [archive.read(name).decode() for name in names if name.startswith("trails/")]
    assert names == {"claim.csv", *(f"trails/{number}.txt" for number in missing["tracking"])}
    assert table["tracking"].tolist() == missing["tracking"].tolist()
    for customer in missing["customer_key"]:
        assert not any(customer in text for text in texts)


def test_repeat_refusers_are_hashed_unless_asked_for(one_world: World) -> None:
    found = queries.repeaters(one_world[0], ALL)
    hashed = repeaters.export_frame(found, b"the shop's key")
    assert not set(hashed["customer_key"]) & set(found["customer_key"])
    assert hashed["customer_key"].nunique() == len(found)
    other = repeaters.export_frame(found, b"another key")
    assert not set(hashed["customer_key"]) & set(other["customer_key"])
    assert repeaters.export_frame(found, b"", named=True).equals(found)


def test_a_tag_list_tells_mail_from_phone() -> None:
    known = [("a1", "ana@example.com", "0722"), ("b2", "", "+40700000001"), ("c3", "", "")]
    frame = pd.DataFrame(known, columns=["customer_key", "email", "phone"])
    told = repeaters.tag_list(frame)
    assert told["Email"].tolist() == ["ana@example.com", ""]
    assert told["Phone"].tolist() == ["", "+40700000001"]


def _order(name: str, day: int, email: str, phone: str) -> ShopOrder:
    at = datetime(2026, 11, day, tzinfo=UTC)
    return ShopOrder(
        gid=name, name=name, created_at=at, updated_at=at, cancelled_at=None, cancel_reason="",
        payment="cod", financial_status="PENDING", fulfillment_status="FULFILLED",
        total_minor=100, currency="RON", customer_name="Ana", customer_key="", phone=phone,
        email=email, county="", city="", note="", tags=(), attributes={}, can_notify=False,
        lines=(), parcels=(),
    )  # fmt: skip


def test_who_refuses_again_is_named_by_the_newest_order_and_not_by_a_key(
    engine: Engine,
) -> None:
    """Customers' keys are keyed hashes: a shop knows none of them."""
    with db.writing(engine) as connection:
        shop = connections.save(
            connection, "test", kind="shop", service="shopify", name="A",
            settings={"shop": "a.myshopify.com"}, secrets_={}, sandbox=True,
        )  # fmt: skip
        for day, (name, email, phone) in enumerate(
            [("#1", "old@example.com", "0722"), ("#2", "new@example.com", "0733"), ("#3", "", "")],
            1,
        ):
            upsert_order(connection, shop, _order(name, day, email, phone))
        key = connection.scalar(select(orders.c.customer_key).where(orders.c.name == "#2"))
        connection.execute(update(orders).values(customer_key=key))
    told = repeaters.tag_list(queries.contacts(engine, [key, "gone"]))
    assert told["Email"].tolist() == ["new@example.com"]


@pytest.mark.parametrize("dark", [False, True])
def test_every_chart_asks_a_question_and_tells_the_age_of_its_data(
    one_world: World, dark: bool
) -> None:
    look = view.load(one_world[0], ALL, TODAY)
    style = Style(look.as_of, "Left out: young weeks.", dark=dark)
    weeks = look.cohorts("week", ["courier"])
    drawn = [
        plots.dots(figures.mix_adjusted(look.mature), style),
        plots.cohorts(weeks, style),
        plots.stacked(look.cohorts("week"), style),
        plots.incidence(look.incidence(), style),
        plots.ranked(look.sliced("county"), "county", style),
        *(plots.ranked(look.sliced(name), name, style) for name in SLICES),
        plots.reasons(look.sliced("reason"), style),
        plots.heat(look.rates(["county", "courier"]), style),
        plots.funnel(figures.funnel(look.cells), style),
    ]
    for figure in drawn:
        title = figure.layout.title.text
        assert "?" in title
        assert f"parcels, data up to {look.as_of:%d.%m.%Y}." in title
        assert "Left out" in title
        assert figure.layout.template.layout.paper_bgcolor == "rgba(0,0,0,0)"


def test_the_stacked_bands_add_up_to_what_was_shipped(one_world: World) -> None:
    source, frame = one_world
    look = view.load(source, ALL, TODAY)
    figure = plots.stacked(look.cohorts("week"), Style(TODAY))
    assert sum(sum(bar.y) for bar in figure.data) == len(frame)


def test_couriers_are_sorted_by_the_lower_bound(one_world: World) -> None:
    look = view.load(one_world[0], ALL, TODAY)
    figure = plots.dots(look.rates(["courier"]), Style(TODAY))
    points = figure.data[0]
    low = [x - minus for x, minus in zip(points.x, points.error_x.arrayminus, strict=True)]
    assert low == sorted(low)


def test_weeks_too_young_to_judge_are_hollow(one_world: World) -> None:
    look = view.load(one_world[0], ALL, TODAY)
    weeks = look.cohorts("week", ["courier"])
    figure = plots.cohorts(weeks, Style(TODAY))
    hollow = [t for t in figure.data if t.marker.symbol == "circle-open"]
    told = {pd.Timestamp(x) for trace in hollow for x in trace.x}
    assert told == set(weeks[~weeks["mature"] & weeks["rate"].notna()]["cohort"])


def test_filters_survive_the_way_through_an_address() -> None:
    chosen = Filters(date(2026, 1, 1), date(2026, 2, 1), ("fan",), ("Iași", "Cluj"), ("cod",))
    query = {k: v if isinstance(v, list) else [v] for k, v in chosen.to_query().items()}
    assert from_query(query, TODAY) == chosen


@pytest.mark.parametrize("since", ["", "yesterday", "2026-13-01"])
def test_a_link_cut_short_falls_back_to_the_last_year(since: str) -> None:
    answer = from_query({"since": [since], "payment": ["gold"]}, TODAY)
    assert answer == Filters(date(2025, 11, 20), TODAY)
