"""What Analytics hands out: the courier scorecard, repeat refusers, the weekly digest."""

import datetime as dt
from functools import partial

import pandas as pd
import streamlit as st

from core.audit import trail
from core.errors import UserError
from core.insight import figures, queries
from core.insight.filters import Filters
from core.insight.reports import digest, repeaters, scorecard, scorecard_pages
from core.labels import courier_titles
from core.rights import Right, may
from core.settings import secrets
from core.settings.preferences import Preferences
from pages.analytics.chart import table
from pages.common.plain import plain
from pages.common.proof import proved
from pages.common.session import as_now, downloads, guarded, t, today, tongue

MONTHS = 24


def papers(filters: Filters, as_of: dt.date, wanted: Preferences, costs: figures.Costs) -> None:
    """Three boxes; each makes its files only when asked."""
    with st.expander(t("Courier scorecard"), icon=":material/assignment:"):
        _scorecard(as_of, wanted)
    if may(Right.NAMES):
        with st.expander(t("Repeat refusers"), icon=":material/person_alert:"):
            _repeaters(filters, wanted)
    with st.expander(t("Weekly digest"), icon=":material/mail:"):
        _digest(wanted, costs)


@st.fragment
@guarded
def _scorecard(as_of: dt.date, wanted: Preferences) -> None:
    st.caption(
        t("One courier, one month, two pages to send to its account manager. Others: anonymous.")
    )
    which, when = st.columns(2)
    couriers = queries.choices(queries.engine())["courier"]
    courier = which.selectbox(
        t("Courier"), couriers, key="card-courier", format_func=courier_titles
    )
    month = when.selectbox(
        t("Month of shipping"), _months(as_of), 1, key="card-month",
        format_func=lambda day: f"{day:%m.%Y}",
    )  # fmt: skip
    try:
        card = scorecard.scorecard(
            queries.engine(), courier, month, as_of, wanted.missing_after_days
        )
    except UserError as refused:
        st.info(plain(t(refused)))
        return
    name, language = f"scorecard-{courier}-{month:%Y-%m}", tongue()
    with st.container(horizontal=True):
        st.download_button(
            "PDF", as_now(partial(scorecard_pages.pdf, card, language), f"{name}.pdf"),
            f"{name}.pdf", "application/pdf", key="card-pdf",
            icon=":material/picture_as_pdf:", on_click="ignore",
        )  # fmt: skip
        st.download_button(
            "HTML", as_now(lambda: scorecard_pages.html(card, language).encode(), f"{name}.html"),
            f"{name}.html", "text/html", key="card-html", icon=":material/html:", on_click="ignore",
        )  # fmt: skip


def _months(as_of: dt.date) -> list[dt.date]:
    first = as_of.replace(day=1)
    months = [first]
    while len(months) < MONTHS:
        first = (first - dt.timedelta(days=1)).replace(day=1)
        months.append(first)
    return months


@st.fragment
@guarded
def _repeaters(filters: Filters, wanted: Preferences) -> None:
    st.caption(t("Customers with two or more refusals among the parcels chosen above."))
    if not st.toggle(t("Look for them"), key="repeaters-on"):
        return
    found = queries.repeaters(queries.engine(), filters)
    if found.empty:
        st.info(t("Nobody refused twice."))
        return
    named = st.toggle(
        t("Show and export who they are"), key="repeaters-named",
        help=t("Off: each customer is a code that is the same in every export of this shop."),
    )  # fmt: skip
    if named and not proved("repeaters"):
        return
    # Written into the record once for each time the names are switched on, not at every draw.
    if named and not st.session_state.get("_repeaters_seen"):
        trail.record_names_seen("repeat refusers", len(found))
    st.session_state["_repeaters_seen"] = named
    key = secrets.derived_key("repeat refusers")
    listed = repeaters.export_frame(found, key, named=named)
    st.markdown(t("**{n} customers**, {refused} refusals").format(
        n=f"{len(listed):,}", refused=f"{listed['refused'].sum():,}"))  # fmt: skip
    table(listed.head(500), "repeaters-list")
    downloads(listed, "refuz-repeat-refusers", "repeaters")
    if named and wanted.repeat_refuser_tag and may(Right.EXPORT):
        _tags(found, wanted.repeat_refuser_tag)


def _tags(found: pd.DataFrame, tag: str) -> None:
    st.caption(
        plain(
            t("Customer list for Shopify's import: it adds the tag “{tag}”, from Settings.").format(
                tag=tag
            )
        )
    )
    contacts = queries.contacts(queries.engine(), found["customer_key"].tolist())
    downloads(repeaters.tag_list(contacts, tag), "shopify-customer-tags", "repeaters-tags")


@st.fragment
@guarded
def _digest(wanted: Preferences, costs: figures.Costs) -> None:
    st.caption(
        t("The worker writes it every Monday and sends it where that is set up (see the manual).")
    )
    day, language = today(), tongue()  # of the reader; the download asks outside its session

    def made() -> bytes:
        days = wanted.missing_after_days
        letter = digest.digest(queries.engine(), day, costs, days, language)
        return letter.html.encode()

    st.download_button(
        t("Digest of last week"),
        as_now(made, f"refuz-digest-{day}.html"),
        f"refuz-digest-{day}.html",
        "text/html",
        icon=":material/download:",
        on_click="ignore",
        key="digest",
    )
