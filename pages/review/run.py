"""The run of a pile: the question before it, its progress, and the result per order."""

import pandas as pd
import streamlit as st

from core.i18n.words import shown
from core.labels import courier_titles
from core.orders.piles import forecast, review
from core.reversal.runs import results, run_control, runs
from core.store.states import RunState
from pages.common.order_trail import order_trail
from pages.common.plain import plain, plain_table
from pages.common.session import dialog, downloads, guarded, moment, money, said, t
from pages.review.words import states

BEAT_SECONDS = 1.0
LONG_SECONDS = 45.0  # what takes less needs no forecast
UNDER_WAY = (RunState.RUNNING, RunState.PAUSED)
ON_PAPER = 500  # rows; longer results are printed from their XLSX


@dialog(shown("Start this run?"))
def _question(pile_id: int, by: str) -> None:
    totals = review.totals(pile_id)
    if not totals.orders:
        st.info(t("No parcel here can run. The reasons stand beside the ones that are held."))
        return
    sums = ", ".join(money(minor, code) for code, minor in sorted(totals.money.items()))
    st.markdown(
        t("**{orders} orders, {sums}, {invoices} invoices**").format(
            orders=plain(totals.orders), sums=plain(sums), invoices=plain(totals.invoices)
        )
    )
    if totals.checking:
        told = t("Being checked at their services: {count}. Each waits for that, the rest runs.")
        st.caption(plain(told.format(count=totals.checking)))
    _foretell(forecast.forecast(pile_id))
    st.write(t("Orders are cancelled and invoices reversed for good. This cannot be taken back."))
    if st.button(t("Start"), type="primary", icon=":material/play_arrow:", width="stretch"):
        try:
            run = runs.start_run(pile_id, by)
        except runs.NothingToRun as error:
            st.warning(plain(t(str(error))))
            return
        said(t("Run {number} started: {count} orders.").format(number=run.id, count=run.total))
        st.rerun()


def _foretell(coming: forecast.Forecast) -> None:
    if coming.seconds >= LONG_SECONDS:
        minutes = max(1, round(coming.seconds / 60))
        told = t("About {minutes} min at least: {service} takes no more at once.")
        st.caption(plain(told.format(minutes=minutes, service=coming.slowest)))
    for service, count in coming.payments.items():
        told = t("Paid orders: {count}. {service} deletes the payment recorded on their invoices.")
        st.warning(plain(told.format(count=count, service=service)))


def ask_to_run(pile_id: int, by: str) -> None:
    """Ask once more, with the totals."""
    _question(pile_id, by)


def run_view(run_id: int, by: str) -> None:
    """Progress while it runs, the results when it has ended; both read what is stored."""
    running = runs.progress(run_id).run.state in UNDER_WAY
    view = st.fragment(_progress, run_every=BEAT_SECONDS if running else None)
    view(run_id, by, running)
    if not running:
        result(run_id, by)


@guarded
def _progress(run_id: int, by: str, was_running: bool) -> None:
    now = runs.progress(run_id)
    share = now.finished / now.total if now.total else 1.0
    with st.container(border=True):
        st.progress(min(share, 1.0), text=plain(_line(now)))
        st.caption(
            plain(
                t(
                    "{done} done · {person} need a person · {working} being processed · "
                    "{waiting} waiting · {queued} in line · {stopped} stopped"
                ).format(
                    done=now.done,
                    person=now.needs_person,
                    working=now.working,
                    waiting=now.waiting,
                    queued=now.queued,
                    stopped=now.stopped,
                )
            )
        )
        if now.run.note:
            st.warning(plain(t(now.run.note)), icon=":material/hard_drive:")
        for name, until, why in now.paused_services:
            st.info(plain(f"{name}: {t(why)} ({moment(until)})"), icon=":material/pause_circle:")
        _buttons(now, by)
    if was_running and now.run.state not in UNDER_WAY:
        st.rerun()


def _line(now: runs.Progress) -> str:
    text = t("Run {number}: {finished} of {total}").format(
        number=now.run.id, finished=now.finished, total=now.total
    )
    if now.run.state == RunState.PAUSED:
        return f"{text} · " + t("paused")
    if now.run.state == RunState.RUNNING and now.seconds_left:
        left = t("{rate} a second, about {minutes} min left").format(
            rate=f"{now.per_second:.1f}", minutes=max(1, round(now.seconds_left / 60))
        )
        return f"{text} · {left}"
    return text


