"""History: who did what, every storno beside its invoice, and the proof that nobody changed it."""

import datetime as dt

import streamlit as st

from core.audit import trail as audit
from core.audit.actions import Action
from core.i18n.reasons import action_sentence
from core.rights import Right, may
from core.store import db
from pages.common.order_trail import check_the_record, order_trail, record, recorded
from pages.common.plain import pick_in_grid
from pages.common.session import beginning, downloads, t, tongue
from pages.common.tabs import tabs
from pages.history.finance import finance

PAGE = 100
FEW = 10  # lines; a list of more is as tall as any


def show() -> None:
    """The page."""
    st.subheader(t("History"))
    parts = {t("Record"): _trail, t("Finance"): finance, t("Proof"): _proof}
    if not may(Right.RECORD):
        parts = {t("Finance"): finance}
    tabs(parts, "history-tab")


def _trail() -> None:
    """The record, newest first, as the fields above it say; a click opens its order's trail."""
    number = st.session_state.get("history-page", 1)
    found = _found(number)
    if not found and number == 1:
        st.info(t("Nothing written yet that fits. Everything done here is written down."))
        return
    here, goes_on = found[:PAGE], len(found) > PAGE
    frame = record(here)
    st.caption(t("Tick a line to see everything that was done about its order."))
    full = "-full" if len(frame) > FEW else ""
    with st.container(key=f"history-list{full}"):
        clicked = pick_in_grid(
            frame, "single-row", key="history-trail",
            column_config={
                t("When"): st.column_config.TextColumn(width=130),
                t("Who"): st.column_config.TextColumn(width=100),
                t("What"): st.column_config.TextColumn(width=180),
                t("About"): st.column_config.TextColumn(width=170),
            },
        )  # fmt: skip
    st.pagination(number + goes_on, key="history-page")
    downloads(recorded(here), "refuz-record", "trail")
    _open(found, clicked.selection.rows)


def _found(number: int) -> list[audit.Entry]:
    """The fields of the search, and page `number` (from 1) of what fits them.

    One line more than a page where the list goes on.
    """
    asked = st.container(key="history-asked")  # whose room is kept while its fields come in
    left, who, first, last = asked.columns([2, 1, 1, 1])
    words = left.text_input(
        t("Search"), placeholder=t("order, person or action"), key="history-words"
    )
    since = first.date_input(t("Since"), None, format="DD.MM.YYYY", key="history-since")
    until = last.date_input(t("Until"), None, format="DD.MM.YYYY", key="history-until")
    with db.reading() as connection:
        names = audit.actors(connection)
        name = who.selectbox(t("Who"), names, None, placeholder=t("everybody"), key="history-who")
        return audit.search(
            connection,
            words,
            or_actions=_meant(words),
            since=beginning(since),
            before=beginning(until + dt.timedelta(days=1) if until else None),
            actor=name or "",
            limit=PAGE + 1,
            offset=(number - 1) * PAGE,
        )


def _meant(words: str) -> list[str]:
    """The actions that the reader may mean by these words, in the reader's language."""
    wanted = words.strip().casefold()
    sentences = {one: action_sentence(one, {"kind": ""}, tongue()).casefold() for one in Action}
    return [one for one, sentence in sentences.items() if wanted and wanted in sentence]


def _open(found: list[audit.Entry], rows: list[int]) -> None:
    """The trail of the clicked line's order, once a click."""
    seen = st.session_state.get("history-opened")
    st.session_state["history-opened"] = rows
    if not rows or rows == seen:
        return
    entry = found[rows[0]]
    if entry.order_id is None:
        st.toast(t("This line is about no order."))
        return
    order_trail(entry.order_id, entry.subject.removeprefix("order "))


def _proof() -> None:
    st.write(t("Each line of the record carries a seal made from the line before."))
    check_the_record("history-chain")


show()
