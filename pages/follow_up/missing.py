"""Follow-up's list of parcels that a courier calls refused and never brought back."""

import datetime as dt

import pandas as pd
import streamlit as st

from core.insight import queries
from core.insight.filters import Filters
from core.insight.reports import claims
from core.labels import courier_titles
from pages.analytics.chart import readable, table
from pages.common.plain import plain
from pages.common.proof import proved
from pages.common.session import (
    Rights,
    as_now,
    chosen,
    downloads,
    guarded,
    own_rights,
    t,
    today,
)

SHOWN = 500


@st.cache_data(ttl=60, show_spinner=False)
def _absent(day: dt.date, days: int, mine: Rights) -> pd.DataFrame:  # noqa: ARG001 (the key)
    """The parcels refused more than `days` before `day`; kept a minute for those rights."""
    return queries.missing(queries.engine(), Filters(dt.date.min, day), day, days)


@st.fragment
@guarded
def missing_parcels() -> None:
    """The section: how many and what worth by courier, then one courier's list and claim file.

    Draws nothing where no parcel is missing; the files need a right that was proved lately.
    """
    wanted, day = chosen(), today()
    frame = _absent(day, wanted.missing_after_days, own_rights())
    if frame.empty:
        return
    title = t("Refused parcels that never came back")
    with st.expander(f"{title} · {len(frame):,}", icon=":material/local_shipping:"):
        words = t("The courier called them refused more than {days} days ago.")
        st.caption(plain(words.format(days=wanted.missing_after_days)))
        table(by_courier(frame), "missing-couriers")
        names = sorted(frame["courier"].unique())
        picked = st.selectbox(
            t("Courier"), names, key="missing-courier", format_func=courier_titles
        )
        one = frame[frame["courier"] == picked]
        table(readable(one.head(SHOWN)), "missing-parcels")
        if not proved("claim"):
            return
        with st.container(horizontal=True):
            st.download_button(
                plain(t("Claim file for {courier}").format(courier=courier_titles(picked))),
                as_now(
                    lambda: claims.claim_file(queries.engine(), one, day, wanted.time_zone),
                    f"claim-{picked}-{day}.zip",
                    len(one),
                ),
                f"claim-{picked}-{day}.zip",
                "application/zip",
                icon=":material/folder_zip:",
                type="primary",
                on_click="ignore",
                help=t("A list, the record of each parcel, and its photos with number and time."),
                key="missing-claim",
            )
        downloads(readable(frame), f"refuz-missing-{day}", "missing")


def by_courier(frame: pd.DataFrame) -> pd.DataFrame:
    """A row for each courier and currency: parcels, their value, the longest and median days."""
    table = frame.groupby(["courier", "currency"], as_index=False).agg(
        parcels=("tracking", "size"),
        value_minor=("value_minor", "sum"),
        longest_days=("days", "max"),
        median_days=("days", "median"),
    )
    table = table.sort_values("value_minor", ascending=False)
    return readable(table.astype({"median_days": int}))
