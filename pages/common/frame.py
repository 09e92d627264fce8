"""What every page has: the way to the others, who works on which pile, and what needs attention."""

from pathlib import Path
from typing import Any

import streamlit as st

from core import rights
from core.audit import approvals
from core.i18n import scripts
from core.orders.piles import piles
from core.people import presence, sessions
from core.reversal.runs import follow_up
from core.reversal.worker.heartbeat import worker_hangs
from core.reversal.worker.slots import worker_alive
from core.rights import Right, Way
from core.server import reach
from core.services.limits import rate
from core.store import db
from pages.common import session
from pages.common.pictures import shown_png
from pages.common.plain import plain
from pages.common.session import t
from pages.common.strip import strip
from pages.common.ways import may_open

ROOT = Path(__file__).resolve().parents[2]
ASSETS = ROOT / "pages" / "components"


def show() -> None:
    """Draw the frame and the page that is chosen."""
    st.set_page_config(
        "Refuz",
        page_icon=shown_png((ASSETS / "icon.png").read_bytes()),
        layout="wide",
        initial_sidebar_state="collapsed",
    )
    session.prepare()
    pages = _pages()
    home = _home(pages)
    page = st.navigation([*pages, home] if home else pages, position="hidden")
    if home and page == home:
        st.switch_page(pages[0], query_params=dict(st.query_params))
    if st.session_state.get("_page") != page.url_path:
        st.session_state.update(_page=page.url_path, _entered=True)
    with session.guard():
        _bar(pages, page)
        _notices(page.url_path)
        strip(page.url_path, _script)
    session.show_done()
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
    allowed = [one for one in listed if may_open(one[0])]
    if rights.actor().person_id is not None and listed[-1] not in allowed:
        allowed.append(listed[-1])  # one's own account
    listed = allowed or listed  # to nobody each page says why it shows nothing
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


def _home(pages: list["st.Page"]) -> "st.Page | None":
    """What lies at the root for whoever may not scan: the way to their first page, which has a
    name there, so that a link to it finds it. Streamlit's default page answers to none."""
    if pages[0].url_path == "":
        return None
    return st.Page(_nothing, title="Refuz", url_path="home", default=True)


def _nothing() -> None:
    """It is left before it is drawn."""


def _bar(pages: list["st.Page"], now: "st.Page") -> None:
    """Over each page on a desk and a tablet; on a phone the links lie within the thumb's reach."""
    session.remember_person()
    plays = presence.here()
    if plays is not None:
        with st.container(key="sandbox"):
            st.caption(plain(t(plays)))
    with st.container(key="bar", horizontal=True, vertical_alignment="center", gap="small"):
        with st.container(key="nav", horizontal=True, gap="xsmall"):
            for page in pages:
                here = "here" if page.url_path == now.url_path else "there"
                with st.container(key=f"nav-{here}-{page.title}", width="content"):
                    st.page_link(page, query_params=_kept())
        piled = rights.may(Right.SCAN, Right.PILE)
        pile = session.current_pile() if piled else None
        name = (pile.name if pile else t("No pile")) if piled else "Refuz"
        label = f"{name} · {session.person()}"
        with (
            st.container(key="who", width="content"),
            st.popover(plain(label), icon=":material/inventory_2:"),
        ):
            if piled:
                _pile_choice(pile)
            _who()


def _who() -> None:
    """Who works here: an account, which can sign out, or a name that anybody types."""
    who = rights.actor()
    if who.person_id is not None:
        st.markdown(f"**{plain(who.name)}**")
        if st.button(t("Sign out"), icon=":material/logout:", key="sign-out"):
            sessions.sign_out(who.session_id or 0)
        return
    # In a folded popover the browser holds no field: what it shows when it opens is this value.
    st.text_input(
        t("Who is working"), str(st.session_state.get("person") or ""), key="person-field",
        placeholder=t("Your name"), on_change=session.name_person, args=("person-field",),
    )  # fmt: skip
    if who.way in (Way.LOCAL, Way.HOST):
        st.caption(t("No sign-in: whoever opens this page here may do everything."))


def _kept() -> dict[str, str]:
    """What of the address goes along to another page."""
    return {name: st.query_params[name] for name in ("pile", "by") if name in st.query_params}


def _script(pulse: str | None) -> None:
    """What every page listens with. `pulse`: of the runs its strip tells of, None for no strip."""
    texts: dict[str, Any] = {
        name: (ASSETS / file).read_text("utf-8") for name, file in SCRIPT.items()
    }
    words = scripts.script_words(scripts.DESK, session.tongue())
    signed_in = rights.actor().person_id is not None
    data = {
        "module": f"{reach.base()}/station/desk.js",
        "words": words,
        "said": scripts.streamlits_words(session.tongue()),
        "language": session.tongue(),
        "preferred": session.preferred(),
        "signed_in": signed_in,
        "pulse": pulse,
    }
    with st.container(key="desk-script"):
        st.components.v2.component("refuz_desk", **texts)(
            key="desk", data=data, on_pulse_change=_heard
        )


def _heard() -> None:
    """A run began or ended: the part that holds the script is drawn anew, which is all."""


SCRIPT = {"css": "away.css", "js": "boot.js", "html": "desk.html"}


def _pile_choice(now: piles.Pile | None) -> None:
    by_id = {one.id: one for one in piles.open_piles()}
    if now is None:
        st.caption(t("No pile yet: begin one on the Scan page."))
        return
    by_id.setdefault(now.id, now)
    ids = list(by_id)
    wanted = st.selectbox(
        t("Pile"), ids, ids.index(now.id), format_func=lambda one: by_id[one].name
    )
    if wanted != now.id:
        st.query_params["pile"] = str(wanted)
        st.rerun()


def _notices(page: str) -> None:
    st.session_state["_worker"] = worker_alive()  # as the page tells it now
    if not st.session_state["_worker"]:
        st.warning(
            t("The worker is not running: runs wait until it is back. If this stays for a minute, "
              "whoever looks after Refuz should start it again."),
            icon=":material/warning:",
        )  # fmt: skip
    elif worker_hangs():
        st.warning(
            t("The worker does not answer, so runs wait. Whoever looks after Refuz should start "
              "it again."),
            icon=":material/warning:",
        )  # fmt: skip
    with db.reading() as connection:
        blocked = rate.blocked_services(connection)
    for name, until, why in blocked:
        st.info(
            plain(
                t("{service} is paused until {time}: {why}").format(
                    service=name, time=session.moment(until), why=t(why)
                )
            ),
            icon=":material/pause_circle:",
        )
    asked = [one for one in approvals.waiting() if not one.mine or one.given_name]
    if asked and page != "follow_up":  # the questions themselves stand there
        text = t("Waiting for a second person's yes: {count}. See Follow-up.")
        if not may_open("follow_up"):
            text = t("Waiting for a second person's yes: {count}. See Settings, My account.")
        st.info(text.format(count=len(asked)), icon=":material/group:")
    if page != "follow_up" and rights.may(Right.FOLLOW_UP):
        _alarms(follow_up.open_alarms())


def _alarms(alarms: list[follow_up.Alarm]) -> None:
    """One says itself what is wrong; several are counted, each with its card on Follow-up."""
    if not alarms:
        return
    text = t("{count} alarms: see Follow-up.").format(count=len(alarms))
    if len(alarms) == 1:
        text = " ".join((t(alarms[0].reason), t("See Follow-up.")))
    st.error(plain(text), icon=":material/alarm:")
