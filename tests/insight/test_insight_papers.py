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
from hypothesis import given
from hypothesis import strategies as st
from insight_truth import TODAY
from sqlalchemy import Engine, select, update

from core.errors import UserError
from core.i18n.language import number
from core.insight import figures, queries, view
from core.insight.charts import plots
from core.insight.charts.style import Style
from core.insight.facts import SPANS
from core.insight.filters import SLICES, Filters, from_query
from core.insight.reports import claims, repeaters, scorecard_pages
from core.insight.reports.scorecard import scorecard
from core.labels import courier_titles
from core.orders.shop.upsert import upsert_order
from core.services.ports import ShopOrder
from core.settings import connections
from core.settings.preferences import Preferences
from core.store import db
from core.store.tables import orders

World = tuple[Engine, pd.DataFrame]
ALL = Filters(date(2020, 1, 1), TODAY)
MONTHS = {
    "en": ["January", "February", "March", "April", "May", "June", "July", "August",
           "September", "October", "November", "December"],
    "ro": ["ianuarie", "februarie", "martie", "aprilie", "mai", "iunie", "iulie", "august",
           "septembrie", "octombrie", "noiembrie", "decembrie"],
}  # fmt: skip


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


def test_a_scorecard_is_told_in_the_language_of_whoever_sends_it(one_world: World) -> None:
    gone = queries.missing(one_world[0], ALL, TODAY, 14).iloc[0]
    month = pd.Timestamp(gone["shipped_on"]).date()
    card = scorecard(one_world[0], gone["courier"], month, TODAY)
    title = courier_titles(gone["courier"])
    shipped = int(card.own["shipped"].iloc[0])
    english, romanian = (scorecard_pages.html(card, language) for language in ("en", "ro"))
    assert f"{title}: parcels shipped in {MONTHS['en'][month.month - 1]} {month.year}" in english
    assert f"{title}: colete expediate în {MONTHS['ro'][month.month - 1]} {month.year}" in romanian
    assert '<html lang="ro">' in romanian
    said = set(re.findall(r"[A-Za-z]{4,}", re.sub(r"<svg.*?</svg>|<style.*?</style>|<[^>]+>",
                                                  " ", romanian)))  # fmt: skip
    assert not said & {"parcels", "refused", "courier", "others", "days", "shipped", "never"}
    with closing(pypdfium2.PdfDocument(scorecard_pages.pdf(card, "ro"))) as paper:
        first, second = (page.get_textpage().get_text_bounded() for page in paper)
    assert "Față de ceilalți" in first
    assert f"curierul A (n {number(card.others['shipped'].iloc[0], 'ro')})" in first
    assert number(shipped, "ro") in first
    assert "Refuzat la" in second


def test_a_scorecard_rounds_its_days_and_cuts_none_off(one_world: World) -> None:
    card = scorecard(one_world[0], "cargus", date(2026, 9, 1), TODAY)
    days = pd.DataFrame({"step": ["refused to scanned"], "n": [30], "median": [6.7], "p90": [20.6]})
    page = scorecard_pages.html(replace(card, steps=days), "ro")
    assert "în 7 zile de la refuz, nouă din zece în 21 de zile" in page


def test_a_courier_without_parcels_gets_a_sentence(one_world: World) -> None:
    with pytest.raises(UserError, match=r"UPS was given no parcel in 09\.2026"):
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
    tags = repeaters.tag_list(frame)
    assert tags["Email"].tolist() == ["ana@example.com", ""]
    assert tags["Phone"].tolist() == ["", "+40700000001"]


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
            connection, kind="shop", service="shopify", name="A",
            settings={"shop": "a.myshopify.com"}, secrets_={}, sandbox=True,
        )  # fmt: skip
        for day, (name, email, phone) in enumerate(
            [("#1", "old@example.com", "0722"), ("#2", "new@example.com", "0733"), ("#3", "", "")],
            1,
        ):
            upsert_order(connection, shop, _order(name, day, email, phone))
        key = connection.scalar(select(orders.c.customer_key).where(orders.c.name == "#2"))
        connection.execute(update(orders).values(customer_key=key))
    tags = repeaters.tag_list(queries.contacts(engine, [key, "gone"]))
    assert tags["Email"].tolist() == ["new@example.com"]


