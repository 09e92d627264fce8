"""Tokens for programs: made, shown once, ended."""

import streamlit as st

from core import rights
from core.errors import UserError
from core.i18n.words import shown
from core.people import sessions, tokens
from pages.common.plain import plain
from pages.common.session import dialog, last_used, moment, note_done, t
from pages.settings.roles import RIGHTS


def tokens_part() -> None:
    """Each token with its rights, its end and its last use."""
    st.markdown("#### " + t("Tokens for programs"))
    st.caption(t("What /api/v1 takes. Each has rights of its own, an end, and is shown once."))
    for one in tokens.listed():
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            may = ", ".join(t(RIGHTS[right]) for right in RIGHTS if right in one.rights)
            parts = [
                may,
                t("until {when}").format(when=moment(one.ends_at)),
                last_used(one.used_at),
            ]
            st.markdown(
                f"**{plain(one.name)}** · {plain(one.person)}  \n{plain(' · '.join(parts))}",
                width="stretch",
            )
            if st.button(t("End it"), key=f"token-{one.id}"):
                sessions.sign_out(one.id)
                note_done(t("The token opens nothing any more."))
                st.rerun()
    if st.button(t("New token"), icon=":material/key:"):
        _new()


@dialog(shown("New token"))
def _new() -> None:
    mine = rights.actor().rights
    with st.form("token", border=False):
        name = st.text_input(t("Which program uses it"), max_chars=80)
        days = st.number_input(t("Days until its end"), 1, tokens.LONGEST_DAYS, 90)
        wanted = {
            right: st.checkbox(plain(t(RIGHTS[right])), key=f"token-{right}")
            for right in RIGHTS
            if right in tokens.GIVEN & mine
        }
        if not st.form_submit_button(t("Make"), type="primary"):
            return
    try:
        secret = tokens.make(name, {right for right, on in wanted.items() if on}, int(days))
    except UserError as refused:
        st.error(plain(t(refused)))
        return
    st.success(t("Copy it now: it is not shown again."))
    st.code(secret, language=None, wrap_lines=True)
