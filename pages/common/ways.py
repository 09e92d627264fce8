"""What a role is called, and the ways to other pages: shown to whoever may open them."""

from typing import Any

import streamlit as st

from core import rights
from core.i18n.words import shown
from core.rights import Right
from pages.common.plain import plain
from pages.common.session import t

# One of these rights shows the page; what it does asks for its own.
NEEDED = {
    "scan": (Right.SCAN,),
    "review": (Right.PILE,),
    "follow_up": (Right.FOLLOW_UP,),
    "analytics": (Right.FIGURES,),
    "history": (Right.RECORD, Right.MONEY),
    "settings": (Right.PREFER, Right.CONNECT, Right.IMPORT, Right.PEOPLE, Right.ERASE),
}

TITLES = {
    "scanner": shown("Scanner"),
    "operator": shown("Operator"),
    "reviewer": shown("Reviewer"),
    "analyst": shown("Analyst"),
    "finance": shown("Finance"),
    "admin": shown("Administrator"),
    "owner": shown("Owner"),
}


def role_title(name: str) -> str:
    """The role as the reader calls it; one of the shop's own by its name."""
    return t(TITLES[name]) if name in TITLES else name


def may_open(room: str) -> bool:
    """Whether whoever acts has the page in their navigation."""
    return rights.may(*NEEDED[room])


def way_to(
    room: str, label: str, *, where: Any = st, icon: str | None = None, **query: object
) -> None:
    """A link to another page, with this in its address; nothing where it may not be opened."""
    if may_open(room):
        kept = {name: str(value) for name, value in query.items() if value is not None}
        page = f"{room}/page.py"
        where.page_link(page, label=plain(label), icon=icon, query_params=kept)
