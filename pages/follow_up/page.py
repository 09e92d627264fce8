"""Follow-up: what only a person can settle, as cards that fit a phone."""

import streamlit as st

from core.audit import trail
from core.finding import boxes
from core.i18n.details import subject_line
from core.reversal.runs import external_cancellations, follow_up, runs
from core.rights import Right, may
from pages.common.needs_a_look import needs_a_look
from pages.common.plain import dotted, plain
from pages.common.session import moment, money, note_done, reason, t, tongue
from pages.follow_up.causes import causes
from pages.follow_up.filings import filings_due
from pages.follow_up.missing import missing_parcels
from pages.follow_up.second import second_person
from pages.review.link import unresolved

SHOWN = 50
MOST = 500  # effects held that are counted, and grouped by cause


def show() -> None:
    """The page."""
    st.subheader(t("Follow-up"))
    alarms, held, waiting = (
        follow_up.open_alarms(),
        follow_up.held(MOST),
        external_cancellations.all_waiting(SHOWN),
    )
    trail.names_shown("Follow-up", len(held) + len(waiting))
    second_person()
    _alarms(alarms)
    more = "+" if len(held) == MOST else ""
    st.markdown("#### " + t("Needs a person") + f" · {len(held)}{more}")
    if not held:
        st.caption(t("Nothing waits for you here. What a run cannot settle alone appears here."))
    causes(held)
    _by_hand(waiting)
    if may(Right.PILE):
        _to_look_at()
    filings_due()
    missing_parcels()


def _to_look_at() -> None:
    """Labels and boxes of all piles; their keys belong to Review, where one pile is looked at."""
    left = boxes.to_look_at(None)
    if left.count:
        st.markdown("#### " + t("Needs a look") + f" · {plain(left.count)}")
    if left.boxes:
        needs_a_look(None, keyed=False)
    unresolved(None, keyed=False)


def _alarms(alarms: list[follow_up.Alarm]) -> None:
    for alarm in alarms:
        with st.container(border=True):
            about = plain(subject_line(alarm.subject, tongue()))
            st.markdown(f":red[:material/alarm:] **{about}** · {moment(alarm.raised_at)}")
            st.write(plain(t(alarm.reason)))
            sure = st.checkbox(t("I have seen to it"), key=f"alarm-sure-{alarm.id}")
            if st.button(t("Clear"), key=f"alarm-{alarm.id}", disabled=not sure):
                follow_up.clear_alarm(alarm.id)
                note_done(t("Alarm cleared."))
                st.rerun()


def _by_hand(waiting: list[external_cancellations.WaitingOrder]) -> None:
    if not waiting:
        return
    st.markdown("#### " + t("Cancelled by hand at the shop") + f" · {len(waiting)}")
    if may(Right.RUN):
        st.caption(t("Their invoices still stand. Reverse them here, once each."))
    else:
        st.caption(t("Their invoices still stand. Who may run piles reverses them here."))
    for order in waiting:
        with st.container(border=True):
            st.markdown(
                dotted(
                    f"**{plain(order.order_name)}**",
                    plain(order.customer_name),
                    plain(money(order.total_minor, order.currency)),
                )
            )
            st.caption(dotted(plain(order.invoices), plain(moment(order.cancelled_at))))
            if not may(Right.RUN):
                continue
            if st.button(t("Reverse the invoice"), key=f"hand-{order.order_id}"):
                _reverse(order.order_id)
            _held_back(order.order_id)


def _reverse(order_id: int, why: str = "") -> None:
    st.session_state.pop("hand-held", None)
    try:
        made = runs.reverse_invoices(order_id, all_the_same=why)
    except runs.HeldByJudge as held:
        st.session_state["hand-held"] = (order_id, held)
        return
    note_done(t("Being reversed.") if made else t("It is being reversed already."))
    st.rerun()


def _held_back(order_id: int) -> None:
    """The judge's word about an order whose button was pressed, and the way past it."""
    at, held = st.session_state.get("hand-held", (0, None))
    if at != order_id or held is None:
        return
    st.warning(plain(reason(held.reason)), icon=":material/gavel:")
    if not held.may_waive:
        return
    why = st.text_input(t("Why all the same"), key=f"hand-why-{order_id}")
    if st.button(t("Reverse all the same"), key=f"hand-same-{order_id}", disabled=not why.strip()):
        _reverse(order_id, why)


show()
