"""What the pile says: the parcel in hand, how the last one ended, counters, the newest scans."""

import pandas as pd
import streamlit as st
from streamlit.errors import StreamlitAPIException
from streamlit.runtime.scriptrunner import get_script_run_ctx

from core.finding import boxes
from core.orders.piles import card, edits
from core.store.states import ReversalState, ScanVerdict
from pages.common.plain import html_table, plain
from pages.common.session import clock, guarded, person, t
from pages.common.ways import may_open, way_to
from pages.scan.card import draw_card, outcome_line

NEWEST = 100
FRAGMENTS = ["parcel", "counters", "newest"]


def verdict_words() -> dict[str, str]:
    """Each verdict in a word or two."""
    return {
        "matched": t("matched"),
        "seen": t("seen already"),
        "done": t("processed already"),
        "other_pile": t("in another pile"),
        "cancelled": t("cancelled already"),
        "delivered": t("delivered"),
        "not_shipped": t("not shipped"),
        "ambiguous": t("several fit"),
        "unknown": t("unknown"),
        "unsure": t("hard to read"),
        "not_tracking": t("other code"),
    }


def follow() -> None:
    """Let the parts follow at once (called when the station heard that the pile changed).

    Streamlit runs what is pressed at the same moment together with this. A run of the whole page,
    such as the way to another, draws the parts or leaves them; asked for here, they would take its
    place and the press would be lost.
    """
    run = get_script_run_ctx()
    if run is None or not run.fragment_ids_this_run:
        return
    try:
        st.rerun(FRAGMENTS)
    except StreamlitAPIException:  # another page was drawn meanwhile, which has no such parts
        st.rerun()


@st.fragment(key="parcel")
@guarded
def parcel(pile_id: int) -> None:
    """The newest parcel of this person (else of anybody), and the outcome before it."""
    newest = card.recent(pile_id, NEWEST)
    scan = newest_of(newest)
    with st.container(key="last"):
        order_id = None if scan is None or pd.isna(scan["order_id"]) else scan["order_id"]
        ended = card.last_outcome(pile_id)
        if ended is not None and ended != order_id:
            outcome_line(ended)
        if scan is not None and order_id:
            with st.container(border=True):
                draw_card(int(order_id), scan["why"], pile_id)
        elif scan is not None:
            with st.container(border=True):
                st.markdown(
                    f"**{verdict_words()[scan['verdict']].capitalize()}** · {plain(scan['code'])}"
                )
                st.caption(plain(t(scan["why"])))
                way_to("review", t("Find its order by hand"), pile=pile_id, tab="look")


def newest_of(newest: pd.DataFrame) -> pd.Series | None:
    """The newest scan that means a parcel, this person's first; None without any."""
    telling = newest[newest["verdict"] != ScanVerdict.NOT_TRACKING]
    mine = telling[telling["by"] == person()]
    shown = mine if len(mine) else telling
    return shown.iloc[0] if len(shown) else None


@st.fragment(key="newest")
@guarded
def newest_scans(pile_id: int) -> None:
    """The newest scans, whoever took them, and the way to take one's own back."""
    newest = card.recent(pile_id, NEWEST)
    if newest.empty:
        st.info(
            t("Nothing scanned yet. Scan a parcel, drop photos, or paste a list of numbers."),
            icon=":material/barcode_scanner:",
        )
        return
    _recent(newest, pile_id)


@st.fragment(key="counters")
@guarded
def counters(pile_id: int) -> None:
    """How many parcels, how many to look at, and the way on."""
    counts, parcels = card.counters(pile_id), card.parcels_in(pile_id)
    look = boxes.to_look_at(pile_id).count
    row = st.container(horizontal=True, vertical_alignment="center", key="counts")
    row.metric(t("In the pile"), int(parcels), border=True, width=150)
    with row.container(width="stretch", gap="xsmall"):
        kinds = [
            ("red", look, t("to look at")),
            ("gray", counts.get("seen", 0), t("seen again")),
            ("gray", counts.get("done", 0), t("processed already")),
            ("gray", counts.get("other_pile", 0), t("in another pile")),
        ]
        badges = [
            f":{colour}-badge[{plain(count)} {word}]" for colour, count, word in kinds if count
        ]
        st.markdown("&nbsp; ".join(badges) or t("Each parcel counts once."))
        if parcels and may_open("review"):
            label = t("Review {count} parcels") if parcels > 1 else t("Review 1 parcel")
            if st.button(
                plain(label.format(count=parcels)),
                type="primary",
                icon=":material/arrow_forward:",
                key="to-review",
            ):
                st.switch_page("review/page.py", query_params={"pile": str(pile_id)})


def _recent(newest: pd.DataFrame, pile_id: int) -> None:
    words = verdict_words()
    ended = {ReversalState.DONE: t("done"), ReversalState.NEEDS_PERSON: t("needs a person")}
    head = st.container(horizontal=True, vertical_alignment="center")
    head.markdown("**" + t("Newest scans") + "**", width="stretch")
    if head.button(t("Undo last"), icon=":material/undo:", key="undo", help=t("Key: U")):
        code = edits.undo_last_scan(pile_id)
        if code:
            st.toast(plain(t("Taken back: {code}").format(code=code)))
            st.rerun()
        st.toast(t("You have scanned nothing here that could be taken back."))
    verdicts = newest["verdict"].map(lambda verdict: words.get(verdict, verdict))
    numbers = newest["tracking"].where(newest["tracking"] != "", newest["code"])
    rows = pd.DataFrame(
        {
            t("Verdict"): newest["reversal"].map(ended).fillna(verdicts),
            t("Order"): newest["order"].fillna(""),
            t("Code"): numbers,
            t("By"): newest["by"],
            t("At"): [clock(at) for at in newest["at"]],
        }
    )
    # A plain table: the grid of other pages is an eighth of what Scan's first visit loads.
    st.html(html_table(rows, t("Newest scans")))
