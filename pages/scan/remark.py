"""What a person sees on one parcel: condition, note, photos, or that it is not of this pile."""

import streamlit as st

from core.orders.piles import edits
from pages.common.proof_photos import add_proof, show_proofs
from pages.common.session import t
from pages.review.words import conditions


def remark(order_id: int, pile_id: int, by: str) -> None:
    """Below the card; everything is stored as soon as it is chosen."""
    known = edits.remarks(pile_id, order_id)
    if known is None:
        return
    condition, note = known
    words = conditions()
    key = f"{pile_id}-{order_id}"
    with st.expander(t("Condition, note and photos"), key=f"remark-{key}"):
        st.segmented_control(
            t("Condition"),
            [one for one in words if one],
            default=condition or None,
            format_func=words.get,
            key=f"condition-{key}",
            on_change=_store,
            args=(pile_id, order_id, by, "condition", f"condition-{key}"),
        )
        st.text_input(
            t("Note"),
            note,
            max_chars=500,
            key=f"note-{key}",
            on_change=_store,
            args=(pile_id, order_id, by, "remark", f"note-{key}"),
        )
        show_proofs(order_id)
        add_proof(pile_id, order_id, by)
        if st.button(t("Take out of the pile"), icon=":material/remove_circle:", key=f"out-{key}"):
            edits.remove_order(pile_id, order_id, by)
            st.toast(t("Taken out of the pile. Its scans stay in the record."))
            st.rerun(scope="fragment")


def _store(pile_id: int, order_id: int, by: str, name: str, key: str) -> None:
    value = st.session_state.get(key) or ""
    edits.set_options(pile_id, [order_id], by=by, **{name: value})
