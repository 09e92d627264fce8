"""One's own account: the password, and where one is signed in."""

import streamlit as st

from core import rights
from core.errors import UserError
from core.people import sessions, sign_in
from pages.common.plain import plain
from pages.common.session import said, t
from pages.settings.people import session_list


def account_tab() -> None:
    """Change the password; end sessions."""
    st.markdown(f"##### {plain(rights.actor().name)}")
    session_list(sessions.own(), "own")
    with st.form("password", border=True, width=420, clear_on_submit=True):
        st.markdown("**" + t("Another password") + "**")
        old = st.text_input(t("Password now"), type="password", autocomplete="current-password")
        new = st.text_input(t("New password"), type="password", autocomplete="new-password")
        if not st.form_submit_button(t("Save")):
            return
    try:
        sign_in.change_password(old, new)
    except UserError as refused:
        st.error(plain(t(refused)))
        return
    said(t("The password is changed; everywhere else you are signed out."))
    st.rerun()
