"""The run of a pile: the question before it, its progress, and the result per order."""

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet

import pandas as pd
import streamlit as st

from core.i18n.words import shown
from core.orders.judge.shown import Shown
from core.orders.piles import differing, forecast, review
from core.reversal.runs import results, run_control, runs, standstill
from core.reversal.runs.standstill import WaitKind
from core.reversal.worker.slots import worker_alive
from core.rights import Right, may
from core.store.states import UNDER_WAY, ReversalState, RunState
from pages.common.plain import plain, show_grid
from pages.common.session import (
    ask_name,
    clock,
    counted,
    dialog,
    guarded,
    moment,
    money,
    note_done,
    number,
    t,
)
from pages.common.strip import how_far, share_of
from pages.review.result import result
from pages.review.words import amounts, states

BEAT_SECONDS = 1.0
MOST_NAMED = 8  # orders named before a run
LONG_SECONDS = 45.0  # what takes less needs no forecast
COMING_IN = 60  # newest orders shown while the run goes
GREEN, RED = "rgba(21, 128, 61, .16)", "rgba(185, 28, 28, .16)"


@dialog(shown("Start this run?"))
def _question(pile_id: int, seen: Mapping[int, Shown]) -> None:
    """Start is the only press that begins a run: about the orders seen, as they were seen."""
    only = seen.keys()
    totals = review.totals(pile_id, only)
    if not totals.orders:
        _nothing_left(pile_id)
        return
    st.markdown(_how_many(totals))
    _consequences(totals)
    _differing(pile_id, only)
    if totals.checking:
        template = t(
            "Being checked at their services: {count}. Each waits for that, the rest runs."
        )
        st.caption(plain(template.format(count=totals.checking)))
    _foretell(forecast.forecast(pile_id, only))
    st.write(t("Orders are cancelled and invoices reversed for good. This cannot be taken back."))
    ask_name("run-who")
    if st.button(t("Start"), type="primary", icon=":material/play_arrow:", width="stretch"):
        _start(pile_id, seen)


def _how_many(totals: review.Totals) -> str:
    """Orders, sums by currency and invoices; a single order's invoices are told below it."""
    sums = ", ".join(money(minor, code) for code, minor in sorted(totals.money.items()))
    alone = totals.orders == 1
    head = (
        t("**1 order, {sums}**") if alone else t("**{orders} orders, {sums}, {invoices} invoices**")
    )
    return head.format(
        orders=plain(totals.orders), sums=plain(sums), invoices=plain(totals.invoices)
    )


def _start(pile_id: int, seen: Mapping[int, Shown]) -> None:
    try:
        run = runs.start_run(pile_id, shown=seen)
    except runs.NothingToRun as error:
        st.warning(plain(t(error)))
        return
    many = t("Run {number} started: {count} orders.")
    template = many if run.total > 1 else t("Run {number} started: 1 order.")
    begun = [template.format(number=run.id, count=run.total)]
    if run.changed:
        left = t("Changed since they were shown, and left out: {count}. Look at them again.")
        begun.append(left.format(count=run.changed))
    note_done(" ".join(begun))
    st.rerun()


def _nothing_left(pile_id: int) -> None:
    """Why none of what was shown can run: mostly because another tab or person was faster."""
    if any(one.state in UNDER_WAY for one in runs.newest(1, pile_id)):
        st.info(t("A run of this pile was started meanwhile, and these orders are in it."))
        if st.button(t("See the run"), type="primary", width="stretch"):
            st.rerun()
        return
    st.info(t("No parcel here can run. The reasons stand beside the ones that are held."))


def _consequences(totals: review.Totals) -> None:
    """What will have happened afterwards, a line each, zeros too: they are what one looks for."""
    rows = [
        (":material/inventory_2:", t("Put back into stock: {count}"), totals.restocked),
        (":material/block:", t("Not put back: {count}"), totals.orders - totals.restocked),
        (":material/receipt_long:", t("Reversed by storno: {count}"),
         totals.invoices - totals.annulled),
        (":material/contract_delete:", t("Annulled: {count}"), totals.annulled),
        (":material/mail:", t("Customers told by e-mail: {count}"), totals.emailed),
        (":material/payments:", t("Money given back: {count}"), totals.refunded),
    ]  # fmt: skip
    st.markdown("  \n".join(f"{icon} {plain(text.format(count=n))}" for icon, text, n in rows))