def _buttons(now: runs.Progress, by: str) -> None:
    run = now.run
    with st.container(horizontal=True):
        if run.state == RunState.RUNNING and st.button(t("Pause"), icon=":material/pause:"):
            run_control.pause(run.id, by)
            said(t("Paused. What is being sent right now is finished first."))
            st.rerun()
        if run.state == RunState.PAUSED and st.button(t("Go on"), icon=":material/play_arrow:"):
            run_control.resume(run.id, by)
            said(t("The run goes on."))
            st.rerun()
        if run.state in UNDER_WAY and st.button(t("Stop"), icon=":material/stop:"):
            _stop(run.id, by)
        rest = run.state not in UNDER_WAY and now.needs_person + now.stopped
        if rest and st.button(t("Try the rest again"), icon=":material/replay:"):
            again = run_control.retry(run.id, by)
            said(t("{count} orders are tried again.").format(count=again))
            st.rerun()


@dialog(shown("Stop this run?"))
def _stop(run_id: int, by: str) -> None:
    st.write(t("Orders that have begun are finished; the others are left alone."))
    if st.button(t("Stop the run"), type="primary"):
        left = run_control.stop(run_id, by)
        said(t("Stopped: {count} orders were left alone.").format(count=left))
        st.rerun()


@st.cache_data(ttl=60, max_entries=10, show_spinner=False)
def _results(run_id: int, finished: int) -> pd.DataFrame:  # noqa: ARG001 (part of the key)
    return results.results(run_id)


def result(run_id: int, by: str) -> None:  # noqa: ARG001 (every part of a page is told who works)
    """What the run did, a row an order, with filters and files."""
    frame = _results(run_id, runs.progress(run_id).finished)
    if frame.empty:
        return
    words = states()
    with st.expander(t("Result of the last run"), expanded=True, icon=":material/receipt_long:"):
        left, right = st.columns([1, 1])
        shown = left.multiselect(
            t("State"), list(words), format_func=words.__getitem__, key="result-state"
        )
        text = right.text_input(t("Search"), key="result-words")
        chosen = frame[frame["state"].isin(shown)] if shown else frame
        if text.strip():
            hay = chosen[["order", "tracking", "customer", "invoice", "storno"]].agg(
                " ".join, axis=1
            )
            chosen = chosen[hay.str.contains(text.strip(), case=False, regex=False)]
        clicked = st.dataframe(
            _told(chosen),
            hide_index=True,
            width="stretch",
            column_config={
                t("State"): st.column_config.TextColumn(width=130),
                t("What was done"): st.column_config.TextColumn(width=230),
                t("Why"): st.column_config.TextColumn(width=280),
            },
            on_select="rerun",
            selection_mode="single-row",
            key="result-rows",
        )
        _open(chosen, clicked.selection.rows)
        downloads(_told(chosen), f"refuz-run-{run_id}", "result")
        with st.container(key="on-paper"):  # a scrolling table would print what is in view
            st.table(plain_table(_told(chosen.head(ON_PAPER))), hide_index=True)


def _open(frame: pd.DataFrame, rows: list[int]) -> None:
    """The trail of the clicked order, once a click."""
    seen = st.session_state.get("result-opened")
    st.session_state["result-opened"] = rows
    if rows and rows != seen and rows[0] < len(frame):
        row = frame.iloc[rows[0]]
        order_trail(int(row["order_id"]), str(row["order"]))


def _told(frame: pd.DataFrame) -> pd.DataFrame:
    words = states()
    amounts = [
        money(minor, code) for minor, code in zip(frame.total_minor, frame.currency, strict=True)
    ]
    return pd.DataFrame(
        {
            t("Order"): frame["order"],
            t("Tracking number"): frame["tracking"],
            t("Courier"): frame["courier"].map(courier_titles),
            t("Customer"): frame["customer"],
            t("Total"): amounts,
            t("State"): [words.get(one, one) for one in frame["state"]],
            t("What was done"): [t(one) for one in frame["what"]],
            t("Invoice"): frame["invoice"],
            t("Storno number"): frame["storno"],
            t("Why"): [t(one) for one in frame["why"]],
            t("Finished"): [moment(one) for one in frame["finished_at"]],
        }
    )
