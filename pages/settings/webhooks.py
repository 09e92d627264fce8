"""A shop that tells of its changes by itself: the address it sends them to."""

from urllib.parse import urlsplit

import streamlit as st

from core.orders.shop import webhooks
from core.server import reach
from core.services import registry
from core.services.outcome import Confirmed
from core.settings.connections import Connection
from pages.common.plain import plain
from pages.common.session import guarded, t

PATH = "/webhooks/"  # of the shop's service


@st.fragment
@guarded
def webhooks_form(shop: Connection) -> None:
    """Subscribe this desk's public address; without it the shop is asked every half minute."""
    with st.form(f"webhooks-{shop.id}", border=False):
        address = st.text_input(
            t("Address that the shop can reach"),
            _own_address(shop.service),
            help=t(
                "Where this desk is seen from the internet, ending in {path}. Without it changes "
                "are still found, up to half a minute later."
            ).format(path=plain(f"{PATH}{shop.service}")),
            key=f"webhook-address-{shop.id}",
        )
        wanted = st.form_submit_button(
            t("Have changes sent here"), icon=":material/webhook:", key=f"subscribe-{shop.id}"
        )
    if not wanted:
        return
    try:
        outcome = webhooks.subscribe(shop, address)
    except (registry.UnknownService, registry.WrongSetting) as error:
        st.error(plain(t(error)))
        return
    match outcome:
        case Confirmed(0):
            st.success(t("The shop sends its changes to this address already."))
        case Confirmed(count):
            st.success(
                plain(t("The shop now sends {count} kinds of changes here.").format(count=count))
            )
        case _:
            st.error(plain(t(outcome.why)))


def _own_address(service: str) -> str:
    """The public address, else the one this page was opened by, where the shop could reach it."""
    parts = urlsplit(reach.from_environment().url or str(st.context.url or ""))
    here = f"https://{parts.netloc}{reach.base()}"
    return f"{here}{PATH}{service}" if parts.scheme == "https" else ""
