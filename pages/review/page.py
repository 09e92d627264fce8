"""Review: the pile as an orders list, the run, and what came of it."""

import streamlit as st

from core.reversal.runs import runs
from core.store.states import UNDER_WAY
from pages.common.plain import plain
from pages.common.session import current_pile, t
from pages.review.orders import orders
from pages.review.proposal import proposal
from pages.review.run import run_view


def show() -> None:
    """The page."""
    pile = current_pile()
    if pile is None:
        st.subheader(t("Review"))
        st.info(t("No pile yet. Begin one on the Scan page, then scan the parcels that came back."))
        return
    st.subheader(plain(pile.name))
    proposal(pile)
    newest = runs.newest(1, pile.id)
    if newest:
        run_view(newest[0].id)
    going = bool(newest) and newest[0].state in UNDER_WAY
    orders(pile.id, newest[0].id if newest else 0, going=going)


show()
