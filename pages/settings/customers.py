"""Customers: what is known of one is handed out, or forgotten."""

import streamlit as st

from core.audit import trail
from core.errors import UserError
from core.i18n.words import shown
from core.orders.piles import edits
from core.orders.privacy import forget, subject_access
from pages.common.plain import plain
from pages.common.proof import proved
from pages.common.session import as_now, dialog, note_done, t

SHOWN = 20
NAMED = 12  # orders that the question names


def customers_tab() -> None:
    """Find a customer by an order, then export or forget them."""
    st.caption(
        t(
            "Find a customer by name, phone or order. Forgetting them takes name, phone, e-mail, "
            "address, notes and pictures away for good; numbers and sums of invoices stay, since "
            "the law keeps them, and a code that still counts repeat refusals."
        )
    )
    if not proved("customers"):
        return
    words = st.text_input(t("Name, phone or order"), key="customer-words")
    if not words.strip():
        return
    found = edits.search_orders(words)[:SHOWN]
    trail.names_shown("search for a customer", len(found), words)
    if not found:
        st.info(t("No order fits."))
    for one in found:
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{plain(one.customer_name)}** · {plain(one.name)}", width="stretch")
            with st.container(horizontal=True, width="content"):
                _actions(one)


def _actions(one: edits.FoundOrder) -> None:
    st.download_button(
        t("Export"),
        as_now(lambda: subject_access.everything_about(one.order_id)),
        f"customer-{one.order_id}.json",
        "application/json",
        icon=":material/download:",
        key=f"export-{one.order_id}",
        on_click="ignore",
    )
    if st.button(t("Forget"), key=f"forget-{one.order_id}", icon=":material/person_off:"):
        _forget(one.order_id, one.customer_name)


@dialog(shown("Forget this customer"))
def _forget(order_id: int, name: str) -> None:
    st.markdown(f"**{plain(name)}**")
    try:
        what = forget.would_forget(order_id)
    except UserError as refused:
        st.error(plain(t(refused)))
        return
    _what_goes(what)
    st.warning(t("This cannot be taken back, and holds for all orders of this customer."))
    if not st.button(t("Forget for good"), type="primary", width="stretch"):
        return
    try:
        gone = forget.forget_customer(order_id)
    except UserError as refused:
        st.error(plain(t(refused.reason)))
        return
    note_done(
        t("Forgotten. Orders: {orders}, pictures: {pictures}.").format(
            orders=gone.orders, pictures=gone.pictures
        )
    )
    st.rerun()


def _what_goes(what: forget.ToForget) -> None:
    """How much the press below takes, before it is pressed."""
    named = ", ".join(what.orders[:NAMED]) + (", …" if len(what.orders) > NAMED else "")
    lines = [t("Orders: {count} ({named})").format(count=len(what.orders), named=named)]
    lines.append(t("Pictures: {count}").format(count=what.pictures))
    st.markdown("  \n".join(plain(one) for one in lines))
    if what.shared:
        words = t("Pictures with parcels of other customers too: {count}. They go whole.")
        st.caption(plain(words.format(count=what.shared)))
