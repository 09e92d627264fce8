"""Settings: preferences, connections, imports, devices, and how the desk is doing."""

import streamlit as st

from core.audit import trail
from core.intake.doors import readers_available
from core.orders.piles import piles
from core.people import sessions
from core.reversal.worker.worker import worker_alive
from core.store import db
from pages.common.plain import plain
from pages.common.session import moment, person, said, t
from pages.scan.phone import phone_dialog
from pages.settings.connections import connections_tab
from pages.settings.imports import imports_tab
from pages.settings.preferences import preferences_tab


def show() -> None:
    """The page."""
    by = person()
    st.subheader(t("Settings"))
    names = [t("Preferences"), t("Connections"), t("Imports"), t("Devices"), t("About")]
    own, services, files, devices, about = st.tabs(names)
    with own:
        preferences_tab(by)
    with services:
        connections_tab(by)
    with files:
        imports_tab(by)
    with devices:
        _devices(by)
    with about:
        _about()


def _devices(by: str) -> None:
    newest = next(iter(piles.open_piles()), None)
    if newest is None:
        st.caption(t("Begin a pile on the Scan page; then a phone can be paired with it."))
    elif st.button(t("Pair a phone"), icon=":material/qr_code:"):
        phone_dialog(newest.id, by)
    known = sessions.signed_in()
    if not known:
        st.info(t("No device is paired. Pair a phone to scan with its camera."))
    for device in known:
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            seen = moment(device.seen_at or device.created_at)
            st.markdown(
                f"**{plain(device.name)}** · {plain(device.person)}  \n{seen}", width="stretch"
            )
            if st.button(t("Sign out this device"), key=f"device-{device.id}"):
                sessions.sign_out(device.id)
                said(t("Signed out; it needs a new code to come back."))
                st.rerun()


def _about() -> None:
    lines = [(t("Worker"), t("running") if worker_alive() else t("not running"))]
    lines += [(name, t(missing) if missing else t("ready"))
              for name, missing in readers_available().items()]  # fmt: skip
    for name, state in lines:
        st.markdown(f"**{plain(name)}**: {state}")
    if st.button(t("Check the record"), key="about-chain"):
        with db.reading() as connection:
            verdict = trail.verify(connection)
        if verdict.ok:
            st.success(plain(t("{rows} lines, none changed.").format(rows=verdict.rows)))
        else:
            st.error(
                plain(
                    t("Line {row} was changed outside Refuz. Compare with a backup.").format(
                        row=verdict.broken_at
                    )
                )
            )


show()
