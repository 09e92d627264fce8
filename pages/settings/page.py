"""Settings: preferences, connections, imports, devices, and how the desk is doing."""

from collections.abc import Callable
from importlib.metadata import version

import streamlit as st

from core import rights
from core.intake.doors import readers_available
from core.orders.piles import piles
from core.people import sessions
from core.people.ways import stations
from core.reversal.worker.slots import worker_alive
from core.rights import Right
from pages.common.order_trail import check_the_record
from pages.common.plain import plain
from pages.common.proof import link_here
from pages.common.session import last_used, note_done, t
from pages.common.tabs import tabs
from pages.scan.phone import phone_dialog
from pages.settings.account import account_tab
from pages.settings.connections import connections_tab
from pages.settings.customers import customers_tab
from pages.settings.imports import imports_tab
from pages.settings.people import people_tab, session_list
from pages.settings.preferences import preferences_tab


def show() -> None:
    """The page: what each may change."""
    st.subheader(t("Settings"))
    parts = {name: draw for name, needs, draw in _parts() if not needs or rights.may(*needs)}
    tabs(parts, "settings-tab")


def _parts() -> list[tuple[str, tuple[Right, ...], Callable[[], None]]]:
    signed_in = rights.actor().person_id is not None
    own = [(t("My account"), (), account_tab)] if signed_in else []
    return [
        (t("Preferences"), (Right.PREFER,), preferences_tab),
        (t("Connections"), (Right.CONNECT,), connections_tab),
        (t("Imports"), (Right.IMPORT,), imports_tab),
        (t("People"), (Right.PEOPLE,), people_tab),
        (t("Customers"), (Right.ERASE,), customers_tab),
        (t("Devices"), (Right.PEOPLE,), _devices),
        *own,
        (t("About"), (Right.PREFER, Right.RECORD, Right.PEOPLE), _about),
    ]


def _devices() -> None:
    if rights.may(Right.SCAN):
        _pair()
    devices = [one for one in sessions.signed_in() if one.person_id is None or one.kind == "phone"]
    if not devices:
        st.info(t("No device is paired. Pair a phone to scan with its camera."))
    session_list(devices, "device")
    _stations()


def _pair() -> None:
    newest = next(iter(piles.open_piles()), None)
    if newest is None:
        st.caption(t("Begin a pile on the Scan page; then a phone can be paired with it."))
    elif st.button(t("Pair a phone"), icon=":material/qr_code:"):
        phone_dialog(newest.id)


def _stations() -> None:
    """The browsers at which badges sign on."""
    st.markdown("#### " + t("Stations for badges"))
    st.caption(t("A badge opens only at these computers. Open this page at one to add it."))
    for one in stations.listed():
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            used = last_used(one.used_at)
            st.markdown(f":material/badge: **{plain(one.name)}**  \n{plain(used)}", width="stretch")
            if st.button(t("End it"), key=f"station-{one.id}"):
                stations.end(one.id)
                note_done(t("No badge opens anything there any more."))
                st.rerun()
    if rights.actor().person_id is not None:
        link_here(t("Make this computer a station"), "/badge/station")


def _about() -> None:
    lines = [("Refuz", version("refuz"))]
    lines += [(t("Worker"), t("running") if worker_alive() else t("not running"))]
    lines += [(t("Barcode reader {name}").format(name=name), missing or t("ready"))
              for name, missing in readers_available().items()]  # fmt: skip
    for name, state in lines:
        st.markdown(f"**{plain(name)}**: {plain(state)}")
    if rights.may(Right.RECORD):
        check_the_record("about-chain")


show()