def _differing(pile_id: int, only: AbstractSet[int]) -> None:
    """The orders whose choices are not the pile's, each with what differs."""
    found = differing.differing(pile_id, only)
    if not found:
        return
    named = [f"{one.order} ({', '.join(_otherwise(one.choices))})" for one in found[:MOST_NAMED]]
    more = ["…"] * (len(found) > MOST_NAMED)
    template = t("Chosen otherwise than the pile: {count}: {orders}")
    st.warning(plain(template.format(count=len(found), orders=", ".join([*named, *more]))))


def _otherwise(choices: dict[str, object]) -> Iterator[str]:
    words = {
        "restock": (t("No restock"), t("Restock")),
        "notify": (t("no e-mail"), t("told by e-mail")),
        "refund": (t("money stays"), t("money back")),
        "cancel_fulfillments": (t("shipment stays"), t("shipment cancelled")),
    }
    documents = {"storno": t("storno"), "annul": t("annulled"), "none": t("no document")}
    for name, value in choices.items():
        if name in words:
            yield words[name][bool(value)]
        elif name == "staff_note":
            yield t("another note")
        else:
            yield documents.get(str(value), "") or t("another reason")


def _foretell(coming: forecast.Forecast) -> None:
    if coming.seconds < LONG_SECONDS:
        st.caption(":material/schedule: " + t("Less than a minute."))
    else:
        minutes = max(1, round(coming.seconds / 60))
        template = t("About {minutes} min at least: {service} takes no more at once.")
        st.caption(plain(template.format(minutes=minutes, service=coming.slowest)))
    for service, count in coming.payments.items():
        template = t(
            "Paid orders: {count}. {service} deletes the payment recorded on their invoices."
        )
        st.warning(plain(template.format(count=count, service=service)))


def ask_to_run(pile_id: int, seen: Mapping[int, Shown]) -> None:
    """Ask once more, with the consequences: about these orders, and about what was seen of them.

    What gets ready or changes meanwhile is not among them.
    """
    _question(pile_id, seen)


def run_view(run_id: int) -> None:
    """Progress while it runs, the result when it has ended; both read what is stored."""
    now = runs.progress(run_id)
    if now.run.state in UNDER_WAY:
        st.fragment(_progress, run_every=BEAT_SECONDS)(run_id)
        return
    if now.run.note:
        st.warning(plain(t(now.run.note)), icon=":material/hard_drive:")
    result(run_id)
    left = may(Right.RUN) and (now.needs_person or now.stopped)
    if left and st.button(t("Try the rest again"), icon=":material/replay:"):
        again = run_control.retry(run_id)
        words = shown("1 order is tried again."), shown("{count} orders are tried again.")
        note_done(counted(again, *words))
        st.rerun()


def _coming_in(run_id: int) -> None:
    """The orders that ended, the newest first, with their storno numbers."""
    frame = results.results(run_id, newest=COMING_IN)
    if frame.empty:
        return
    words = states()
    rows = pd.DataFrame(
        {
            "": ["✓" if one == ReversalState.DONE else "!" for one in frame["state"]],
            t("Order"): frame["order"] + " " + frame["customer"],
            t("Total"): amounts(frame),
            t("State"): [words.get(one, one) for one in frame["state"]],
            t("Storno number"): frame["storno"],
            t("Why"): [t(one) for one in frame["why"]],
        }
    )
    good = frame["state"] == ReversalState.DONE
    show_grid(
        rows,
        [GREEN if one else RED for one in good],
        height=260,
        alt=t("Orders as they come in"),
    )


