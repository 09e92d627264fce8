"""Follow-up's list of stornos that are not known to be filed with RO e-Factura."""

import streamlit as st

from core.reversal.checks import filings
from pages.common.plain import plain
from pages.common.session import guarded, note_done, number, t, today

SHOWN = 50


@st.fragment
@guarded
def filings_due() -> None:
    """Each with its last day, what the service says of it, and a button for who has seen to it."""
    count, found = filings.not_known_filed(SHOWN)
    if not count:
        return
    title = t("Stornos not known to be filed with e-Factura")
    with st.expander(plain(f"{title} · {number(count)}"), icon=":material/account_balance:"):
        st.caption(
            t(
                "Each must be filed within five working days. Where the service files by itself, "
                "say so in its form in Settings."
            )
        )
        for one in found:
            _row(one)


def _row(one: filings.NotFiled) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(plain(_words(one)), width="stretch")
        if st.button(t("Filed"), key=f"filed-{one.invoice_id}"):
            filings.seen_to(one.invoice_id)
            note_done(t("Written down as filed."))
            st.rerun()


def _words(one: filings.NotFiled) -> str:
    late = one.due_on < today()
    due = t("late since {day}") if late else t("by {day}")
    state = t("Refused: {note}").format(note=one.note or "–") if one.refused else one.note
    parts = (one.order_name, f"{one.service} {one.storno}", due.format(day=one.due_on), state)
    return " · ".join(part for part in parts if part)
