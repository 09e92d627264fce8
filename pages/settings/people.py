"""People: accounts, their one-time links and roles, and who is signed in where."""

import streamlit as st

from core import rights
from core.errors import UserError
from core.i18n.words import shown
from core.people import accounts, sessions
from core.people.accounts import Person
from core.server import lifespan
from pages.common.plain import plain
from pages.common.proof import proved
from pages.common.session import dialog, moment, note_done, t
from pages.common.ways import role_title
from pages.settings.other_sign_in import other_sign_in
from pages.settings.roles import role_titles, roles_part
from pages.settings.tokens import tokens_part

KINDS = {
    "browser": ":material/computer:",
    "phone": ":material/smartphone:",
    "api": ":material/key:",
}


def people_tab() -> None:
    """Who may sign in, with what rights, and from where they are signed in now."""
    if not proved("people"):
        return
    people = accounts.everybody()
    if not people:
        st.info(
            t(
                "Nobody has an account, so nobody signs in here. The first account is the "
                "owner's: print its link where Refuz was started, by"
            )
        )
        st.markdown("`refuz people owner`")  # `st.code` would load half a megabyte of colours
        return
    for one in people:
        _account(one)
    if st.button(t("Invite somebody"), icon=":material/person_add:"):
        _invite()
    roles_part()
    if rights.actor().rights >= rights.ALL_BUT_HOST:
        other_sign_in()
    tokens_part()
    st.markdown("#### " + t("Signed in now"))
    session_list([one for one in sessions.signed_in() if one.kind != "api"], "all")


def _account(one: Person) -> None:
    titles = role_titles()  # who may do more than oneself is not changed here
    states = [role_title(one.role)]
    states += [t("has not been here yet")] if not one.ready else []
    states += [t("ended")] if one.disabled else []
    states += [t("no second person yet")] if one.made_alone else []
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        st.markdown(
            f"**{plain(one.name)}** · {plain(one.login)}  \n{plain(', '.join(states))}",
            width="stretch",
        )
        if one.role in titles and st.button(
            t("Change"), key=f"person-{one.id}", icon=":material/manage_accounts:"
        ):
            _change(one)


@dialog(shown("Invite somebody"))
def _invite() -> None:
    titles = role_titles()
    with st.form("invite", border=False):
        name = st.text_input(t("Name"), max_chars=80)
        login = st.text_input(t("Name or e-mail address to sign in with"), max_chars=120)
        role = st.selectbox(
            t("Role"), list(titles), list(titles).index("operator"), format_func=titles.__getitem__
        )
        if not st.form_submit_button(t("Make a link"), type="primary"):
            return
    try:
        _, token = accounts.invite(login, name, role)
    except UserError as refused:
        st.error(plain(t(refused)))
        return
    _link(token)


def _link(token: str) -> None:
    station = lifespan.station()
    here = station.home_address() if station else ""
    st.success(t("Send this link to nobody else. It is good once, for three days."))
    st.code(f"{here}/welcome/{token}", language=None, wrap_lines=True)


@dialog(shown("Account"))
def _change(one: Person) -> None:
    st.markdown(f"**{plain(one.name)}** · {plain(one.login)}")
    titles = role_titles()
    names = list(titles)
    role = st.selectbox(
        t("Role"),
        names,
        names.index(one.role) if one.role in titles else None,
        format_func=titles.__getitem__,
    )
    with st.container(horizontal=True):
        save = st.button(t("Save"), type="primary", disabled=not role or role == one.role)
        link = st.button(t("New link"), icon=":material/link:", disabled=one.disabled)
        word = t("Let in again") if one.disabled else t("End this account")
        end = st.button(word, icon=":material/block:")
    try:
        if link:
            _link(accounts.new_link(one.id))
            return
        if save:
            accounts.change(one.id, role=role)
        if end:
            accounts.change(one.id, disabled=not one.disabled)
        if one.made_alone and st.button(
            t("I know this person"),
            icon=":material/how_to_reg:",
            help=t("One person made this account alone. Its yes counts once another knows it."),
        ):
            accounts.vouch_for(one.id)
            st.rerun()
    except UserError as refused:
        st.error(plain(t(refused)))
        return
    if save or end:
        saved = t("{name}: saved.").format(name=one.name)
        if save and not one.ready:
            saved += " " + t("Send a new link: one sent before may open nothing any more.")
        note_done(saved)
        st.rerun()


def _device(name: str) -> str:
    """A browser as its sign-in named it, in the reader's words; what people named stays."""
    browser, on, system = name.partition(" on ")
    return t("{browser} on {system}").format(browser=browser, system=system) if on else name


def session_list(open_ones: list[sessions.Session], mark: str) -> None:
    """Sessions with device, address, last seen, and a button that ends each."""
    mine = rights.actor().session_id
    for one in open_ones:
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            seen = t("last seen {when}").format(when=moment(one.seen_at or one.created_at))
            here = " · " + plain(t("this one")) if one.id == mine else ""
            scope = {
                "pile": t("Scan into this pile"),
                "scan": t("Scan into any pile"),
                "operate": "",
            }[one.scope]
            st.markdown(
                f"{KINDS[one.kind]} **{plain(_device(one.name))}** · {plain(one.person)}{here}  \n"
                + plain(" · ".join(filter(None, (seen, one.address, scope)))),
                width="stretch",
            )
            if st.button(t("Sign out"), key=f"session-{mark}-{one.id}"):
                sessions.sign_out(one.id)
                note_done(t("Signed out."))
                st.rerun()
