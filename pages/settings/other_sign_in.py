"""Another service that signs people in (OpenID Connect): set up, changed, asked, taken away."""

import streamlit as st

from core.errors import UserError
from core.people.ways import service
from core.server import lifespan
from core.store import db
from pages.common.plain import plain
from pages.common.session import note_done, t

BACK = "/sign-in/openid/back"


def other_sign_in() -> None:
    """One form, in an expander; the secret that is kept is never shown."""
    now = service.for_show()
    st.markdown("#### " + t("Signing in by another service"))
    title = now.settings.get("name") or now.settings.get("issuer") or t("not set up")
    with st.expander(plain(title), icon=":material/passkey:"):
        st.caption(
            t(
                "Google, Microsoft, Keycloak and others that speak OpenID Connect. Only who was "
                "invited here comes in, the first time by a verified e-mail address."
            )
        )
        station = lifespan.station()
        here = station.home_address() if station else ""
        st.caption(t("Enter this address at the service, as the one to come back to:"))
        st.code(here + BACK, language=None, wrap_lines=True)
        if now.by_environment:
            st.info(t("It is set on the host (REFUZ_OPENID_ISSUER); change it there."))
        else:
            _form(now)
        if now.settings.get("issuer") and st.button(
            t("Ask the service"), icon=":material/network_check:", key="other-ask"
        ):
            _ask()


def _form(now: service.Shown) -> None:
    saved = now.settings
    with st.form("other-sign-in", border=False):
        left, right = st.columns(2)
        given = {
            "issuer": left.text_input(
                t("Address of the service"), saved.get("issuer", ""),
                placeholder="https://accounts.google.com",
                help=t("Empty: nobody signs in by another service."), key="other-issuer",
            ),
            "client": right.text_input(t("Client id"), saved.get("client", ""), key="other-client"),
        }  # fmt: skip
        secret = left.text_input(
            t("Client secret"),
            type="password",
            placeholder=t("saved") if now.has_secret else "",
            autocomplete="off",
            key="other-secret",
        )
        given["name"] = right.text_input(
            t("Name on the sign-in page"), saved.get("name", ""), key="other-name"
        )
        given["roles"] = st.text_input(
            t("Roles by a claim"),
            saved.get("roles", ""),
            placeholder="groups: desk-admins=admin, warehouse=operator",
            help=t("The first that fits counts, and without one nobody comes in. Empty: the role "
                   "that the account has here."),
            key="other-roles",
        )  # fmt: skip
        trusted = st.toggle(
            t("Its e-mail addresses are taken though it does not say that they are verified"),
            saved.get("trust_email") == "true",
            help=t("Only for Microsoft with one tenant of your own."),
            key="other-trust",
        )
        if not st.form_submit_button(t("Save"), type="primary", key="other-save"):
            return
    given["trust_email"] = "true" if trusted else ""
    try:
        with db.writing() as connection:
            service.save(connection, given, secret)
    except UserError as refused:
        st.error(plain(t(refused)))
        return
    for key in [one for one in st.session_state if str(one).startswith("other-")]:
        del st.session_state[key]  # a secret stays in no page
    note_done(t("Saved."))
    st.rerun()


def _ask() -> None:
    try:
        name = service.ask()
    except UserError as refused:
        st.error(plain(t(refused)))
        return
    st.success(plain(t("{name} answers as it must.").format(name=name)))
