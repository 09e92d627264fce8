"""Review: the pile in one table, the choices for each order, the run, and what came of it."""

import streamlit as st

from core.reversal.runs import runs
from core.rights import Right, may
from pages.common.needs_a_look import needs_a_look
from pages.common.plain import plain
from pages.common.session import current_pile, person, t
from pages.review.link import unresolved
from pages.review.proposal import proposal
from pages.review.run import ask_to_run, run_view
from pages.review.table import table


def show() -> None:
    """The page."""
    pile = current_pile()
    if pile is None:
        st.subheader(t("Review"))
        st.info(t("No pile yet. Begin one on the Scan page, then scan the parcels that came back."))
        return
    by = person()
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(plain(pile.name), width="stretch")
        if may(Right.RUN) and st.button(t("Run"), type="primary", icon=":material/play_arrow:"):
            ask_to_run(pile.id, by)
    proposal(pile, by)
    newest = runs.newest(1, pile.id)
    if newest:
        run_view(newest[0].id, by)
    needs_a_look(pile.id, by)
    unresolved(pile.id, by)
    table(pile.id, by, newest[0].id if newest else 0)


show()
