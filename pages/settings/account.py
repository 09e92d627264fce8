"""One's own account: passkeys, the password, and where one is signed in."""

import streamlit as st

from core import rights
from core.errors import UserError
from core.people import sessions, sign_in
from core.people.ways import badges, passkeys
from pages.common.plain import plain
from pages.common.proof import link_here
from pages.common.session import moment, note_done, t
from pages.common.ways import may_open
from pages.follow_up.second import second_person
from pages.settings.people import session_list


def account_tab() -> None:
    """Change the password; end sessions."""
    if not may_open("follow_up"):  # where these questions stand for everybody else
        second_person()
    st.markdown(f"#### {plain(rights.actor().name)}")
    session_list(sessions.own(), "own")
    if rights.actor().person_id is not None:
        _passkeys()
    if sign_in.ways().password:
        _password()


def _passkeys() -> None:
    """One's passkeys, and the page that makes another."""
    st.markdown("**" + t("Passkeys") + "**")
    own = passkeys.own()
    if not own:
        st.caption(t("With a passkey your phone or computer signs you in by finger, face or PIN."))
    for one in own:
        with st.container(border=True, horizontal=True, vertical_alignment="center", width=420):
            used = t("used {when}").format(when=moment(one.used_at)) if one.used_at else ""
            times = " · ".join(filter(None, (moment(one.created_at), used)))
            st.markdown(f"**{plain(one.name)}**  \n{plain(times)}", width="stretch")
            if st.button(t("Take away"), key=f"passkey-{one.id}"):
                _remove(one.id)
    link_here(t("Make a passkey"), "/passkey")
    st.markdown("**" + t("Badge") + "**")
    link_here(t("Print a new badge"), "/badge")
    if badges.have() and st.button(t("My badge is lost"), icon=":material/block:"):
        badges.end()
        note_done(t("The badge opens nothing any more."))
        st.rerun()


def _remove(passkey_id: int) -> None:
    try:
        passkeys.remove(passkey_id)
    except UserError as refused:
        st.error(plain(t(refused)))
        if isinstance(refused, rights.NotProved):
            link_here(t("Is it you?"))
        return
    note_done(t("The passkey is taken away."))
    st.rerun()


def _password() -> None:
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
    note_done(t("The password is changed; everywhere else you are signed out."))
    st.rerun()