@pytest.mark.parametrize("dark", [False, True])
def test_every_chart_asks_a_question_and_tells_of_how_many_parcels(
    one_world: World, dark: bool
) -> None:
    """The age of the data and what all leave out stand on the page, once."""
    look = view.load(one_world[0], ALL, TODAY)
    style = Style(dark=dark)
    weeks = look.cohorts("week", ["courier"])
    drawn = [
        plots.over_time(look.cohorts("week"), style),
        plots.lost(figures.money_lost(look.mature, figures.Costs.of(Preferences())), "lei", style),
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
        assert re.search(r"[\d,]+ parcels\.", title)
        assert title.count("<span") == 1  # what else is to say stands on the page
        assert figure.layout.template.layout.paper_bgcolor == "rgba(0,0,0,0)"


def test_the_stacked_bands_add_up_to_what_was_shipped(one_world: World) -> None:
    source, frame = one_world
    look = view.load(source, ALL, TODAY)
    figure = plots.stacked(look.cohorts("week"), Style())
    assert sum(sum(bar.y) for bar in figure.data) == len(frame)


def test_couriers_are_sorted_by_the_lower_bound(one_world: World) -> None:
    look = view.load(one_world[0], ALL, TODAY)
    figure = plots.dots(look.rates(["courier"]), Style())
    points = figure.data[0]
    low = [x - minus for x, minus in zip(points.x, points.error_x.arrayminus, strict=True)]
    assert low == sorted(low)


def test_weeks_too_young_to_judge_are_hollow(one_world: World) -> None:
    look = view.load(one_world[0], ALL, TODAY)
    weeks = look.cohorts("week", ["courier"])
    figure = plots.cohorts(weeks, Style())
    hollow = [t for t in figure.data if t.marker.symbol == "circle-open"]
    drawn = {pd.Timestamp(x) for trace in hollow for x in trace.x}
    assert drawn == set(weeks[~weeks["mature"] & weeks["rate"].notna()]["cohort"])


def test_a_line_has_a_gap_where_too_few_were_shipped() -> None:
    """A week under 20 parcels, and one without any, is no point that a line goes through."""
    days = pd.to_datetime(["2026-06-01", "2026-06-08", "2026-06-15", "2026-06-29"])
    rates = pd.DataFrame({"cohort": days, "shipped": [40, 3, 40, 40], "mature": True,
                          "rate": [0.1, None, 0.2, 0.3], "low": [0.05, None, 0.1, 0.2],
                          "high": [0.2, None, 0.3, 0.4]})  # fmt: skip
    (line,) = [
        one for one in plots.over_time(rates, Style()).data if one.hovertemplate and len(one.x)
    ]
    drawn = dict(zip(map(str, pd.to_datetime(line.x).date), line.y, strict=True))
    assert pd.isna(drawn["2026-06-08"])
    assert pd.isna(drawn["2026-06-22"])
    assert not line.connectgaps
    couriers = pd.concat([rates.assign(courier="fan"), rates.iloc[:1].assign(courier="gls")])
    lines = [one for one in plots.cohorts(couriers, Style()).data if "lines" in one.mode]
    assert [int(pd.isna(list(one.y)).sum()) for one in lines] == [1, 3]


def test_the_cells_of_the_heat_map_tell_rates(one_world: World) -> None:
    look = view.load(one_world[0], ALL, TODAY)
    grid = look.rates(["county", "courier"])
    cells = plots.heat(grid, Style()).data[1]
    rate = {f"{row.courier}|{row.county}": row.rate for row in grid.itertuples()}
    for key, text, hover in zip(cells.customdata, cells.text, cells.hovertext, strict=True):
        known = rate.get(key, float("nan"))
        assert text == ("" if pd.isna(known) else f"{known * 100:,.0f}")
        assert "n " in hover


def test_numbers_of_a_chart_are_written_as_the_reader_writes_them(one_world: World) -> None:
    look = view.load(one_world[0], ALL, TODAY)
    money = figures.money_lost(look.mature, figures.Costs.of(Preferences()))
    figure = plots.lost(money, "lei", Style(language="ro"))
    assert figure.layout.separators == ",."
    assert re.search(r"\d,\d\u00a0% \(\d+,\d to \d+,\d\)", figure.data[0].text[-1])


def test_what_a_courier_costs_is_told_in_two_lines_where_one_would_be_cut(
    one_world: World,
) -> None:
    look = view.load(one_world[0], ALL, TODAY)
    money = figures.money_lost(look.mature, figures.Costs.of(Preferences()))
    wide, narrow = (plots.lost(money, "lei", Style(), narrow=one) for one in (False, True))
    assert [one.replace("<br>", " · ") for one in narrow.data[0].text] == list(wide.data[0].text)
    assert narrow.data[0].text[-1].count("<br>") == 1
    assert narrow.layout.height > wide.layout.height


def test_small_charts_lie_below_each_other_where_their_titles_would_not_fit(
    one_world: World,
) -> None:
    look = view.load(one_world[0], ALL, TODAY)
    weeks = look.cohorts("week", ["courier"])
    for narrow, columns in ((False, 2), (True, 1)):
        titles = plots.cohorts(weeks, Style(), narrow=narrow).layout.annotations
        assert len({one.x for one in titles if "(n " in one.text}) == columns


def test_filters_survive_the_way_through_an_address() -> None:
    chosen = Filters(date(2026, 1, 1), date(2026, 2, 1), ("fan",), ("Iași", "Cluj"), ("cod",))
    query = {k: v if isinstance(v, list) else [v] for k, v in chosen.to_query().items()}
    assert from_query(query, TODAY) == chosen


@pytest.mark.parametrize("since", ["", "yesterday", "2026-13-01", "0001-01-01", "1969-12-31"])
def test_a_link_cut_short_falls_back_to_the_last_year(since: str) -> None:
    answer = from_query({"since": [since], "payment": ["gold"]}, TODAY)
    assert answer == Filters(date(2025, 11, 20), TODAY)


@given(since=st.dates(), until=st.dates(), span=st.sampled_from(SPANS))
def test_whatever_days_an_address_names_have_a_period_before_them(
    since: date, until: date, span: str
) -> None:
    days = {"since": [since.isoformat()], "until": [until.isoformat()]}
    chosen = from_query(days, TODAY)
    before = chosen.before()
    assert before.since <= before.until < chosen.since <= chosen.until
    assert before.until - before.since == chosen.until - chosen.since
    for day in (chosen.since, chosen.until):
        cohort = chosen.in_cohort(day, span)
        assert chosen.since <= cohort.since <= day <= cohort.until <= chosen.until
