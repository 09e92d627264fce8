"""What the pile says: counters, the last parcel with its one-tap way, the newest scans."""

import streamlit as st

from core.orders.piles import card, edits
from core.store.states import ScanVerdict
from pages.common.session import guarded, t
from pages.scan.card import draw_card

GROUPS = {
    "good": ("matched",),
    "seen": ("seen", "done", "other_pile"),
    "look": ("cancelled", "delivered", "not_shipped", "ambiguous", "unknown", "unsure"),
    "other": ("not_tracking",),
}
NEWEST = 100


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
    """Let the live part follow at once (called when the station heard a verdict)."""
    st.rerun("live")


@st.fragment(key="live", run_every=1.0)
@guarded
def live(pile_id: int, by: str) -> None:
    """Follow the stored scans, whoever took them."""
    _counters(pile_id)
    newest = card.recent(pile_id, NEWEST)
    if newest.empty:
        st.info(
            t("Nothing scanned yet. Scan a parcel, drop photos, or paste a list of numbers."),
            icon=":material/barcode_scanner:",
        )
        return
    _last(newest, pile_id, by)
    _recent(newest, pile_id, by)


def _counters(pile_id: int) -> None:
    counts = card.counters(pile_id)
    sums = {name: sum(counts.get(v, 0) for v in verdicts) for name, verdicts in GROUPS.items()}
    told = [
        ("orange", sums["seen"], t("seen again")),
        ("red", sums["look"], t("to look at")),
        ("gray", sums["other"], t("other codes")),
    ]
    row = st.container(horizontal=True, vertical_alignment="center", key="counters")
    row.metric(t("In the pile"), card.parcels_in(pile_id), border=True, width=150)
    badges = [f":{colour}-badge[{count} {word}]" for colour, count, word in told if count]
    row.markdown("&nbsp; ".join(badges) or t("Each parcel counts once."), width="stretch")


def _last(newest, pile_id: int, by: str) -> None:
    """The newest scan of this person that means a parcel; else of anybody."""
    telling = newest[newest["verdict"] != ScanVerdict.NOT_TRACKING]
    mine = telling[telling["by"] == by]
    shown = mine if len(mine) else telling
    if not len(shown):
        return
    scan = shown.iloc[0]
    with st.container(border=True, key="last"):
        if scan["order_id"] == scan["order_id"] and scan["order_id"]:
            draw_card(int(scan["order_id"]), scan["why"], pile_id, by)
        else:
            st.markdown(f"##### {verdict_words()[scan['verdict']].capitalize()}")
            st.code(scan["code"], language=None)
            reason = scan["why"]
            st.caption(t(reason))
            st.page_link("follow_up/page.py", label=t("Find its order by hand"))


def _recent(newest, pile_id: int, by: str) -> None:
    words = verdict_words()
    head = st.container(horizontal=True, vertical_alignment="center")
    head.markdown("**" + t("Newest scans") + "**", width="stretch")
    if head.button(t("Undo last"), icon=":material/undo:", key="undo", shortcut="u"):
        code = edits.undo_last_scan(pile_id, by)
        if code:
            st.toast(t("Taken back: {code}").format(code=code))
            st.rerun(scope="fragment")
        st.toast(t("You have scanned nothing here that could be taken back."))
    shown = newest[["verdict", "order", "tracking", "code", "by", "at"]].copy()
    shown["verdict"] = shown["verdict"].map(lambda verdict: words.get(verdict, verdict))
    shown["tracking"] = shown["tracking"].where(shown["tracking"] != "", shown["code"])
    st.dataframe(
        shown.drop(columns="code"),
        hide_index=True,
        height=280,
        column_config={
            "verdict": t("Verdict"),
            "order": st.column_config.TextColumn(t("Order"), width=80),
            "tracking": t("Code"),
            "by": t("By"),
            "at": st.column_config.DatetimeColumn(
                t("At"), format="HH:mm:ss", timezone=st.session_state.get("_zone")
            ),
        },
    )
