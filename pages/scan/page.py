"""Scan: one screen to stand at. Codes from every source feed the pile that is chosen here."""

import streamlit as st

from core.errors import UserError
from core.i18n.words import shown
from core.orders.piles import piles
from core.rights import Right, may
from core.server import reach
from pages.common.plain import plain
from pages.common.session import current_pile, dialog, guarded, t
from pages.scan.components import hand_scanner
from pages.scan.live import counters, follow, newest_scans, parcel
from pages.scan.phone import phone_dialog
from pages.scan.ways import ways_in


def show() -> None:
    """The page."""
    pile = _head()
    if pile is None:
        return
    with st.container(key="station"):
        left, right = st.columns([1, 1], gap="large")
        with left, st.container(key="verdict"):
            _listen(pile.id)
        with left, st.container(key="parcel"):
            parcel(pile.id)
        with right, st.container(key="counters"):
            counters(pile.id)
        with right, st.container(key="ways"):
            ways_in(pile.id)
        with right, st.container(key="newest"):
            newest_scans(pile.id)


def _head() -> piles.Pile | None:
    pile = current_pile()
    with st.container(horizontal=True, vertical_alignment="center", key="head"):
        st.subheader(plain(pile.name if pile else t("Scan")), width="stretch")
        if may(Right.PILE) and st.button(
            t("New pile"), icon=":material/add:", shortcut="n",
            type="secondary" if pile else "primary",  # without one nothing else can be done here
        ):  # fmt: skip
            _new_pile()
        if pile and st.button(t("Phone"), icon=":material/qr_code:", shortcut="p"):
            phone_dialog(pile.id)
        st.link_button(t("Command sheet"), f"{reach.base()}/commands", icon=":material/barcode:")
        if st.button(t("Help"), icon=":material/help:", type="tertiary", key="help"):
            _help()
    if pile is None:
        if may(Right.PILE):
            st.info(t("No pile yet. Begin one, then scan the parcels that came back."))
        else:
            st.info(t("No pile yet. Who arranges piles begins one; then you can scan into it."))
    return pile


@st.fragment(key="ear")
@guarded
def _listen(pile_id: int) -> None:
    hand_scanner(pile_id, on_scanned=follow)


@dialog(shown("New pile"))
def _new_pile() -> None:
    with st.form("new-pile", border=False):
        name = st.text_input(t("Name"), placeholder=t("for example: Sameday, Monday"))
        if st.form_submit_button(t("Begin"), type="primary"):
            try:
                made = piles.create(name)
            except UserError as error:
                st.error(plain(t(error)))
                return
            st.query_params["pile"] = str(made)
            st.rerun()


@dialog(shown("Help"))
def _help() -> None:
    st.markdown(
        t(
            "**Hand scanner**: just scan, wherever the cursor is.\n\n"
            "**Camera**: hold a label in the picture; it counts once while it stays there.\n\n"
            "**Photos**: drop as many as you like.\n\n"
            "A high tone: good. Two tones: seen already. A low buzz: look at the screen.\n\n"
            "**Keys**: S cancel and restock, W cancel without restock, O opened, D damaged, "
            "M items missing, T note, L print a label, U undo your last scan, X next parcel, "
            "N new pile, P phone, ? this help. Escape closes.\n\n"
            "**Command sheet**: the same as barcodes to print; scan a parcel, then the command."
        )
    )


show()
