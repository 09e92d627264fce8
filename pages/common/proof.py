"""Step-up: what asks for it shows a password field first, once in ten minutes."""

import streamlit as st

from core import rights
from core.errors import UserError
from core.people import sign_in
from pages.common.plain import plain
from pages.common.session import t


def proved(key: str) -> bool:
    """Whether whoever is here showed a password of late; else the field that asks for it."""
    if rights.actor().proved:
        return True
    with st.form(f"proof-{key}", border=True, width=420):
        st.markdown("**" + t("Is it you?") + "**")
        st.caption(t("What you are about to do asks for your password once more."))
        password = st.text_input(
            t("Password"), type="password", key=f"proof-{key}-word", autocomplete="current-password"
        )
        if not st.form_submit_button(t("Confirm"), type="primary"):
            return False
    try:
        sign_in.prove(password)
    except UserError as refused:
        st.error(plain(t(refused)))
        return False
    del st.session_state[f"proof-{key}-word"]
    st.rerun()
    return False
