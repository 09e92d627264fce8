"""Parcels that couriers report as returned: proposed here, confirmed by scan or by a person."""

import pandas as pd
import streamlit as st

from core.i18n.words import shown
from core.orders.couriers import proposals
from core.orders.piles.piles import Pile
from pages.common.plain import pick_in_grid, plain
from pages.common.session import counted, guarded, moment, money, note_done, t

REPORTED = (
    shown("Couriers report 1 parcel as returned to you."),
    shown("Couriers report {count} parcels as returned to you."),
)


def proposal(pile: Pile) -> None:
    """On the proposed pile: what waits for a word. On any other: that there is something."""
    if pile.proposed:
        _confirm(pile.id)
        return
    proposed, count = proposals.waiting()
    if not count:
        return
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        st.markdown(plain(counted(count, *REPORTED)), width="stretch")
        if st.button(t("Look at them"), icon=":material/inventory_2:", key="see-returned"):
            st.query_params["pile"] = str(proposed)
            st.rerun()


@st.fragment
@guarded
def _confirm(pile_id: int) -> None:
    waiting = proposals.unconfirmed(pile_id)
    st.caption(
        t(
            "Made of what couriers report as returned. Nothing here is cancelled before its "
            "parcel is scanned, or you say that it lies before you."
        )
    )
    if not waiting:
        st.success(t("Every parcel of this pile was scanned or confirmed."))
        return
    shown = pd.DataFrame(
        {
            t("Tracking number"): one.tracking,
            t("Order"): one.order,
            t("Courier"): one.courier,
            t("Customer"): one.customer,
            t("Total"): money(one.total_minor, one.currency),
            t("The courier says"): one.said,
            t("Since"): moment(one.since),
        }
        for one in waiting
    )
    picked = pick_in_grid(
        shown,
        "multi-row",
        height=min(38 + 35 * len(shown), 320),
        key=f"proposed-{pile_id}-{len(waiting)}",
    )
    rows = [place for place in picked.selection.rows if place < len(waiting)]
    label = t("These {count} are here").format(count=len(rows))
    label = label if rows else t("Tick the parcels that lie before you")
    if st.button(label, disabled=not rows, icon=":material/done_all:", key="confirm-returned"):
        proposals.confirm(pile_id, [waiting[place].parcel_id for place in rows])
        note_done(t("Confirmed: the next run takes them along."))
        st.rerun()
