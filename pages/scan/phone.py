"""A phone as a scanner: a QR code with a one-time token."""

import streamlit as st

from core.i18n.words import shown
from core.people import devices, presence
from core.people.sessions import Scope
from core.server import lifespan
from pages.common.pictures import qr_code, shown_svg
from pages.common.plain import plain
from pages.common.session import dialog, person, t


@dialog(shown("Scan with a phone"))
def phone_dialog(pile_id: int) -> None:
    """Show a code that lets one phone in as this person, for this pile."""
    here = lifespan.station()
    address = here.address() if here else ""
    if not address:
        st.info(
            t(
                "Phones cannot reach this desk yet: it listens on this computer only. "
                "Stop it and start it again with:"
            )
        )
        again = "make run HTTPS=1" if presence.here() else "refuz serve --https --host 0.0.0.0"
        st.markdown(f"`{again}`")  # `st.code` would load half a megabyte of colours
        st.caption(t("HTTPS is needed because browsers give the camera to secure pages only."))
        return
    words = {
        Scope.PILE: t("Scan into this pile"),
        Scope.SCAN: t("Scan into any pile"),
        Scope.OPERATE: t("Everything"),
    }
    offered = [one for one in words if devices.may_invite(one)]
    scope = st.radio(t("What the phone may do"), offered, format_func=words.__getitem__)
    link = f"{address}/pair/{devices.invite(person(), pile_id, scope=scope)}"
    st.image(shown_svg(qr_code(link, scale=6)), width="stretch", alt=t("Scan with a phone"))
    st.caption(
        plain(t("Good for one phone, for 5 minutes. It works as {name}.").format(name=person()))
    )
    if here and here.https:
        st.caption(
            t(
                "The phone will warn once that it does not know this computer's certificate. "
                "Choose “Advanced”, then “Continue”."
            )
        )
