"""Roles: those that come with Refuz, and the shop's own, made of rights."""

import streamlit as st

from core import rights
from core.errors import UserError
from core.i18n.words import shown
from core.people import roles
from core.rights import ROLES, Right
from core.store import db
from pages.common.plain import plain
from pages.common.session import dialog, note_done, t
from pages.common.ways import role_title

RIGHTS = {
    Right.SCAN: shown("scan parcels"),
    Right.PILE: shown("arrange and check piles"),
    Right.NAMES: shown("see customers' names"),
    Right.RUN: shown("cancel orders and reverse invoices"),
    Right.FOLLOW_UP: shown("answer Follow-up"),
    Right.IMPORT: shown("import tables"),
    Right.FIGURES: shown("see Analytics"),
    Right.MONEY: shown("see stornos and sums"),
    Right.RECORD: shown("see History"),
    Right.EXPORT: shown("export files with names"),
    Right.PREFER: shown("change preferences"),
    Right.CONNECT: shown("change connections"),
    Right.PEOPLE: shown("look after people"),
    Right.ERASE: shown("forget customers"),
}


def role_titles() -> dict[str, str]:
    """The roles that the one who acts may give, by name, as the reader calls them."""
    with db.reading() as connection:
        held = roles.all_roles(connection)
    mine = rights.actor().rights
    return {name: role_title(name) for name, wanted in held.items() if wanted <= mine}


def roles_part() -> None:
    """Each role with what it may do; the shop's own can be changed."""
    st.markdown("#### " + t("Roles"))
    with db.reading() as connection:
        held = roles.all_roles(connection)
    for name, may in held.items():
        with st.container(horizontal=True, vertical_alignment="center"):
            names = ", ".join(t(RIGHTS[one]) for one in RIGHTS if one in may)
            if set(RIGHTS) <= may:
                names = t("everything")
            st.markdown(f"**{plain(role_title(name))}**: {plain(names)}", width="stretch")
            own = name not in ROLES and may <= rights.actor().rights
            if own and st.button(t("Change"), key=f"role-{name}"):
                _role(name, may)
    if st.button(t("A role of your own"), icon=":material/add:"):
        _role("", frozenset())


@dialog(shown("Role"))
def _role(name: str, may: frozenset[Right]) -> None:
    mine = rights.actor().rights
    given = name or st.text_input(t("Name"), max_chars=40)
    wanted = {
        one: st.checkbox(
            plain(t(title)), one in may, key=f"right-{name}-{one}", disabled=one not in mine
        )
        for one, title in RIGHTS.items()
    }
    with st.container(horizontal=True):
        save = st.button(t("Save"), type="primary")
        remove = bool(name) and st.button(t("Remove"), icon=":material/delete:")
    try:
        if save:
            roles.save_role(given, {one for one, held in wanted.items() if held})
        if remove:
            roles.remove_role(name)
    except UserError as refused:
        st.error(plain(t(refused)))
        return
    if save or remove:
        note_done(t("{name}: saved.").format(name=given))
        st.rerun()
