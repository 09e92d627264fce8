"""One line on every page while a run goes: how far it is, and the way to it.

A page left open hears of a run that begins or ends (`desk.js` asks) and draws this line alone.
"""

from collections.abc import Callable

import streamlit as st

from core.i18n.words import shown
from core.reversal.runs import runs
from core.rights import Right, may
from core.server.routes.station import lately
from core.store.states import UNDER_WAY, RunState
from pages.common.plain import plain
from pages.common.session import counted, guarded, t
from pages.common.ways import way_to

BEAT_SECONDS = 2.0
SEEN = "strip-newest"  # the newest run when the page was drawn

Listen = Callable[[str | None], None]


def strip(page: str, listen: Listen) -> None:
    """The newest run under way; nothing where none is, and on Review, which shows it whole.

    `listen` places what every page listens with; it is given the pulse of the runs shown, None
    where no run is told of.
    """
    if page == "review" or not may(Right.PILE):
        listen(None)
        return
    # One order is what a card of Scan asks for, and tells of: no line moves it meanwhile.
    least = 2 if page in ("", "scan") else 1
    newest = lately().newest
    st.session_state[SEEN] = newest.id if newest else 0
    _strip(listen, least)


@st.fragment(key="strip-of-run")
@guarded
def _strip(listen: Listen, least: int) -> None:
    now = lately()
    if now.going is not None and now.going.total >= least:
        st.session_state[SEEN] = now.going.id - 1  # its end is told as well
        st.fragment(_line, run_every=BEAT_SECONDS)(now.going.id, now.going.pile_id)
    elif now.newest is not None and _to_tell(now.newest, least):
        _line(now.newest.id, now.newest.pile_id)
    listen(now.pulse)


def _to_tell(newest: runs.Run, least: int) -> bool:
    """Whether it began, and ended, while this page was open."""
    ended = newest.state not in UNDER_WAY
    return ended and newest.id > st.session_state[SEEN] and newest.total >= least


def share_of(now: runs.Progress) -> float:
    """How far the run is, 0 to 1."""
    return min(1.0, now.finished / now.total) if now.total else 1.0


def how_far(now: runs.Progress) -> str:
    """The run's number, how many of its orders ended, and whether it is paused."""
    text = t("Run {number}: {finished} of {total}").format(
        number=now.run.id, finished=now.finished, total=now.total
    )
    return f"{text} · " + t("paused") if now.run.state == RunState.PAUSED else text


@guarded
def _line(run_id: int, pile_id: int | None) -> None:
    now = runs.progress(run_id)
    ended = now.run.state not in UNDER_WAY
    text = how_far(now)
    if now.needs_person:
        needs = shown("1 needs a person"), shown("{count} need a person")
        text += " · " + counted(now.needs_person, *needs)
    with st.container(key="strip", horizontal=True, vertical_alignment="center"):
        st.progress(share_of(now), text=plain(text))
        way_to("review", t("See the result") if ended else t("See the run"), pile=pile_id)
