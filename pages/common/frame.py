"""The navigation and the sidebar: who is working, on which pile, and what needs attention."""

from pathlib import Path

import streamlit as st

from core.orders.piles import piles
from core.reversal.runs import follow_up
from core.reversal.worker.worker import worker_alive
from core.services.limits import rate
from core.store import db
from pages.common import session
from pages.common.session import t

ROOT = Path(__file__).resolve().parents[2]


def show() -> None:
    """Draw the sidebar and the page that is chosen."""
    st.set_page_config(
        "Refuz", page_icon=str(ROOT / "pages" / "components" / "icon.png"), layout="wide"
    )
    for sheet in ("desk.css", "print.css"):
        st.html(ROOT / "pages" / "components" / sheet)
    session.prepare()
    page = st.navigation(_pages())
    with session.guard():
        _sidebar()
    session.tell()
    with session.guard():
        page.run()


def _pages() -> list["st.Page"]:
    here = ROOT / "pages"
    listed = [
        ("scan", t("Scan"), ":material/barcode_scanner:"),
        ("review", t("Review"), ":material/fact_check:"),
        ("follow_up", t("Follow-up"), ":material/support_agent:"),
        ("analytics", t("Analytics"), ":material/bar_chart:"),
        ("history", t("History"), ":material/history:"),
        ("settings", t("Settings"), ":material/settings:"),
    ]
    return [
        st.Page(
            here / room / "page.py",
            title=title,
            icon=icon,
            url_path=room,
            default=room == "scan",
        )
        for room, title, icon in listed
    ]


def _sidebar() -> None:
    session.remember_person()
    with st.sidebar:
        st.text_input(t("Who is working"), key="person", placeholder=t("Your name"))
        _pile_choice()
        _notices()


def _pile_choice() -> None:
    now = session.current_pile()
    known = {one.id: one for one in piles.open_piles()}
    if now is None:
        st.caption(t("No pile yet: begin one on the Scan page."))
        return
    known.setdefault(now.id, now)
    ids = list(known)
    wanted = st.selectbox(
        t("Pile"), ids, ids.index(now.id), format_func=lambda one: known[one].name
    )
    if wanted != now.id:
        st.query_params["pile"] = str(wanted)
        st.rerun()


def _notices() -> None:
    if not worker_alive():
        st.warning(
            t("The worker is not running: runs wait until it is back."), icon=":material/warning:"
        )
    with db.reading() as connection:
        blocked = rate.blocked_services(connection)
    for name, until, why in blocked:
        st.info(
            t("{service} is paused until {time}: {why}").format(
                service=name, time=session.moment(until), why=t(why)
            ),
            icon=":material/pause_circle:",
        )
    alarms = follow_up.open_alarms()
    if alarms:
        st.error(
            t("{count} alarms: see Follow-up.").format(count=len(alarms)), icon=":material/alarm:"
        )