@guarded
def _progress(run_id: int) -> None:
    now = runs.progress(run_id)
    with st.container(border=True, key="run-under-way"):
        st.progress(share_of(now), text=plain(_line(now)))
        st.caption(plain(_counts(now)))
        if now.run.note:
            st.warning(plain(t(now.run.note)), icon=":material/hard_drive:")
        for name, until, why in now.paused_services:
            st.info(plain(f"{name}: {t(why)} ({moment(until)})"), icon=":material/pause_circle:")
        if now.run.state == RunState.RUNNING:
            for wait in standstill.waits(run_id):
                st.caption(":material/hourglass_empty: " + plain(_waits_for(wait)))
        if may(Right.RUN):
            _buttons(now)
        _coming_in(run_id)
    if now.run.state not in UNDER_WAY or st.session_state.get("_worker") != worker_alive():
        st.rerun()  # the page says over itself whether runs wait for the worker


def _counts(now: runs.Progress) -> str:
    """How many orders are in which state; what none is in is not said."""
    kinds = (
        (now.done, shown("1 done"), shown("{count} done")),
        (now.needs_person, shown("1 needs a person"), shown("{count} need a person")),
        (now.working, shown("1 being processed"), shown("{count} being processed")),
        (now.waiting, shown("1 waiting"), shown("{count} waiting")),
        (now.queued, shown("1 in line"), shown("{count} in line")),
        (now.stopped, shown("1 stopped"), shown("{count} stopped")),
    )
    return " · ".join(counted(count, one, many) for count, one, many in kinds if count)


def _waits_for(wait: standstill.Wait) -> str:
    words = {
        WaitKind.ANSWER: (
            shown("1 waits for the answer of {service} since {time}."),
            shown("{count} wait for the answer of {service} since {time}."),
        ),
        WaitKind.FIRST_READING: (
            shown("1 is to be read at {service} first; nothing came of it since {time}."),
            shown("{count} are to be read at {service} first; nothing came of it since {time}."),
        ),
        WaitKind.NEXT_TRY: (
            shown("1 waits: {why} It is tried again at {time}."),
            shown("{count} wait: {why} They are tried again at {time}."),
        ),
        WaitKind.TRYING: (
            shown("1 is being tried again, since {time}. Before: {why}"),
            shown("{count} are being tried again, since {time}. Before: {why}"),
        ),
    }
    one, many = words[wait.kind]
    template = t(one if wait.count == 1 else many)
    return template.format(
        count=wait.count, service=wait.service, time=clock(wait.at), why=t(wait.why)
    )


def _line(now: runs.Progress) -> str:
    text = how_far(now)
    left = now.seconds_left if round(now.per_second, 1) else None  # a run that waits has no speed
    if now.run.state == RunState.RUNNING and left:
        minutes = round(left / 60)
        words = (
            t("{rate} a second, about {minutes} min left")
            if minutes
            else t("{rate} a second, less than a minute left")
        )
        return f"{text} · {words.format(rate=number(now.per_second, 1), minutes=minutes)}"
    return text


def _buttons(now: runs.Progress) -> None:
    run = now.run
    with st.container(horizontal=True):
        if run.state == RunState.RUNNING and st.button(t("Pause"), icon=":material/pause:"):
            run_control.pause(run.id)
            note_done(t("Paused. What is being sent right now is finished first."))
            st.rerun()
        if run.state == RunState.PAUSED and st.button(t("Go on"), icon=":material/play_arrow:"):
            run_control.resume(run.id)
            note_done(t("The run goes on."))
            st.rerun()
        if run.state in UNDER_WAY and st.button(t("Stop"), icon=":material/stop:"):
            _stop(run.id)


@dialog(shown("Stop this run?"))
def _stop(run_id: int) -> None:
    st.write(t("Orders that have begun are finished; the others are left alone."))
    if st.button(t("Stop the run"), type="primary"):
        left = run_control.stop(run_id)
        one = shown("Stopped: 1 order was left alone.")
        note_done(counted(left, one, shown("Stopped: {count} orders were left alone.")))
        st.rerun()
