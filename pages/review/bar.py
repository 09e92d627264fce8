"""The bar at the bottom of Review: what is done with the ticked orders, else with all."""

import hashlib
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from typing import Any

import streamlit as st

from core.errors import UserError
from core.orders.judge.shown import Shown
from core.orders.piles import edits as choices
from core.orders.piles import shop_choices
from core.rights import Right, may
from pages.common.plain import plain
from pages.common.session import note_done, t
from pages.review.run import ask_to_run
from pages.review.words import documents, reasons

IN_MORE = ("reason", "notify", "refund", "document", "staff_note")


def mark_of(ids: Iterable[int]) -> str:
    """A short name for these orders, for keys of what is about them alone."""
    return hashlib.sha256(",".join(map(str, ids)).encode()).hexdigest()[:12]


def bar(pile_id: int, picked: list[int], ready: Mapping[int, Shown]) -> None:
    """*12 chosen: Restock · No restock · Reason · Leave out · Run these 12.*

    With nothing ticked the same choices are the pile's: they hold for what joins it later, too. A
    run is about the orders that were there (`ready`) when it was asked for, as they were shown.
    """
    offered = shop_choices.offered(pile_id)
    count = len(picked or ready)
    mark = f"{pile_id}-{mark_of(picked)}"
    with st.container(key="bottom-bar", horizontal=True, vertical_alignment="center", gap="small"):
        template = _how_many(picked, count)
        st.markdown(f"**{plain(template.format(count=count))}**", width="content")
        with st.container(key="bottom-choices", horizontal=True, gap="small"):
            # Bound to what was ticked when the button was drawn, whatever the list tells now. The
            # ticks make the keys: a press on a bar drawn for others finds no button any more.
            for key, label, icon, wish in (
                ("bar-restock", t("Restock"), ":material/inventory_2:", {"restock": True}),
                ("bar-no-restock", t("No restock"), ":material/block:", {"restock": False}),
            ):
                st.button(
                    plain(label), icon=icon, key=f"{key}-{mark}",
                    on_click=_keep, args=(pile_id, picked), kwargs=wish,
                )  # fmt: skip
            with st.popover(t("Reason and more"), icon=":material/tune:", key="bar-more"):
                _more(pile_id, picked, offered, mark)
            if picked:
                st.button(
                    t("Leave out"), icon=":material/remove_circle:", key=f"bar-out-{mark}",
                    on_click=_keep, args=(pile_id, picked), kwargs={"included": False},
                )  # fmt: skip
        if may(Right.RUN):
            label = plain(
                t("Run these {count}").format(count=count) if count != 1 else t("Run this one")
            )
            st.button(
                label, type="primary", icon=":material/play_arrow:", key=f"bar-run-{mark}",
                on_click=_want, args=(_of(ready, picked),),
            )  # fmt: skip
            wanted = st.session_state.pop("_run-these", None)
            if wanted is not None:
                ask_to_run(pile_id, wanted)


def _of(ready: Mapping[int, Shown], picked: list[int]) -> dict[int, Shown]:
    return {one: what for one, what in ready.items() if one in picked or not picked}


def _how_many(picked: list[int], count: int) -> str:
    if not picked:
        return t("All {count} of this pile") if count > 1 else t("The only one ready")
    return t("{count} chosen") if len(picked) > 1 else t("1 chosen")


def _more(pile_id: int, picked: list[int], offered: AbstractSet[str], mark: str) -> None:
    if "reason" in offered:
        st.selectbox(
            t("Reason"),
            list(reasons()),
            None,
            format_func=reasons().__getitem__,
            key="bar-reason",
            placeholder="–",
        )
    yes_no = {True: t("Yes"), False: t("No")}
    for name, label in (("notify", t("Notify customer")), ("refund", t("Refund a paid order"))):
        if name in offered:
            st.selectbox(
                plain(label),
                [True, False],
                None,
                format_func=yes_no.__getitem__,
                key=f"bar-{name}",
                placeholder="–",
            )
    st.selectbox(
        t("Invoice"), list(documents()), None, format_func=documents().__getitem__,
        key="bar-document", placeholder="–",
    )  # fmt: skip
    if "staff_note" in offered:
        st.text_input(t("Staff note"), max_chars=255, key="bar-staff_note")
    # Bound to the ticks as the choices above beside it are: by the press they may have gone.
    st.button(
        t("Set"), icon=":material/done_all:", key=f"bar-set-{mark}", width="stretch",
        on_click=_set, args=(pile_id, picked),
    )  # fmt: skip
    if st.session_state.pop("_nothing-set", False):
        st.warning(t("Choose something first."))


def _set(pile_id: int, picked: list[int]) -> None:
    chosen = {name: st.session_state.get(f"bar-{name}") for name in IN_MORE}
    chosen["staff_note"] = (chosen["staff_note"] or "").strip() or None
    changes = {name: one for name, one in chosen.items() if one is not None}
    if changes:
        _keep(pile_id, picked, **changes)
    else:
        st.session_state["_nothing-set"] = True


def change(pile_id: int, picked: list[int], **changes: Any) -> None:
    """Store a choice for these orders, or for the pile, and draw the list anew."""
    _keep(pile_id, picked, **changes)
    st.rerun()


def edited() -> None:
    """The list is to be read anew: something was chosen about its orders."""
    st.session_state["_edits"] = st.session_state.get("_edits", 0) + 1


def _want(seen: dict[int, Shown]) -> None:
    st.session_state["_run-these"] = seen


def _keep(pile_id: int, picked: list[int], **changes: Any) -> None:
    try:
        if picked:
            choices.set_options(pile_id, picked, **changes)
        else:
            choices.set_options_of_pile(pile_id, **changes)
    except UserError as error:
        st.error(plain(t(error)))
        return
    edited()
    many = t("Set for {count} orders.") if len(picked) > 1 else t("Set for 1 order.")
    note_done(many.format(count=len(picked)) if picked else t("Set for all."))
