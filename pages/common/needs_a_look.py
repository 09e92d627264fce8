"""The card of a box that no code led to an order: its label beside the orders that may be its own.

Keys 1, 2, 3 take an order, N none of them. Any page may place it: `needs_a_look(pile_id)`.
"""

from typing import Any

import streamlit as st

from core.errors import UserError
from core.finding import boxes
from core.reasons import Reason
from pages.common.pictures import qr_code, shown_jpeg, shown_svg
from pages.common.plain import plain
from pages.common.session import guarded, note_done, percent, t


def box_has_keys(pile_id: int | None) -> bool:
    """Whether 1, 2, 3 and N answer the box that is shown: one without candidates needs none."""
    waiting = boxes.to_look_at(pile_id).boxes
    return bool(waiting and waiting[0].candidates)


@st.fragment
@guarded
def needs_a_look(pile_id: int | None, *, keyed: bool = True) -> None:
    """The next box of a pile that needs a person, of all piles for None; nothing where none does.

    `keyed`: whether 1, 2, 3 and N answer; not where they answer something else on the page.
    """
    asked = boxes.to_look_at(pile_id)
    if not asked.boxes:
        return
    box = asked.boxes[0]
    with st.container(border=True, key="needs-a-look"):
        # With the labels whose codes ask, as the tab and the heading count them.
        caption = f"{plain(boxes.number_of(box.id))} · {plain(t(box.why))}"
        st.caption(t("{count} left").format(count=plain(asked.count)) + f" · {caption}")
        left, right = st.columns([1, 1], gap="medium")
        with left:
            _label(box)
        with right:
            for at, one in enumerate((box.candidates or [])[:3], start=1):
                _candidate(box.id, at, one, keyed=keyed)
            _others(box, keyed=keyed)


def _label(box: Any) -> None:
    marks = [mark for one in (box.candidates or [])[:1] for mark in one["marks"]]
    try:
        picture = shown_jpeg(boxes.picture(box, marks))
        st.image(picture, width="stretch", alt=plain(boxes.number_of(box.id)))
    except UserError as error:
        st.caption(plain(t(error)))


def _candidate(box_id: int, at: int, one: dict[str, Any], *, keyed: bool) -> None:
    with st.container(border=True):
        words = t("{order}, {percent} sure")
        # What is found by its print is never beyond doubt.
        sure = percent(min(0.99, float(one["sure"])), 0)
        label = words.format(order=plain(one["name"]), percent=plain(sure))
        if st.button(
            label,
            key=f"box-{box_id}-{at}",
            shortcut=str(at) if keyed else None,
            type="primary" if at == 1 else "secondary",
            width="stretch",
        ):
            try:
                boxes.take(box_id, int(one["order_id"]))
            except UserError as error:
                st.error(plain(t(error)))
                return
            note_done(t("Taken. The next scan of its number matches by itself."))
            st.rerun()
        for reason in one["reasons"]:
            st.caption(":material/check: " + plain(t(Reason.from_json(reason))))


def _others(box: Any, *, keyed: bool) -> None:
    """What else a box may be; `keyed`: the key N is this box's. Below, a label to print for it."""
    with st.container(horizontal=True):
        none = bool(box.candidates) and st.button(
            t("None of these"), key=f"box-{box.id}-none", shortcut="n" if keyed else None
        )
        if none:
            boxes.none_of_these(box.id)
            st.rerun()
        if st.button(t("No parcel of ours"), key=f"box-{box.id}-dismiss", type="tertiary"):
            boxes.dismiss(box.id)
            st.rerun()
    with st.expander(t("A label for the box"), icon=":material/print:"):
        own = boxes.number_of(box.id)
        st.image(shown_svg(qr_code(own, scale=4)), width=160, alt=plain(own))
        st.markdown(f"**{plain(own)}**")
