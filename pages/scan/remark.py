"""What a person sees on one parcel: condition, note, photos, or that it is not of this pile."""

import streamlit as st

from core.orders.piles import edits
from pages.common.proof_photos import add_proof, show_proofs
from pages.common.session import draw_part_again, t
from pages.review.words import conditions


def remark(order_id: int, pile_id: int) -> None:
    """Below the card; everything is stored as soon as it is chosen or typed."""
    remarks = edits.remarks(pile_id, order_id)
    if remarks is None:
        return
    condition, note = remarks
    key = f"{pile_id}-{order_id}"
    _condition(order_id, pile_id, condition)
    st.text_input(
        t("Note"),
        note,
        max_chars=500,
        key=f"note-{key}",
        placeholder=t("Key: T"),
        live=True,  # a pause of a quarter of a second; a scan takes what is typed before that too
        on_change=_store,
        args=(pile_id, order_id, "remark", f"note-{key}", note),
    )
    with st.expander(t("Photos, or take it out of the pile"), key=f"remark-{key}"):
        show_proofs(order_id)
        add_proof(pile_id, order_id)
        if st.button(t("Take out of the pile"), icon=":material/remove_circle:", key=f"out-{key}"):
            edits.remove_order(pile_id, order_id)
            st.toast(t("Taken out of the pile. Its scans stay in the record."))
            draw_part_again()


def _condition(order_id: int, pile_id: int, stored: str) -> None:
    """The buttons follow what is stored: a key or a command barcode may have changed it.

    What is stored is part of the key. The browser sends along what its buttons showed when the
    page was asked to run again; under one key that old choice would be taken for a new one.
    """
    words = conditions()
    key = f"condition-{pile_id}-{order_id}-{stored}"
    st.segmented_control(
        t("Condition"),
        [one for one in words if one],
        default=stored or None,
        format_func=words.__getitem__,
        key=key,
        on_change=_store,
        args=(pile_id, order_id, "condition", key, stored),
    )


def _store(pile_id: int, order_id: int, name: str, key: str, shown: str) -> None:
    """Keep what a person chose: only what differs from what stood there."""
    value = st.session_state.get(key) or ""
    if value == shown:
        return
    chosen: dict[str, object] = {name: value}
    edits.set_options(pile_id, [order_id], **chosen)
