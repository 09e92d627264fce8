"""One line on every page while a run goes: how far it is, and the way to it."""

import streamlit as st

from core.reversal.runs import runs
from core.rights import Right, may
from core.store.states import RunState
from pages.common.plain import plain
from pages.common.session import guarded, t
from pages.common.ways import way_to

BEAT_SECONDS = 2.0
LATELY = 5  # newest runs that are looked at
UNDER_WAY = (RunState.RUNNING, RunState.PAUSED)


def strip(page: str) -> None:
    """The newest run under way; nothing where none is, and on Review, which shows it whole."""
    if page == "review" or not may(Right.PILE):
        return
    going = next((one for one in runs.newest(LATELY) if one.state in UNDER_WAY), None)
    if going is not None:
        st.fragment(_line, run_every=BEAT_SECONDS)(going.id, going.pile_id)


def share_of(now: runs.Progress) -> float:
    """How far the run is, 0 to 1."""
    return min(1.0, now.finished / now.total) if now.total else 1.0


def how_far(now: runs.Progress) -> str:
    """The run's number, how many of its orders ended, and whether it is paused."""
    told = t("Run {number}: {finished} of {total}").format(
        number=now.run.id, finished=now.finished, total=now.total
    )
    return f"{told} · " + t("paused") if now.run.state == RunState.PAUSED else told


@guarded
def _line(run_id: int, pile_id: int | None) -> None:
    now = runs.progress(run_id)
    ended = now.run.state not in UNDER_WAY
    told = how_far(now)
    if now.needs_person:
        told += " · " + t("{count} need a person").format(count=now.needs_person)
    with st.container(key="strip", horizontal=True, vertical_alignment="center"):
        st.progress(share_of(now), text=plain(told))
        way_to("review", t("See the result") if ended else t("See the run"), pile=pile_id)
