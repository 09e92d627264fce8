"""Step-up: what asks for it shows a password field first, once in ten minutes."""

from html import escape

import streamlit as st

from core import rights
from core.errors import UserError
from core.people import sign_in
from core.server import reach
from pages.common.plain import plain
from pages.common.session import t


def proved(key: str) -> bool:
    """Whether whoever is here showed who they are of late; else the ways to do it."""
    if rights.actor().proved:
        return True
    ways = sign_in.ways()
    with st.container(border=True, width=420, key=f"proof-{key}-box"):
        st.markdown("**" + t("Is it you?") + "**")
        st.caption(t("What you are about to do asks you to show once more who you are."))
        if ways.passkey or ways.service:
            link_here(t("Use a passkey") if ways.passkey else t("Sign in once more"))
        if ways.password:
            _password(key)
    return False


def link_here(label: str, path: str = "/confirm?next=/settings") -> None:
    """A link to a page of ours outside Streamlit, in this very tab."""
    there = escape(reach.base() + path)
    st.html(f'<a class="refuz-link" href="{there}" target="_self">{escape(label)}</a>')


def _password(key: str) -> None:
    with st.form(f"proof-{key}", border=False):
        password = st.text_input(
            t("Password"), type="password", key=f"proof-{key}-word", autocomplete="current-password"
        )
        if not st.form_submit_button(t("Confirm"), type="primary"):
            return
    try:
        sign_in.prove(password)
    except UserError as refused:
        st.error(plain(t(refused)))
        return
    del st.session_state[f"proof-{key}-word"]
    st.rerun()


def names_in_files(path: str) -> None:
    """Say, where it is so, that files leave without customers' names, and the way to have them."""
    if not rights.may(rights.Right.EXPORT):
        st.caption(t("Files are without customers' names: that needs the right to export them."))
    elif not rights.actor().proved:
        st.caption(t("Files are without customers' names until you show once more who you are."))
        link_here(t("Is it you?"), f"/confirm?next={path}")
