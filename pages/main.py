"""The navigation and the sidebar: who is working, on which pile, and what needs attention."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

import streamlit as st  # noqa: E402 (the path comes first)

from core.orders import piles  # noqa: E402
from core.reversal import follow_up  # noqa: E402
from core.reversal.worker import worker_alive  # noqa: E402
from core.services import rate  # noqa: E402
from core.store import db  # noqa: E402
from pages import _shared as shared  # noqa: E402
from pages._shared import t  # noqa: E402


def show() -> None:
    """Draw the sidebar and the page that is chosen."""
    st.set_page_config("Storno", page_icon=":material/undo:", layout="wide")
    st.html(ROOT / "pages" / "components" / "print.css")
    shared.prepare()
    page = st.navigation(_pages())
    with shared.guard():
        _sidebar()
    shared.tell()
    with shared.guard():
        page.run()


def _pages() -> list["st.Page"]:
    here = ROOT / "pages"
    listed = [
        ("scan.py", t("Scan"), ":material/barcode_scanner:"),
        ("review.py", t("Review"), ":material/fact_check:"),
        ("follow_up.py", t("Follow-up"), ":material/support_agent:"),
        ("analytics.py", t("Analytics"), ":material/bar_chart:"),
        ("history.py", t("History"), ":material/history:"),
        ("settings.py", t("Settings"), ":material/settings:"),
    ]
    return [
        st.Page(
            here / file,
            title=title,
            icon=icon,
            url_path=file.removesuffix(".py").replace("_", "-"),
            default=file == "scan.py",
        )
        for file, title, icon in listed
    ]


def _sidebar() -> None:
    shared.remember_person()
    with st.sidebar:
        st.text_input(t("Who is working"), key="person", placeholder=t("Your name"))
        _pile_choice()
        _notices()


def _pile_choice() -> None:
    now = shared.current_pile()
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
                service=name, time=shared.moment(until), why=t(why)
            ),
            icon=":material/pause_circle:",
        )
    alarms = follow_up.open_alarms()
    if alarms:
        st.error(
            t("{count} alarms: see Follow-up.").format(count=len(alarms)), icon=":material/alarm:"
        )


show()
